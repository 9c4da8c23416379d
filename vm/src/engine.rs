//! Engines: ways of taking steps on the bare machine's state. All of them take the same steps.

use crate::{Event, Pause, State, Until, step};
use pg32_isa::{Physical, Profile};
use std::fmt;

/// The counts that a machine keeps of itself from reset on. They are no part of the architecture.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Steps taken.
    pub steps: u64,
    /// Steps that trapped since an instruction last retired.
    pub idle_traps: u64,
}

impl Tally {
    /// Counts one step.
    #[inline]
    pub fn count(&mut self, event: Event) {
        self.steps += 1;
        self.idle_traps = if event.retired() { 0 } else { self.idle_traps + 1 };
    }
}

/// Idle traps in a row after which an engine hands back, so that a trap storm can be told and skipped.
pub const STORM_SUSPECTED: u64 = 4;

/// A way of running the machine. An engine may keep whatever it derives from storage, as long as nobody can
/// tell: the state after any number of steps is [`step`]'s.
pub trait Engine: Send + fmt::Debug {
    /// Takes steps until `until` is met or one of [`Pause`]'s other reasons, and counts them in `tally`. Must
    /// return [`Pause::Trap`] behind a trap also when `tally.idle_traps` has reached [`STORM_SUSPECTED`].
    /// The machine is not halted.
    fn run(&mut self, state: &mut State, profile: &Profile, until: Until, tally: &mut Tally) -> Pause;

    /// Storage was written from outside the engine: `length` bytes at `at`.
    fn storage_written(&mut self, at: Physical, length: usize);

    /// The profile that runs are given is another one from now on.
    fn profile_changed(&mut self);

    /// A new engine of the same kind, with nothing derived yet.
    fn fresh(&self) -> Box<dyn Engine>;
}

/// The kinds of engine there are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum EngineKind {
    /// [`Reference`].
    Reference,
}

impl EngineKind {
    /// Every kind, slowest first.
    pub const ALL: &[EngineKind] = &[EngineKind::Reference];

    /// The fastest kind: what tools use unless told otherwise.
    #[must_use]
    pub fn fastest() -> Self {
        Self::ALL[Self::ALL.len() - 1]
    }

    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            EngineKind::Reference => "reference",
        }
    }

    /// The kind called `name`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// A new engine of this kind.
    #[must_use]
    pub fn engine(self) -> Box<dyn Engine> {
        match self {
            EngineKind::Reference => Box::new(Reference),
        }
    }
}

/// The plainest correct engine: [`step`], again and again. It is the definition the others are held to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reference;

impl Engine for Reference {
    fn run(&mut self, state: &mut State, profile: &Profile, until: Until, tally: &mut Tally) -> Pause {
        let end = tally.steps.saturating_add(until.steps());
        while tally.steps < end {
            if state.console.over_limit() {
                return Pause::OutputLimit;
            }
            let event = step(state, profile);
            tally.count(event);
            if event == Event::Halted {
                return Pause::Halted;
            }
            let asked = matches!(until, Until::Trap { .. }) && event.trapped();
            if asked || tally.idle_traps >= STORM_SUSPECTED {
                return Pause::Trap;
            }
        }
        Pause::Steps
    }

    fn storage_written(&mut self, _: Physical, _: usize) {}

    fn profile_changed(&mut self) {}

    fn fresh(&self) -> Box<dyn Engine> {
        Box::new(Reference)
    }
}
