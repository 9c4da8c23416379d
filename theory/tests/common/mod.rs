//! What several tests of the classifier need.

#![allow(dead_code, reason = "each test uses some of it")]

use pg32_isa::{Extension, Op};
use pg32_theory::{Method, Only, Subject};

/// A machine of which the instructions are classified that a profile can change.
pub(crate) fn system_only<S: Subject>(machine: S) -> Only<S> {
    Only::named(machine, system_instructions().into_iter().map(Op::mnemonic))
}

pub(crate) fn system_instructions() -> Vec<Op> {
    Extension::System.ops().collect()
}

/// Fewer random pairs than a report has.
pub(crate) fn quick() -> Method {
    Method { random: 500, ..Method::default() }
}
