//! `.insn`: an instruction by its fields, as GNU as has it.

use crate::assembler::{Assembler, Line};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Reported};
use crate::expr::{Function, Value};
use crate::lexer::{Kind, Token};
use crate::section::FixKind;
use pg32_isa::{Format, Reg};

/// The opcodes that GNU as knows by name.
const OPCODES: [(&str, u32); 25] = [
    ("LOAD", 0x03),
    ("LOAD_FP", 0x07),
    ("CUSTOM_0", 0x0b),
    ("MISC_MEM", 0x0f),
    ("OP_IMM", 0x13),
    ("AUIPC", 0x17),
    ("OP_IMM_32", 0x1b),
    ("STORE", 0x23),
    ("STORE_FP", 0x27),
    ("CUSTOM_1", 0x2b),
    ("AMO", 0x2f),
    ("OP", 0x33),
    ("LUI", 0x37),
    ("OP_32", 0x3b),
    ("MADD", 0x43),
    ("MSUB", 0x47),
    ("NMSUB", 0x4b),
    ("NMADD", 0x4f),
    ("OP_FP", 0x53),
    ("CUSTOM_2", 0x5b),
    ("CUSTOM_3", 0x7b),
    ("BRANCH", 0x63),
    ("JALR", 0x67),
    ("JAL", 0x6f),
    ("SYSTEM", 0x73),
];

impl Assembler<'_, '_> {
    pub(crate) fn insn(&mut self, line: &Line<'_>, tokens: &[Token]) -> Result<(), Reported> {
        // The format is a word of its own: what follows it are the operands.
        let [_, format, rest @ ..] = tokens else {
            return Err(self.insn_usage(line));
        };
        let separate = rest.first().is_none_or(|t| t.kind != Kind::Comma);
        if format.kind == Kind::Word && separate {
            let name = line.of(*format).to_ascii_lowercase();
            let statement = &tokens[1..];
            return match name.as_str() {
                // With four registers `r` is `r4`.
                "r" if statement.iter().filter(|t| t.kind == Kind::Comma).count() == 6 => {
                    self.insn_r4(line, statement)
                }
                "r" => self.insn_r(line, statement),
                "r4" => self.insn_r4(line, statement),
                "i" => self.insn_i(line, statement),
                "s" => self.insn_s(line, statement),
                "b" | "sb" => self.insn_b(line, statement),
                "u" => self.insn_upper(line, statement, Format::Upper),
                "j" | "uj" => self.insn_upper(line, statement, Format::Jump),
                _ => Err(self.insn_usage(line)),
            };
        }
        self.insn_word(line, tokens)
    }

    fn insn_usage(&mut self, line: &Line<'_>) -> Reported {
        let diagnostic = Diagnostic::new(Code::OperandKind, "no such form of `.insn`")
            .at(line.whole(), "expected `r`, `r4`, `i`, `s`, `b`, `u`, `j` or a word")
            .help(".insn r opcode, funct3, funct7, rd, rs1, rs2  or  .insn word");
        self.shared.sink.report(diagnostic)
    }

    /// `.insn word` and `.insn length, word`
    fn insn_word(&mut self, line: &Line<'_>, tokens: &[Token]) -> Result<(), Reported> {
        let operands = self.operands(line, tokens)?;
        let operands = operands.as_slice();
        let count = self.count(line, tokens, operands, 1..=2)?;
        if count == 2 && self.constant(line, operands[0])? != 4 {
            let span = line.span_of(operands[0]);
            return Err(self.shared.error(
                Code::ImmediateRange,
                "instructions have 4 bytes",
                span,
                "must be 4",
            ));
        }
        let operand = operands[count - 1];
        let word = self.constant(line, operand)?;
        match u32::try_from(word) {
            Ok(word) if word & 3 == 3 => self.emit_word(line, word),
            _ => {
                let message = "the two low bits of an instruction of 4 bytes are 1";
                let span = line.span_of(operand);
                let diagnostic = Diagnostic::new(Code::ImmediateRange, message)
                    .at(span, "no such instruction")
                    .help("`.word` puts down any word");
                Err(self.shared.sink.report(diagnostic))
            }
        }
    }

    /// A field of so many bits.
    fn field(&mut self, line: &Line<'_>, operand: &[Token], bits: u32) -> Result<u32, Reported> {
        if let [token] = operand
            && let Some((_, opcode)) = OPCODES.iter().find(|(name, _)| *name == line.of(*token))
            && bits == 7
        {
            return Ok(*opcode);
        }
        let value = self.constant(line, operand)?;
        if (0..1 << bits).contains(&value) {
            return Ok(value as u32);
        }
        let message =
            format!("{value} does not fit a field of {bits} bits: the range is 0 to {}", (1 << bits) - 1);
        Err(self.shared.error(Code::ImmediateRange, message, line.span_of(operand), "out of range"))
    }

    fn insn_r(&mut self, line: &Line<'_>, tokens: &[Token]) -> Result<(), Reported> {
        let operands = self.operands(line, tokens)?;
        let operands = operands.as_slice();
        self.count(line, tokens, operands, 6..=6)?;
        let mut word = self.field(line, operands[0], 7)?;
        word |= self.field(line, operands[1], 3)? << 12;
        word |= self.field(line, operands[2], 7)? << 25;
        for (operand, shift) in operands[3..].iter().zip([7, 15, 20]) {
            word |= u32::from(self.register(line, tokens[0], operand)?.number()) << shift;
        }
        self.emit_word(line, word)
    }

    /// `opcode, funct3, funct2, rd, rs1, rs2, rs3`
    fn insn_r4(&mut self, line: &Line<'_>, tokens: &[Token]) -> Result<(), Reported> {
        let operands = self.operands(line, tokens)?;
        let operands = operands.as_slice();
        self.count(line, tokens, operands, 7..=7)?;
        let mut word = self.field(line, operands[0], 7)?;
        word |= self.field(line, operands[1], 3)? << 12;
        word |= self.field(line, operands[2], 2)? << 25;
        for (operand, shift) in operands[3..].iter().zip([7, 15, 20, 27]) {
            word |= u32::from(self.register(line, tokens[0], operand)?.number()) << shift;
        }
        self.emit_word(line, word)
    }

    /// `opcode, funct3, rd, rs1, imm` and `opcode, funct3, rd, imm(rs1)`
    fn insn_i(&mut self, line: &Line<'_>, tokens: &[Token]) -> Result<(), Reported> {
        let operands = self.operands(line, tokens)?;
        let operands = operands.as_slice();
        let count = self.count(line, tokens, operands, 4..=5)?;
        let mut word = self.field(line, operands[0], 7)? | self.field(line, operands[1], 3)? << 12;
        let rd = self.register(line, tokens[0], operands[2])?;
        let (imm, rs1) = match self.base(line, operands[3]) {
            Some((imm, rs1)) if count == 4 => (imm, rs1),
            _ if count == 5 => (operands[4], self.register(line, tokens[0], operands[3])?),
            _ => return Err(self.insn_usage(line)),
        };
        word |= u32::from(rd.number()) << 7 | u32::from(rs1.number()) << 15;
        self.insn_immediate(
            line,
            word,
            imm,
            Format::RegImm,
            [FixKind::Immediate, FixKind::Lo, FixKind::PcrelLo],
        )
    }

    /// `opcode, funct3, rs2, imm(rs1)`
    fn insn_s(&mut self, line: &Line<'_>, tokens: &[Token]) -> Result<(), Reported> {
        let operands = self.operands(line, tokens)?;
        let operands = operands.as_slice();
        self.count(line, tokens, operands, 4..=4)?;
        let mut word = self.field(line, operands[0], 7)? | self.field(line, operands[1], 3)? << 12;
        let rs2 = self.register(line, tokens[0], operands[2])?;
        let Some((imm, rs1)) = self.base(line, operands[3]) else { return Err(self.insn_usage(line)) };
        word |= u32::from(rs2.number()) << 20 | u32::from(rs1.number()) << 15;
        let kinds = [FixKind::StoreImmediate, FixKind::StoreLo, FixKind::StorePcrelLo];
        self.insn_immediate(line, word, imm, Format::Store, kinds)
    }

    fn insn_immediate(
        &mut self,
        line: &Line<'_>,
        word: u32,
        operand: &[Token],
        format: Format,
        kinds: [FixKind; 3],
    ) -> Result<(), Reported> {
        if operand.is_empty() {
            return self.emit_word(line, word);
        }
        let modified = self.modified(line, operand)?;
        let span = line.span_of(operand);
        let kind = match modified.function {
            None => kinds[0],
            Some(Function::Lo) => kinds[1],
            Some(Function::PcrelLo) => kinds[2],
            Some(_) => return Err(self.insn_usage(line)),
        };
        if let (None, Value::Const(value)) = (modified.function, modified.value) {
            let imm = self.fit(
                if format == Format::Store { pg32_isa::Op::Sw } else { pg32_isa::Op::Addi },
                value,
                span,
            )?;
            return self.emit_word(line, word | format.encode_immediate(imm));
        }
        let offset = self.section().len;
        self.emit_word(line, word)?;
        self.fixup(offset, kind, modified.value, span);
        Ok(())
    }

    /// `opcode, funct3, rs1, rs2, target`
    fn insn_b(&mut self, line: &Line<'_>, tokens: &[Token]) -> Result<(), Reported> {
        let operands = self.operands(line, tokens)?;
        let operands = operands.as_slice();
        self.count(line, tokens, operands, 5..=5)?;
        let mut word = self.field(line, operands[0], 7)? | self.field(line, operands[1], 3)? << 12;
        for (operand, shift) in operands[2..4].iter().zip([15, 20]) {
            word |= u32::from(self.register(line, tokens[0], operand)?.number()) << shift;
        }
        self.insn_target(line, word, operands[4], FixKind::Branch)
    }

    /// `opcode, rd, value`
    fn insn_upper(&mut self, line: &Line<'_>, tokens: &[Token], format: Format) -> Result<(), Reported> {
        let operands = self.operands(line, tokens)?;
        let operands = operands.as_slice();
        self.count(line, tokens, operands, 3..=3)?;
        let rd: Reg = self.register(line, tokens[0], operands[1])?;
        let word = self.field(line, operands[0], 7)? | u32::from(rd.number()) << 7;
        if format == Format::Jump {
            return self.insn_target(line, word, operands[2], FixKind::Jump);
        }
        let modified = self.modified(line, operands[2])?;
        let kind = match modified.function {
            None => FixKind::Upper,
            Some(Function::Hi) => FixKind::Hi,
            Some(Function::PcrelHi) => FixKind::PcrelHi,
            Some(_) => return Err(self.insn_usage(line)),
        };
        let offset = self.section().len;
        self.emit_word(line, word)?;
        self.fixup(offset, kind, modified.value, line.span_of(operands[2]));
        Ok(())
    }

    fn insn_target(
        &mut self,
        line: &Line<'_>,
        word: u32,
        operand: &[Token],
        kind: FixKind,
    ) -> Result<(), Reported> {
        let value = self.expression(line, operand)?;
        let offset = self.section().len;
        self.emit_word(line, word)?;
        self.fixup(offset, kind, value, line.span_of(operand));
        Ok(())
    }
}
