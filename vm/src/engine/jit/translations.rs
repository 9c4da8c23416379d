//! The translations that there are: what they stand for, and where they are entered.

use super::bounds::Bounds;
use super::code::Code;
use super::region::Region;
use crate::engine::interpreter::Cache;
use std::collections::{BTreeSet, HashMap};
use std::ops::{Index, IndexMut, Range};

/// An entry of a translation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// The number of the translation.
    pub(super) translation: usize,
    /// The number of the entry in it.
    pub(super) number: u32,
    /// Its physical address.
    pub(super) at: u32,
    /// How often it was entered, and how many instructions retired then, since it was last judged.
    pub(super) calls: u32,
    pub(super) retired: u64,
}

#[derive(Debug)]
pub(super) struct Translation {
    pub(super) code: Code,
    /// `None` once it has ended: never to be entered again.
    pub(super) extent: Option<Range<u32>>,
    /// Physical address of the place that it was made for.
    pub(super) root: u32,
    /// See [`Region::size`].
    pub(super) size: usize,
    /// Every instruction's physical address.
    pub(super) words: BTreeSet<u32>,
    /// The names that its entries have in the cache.
    entries: Range<u32>,
    /// How often it was entered since the last review.
    pub(super) entered: u64,
    /// What must hold where it is entered.
    pub(super) bounds: Option<Bounds>,
    /// How often that did not.
    pub(super) strangers: u32,
}

/// All translations ever made, by number.
#[derive(Debug, Default)]
pub(super) struct Translations {
    all: Vec<Translation>,
    /// By the name that an entry has in the cache ([`Cache::set_entry`]).
    places: Vec<Place>,
    /// By physical address of an instruction, the translations that have it and have not ended.
    holders: HashMap<u32, Vec<usize>>,
    /// Instructions in all of them.
    words: usize,
}

impl Translations {
    /// How many were made.
    pub(super) fn made(&self) -> u64 {
        self.all.len() as u64
    }

    /// Instructions in all that were made.
    pub(super) fn words(&self) -> usize {
        self.words
    }

    /// All that have not ended, with their numbers.
    pub(super) fn alive(&self) -> impl Iterator<Item = (usize, &Translation)> {
        self.all.iter().enumerate().filter(|(_, translation)| translation.extent.is_some())
    }

    /// None of them was entered since the last review, which is now.
    pub(super) fn reviewed(&mut self) {
        self.all.iter_mut().for_each(|translation| translation.entered = 0);
    }

    /// The entry that the cache calls `id`.
    pub(super) fn place(&mut self, id: u32) -> &mut Place {
        &mut self.places[id as usize]
    }

    /// Whether one that has not ended has the instruction at physical `at`.
    pub(super) fn have(&self, at: u32) -> bool {
        self.holders.get(&at).is_some_and(|holders| !holders.is_empty())
    }

    /// Adds `code`, the translation of `region`, which was found for physical `root`.
    pub(super) fn add(&mut self, code: Code, region: &Region, root: u32, cache: &Cache) {
        let translation = self.all.len();
        let first = self.places.len() as u32;
        for (number, &at) in (0..).zip(&region.entries) {
            self.places.push(Place { translation, number, at, calls: 0, retired: 0 });
            cache.set_entry(at, first + number);
        }
        let words: BTreeSet<u32> = region.words().collect();
        self.words += words.len();
        for &at in &words {
            cache.set_translated(at);
            self.holders.entry(at).or_default().push(translation);
        }
        self.all.push(Translation {
            code,
            extent: Some(region.extent()),
            root,
            size: region.size(),
            words,
            entries: first..self.places.len() as u32,
            entered: 0,
            bounds: region.bounds,
            strangers: 0,
        });
    }

    /// The translation numbered `index` is never entered again.
    pub(super) fn end(&mut self, index: usize, cache: &Cache) {
        let translation = &mut self.all[index];
        translation.extent = None;
        for id in std::mem::take(&mut translation.entries) {
            cache.clear_entry(self.places[id as usize].at, id);
        }
        for at in std::mem::take(&mut translation.words) {
            if let Some(holders) = self.holders.get_mut(&at) {
                holders.retain(|&holder| holder != index);
            }
        }
    }

    /// Ends all that have the instruction at physical `at`.
    pub(super) fn end_at(&mut self, at: u32, cache: &Cache) {
        for index in self.holders.remove(&at).unwrap_or_default() {
            self.end(index, cache);
        }
    }
}

impl Index<usize> for Translations {
    type Output = Translation;

    fn index(&self, index: usize) -> &Translation {
        &self.all[index]
    }
}

impl IndexMut<usize> for Translations {
    fn index_mut(&mut self, index: usize) -> &mut Translation {
        &mut self.all[index]
    }
}
