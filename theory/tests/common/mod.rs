//! What several tests of the classifier need.

use pg32_isa::{Extension, Op, Profile};
use pg32_theory::{Instruction, Method, Pg32, Probe, Subject};
use pg32_vm::Event;

/// A profile of which only the system instructions are classified: the only ones that a profile can change.
pub(crate) struct SystemOnly(pub(crate) Pg32);

impl SystemOnly {
    pub(crate) fn new(profile: Profile) -> Self {
        SystemOnly(Pg32(profile))
    }
}

impl Subject for SystemOnly {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn instructions(&self) -> Vec<Instruction> {
        system_instructions().into_iter().map(Instruction::from).collect()
    }

    fn step(&self, probe: &mut Probe) -> Event {
        self.0.step(probe)
    }
}

pub(crate) fn system_instructions() -> Vec<Op> {
    Op::ALL.into_iter().filter(|op| op.extension() == Extension::System).collect()
}

/// Fewer random pairs than a report has, for tests that classify often.
pub(crate) fn quick() -> Method {
    Method { random: 500, ..Method::default() }
}
