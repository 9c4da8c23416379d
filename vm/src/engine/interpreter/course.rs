//! A run under way: the machine, how far it may go, and the step that the definition takes.

use super::Entry;
use super::burst::Exit;
use super::cache::Cache;
use super::slot::{Code, Fetched};
use crate::engine::{STORM_SUSPECTED, Tally};
use crate::step::{step_fetched, take_trap_from};
use crate::{Console, Event, Pause, Processor, State, Until, resolve, step};
use pg32_isa::{Cause, Physical, Profile, Psw, Reg, Trap, Virtual};
use std::ops::Range;

/// What must be seen to outside of the interpreter.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stop {
    /// The run ends.
    Paused(Pause),
    /// The quantum has ended.
    Quantum,
    /// The next instruction begins what the tier above calls so.
    Enter(u32),
}

/// A run under way.
pub(super) struct Course<'a> {
    pub(super) state: &'a mut State,
    pub(super) cache: &'a mut Cache,
    profile: &'a Profile,
    tally: &'a mut Tally,
    /// The tally of steps with which the run ends.
    end: u64,
    /// Whether it ends behind the next trap.
    to_trap: bool,
    /// Instructions to interpret before the next watch.
    pub(super) quantum: &'a mut u64,
}

impl<'a> Course<'a> {
    /// A run of `state`, which has not been paused: it takes at least one step.
    #[inline]
    pub(super) fn new(
        state: &'a mut State,
        cache: &'a mut Cache,
        profile: &'a Profile,
        until: Until,
        tally: &'a mut Tally,
        quantum: &'a mut u64,
    ) -> Self {
        let end = tally.steps.saturating_add(until.steps());
        let to_trap = matches!(until, Until::Trap { .. });
        Course { state, cache, profile, tally, end, to_trap, quantum }
    }

    /// What stands in the way, whatever happened last.
    #[inline(always)]
    pub(super) fn stop(&self) -> Option<Stop> {
        if self.tally.steps >= self.end {
            Some(Stop::Paused(Pause::Steps))
        } else if self.state.console.over_limit() {
            Some(Stop::Paused(Pause::OutputLimit))
        } else if *self.quantum == 0 {
            Some(Stop::Quantum)
        } else {
            None
        }
    }

    /// Instructions that may retire before the budget or the timer ends.
    #[inline]
    pub(super) fn room(&self) -> u64 {
        let steps = self.end - self.tally.steps;
        let timer = u64::from(self.state.psw.timer);
        if timer > 0 { steps.min(timer) } else { steps }
    }

    /// The segment as far as it lies in storage.
    #[inline]
    pub(super) fn segment(&self) -> Range<usize> {
        let size = self.state.storage.len();
        let start = (self.state.psw.base as usize).min(size);
        start..start.saturating_add(self.state.psw.limit as usize).min(size)
    }

    /// The machine for the tier above, which is to move `pc` and `left`.
    #[inline]
    pub(super) fn entry<'b>(&'b mut self, pc: &'b mut u32, left: &'b mut u64) -> Entry<'b> {
        let segment = self.segment();
        let State { storage, x, psw, .. } = &mut *self.state;
        Entry { registers: x, storage, segment, base: psw.base, cache: self.cache, pc, left }
    }

    /// Physical address of the next instruction, if it lies in the segment.
    #[inline]
    pub(super) fn next(&self) -> Option<Physical> {
        let psw = self.state.psw;
        resolve(&psw, self.state.storage_size(), Virtual(psw.pc), 4).ok()
    }

    /// The exit that a burst would make at once, if it can be told by a glance.
    #[inline]
    pub(super) fn exit_at_once(&self) -> Option<Exit> {
        let at = self.next().filter(|_| self.state.psw.pc.is_multiple_of(4))?;
        let slot = self.cache.slot(at.0 / 4)?;
        match slot.code.get() {
            Code::Enter => Some(Exit::Enter(slot.entry())),
            Code::Fetched => Some(Exit::Fetched(slot.fetched())),
            _ => None,
        }
    }

    /// `retired` instructions have been executed, up to `pc`, and `exit` says how to go on. What stands in the way, if
    /// anything does.
    #[inline(always)]
    pub(super) fn arrive(&mut self, pc: u32, retired: u64, exit: Exit) -> Option<Stop> {
        match exit {
            Exit::Budget => {
                let was_on = self.state.psw.timer > 0;
                let psw = self.retire(pc, retired);
                if was_on && psw.timer == 0 { self.time_out(psw) } else { self.stop() }
            }
            // Nothing else comes when the budget has ended, nor when the timer has.
            Exit::Enter(id) => {
                self.retire(pc, retired);
                Some(Stop::Enter(id))
            }
            Exit::Step => self.step_behind(pc, retired),
            Exit::Fetched(fetched) => self.fetched_step_behind(pc, retired, fetched),
        }
    }

    /// Counts `retired` instructions up to `pc`, and returns the PSW.
    #[inline(always)]
    fn retire(&mut self, pc: u32, retired: u64) -> Psw {
        let before = self.state.psw;
        let psw = Psw { pc, timer: before.timer.saturating_sub(retired as u32), ..before };
        self.state.psw.pc = psw.pc;
        self.state.psw.timer = psw.timer;
        if retired > 0 {
            self.tally.steps += retired;
            self.tally.idle_traps = 0;
        }
        psw
    }

    /// The timer of the state, whose PSW is `psw`, has run out behind what was executed.
    #[cold]
    fn time_out(&mut self, psw: Psw) -> Option<Stop> {
        take_trap_from(&mut self.live(), psw, Trap::new(Cause::Timer, 0));
        self.stop_behind(Event::TimedOut)
    }

    /// One step by the definition behind `retired` instructions up to `pc`, of the instruction that was `fetched`. It
    /// counts for the quantum, too: what is left of that may be less than a pair.
    #[inline(never)] // The loop that calls it must keep its host registers.
    fn fetched_step_behind(&mut self, pc: u32, retired: u64, fetched: Fetched) -> Option<Stop> {
        *self.quantum -= 1;
        // A PSW that was just stored word by word is slow to load as a whole.
        let psw = self.retire(pc, retired);
        let profile = self.profile;
        let event = step_fetched(&mut self.live(), psw, profile, fetched.insn());
        self.tally.count(event);
        self.stop_behind(event)
    }

    /// As [`Course::fetched_step_behind`], of an instruction that is still to be fetched.
    #[inline(never)]
    fn step_behind(&mut self, pc: u32, retired: u64) -> Option<Stop> {
        *self.quantum -= 1;
        self.retire(pc, retired);
        self.step().1
    }

    /// One step by the definition, and what stands in the way behind it.
    pub(super) fn step(&mut self) -> (Event, Option<Stop>) {
        let profile = self.profile;
        let event = step(&mut self.live(), profile);
        self.tally.count(event);
        (event, self.stop_behind(event))
    }

    /// What stands in the way behind a step that was `event`.
    #[inline(always)]
    fn stop_behind(&self, event: Event) -> Option<Stop> {
        match event {
            Event::Halted => Some(Stop::Paused(Pause::Halted)),
            Event::Trapped(_) if self.to_trap || self.tally.idle_traps >= STORM_SUSPECTED => {
                Some(Stop::Paused(Pause::Trap))
            }
            Event::TimedOut if self.to_trap => Some(Stop::Paused(Pause::Trap)),
            _ => self.stop(),
        }
    }

    /// The machine as the definition steps it.
    #[inline]
    fn live(&mut self) -> Live<'_> {
        Live { state: self.state, cache: self.cache }
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
