//! What an instruction's meaning may touch, wherever it is kept.

use crate::Console;
use pg32_isa::{Physical, Psw, Reg};

/// A processor and its storage as the principles describe them: the bare machine's own state, or a virtual
/// machine's as its monitor keeps it. Instruction meanings are written against this and nothing else.
pub trait Processor {
    /// `SZ`, bytes.
    fn storage_size(&self) -> u32;

    /// Copies storage at `at` into `bytes`. The whole range lies below `SZ`.
    fn read(&self, at: Physical, bytes: &mut [u8]);

    /// Copies `bytes` into storage at `at`. The whole range lies below `SZ`.
    fn write(&mut self, at: Physical, bytes: &[u8]);

    /// The value of a register; 0 for `x0`.
    fn register(&self, reg: Reg) -> u32;

    /// Sets a register; nothing happens for `x0`.
    fn set_register(&mut self, reg: Reg, value: u32);

    /// The PSW. For a virtual machine this is the virtual PSW.
    fn psw(&self) -> Psw;

    /// Replaces the PSW.
    fn set_psw(&mut self, psw: Psw);

    /// The console behind ports 0 and 1.
    fn console_mut(&mut self) -> &mut Console;

    /// Stops the machine: `halt` retired.
    fn set_halted(&mut self);

    /// The word in storage at `at`, little-endian.
    #[inline]
    fn read_word(&self, at: Physical) -> u32 {
        let mut bytes = [0; 4];
        self.read(at, &mut bytes);
        u32::from_le_bytes(bytes)
    }
}
