//! Sections whose strings or constants may be merged (`"aMS"`, `"aM"`): done as GNU ld does it, so that compilers' output
//! comes to the same bytes (binutils `bfd/merge.c`).

use crate::assembler::Assembler;
use crate::dispatch::parent;
use crate::section::{PointKind, Section, SectionId};
use crate::symbol::{At, Meaning};
use std::collections::HashMap;

/// What a section holds that may be merged.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Mergeable {
    /// Bytes of one constant, or of a string's characters.
    pub(crate) size: u32,
    pub(crate) strings: bool,
}

/// A string or constant, in all the places where it stands.
struct Entry {
    bytes: Vec<u8>,
    /// What its place must be a multiple of; 0 for one that has given way to another.
    align: u32,
    /// The section that keeps it.
    section: SectionId,
    offset: u32,
    /// The entry that it is the end of.
    within: Option<usize>,
}

/// Where entries began in a section: old offset, entry.
type Starts = Vec<(u32, usize)>;

impl Assembler<'_, '_> {
    /// Merges what may be merged. Comes before layout, because addresses depend on it.
    pub(crate) fn merge_sections(&mut self) {
        let mut groups: Vec<((String, Mergeable, u8), Vec<SectionId>)> = Vec::new();
        for (index, section) in self.sections.iter().enumerate() {
            let Some(kind) = section.mergeable.filter(|_| can_merge(section)) else { continue };
            let key = (parent(&section.name).to_string(), kind, section.align);
            match groups.iter_mut().find(|(k, _)| *k == key) {
                Some((_, list)) => list.push(SectionId(index as u32)),
                None => groups.push((key, vec![SectionId(index as u32)])),
            }
        }
        if groups.is_empty() {
            return;
        }
        let mut moved: HashMap<SectionId, (Starts, usize)> = HashMap::new();
        let mut all: Vec<Vec<Entry>> = Vec::new();
        for ((_, kind, align), list) in groups {
            let mut entries = Vec::new();
            let mut known = HashMap::new();
            for id in &list {
                let bytes = flatten(&mut self.sections[id.0 as usize]);
                let starts = record(&bytes, kind, 1 << align, *id, &mut entries, &mut known);
                moved.insert(*id, (starts, all.len()));
            }
            if kind.strings {
                join_suffixes(&mut entries, kind.size as usize);
            }
            self.place_entries(&mut entries, &list);
            all.push(entries);
        }
        for symbol in &mut self.symbols {
            if let Meaning::Label(at) = &mut symbol.meaning
                && let Some((starts, group)) = moved.get(&at.section)
            {
                let old = self.sections[at.section.0 as usize].offset_of(*at);
                *at = new_place(*at, old, starts, &all[*group]);
            }
        }
        for id in moved.keys() {
            self.sections[id.0 as usize].points.clear();
        }
    }

    /// Writes the entries that are left into their sections, in the order of their first appearance.
    fn place_entries(&mut self, entries: &mut [Entry], list: &[SectionId]) {
        for id in list {
            let mut data = Vec::new();
            for entry in entries.iter_mut().filter(|e| e.section == *id && e.align > 0) {
                data.resize(data.len().next_multiple_of(entry.align as usize), 0);
                entry.offset = data.len() as u32;
                data.extend_from_slice(&entry.bytes);
            }
            let section = &mut self.sections[id.0 as usize];
            section.len = data.len() as u32;
            section.data = data;
        }
    }
}

/// Whether nothing stands in the way: GNU ld leaves a section alone that has values to be filled in.
fn can_merge(section: &Section) -> bool {
    let fixed = |kind: &PointKind| matches!(kind, PointKind::Align { .. });
    section.flags.alloc
        && !section.flags.nobits
        && section.fixups.is_empty()
        && section.len > 0
        && section.kinds.len() == section.points.len()
        && section.kinds.iter().all(fixed)
        && section.mergeable.is_some_and(|m| (1..=16).contains(&m.size))
}

/// The section's bytes with its alignments in place; it has no variable part any more, and labels in it count from here.
fn flatten(section: &mut Section) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(section.data.len());
    let mut copied = 0;
    for index in 0..section.points.len() {
        let kind = section.kind(&section.points[index]);
        let point = &mut section.points[index];
        bytes.extend_from_slice(&section.data[copied..point.offset as usize]);
        copied = point.offset as usize;
        if let PointKind::Align { log2, max, .. } = kind {
            let gap = bytes.len().next_multiple_of(1 << log2) - bytes.len();
            let gap = if gap as u64 <= u64::from(max) { gap } else { 0 };
            bytes.resize(bytes.len() + gap, 0);
        }
        point.shift = (bytes.len() - copied) as u32;
    }
    bytes.extend_from_slice(&section.data[copied..]);
    section.rows.clear();
    bytes
}

fn record(
    bytes: &[u8],
    kind: Mergeable,
    align: u32,
    section: SectionId,
    entries: &mut Vec<Entry>,
    known: &mut HashMap<Vec<u8>, usize>,
) -> Starts {
    let mut starts = Vec::new();
    let mut add = |offset: usize, text: &[u8], align: u32| {
        let index = match known.get(text) {
            Some(index) if entries[*index].align >= align => *index,
            old => {
                // One that was less aligned gives way.
                if let Some(old) = old {
                    entries[*old].align = 0;
                    entries[*old].within = Some(entries.len());
                }
                let bytes = text.to_vec();
                known.insert(bytes.clone(), entries.len());
                entries.push(Entry { bytes, align, section, offset: 0, within: None });
                entries.len() - 1
            }
        };
        starts.push((offset as u32, index));
    };
    if !kind.strings {
        for (i, constant) in bytes.chunks(kind.size as usize).enumerate() {
            add(i * kind.size as usize, constant, 1);
        }
        return starts;
    }
    let zero = vec![0; kind.size as usize];
    let mut at = 0;
    let mut empty = false;
    while at < bytes.len() {
        let natural = if at == 0 { align } else { (1 << at.trailing_zeros().min(30)).min(align) };
        let characters = bytes[at..].chunks(zero.len());
        let length = characters.take_while(|c| **c != zero).map(<[u8]>::len).sum::<usize>();
        let end = bytes.len().min(at + length + zero.len());
        add(at, &bytes[at..end], natural);
        at = end;
        while bytes[at..].starts_with(&zero) {
            if !empty && at.is_multiple_of(align as usize) {
                empty = true;
                add(at, &zero, align);
            }
            at += zero.len();
        }
    }
    starts
}

/// Lets strings that are the end of others share their bytes.
fn join_suffixes(entries: &mut [Entry], character: usize) {
    let mut order: Vec<usize> = (0..entries.len()).filter(|i| entries[*i].align > 0).collect();
    let aligns: Vec<u32> = order.iter().map(|i| entries[*i].align).collect();
    // With one alignment for all, strings whose lengths differ by a multiple of it come together.
    let modulus = match aligns.first() {
        Some(first) if *first as usize > character && aligns.iter().all(|a| a == first) => *first as usize,
        _ => 1,
    };
    order.sort_by(|a, b| {
        let (a, b) = (&entries[*a].bytes, &entries[*b].bytes);
        let (x, y) = (a.len().saturating_sub(character), b.len().saturating_sub(character));
        (x % modulus).cmp(&(y % modulus)).then_with(|| a[..x].iter().rev().cmp(b[..y].iter().rev()))
    });
    let mut longest: Option<usize> = None;
    for index in order.into_iter().rev() {
        if let Some(whole) = longest {
            let (e, part) = (&entries[whole], &entries[index]);
            let distance = e.bytes.len().wrapping_sub(part.bytes.len());
            if e.align >= part.align && e.bytes.ends_with(&part.bytes) && distance % part.align as usize == 0
            {
                entries[index].within = Some(whole);
                entries[index].align = 0;
                continue;
            }
        }
        longest = Some(index);
    }
}

/// Where a label that was `old` bytes into a merged section lies now.
fn new_place(at: At, old: u32, starts: &Starts, entries: &[Entry]) -> At {
    let last = starts.partition_point(|(offset, _)| *offset <= old);
    let Some((start, index)) = last.checked_sub(1).map(|i| starts[i]) else { return At { point: 0, ..at } };
    let mut inside = old - start;
    let mut index = index;
    while let Some(whole) = entries[index].within {
        inside += (entries[whole].bytes.len() - entries[index].bytes.len()) as u32;
        index = whole;
    }
    At { section: entries[index].section, offset: entries[index].offset + inside, point: 0 }
}
