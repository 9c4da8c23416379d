//! What the interpreter remembers of storage: slots by physical address, and marks that tell where they lie.

use super::slot::{EMPTY, Slot};
use pg32_isa::Physical;
use std::cell::{Cell, OnceCell};

/// Bytes of storage behind one allocation of slots.
const PAGE: u32 = 1 << PAGE_BITS;
const PAGE_BITS: u32 = 14;
const PAGE_SLOTS: usize = PAGE as usize / 4;
/// Bytes of storage behind one mark.
const GRANULE_BITS: u32 = 6;
/// The bytes before and behind a word in which an access of up to four bytes, or a pair, can begin or end.
const REACH: u32 = 3;

type Page = Box<[Slot]>;

/// Decoded slots for all of storage. Pages come into being when code in them is first executed.
#[derive(Debug, Default)]
pub(super) struct Cache {
    /// `SZ`.
    size: u32,
    pages: Vec<OnceCell<Page>>,
    /// One per granule: not 0 where a store of up to four bytes may hit a decoded slot. Zeroed lazily.
    marks: Vec<u8>,
    /// Slots emptied because their words were written.
    pub(super) invalidations: u64,
}

impl Cache {
    /// Makes the cache fit storage of `size` bytes.
    pub(super) fn attach(&mut self, size: u32) {
        if self.size != size {
            let pages = size.div_ceil(PAGE) as usize;
            let marks = (size >> GRANULE_BITS) as usize + 1;
            *self = Cache {
                size,
                pages: std::iter::repeat_with(OnceCell::new).take(pages).collect(),
                marks: vec![0; marks],
                invalidations: self.invalidations,
            };
        }
    }

    /// The cache as the interpreter uses it while it runs.
    pub(super) fn view(&mut self) -> View<'_> {
        View {
            pages: &self.pages,
            marks: Cell::from_mut(self.marks.as_mut_slice()).as_slice_of_cells(),
            invalidations: Cell::from_mut(&mut self.invalidations),
        }
    }
}

/// Shared access to a [`Cache`]: slots and marks change while the interpreter stands on one of them.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pages: &'a [OnceCell<Page>],
    pub(super) marks: &'a [Cell<u8>],
    invalidations: &'a Cell<u64>,
}

/// The slots that can be reached without another look at the cache: a run of words in one page that lies in
/// the segment.
#[derive(Clone, Copy)]
pub(super) struct Window<'a> {
    pub(super) slots: &'a [Slot],
    /// Virtual address of the first.
    pub(super) start: u32,
}

impl Window<'_> {
    /// The virtual address of the slot at `index`, which may have wrapped below zero.
    #[inline(always)]
    pub(super) fn address(self, index: usize) -> u32 {
        self.start.wrapping_add((index as u32).wrapping_mul(4))
    }
}

impl<'a> View<'a> {
    /// The window around virtual `pc` in the segment of `length` bytes of storage at `base`; `None` if an
    /// instruction cannot be fetched from there.
    #[inline]
    pub(super) fn window(self, base: u32, length: u32, pc: u32) -> Option<Window<'a>> {
        if !pc.is_multiple_of(4) || u64::from(pc) + 4 > u64::from(length) {
            return None;
        }
        let at = base + pc;
        let page = self.pages.get((at >> PAGE_BITS) as usize)?;
        let slots = page.get_or_init(empty_page);
        let page_start = at & !(PAGE - 1);
        let first = base.saturating_sub(page_start);
        let start = page_start + first - base;
        let first = (first / 4) as usize;
        let count = (PAGE_SLOTS - first).min(((length - start) / 4) as usize);
        Some(Window { slots: slots.get(first..first + count)?, start })
    }

    /// Marks the granules in which a store to the word at physical `at`, or the one behind it, can begin.
    #[cold]
    #[inline(never)]
    pub(super) fn mark(self, at: u32) {
        for reach in [at.saturating_sub(REACH), at + 4 + REACH] {
            if let Some(mark) = self.marks.get(mark_index(reach)) {
                mark.set(1);
            }
        }
    }

    /// Empties the slots that stand for any of the `length` bytes written at `at`.
    #[cold]
    #[inline(never)]
    pub(super) fn invalidate(self, at: Physical, length: u32) {
        if length == 0 {
            return;
        }
        let last = (at.0 + (length - 1)) / 4;
        let first = at.0 / 4;
        let mut word = first;
        while word <= last {
            let granule = word >> (GRANULE_BITS - 2);
            let behind = (granule + 1) << (GRANULE_BITS - 2);
            if self.marks.get(granule as usize).is_some_and(|mark| mark.get() != 0) {
                (word..behind.min(last + 1)).for_each(|word| self.empty(word));
            }
            word = behind;
        }
        // A pair in the word before stands for this one, too.
        if let Some(slot) = first.checked_sub(1).and_then(|word| self.slot(word))
            && slot.is_pair()
        {
            self.drop_slot(slot);
        }
    }

    fn slot(self, word: u32) -> Option<&'a Slot> {
        let page = self.pages.get((word >> (PAGE_BITS - 2)) as usize)?.get()?;
        page.get(word as usize % PAGE_SLOTS)
    }

    fn empty(self, word: u32) {
        if let Some(slot) = self.slot(word)
            && !slot.is_empty()
        {
            self.drop_slot(slot);
        }
    }

    fn drop_slot(self, slot: &Slot) {
        slot.code.set(EMPTY);
        self.invalidations.set(self.invalidations.get() + 1);
    }
}

/// Where the mark for a store at physical `at` lies in [`View::marks`].
#[inline(always)]
pub(super) fn mark_index(at: u32) -> usize {
    (at >> GRANULE_BITS) as usize
}

#[cold]
#[inline(never)]
fn empty_page() -> Page {
    vec![Slot::default(); PAGE_SLOTS].into_boxed_slice()
}
