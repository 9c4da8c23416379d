//! The final state of a bare run as text that a person can review in a pull request.
//!
//! It holds its own source. Storage that the run left as the image had it is named and not repeated; what the
//! run changed is shown, runs of equal rows folded.

use crate::trap_log::{TrapEntry, TrapLog};
use crate::wording::{bytes_in_words, code_place, console_text, in_code, instructions, place};
use crate::{Observation, Setup, Trace};
use pg32_image::Image;
use pg32_isa::Reg;
use pg32_vm::{Pause, Ran};
use std::fmt::Write;
use std::ops::Range;

/// Bytes in a row of storage.
const ROW: usize = 16;
/// Rows of changed storage that are shown; the rest is a digest.
const SHOWN_ROWS: usize = 64;
/// Characters of console output in a line.
const CONSOLE_WIDTH: usize = 90;
/// Lines of console output that are shown; the rest is a digest.
const SHOWN_LINES: usize = 64;

/// A finished bare run.
#[derive(Debug)]
pub struct Finished<'a> {
    /// What it started from.
    pub setup: &'a Setup,
    /// Its final state.
    pub state: &'a Observation,
    /// How it ended.
    pub ran: Ran,
    /// Steps without an instruction retired at its end.
    pub idle_traps: u64,
    /// Its traps, if they were watched.
    pub log: Option<&'a TrapLog>,
}

/// How a run ended, in words: `halted, a0 = 0`, `trap storm`, …
#[must_use]
pub fn ending(pause: Pause, a0: u32, idle_traps: u64) -> String {
    match pause {
        Pause::Halted => format!("halted, a0 = {a0}"),
        Pause::OutputLimit => "output limit exceeded".into(),
        Pause::ControlLost => "the monitor lost control of the real machine".into(),
        Pause::Steps | Pause::Trap if idle_traps >= 2 => "trap storm: the step budget ran out".into(),
        Pause::Steps | Pause::Trap => "the step budget ran out".into(),
    }
}

/// The snapshot of a run that was written down.
#[must_use]
pub fn snapshot_of(setup: &Setup, run: &Trace) -> String {
    let Trace { state, ran, log, idle_traps, .. } = run;
    snapshot(&Finished { setup, state, ran: *ran, idle_traps: *idle_traps, log: Some(log) })
}

/// The snapshot of a run.
#[must_use]
pub fn snapshot(run: &Finished<'_>) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write(&mut text, run);
    text
}

fn write(out: &mut String, run: &Finished<'_>) -> std::fmt::Result {
    let image = run.setup.image.as_ref();
    let state = run.state;
    writeln!(out, "outcome: {}", ending(run.ran.pause, state.exit_status(), run.idle_traps))?;
    writeln!(out, "steps:   {}", state.steps)?;
    writeln!(out, "profile: {}, {} bytes of storage", run.setup.profile.name(), state.storage.len())?;
    let psw = &state.psw;
    writeln!(out, "psw:     M={} B={:#x} L={:#x} T={}", psw.mode, psw.base, psw.limit, psw.timer)?;
    writeln!(out, "         PC={:#x}{}", psw.pc, code_place(image, psw))?;
    registers(out, state, image)?;
    console(out, run)?;
    if let Some(log) = run.log {
        traps(out, log, image)?;
    }
    storage(out, state, image)?;
    sources(out, image)
}

fn registers(out: &mut String, state: &Observation, image: &Image) -> std::fmt::Result {
    writeln!(out, "\nregisters (the others are 0):")?;
    for reg in Reg::all().filter(|r| state.x[r.index()] != 0) {
        let value = state.x[reg.index()];
        let exact = image.symbols.labels().iter().find(|s| s.value == value && value != 0);
        let name = exact.map(|s| format!("  {}", s.name)).unwrap_or_default();
        writeln!(out, "  {:<4} {value:#010x} {:>11}{name}", reg.name(), value as i32)?;
    }
    Ok(())
}

fn console(out: &mut String, run: &Finished<'_>) -> std::fmt::Result {
    let input = run.setup.input.len();
    writeln!(out, "\nconsole: {} of {input} input bytes read", run.state.input_position)?;
    let lines: Vec<&[u8]> = run.state.output.split_inclusive(|b| *b == b'\n').collect();
    let pieces = lines.iter().flat_map(|line| line.chunks(CONSOLE_WIDTH));
    for piece in pieces.clone().take(SHOWN_LINES) {
        writeln!(out, "  {}", console_text(piece))?;
    }
    let more: usize = pieces.skip(SHOWN_LINES).map(<[u8]>::len).sum();
    if more > 0 {
        let digest = digest(&run.state.output);
        writeln!(out, "  … {more} more bytes; digest of all {}: {digest:016x}", run.state.output.len())?;
    }
    Ok(())
}

fn traps(out: &mut String, log: &TrapLog, image: &Image) -> std::fmt::Result {
    let more = if log.closed { " and more" } else { "" };
    writeln!(out, "\ntraps: {}{more}", log.count)?;
    for entry in &log.entries {
        let TrapEntry { step, old, cause, info } = entry;
        let (mode, pc, at) = (old.mode, old.pc, code_place(image, old));
        writeln!(out, "  step {step}: {cause} in {mode}, PC={pc:#x}{at}, info={info:#x}")?;
    }
    let rest = log.count - log.entries.len() as u64;
    if rest > 0 {
        writeln!(out, "  … {rest} more; digest of all: {:016x}", log.digest())?;
    }
    Ok(())
}

fn storage(out: &mut String, state: &Observation, image: &Image) -> std::fmt::Result {
    writeln!(out, "\nstorage (zero where nothing is said):")?;
    for segment in image.segments.iter().filter(|s| !s.bytes.is_empty()) {
        let start = segment.address as usize;
        let segment_rows = rows(start, start + segment.bytes.len());
        let changed = segment_rows.filter(|row| row_changed(state, image, row)).count();
        let end = start + segment.bytes.len();
        let how = if changed == 0 { "as loaded".into() } else { format!("as loaded but for {changed} rows") };
        writeln!(out, "  {start:#010x}..{end:#010x} {} {how}", segment.name)?;
    }
    let mut shown = 0;
    let mut last: Option<(usize, Vec<u8>)> = None;
    // Where rows like the last one shown end, if there are any.
    let mut folded: Option<usize> = None;
    let unfold = |out: &mut String, folded: &mut Option<usize>| match folded.take() {
        Some(end) => writeln!(out, "  * as far as {end:#010x}"),
        None => Ok(()),
    };
    for row in changed_rows(state, image) {
        let bytes = &state.storage[row.clone()];
        if last.as_ref().is_some_and(|(end, old)| *end == row.start && old == bytes) {
            folded = Some(row.end);
        } else {
            unfold(out, &mut folded)?;
            if shown == SHOWN_ROWS {
                let digest = digest(&state.storage);
                return writeln!(out, "  … and more; digest of all storage: {digest:016x}");
            }
            changed_row(out, &row, bytes, image)?;
            shown += 1;
        }
        last = Some((row.end, bytes.to_vec()));
    }
    unfold(out, &mut folded)
}

fn changed_row(out: &mut String, row: &Range<usize>, bytes: &[u8], image: &Image) -> std::fmt::Result {
    write!(out, "  {:#010x}  {}{}", row.start, bytes_in_words(bytes), place(Some(image), row.start as u32))?;
    if in_code(image, row.start as u32) {
        write!(out, "  [{}]", instructions(bytes))?;
    }
    writeln!(out)
}

/// The rows that cover `start..end`.
fn rows(start: usize, end: usize) -> impl Iterator<Item = Range<usize>> {
    (start / ROW * ROW..end).step_by(ROW).map(move |at| at..end.min(at + ROW))
}

/// Bytes of storage that are passed over at a time where nothing was loaded and nothing is stored.
const PAGE: usize = 4096;

/// The rows that the run left other than the image had them.
fn changed_rows<'a>(state: &'a Observation, image: &'a Image) -> impl Iterator<Item = Range<usize>> + 'a {
    let extent = image.extent();
    let pages = (0..state.storage.len()).step_by(PAGE);
    pages
        .map(|at| at..state.storage.len().min(at + PAGE))
        .filter(move |page| {
            (page.start as u64) < extent || state.storage[page.clone()] != ZEROS[..page.len()]
        })
        .flat_map(|page| rows(page.start, page.end))
        .filter(|row| row_changed(state, image, row))
}

const ZEROS: [u8; PAGE] = [0; PAGE];

/// Whether the run left a row other than the image had it.
fn row_changed(state: &Observation, image: &Image, row: &Range<usize>) -> bool {
    row.clone().zip(&state.storage[row.clone()]).any(|(at, byte)| image.byte(at as u32) != *byte)
}

fn sources(out: &mut String, image: &Image) -> std::fmt::Result {
    for source in &image.lines.sources {
        let Some(text) = &source.text else { continue };
        writeln!(out, "\nsource {}:", source.name)?;
        for line in text.lines() {
            writeln!(out, "  {}", line.trim_end())?;
        }
    }
    Ok(())
}

/// FNV-1a, 64 bits: the same on every machine.
fn digest(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
