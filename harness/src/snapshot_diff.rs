//! Two snapshots compared part by part: what a snapshot says is read back into outcome, PSW, registers, console,
//! traps, storage and sources, and each is compared in its own way.

use crate::Difference;
use crate::wording::psw_field;
use similar::{Algorithm, DiffOp, capture_diff_slices};
use std::collections::{BTreeMap, BTreeSet};

/// Bytes in a row of storage.
const ROW: u32 = 16;
/// Rows of a range that are shown.
const SHOWN_ROWS: usize = 4;

/// What differs between two snapshots' texts, in the order in which a snapshot says it. Texts that are no
/// snapshots of ours are compared line by line, as their sources are.
#[must_use]
pub fn snapshot_differences(left: &str, right: &str) -> Vec<Difference> {
    let (a, b) = (Parts::of(left), Parts::of(right));
    let mut list = Vec::new();
    keyed(&mut list, "", &a.facts, &b.facts);
    keyed(&mut list, "", &a.registers, &b.registers);
    aligned(&mut list, "console", &a.console, &b.console);
    traps(&mut list, &a.traps, &b.traps);
    aligned(&mut list, "storage", &a.segments, &b.segments);
    storage(&mut list, &a.rows, &b.rows);
    aligned(&mut list, "source", &a.sources, &b.sources);
    aligned(&mut list, "line", &a.rest, &b.rest);
    if list.is_empty() && left.trim_end() != right.trim_end() {
        // Nothing is ever called equal that is not.
        list = crate::text_differences(left, right);
    }
    list
}

/// What a snapshot says.
#[derive(Default)]
struct Parts<'a> {
    /// Outcome, steps, profile, PSW, … by name, in order.
    facts: Vec<(String, String)>,
    registers: Vec<(String, String)>,
    console: Vec<&'a str>,
    traps: Vec<Trap<'a>>,
    segments: Vec<&'a str>,
    /// Rows of storage by address.
    rows: BTreeMap<u32, Row<'a>>,
    sources: Vec<&'a str>,
    /// Lines that none of these know.
    rest: Vec<&'a str>,
}

/// A trap as a line says it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Trap<'a> {
    step: &'a str,
    what: &'a str,
}

/// The part that a line belongs to.
#[derive(Clone, Copy)]
enum Part {
    Facts,
    Registers,
    Console,
    Traps,
    Storage,
    Source,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Self {
        let mut parts = Parts::default();
        let mut part = Part::Facts;
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            part = match line.split([' ', ':']).next() {
                Some("registers") => Part::Registers,
                Some("console") => Part::Console,
                Some("traps") => Part::Traps,
                Some("storage") => Part::Storage,
                Some("source") => Part::Source,
                _ => part,
            };
            if line.starts_with(' ') || matches!(part, Part::Facts) {
                parts.line(part, line);
            } else {
                parts.heading(line);
            }
        }
        parts
    }

    /// A line that begins a part: some say something themselves.
    fn heading(&mut self, line: &'a str) {
        match line.split_once(':') {
            Some(("console", said)) => self.facts.push(("console input".into(), said.trim().into())),
            Some(("traps", said)) => self.facts.push(("traps".into(), said.trim().into())),
            _ if line.starts_with("source ") => self.sources.push(line),
            _ => {}
        }
    }

    fn line(&mut self, part: Part, line: &'a str) {
        let said = line.trim();
        match part {
            Part::Facts => self.fact(said),
            Part::Registers => match said.split_once(' ') {
                Some((name, value)) => self.registers.push((name.to_owned(), spaced(value))),
                None => self.rest.push(line),
            },
            Part::Console => self.console.push(said),
            Part::Traps => match said.strip_prefix("step ").and_then(|said| said.split_once(": ")) {
                Some((step, what)) => self.traps.push(Trap { step, what }),
                None => self.traps.push(Trap { step: "", what: said }),
            },
            Part::Storage => self.row(said),
            Part::Source => self.sources.push(line),
        }
    }

    /// `name: value`, or the PSW's `F=value …`.
    fn fact(&mut self, said: &str) {
        let (name, value) = said.split_once(": ").unwrap_or(("", said));
        if name == "psw" || name.is_empty() {
            for field in value.split_whitespace().filter_map(|field| field.split_once('=')) {
                self.facts.push((format!("PSW.{}", field.0), psw_field(field.0, field.1)));
            }
            let place = value.split_once(" (").map(|(_, place)| place.trim_end_matches(')'));
            self.facts.extend(place.map(|place| ("PC lies at".to_owned(), place.to_owned())));
        } else {
            self.facts.push((name.to_owned(), value.trim().to_owned()));
        }
    }

    /// A row, a fold of rows equal to the one before, or what is said of a segment.
    fn row(&mut self, said: &'a str) {
        if let Some(end) = said.strip_prefix("* as far as ").and_then(address) {
            if let Some((&last, &row)) = self.rows.last_key_value() {
                let more = (last..end).step_by(ROW as usize).skip(1).take(MAX_FOLD);
                self.rows.extend(more.map(|at| (at, row)));
            }
            return;
        }
        match said.split_once("  ").and_then(|(at, row)| Some((address(at)?, row))) {
            Some((at, row)) => {
                self.rows.insert(at, Row::of(row));
            }
            None => self.segments.push(said),
        }
    }
}

/// Rows that one line may stand for: as many as storage has.
const MAX_FOLD: usize = (1 << 31) / ROW as usize;

fn address(text: &str) -> Option<u32> {
    u32::from_str_radix(text.strip_prefix("0x")?, 16).ok()
}

/// A row of storage: its bytes, the instructions that they are, and its place.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Row<'a> {
    bytes: &'a str,
    insns: Option<&'a str>,
    place: Option<&'a str>,
}

impl<'a> Row<'a> {
    fn of(said: &'a str) -> Self {
        let (front, insns) = match said.split_once("  [") {
            Some((front, insns)) => (front, Some(insns.trim_end_matches(']'))),
            None => (said, None),
        };
        let (bytes, place) = match front.split_once(" (") {
            Some((bytes, place)) => (bytes, Some(place.trim_end_matches(')'))),
            None => (front, None),
        };
        Row { bytes: bytes.trim(), insns, place }
    }

    fn text(&self) -> String {
        let insns = self.insns.map(|insns| format!(" [{insns}]"));
        format!("{}{}", self.bytes, insns.unwrap_or_default())
    }
}

fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Named values; a name that only one side has is empty on the other.
fn keyed(list: &mut Vec<Difference>, prefix: &str, left: &[(String, String)], right: &[(String, String)]) {
    let find =
        |side: &[(String, String)], name: &str| side.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone());
    let only_right = right.iter().filter(|(name, _)| find(left, name).is_none());
    for (name, _) in left.iter().chain(only_right) {
        let (a, b) = (find(left, name), find(right, name));
        if a != b {
            let what = format!("{prefix}{name}");
            list.push(Difference { what, left: a.unwrap_or_default(), right: b.unwrap_or_default() });
        }
    }
}

/// Lines, aligned so that as many as possible are the same.
fn aligned(list: &mut Vec<Difference>, what: &str, left: &[&str], right: &[&str]) {
    for op in capture_diff_slices(Algorithm::Myers, left, right) {
        pair_up(op, |a, b| {
            let (number, side) = match (a, b) {
                (Some(at), _) => (at, ""),
                (None, Some(at)) => (at, " on the right"),
                (None, None) => return,
            };
            let text = |side: &[&str], at: Option<usize>| at.map_or(String::new(), |at| side[at].to_owned());
            let what = format!("{what} line {}{side}", number + 1);
            list.push(Difference { what, left: text(left, a), right: text(right, b) });
        });
    }
}

/// The traps, aligned by cause and mode, so that one more or less does not make all behind it differ; of those
/// that stand side by side, the ones that are not the same to the letter are shown.
fn traps(list: &mut Vec<Difference>, left: &[Trap<'_>], right: &[Trap<'_>]) {
    let kind = |trap: &Trap<'_>| trap.what.split(", PC=").next().unwrap_or_default().to_owned();
    let key = |side: &[Trap<'_>]| side.iter().map(kind).collect::<Vec<_>>();
    let (a, b) = (key(left), key(right));
    let text = |trap: &Trap<'_>| match trap.step {
        "" => trap.what.to_owned(),
        step => format!("step {step}: {}", trap.what),
    };
    let mut push = |a: Option<usize>, b: Option<usize>| {
        let (a_trap, b_trap) = (a.map(|at| &left[at]), b.map(|at| &right[at]));
        if a_trap == b_trap {
            return;
        }
        let what = match (a, b) {
            (Some(a), Some(b)) if a != b => format!("trap {} | {}", a + 1, b + 1),
            (Some(at), _) | (None, Some(at)) => format!("trap {}", at + 1),
            (None, None) => return,
        };
        let side = |trap: Option<&Trap<'_>>| trap.map_or(String::new(), text);
        list.push(Difference { what, left: side(a_trap), right: side(b_trap) });
    };
    for op in capture_diff_slices(Algorithm::Myers, &a, &b) {
        match op {
            DiffOp::Equal { old_index, new_index, len } => {
                (0..len).for_each(|n| push(Some(old_index + n), Some(new_index + n)));
            }
            _ => pair_up(op, &mut push),
        }
    }
}

/// The lines of a change, paired as far as they go.
fn pair_up(op: DiffOp, mut push: impl FnMut(Option<usize>, Option<usize>)) {
    if matches!(op, DiffOp::Equal { .. }) {
        return;
    }
    let (old, new) = (op.old_range(), op.new_range());
    for n in 0..old.len().max(new.len()) {
        let at = |range: &std::ops::Range<usize>| (n < range.len()).then(|| range.start + n);
        push(at(&old), at(&new));
    }
}

/// Rows that differ, neighbours merged; a row that a side does not show is as it was loaded there, or zero.
fn storage(list: &mut Vec<Difference>, left: &BTreeMap<u32, Row<'_>>, right: &BTreeMap<u32, Row<'_>>) {
    let addresses: BTreeSet<u32> = left.keys().chain(right.keys()).copied().collect();
    let mut differing: Vec<(u32, u32)> = Vec::new();
    // A row's place is the image's affair, and told by its sources.
    let bytes = |rows: &BTreeMap<u32, Row<'_>>, at: u32| rows.get(&at).map(|row| row.bytes.to_owned());
    for at in addresses.into_iter().filter(|at| bytes(left, *at) != bytes(right, *at)) {
        match differing.last_mut() {
            Some((_, end)) if *end == at => *end = at.saturating_add(ROW),
            _ => differing.push((at, at.saturating_add(ROW))),
        }
    }
    for (start, end) in differing {
        let place = left.get(&start).or(right.get(&start)).and_then(|row| row.place);
        let place = place.map(|place| format!(" ({place})")).unwrap_or_default();
        let show = |rows: &BTreeMap<u32, Row<'_>>| {
            let shown = (start..end).step_by(ROW as usize).take(SHOWN_ROWS);
            let text = |at| rows.get(&at).map_or_else(|| "as loaded".to_owned(), Row::text);
            let dots = if (end - start) / ROW > SHOWN_ROWS as u32 { " / …" } else { "" };
            shown.map(text).collect::<Vec<_>>().join(" / ") + dots
        };
        let what = format!("storage {start:#010x}..{end:#010x}{place}");
        list.push(Difference { what, left: show(left), right: show(right) });
    }
}
