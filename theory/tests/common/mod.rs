//! What several tests of the classifier need.

#![allow(dead_code, reason = "each test uses some of it")]

use pg32_isa::{Extension, Op};
use pg32_theory::{Instruction, Method, Probe, Subject};
use pg32_vm::Event;

/// A machine of which only some instructions are classified, for tests that classify often.
pub(crate) struct Only<S> {
    pub(crate) machine: S,
    pub(crate) names: Vec<String>,
}

impl<S: Subject> Only<S> {
    pub(crate) fn named(machine: S, names: &[&str]) -> Self {
        Only { machine, names: names.iter().map(|name| (*name).to_owned()).collect() }
    }

    /// The instructions that a profile can change.
    pub(crate) fn system(machine: S) -> Self {
        let names: Vec<_> = system_instructions().into_iter().map(Op::mnemonic).collect();
        Only::named(machine, &names)
    }
}

impl<S: Subject> Subject for Only<S> {
    fn name(&self) -> &str {
        self.machine.name()
    }

    fn instructions(&self) -> Vec<Instruction> {
        let mut all = self.machine.instructions();
        all.retain(|i| self.names.iter().any(|name| *name == i.name));
        all
    }

    fn step(&self, probe: &mut Probe) -> Event {
        self.machine.step(probe)
    }
}

pub(crate) fn system_instructions() -> Vec<Op> {
    Op::ALL.into_iter().filter(|op| op.extension() == Extension::System).collect()
}

/// Fewer random pairs than a report has.
pub(crate) fn quick() -> Method {
    Method { random: 500, ..Method::default() }
}
