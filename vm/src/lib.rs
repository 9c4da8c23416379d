//! The machine: its state, the meaning of every instruction, and the engines that run it.
//!
//! The definition is [`step`]: the principles of operation, section by section, over any [`Processor`]. The
//! bare machine's [`State`] is one; a monitor's virtual machine is another, so that one meaning serves both.
//! Engines are faster ways of taking the same steps.

mod access;
mod alu;
mod bare;
mod console;
mod engine;
mod machine;
mod meaning;
mod processor;
mod registers;
mod state;
mod step;

pub use access::resolve;
pub use bare::{Bare, BootError, boot};
pub use console::Console;
#[cfg(feature = "jit")]
pub use engine::Jit;
pub use engine::{Engine, EngineKind, Fast, Reference, STORM_SUSPECTED, Stats, Tally};
pub use machine::{Answer, Exit, Machine, Pause, Ran, Translation, Until};
pub use meaning::{Attempt, Flow, Meaning};
pub use processor::Processor;
pub use registers::Registers;
pub use state::{SizeError, State, check_size};
pub use step::{Event, TRAP_BYTES, conclude, perform, step, take_trap, take_trap_from, trap_frame, trap_in};
