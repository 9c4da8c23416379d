//! The vocabulary of PG32: instructions, registers, the PSW, traps and profiles.
//!
//! Everything about an instruction that is not its meaning is written once, in `table.rs`; encoding, decoding,
//! display, the assembler's lookup and the [`Visitor`] that every interpreter implements come from that row.
//! This crate depends on nothing and does nothing: it knows what the words are, not what they do.

#![forbid(unsafe_code)]

mod address;
mod constants;
mod format;
mod insn;
mod profile;
mod psw;
mod register;
mod table;
mod trap;

pub use address::{Physical, Virtual};
pub use constants::{CONSTANTS, Constant};
pub use format::{Format, ImmediateRange};
pub use insn::{Displayed, Insn};
pub use profile::{Action, BUILTIN_PROFILES, BuiltinProfile, Profile};
pub use psw::{Mode, PSW_BYTES, Psw};
pub use register::Reg;
pub use table::{Extension, Op, Visitor};
pub use trap::{Cause, SLOT_NEW, SLOT_OLD, Trap};
