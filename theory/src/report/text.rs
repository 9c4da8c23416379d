//! Words for findings, witnesses and states, shared by the reports.

use crate::{Classified, Probe, Witness};
use pg32_isa::{Mode, Reg};
use std::fmt::Write as _;

/// A witness in one line, without its states.
pub(super) fn line(classified: &Classified, witness: &Witness) -> String {
    let insn = classified.instruction.text(witness.word);
    format!("`{insn}` is {}: {}", witness.shows.property(), witness.shows)
}

/// A state in one line: size, PSW, registers that are not zero.
pub(super) fn state(probe: &Probe, mode: Mode) -> String {
    let psw = probe.psw;
    let mut line = format!(
        "{} bytes, M={mode} B={:#x} L={:#x} PC={:#x} T={}",
        probe.storage.len(),
        psw.base,
        psw.limit,
        psw.pc,
        psw.timer
    );
    for reg in Reg::all().filter(|r| probe.x[r.index()] != 0) {
        let _ = write!(line, ", {reg}={:#x}", probe.x[reg.index()]);
    }
    line
}

/// `yes` or a dash, for tables.
pub(super) fn mark(yes: bool) -> &'static str {
    if yes { "yes" } else { "-" }
}

/// The modes for which a property was found, or a dash.
pub(super) fn modes(supervisor: bool, user: bool) -> &'static str {
    match (supervisor, user) {
        (true, true) => "s u",
        (true, false) => "s",
        (false, true) => "u",
        (false, false) => "-",
    }
}

/// A number with its digits in groups of three.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

/// The text with its first letter in upper case.
pub(super) fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
