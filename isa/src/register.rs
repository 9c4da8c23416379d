//! The general registers and their names (RISC-V ABI names, RISC-V ELF psABI chapter 1).

use std::fmt;

/// One of the 32 general registers; `x0` reads as 0 and ignores writes. The number is always below 32.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Reg(u8);

const ABI_NAMES: [&str; 32] = [
    "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4", "a5", "a6",
    "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
];

impl Reg {
    /// `x0`, the register that is always 0.
    pub const ZERO: Reg = Reg(0);
    /// `x1`, the return address.
    pub const RA: Reg = Reg(1);
    /// `x2`, the stack pointer.
    pub const SP: Reg = Reg(2);
    /// `x6`, the temporary that `tail` and far jumps clobber.
    pub const T1: Reg = Reg(6);
    /// `x10`, first argument and, by convention, the exit status on `halt`.
    pub const A0: Reg = Reg(10);

    /// Register `number`, which must be below 32.
    #[must_use]
    #[inline]
    pub const fn new(number: u8) -> Self {
        assert!(number < 32, "a register number is five bits wide");
        Reg(number)
    }

    /// The register in the five-bit field of `word` whose lowest bit is `shift`.
    #[must_use]
    pub const fn from_field(word: u32, shift: u32) -> Self {
        Reg(((word >> shift) & 31) as u8)
    }

    /// The register number, below 32.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }

    /// The register number as an index into a register file.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// The ABI name: `zero`, `ra`, `sp`, …
    #[must_use]
    pub const fn name(self) -> &'static str {
        ABI_NAMES[self.0 as usize]
    }

    /// The register called `name`: an ABI name, `fp` for `s0`, or `x0` to `x31` without leading zeros.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        if name == "fp" {
            return Some(Reg(8));
        }
        if let Some(index) = ABI_NAMES.iter().position(|n| *n == name) {
            return Some(Reg(index as u8));
        }
        let digits = name.strip_prefix('x')?;
        let canonical = digits == "0" || !digits.starts_with('0');
        if !canonical || digits.len() > 2 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        digits.parse().ok().filter(|n| *n < 32).map(Reg)
    }

    /// All registers, in order.
    pub fn all() -> impl Iterator<Item = Reg> {
        (0..32).map(Reg)
    }
}

impl fmt::Display for Reg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for Reg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
