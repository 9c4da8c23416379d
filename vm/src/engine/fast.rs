//! The fast engine: the interpreter of predecoded instructions, and nothing above it.

use super::interpreter::{Entry, Interpreter, LONGEST, Tier, Transfer};
use super::{Engine, Stats, Tally};
use crate::{Pause, State, Until};
use pg32_isa::{Physical, Profile};

/// The predecoded interpreter.
#[derive(Debug, Default)]
pub struct Fast(Interpreter<Top>);

impl Engine for Fast {
    fn run(&mut self, state: &mut State, profile: &Profile, until: Until, tally: &mut Tally) -> Pause {
        self.0.run(state, profile, until, tally)
    }

    fn storage_written(&mut self, at: Physical, length: usize) {
        self.0.storage_written(at, length);
    }

    /// Slots know nothing of profiles: the definition takes every step on which one has a say.
    fn profile_changed(&mut self) {}

    fn fresh(&self) -> Box<dyn Engine> {
        Box::new(Fast::default())
    }

    fn stats(&self) -> Stats {
        self.0.stats()
    }
}

/// No tier above the interpreter: it is never asked for anything.
#[derive(Debug, Default)]
struct Top;

impl Tier for Top {
    const EXECUTES: bool = false;

    fn quantum(&self) -> u64 {
        LONGEST
    }

    fn watch(&self) -> u32 {
        0
    }

    fn watched(&mut self, _: Transfer) {}

    fn watch_ended(&mut self, _: Entry<'_>) {}

    fn enter(&mut self, _: u32, _: Entry<'_>) {}

    fn translations(&self) -> u64 {
        0
    }
}
