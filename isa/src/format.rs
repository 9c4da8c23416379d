//! Instruction formats: where the fields of a word lie, and how operands are written.
//!
//! A format is finer than RISC-V's six: it also says which register fields must be zero and in which syntax
//! the operands appear, so that a row of the table needs nothing but its fixed bits.

/// How an instruction's operands are encoded and written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Format {
    /// `rd, rs1, rs2` (R).
    RegReg,
    /// `rd, rs1, imm` (I).
    RegImm,
    /// `rd, rs1, shamt` (I with a five-bit immediate).
    Shift,
    /// `rd, imm(rs1)` (I).
    Load,
    /// `rs2, imm(rs1)` (S).
    Store,
    /// `rs1, rs2, target` (B).
    Branch,
    /// `rd, imm20` (U).
    Upper,
    /// `rd, target` (J).
    Jump,
    /// `rd, imm(rs1)` (I), as `jalr` is written.
    JumpReg,
    /// MISC-MEM: every field is free and without effect.
    Fence,
    /// No operands; every bit is fixed.
    Bare,
    /// `rd` (R with `rs1` and `rs2` zero).
    Rd,
    /// `rs1` (R with `rd` and `rs2` zero).
    Rs1,
    /// `rs1, rs2` (R with `rd` zero).
    Rs1Rs2,
    /// `imm(rs1)` (I with `rd` zero).
    LoadOnly,
    /// `imm(rs1)` (S with `rs2` zero).
    StoreOnly,
}

/// What an immediate operand may be: `min..=max`, in steps of `step`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ImmediateRange {
    /// The least value.
    pub min: i32,
    /// The greatest value.
    pub max: i32,
    /// Every value is a multiple of this.
    pub step: i32,
}

impl ImmediateRange {
    /// Whether `value` can be encoded.
    #[must_use]
    pub fn contains(self, value: i64) -> bool {
        (i64::from(self.min)..=i64::from(self.max)).contains(&value) && value % i64::from(self.step) == 0
    }
}

const OPCODE: u32 = 0x0000_007f;
const RD: u32 = 0x0000_0f80;
const FUNCT3: u32 = 0x0000_7000;
const RS1: u32 = 0x000f_8000;
const RS2: u32 = 0x01f0_0000;
const FUNCT7: u32 = 0xfe00_0000;

impl Format {
    /// The bits of a word that are fixed for an instruction of this format.
    #[must_use]
    pub const fn mask(self) -> u32 {
        match self {
            Format::RegReg | Format::Shift => OPCODE | FUNCT3 | FUNCT7,
            Format::RegImm
            | Format::Load
            | Format::Store
            | Format::Branch
            | Format::JumpReg
            | Format::Fence => OPCODE | FUNCT3,
            Format::Upper | Format::Jump => OPCODE,
            Format::Bare => u32::MAX,
            Format::Rd => OPCODE | FUNCT3 | FUNCT7 | RS1 | RS2,
            Format::Rs1 => OPCODE | FUNCT3 | FUNCT7 | RD | RS2,
            Format::Rs1Rs2 => OPCODE | FUNCT3 | FUNCT7 | RD,
            Format::LoadOnly => OPCODE | FUNCT3 | RD,
            Format::StoreOnly => OPCODE | FUNCT3 | RS2,
        }
    }

    /// The range of the immediate, in the units of [`crate::Insn::imm`]; `None` where there is none.
    /// For [`Format::Upper`] these are the values of the operand as written, the upper 20 bits.
    #[must_use]
    pub const fn immediate(self) -> Option<ImmediateRange> {
        let (min, max, step) = match self {
            Format::RegImm
            | Format::Load
            | Format::Store
            | Format::JumpReg
            | Format::LoadOnly
            | Format::StoreOnly => (-2048, 2047, 1),
            Format::Shift => (0, 31, 1),
            Format::Branch => (-4096, 4094, 2),
            Format::Jump => (-0x10_0000, 0x0f_fffe, 2),
            Format::Upper => (0, 0xf_ffff, 1),
            Format::RegReg | Format::Fence | Format::Bare | Format::Rd | Format::Rs1 | Format::Rs1Rs2 => {
                return None;
            }
        };
        Some(ImmediateRange { min, max, step })
    }

    /// The operands as the assembler manual shows them; empty where there are none.
    #[must_use]
    pub const fn syntax(self) -> &'static str {
        match self {
            Format::RegReg => "rd, rs1, rs2",
            Format::RegImm => "rd, rs1, imm",
            Format::Shift => "rd, rs1, shamt",
            Format::Load | Format::JumpReg => "rd, imm(rs1)",
            Format::Store => "rs2, imm(rs1)",
            Format::Branch => "rs1, rs2, target",
            Format::Upper => "rd, imm",
            Format::Jump => "rd, target",
            Format::Fence => "[pred, succ]",
            Format::Bare => "",
            Format::Rd => "rd",
            Format::Rs1 => "rs1",
            Format::Rs1Rs2 => "rs1, rs2",
            Format::LoadOnly | Format::StoreOnly => "imm(rs1)",
        }
    }

    /// The immediate that `word` holds: sign-extended, scaled to bytes for branches and jumps, shifted left
    /// by 12 for [`Format::Upper`]; 0 where there is none.
    #[must_use]
    pub const fn decode_immediate(self, word: u32) -> i32 {
        let signed = word as i32;
        match self {
            Format::RegImm | Format::Load | Format::JumpReg | Format::Fence | Format::LoadOnly => {
                signed >> 20
            }
            Format::Shift => ((word >> 20) & 31) as i32,
            Format::Store | Format::StoreOnly => (signed >> 25 << 5) | ((word >> 7) & 31) as i32,
            Format::Branch => {
                (signed >> 31 << 12)
                    | (((word >> 7) & 1) << 11) as i32
                    | (((word >> 25) & 0x3f) << 5) as i32
                    | (((word >> 8) & 0xf) << 1) as i32
            }
            Format::Upper => (word & 0xffff_f000) as i32,
            Format::Jump => {
                (signed >> 31 << 20)
                    | (word & 0x000f_f000) as i32
                    | (((word >> 20) & 1) << 11) as i32
                    | (((word >> 21) & 0x3ff) << 1) as i32
            }
            Format::RegReg | Format::Bare | Format::Rd | Format::Rs1 | Format::Rs1Rs2 => 0,
        }
    }

    /// The bits that the immediate `imm` sets; the inverse of [`Format::decode_immediate`]. Bits of `imm` that
    /// the format has no room for are dropped: the caller has checked the range.
    #[must_use]
    pub const fn encode_immediate(self, imm: i32) -> u32 {
        let imm = imm as u32;
        match self {
            Format::RegImm | Format::Load | Format::JumpReg | Format::Fence | Format::LoadOnly => imm << 20,
            Format::Shift => (imm & 31) << 20,
            Format::Store | Format::StoreOnly => ((imm >> 5) << 25) | ((imm & 31) << 7),
            Format::Branch => {
                ((imm >> 12) & 1) << 31
                    | ((imm >> 5) & 0x3f) << 25
                    | ((imm >> 1) & 0xf) << 8
                    | ((imm >> 11) & 1) << 7
            }
            Format::Upper => imm & 0xffff_f000,
            Format::Jump => {
                ((imm >> 20) & 1) << 31
                    | ((imm >> 1) & 0x3ff) << 21
                    | ((imm >> 11) & 1) << 20
                    | (imm & 0x000f_f000)
            }
            Format::RegReg | Format::Bare | Format::Rd | Format::Rs1 | Format::Rs1Rs2 => 0,
        }
    }

    /// Whether the fields `(rd, rs1, rs2)` are operands of this format.
    #[must_use]
    pub const fn fields(self) -> (bool, bool, bool) {
        match self {
            Format::RegReg => (true, true, true),
            Format::RegImm | Format::Shift | Format::Load | Format::JumpReg | Format::Fence => {
                (true, true, false)
            }
            Format::Store | Format::Branch => (false, true, true),
            Format::Upper | Format::Jump | Format::Rd => (true, false, false),
            Format::Bare => (false, false, false),
            Format::Rs1 | Format::LoadOnly | Format::StoreOnly => (false, true, false),
            Format::Rs1Rs2 => (false, true, true),
        }
    }
}
