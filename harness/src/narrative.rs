//! A divergence told: the last common state, the instruction there with its source line, both states behind it.

use crate::wording::{code_place, physical_pc};
use crate::{Divergence, Observation, Side, TrapEntry, differences};
use pg32_image::Image;
use pg32_isa::{Insn, Physical, Psw, Virtual};
use pg32_vm::{Pause, resolve};
use std::fmt::Write;

/// Differences that are listed one by one.
const SHOWN: usize = 20;
/// Source lines shown around the one at fault.
const CONTEXT: u32 = 2;

/// A divergence in words; `names` are what the two machines are called.
#[must_use]
pub fn describe_divergence(divergence: &Divergence, image: &Image, names: [&str; 2]) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write(&mut text, divergence, image, names);
    text
}

fn write(out: &mut String, divergence: &Divergence, image: &Image, names: [&str; 2]) -> std::fmt::Result {
    match &divergence.common {
        None => writeln!(out, "  they differ at reset")?,
        Some(common) => {
            let psw = &common.psw;
            writeln!(
                out,
                "  alike behind step {}: M={} B={:#x} L={:#x} PC={:#x} T={}",
                divergence.step, psw.mode, psw.base, psw.limit, psw.pc, psw.timer
            )?;
            writeln!(out, "  next instruction: {}{}", instruction(common), code_place(image, psw))?;
            source_lines(out, image, psw)?;
        }
    }
    let (left, right) = (&divergence.left, &divergence.right);
    let width = names[0].len().max(names[1].len());
    for (name, side) in names.iter().zip([left, right]) {
        writeln!(out, "  {name:<width$}  {}", what_happened(side, divergence.step))?;
    }
    let list = differences(&left.state, &right.state, Some(image));
    writeln!(out, "  differences ({} | {}):", names[0], names[1])?;
    for difference in list.iter().take(SHOWN) {
        writeln!(out, "    {difference}")?;
    }
    if list.len() > SHOWN {
        writeln!(out, "    … and {} more", list.len() - SHOWN)?;
    }
    Ok(())
}

/// The instruction that a state is about to execute.
fn instruction(state: &Observation) -> String {
    match resolve(&state.psw, state.storage.len() as u32, Virtual(state.psw.pc), 4) {
        Err(_) => "none: it cannot be fetched".into(),
        Ok(Physical(at)) => {
            let at = at as usize;
            let word = u32::from_le_bytes(state.storage[at..at + 4].try_into().expect("four bytes"));
            match Insn::decode(word) {
                Some(insn) => insn.display_at(state.psw.pc).to_string(),
                None => format!("none: {word:#010x} is no instruction"),
            }
        }
    }
}

/// The source around the PC, with its line marked.
fn source_lines(out: &mut String, image: &Image, psw: &Psw) -> std::fmt::Result {
    let Some(row) = physical_pc(psw).and_then(|at| image.lines.find(at)) else { return Ok(()) };
    let source = image.lines.source(row);
    let Some(text) = &source.text else { return Ok(()) };
    let first = row.line.saturating_sub(CONTEXT).max(1);
    for (number, line) in (1u32..).zip(text.lines()).skip(first as usize - 1).take(2 * CONTEXT as usize + 1) {
        let mark = if number == row.line { ">" } else { " " };
        writeln!(out, "  {mark} {number:>5} | {}", line.trim_end())?;
    }
    Ok(())
}

fn what_happened(side: &Side, step: u64) -> String {
    let last = side.log.entries.last().filter(|entry| entry.step == step + 1);
    match (side.pause, last) {
        (Pause::Halted, _) => "halted".into(),
        (Pause::ControlLost, _) => "the monitor lost control of the real machine".into(),
        (_, Some(TrapEntry { cause, info, .. })) => {
            format!("{cause} trap, info {info:#x}, to PC={:#x}", side.state.psw.pc)
        }
        _ => format!("went on to PC={:#x} in {}", side.state.psw.pc, side.state.psw.mode),
    }
}
