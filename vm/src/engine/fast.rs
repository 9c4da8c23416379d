//! The fast engine: an interpreter of predecoded instructions.
//!
//! Its slots run parallel to storage, so that a store empties precisely its own. Base instructions that retire
//! are executed in bursts; whatever traps, or touches the PSW or the console, is executed by the definition.

mod burst;
mod cache;
mod slot;

use super::{Engine, STORM_SUSPECTED, Stats, Tally};
use crate::{Console, Event, Pause, Processor, State, Until, step, take_trap};
use burst::{Burst, Exit, LONGEST, Position, Registers};
use cache::Cache;
use pg32_isa::{Cause, Physical, Profile, Psw, Reg, Trap};

/// The predecoded interpreter.
#[derive(Debug)]
pub struct Fast {
    cache: Cache,
    /// The registers while it runs; otherwise they are the state's.
    registers: Box<Registers>,
}

impl Default for Fast {
    fn default() -> Self {
        Fast { cache: Cache::default(), registers: Box::new([0; 256]) }
    }
}

impl Engine for Fast {
    fn run(&mut self, state: &mut State, profile: &Profile, until: Until, tally: &mut Tally) -> Pause {
        self.cache.attach(state.storage_size());
        self.registers[..32].copy_from_slice(&state.x);
        let end = tally.steps.saturating_add(until.steps());
        let pause = loop {
            if tally.steps >= end {
                break Pause::Steps;
            }
            if state.console.over_limit() {
                break Pause::OutputLimit;
            }
            let event = self.advance(state, profile, end, tally);
            if event == Some(Event::Halted) {
                break Pause::Halted;
            }
            let asked = matches!(until, Until::Trap { .. }) && event.is_some_and(Event::trapped);
            if asked || tally.idle_traps >= STORM_SUSPECTED {
                break Pause::Trap;
            }
        };
        state.x.copy_from_slice(&self.registers[..32]);
        pause
    }

    fn storage_written(&mut self, at: Physical, length: usize) {
        self.cache.view().invalidate(at, length as u32);
    }

    /// Slots know nothing of profiles: the definition takes every step on which one has a say.
    fn profile_changed(&mut self) {}

    fn fresh(&self) -> Box<dyn Engine> {
        Box::new(Fast::default())
    }

    fn stats(&self) -> Stats {
        Stats { translations: 0, invalidations: self.cache.invalidations }
    }
}

impl Fast {
    /// Retires instructions in a burst, then lets the definition take the step that ended it, if it is not to
    /// end before. At least one step is taken. The last one's event, if it is known and not plain retirement.
    fn advance(
        &mut self,
        state: &mut State,
        profile: &Profile,
        end: u64,
        tally: &mut Tally,
    ) -> Option<Event> {
        let timer = state.psw.timer;
        let until_timer = if timer > 0 { u64::from(timer) } else { LONGEST };
        let room = (end - tally.steps).min(LONGEST).min(until_timer);
        let mut position = Position { pc: state.psw.pc, left: room };
        let from = (state.psw.base as usize).min(state.storage.len());
        let to = from.saturating_add(state.psw.limit as usize).min(state.storage.len());
        let exit = Burst {
            registers: &mut self.registers,
            segment: &mut state.storage[from..to],
            base: state.psw.base,
            cache: self.cache.view(),
        }
        .run(&mut position);
        let retired = room - position.left;
        if retired > 0 {
            tally.steps += retired;
            tally.idle_traps = 0;
            state.psw.pc = position.pc;
            state.psw.timer = timer.saturating_sub(retired as u32);
        }
        let mut live = Live { state, registers: &mut self.registers, cache: &mut self.cache };
        if exit == Exit::Step {
            let event = step(&mut live, profile);
            tally.count(event);
            Some(event)
        } else if timer > 0 && live.state.psw.timer == 0 {
            take_trap(&mut live, Trap::new(Cause::Timer, 0));
            Some(Event::TimedOut)
        } else {
            None
        }
    }
}

/// The machine as the definition steps it in the midst of a run: registers are the engine's, and what is
/// written is invalidated.
struct Live<'a> {
    state: &'a mut State,
    registers: &'a mut Registers,
    cache: &'a mut Cache,
}

impl Processor for Live<'_> {
    fn storage_size(&self) -> u32 {
        self.state.storage_size()
    }

    fn read(&self, at: Physical, bytes: &mut [u8]) {
        self.state.read(at, bytes);
    }

    fn write(&mut self, at: Physical, bytes: &[u8]) {
        self.state.write(at, bytes);
        self.cache.view().invalidate(at, bytes.len() as u32);
    }

    fn register(&self, reg: Reg) -> u32 {
        self.registers[reg.index()]
    }

    fn set_register(&mut self, reg: Reg, value: u32) {
        self.registers[reg.index()] = value;
        self.registers[0] = 0;
    }

    fn psw(&self) -> Psw {
        self.state.psw
    }

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
