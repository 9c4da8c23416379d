//! The program status word and its five-word form in storage (principles, sections 1 and 4).

use crate::Cause;
use std::fmt;

/// Bytes that a PSW takes in storage: status, `B`, `L`, `PC`, `T`.
pub const PSW_BYTES: u32 = 20;

/// The mode `M`.
// As wide as the other fields of a PSW: one without gaps is quickly moved.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u32)]
pub enum Mode {
    /// `s`: privileged instructions execute.
    Supervisor,
    /// `u`: privileged instructions trap.
    User,
}

impl Mode {
    /// Bit 0 of the status word: 0 = s, 1 = u; every other bit is ignored.
    #[must_use]
    pub const fn from_bit(word: u32) -> Self {
        if word & 1 == 0 { Mode::Supervisor } else { Mode::User }
    }

    /// 0 for supervisor, 1 for user.
    #[must_use]
    pub const fn bit(self) -> u32 {
        matches!(self, Mode::User) as u32
    }

    /// The letter the paper uses: `s` or `u`.
    #[must_use]
    pub const fn letter(self) -> &'static str {
        match self {
            Mode::Supervisor => "s",
            Mode::User => "u",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.letter())
    }
}

/// The program status word: `(M, B, L, PC)` of the paper, and the interval timer `T`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Psw {
    /// `M`.
    pub mode: Mode,
    /// `B`, bytes; always a multiple of 4 (see [`Psw::with_segment`]).
    pub base: u32,
    /// `L`, bytes; any value.
    pub limit: u32,
    /// `PC`, a virtual address; any value.
    pub pc: u32,
    /// `T`, instructions until the timer trap; 0 = off.
    pub timer: u32,
}

impl Psw {
    /// The PSW at reset: `(s, 0, SZ, entry, 0)`. `size` in bytes.
    #[must_use]
    pub const fn reset(size: u32, entry: u32) -> Self {
        Psw { mode: Mode::Supervisor, base: 0, limit: size, pc: entry, timer: 0 }
    }

    /// The PSW with `B` and `L` replaced; the low two bits of `B` are dropped (principles, section 1).
    #[must_use]
    pub const fn with_segment(mut self, base: u32, limit: u32) -> Self {
        self.base = base & !3;
        self.limit = limit;
        self
    }

    /// The PSW that five words in storage stand for. Any words will do.
    #[must_use]
    #[inline]
    pub const fn from_words(words: [u32; 5]) -> Self {
        let [status, base, limit, pc, timer] = words;
        Psw { mode: Mode::from_bit(status), base: base & !3, limit, pc, timer }
    }

    /// The five words of this PSW with cause 0, as `spsw` stores them.
    #[must_use]
    #[inline]
    pub const fn to_words(self) -> [u32; 5] {
        [self.mode.bit(), self.base, self.limit, self.pc, self.timer]
    }

    /// The five words of this PSW with `cause` in the status word, as a trap stores them.
    #[must_use]
    #[inline]
    pub const fn to_trap_words(self, cause: Cause) -> [u32; 5] {
        let mut words = self.to_words();
        words[0] |= (cause as u32) << 8;
        words
    }
}

/// The little-endian bytes of five words, and back: the form that `lpsw`, `spsw` and traps move.
impl Psw {
    /// The PSW in 20 bytes of storage.
    #[must_use]
    #[inline]
    pub fn from_bytes(bytes: &[u8; PSW_BYTES as usize]) -> Self {
        let mut words = [0; 5];
        for (word, chunk) in words.iter_mut().zip(bytes.chunks_exact(4)) {
            *word = u32::from_le_bytes(chunk.try_into().expect("chunks of four"));
        }
        Psw::from_words(words)
    }

    /// The 20 bytes of this PSW with cause 0.
    #[must_use]
    #[inline]
    pub fn to_bytes(self) -> [u8; PSW_BYTES as usize] {
        let mut bytes = [0; PSW_BYTES as usize];
        for (chunk, word) in bytes.chunks_exact_mut(4).zip(self.to_words()) {
            chunk.copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }
}
