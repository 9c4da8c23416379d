//! The bare machine: a state, a profile, and an engine that takes the steps.

use crate::engine::{STORM_SUSPECTED, Tally};
use crate::{
    Console, Engine, EngineKind, Machine, Pause, Processor, Ran, State, Stats, Translation, Until, trap_frame,
};
use pg32_image::Image;
use pg32_isa::{Physical, Profile, Psw, Reg};
use std::fmt;

/// An image that cannot be booted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BootError {
    /// Bytes of storage that the image needs.
    pub needed: u64,
    /// Bytes of storage that the machine has.
    pub size: u32,
}

impl fmt::Display for BootError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the image needs {} bytes of storage and the machine has {}", self.needed, self.size)
    }
}

impl std::error::Error for BootError {}

/// The real machine.
#[derive(Debug)]
pub struct Bare {
    state: State,
    profile: Profile,
    /// The profile that holds while translations are run; see [`Translation`].
    effective: Profile,
    translation: Translation,
    engine: Box<dyn Engine>,
    tally: Tally,
}

impl Bare {
    /// A machine at reset with `size` bytes of empty storage (see [`crate::check_size`]).
    #[must_use]
    pub fn new(size: u32, profile: Profile, engine: EngineKind, console: Console) -> Self {
        Bare::from_state(State::reset(size, 0, console), profile, engine)
    }

    /// A machine that goes on from `state`.
    #[must_use]
    pub fn from_state(state: State, profile: Profile, engine: EngineKind) -> Self {
        Bare {
            state,
            effective: profile.clone(),
            profile,
            translation: Translation::Off,
            engine: engine.engine(),
            tally: Tally::default(),
        }
    }

    /// What the engine has done so far beside taking steps.
    #[must_use]
    pub fn engine_stats(&self) -> Stats {
        self.engine.stats()
    }

    /// The state as it stands.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Runs until the engine hands back.
    #[inline]
    fn run_engine(&mut self, until: Until) -> Pause {
        if self.state.halted {
            return Pause::Halted;
        }
        let pause = self.engine.run(&mut self.state, &self.effective, until, &mut self.tally);
        if pause == Pause::Steps && self.state.console.over_limit() { Pause::OutputLimit } else { pause }
    }

    /// Runs until `end` steps have been taken, and skips what is left of a trap storm.
    #[inline(never)]
    fn run_through_traps(&mut self, end: u64) -> Pause {
        loop {
            let pause = self.run_engine(Until::Steps(end - self.tally.steps));
            if pause != Pause::Trap {
                return pause;
            }
            let suspected = self.tally.idle_traps >= STORM_SUSPECTED && self.tally.steps < end;
            if suspected && self.storm_goes_on() {
                self.tally.idle_traps += end - self.tally.steps;
                self.tally.steps = end;
            }
        }
    }

    /// Takes one step and tells whether it changed nothing: then every further step is the
    /// same, and the storm lasts until the budget ends.
    fn storm_goes_on(&mut self) -> bool {
        let (before, idle) = (trap_frame(&self.state), self.tally.idle_traps);
        self.engine.run(&mut self.state, &self.effective, Until::Steps(1), &mut self.tally);
        self.tally.idle_traps > idle && trap_frame(&self.state) == before
    }

    /// What the engine is to take the profile for.
    fn effective_profile(&self) -> Profile {
        match self.translation {
            Translation::Off => self.profile.clone(),
            Translation::On => Profile::trapping("translated"),
        }
    }
}

/// Where `length` bytes at `at` lie in storage.
#[inline]
fn range(at: Physical, length: usize) -> std::ops::Range<usize> {
    at.0 as usize..at.0 as usize + length
}

/// Puts `image` into the empty storage of `machine`, bare or virtual, and its PSW to reset (principles,
/// section 1).
///
/// # Errors
/// If the image needs more storage than the machine has; the machine is then unchanged.
pub fn boot(machine: &mut dyn Machine, image: &Image) -> Result<(), BootError> {
    let size = machine.storage_size();
    let needed = image.extent();
    if needed > u64::from(size) {
        return Err(BootError { needed, size });
    }
    for segment in image.segments.iter().filter(|s| !s.bytes.is_empty()) {
        machine.write(Physical(segment.address), &segment.bytes);
    }
    machine.set_psw(Psw::reset(size, image.entry));
    Ok(())
}

impl Machine for Bare {
    #[inline]
    fn storage_size(&self) -> u32 {
        self.state.storage_size()
    }

    #[inline]
    fn storage(&self, at: Physical, length: usize) -> &[u8] {
        &self.state.storage[range(at, length)]
    }

    #[inline]
    fn storage_mut(&mut self, at: Physical, length: usize) -> &mut [u8] {
        self.engine.storage_written(at, length);
        &mut self.state.storage[range(at, length)]
    }

    #[inline]
    fn register(&self, reg: Reg) -> u32 {
        self.state.register(reg)
    }

    #[inline]
    fn set_register(&mut self, reg: Reg, value: u32) {
        self.state.set_register(reg, value);
    }

    #[inline]
    fn psw(&self) -> Psw {
        self.state.psw
    }

    #[inline]
    fn psw_mut(&mut self) -> &mut Psw {
        &mut self.state.psw
    }

    #[inline]
    fn run(&mut self, until: Until) -> Ran {
        let start = self.tally.steps;
        let pause = match until {
            Until::Trap { .. } => self.run_engine(until),
            Until::Steps(steps) => self.run_through_traps(start.saturating_add(steps)),
        };
        Ran { steps: self.tally.steps - start, pause }
    }

    fn set_translation(&mut self, translation: Translation) {
        if self.translation != translation {
            self.translation = translation;
            self.effective = self.effective_profile();
            self.engine.profile_changed();
        }
    }

    fn console(&self) -> &Console {
        &self.state.console
    }

    #[inline]
    fn halted(&self) -> bool {
        self.state.halted
    }

    fn idle_traps(&self) -> u64 {
        self.tally.idle_traps
    }

    fn engine_stats(&self) -> Stats {
        self.engine.stats()
    }

    fn as_bare(&mut self) -> Option<&mut Bare> {
        Some(self)
    }

    fn fork(&self) -> Box<dyn Machine> {
        Box::new(Bare {
            state: self.state.clone(),
            profile: self.profile.clone(),
            effective: self.effective.clone(),
            translation: self.translation,
            engine: self.engine.fresh(),
            tally: self.tally,
        })
    }
}
