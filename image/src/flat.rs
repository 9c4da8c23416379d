//! The flat form: bytes from physical 0 on, entered at 0x80 (principles, section 1).

use crate::{Image, Segment};

/// Where a flat image is entered: behind the trap area.
pub const FLAT_ENTRY: u32 = 0x80;

impl Image {
    /// The image of a flat file: `bytes` loaded at 0, entered at [`FLAT_ENTRY`].
    #[must_use]
    pub fn from_flat(bytes: Vec<u8>) -> Self {
        let size = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let segment =
            Segment { name: ".flat".into(), address: 0, bytes, size, executable: true, writable: true };
        Image { segments: vec![segment], entry: FLAT_ENTRY, ..Image::default() }
    }

    /// The image as a flat file: every byte from 0 to the last one that is not implied zero.
    ///
    /// A flat file carries neither entry nor symbols; whoever writes one checks that the entry is
    /// [`FLAT_ENTRY`]. `limit` bounds the length in bytes; `None` if the image is longer.
    #[must_use]
    pub fn to_flat(&self, limit: u64) -> Option<Vec<u8>> {
        let end =
            |s: &Segment| if s.bytes.is_empty() { 0 } else { u64::from(s.address) + s.bytes.len() as u64 };
        let length = self.segments.iter().map(end).max().unwrap_or(0);
        if length > limit {
            return None;
        }
        let mut flat = vec![0; usize::try_from(length).ok()?];
        for segment in &self.segments {
            let start = segment.address as usize;
            if !segment.bytes.is_empty() {
                flat[start..start + segment.bytes.len()].copy_from_slice(&segment.bytes);
            }
        }
        Some(flat)
    }
}
