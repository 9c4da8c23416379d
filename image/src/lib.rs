//! What the assembler makes and the machine boots: segments of bytes, an entry, symbols and source lines.
//!
//! An image is data about physical storage. It knows no source language and no machine: the assembler fills
//! it, files are one form of it, the machine copies its segments into storage at reset.

#![forbid(unsafe_code)]

mod dis;
mod elf;
mod flat;
mod hex;
mod lines;
mod symbols;

pub use elf::{ELF_MAGIC, ImageError};
pub use flat::FLAT_ENTRY;
pub use lines::{Line, LineTable, Source, SourceId};
pub use symbols::{Place, Symbol, SymbolKind, Symbols};

/// A run of storage that the image defines.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Segment {
    /// The section it came from (`.text`, …), or a name made up for a form that has none.
    pub name: String,
    /// Physical address of the first byte.
    pub address: u32,
    /// The bytes it starts with.
    pub bytes: Vec<u8>,
    /// Bytes that it takes in storage: at least `bytes.len()`; the rest is zero and takes no room in a file.
    pub size: u32,
    /// Whether it holds instructions.
    pub executable: bool,
    /// Whether it is meant to be written. The machine does not ask: storage has no permissions.
    pub writable: bool,
}

impl Segment {
    /// The physical address behind its last byte, in 64 bits because it may be 2^32.
    #[must_use]
    pub fn end(&self) -> u64 {
        u64::from(self.address) + u64::from(self.size)
    }
}

/// A bootable image.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Image {
    /// In order of address; they do not overlap.
    pub segments: Vec<Segment>,
    /// The virtual address at which the machine starts (principles, section 1: `B = 0` at reset).
    pub entry: u32,
    /// What its labels and constants are called.
    pub symbols: Symbols,
    /// Which source line each address came from.
    pub lines: LineTable,
}

impl Image {
    /// The least `SZ` in bytes that holds every segment, in 64 bits because nothing bounds it.
    #[must_use]
    pub fn extent(&self) -> u64 {
        self.segments.iter().map(Segment::end).max().unwrap_or(0)
    }

    /// Whether the image defines any byte of storage.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.segments.iter().all(|s| s.size == 0)
    }

    /// The byte of the image at physical `address`; zero outside every segment, as storage is at reset.
    #[must_use]
    pub fn byte(&self, address: u32) -> u8 {
        let index = self.segments.partition_point(|s| s.end() <= u64::from(address));
        let Some(segment) = self.segments.get(index) else { return 0 };
        let offset = address.checked_sub(segment.address).map(|o| o as usize);
        offset.and_then(|o| segment.bytes.get(o)).copied().unwrap_or(0)
    }
}
