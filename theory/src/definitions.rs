//! The definitions, as predicates over what steps did. Nothing here knows any instruction.
//!
//! The paper leaves room, and its retellings contradict each other; what is settled, and why, is in the book's
//! chapter on theory. [`crate::literal`] has the same definitions to the letter.

use crate::Probe;
use pg32_isa::{Cause, Mode, Reg, Trap};
use pg32_vm::Event;
use std::fmt;

/// What one step of an instruction gives. A timer trap behind an instruction is a trap: the monitor has control.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// A trap, taken instead of or behind the instruction.
    Trap(Trap),
    /// The machine stopped.
    Halt,
    /// The instruction retired; the state behind it goes with the outcome.
    Quiet,
}

impl From<Event> for Outcome {
    fn from(event: Event) -> Self {
        match event {
            Event::Trapped(trap) => Outcome::Trap(trap),
            Event::TimedOut => Outcome::Trap(Trap::new(Cause::Timer, 0)),
            Event::Halted => Outcome::Halt,
            Event::Retired => Outcome::Quiet,
        }
    }
}

/// One step: the states on its both sides and its outcome.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// The state before, but for its mode.
    pub before: &'a Probe,
    /// The mode before.
    pub mode: Mode,
    /// What happened.
    pub outcome: Outcome,
    /// The state behind; for a trap, with the trap taken.
    pub after: &'a Probe,
}

/// Whether several virtual machines share the processor, which is then a resource.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Sharing {
    /// They do, as under this project's monitors: stopping the processor takes it from the others.
    #[default]
    Several,
    /// There is one virtual machine, and when it halts, nothing is left to run.
    Single,
}

/// A change of what a program is allowed to use, made without a trap: what makes control-sensitive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// `M` changed.
    Mode {
        /// Before.
        from: Mode,
        /// Behind.
        to: Mode,
    },
    /// `R` changed; each value is (`B`, `L`).
    Segment {
        /// Before.
        from: (u32, u32),
        /// Behind.
        to: (u32, u32),
    },
    /// A byte outside `[l, l+b)` changed, or one that storage does not even have.
    Outside {
        /// Its physical address.
        at: u64,
    },
    /// The console was read from or written to.
    Console,
    /// The timer changed by something else than this step.
    Timer {
        /// Before.
        from: u32,
        /// Behind.
        to: u32,
    },
    /// The processor stopped, and others wanted it.
    Halt,
}

/// **Control-sensitive**: the step is quiet and changes `M`, `R`, or a word outside `[l, l+b)`. Every trap is
/// excluded, because behind a trap the monitor has control.
///
/// The console and the timer are resources that the paper's machine does not have, and are held like `R`: the
/// input tape and the output belong to the monitor, and the timer is how it gets the processor back.
#[must_use]
pub fn control(run: &Run<'_>, sharing: Sharing) -> Option<Effect> {
    let (before, after) = (run.before, run.after);
    match run.outcome {
        Outcome::Trap(_) => return None,
        Outcome::Halt => return (sharing == Sharing::Several).then_some(Effect::Halt),
        Outcome::Quiet => {}
    }
    let (old, new) = (before.psw, after.psw);
    if run.mode != new.mode {
        return Some(Effect::Mode { from: run.mode, to: new.mode });
    }
    let (from, to) = ((old.base, old.limit), (new.base, new.limit));
    if from != to {
        return Some(Effect::Segment { from, to });
    }
    if let Some(at) = changed_outside(before, after) {
        return Some(Effect::Outside { at });
    }
    if !after.has_console_of(before) {
        return Some(Effect::Console);
    }
    let counted = new.timer == old.timer.saturating_sub(1);
    (!counted).then_some(Effect::Timer { from: old.timer, to: new.timer })
}

/// The first byte outside the segment that a quiet step changed.
fn changed_outside(before: &Probe, after: &Probe) -> Option<u64> {
    let size = before.storage.len();
    if after.overrun {
        return Some(size as u64);
    }
    let start = (before.psw.base as usize).min(size);
    let end = start + (before.psw.limit as usize).min(size - start);
    let changed = |range: std::ops::Range<usize>| {
        let first = range.start;
        let (a, b) = (&before.storage[range.clone()], &after.storage[range]);
        if a == b { None } else { a.iter().zip(b).position(|(a, b)| a != b).map(|i| (first + i) as u64) }
    };
    changed(0..start).or_else(|| changed(end..size))
}

/// What two steps from a state and from one that embeds it left different: what makes behaviour-sensitive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Difference {
    /// The kinds of outcome.
    Outcome {
        /// Of the embedded state.
        small: Outcome,
        /// Of the state that embeds it.
        large: Outcome,
    },
    /// A general register.
    Register {
        /// Which.
        reg: Reg,
        /// Its value in the embedded state.
        small: u32,
        /// Its value in the state that embeds it.
        large: u32,
    },
    /// `P`, the PC.
    Pc {
        /// In the embedded state.
        small: u32,
        /// In the state that embeds it.
        large: u32,
    },
    /// A byte of the embedded storage.
    Storage {
        /// Its address in the embedded storage.
        at: u32,
        /// Its value there.
        small: u8,
        /// Its value where the other state keeps it.
        large: u8,
    },
}

/// **Behaviour-sensitive**: `large` starts in a state that embeds `small`'s at `k` and does not trap, and either
/// the kinds of outcome differ, or both are quiet with `M` and `R` unchanged and the embedded storage, `G` or `P`
/// differ. Where the real side traps, a difference is harmless: the monitor has control.
#[must_use]
pub fn behaviour(small: &Run<'_>, large: &Run<'_>, k: u32) -> Option<Difference> {
    match (small.outcome, large.outcome) {
        (_, Outcome::Trap(_)) | (Outcome::Halt, Outcome::Halt) => None,
        (Outcome::Quiet, Outcome::Quiet) => {
            let both = keeps_resources(small) && keeps_resources(large);
            if both { first_difference(small.after, large.after, k) } else { None }
        }
        (s, l) => Some(Difference::Outcome { small: s, large: l }),
    }
}

fn keeps_resources(run: &Run<'_>) -> bool {
    let (old, new) = (run.before.psw, run.after.psw);
    (run.mode, old.base, old.limit) == (new.mode, new.base, new.limit)
}

fn first_difference(small: &Probe, large: &Probe, k: u32) -> Option<Difference> {
    if small.x != large.x {
        let reg = Reg::all().find(|r| small.x[r.index()] != large.x[r.index()])?;
        return Some(Difference::Register { reg, small: small.x[reg.index()], large: large.x[reg.index()] });
    }
    if small.psw.pc != large.psw.pc {
        return Some(Difference::Pc { small: small.psw.pc, large: large.psw.pc });
    }
    let window = &large.storage[k as usize..k as usize + small.storage.len()];
    if small.storage == window {
        return None;
    }
    let at = small.storage.iter().zip(window).position(|(a, b)| a != b)?;
    Some(Difference::Storage { at: at as u32, small: small.storage[at], large: window[at] })
}

/// What one step says about **privileged**: in every user-mode state that does not memory-trap, the instruction
/// takes the privileged-operation trap; and in some supervisor-mode state it is quiet or halts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Testimony {
    /// Nothing: the step memory-trapped, or it trapped in supervisor mode.
    Nothing,
    /// A user-mode state in which it trapped as a privileged instruction does.
    Trapped,
    /// A user-mode state in which it did something else: it is not privileged.
    Refuted,
    /// A supervisor-mode state in which it executed.
    Executed,
}

/// What `run` says about its instruction's being privileged.
#[must_use]
pub fn privilege(run: &Run<'_>) -> Testimony {
    match (run.mode, run.outcome) {
        (_, Outcome::Trap(Trap { cause: Cause::Memory, .. })) => Testimony::Nothing,
        (Mode::User, Outcome::Trap(Trap { cause: Cause::PrivilegedOperation, .. })) => Testimony::Trapped,
        (Mode::User, _) => Testimony::Refuted,
        (Mode::Supervisor, Outcome::Trap(_)) => Testimony::Nothing,
        (Mode::Supervisor, Outcome::Quiet | Outcome::Halt) => Testimony::Executed,
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Trap(trap) => write!(f, "takes the {} trap", trap.cause),
            Outcome::Halt => f.write_str("stops the machine"),
            Outcome::Quiet => f.write_str("retires"),
        }
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Effect::Mode { from, to } => write!(f, "M changes from {from} to {to} without a trap"),
            Effect::Segment { from, to } => write!(
                f,
                "R changes without a trap: B from {:#x} to {:#x}, L from {:#x} to {:#x}",
                from.0, to.0, from.1, to.1
            ),
            Effect::Outside { at } => {
                write!(f, "the byte at physical {at:#x}, outside the segment, changes without a trap")
            }
            Effect::Console => f.write_str("the console, which is the monitor's, is used without a trap"),
            Effect::Timer { from, to } => {
                write!(f, "T changes from {from} to {to} without a trap, and not by counting")
            }
            Effect::Halt => {
                f.write_str("the processor stops without a trap, for every virtual machine on it")
            }
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Difference::Outcome { small, large } => write!(f, "S1 {small} and S2 {large}"),
            Difference::Register { reg, small, large } => {
                write!(f, "both retire, and {reg} is then {small:#x} in S1 and {large:#x} in S2")
            }
            Difference::Pc { small, large } => {
                write!(f, "both retire, and PC is then {small:#x} in S1 and {large:#x} in S2")
            }
            Difference::Storage { at, small, large } => write!(
                f,
                "both retire, and the byte at the virtual machine's {at:#x} is then {small:#04x} in S1 and \
                 {large:#04x} in S2"
            ),
        }
    }
}
