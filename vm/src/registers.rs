//! The register file, with the room beside it that engines work in.

use std::fmt;
use std::ops::{Index, IndexMut};

/// `x0..x31` (principles, section 1).
///
/// Engines execute on it in place, so that running for a single step copies nothing. What they keep in the room
/// beside the registers is no part of the state: it is never compared nor shown.
#[derive(Clone)]
#[repr(C, align(64))]
pub struct Registers {
    /// Room for the compiled engine.
    pub(crate) wide: [u64; 6],
    /// The registers; then one that writes to `x0` may go to. As many as a byte can index, so that no index
    /// needs a check.
    pub(crate) words: [u32; 256],
}

impl Registers {
    /// All registers 0, as at reset.
    #[must_use]
    pub fn zero() -> Self {
        Registers { wide: [0; 6], words: [0; 256] }
    }

    /// The registers by number.
    #[must_use]
    pub fn as_array(&self) -> &[u32; 32] {
        self.words.first_chunk().expect("there are 32 registers")
    }
}

impl From<[u32; 32]> for Registers {
    fn from(x: [u32; 32]) -> Self {
        let mut registers = Registers::zero();
        registers.words[..32].copy_from_slice(&x);
        registers
    }
}

/// By number, below 32.
impl Index<usize> for Registers {
    type Output = u32;

    #[inline]
    fn index(&self, number: usize) -> &u32 {
        &self.as_array()[number]
    }
}

impl IndexMut<usize> for Registers {
    #[inline]
    fn index_mut(&mut self, number: usize) -> &mut u32 {
        &mut self.words[..32][number]
    }
}

impl PartialEq for Registers {
    fn eq(&self, other: &Self) -> bool {
        self.as_array() == other.as_array()
    }
}

impl Eq for Registers {}

impl fmt::Debug for Registers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_array().fmt(f)
    }
}
