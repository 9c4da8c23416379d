//! A divergence told: the last common state, the instruction there on its source line, what either machine made of
//! it, the last exit to the monitor, and both states behind it.

use crate::wording::{code_place, physical_pc};
use crate::{Divergence, Observation, Side, TrapEntry, differences};
use pg32_assembler::render::{self, Colour, Remark};
use pg32_image::Image;
use pg32_isa::{Cause, Insn, Physical, Psw, Virtual};
use pg32_vm::{Answer, Exit, Pause, resolve};
use std::fmt::Write;
use std::sync::Arc;

/// Differences that are listed one by one.
const SHOWN: usize = 20;

/// A divergence in words, and its source lines in a picture; `names` are what the two machines are called.
#[must_use]
pub fn describe_divergence(
    divergence: &Divergence,
    image: &Image,
    names: [&str; 2],
    colour: Colour,
) -> String {
    let mut text = picture(divergence, image, names, colour);
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
            writeln!(out, "  next instruction: {}{}", instruction(common, psw), code_place(image, psw))?;
        }
    }
    let (left, right) = (&divergence.left, &divergence.right);
    let width = names[0].len().max(names[1].len());
    for (name, side) in names.iter().zip([left, right]) {
        writeln!(out, "  {name:<width$}  {}", what_happened(side, image, divergence.step))?;
    }
    let exits = last_exits(divergence, image);
    for (level, exit) in (1..).zip(&exits) {
        let of = if exits.len() > 1 { format!(" at level {level}") } else { String::new() };
        writeln!(out, "  last exit to the monitor{of}: {exit}")?;
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

/// The last exit to each monitor of the second machine in words, the outermost first.
pub(crate) fn last_exits(divergence: &Divergence, image: &Image) -> Vec<String> {
    let exits = &divergence.right.exits;
    let words = |(level, exit): (usize, &Option<Exit>)| {
        // Those further out have another monitor for a guest.
        let guest = (level == exits.len()).then_some((image, Some(&divergence.left.state)));
        exit_in_words(exit.as_ref(), guest)
    };
    (1..).zip(exits).map(words).collect()
}

/// The source line of the last common instruction, and those at which the machines go on if these differ.
fn picture(divergence: &Divergence, image: &Image, names: [&str; 2], colour: Colour) -> String {
    let Some(common) = &divergence.common else { return String::new() };
    let title = format!("{} and {} part at step {}", names[0], names[1], divergence.step + 1);
    let mut places = vec![(image, common.psw, format!("both execute this in step {}", divergence.step + 1))];
    let sides = [&divergence.left, &divergence.right];
    let goes_to = sides.map(|side| physical_pc(&side.state.psw));
    if goes_to[0] != goes_to[1] {
        let goes_on = |(name, side): (&&str, &&Side)| (image, side.state.psw, format!("{name} goes on here"));
        places.extend(names.iter().zip(&sides).map(goes_on));
    }
    drawn("Divergence", &title, &places, colour)
}

/// The lines of source that PSWs are about to execute, a few words at each; those without a source are left out.
pub(crate) fn drawn(kind: &str, title: &str, places: &[(&Image, Psw, String)], colour: Colour) -> String {
    let remark = |(image, psw, words): &'_ (&'_ Image, Psw, String)| {
        let row = physical_pc(psw).and_then(|at| image.lines.find(at))?;
        let source = image.lines.source(row);
        Some((source.name.clone(), Arc::clone(source.text.as_ref()?), row.line, words.clone()))
    };
    let found: Vec<_> = places.iter().filter_map(remark).collect();
    let remarks: Vec<Remark<'_>> =
        found.iter().map(|(source, text, line, words)| Remark { source, text, line: *line, words }).collect();
    render::remarks(kind, title, &remarks, colour)
}

/// An exit: when, why, of which instruction, and what the monitor did about it. `guest`, if it is known, is the guest's
/// image, and a state in which the instruction is looked up where the trap does not tell it.
pub(crate) fn exit_in_words(exit: Option<&Exit>, guest: Option<(&Image, Option<&Observation>)>) -> String {
    let Some(Exit { step, psw, trap, answer }) = exit else { return "none yet".into() };
    let answer = match answer {
        Answer::Interpreted => "interpreted",
        Answer::Ignored => "passed over",
        Answer::Reflected => "reflected",
        Answer::Resumed => "the monitor's own timer",
        Answer::Pending => "not answered",
    };
    let insn = match trap.cause {
        Cause::Timer => String::new(),
        Cause::Memory | Cause::Alignment => {
            let insn = guest.and_then(|(_, state)| Some(format!(": {}", instruction(state?, psw))));
            format!(" of address {:#x}{}", trap.info, insn.unwrap_or_default())
        }
        _ => format!(": {}", word_in_words(trap.info, psw.pc)),
    };
    let (cause, at) = (trap.cause, guest.map(|(image, _)| code_place(image, psw)).unwrap_or_default());
    format!("step {step}, {cause} trap{insn}, PC={:#x} in {}{at}; {answer}", psw.pc, psw.mode)
}

/// The instruction that a PSW is about to execute in a state's storage.
fn instruction(state: &Observation, psw: &Psw) -> String {
    match resolve(psw, state.storage.len() as u32, Virtual(psw.pc), 4) {
        Err(_) => "none: it cannot be fetched".into(),
        Ok(Physical(at)) => {
            let at = at as usize;
            let word = u32::from_le_bytes(state.storage[at..at + 4].try_into().expect("four bytes"));
            word_in_words(word, psw.pc)
        }
    }
}

fn word_in_words(word: u32, pc: u32) -> String {
    match Insn::decode(word) {
        Some(insn) => insn.display_at(pc).to_string(),
        None => format!("none: {word:#010x} is no instruction"),
    }
}

fn what_happened(side: &Side, image: &Image, step: u64) -> String {
    let last = side.log.entries.last().filter(|entry| entry.step == step + 1);
    let psw = &side.state.psw;
    match (side.pause, last) {
        (Pause::Halted, _) => "halted".into(),
        (Pause::ControlLost, _) => "the monitor lost control of the real machine".into(),
        (_, Some(TrapEntry { cause, info, .. })) => {
            format!("{cause} trap, info {info:#x}, to PC={:#x}{}", psw.pc, code_place(image, psw))
        }
        _ => format!("went on to PC={:#x} in {}{}", psw.pc, psw.mode, code_place(image, psw)),
    }
}
