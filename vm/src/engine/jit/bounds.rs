//! What accesses are held to: numbers in the code of a translation, which then holds for them alone, or what the frame
//! says whenever it is entered.

use pg32_isa::Insn;
use std::ops::Range;

/// What the accesses of a translation are held to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Bounds {
    /// The segment has `length` bytes, at least [`super::frame::LIMITS`], and nothing was derived from what lies in it from virtual
    /// `floor` on.
    Known { length: u32, floor: u32 },
    /// Whatever is found at entry.
    AtHand,
}

impl Bounds {
    /// Those for the segment of `storage` whose marks end at physical `unmarked`.
    ///
    /// Code that has not been executed yet will be: the floor lies behind what looks like it, too.
    pub(super) fn of(storage: &[u8], segment: Range<usize>, unmarked: u32) -> Self {
        let marked = segment.end.min(unmarked as usize);
        let words = storage[marked..segment.end].as_chunks().0.iter().take(FARTHEST);
        let code = words.take_while(|&&word| Insn::decode(u32::from_le_bytes(word)).is_some()).count();
        Bounds::Known { length: segment.len() as u32, floor: (marked + 4 * code - segment.start) as u32 }
    }

    /// Whether they hold in a segment of `length` bytes from whose virtual `floor` on nothing was derived.
    pub(super) fn hold(self, length: u32, floor: u32) -> bool {
        match self {
            Bounds::Known { length: known, floor: highest } => length == known && floor <= highest,
            Bounds::AtHand => true,
        }
    }

    /// The length of the segment, if it is known.
    pub(super) fn length(self) -> Option<u32> {
        match self {
            Bounds::Known { length, .. } => Some(length),
            Bounds::AtHand => None,
        }
    }

    /// The floor, if it is known.
    pub(super) fn floor(self) -> Option<u32> {
        match self {
            Bounds::Known { floor, .. } => Some(floor),
            Bounds::AtHand => None,
        }
    }

    /// Whether `length` bytes at virtual `address` are known to lie in the segment.
    pub(super) fn allow(self, address: u32, length: usize) -> bool {
        self.length().is_some_and(|known| u64::from(address) + length as u64 <= u64::from(known))
    }

    /// Whether nothing was derived from what lies at virtual `address` and behind it, as far as is known.
    pub(super) fn are_below(self, address: u32) -> bool {
        self.floor().is_some_and(|floor| floor <= address)
    }
}

/// Words that are looked at for code that has not been executed.
const FARTHEST: usize = 1 << 14;
