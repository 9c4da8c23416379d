//! Listings: every source line with the addresses and bytes that it came to, and the lines of expansions under the call.

use crate::{Assembly, Listed, Origin, SourceId};
use pg32_image::Image;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Bytes shown on a line.
const PER_LINE: usize = 8;

/// Lines of bytes shown for one source line.
const MAX_LINES: usize = 4;

/// The listing of an assembly that was made with [`crate::Listing::Wanted`].
#[must_use]
pub fn listing(assembly: &Assembly) -> String {
    let mut out = String::new();
    let sources = &assembly.sources;
    // By the line of a file that they belong to; within it in the order of addresses.
    let mut by_line: BTreeMap<(SourceId, u32), Vec<&Listed>> = BTreeMap::new();
    for row in &assembly.listing {
        by_line.entry(sources.row_in_file(row.source, row.line)).or_default().push(row);
    }
    for rows in by_line.values_mut() {
        rows.sort_by_key(|row| row.address);
    }
    for (id, source) in sources.iter() {
        if matches!(source.origin, Origin::Macro(..) | Origin::Repeat(_) | Origin::Named) {
            continue;
        }
        let _ = writeln!(out, "{}", source.name);
        for (number, text) in (1_u32..).zip(source.text.lines()) {
            let rows = by_line.get(&(id, number)).map_or(&[][..], Vec::as_slice);
            let (own, expanded): (Vec<&&Listed>, Vec<&&Listed>) =
                rows.iter().partition(|row| row.source == id);
            entry(&mut out, &assembly.image, own.first().copied().copied(), &format!("{number:>6}  {text}"));
            for row in own.iter().skip(1).chain(&expanded) {
                if row.source == id {
                    entry(&mut out, &assembly.image, Some(row), &format!("{number:>6}  {text}"));
                    continue;
                }
                let line =
                    sources.get(row.source).text.lines().nth(row.line as usize - 1).unwrap_or_default();
                entry(&mut out, &assembly.image, Some(row), &format!("     +  {line}"));
            }
        }
        out.push('\n');
    }
    out
}

fn entry(out: &mut String, image: &Image, row: Option<&Listed>, text: &str) {
    let Some(row) = row else {
        let _ = writeln!(out, "{:8}  {:16}  {}", "", "", text.trim_end());
        return;
    };
    let mut at = 0;
    let mut text = text.trim_end();
    for _ in 0..MAX_LINES {
        let count = PER_LINE.min((row.length - at) as usize);
        let address = row.address.wrapping_add(at);
        let bytes: String =
            (0..count as u32).map(|i| format!("{:02x}", image.byte(address.wrapping_add(i)))).collect();
        let _ = writeln!(out, "{}", format!("{address:08x}  {bytes:16}  {text}").trim_end());
        at += count as u32;
        text = "";
        if at >= row.length {
            return;
        }
    }
    let _ = writeln!(out, "{:8}  … {} bytes more", "", row.length - at);
}

/// The map of an image: its segments, then its labels, by address, and its constants.
#[must_use]
pub fn map(image: &Image) -> String {
    let mut out = format!("entry {:#010x}\n\n   address       size  segment\n", image.entry);
    for segment in &image.segments {
        let _ = writeln!(out, "{:#010x} {:>10}  {}", segment.address, segment.size, segment.name);
    }
    out.push_str("\n     value       size  symbol\n");
    for symbol in image.symbols.iter() {
        let kind = match (symbol.kind, symbol.global) {
            (pg32_image::SymbolKind::Constant, _) => " (constant)",
            (_, true) => " (global)",
            _ => "",
        };
        let _ = writeln!(out, "{:#010x} {:>10}  {}{kind}", symbol.value, symbol.size, symbol.name);
    }
    out
}
