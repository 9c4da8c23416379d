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

/// A machine of which only some instructions are classified, for whoever classifies often and knows the others.
#[derive(Clone, Debug)]
pub struct Only<S> {
    machine: S,
    names: Vec<String>,
}

impl<S: Subject> Only<S> {
    /// `machine` with the instructions of these names; names that it does not have are no harm.
    pub fn named<'a>(machine: S, names: impl IntoIterator<Item = &'a str>) -> Self {
        Only { machine, names: names.into_iter().map(str::to_owned).collect() }
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
