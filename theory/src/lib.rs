//! The theorems, measured: Popek and Goldberg's definitions as predicates over states, and a classifier that
//! applies them to whatever a machine does.
//!
//! The classifier runs a [`Subject`]'s step over states and looks at what came out. It never reads a profile's
//! entries or any declared class: an instruction is what it is seen to do. Read in this order: [`Probe`] is a
//! state, [`Pair`] the paper's map f between two, [`definitions`] the properties, [`classify`] the search,
//! [`Verdict`] the theorems' premises. [`literal`] has the definitions of 1974 to the letter.
//!
//! Source: G. J. Popek and R. P. Goldberg, "Formal Requirements for Virtualizable Third Generation
//! Architectures", CACM 17(7), 1974.

#![forbid(unsafe_code)]

mod classify;
pub mod definitions;
mod instruction;
pub mod literal;
mod pair;
mod parallel;
mod patch;
mod probe;
pub mod profile_file;
pub mod report;
mod search;
mod source;
mod subject;
mod suggest;
mod theorem;
mod witness;

pub use classify::{Classification, Classified, Method, Privilege, classify, classify_instruction};
pub use instruction::{Instruction, Operands};
pub use pair::{Pair, Side};
pub use patch::{Patch, Patched};
pub use probe::Probe;
pub use subject::{Only, Pg32, Subject};
pub use suggest::did_you_mean;
pub use theorem::{Fault, Recursion, Theorem, Verdict};
pub use witness::{Finding, Scope, Shows, Trace, Witness};
