//! The state of the bare machine (principles, section 1).

use crate::{Console, Processor, Registers};
use pg32_isa::{Physical, Psw, Reg};
use std::fmt;

/// Least `SZ`, bytes.
const MIN_SIZE: u64 = 128;
/// Greatest `SZ`, bytes.
const MAX_SIZE: u64 = 1 << 31;

/// A number of bytes that is no `SZ`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SizeError {
    /// The number that was asked for.
    pub size: u64,
}

impl fmt::Display for SizeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rule = "storage is a multiple of 4, at least 128 bytes and at most 2^31";
        write!(f, "{} bytes of storage are not possible: {rule}", self.size)
    }
}

impl std::error::Error for SizeError {}

/// `size` bytes as an `SZ`: a multiple of 4, at least 128, at most 2^31.
pub fn check_size(size: u64) -> Result<u32, SizeError> {
    let allowed = size.is_multiple_of(4) && (MIN_SIZE..=MAX_SIZE).contains(&size);
    if allowed { Ok(size as u32) } else { Err(SizeError { size }) }
}

/// Storage, registers, PSW, console and the halted indicator: everything the machine is made of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct State {
    /// `E`; its length is `SZ`. Zeroed pages cost nothing until they are touched.
    pub storage: Vec<u8>,
    /// `x0..x31`; `x[0]` is always 0.
    pub x: Registers,
    /// The PSW.
    pub psw: Psw,
    /// The console.
    pub console: Console,
    /// Set by `halt`.
    pub halted: bool,
}

impl State {
    /// The state at reset, with empty storage of `size` bytes (see [`check_size`]).
    #[must_use]
    pub fn reset(size: u32, entry: u32, console: Console) -> Self {
        State {
            storage: vec![0; size as usize],
            x: Registers::zero(),
            psw: Psw::reset(size, entry),
            console,
            halted: false,
        }
    }
}

impl Processor for State {
    #[inline]
    fn storage_size(&self) -> u32 {
        self.storage.len() as u32
    }

    #[inline]
    fn read(&self, at: Physical, bytes: &mut [u8]) {
        let at = at.0 as usize;
        bytes.copy_from_slice(&self.storage[at..at + bytes.len()]);
    }

    #[inline]
    fn write(&mut self, at: Physical, bytes: &[u8]) {
        let at = at.0 as usize;
        self.storage[at..at + bytes.len()].copy_from_slice(bytes);
    }

    #[inline]
    fn register(&self, reg: Reg) -> u32 {
        self.x[reg.index()]
    }

    #[inline]
    fn set_register(&mut self, reg: Reg, value: u32) {
        self.x[reg.index()] = value;
        self.x[0] = 0;
    }

    #[inline]
    fn psw(&self) -> Psw {
        self.psw
    }

    #[inline]
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
