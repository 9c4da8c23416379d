//! Words into sections: room for them, their source lines, and what of them waits for an address.

use crate::assembler::{Assembler, Line};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Reported};
use crate::expr::Value;
use crate::got::Length;
use crate::section::{FixKind, Fixup, Flow, Row, Target};
use crate::source::Span;
use pg32_isa::{Insn, Op};

impl Assembler<'_, '_> {
    /// Emits `insn`, whose missing part is filled in when `value` is known.
    pub(crate) fn emit_fixed(
        &mut self,
        line: &Line<'_>,
        insn: Insn,
        kind: FixKind,
        value: Value,
        span: Span,
    ) -> Result<(), Reported> {
        let offset = self.section().len;
        self.emit(line, insn)?;
        self.fixup(offset, kind, value, span);
        Ok(())
    }

    /// Notes that the bytes at `offset` of the current section wait for `value`.
    pub(crate) fn fixup(&mut self, offset: u32, kind: FixKind, value: Value, span: Span) {
        let target = match value {
            Value::Symbol(symbol, addend) if i32::try_from(addend).is_ok() => {
                Target::Symbol { symbol, addend: addend as i32 }
            }
            Value::Node(node) => Target::Node(node),
            value => {
                let node = crate::expr::NodeId(self.nodes.len() as u32);
                self.nodes.push(crate::expr::Node::Binary(crate::expr::Binary::Add, value, Value::Const(0)));
                Target::Node(node)
            }
        };
        self.section().fixups.push(Fixup { target, offset, kind, span });
    }

    #[inline]
    pub(crate) fn emit(&mut self, line: &Line<'_>, insn: Insn) -> Result<(), Reported> {
        self.emit_word(line, insn.encode())
    }

    /// Characters among code: warns if execution runs into them.
    pub(crate) fn characters_in_code(&mut self, line: &Line<'_>) {
        let section = self.section();
        if section.len == 0 && section.points.is_empty() {
            section.text_first = Some(line.whole());
        }
        if let Flow::On(instruction) = std::mem::replace(&mut section.flow, Flow::Elsewhere) {
            let diagnostic = Diagnostic::new(Code::RunsIntoData, "execution runs into data")
                .at(line.whole(), "these bytes would be executed")
                .at(instruction, "goes on behind itself")
                .help("end the code with a jump, `ret`, `halt` or the like, or put the data into `.rodata` or `.data`");
            self.shared.sink.report(diagnostic);
        }
    }

    /// Emits the word of an instruction.
    #[inline]
    pub(crate) fn emit_word(&mut self, line: &Line<'_>, word: u32) -> Result<(), Reported> {
        self.room(line, 4)?;
        if self.watch {
            self.watched(line);
        }
        let section = &mut self.sections[self.current.0 as usize];
        if section.len & 3 != 0 && !section.misaligned {
            self.misaligned(line);
        }
        let section = &mut self.sections[self.current.0 as usize];
        section.push(&word.to_le_bytes());
        let leads = LEADING.iter().any(|op| (word ^ op.bits()) & MAJOR == 0);
        section.flow = if leads { Flow::Elsewhere } else { Flow::On(line.whole()) };
        Ok(())
    }

    /// What waited for an instruction: alignments that have an effect only before one, and a word about its length.
    fn watched(&mut self, line: &Line<'_>) {
        self.watch = false;
        let section = self.section();
        for (point, _) in std::mem::take(&mut section.waiting) {
            if let Some(limit) = section.alignment_limit(point as usize) {
                *limit = u32::MAX;
            }
        }
        if self.mode.length == Length::Two && !self.said_rvc {
            self.said_rvc = true;
            let message = "PG32 has no compressed instructions; these keep their four bytes";
            let diagnostic = Diagnostic::new(Code::OptionIgnored, message)
                .at(line.whole(), "not compressed, in spite of `.option rvc`");
            self.shared.sink.report(diagnostic);
        }
        let unit = self.unit;
        self.watch = self.sections.iter().any(|s| s.unit == unit && !s.waiting.is_empty());
    }

    pub(crate) fn misaligned(&mut self, line: &Line<'_>) {
        // A variable part before may put it right.
        let section = self.section();
        if !section.points.is_empty() || !section.flags.alloc {
            return;
        }
        section.misaligned = true;
        let span = line.whole();
        let offset = self.section().len;
        let diagnostic = Diagnostic::new(
            Code::MisalignedCode,
            format!("this instruction lies {} bytes behind a multiple of 4", offset & 3),
        )
        .at(span, "it cannot be fetched here")
        .help("put `.align 2` before it");
        self.shared.sink.report(diagnostic);
    }

    /// Makes sure that the current section takes `bytes` more, and notes the line that they come from.
    #[inline]
    pub(crate) fn room(&mut self, line: &Line<'_>, bytes: u64) -> Result<(), Reported> {
        let section = &mut self.sections[self.current.0 as usize];
        self.shared.image_bytes += bytes;
        if section.flags.nobits || self.shared.image_bytes > self.shared.options.limits.image_bytes {
            return Err(self.no_room(line, bytes));
        }
        let (source, row) = self.location.unwrap_or(line.row);
        if section.rows.last().is_none_or(|last| last.line != row || last.source != source) {
            let (offset, point) = (section.len, section.points.len() as u32);
            section.rows.push(Row { offset, point, source, line: row });
        }
        Ok(())
    }

    pub(crate) fn no_room(&mut self, line: &Line<'_>, bytes: u64) -> Reported {
        self.shared.image_bytes -= bytes;
        let span = line.whole();
        if self.section().flags.nobits {
            let name = self.section().name.clone();
            let diagnostic =
                Diagnostic::new(Code::BytesInBss, format!("`{name}` has no room for bytes, only a size"))
                    .at(span, "these would be lost")
                    .help("put them into `.data`, or reserve room with `.space`");
            return self.shared.sink.report(diagnostic);
        }
        let limit = self.shared.options.limits.image_bytes;
        if self.shared.sink.stop() {
            let message = format!("the image would be larger than {limit} bytes");
            let diagnostic = Diagnostic::new(Code::ImageTooLarge, message)
                .at(span, format!("{bytes} bytes more"))
                .help("room that is zero belongs into `.bss`, where it takes no bytes");
            self.shared.sink.report(diagnostic);
        }
        Reported
    }
}

/// The major opcode of a word.
const MAJOR: u32 = 0x7f;

/// One instruction of each major opcode under which some lead elsewhere: jumps, calls of a supervisor, and the system
/// instructions.
const LEADING: [Op; 4] = [Op::Jal, Op::Jalr, Op::Ecall, Op::Halt];
