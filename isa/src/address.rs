//! The two address spaces of one machine, as types that cannot be added up by accident.

use std::fmt;

/// An address as a program uses it: relocated by `B` and bounded by `L` before it reaches storage
/// (principles, section 2). Bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Virtual(pub u32);

/// An address in the storage of the machine at hand, `0..SZ` (principles, section 1). Bytes. For a virtual
/// machine this is a guest-physical address.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Physical(pub u32);

impl fmt::Display for Virtual {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#010x}", self.0)
    }
}

impl fmt::Display for Physical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#010x}", self.0)
    }
}

impl Physical {
    /// The address `offset` bytes further on. The caller has checked that it lies in storage.
    #[must_use]
    pub fn offset(self, offset: u32) -> Self {
        Physical(self.0.wrapping_add(offset))
    }
}
