//! One step: the order of checks, privilege, the timer, and the trap (principles, sections 3, 4 and 7).

use crate::{Attempt, Flow, Meaning, Processor, resolve};
use pg32_isa::{Action, Cause, Insn, Op, Physical, Profile, Psw, SLOT_NEW, SLOT_OLD, Trap, Virtual, Visitor};

/// What a step did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    /// An instruction retired.
    Retired,
    /// `halt` retired; the machine takes no more steps.
    Halted,
    /// An instruction trapped instead of retiring.
    Trapped(Trap),
    /// An instruction retired, and the timer trap was taken behind it.
    TimedOut,
}

impl Event {
    /// Whether an instruction retired.
    #[must_use]
    pub fn retired(self) -> bool {
        !matches!(self, Event::Trapped(_))
    }

    /// Whether a trap was taken.
    #[must_use]
    pub fn trapped(self) -> bool {
        matches!(self, Event::Trapped(_) | Event::TimedOut)
    }
}

/// One step of `p` under `profile`. The caller has seen that the machine is not halted.
pub fn step<P: Processor>(p: &mut P, profile: &Profile) -> Event {
    let outcome = attempt(p, profile);
    conclude(p, outcome)
}

/// Ends the step of an instruction whose attempt came out as `outcome`: counts it, or takes its trap, or both.
#[inline(always)]
pub fn conclude<P: Processor>(p: &mut P, outcome: Attempt) -> Event {
    // An attempt that traps has changed nothing.
    conclude_from(p, p.psw(), outcome)
}

/// As [`conclude`], of a processor whose PSW was `before` the attempt, for whoever has it at hand.
#[inline(always)]
fn conclude_from<P: Processor>(p: &mut P, before: Psw, outcome: Attempt) -> Event {
    match outcome {
        Ok(flow) => match retire(p, flow) {
            Retirement::Counted => Event::Retired,
            Retirement::Halted => Event::Halted,
            Retirement::TimerRanOut => {
                take_trap(p, Trap::new(Cause::Timer, 0));
                Event::TimedOut
            }
        },
        Err(trap) => {
            take_trap_from(p, before, trap);
            Event::Trapped(trap)
        }
    }
}

/// Checks 1 to 3 of section 3, then the rest.
fn attempt<P: Processor>(p: &mut P, profile: &Profile) -> Attempt {
    let psw = p.psw();
    if !psw.pc.is_multiple_of(4) {
        return Err(Trap::new(Cause::Alignment, psw.pc));
    }
    let at = resolve(&psw, p.storage_size(), Virtual(psw.pc), 4)?;
    let word = p.read_word(at);
    let Some(insn) = Insn::decode(word) else {
        return Err(Trap::new(Cause::IllegalInstruction, word));
    };
    settled_by_mode(p, &psw, profile, insn).unwrap_or_else(|| perform(p, insn))
}

/// One step of `p`, whose PSW is `psw` and which has come through the fetch with `insn`: what an engine that
/// remembers instructions calls instead of [`step`].
#[inline(always)]
pub(crate) fn step_fetched<P: Processor>(p: &mut P, psw: Psw, profile: &Profile, insn: Insn) -> Event {
    if let Some(outcome) = settled_by_mode(p, &psw, profile, insn) {
        return conclude_from(p, psw, outcome);
    }
    // A kernel's calls and returns are by themselves, so that the compiler sees how they end.
    match insn.op {
        Op::Ecall => {
            let outcome = Meaning(p).ecall(insn);
            conclude_from(p, psw, outcome)
        }
        Op::Lpsw => {
            let outcome = Meaning(p).lpsw(insn);
            conclude_from(p, psw, outcome)
        }
        _ => perform_and_conclude(p, insn),
    }
}

/// The rest of a step of `p` from the instruction's own checks on.
#[inline(never)]
fn perform_and_conclude<P: Processor>(p: &mut P, insn: Insn) -> Event {
    let outcome = perform(p, insn);
    conclude(p, outcome)
}

/// Check 4 of section 3, of a processor whose PSW is `psw`: how the step of `insn` comes out if the mode decides it.
#[inline(always)]
fn settled_by_mode<P: Processor>(p: &P, psw: &Psw, profile: &Profile, insn: Insn) -> Option<Attempt> {
    match profile.action_in(psw.mode, insn.op) {
        Action::Execute => None,
        Action::Ignore => Some(Ok(Flow::Next)),
        Action::Trap => {
            // The fetch has found it there.
            let word = p.read_word(Physical(psw.base.wrapping_add(psw.pc)));
            Some(Err(Trap::new(Cause::PrivilegedOperation, word)))
        }
    }
}

/// Executes `insn`, whose privilege has been checked: check 5 or 6 of section 3, then its effect. The PSW's PC
/// and timer are still those of the instruction; [`conclude`] advances them.
#[inline(always)]
pub fn perform<P: Processor>(p: &mut P, insn: Insn) -> Attempt {
    insn.visit(&mut Meaning(p))
}

/// How an instruction that did not trap ends its step.
enum Retirement {
    /// It retired; the machine goes on.
    Counted,
    /// It was `halt`.
    Halted,
    /// It retired and made `T` 0: the timer trap follows in the same step.
    TimerRanOut,
}

/// Advances the PC and counts the timer behind an instruction that did not trap (section 4, "Timer").
fn retire<P: Processor>(p: &mut P, flow: Flow) -> Retirement {
    let mut psw = p.psw();
    match flow {
        Flow::Next => psw.pc = psw.pc.wrapping_add(4),
        Flow::Jump(target) => psw.pc = target.0,
        Flow::Halt => {}
        // `lpsw` does not decrement what it loads, and what it replaced is gone.
        Flow::Loaded => return Retirement::Counted,
    }
    let was_on = psw.timer > 0;
    psw.timer = psw.timer.saturating_sub(1);
    p.set_psw(psw);
    if flow == Flow::Halt {
        p.set_halted();
        Retirement::Halted
    } else if was_on && psw.timer == 0 {
        Retirement::TimerRanOut
    } else {
        Retirement::Counted
    }
}

/// Bytes of slot 0 that a trap writes.
pub const TRAP_BYTES: usize = 24;

/// Takes a trap: stores the old PSW into slot 0 and loads the new one from slot 1, whatever the mode, with no
/// check and no relocation (section 4).
#[inline]
pub fn take_trap<P: Processor>(p: &mut P, trap: Trap) {
    take_trap_from(p, p.psw(), trap);
}

/// As [`take_trap`], of a processor whose PSW is `old`, for whoever has it at hand: a PSW that was just stored word by
/// word is slow to load as a whole.
#[inline(always)]
pub fn take_trap_from<P: Processor>(p: &mut P, old: Psw, trap: Trap) {
    let mut frame = [0; TRAP_BYTES];
    let old = old.to_trap_words(trap.cause);
    for (bytes, word) in frame.chunks_exact_mut(4).zip(old.into_iter().chain([trap.info])) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
    p.write(SLOT_OLD, &frame);
    let mut new = [0; 20];
    p.read(SLOT_NEW, &mut new);
    p.set_psw(Psw::from_bytes(&new));
}

/// The trap that slot 0, the first [`TRAP_BYTES`] of `slot`, tells of, with the old PSW: the inverse of what
/// [`take_trap`] stores. `None` if the status word has no cause, which no trap leaves there.
///
/// # Panics
/// If `slot` is shorter.
#[must_use]
#[inline]
pub fn trap_in(slot: &[u8]) -> Option<(Psw, Trap)> {
    let slot: &[u8; TRAP_BYTES] = slot.first_chunk().expect("all that a trap writes");
    let word =
        |i: usize| u32::from_le_bytes([slot[4 * i], slot[4 * i + 1], slot[4 * i + 2], slot[4 * i + 3]]);
    let [status, base, limit, pc, timer, info] = std::array::from_fn(word);
    let cause = Cause::from_number(status >> 8 & 0xff)?;
    Some((Psw::from_words([status, base, limit, pc, timer]), Trap::new(cause, info)))
}

/// All that a trap changes: slot 0 and the PSW. A step that trapped and left this as it was changed nothing,
/// and neither will any step after it.
pub fn trap_frame<P: Processor>(p: &P) -> ([u8; TRAP_BYTES], Psw) {
    let mut slot = [0; TRAP_BYTES];
    p.read(SLOT_OLD, &mut slot);
    (slot, p.psw())
}
