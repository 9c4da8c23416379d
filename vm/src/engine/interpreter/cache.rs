//! What is remembered of storage: slots by physical address, and marks that tell where something lies that
//! was derived from it.

use super::slot::{Code, Slot};
use pg32_isa::Physical;
use std::cell::{Cell, OnceCell, RefCell};
use std::ops::Range;

/// Bytes of storage behind one allocation of slots: so many that the host's allocator asks its system for it, which
/// gives memory as it is touched. Guests of tests are small, and shall cross the borders of these pages, too.
const PAGE: u32 = 1 << PAGE_BITS;
const PAGE_BITS: u32 = if cfg!(debug_assertions) { 12 } else { 16 };
const PAGE_SLOTS: usize = PAGE as usize / 4;
/// Bytes of storage behind one row of marks, as a power of 2: a bit for each of its words.
pub(in crate::engine) const GRANULE_BITS: u32 = 6;

/// Bytes of storage that are passed over at once where nothing in them is marked.
const STRETCH: u32 = 1 << STRETCH_BITS;
const STRETCH_BITS: u32 = 12;

type Page = Box<[Slot]>;

/// Decoded slots for all of storage, and where the tier above has translations. Pages come into being when
/// code in them is first executed. The host zeroes both lazily: what is not touched costs nothing.
#[derive(Debug, Default)]
pub(in crate::engine) struct Cache {
    /// `SZ`.
    size: u32,
    pages: Vec<OnceCell<Page>>,
    /// A word's bit is set where a decoded slot or a translation stands, or once stood, for it. Bit 16 says
    /// the same of the first word of the next granule, so that one row tells all about a store of up to four
    /// bytes that begins in its granule. Bits are never cleared.
    marks: Vec<Cell<u32>>,
    /// A word's bit is set where a translation stands for it.
    translated: Vec<Cell<u16>>,
    dropped: Dropped,
    marked: Marked,
    /// What [`Cache::unmarked_from`] answered last for some segments, and how many bits were set by then.
    answers: [(Range<usize>, u64, u32); ANSWERS],
}

/// How far marks go.
#[derive(Debug, Default)]
struct Marked {
    /// Physical address behind the last word that has one.
    to: Cell<u32>,
    /// Bits that were set, ever.
    bits: Cell<u64>,
    /// Whether any are set, by [`STRETCH`].
    stretches: Vec<Cell<bool>>,
}

/// What was dropped because it was written.
#[derive(Debug, Default)]
struct Dropped {
    /// Words that a translation stood for, since [`Cache::take_stale`].
    stale: RefCell<Vec<u32>>,
    /// Slots and translated words, ever.
    count: Cell<u64>,
}

/// Segments for which it is remembered where marks end.
const ANSWERS: usize = 8;

impl Cache {
    /// Makes the cache fit storage of `size` bytes.
    #[inline]
    pub(super) fn attach(&mut self, size: u32) {
        if self.size != size {
            self.resize(size);
        }
    }

    #[cold]
    fn resize(&mut self, size: u32) {
        let pages = size.div_ceil(PAGE) as usize;
        let granules = (size >> GRANULE_BITS) as usize + 1;
        *self = Cache {
            size,
            pages: std::iter::repeat_with(OnceCell::new).take(pages).collect(),
            marks: bytemuck::zeroed_vec(granules),
            translated: bytemuck::zeroed_vec(granules),
            marked: Marked {
                stretches: bytemuck::zeroed_vec(size.div_ceil(STRETCH) as usize),
                ..Marked::default()
            },
            dropped: Dropped { count: self.dropped.count.clone(), ..Dropped::default() },
            ..Cache::default()
        };
    }

    /// How many slots and translated words were dropped because they were written.
    pub(super) fn invalidations(&self) -> u64 {
        self.dropped.count.get()
    }
}

/// What the tier above tells and asks.
impl Cache {
    /// Rows of marks, one for each granule of storage.
    pub(in crate::engine) fn marks(&self) -> &[Cell<u32>] {
        &self.marks
    }

    /// The physical address from which on no word of `segment`, physical addresses, is marked.
    pub(in crate::engine) fn unmarked_from(&mut self, segment: Range<usize>) -> u32 {
        let (start, end) = (segment.start as u32, segment.end as u32);
        if self.marked.to.get() <= end {
            return self.marked.to.get().max(start);
        }
        let answer = &mut self.answers[(start >> GRANULE_BITS) as usize % ANSWERS];
        if answer.0 != segment || answer.1 != self.marked.bits.get() {
            let end_of_marks = |row: u32| {
                let words = u16::BITS - (self.marks[row as usize].get() as u16).leading_zeros();
                (words > 0).then_some((row << GRANULE_BITS) + 4 * words)
            };
            let is_marked = |stretch: &u32| self.marked.stretches[*stretch as usize].get();
            let rows = |stretch: u32| {
                let first = (stretch << STRETCH_BITS).max(start) >> GRANULE_BITS;
                let last = (stretch << STRETCH_BITS) + (STRETCH - 1);
                (first..=last.min(end.saturating_sub(1)) >> GRANULE_BITS).rev()
            };
            let stretches = (start >> STRETCH_BITS..=end.saturating_sub(1) >> STRETCH_BITS).rev();
            let last = stretches.filter(is_marked).flat_map(rows).find_map(end_of_marks);
            *answer = (segment, self.marked.bits.get(), last.unwrap_or(start).max(start));
        }
        answer.2
    }

    /// Whether the word at physical `at` has been executed, or decoded with one that was.
    pub(in crate::engine) fn has_run(&self, at: u32) -> bool {
        self.marks.get(mark_index(at)).is_some_and(|row| row.get() >> (at / 4 % 16) & 1 != 0)
    }

    /// A translation stands for the word at physical `at` from now on.
    pub(in crate::engine) fn set_translated(&self, at: u32) {
        self.mark(at, false);
        if let Some(row) = self.translated.get(mark_index(at)) {
            row.set(row.get() | mark_bit(at / 4));
        }
    }

    /// Whether [`Cache::take_stale`] has anything to tell.
    #[inline]
    pub(in crate::engine) fn is_any_stale(&mut self) -> bool {
        !self.dropped.stale.get_mut().is_empty()
    }

    /// Words that were written although a translation stood for them.
    pub(in crate::engine) fn take_stale(&mut self) -> Vec<u32> {
        std::mem::take(self.dropped.stale.get_mut())
    }

    /// Makes execution of the word at physical `at` lead to [`super::Tier::enter`] with `id`.
    pub(in crate::engine) fn set_entry(&self, at: u32, id: u32) {
        if let Some(page) = self.page(at >> PAGE_BITS) {
            page[(at / 4) as usize % PAGE_SLOTS].set_entry(id);
        }
        // Its slot held the fields of the second.
        if let Some(pair) = self.pair_before(at / 4) {
            pair.code.set(Code::Empty);
        }
    }

    /// Whether execution of the word at physical `at` leads to [`super::Tier::enter`].
    pub(in crate::engine) fn is_entry(&self, at: u32) -> bool {
        self.slot(at / 4).is_some_and(Slot::is_any_entry)
    }

    /// Ends what [`Cache::set_entry`] began, if it still holds.
    pub(in crate::engine) fn clear_entry(&self, at: u32, id: u32) {
        if let Some(slot) = self.slot(at / 4).filter(|slot| slot.is_entry(id)) {
            slot.code.set(Code::Empty);
        }
    }
}

/// The slots that can be reached without another look at the cache: those of a run of words in one page, all in the
/// segment. The last is there for the second of a pair alone, and may be the one that ends a page.
#[derive(Clone, Copy)]
pub(super) struct Window<'a> {
    pub(super) slots: &'a [Slot],
    /// Virtual address of the first.
    pub(super) start: u32,
}

impl<'a> Window<'a> {
    /// The slots before index `stop`.
    #[inline(always)]
    pub(super) fn before(self, stop: usize) -> &'a [Slot] {
        &self.slots[..stop.min(self.slots.len())]
    }

    /// The virtual address of the slot at `index`, which may have wrapped below zero.
    #[inline(always)]
    pub(super) fn address(self, index: u32) -> u32 {
        self.start.wrapping_add(index.wrapping_mul(4))
    }
}

/// The row of marks that holds the bit for the word at physical `at`.
#[inline(always)]
pub(super) fn mark_index(at: u32) -> usize {
    (at >> GRANULE_BITS) as usize
}

/// The bit of word number `word` in its row.
fn mark_bit(word: u32) -> u16 {
    1 << (word % 16)
}

/// What the interpreter asks, and tells while it stands on a slot.
impl Cache {
    /// The window around virtual `pc` in the segment of `length` bytes of storage at `base`; `None` if an
    /// instruction cannot be fetched from there.
    #[inline(never)] // The loop that calls it must keep its host registers.
    pub(super) fn window(&self, base: u32, length: u32, pc: u32) -> Option<Window<'_>> {
        if !pc.is_multiple_of(4) || u64::from(pc) + 4 > u64::from(length) {
            return None;
        }
        let page_start = (base + pc) & !(PAGE - 1);
        let Some(slots) = self.pages.get((page_start >> PAGE_BITS) as usize)?.get() else {
            return self.first_window(base, length, pc);
        };
        let first = page_start.max(base);
        let start = first - base;
        let slots = slots.get(((first - page_start) / 4) as usize..)?;
        let count = slots.len().min(((length - start) / 4) as usize);
        Some(Window { slots: &slots[..count], start })
    }

    /// As [`Cache::window`], of a page that has no slots yet.
    #[cold]
    #[inline(never)]
    fn first_window(&self, base: u32, length: u32, pc: u32) -> Option<Window<'_>> {
        self.page((base + pc) >> PAGE_BITS)?;
        self.window(base, length, pc)
    }

    /// The page numbered `page`, which comes into being if need be; `None` if storage ends before it. Its last slot
    /// stands for no word: see [`Window`].
    fn page(&self, page: u32) -> Option<&[Slot]> {
        let slots = self.pages.get(page as usize)?;
        Some(slots.get_or_init(|| {
            let bytes = (self.size - (page << PAGE_BITS)).min(PAGE);
            bytemuck::zeroed_slice_box(bytes as usize / 4 + 1)
        }))
    }

    /// Marks the word at physical `at`, and the one behind it if it is `paired` with that.
    pub(super) fn mark(&self, at: u32, paired: bool) {
        let add = |row: usize, bits: u32| {
            if let Some(row) = self.marks.get(row)
                && row.get() | bits != row.get()
            {
                row.set(row.get() | bits);
                self.marked.bits.set(self.marked.bits.get() + 1);
            }
        };
        for word in at / 4..=at / 4 + u32::from(paired) {
            let row = mark_index(word * 4);
            self.marked.to.set(self.marked.to.get().max(word * 4 + 4));
            add(row, 1 << (word % 16));
            if let Some(stretch) = self.marked.stretches.get((word / (STRETCH / 4)) as usize) {
                stretch.set(true);
            }
            if word % 16 == 0 && row > 0 {
                add(row - 1, 1 << 16);
            }
        }
    }

    /// Drops what stands for any of the `length` bytes written at `at`.
    #[inline]
    pub(super) fn invalidate(&self, at: Physical, length: u32) {
        if length > 0 {
            let (first, last) = (at.0 / 4, (at.0 + (length - 1)) / 4);
            if self.is_marked(first, last) {
                self.drop_words(first, last);
            }
        }
    }

    /// Whether anything stands, or once stood, for a word of those from `first` to `last`, by the rows of marks.
    #[inline]
    fn is_marked(&self, first: u32, last: u32) -> bool {
        let row = |number: u32| self.marks.get(number as usize).map_or(0, Cell::get);
        let (top, bottom) = (first / 16, last / 16);
        if top == bottom {
            let words = u32::MAX >> (31 - (last - first));
            return row(top) & words << (first % 16) != 0;
        }
        (top..=bottom).any(|number| row(number) & 0xffff != 0)
    }

    /// Drops what stands for the words from `first` to `last`.
    #[cold]
    #[inline(never)]
    fn drop_words(&self, first: u32, last: u32) {
        for row in first / 16..=last / 16 {
            if self.marks.get(row as usize).is_some_and(|row| row.get() & 0xffff != 0) {
                let words = first.max(row * 16)..=last.min(row * 16 + 15);
                words.for_each(|word| self.drop_word(word));
            }
        }
        // A pair in the word before stands for this one, too.
        if let Some(pair) = self.pair_before(first) {
            self.empty(pair);
        }
    }

    /// The slot that stands for word number `word` as the second of a pair.
    fn pair_before(&self, word: u32) -> Option<&Slot> {
        self.slot(word.checked_sub(1)?).filter(|slot| slot.is_pair())
    }

    /// The slot of word number `word`, if there is one.
    #[inline]
    pub(super) fn slot(&self, word: u32) -> Option<&Slot> {
        let page = self.pages.get((word >> (PAGE_BITS - 2)) as usize)?.get()?;
        page.get(word as usize % PAGE_SLOTS)
    }

    /// Drops whatever stands for word number `word`.
    fn drop_word(&self, word: u32) {
        if let Some(slot) = self.slot(word)
            && !slot.is_empty()
        {
            self.empty(slot);
        }
        if let Some(row) = self.translated.get(mark_index(word * 4))
            && row.get() & mark_bit(word) != 0
        {
            row.set(row.get() & !mark_bit(word));
            self.dropped.stale.borrow_mut().push(word * 4);
            self.count();
        }
    }

    fn empty(&self, slot: &Slot) {
        slot.code.set(Code::Empty);
        self.count();
    }

    fn count(&self) {
        self.dropped.count.set(self.dropped.count.get() + 1);
    }
}
