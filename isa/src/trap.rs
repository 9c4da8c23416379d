//! Traps: their causes and the two slots that a trap swaps the PSW through (principles, section 4).

use crate::Physical;
use std::fmt;

/// Slot 0, where a trap stores the old PSW: the paper's `E[0]`.
pub const SLOT_OLD: Physical = Physical(0x00);
/// Slot 1, where a trap finds the new PSW: the paper's `E[1]`.
pub const SLOT_NEW: Physical = Physical(0x20);

/// Why a trap was taken; the number stands in bits 15..8 of the stored status word.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Cause {
    /// `ecall`. Info: the instruction word.
    SupervisorCall = 1,
    /// `ebreak`. Info: the instruction word.
    Breakpoint = 2,
    /// No such instruction. Info: the instruction word.
    IllegalInstruction = 3,
    /// A privileged instruction in mode `u`. Info: the instruction word.
    PrivilegedOperation = 4,
    /// Outside the segment or outside storage. Info: virtual address of the first byte of the access.
    Memory = 5,
    /// Misaligned `PC` or jump target. Info: that address.
    Alignment = 6,
    /// `T` ran out. Info: 0.
    Timer = 7,
}

impl Cause {
    /// All causes, by number.
    pub const ALL: [Cause; 7] = [
        Cause::SupervisorCall,
        Cause::Breakpoint,
        Cause::IllegalInstruction,
        Cause::PrivilegedOperation,
        Cause::Memory,
        Cause::Alignment,
        Cause::Timer,
    ];

    /// The number in the status word, 1 to 7.
    #[must_use]
    pub const fn number(self) -> u32 {
        self as u32
    }

    /// The cause with `number`, if there is one.
    #[must_use]
    #[inline]
    pub fn from_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.number() == number)
    }

    /// The name in the principles' table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Cause::SupervisorCall => "supervisor call",
            Cause::Breakpoint => "breakpoint",
            Cause::IllegalInstruction => "illegal instruction",
            Cause::PrivilegedOperation => "privileged operation",
            Cause::Memory => "memory",
            Cause::Alignment => "alignment",
            Cause::Timer => "timer",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A trap about to be taken: its cause and the info word that goes with it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Trap {
    /// Why.
    pub cause: Cause,
    /// The word at +20 of slot 0; what it says depends on the cause.
    pub info: u32,
}

impl Trap {
    /// A trap for `cause` with `info`.
    #[must_use]
    pub const fn new(cause: Cause, info: u32) -> Self {
        Trap { cause, info }
    }
}
