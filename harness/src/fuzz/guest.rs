//! A fuzzed guest: a kernel as lines whose labels move with them, so that lines can be taken away and what is left
//! still means something; as an image, and as a source.

use pg32_image::{FLAT_ENTRY, Image};
use pg32_isa::{Format, Insn, SLOT_NEW};
use std::fmt::Write;

/// A guest.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Guest {
    /// Storage, bytes.
    pub(super) memory: u32,
    /// The new PSW, in slot 1.
    pub(super) new: NewPsw,
    /// What lies from the entry on, in order; the first is executed first.
    pub(super) lines: Vec<Line>,
    /// The input tape: ASCII, so that a case's header can hold it.
    pub(super) input: String,
}

/// The PSW that traps load.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct NewPsw {
    pub(super) status: u32,
    pub(super) base: u32,
    pub(super) limit: u32,
    /// The line that its PC names.
    pub(super) handler: Label,
    pub(super) timer: u32,
}

/// The identity of a line. Where the line is gone, the next one that is left.
pub(super) type Label = u32;

/// One word of the guest.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Line {
    pub(super) label: Label,
    pub(super) word: Word,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Word {
    /// An instruction.
    Insn(Insn),
    /// An instruction whose immediate is another line's: its distance for branches and jumps, else its address.
    To(Insn, Label),
    /// A number.
    Number(u32),
    /// A line's address in a segment that begins at the second.
    Address(Label, u32),
}

impl Guest {
    /// The physical address of a line.
    pub(super) fn address(&self, label: Label) -> u32 {
        // Lines are in order of their labels.
        FLAT_ENTRY + 4 * self.lines.partition_point(|line| line.label < label) as u32
    }

    fn encode(&self, at: u32, word: &Word) -> u32 {
        match word {
            Word::Insn(insn) => insn.encode(),
            Word::To(..) => self.resolved(at, word).encode(),
            Word::Number(number) => *number,
            Word::Address(label, base) => self.address(*label).wrapping_sub(*base),
        }
    }

    /// The instruction with its label's value in it.
    fn resolved(&self, at: u32, word: &Word) -> Insn {
        match word {
            Word::To(insn, label) => {
                let target = self.address(*label);
                let imm = match insn.op.format() {
                    Format::Branch | Format::Jump => target.wrapping_sub(at),
                    _ => target,
                };
                Insn { imm: imm as i32, ..*insn }
            }
            Word::Insn(insn) => *insn,
            Word::Number(_) | Word::Address(..) => unreachable!("only instructions are resolved"),
        }
    }

    /// All of storage that is not zero at reset.
    pub(super) fn image(&self) -> Image {
        let mut bytes = vec![0; FLAT_ENTRY as usize + 4 * self.lines.len()];
        let NewPsw { status, base, limit, handler, timer } = &self.new;
        let new = [*status, *base, *limit, self.address(*handler), *timer];
        let code = (FLAT_ENTRY..).step_by(4).zip(&self.lines);
        let code = code.map(|(at, line)| (at, self.encode(at, &line.word)));
        for (at, word) in (SLOT_NEW.0..).step_by(4).zip(new).chain(code) {
            bytes[at as usize..at as usize + 4].copy_from_slice(&word.to_le_bytes());
        }
        Image::from_flat(bytes)
    }

    /// The source that assembles to [`Guest::image`]. `header` are lines in front of it.
    pub(super) fn source(&self, header: &str) -> String {
        let mut text = header.to_owned();
        // Writing to a string does not fail.
        let _ = self.write(&mut text);
        text
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        let NewPsw { status, base, limit, handler, timer } = &self.new;
        writeln!(out, "        .section .trap")?;
        writeln!(out, "        .space  {:#x}", SLOT_NEW.0)?;
        writeln!(out, "        .word   {status}, {base:#x}, {limit:#x}, {}, {timer}", self.name(*handler))?;
        writeln!(out, "\n        .text\n        .globl  _start\n_start:")?;
        let named = self.named();
        for (at, line) in (FLAT_ENTRY..).step_by(4).zip(&self.lines) {
            if named.contains(&at) {
                writeln!(out, "{}:", label_at(at))?;
            }
            writeln!(out, "        {}", self.text(at, &line.word))?;
        }
        let end = FLAT_ENTRY + 4 * self.lines.len() as u32;
        if named.contains(&end) { writeln!(out, "{}:", label_at(end)) } else { Ok(()) }
    }

    /// The addresses that something names.
    fn named(&self) -> Vec<u32> {
        let used = self.lines.iter().filter_map(|line| match line.word {
            Word::To(_, label) | Word::Address(label, _) => Some(label),
            Word::Insn(_) | Word::Number(_) => None,
        });
        used.chain([self.new.handler]).map(|label| self.address(label)).collect()
    }

    fn name(&self, label: Label) -> String {
        label_at(self.address(label))
    }

    fn text(&self, at: u32, word: &Word) -> String {
        match word {
            Word::Number(number) => format!(".word   {number:#x}"),
            Word::Address(label, 0) => format!(".word   {}", self.name(*label)),
            Word::Address(label, base) => format!(".word   {} - {base:#x}", self.name(*label)),
            // A branch to a bare number would be taken for far, as GNU as has it.
            Word::Insn(insn) => insn.to_string(),
            Word::To(_, label) => {
                let name = self.name(*label);
                let insn = Insn::decode(self.resolved(at, word).encode()).expect("it was an instruction");
                match insn.op.format() {
                    Format::Branch | Format::Jump => {
                        let plain = insn.display_at(at).to_string();
                        plain.rsplit_once(' ').map_or(plain.clone(), |(head, _)| format!("{head} {name}"))
                    }
                    _ => insn.to_string().replacen(&insn.imm.to_string(), &format!("%lo({name})"), 1),
                }
            }
        }
    }
}

fn label_at(address: u32) -> String {
    format!("at_{address:x}")
}
