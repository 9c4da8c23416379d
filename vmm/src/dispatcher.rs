//! The dispatcher: where control arrives when the real machine traps, and where it is decided what that trap
//! asks for (principles, section 8).

use crate::map::virtual_psw;
use crate::{Guest, VirtualProcessor, Way, interpreter};
use pg32_isa::{Action, Cause, Insn, Mode, Psw, SLOT_OLD, Trap};
use pg32_vm::{
    Answer, Event, Exit, Machine, Pause, STORM_SUSPECTED, TRAP_BYTES, Translation, Until, take_trap_from,
    trap_frame, trap_in,
};
use std::sync::Arc;

/// The address that the monitor's new PSW names. The monitor is not made of the machine's instructions; nothing
/// is ever fetched from here.
const ENTRY: u32 = 0x40;

/// The new PSW that a monitor puts into slot 1 of its machine: what a real trap brings it control with.
#[must_use]
pub fn monitor_psw(host: &dyn Machine) -> Psw {
    Psw { mode: Mode::Supervisor, base: 0, limit: host.storage_size(), pc: ENTRY, timer: 0 }
}

/// How a guest is granted the processor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Grant {
    /// For as long as the run lasts: no slice, the real timer is the guest's alone.
    Open,
    /// For the steps of the run and no longer: the real timer brings the processor back.
    Slice,
}

/// Runs the guest whose registers are in the real machine until `until` is met, by the way its policy says.
pub fn dispatch<H: Machine + ?Sized>(
    guest: &mut VirtualProcessor<'_, H>,
    until: Until,
    grant: Grant,
) -> Pause {
    let end = guest.guest.tally.steps.saturating_add(until.steps());
    let mut storm = Storm::default();
    loop {
        if let Some(pause) = standing(guest) {
            return pause;
        }
        let left = end - guest.guest.tally.steps;
        if left == 0 {
            return Pause::Steps;
        }
        let way = guest.guest.policy.way(guest.guest.psw.mode);
        let trapped = match way {
            Way::Software => software(guest, end),
            Way::Direct | Way::Translated => match direct(guest, way, left, grant) {
                Ok(trapped) => trapped,
                Err(pause) => return pause,
            },
        };
        if trapped == Trapped::Yes && matches!(until, Until::Trap { .. }) && !guest.guest.halted {
            return Pause::Trap;
        }
        storm.watch(guest, end);
    }
}

/// What already stands between the guest and its next step.
fn standing<H: Machine + ?Sized>(guest: &VirtualProcessor<'_, H>) -> Option<Pause> {
    if guest.guest.halted {
        Some(Pause::Halted)
    } else if guest.guest.console.over_limit() {
        Some(Pause::OutputLimit)
    } else {
        None
    }
}

/// Whether the guest took a trap of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trapped {
    Yes,
    No,
}

/// Steps in software up to step `end`, until one traps or the way is another.
fn software<H: Machine + ?Sized>(guest: &mut VirtualProcessor<'_, H>, end: u64) -> Trapped {
    // Only whoever runs this machine can change it, and not before this returns.
    let profile = Arc::clone(guest.guest.effective_profile());
    loop {
        let event = interpreter::software_step(guest, &profile);
        guest.guest.stats.interpreted += 1;
        let trapped = count(guest, event);
        let way = guest.guest.policy.way(guest.guest.psw.mode);
        let over = guest.guest.tally.steps == end || standing(guest).is_some();
        if trapped == Trapped::Yes || over || way != Way::Software {
            return trapped;
        }
    }
}

/// Counts a step that the monitor took for the guest.
#[inline]
fn count<H: Machine + ?Sized>(guest: &mut VirtualProcessor<'_, H>, event: Event) -> Trapped {
    guest.guest.tally.count(event);
    let cause = match event {
        Event::Retired | Event::Halted => return Trapped::No,
        Event::Trapped(trap) => trap.cause,
        Event::TimedOut => Cause::Timer,
    };
    guest.guest.stats.reflected[cause.number() as usize] += 1;
    Trapped::Yes
}

/// Lets the real processor run the guest for at most `left` steps, and answers the trap that ends it.
fn direct<H: Machine + ?Sized>(
    guest: &mut VirtualProcessor<'_, H>,
    way: Way,
    left: u64,
    grant: Grant,
) -> Result<Trapped, Pause> {
    let before = guest.guest.psw;
    let slice = match grant {
        Grant::Open => None,
        Grant::Slice => Some(u32::try_from(left).unwrap_or(u32::MAX)),
    };
    let real = guest.guest.window.real_psw(&before, slice);
    guest.run_from(translation(guest.guest, before.mode, way));
    *guest.host.psw_mut() = real;
    let ran = guest.host.run(Until::Trap { within: left });
    match ran.pause {
        Pause::Trap => {
            let slot = guest.host.storage(SLOT_OLD, TRAP_BYTES);
            let (old, trap) = trap_in(slot).expect("a trap stores one of the causes");
            if old.mode != Mode::User || guest.host.psw() != *guest.monitor {
                return Err(control_lost(guest, ran.steps));
            }
            // In a step that takes the timer trap the instruction retired; in any other it did not.
            retire_directly(guest, ran.steps - u64::from(trap.cause != Cause::Timer));
            let psw = virtual_psw(&before, real.timer, &old);
            Ok(exit(guest, before.timer, psw, trap))
        }
        Pause::Steps | Pause::OutputLimit => {
            guest.guest.psw = virtual_psw(&before, real.timer, &guest.host.psw());
            retire_directly(guest, ran.steps);
            match (ran.pause, grant) {
                // A slice ends by its timer; a processor that ran past it has lost it.
                (Pause::Steps, Grant::Slice) => Err(control_lost(guest, 0)),
                (Pause::OutputLimit, _) => Err(Pause::OutputLimit),
                _ => Ok(Trapped::No),
            }
        }
        Pause::Halted | Pause::ControlLost => Err(control_lost(guest, ran.steps)),
    }
}

/// What the real machine's user mode must be run from, for this guest's policy and for a monitor that runs on
/// this guest and asked for translations of its own user mode.
fn translation(guest: &Guest, mode: Mode, way: Way) -> Translation {
    match (way, mode) {
        (Way::Translated, _) => Translation::On,
        (_, Mode::User) => guest.translation,
        (_, Mode::Supervisor) => Translation::Off,
    }
}

/// The real machine slipped from the monitor's control: there is nothing it could do (section 8: "stop").
#[cold]
fn control_lost<H: Machine + ?Sized>(guest: &mut VirtualProcessor<'_, H>, steps: u64) -> Pause {
    guest.guest.tally.steps += steps;
    Pause::ControlLost
}

/// Counts instructions that the real processor retired for the guest.
#[inline]
fn retire_directly<H: Machine + ?Sized>(guest: &mut VirtualProcessor<'_, H>, retired: u64) {
    guest.guest.stats.direct += retired;
    guest.guest.tally.steps += retired;
    if retired > 0 {
        guest.guest.tally.idle_traps = 0;
    }
}

/// Answers `trap`, with which the guest gave up the processor at the virtual PSW `psw`, and counts that; `timer` is the
/// `vT` that it was given it with.
#[inline]
fn exit<H: Machine + ?Sized>(
    guest: &mut VirtualProcessor<'_, H>,
    timer: u32,
    psw: Psw,
    trap: Trap,
) -> Trapped {
    guest.guest.stats.exits[trap.cause.number() as usize] += 1;
    let (trapped, answer) = match trap.cause {
        Cause::Timer if timer > 0 && psw.timer == 0 => {
            guest.guest.stats.reflected[Cause::Timer.number() as usize] += 1;
            (reflect(guest, psw, trap), Answer::Reflected)
        }
        Cause::Timer => {
            guest.guest.psw = psw;
            (Trapped::No, Answer::Resumed)
        }
        Cause::PrivilegedOperation => privileged(guest, psw, trap),
        _ => (reflect_step(guest, psw, trap), Answer::Reflected),
    };
    guest.guest.stats.last_exit = Some(Exit { step: guest.guest.tally.steps, psw, trap, answer });
    trapped
}

/// Answers a privileged operation: an instruction to interpret, or the guest's own trap.
#[inline]
fn privileged<H: Machine + ?Sized>(
    guest: &mut VirtualProcessor<'_, H>,
    psw: Psw,
    trap: Trap,
) -> (Trapped, Answer) {
    if guest.guest.privileged.0 != trap.info {
        let insn = Insn::decode(trap.info).expect("only instructions are privileged");
        guest.guest.privileged = (trap.info, insn);
    }
    let insn = guest.guest.privileged.1;
    let (event, answer) = match interpreter::virtual_action(guest.guest.effective_profile(), psw.mode, insn) {
        Action::Trap => {
            return (reflect_step(guest, psw, trap), Answer::Reflected);
        }
        Action::Execute => {
            guest.guest.psw = psw;
            (interpreter::interpret(guest, insn), Answer::Interpreted)
        }
        Action::Ignore => {
            guest.guest.psw = psw;
            (interpreter::ignore(guest), Answer::Ignored)
        }
    };
    guest.guest.stats.emulated[insn.op as usize] += 1;
    (count(guest, event), answer)
}

/// Reflects a trap that is a step of the guest's.
#[inline(always)]
fn reflect_step<H: Machine + ?Sized>(guest: &mut VirtualProcessor<'_, H>, psw: Psw, trap: Trap) -> Trapped {
    count(guest, Event::Trapped(trap));
    reflect(guest, psw, trap)
}

/// Gives the trap to the guest: the frame at `k + 0x00`, the new virtual PSW from `k + 0x20`.
#[inline(always)]
fn reflect<H: Machine + ?Sized>(guest: &mut VirtualProcessor<'_, H>, psw: Psw, trap: Trap) -> Trapped {
    take_trap_from(guest, psw, trap);
    Trapped::Yes
}

/// Watches for a trap storm that has stopped changing anything: it will not change anything until the budget
/// ends, and its steps need not be taken one by one.
#[derive(Default)]
struct Storm {
    /// Slot 0 and the virtual PSW behind the last step, if that step was one more idle trap.
    last: Option<([u8; TRAP_BYTES], Psw)>,
}

impl Storm {
    fn watch<H: Machine + ?Sized>(&mut self, guest: &mut VirtualProcessor<'_, H>, end: u64) {
        if guest.guest.tally.idle_traps < STORM_SUSPECTED {
            self.last = None;
            return;
        }
        let now = Some(trap_frame(guest));
        let tally = &mut guest.guest.tally;
        if self.last == now && tally.steps < end {
            tally.idle_traps += end - tally.steps;
            tally.steps = end;
        }
        self.last = now;
    }
}
