//! The allocator: which part of real storage belongs to which virtual machine.
//!
//! Windows are disjoint, lie behind the monitor's own storage, and are reused first fit when they are freed.

use crate::map::{HostPhysical, Window};

/// Bytes at the start of real storage that are the monitor's own: the trap area. No window overlaps them.
pub const MONITOR_BYTES: u32 = 0x80;

/// The windows handed out so far.
#[derive(Clone, Debug)]
pub struct Allocator {
    /// Bytes of real storage.
    size: u32,
    /// In order of address.
    taken: Vec<Window>,
}

impl Allocator {
    /// An allocator for real storage of `size` bytes, all free but the monitor's own.
    #[must_use]
    pub fn new(size: u32) -> Self {
        Allocator { size, taken: Vec::new() }
    }

    /// Hands out the first window of `size` bytes that is free, or `None` if no gap is large enough. `size` is
    /// a multiple of 4, so that every window's start is one too.
    pub fn allocate(&mut self, size: u32) -> Option<Window> {
        assert!(size.is_multiple_of(4), "a guest's storage obeys the machine's own rule");
        let ends = self.taken.iter().map(|w| w.start.0 + w.size);
        let starts = self.taken.iter().map(|w| w.start.0).chain([self.size]);
        let (index, (start, _)) = std::iter::once(MONITOR_BYTES)
            .chain(ends)
            .zip(starts)
            .enumerate()
            .find(|(_, (end, next))| next.checked_sub(*end).is_some_and(|gap| gap >= size))?;
        let window = Window { start: HostPhysical(start), size };
        self.taken.insert(index, window);
        Some(window)
    }

    /// Takes a window back.
    ///
    /// # Panics
    /// If the window was not handed out.
    pub fn free(&mut self, window: Window) {
        let index = self.taken.iter().position(|w| *w == window);
        self.taken.remove(index.expect("only windows that were handed out come back"));
    }
}
