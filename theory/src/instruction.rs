//! An instruction as the classifier sees it: a name, its fixed bits, and where its operands lie.

use pg32_isa::{Format, Insn, Op, Reg};
use std::borrow::Cow;

/// An instruction to be classified: a row of the machine's table, or one that somebody adds for an experiment.
/// It says what the words look like, never what they do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Instruction {
    /// The mnemonic.
    pub name: Cow<'static, str>,
    /// One line for the reader; nothing is concluded from it.
    pub summary: Cow<'static, str>,
    /// Where the operands lie.
    pub format: Format,
    /// The word with every operand zero.
    pub bits: u32,
}

/// The operands in a word; fields that the format does not use are zero.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Operands {
    /// Destination register.
    pub rd: Reg,
    /// First source register.
    pub rs1: Reg,
    /// Second source register.
    pub rs2: Reg,
    /// The immediate, as [`Format::decode_immediate`] yields it.
    pub imm: i32,
}

impl From<Op> for Instruction {
    fn from(op: Op) -> Self {
        Instruction {
            name: op.mnemonic().into(),
            summary: op.summary().into(),
            format: op.format(),
            bits: op.bits(),
        }
    }
}

impl Instruction {
    /// Whether `word` is this instruction.
    #[must_use]
    pub fn matches(&self, word: u32) -> bool {
        word & self.format.mask() == self.bits
    }

    /// The operands in `word`.
    #[must_use]
    pub fn operands(&self, word: u32) -> Operands {
        let (rd, rs1, rs2) = self.format.fields();
        let field = |used, shift| if used { Reg::from_field(word, shift) } else { Reg::ZERO };
        Operands {
            rd: field(rd, 7),
            rs1: field(rs1, 15),
            rs2: field(rs2, 20),
            imm: self.format.decode_immediate(word),
        }
    }

    /// The word with these operands; those that the format has no field for are dropped.
    #[must_use]
    pub fn encode(&self, operands: Operands) -> u32 {
        let (rd, rs1, rs2) = self.format.fields();
        let field = |used, reg: Reg, shift| if used { u32::from(reg.number()) << shift } else { 0 };
        self.bits
            | self.format.encode_immediate(operands.imm)
            | field(rd, operands.rd, 7)
            | field(rs1, operands.rs1, 15)
            | field(rs2, operands.rs2, 20)
    }

    /// The instruction in `word` as text.
    #[must_use]
    pub fn text(&self, word: u32) -> String {
        match Insn::decode(word) {
            Some(insn) if insn.op.mnemonic() == self.name => insn.to_string(),
            _ => format!("{} ({word:#010x})", self.name),
        }
    }

    /// A few words with each kind of operand: `x0`, aliased and distinct registers, small immediates on both
    /// sides of zero and of alignment. The first is the one that reads best in a witness.
    #[must_use]
    pub(crate) fn forms(&self) -> Vec<u32> {
        let (rd, rs1, rs2) = self.format.fields();
        let choices = |used, regs: &[Reg]| if used { regs.to_vec() } else { vec![Reg::ZERO] };
        let immediates: Vec<i32> = match self.format.immediate() {
            Some(range) => {
                let scale = if self.format == Format::Upper { 12 } else { 0 };
                [0, 4, 2, -4]
                    .into_iter()
                    .filter(|i| range.contains(i64::from(*i)))
                    .map(|i| i << scale)
                    .collect()
            }
            None => vec![0],
        };
        let mut words = Vec::new();
        for &imm in &immediates {
            for rd in choices(rd, &[Reg::A0, Reg::ZERO]) {
                for rs1 in choices(rs1, &[Reg::A0, Reg::ZERO]) {
                    for rs2 in choices(rs2, &[A1, Reg::A0]) {
                        words.push(self.encode(Operands { rd, rs1, rs2, imm }));
                    }
                }
            }
        }
        words
    }
}

/// The second register that [`Instruction::forms`] uses, beside [`Reg::A0`].
pub(crate) const A1: Reg = Reg::new(11);
