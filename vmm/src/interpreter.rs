//! The interpreter routines: what an instruction that trapped was to do, done to the virtual machine.
//!
//! The paper's v_i, one for each privileged instruction i, is the instruction's one meaning
//! ([`pg32_vm::Meaning`]) carried out on the [`VirtualProcessor`]: against the virtual PSW, with operands
//! checked against `vL` and `w`, on the guest's console. That there is a routine for every instruction is
//! checked by the compiler.

use crate::VirtualProcessor;
use pg32_isa::{Action, Insn, Mode, Profile};
use pg32_vm::{Event, Flow, Machine, conclude, perform, step};

/// The interpreter routine for `insn`, whose privilege the dispatcher has decided; then the timer's count, and
/// its trap where that makes `vT` 0 (principles, section 8).
#[inline]
pub fn interpret<H: Machine + ?Sized>(guest: &mut VirtualProcessor<'_, H>, insn: Insn) -> Event {
    let outcome = perform(guest, insn);
    conclude(guest, outcome)
}

/// An instruction that the guest's profile ignores in user mode: no check, no effect, but it counts.
pub fn ignore<H: Machine + ?Sized>(guest: &mut VirtualProcessor<'_, H>) -> Event {
    conclude(guest, Ok(Flow::Next))
}

/// One whole step in software, fetch included: how the hybrid and interpreting policies run a guest.
pub fn software_step<H: Machine + ?Sized>(guest: &mut VirtualProcessor<'_, H>, profile: &Profile) -> Event {
    step(guest, profile)
}

/// What an instruction that came to the monitor as a privileged operation is in the virtual machine.
///
/// In virtual supervisor mode it executes. In virtual user mode the profile decides, which is the real
/// machine's: where real code runs, it says "trap", or there would have been no exit; where translations run,
/// every system instruction is a call, and this is where the call finds out what it stands for.
#[inline]
pub fn virtual_action(profile: &Profile, mode: Mode, insn: Insn) -> Action {
    profile.action_in(mode, insn.op)
}
