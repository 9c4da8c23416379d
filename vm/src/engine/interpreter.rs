//! The interpreter of predecoded instructions, alone or below a compiler.
//!
//! Its slots run parallel to storage, so that a store empties precisely its own. Base instructions that retire
//! are executed in bursts; whatever traps, or touches the PSW or the console, is executed by the definition.

mod burst;
mod cache;
mod slot;

pub(super) use cache::{Cache, GRANULE_BITS};

use super::{STORM_SUSPECTED, Stats, Tally};
use crate::step::{step_fetched, take_trap_from};
use crate::{Console, Event, Pause, Processor, Registers, State, Until, step};
use burst::{Burst, Exit, LONGEST, Position};
use pg32_isa::{Cause, Physical, Profile, Psw, Reg, Trap};
use slot::Slot;
use std::fmt;
use std::ops::Range;

/// What may stand above the interpreter: it watches now and then where execution goes, and executes parts of
/// the program itself.
pub(super) trait Tier: fmt::Debug + Default + Send {
    /// Whether it ever executes anything.
    const EXECUTES: bool;

    /// Instructions interpreted from one watch to the next.
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
    edge: Slot,
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

/// The segment of `psw` as far as it lies in `size` bytes of storage.
fn segment(psw: &Psw, size: usize) -> Range<usize> {
    let start = (psw.base as usize).min(size);
    start..start.saturating_add(psw.limit as usize).min(size)
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
        self.cache.attach(state.storage_size());
        let end = tally.steps.saturating_add(until.steps());
        loop {
            if tally.steps >= end {
                return Pause::Steps;
            }
            if state.console.over_limit() {
                return Pause::OutputLimit;
            }
            let event = if self.watch > 0 {
                Some(self.watched_step(state, profile, tally))
            } else {
                self.advance(state, profile, end, tally)
            };
            if event == Some(Event::Halted) {
                return Pause::Halted;
            }
            let asked = matches!(until, Until::Trap { .. }) && event.is_some_and(Event::trapped);
            if asked || tally.idle_traps >= STORM_SUSPECTED {
                return Pause::Trap;
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

    /// Retires instructions, then lets the definition take the step that it is not for the burst to take, if
    /// that is why it ended. At least one step is taken, or a watch begins. The last step's event, if it is
    /// known and not plain retirement.
    #[inline]
    fn advance(
        &mut self,
        state: &mut State,
        profile: &Profile,
        end: u64,
        tally: &mut Tally,
    ) -> Option<Event> {
        let before = state.psw;
        let until_timer = if before.timer > 0 { u64::from(before.timer) } else { LONGEST };
        let room = (end - tally.steps).min(LONGEST).min(until_timer);
        let mut position = Position { pc: before.pc, left: room };
        let stop = self.retire(state, &mut position);
        let retired = room - position.left;
        let timer = before.timer.saturating_sub(retired as u32);
        if retired > 0 {
            tally.steps += retired;
            tally.idle_traps = 0;
        }
        state.psw.pc = position.pc;
        state.psw.timer = timer;
        let psw = Psw { pc: position.pc, timer, ..before };
        if let Exit::Budget = stop {
            if self.quantum == 0 {
                self.begin_watch();
            }
            let ran_out = before.timer > 0 && timer == 0;
            return ran_out.then(|| {
                let mut live = Live { state, cache: &mut self.cache };
                take_trap_from(&mut live, psw, Trap::new(Cause::Timer, 0));
                Event::TimedOut
            });
        }
        let mut live = Live { state, cache: &mut self.cache };
        let event = match stop {
            Exit::Fetched(insn) => step_fetched(&mut live, psw, profile, insn),
            _ => step(&mut live, profile),
        };
        tally.count(event);
        // This step counts, too: the rest of a quantum may be less than a pair.
        self.quantum = self.quantum.saturating_sub(1);
        if self.quantum == 0 {
            self.begin_watch();
        }
        Some(event)
    }

    #[cold]
    fn begin_watch(&mut self) {
        self.quantum = self.tier.quantum();
        self.watch = self.tier.watch();
    }

    /// Interprets from `position` on, and lets the tier above execute what it knows, until the budget or the
    /// quantum ends or the definition must go on. Of the PSW, only the segment matters here.
    #[inline]
    fn retire(&mut self, state: &mut State, position: &mut Position) -> Exit {
        let segment = segment(&state.psw, state.storage.len());
        let base = state.psw.base;
        loop {
            let id = match self.interpret(state, base, segment.clone(), position) {
                Exit::Enter(id) => id,
                stop => return stop,
            };
            let before = position.left;
            let entry = Entry {
                registers: &mut state.x,
                storage: &mut state.storage,
                segment: segment.clone(),
                base,
                cache: &mut self.cache,
                pc: &mut position.pc,
                left: &mut position.left,
            };
            self.tier.enter(id, entry);
            if position.left == before {
                return Exit::Step;
            }
        }
    }

    /// One burst from `position` on, within the quantum.
    #[inline]
    fn interpret(
        &mut self,
        state: &mut State,
        base: u32,
        segment: Range<usize>,
        position: &mut Position,
    ) -> Exit {
        let slice = position.left.min(self.quantum);
        if T::EXECUTES && slice > 0 {
            // Beside translations, bursts often end where they begin.
            if let Some(exit) = Exit::at_once(self.cache.view(), base, segment.len(), position.pc) {
                return exit;
            }
        }
        let mut sliced = Position { pc: position.pc, left: slice };
        let segment = &mut state.storage[segment];
        let burst =
            Burst { registers: &mut state.x, segment, base, cache: self.cache.view(), edge: &self.edge };
        let exit = burst.run(&mut sliced);
        let interpreted = slice - sliced.left;
        self.quantum -= interpreted;
        *position = Position { pc: sliced.pc, left: position.left - interpreted };
        exit
    }

    /// One step by the definition, shown to the tier above.
    fn watched_step(&mut self, state: &mut State, profile: &Profile, tally: &mut Tally) -> Event {
        let before = state.psw;
        let at = crate::resolve(&before, state.storage_size(), pg32_isa::Virtual(before.pc), 4);
        let word = at.map_or(0, |at| state.read_word(at));
        let mut live = Live { state, cache: &mut self.cache };
        let event = step(&mut live, profile);
        tally.count(event);
        if let (Ok(from), Event::Retired) = (at, event) {
            let to = Physical(state.psw.base.wrapping_add(state.psw.pc));
            self.tier.watched(Transfer { from, word, to });
        }
        self.watch -= 1;
        if self.watch == 0 {
            let segment = segment(&state.psw, state.storage.len());
            let base = state.psw.base;
            self.tier.watch_ended(Entry {
                registers: &mut state.x,
                storage: &mut state.storage,
                segment,
                base,
                cache: &mut self.cache,
                pc: &mut state.psw.pc,
                left: &mut 0,
            });
        }
        event
    }
}

/// The machine as the definition steps it in the midst of a run: what is written is invalidated.
struct Live<'a> {
    state: &'a mut State,
    cache: &'a mut Cache,
}

impl Processor for Live<'_> {
    fn storage_size(&self) -> u32 {
        self.state.storage_size()
    }

    #[inline]
    fn read(&self, at: Physical, bytes: &mut [u8]) {
        self.state.read(at, bytes);
    }

    #[inline]
    fn write(&mut self, at: Physical, bytes: &[u8]) {
        self.state.write(at, bytes);
        self.cache.invalidate(at, bytes.len() as u32);
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
    fn set_psw(&mut self, psw: Psw) {
        self.state.psw = psw;
    }

    fn console_mut(&mut self) -> &mut Console {
        self.state.console_mut()
    }

    fn set_halted(&mut self) {
        self.state.set_halted();
    }
}
