//! The machine under test: its step, and the words it takes for instructions.

use crate::{Instruction, Probe};
use pg32_isa::{Op, Profile};
use pg32_vm::Event;

/// Something that takes steps and can be classified. All the classifier knows of it is what its steps do.
pub trait Subject: Sync {
    /// What reports call it.
    fn name(&self) -> &str;

    /// The instructions to classify. The machine's own table, unless there are more.
    fn instructions(&self) -> Vec<Instruction> {
        Op::ALL.into_iter().map(Instruction::from).collect()
    }

    /// One step from `probe`, which is not halted.
    fn step(&self, probe: &mut Probe) -> Event;
}

/// The machine itself under a profile: [`pg32_vm::step`], the definition that every engine is held to.
#[derive(Clone, Debug)]
pub struct Pg32(pub Profile);

impl Subject for Pg32 {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn step(&self, probe: &mut Probe) -> Event {
        pg32_vm::step(probe, &self.0)
    }
}

impl<T: Subject + ?Sized> Subject for &T {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn instructions(&self) -> Vec<Instruction> {
        (**self).instructions()
    }

    fn step(&self, probe: &mut Probe) -> Event {
        (**self).step(probe)
    }
}
