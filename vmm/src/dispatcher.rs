//! The dispatcher: where control arrives when the real machine traps, and where it is decided what that trap
//! asks for (principles, section 8).

use crate::map::virtual_psw;
use crate::{VirtualProcessor, Way, interpreter};
use pg32_isa::{Action, Cause, Insn, Mode, Profile, Psw, Trap};
use pg32_vm::{
    Answer, Event, Exit, Machine, Pause, STORM_SUSPECTED, Translation, Until, take_trap, trap_frame,
};

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
pub fn dispatch(guest: &mut VirtualProcessor<'_>, until: Until, grant: Grant) -> Pause {
    let end = guest.guest.tally.steps.saturating_add(until.steps());
    // Only whoever runs this machine can change it, and not before this returns.
    let profile = guest.guest.effective_profile();
    let mut storm = Storm::default();
    loop {
        if let Some(pause) = standing(guest) {
            return pause;
        }
        let left = end - guest.guest.tally.steps;
        if left == 0 {
            return Pause::Steps;
        }
        let way = (guest.guest.policy.way)(guest.guest.psw.mode);
        let trapped = match way {
            Way::Software => software(guest, &profile),
            Way::Direct | Way::Translated => match direct(guest, &profile, way, left, grant) {
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
fn standing(guest: &VirtualProcessor<'_>) -> Option<Pause> {
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

/// One step in software.
fn software(guest: &mut VirtualProcessor<'_>, profile: &Profile) -> Trapped {
    let event = interpreter::software_step(guest, profile);
    guest.guest.stats.interpreted += 1;
    count(guest, event)
}

/// Counts a step that the monitor took for the guest.
fn count(guest: &mut VirtualProcessor<'_>, event: Event) -> Trapped {
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
fn direct(
    guest: &mut VirtualProcessor<'_>,
    profile: &Profile,
    way: Way,
    left: u64,
    grant: Grant,
) -> Result<Trapped, Pause> {
    let virtual_before = guest.guest.psw;
    let slice = match grant {
        Grant::Open => None,
        Grant::Slice => Some(u32::try_from(left).unwrap_or(u32::MAX)),
    };
    let real = guest.guest.window.real_psw(&virtual_before, slice);
    guest.host.set_translation(translation(guest, way));
    guest.host.set_psw(real);
    let ran = guest.host.run(Until::Trap { within: left });
    match ran.pause {
        Pause::Trap => {
            let (old, trap) = guest.host.last_trap().expect("a trap stores one of the causes");
            if old.mode != Mode::User || guest.host.psw() != monitor_psw(guest.host) {
                return Err(control_lost(guest, ran.steps));
            }
            let psw = virtual_psw(&virtual_before, real.timer, &old);
            guest.guest.psw = psw;
            guest.guest.stats.exits[trap.cause.number() as usize] += 1;
            // In a step that takes the timer trap the instruction retired; in any other it did not.
            let retired = ran.steps - u64::from(trap.cause != Cause::Timer);
            retire_directly(guest, retired);
            let (trapped, answer) = answer(guest, profile, &virtual_before, trap);
            let step = guest.guest.tally.steps;
            guest.guest.stats.last_exit = Some(Exit { step, psw, trap, answer });
            Ok(trapped)
        }
        Pause::Steps | Pause::OutputLimit => {
            guest.guest.psw = virtual_psw(&virtual_before, real.timer, &guest.host.psw());
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
fn translation(guest: &VirtualProcessor<'_>, way: Way) -> Translation {
    match (way, guest.guest.psw.mode) {
        (Way::Translated, _) => Translation::On,
        (_, Mode::User) => guest.guest.translation,
        (_, Mode::Supervisor) => Translation::Off,
    }
}

/// The real machine slipped from the monitor's control: there is nothing it could do (section 8: "stop").
fn control_lost(guest: &mut VirtualProcessor<'_>, steps: u64) -> Pause {
    guest.guest.tally.steps += steps;
    Pause::ControlLost
}

/// Counts instructions that the real processor retired for the guest.
fn retire_directly(guest: &mut VirtualProcessor<'_>, retired: u64) {
    guest.guest.stats.direct += retired;
    guest.guest.tally.steps += retired;
    if retired > 0 {
        guest.guest.tally.idle_traps = 0;
    }
}

/// Decides what a trap is: the monitor's own timer, an instruction to interpret, or the guest's.
fn answer(
    guest: &mut VirtualProcessor<'_>,
    profile: &Profile,
    before: &Psw,
    trap: Trap,
) -> (Trapped, Answer) {
    match trap.cause {
        Cause::Timer => {
            if before.timer > 0 && guest.guest.psw.timer == 0 {
                take_trap(guest, trap);
                guest.guest.stats.reflected[Cause::Timer.number() as usize] += 1;
                (Trapped::Yes, Answer::Reflected)
            } else {
                (Trapped::No, Answer::Resumed)
            }
        }
        Cause::PrivilegedOperation => {
            let insn = Insn::decode(trap.info).expect("only instructions are privileged");
            let (event, answer) = match interpreter::virtual_action(profile, guest.guest.psw.mode, insn) {
                Action::Execute => (interpreter::interpret(guest, insn), Answer::Interpreted),
                Action::Ignore => (interpreter::ignore(guest), Answer::Ignored),
                Action::Trap => (reflect(guest, trap), Answer::Reflected),
            };
            if answer != Answer::Reflected {
                guest.guest.stats.emulated[insn.op as usize] += 1;
            }
            (count(guest, event), answer)
        }
        _ => {
            let event = reflect(guest, trap);
            (count(guest, event), Answer::Reflected)
        }
    }
}

/// Gives the trap to the guest: the frame at `k + 0x00`, the new virtual PSW from `k + 0x20`.
fn reflect(guest: &mut VirtualProcessor<'_>, trap: Trap) -> Event {
    take_trap(guest, trap);
    Event::Trapped(trap)
}

/// Watches for a trap storm that has stopped changing anything: it will not change anything until the budget
/// ends, and its steps need not be taken one by one.
#[derive(Default)]
struct Storm {
    /// Slot 0 and the virtual PSW behind the last step, if that step was one more idle trap.
    last: Option<([u8; 24], Psw)>,
}

impl Storm {
    fn watch(&mut self, guest: &mut VirtualProcessor<'_>, end: u64) {
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
