//! Engines: ways of taking steps on the bare machine's state. All of them take the same steps.

mod fast;
#[cfg_attr(not(feature = "jit"), allow(dead_code, unused_imports))] // What a tier above would ask for.
mod interpreter;
#[cfg(feature = "jit")]
#[allow(unsafe_code)] // Executing what it compiled; each block says why it may.
mod jit;
mod reference;

pub use fast::Fast;
#[cfg(feature = "jit")]
pub use jit::Jit;
pub use reference::Reference;

use crate::{Event, Pause, State, Until};
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
    #[inline(always)]
    pub fn count(&mut self, event: Event) {
        self.steps += 1;
        self.idle_traps = if event.retired() { 0 } else { self.idle_traps.saturating_add(1) };
    }
}

/// Idle traps in a row after which an engine hands back, so that a trap storm can be told and skipped.
pub const STORM_SUSPECTED: u64 = 4;

/// A way of running the machine. An engine may keep whatever it derives from storage, as long as nobody can
/// tell: the state after any number of steps is [`crate::step`]'s.
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

    /// What it has done so far beside taking steps.
    fn stats(&self) -> Stats {
        Stats::default()
    }
}

/// What an engine did to go fast. No part of the architecture, and no two engines agree on it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Stats {
    /// Pieces of code translated to the host's.
    pub translations: u64,
    /// Derived things dropped because the storage they stand for was written: decoded words, translations.
    pub invalidations: u64,
}

/// The kinds of engine there are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum EngineKind {
    /// [`Reference`].
    Reference,
    /// [`Fast`].
    Fast,
    /// [`Jit`].
    #[cfg(feature = "jit")]
    Jit,
}

impl EngineKind {
    /// Every kind, slowest first.
    pub const ALL: &[EngineKind] = &[
        EngineKind::Reference,
        EngineKind::Fast,
        #[cfg(feature = "jit")]
        EngineKind::Jit,
    ];

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
            EngineKind::Fast => "fast",
            #[cfg(feature = "jit")]
            EngineKind::Jit => "jit",
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
            EngineKind::Fast => Box::new(Fast::default()),
            #[cfg(feature = "jit")]
            EngineKind::Jit => Box::new(Jit::default()),
        }
    }
}
