//! Where a translation finds itself: the segment that it was made in. Numbers in its code say so, and it holds for that
//! segment alone; unless it is made for any, and asks the frame.

use pg32_isa::Insn;
use std::ops::Range;

/// The segment that a translation was made in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Bounds {
    /// `B`.
    pub(super) base: u32,
    /// Bytes in the segment, as far as it lies in storage.
    pub(super) length: u32,
    /// A virtual address: nothing was derived from what lies in the segment from there on.
    pub(super) floor: u32,
}

/// Words that are looked at for code that has not been executed.
const FARTHEST: usize = 1 << 14;

impl Bounds {
    /// Those of `segment` in `storage`, whose marks end at physical `unmarked`.
    ///
    /// Code that has not been executed yet will be: the floor lies behind what looks like it, too.
    pub(super) fn of(storage: &[u8], segment: &Range<usize>, unmarked: u32) -> Self {
        let marked = segment.end.min(unmarked as usize);
        let words = storage[marked..segment.end].as_chunks().0.iter().take(FARTHEST);
        let code = words.take_while(|&&word| Insn::decode(u32::from_le_bytes(word)).is_some()).count();
        let floor = (marked + 4 * code - segment.start) as u32;
        Bounds { base: segment.start as u32, length: segment.len() as u32, floor }
    }

    /// Whether they hold in `segment`, whose marks end at physical `unmarked`.
    pub(super) fn hold(self, segment: &Range<usize>, unmarked: u32) -> bool {
        let (base, length) = (segment.start as u32, segment.len() as u32);
        (self.base, self.length) == (base, length) && unmarked.saturating_sub(base) <= self.floor
    }

    /// Whether `length` bytes at virtual `address` lie in the segment.
    pub(super) fn allow(self, address: u32, length: usize) -> bool {
        u64::from(address) + length as u64 <= u64::from(self.length)
    }
}
