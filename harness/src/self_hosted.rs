//! Monitors that are themselves PG32 programs: composed with a guest into one image, watched from outside, and
//! held to the bare machine.
//!
//! A monitor says where it keeps its guest by the symbols of [`Contract`]; `docs/your-own-monitor.md` is their
//! description. Nothing else is known about it, so that anyone's monitor can be checked.

mod compare;
mod compose;
mod contract;
mod fault;
mod tower;
mod watch;

pub use compare::{HostedRun, HostedVerdict, compare_hosted, compare_hosted_until};
pub use compose::{ComposeError, GUEST_PREFIX, compose};
pub use contract::{Contract, ContractError, contracts};
pub use fault::MonitorFault;
pub use tower::{Hosted, HostedError};
pub use watch::{Cost, MonitorFailure, Watched};
