//! Where runs are looked at: often in what is cheap to read, and in all of storage as often as that is cheap
//! beside the steps in between.

use crate::observation::registers;
use pg32_isa::Psw;
use pg32_vm::Machine;

use crate::trap_log::{Logged, TrapLog};

/// A point follows the one before it after a sixteenth of the steps taken so far, and the first sixteen steps are
/// a point each: some sixteen points for each doubling of the steps.
const GROWTH: u64 = 16;
/// Bytes of storage that may be compared for each step taken.
const BYTES_A_STEP: u64 = 8;

/// The points of a run. They depend on the number of steps and the size of storage alone, so that two runs have the
/// same.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Points {
    storage_size: u64,
    budget: u64,
    last_whole: u64,
}

/// What is compared at a point.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Look {
    /// All but storage.
    Glance,
    /// The whole state.
    Whole,
}

impl Points {
    pub(crate) fn new(storage_size: u32, budget: u64) -> Self {
        Points { storage_size: u64::from(storage_size), budget, last_whole: 0 }
    }

    /// Steps from the point at `steps` to the next.
    pub(crate) fn stride(&self, steps: u64) -> u64 {
        (steps / GROWTH).max(1).min(self.budget - steps)
    }

    /// What is to be compared at `steps`, where a run goes on or ends.
    pub(crate) fn look(&mut self, steps: u64, goes_on: bool) -> Look {
        let since = steps - self.last_whole;
        if goes_on && steps < self.budget && since.saturating_mul(BYTES_A_STEP) < self.storage_size {
            return Look::Glance;
        }
        self.last_whole = steps;
        Look::Whole
    }
}

/// A state without storage and without the text of the console, of which only the length is kept: text that has
/// been written stays, and is compared with the whole state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Glance {
    halted: bool,
    psw: Psw,
    x: [u32; 32],
    input_position: usize,
    output_length: usize,
}

impl Glance {
    pub(crate) fn of(machine: &dyn Machine) -> Self {
        Glance {
            halted: machine.halted(),
            psw: machine.psw(),
            x: registers(machine),
            input_position: machine.console().position(),
            output_length: machine.console().output().len(),
        }
    }
}

/// What a log has come to, in a few words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct LogGlance {
    count: u64,
    digests: [u64; 2],
}

impl LogGlance {
    pub(crate) fn of(log: &TrapLog) -> Self {
        LogGlance { count: log.count, digests: log.digests() }
    }
}

/// Whether two machines look alike.
pub(crate) fn alike(a: &Logged, b: &Logged, look: Look) -> bool {
    a.log == b.log
        && match look {
            Look::Glance => Glance::of(a.machine.as_ref()) == Glance::of(b.machine.as_ref()),
            Look::Whole => crate::same_state(a.machine.as_ref(), b.machine.as_ref()),
        }
}
