//! What differs between two states, in the units a person thinks in: registers, PSW fields, merged ranges of
//! storage with symbols, console.

use crate::Observation;
use crate::wording::{bytes_in_words, console_text, in_code, instructions, place, psw_field};
use pg32_image::Image;
use pg32_isa::Reg;
use serde::Serialize;
use std::fmt;

/// Bytes of a storage range that are shown on each side.
const SHOWN_BYTES: usize = 16;
/// Equal bytes between two differing ones that do not split a range: a word is read as a whole.
const GAP: usize = 4;
/// Differences of storage that are listed; more are counted.
const SHOWN_RANGES: usize = 24;

/// One difference.
#[derive(Clone, PartialEq, Eq, Serialize, Debug)]
pub struct Difference {
    /// What differs: `a0`, `PSW.PC`, `storage 0x00000100..0x00000104 counter`, `console output`, …
    pub what: String,
    /// Its value on the left.
    pub left: String,
    /// Its value on the right.
    pub right: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = |text: &str| if text.is_empty() { "—".to_owned() } else { text.to_owned() };
        write!(f, "{}: {} | {}", self.what, side(&self.left), side(&self.right))
    }
}

/// The differences between two states in a fixed order: steps, halted, PSW, registers, console, storage.
/// `image` names places; without one they are bare addresses.
#[must_use]
pub fn differences(left: &Observation, right: &Observation, image: Option<&Image>) -> Vec<Difference> {
    let mut list = List(Vec::new());
    list.compare("steps", left.steps, right.steps, |n| n.to_string());
    list.compare("halted", left.halted, right.halted, |h| if h { "yes".into() } else { "no".into() });
    let (a, b) = (left.psw, right.psw);
    list.compare("PSW.M", a.mode, b.mode, |m| psw_field("M", &m.to_string()));
    list.compare("PSW.B", a.base, b.base, word);
    list.compare("PSW.L", a.limit, b.limit, word);
    list.compare("PSW.PC", a.pc, b.pc, |pc| word(pc) + &place(image, pc));
    list.compare("PSW.T", a.timer, b.timer, |t| psw_field("T", &t.to_string()));
    for reg in Reg::all() {
        list.compare(reg.name(), left.x[reg.index()], right.x[reg.index()], word);
    }
    list.compare("console input position", left.input_position, right.input_position, |n| n.to_string());
    if left.output != right.output {
        list.console(&left.output, &right.output);
    }
    list.compare("storage size", left.storage.len(), right.storage.len(), |n| n.to_string());
    list.storage(&left.storage, &right.storage, image);
    list.0
}

fn word(value: u32) -> String {
    format!("{value:#010x}")
}

struct List(Vec<Difference>);

impl List {
    fn push(&mut self, what: impl Into<String>, left: String, right: String) {
        self.0.push(Difference { what: what.into(), left, right });
    }

    fn compare<T: PartialEq>(&mut self, what: &str, left: T, right: T, show: impl Fn(T) -> String) {
        if left != right {
            self.push(what, show(left), show(right));
        }
    }

    /// The console from a little before the first byte that differs.
    fn console(&mut self, left: &[u8], right: &[u8]) {
        let same = left.iter().zip(right).take_while(|(a, b)| a == b).count();
        let from = same.saturating_sub(12);
        let show = |bytes: &[u8]| {
            let end = bytes.len().min(same + 28);
            let dots = |more: bool| if more { "…" } else { "" };
            format!("{}{}{}", dots(from > 0), console_text(&bytes[from..end]), dots(end < bytes.len()))
        };
        self.push(format!("console output from byte {same}"), show(left), show(right));
    }

    fn storage(&mut self, left: &[u8], right: &[u8], image: Option<&Image>) {
        let ranges = differing_ranges(left, right);
        for range in ranges.iter().take(SHOWN_RANGES) {
            let shown = range.start..range.end.min(range.start + SHOWN_BYTES);
            let dots = if shown.end < range.end { " …" } else { "" };
            let what = format!(
                "storage {:#010x}..{:#010x}{}",
                range.start,
                range.end,
                place(image, range.start as u32)
            );
            let code = image.filter(|image| in_code(image, range.start as u32));
            let show = |bytes: &[u8]| {
                let bytes = &bytes[shown.clone()];
                let insns = code.map(|_| format!(" [{}]", instructions(bytes))).unwrap_or_default();
                bytes_in_words(bytes) + &insns + dots
            };
            self.push(what, show(left), show(right));
        }
        if let Some(more) = ranges.len().checked_sub(SHOWN_RANGES).filter(|n| *n > 0) {
            let bytes: usize = ranges[SHOWN_RANGES..].iter().map(ExactSizeIterator::len).sum();
            self.push("storage elsewhere", format!("{more} more ranges"), format!("{bytes} bytes"));
        }
    }
}

/// The ranges in which two storages differ, widened to words, neighbours merged. Beyond the shorter one nothing
/// is compared: the sizes differ, and that is said.
fn differing_ranges(left: &[u8], right: &[u8]) -> Vec<std::ops::Range<usize>> {
    let length = left.len().min(right.len());
    let mut ranges: Vec<std::ops::Range<usize>> = Vec::new();
    let mut block = 0;
    while block < length {
        let end = (block + 4096).min(length);
        if left[block..end] != right[block..end] {
            for at in (block..end).filter(|at| left[*at] != right[*at]) {
                let word = at & !3..((at & !3) + 4).min(length);
                match ranges.last_mut() {
                    Some(last) if word.start <= last.end + GAP => last.end = last.end.max(word.end),
                    _ => ranges.push(word),
                }
            }
        }
        block = end;
    }
    ranges
}
