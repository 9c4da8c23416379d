//! One decoded instruction, to and from its word and its text.

use crate::{Format, Op, Reg};
use std::fmt;

/// An instruction with its operands. Fields that its format does not use are zero, so that equal instructions
/// compare equal.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Insn {
    /// Which instruction.
    pub op: Op,
    /// Destination register.
    pub rd: Reg,
    /// First source register.
    pub rs1: Reg,
    /// Second source register.
    pub rs2: Reg,
    /// The immediate: sign-extended; bytes from this instruction for branches and jumps; the whole upper word
    /// (a multiple of 4096) for `lui` and `auipc`; 0 to 31 for shifts.
    pub imm: i32,
}

impl Insn {
    /// An instruction with every operand zero.
    #[must_use]
    pub const fn new(op: Op) -> Self {
        Insn { op, rd: Reg::ZERO, rs1: Reg::ZERO, rs2: Reg::ZERO, imm: 0 }
    }

    /// The instruction that `word` encodes; `None` if there is no such instruction.
    #[must_use]
    #[inline]
    pub fn decode(word: u32) -> Option<Self> {
        let op = Op::decode(word)?;
        let format = op.format();
        let (rd, rs1, rs2) = format.fields();
        let field = |used, shift| if used { Reg::from_field(word, shift) } else { Reg::ZERO };
        Some(Insn {
            op,
            rd: field(rd, 7),
            rs1: field(rs1, 15),
            rs2: field(rs2, 20),
            imm: format.decode_immediate(word),
        })
    }

    /// The word that encodes this instruction. Operands outside the format's ranges
    /// ([`Format::immediate`]) are cut to their fields: whoever makes instructions from text checks first.
    #[must_use]
    pub const fn encode(self) -> u32 {
        let format = self.op.format();
        let (rd, rs1, rs2) = format.fields();
        let mut word = self.op.bits() | format.encode_immediate(self.imm);
        if rd {
            word |= (self.rd.number() as u32) << 7;
        }
        if rs1 {
            word |= (self.rs1.number() as u32) << 15;
        }
        if rs2 {
            word |= (self.rs2.number() as u32) << 20;
        }
        word
    }

    /// The instruction as text for people, with the addresses that jumps and branches go to, as objdump prints them: `at`
    /// is its own virtual address. For an assembler a bare number is a place that may lie anywhere, so that it makes
    /// a far branch of one to a number; the text that [`fmt::Display`] gives assembles to [`Insn::encode`] wherever it lies.
    #[must_use]
    pub fn display_at(self, at: u32) -> Displayed {
        Displayed { insn: self, at: Some(at) }
    }
}

/// How [`Insn::display_at`] prints.
#[derive(Clone, Copy, Debug)]
pub struct Displayed {
    insn: Insn,
    at: Option<u32>,
}

/// The text of the instruction wherever it lies: targets are written `. + offset`.
impl fmt::Display for Insn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Displayed { insn: *self, at: None }.fmt(f)
    }
}

impl fmt::Display for Displayed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Insn { op, rd, rs1, rs2, imm } = self.insn;
        let name = op.mnemonic();
        match op.format() {
            Format::RegReg => write!(f, "{name} {rd}, {rs1}, {rs2}"),
            Format::RegImm | Format::Shift => write!(f, "{name} {rd}, {rs1}, {imm}"),
            Format::Load | Format::JumpReg => write!(f, "{name} {rd}, {imm}({rs1})"),
            Format::Store => write!(f, "{name} {rs2}, {imm}({rs1})"),
            Format::Branch => write!(f, "{name} {rs1}, {rs2}, {}", self.target()),
            Format::Upper => write!(f, "{name} {rd}, {:#x}", imm as u32 >> 12),
            Format::Jump => write!(f, "{name} {rd}, {}", self.target()),
            Format::Fence => self.fence(f),
            Format::Bare => f.write_str(name),
            Format::Rd => write!(f, "{name} {rd}"),
            Format::Rs1 => write!(f, "{name} {rs1}"),
            Format::Rs1Rs2 => write!(f, "{name} {rs1}, {rs2}"),
            Format::LoadOnly | Format::StoreOnly => write!(f, "{name} {imm}({rs1})"),
        }
    }
}

/// The MISC-MEM major opcode, for `.insn`.
const MISC_MEM: u32 = 0x0f;

impl Displayed {
    fn target(&self) -> String {
        let imm = self.insn.imm;
        match self.at {
            Some(at) => format!("{:#x}", at.wrapping_add_signed(imm)),
            None if imm < 0 => format!(". - {}", imm.unsigned_abs()),
            None => format!(". + {imm}"),
        }
    }

    /// A fence by its sets where it has the ordinary form, else as the `.insn` that gives the same word.
    fn fence(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Insn { op, rd, rs1, imm, .. } = self.insn;
        let plain = rd == Reg::ZERO && rs1 == Reg::ZERO;
        let (pred, succ) = (imm >> 4 & 15, imm & 15);
        match op {
            Op::FenceI if plain && imm == 0 => f.write_str("fence.i"),
            Op::Fence if plain && imm >> 8 == 0 && pred != 0 && succ != 0 => {
                write!(f, "fence {}, {}", Set(pred), Set(succ))
            }
            Op::Fence if plain && imm & 0xfff == 0x833 => f.write_str("fence.tso"),
            _ => write!(f, ".insn i {MISC_MEM:#x}, {}, {rd}, {rs1}, {imm}", op.bits() >> 12 & 7),
        }
    }
}

/// A fence's set of accesses, as `iorw`.
struct Set(i32);

impl fmt::Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (bit, letter) in [(8, "i"), (4, "o"), (2, "r"), (1, "w")] {
            if self.0 & bit != 0 {
                f.write_str(letter)?;
            }
        }
        Ok(())
    }
}
