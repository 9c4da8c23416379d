//! Equivalence as a library: the same image bare and virtual, compared to the bit, and told about in words.

#![forbid(unsafe_code)]

mod difference;
mod lockstep;
mod observation;
mod setup;
mod snapshot;
mod state_json;
mod trap_log;
mod wording;

pub use difference::{Difference, differences};
pub use lockstep::{Agreement, Divergence, Side, Verdict, lockstep};
pub use observation::{Observation, same_state};
pub use setup::{Setup, SetupError};
pub use snapshot::{Finished, ending, snapshot};
pub use state_json::StateJson;
pub use trap_log::{Logged, TrapEntry, TrapLog};
