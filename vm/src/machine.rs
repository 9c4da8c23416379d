//! What a machine offers to whoever runs it: a monitor, a harness, another monitor's machine.

use crate::{Bare, Console, Stats, TRAP_BYTES, trap_in};
use pg32_isa::{Physical, Psw, Reg, SLOT_OLD, Trap};

/// How far to run. Counts are in steps (principles, section 3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Until {
    /// So many steps, unless something else ends the run first.
    Steps(u64),
    /// Up to and including the next step that takes a trap, but at most so many steps.
    Trap {
        /// The most steps to take.
        within: u64,
    },
}

impl Until {
    /// The most steps to take.
    #[must_use]
    pub fn steps(self) -> u64 {
        match self {
            Until::Steps(steps) | Until::Trap { within: steps } => steps,
        }
    }
}

/// Why a run ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pause {
    /// `halt` retired, now or earlier.
    Halted,
    /// A trap was taken, and [`Until::Trap`] asked for that.
    Trap,
    /// The steps asked for were taken.
    Steps,
    /// The console's output limit was exceeded by the last step.
    OutputLimit,
    /// A monitor is no longer in control of its real machine; no bare machine ever says this.
    ControlLost,
}

/// What a run did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ran {
    /// Steps taken, those that trapped included.
    pub steps: u64,
    /// Why it ended. A machine that halts on the last step of its budget has halted.
    pub pause: Pause,
}

/// What user-mode code is run from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Translation {
    /// The code itself.
    #[default]
    Off,
    /// Translations in which every system instruction has become a call to the monitor, whatever the profile
    /// says of it. A call arrives as a privileged-operation trap. Storage never shows a translation, and a
    /// store into translated code drops it.
    On,
}

/// A time at which a guest gave the processor up to its monitor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Exit {
    /// Guest steps taken by the time the monitor had answered.
    pub step: u64,
    /// The virtual PSW with which the guest gave up the processor; its PC is that of the instruction that trapped, or
    /// behind a timer trap of the next one.
    pub psw: Psw,
    /// What the machine below trapped for.
    pub trap: Trap,
    /// What the monitor did about it.
    pub answer: Answer,
}

/// What a monitor does about an exit (principles, section 8).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// It interprets the instruction against the virtual machine.
    Interpreted,
    /// It passes over the instruction, which the profile ignores in user mode.
    Ignored,
    /// It gives the trap to the guest.
    Reflected,
    /// Nothing: the trap was the monitor's own timer.
    Resumed,
    /// It has not come to an answer: a monitor that is itself a program can fail.
    Pending,
}

/// A machine, bare or virtual.
///
/// A monitor may use what the architecture gives a supervisor program: storage, registers, the PSW, and
/// [`Machine::run`], which stands for letting the processor go until a trap brings control back. The other
/// methods are for observers.
pub trait Machine: Send {
    /// `SZ`, bytes.
    fn storage_size(&self) -> u32;

    /// The `length` bytes of storage at `at`.
    ///
    /// # Panics
    /// If the range does not lie below `SZ`.
    fn storage(&self, at: Physical, length: usize) -> &[u8];

    /// The `length` bytes of storage at `at`, which count as written; seen by the very next fetch.
    ///
    /// # Panics
    /// If the range does not lie below `SZ`.
    fn storage_mut(&mut self, at: Physical, length: usize) -> &mut [u8];

    /// Copies storage at `at` into `bytes`.
    ///
    /// # Panics
    /// If the range does not lie below `SZ`.
    fn read(&self, at: Physical, bytes: &mut [u8]) {
        bytes.copy_from_slice(self.storage(at, bytes.len()));
    }

    /// Copies `bytes` into storage at `at`; seen by the very next fetch.
    ///
    /// # Panics
    /// If the range does not lie below `SZ`.
    fn write(&mut self, at: Physical, bytes: &[u8]) {
        self.storage_mut(at, bytes.len()).copy_from_slice(bytes);
    }

    /// The value of a register; 0 for `x0`.
    fn register(&self, reg: Reg) -> u32;

    /// Sets a register; nothing happens for `x0`.
    fn set_register(&mut self, reg: Reg, value: u32);

    /// The PSW; of a virtual machine, the virtual PSW.
    fn psw(&self) -> Psw;

    /// The PSW, to be replaced.
    fn psw_mut(&mut self) -> &mut Psw;

    /// Replaces the PSW.
    fn set_psw(&mut self, psw: Psw) {
        *self.psw_mut() = psw;
    }

    /// Runs. A halted machine takes no steps.
    fn run(&mut self, until: Until) -> Ran;

    /// Chooses what user-mode code is run from.
    fn set_translation(&mut self, translation: Translation);

    /// The console.
    fn console(&self) -> &Console;

    /// Whether `halt` has retired since reset.
    fn halted(&self) -> bool;

    /// Steps whose trap followed another with no instruction retired between, up to now: a *trap storm* when
    /// the budget ends with two or more (principles, section 4).
    fn idle_traps(&self) -> u64;

    /// What the engine of the real machine did to go fast, if there is one to ask.
    fn engine_stats(&self) -> Stats {
        Stats::default()
    }

    /// The last exit to each monitor between this machine and the real one, the outermost first; none where there has
    /// been no exit yet. Empty for a bare machine.
    fn last_exits(&self) -> Vec<Option<Exit>> {
        Vec::new()
    }

    /// The bare machine, if this is one: what is done to it very often need not go through a table of methods.
    fn as_bare(&mut self) -> Option<&mut Bare> {
        None
    }

    /// A copy of the whole machine that goes on from here by itself.
    fn fork(&self) -> Box<dyn Machine>;

    /// The word in storage at `at`, little-endian.
    fn read_word(&self, at: Physical) -> u32 {
        let mut bytes = [0; 4];
        self.read(at, &mut bytes);
        u32::from_le_bytes(bytes)
    }

    /// The trap that slot 0 tells of, with the old PSW: [`trap_in`].
    fn last_trap(&self) -> Option<(Psw, Trap)> {
        trap_in(self.storage(SLOT_OLD, TRAP_BYTES))
    }
}
