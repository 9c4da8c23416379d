//! A state of the machine under test, of any size: the paper's `S = (E, M, P, R)` with registers and console.

use pg32_isa::{Physical, Psw, Reg};
use pg32_vm::{Console, Processor};

/// A state. Unlike the bare machine's it may have less storage than the principles allow (section 1), so that
/// all states of an instance can be enumerated.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Probe {
    /// `E`; its length is `SZ`.
    pub storage: Vec<u8>,
    /// `G`, the general registers; `x[0]` is always 0.
    pub x: [u32; 32],
    /// `M`, `P` (the PC), `R` (base and limit), and the timer.
    pub psw: Psw,
    /// The console.
    pub console: Console,
    /// Set by `halt`.
    pub halted: bool,
    /// Something was stored behind the end of storage. A trap does so where the storage is too small for its
    /// slots, which is harmless, because nothing looks at the state behind a trap.
    pub overrun: bool,
}

impl Probe {
    /// A state with `size` bytes of empty storage and everything else at reset.
    #[must_use]
    pub fn new(size: u32) -> Self {
        Probe {
            storage: vec![0; size as usize],
            x: [0; 32],
            psw: Psw::reset(size, 0),
            console: Console::default(),
            halted: false,
            overrun: false,
        }
    }

    /// Becomes a copy of `other`, in the storage that is already there.
    pub(crate) fn copy(&mut self, other: &Probe) {
        self.storage.clone_from(&other.storage);
        self.x = other.x;
        self.psw = other.psw;
        if !self.has_console_of(other) {
            self.console = other.console.clone();
        }
        self.halted = other.halted;
        self.overrun = other.overrun;
    }

    /// Whether the consoles are equal. They nearly always are, and the test runs millions of times, so tapes are
    /// known by their address and empty logs are not compared byte by byte.
    pub(crate) fn has_console_of(&self, other: &Probe) -> bool {
        let (a, b) = (&self.console, &other.console);
        let same_log =
            a.output().len() == b.output().len() && (a.output().is_empty() || a.output() == b.output());
        let same_tape = std::ptr::eq(a.input(), b.input()) || a.input() == b.input();
        same_log && same_tape && a.position() == b.position()
    }

    /// The part of `at..at + length` that lies in storage.
    fn range(&self, at: Physical, length: usize) -> std::ops::Range<usize> {
        let clip = |index: usize| index.min(self.storage.len());
        clip(at.0 as usize)..clip((at.0 as usize).saturating_add(length))
    }
}

impl Processor for Probe {
    fn storage_size(&self) -> u32 {
        self.storage.len() as u32
    }

    fn read(&self, at: Physical, bytes: &mut [u8]) {
        let range = self.range(at, bytes.len());
        let (there, missing) = bytes.split_at_mut(range.len());
        there.copy_from_slice(&self.storage[range]);
        missing.fill(0);
    }

    fn write(&mut self, at: Physical, bytes: &[u8]) {
        let range = self.range(at, bytes.len());
        self.overrun |= range.len() < bytes.len();
        let length = range.len();
        self.storage[range].copy_from_slice(&bytes[..length]);
    }

    fn register(&self, reg: Reg) -> u32 {
        self.x[reg.index()]
    }

    fn set_register(&mut self, reg: Reg, value: u32) {
        self.x[reg.index()] = value;
        self.x[0] = 0;
    }

    fn psw(&self) -> Psw {
        self.psw
    }

    fn set_psw(&mut self, psw: Psw) {
        self.psw = psw;
    }

    fn console_mut(&mut self) -> &mut Console {
        &mut self.console
    }

    fn set_halted(&mut self) {
        self.halted = true;
    }
}
