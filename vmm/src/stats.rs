//! What a monitor counts: exits, and the share of guest steps that ran directly.

use pg32_isa::{Cause, Op};
use pg32_vm::Exit;

/// The counts of one guest, from its creation on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stats {
    /// Guest steps that the real processor executed with no help from the monitor.
    pub direct: u64,
    /// Guest steps that the monitor interpreted outside of any exit (hybrid and interpreting policies).
    pub interpreted: u64,
    /// Exits: real traps that brought the monitor control, by cause number.
    pub exits: [u64; 8],
    /// Exits in which an interpreter routine ran, by instruction.
    pub emulated: [u64; Op::ALL.len()],
    /// Traps written into the guest's own slot 0, by cause number.
    pub reflected: [u64; 8],
    /// The last exit.
    pub last_exit: Option<Exit>,
}

impl Default for Stats {
    fn default() -> Self {
        Stats {
            direct: 0,
            interpreted: 0,
            exits: [0; 8],
            emulated: [0; Op::ALL.len()],
            reflected: [0; 8],
            last_exit: None,
        }
    }
}

impl Stats {
    /// Exits for `cause`.
    #[must_use]
    pub fn exits_for(&self, cause: Cause) -> u64 {
        self.exits[cause.number() as usize]
    }

    /// All exits.
    #[must_use]
    pub fn all_exits(&self) -> u64 {
        self.exits.iter().sum()
    }

    /// All traps reflected into the guest.
    #[must_use]
    pub fn all_reflected(&self) -> u64 {
        self.reflected.iter().sum()
    }

    /// Exits in which an interpreter routine ran.
    #[must_use]
    pub fn all_emulated(&self) -> u64 {
        self.emulated.iter().sum()
    }

    /// How often each instruction was emulated, those that never were left out.
    pub fn emulated_instructions(&self) -> impl Iterator<Item = (Op, u64)> {
        Op::ALL.into_iter().map(|op| (op, self.emulated[op as usize])).filter(|(_, count)| *count > 0)
    }

    /// The efficiency property, counted: directly executed steps per guest step, 0 to 1; 1 if there were none.
    #[must_use]
    pub fn share_direct(&self, steps: u64) -> f64 {
        if steps == 0 { 1.0 } else { self.direct as f64 / steps as f64 }
    }
}
