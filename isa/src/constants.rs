//! The principles' numbers by name, for sources that include them.

use crate::{Cause, SLOT_NEW, SLOT_OLD};

/// A named number of the architecture.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Constant {
    /// Its symbol in a source.
    pub name: &'static str,
    /// Its value.
    pub value: u32,
    /// What it is.
    pub summary: &'static str,
}

const fn constant(name: &'static str, value: u32, summary: &'static str) -> Constant {
    Constant { name, value, summary }
}

/// Trap slots, PSW offsets, causes and ports: what `.include "pg32.inc"` defines.
pub const CONSTANTS: &[Constant] = &[
    constant("PSW_OLD", SLOT_OLD.0, "slot 0: a trap stores the old PSW here"),
    constant("PSW_NEW", SLOT_NEW.0, "slot 1: a trap loads the new PSW from here"),
    constant("PSW_STATUS", 0, "offset of the status word: bit 0 is M, bits 15..8 the cause"),
    constant("PSW_B", 4, "offset of the base"),
    constant("PSW_L", 8, "offset of the limit"),
    constant("PSW_PC", 12, "offset of the program counter"),
    constant("PSW_T", 16, "offset of the interval timer"),
    constant("PSW_INFO", 20, "offset of the info word that a trap stores"),
    constant("PSW_BYTES", crate::PSW_BYTES, "bytes that lpsw and spsw move"),
    constant("TRAP_AREA_BYTES", 0x80, "bytes of the trap area; a flat binary is entered behind it"),
    constant("MODE_S", 0, "supervisor mode"),
    constant("MODE_U", 1, "user mode"),
    constant("CAUSE_CALL", Cause::SupervisorCall.number(), "ecall"),
    constant("CAUSE_BREAKPOINT", Cause::Breakpoint.number(), "ebreak"),
    constant("CAUSE_ILLEGAL", Cause::IllegalInstruction.number(), "no such instruction"),
    constant(
        "CAUSE_PRIVILEGED",
        Cause::PrivilegedOperation.number(),
        "a privileged instruction in user mode",
    ),
    constant("CAUSE_MEMORY", Cause::Memory.number(), "outside the segment or outside storage"),
    constant("CAUSE_ALIGNMENT", Cause::Alignment.number(), "misaligned PC or jump target"),
    constant("CAUSE_TIMER", Cause::Timer.number(), "the interval timer ran out"),
    constant("PORT_CONSOLE", 0, "console data"),
    constant("PORT_STATUS", 1, "console status: input bytes left"),
];
