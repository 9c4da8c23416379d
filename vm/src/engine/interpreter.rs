//! The interpreter of predecoded instructions, alone or below a compiler.
//!
//! Its slots run parallel to storage, so that a store empties precisely its own. Base instructions that retire
//! are executed in bursts; whatever traps, or touches the PSW or the console, is executed by the definition.

mod burst;
mod cache;
mod course;
mod slot;

pub(super) use burst::LONGEST;
pub(super) use cache::{Cache, GRANULE_BITS};

use super::{Stats, Tally};
use crate::{Event, Pause, Processor, Registers, State, Until};
use burst::{Exit, burst};
use course::{Course, Stop};
use pg32_isa::{Physical, Profile, Psw};
use slot::Slot;
use std::cell::Cell;
use std::fmt;
use std::ops::Range;

/// What may stand above the interpreter: it watches now and then where execution goes, and executes parts of
/// the program itself.
pub(super) trait Tier: fmt::Debug + Default + Send {
    /// Whether it ever executes anything.
    const EXECUTES: bool;

    /// Instructions interpreted from one watch to the next, at most [`LONGEST`].
    fn quantum(&self) -> u64;

    /// Steps that a watch lasts.
    fn watch(&self) -> u32;

    /// While watching: an instruction retired.
    fn watched(&mut self, transfer: Transfer);

    /// A watch has ended; time to translate something.
    fn watch_ended(&mut self, entry: Entry<'_>);

    /// Executes from the PC on what it has called `id` in the cache ([`Cache::set_entry`]), as long as it
    /// likes. It may decline by changing nothing.
    fn enter(&mut self, id: u32, entry: Entry<'_>);

    /// How much it has translated.
    fn translations(&self) -> u64;
}

/// A step as a [`Tier`] sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Transfer {
    /// Physical address of the instruction.
    pub(super) from: Physical,
    /// The instruction.
    pub(super) word: u32,
    /// Physical address of the next, if it lies in storage.
    pub(super) to: Physical,
}

/// The machine as a [`Tier`] finds it.
pub(super) struct Entry<'a> {
    pub(super) registers: &'a mut Registers,
    pub(super) storage: &'a mut [u8],
    /// The segment, as far as it lies in storage.
    pub(super) segment: Range<usize>,
    pub(super) base: u32,
    pub(super) cache: &'a mut Cache,
    /// The PC.
    pub(super) pc: &'a mut u32,
    /// Instructions that may still retire.
    pub(super) left: &'a mut u64,
}

/// The interpreter with `T` above it.
#[derive(Debug)]
pub(super) struct Interpreter<T> {
    cache: Cache,
    /// See [`Slot::edge`].
    edge: [Slot; 2],
    tier: T,
    /// Instructions to interpret before the next watch.
    quantum: u64,
    /// Steps for which the tier still watches.
    watch: u32,
}

impl<T: Tier> Default for Interpreter<T> {
    fn default() -> Self {
        Interpreter::below(T::default())
    }
}

impl<T: Tier> Interpreter<T> {
    /// An interpreter with `tier` above it.
    pub(super) fn below(tier: T) -> Self {
        let quantum = tier.quantum();
        Interpreter { cache: Cache::default(), edge: Slot::edge(), tier, quantum, watch: 0 }
    }

    /// The tier above.
    pub(super) fn above(&self) -> &T {
        &self.tier
    }

    /// See [`super::Engine::run`].
    pub(super) fn run(
        &mut self,
        state: &mut State,
        profile: &Profile,
        until: Until,
        tally: &mut Tally,
    ) -> Pause {
        let Interpreter { cache, edge, tier, quantum, watch } = self;
        cache.attach(state.storage_size());
        let edge = Cell::new(&*edge);
        let mut course = Course::new(state, cache, profile, until, tally, quantum);
        let mut stop = course.stop();
        loop {
            stop = match stop {
                Some(Stop::Paused(pause)) => return pause,
                Some(Stop::Quantum) => {
                    (*course.quantum, *watch) = (tier.quantum(), tier.watch());
                    None
                }
                Some(Stop::Enter(id)) => enter(&mut course, tier, id),
                None if *watch > 0 => {
                    *watch -= 1;
                    watched_step(&mut course, tier, *watch == 0)
                }
                None => match T::EXECUTES.then(|| course.exit_at_once()).flatten() {
                    // Beside translations, bursts often end where they begin.
                    Some(exit) => course.arrive(course.state.psw.pc, 0, exit),
                    None => Some(burst(&mut course, &edge)),
                },
            }
        }
    }

    /// See [`super::Engine::storage_written`].
    pub(super) fn storage_written(&mut self, at: Physical, length: usize) {
        self.cache.invalidate(at, length as u32);
    }

    /// See [`super::Engine::stats`].
    pub(super) fn stats(&self) -> Stats {
        Stats { translations: self.tier.translations(), invalidations: self.cache.invalidations() }
    }
}

/// Lets `tier` execute what it calls `id`; if it declines, the definition takes a step.
fn enter<T: Tier>(course: &mut Course<'_>, tier: &mut T, id: u32) -> Option<Stop> {
    let room = course.room();
    let (mut pc, mut left) = (course.state.psw.pc, room);
    tier.enter(id, course.entry(&mut pc, &mut left));
    let exit = if left == room { Exit::Step } else { Exit::Budget };
    course.arrive(pc, room - left, exit)
}

/// One step by the definition, shown to `tier`, the `last` of a watch or not.
fn watched_step<T: Tier>(course: &mut Course<'_>, tier: &mut T, last: bool) -> Option<Stop> {
    let at = course.next();
    let word = at.map_or(0, |at| course.state.read_word(at));
    let (event, stop) = course.step();
    if let (Some(from), Event::Retired) = (at, event) {
        let Psw { base, pc, .. } = course.state.psw;
        tier.watched(Transfer { from, word, to: Physical(base.wrapping_add(pc)) });
    }
    if last {
        let mut pc = course.state.psw.pc;
        tier.watch_ended(course.entry(&mut pc, &mut 0));
    }
    stop
}
