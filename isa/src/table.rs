//! The instruction table: one row per instruction, and what follows from it.
//!
//! A row is: variant, visitor method, mnemonic, format, fixed bits, what it does. To add an instruction, add
//! its row here; the compiler then names every interpreter that lacks its meaning.
//!
//! Sources: RISC-V unprivileged specification, RV32I 2.1 and M 2.0; principles of operation, section 5.

use crate::{Format, Insn};

macro_rules! instructions {
    ($($variant:ident $method:ident $mnemonic:literal $format:ident $bits:literal $summary:literal;)*) => {
        /// An instruction of the machine, without its operands.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u8)]
        pub enum Op {
            $(#[doc = concat!("`", $mnemonic, "`: ", $summary)] $variant,)*
        }

        impl Op {
            /// Every instruction, in table order; `ALL[op as usize] == op`.
            pub const ALL: [Op; [$($bits as u32),*].len()] = [$(Op::$variant),*];

            const ROWS: [Row; Op::ALL.len()] = [
                $(Row { mnemonic: $mnemonic, format: Format::$format, bits: $bits, summary: $summary }),*
            ];
        }

        /// One method per instruction: an interpreter, a compiler or a printer that forgets one does not
        /// compile.
        pub trait Visitor {
            /// What a visit yields.
            type Output;
            $(#[doc = concat!("`", $mnemonic, "`: ", $summary)]
            fn $method(&mut self, insn: Insn) -> Self::Output;)*
        }

        impl Insn {
            /// Calls the visitor's method for this instruction.
            #[inline(always)]
            pub fn visit<V: Visitor>(self, visitor: &mut V) -> V::Output {
                match self.op {
                    $(Op::$variant => visitor.$method(self),)*
                }
            }
        }
    };
}

instructions! {
    // RV32I: constants and control transfer
    Lui     lui     "lui"     Upper     0x0000_0037 "rd = imm << 12";
    Auipc   auipc   "auipc"   Upper     0x0000_0017 "rd = PC + (imm << 12)";
    Jal     jal     "jal"     Jump      0x0000_006f "rd = PC + 4; PC = target";
    Jalr    jalr    "jalr"    JumpReg   0x0000_0067 "rd = PC + 4; PC = (rs1 + imm) with bit 0 cleared";
    Beq     beq     "beq"     Branch    0x0000_0063 "if rs1 = rs2: PC = target";
    Bne     bne     "bne"     Branch    0x0000_1063 "if rs1 != rs2: PC = target";
    Blt     blt     "blt"     Branch    0x0000_4063 "if rs1 < rs2, signed: PC = target";
    Bge     bge     "bge"     Branch    0x0000_5063 "if rs1 >= rs2, signed: PC = target";
    Bltu    bltu    "bltu"    Branch    0x0000_6063 "if rs1 < rs2, unsigned: PC = target";
    Bgeu    bgeu    "bgeu"    Branch    0x0000_7063 "if rs1 >= rs2, unsigned: PC = target";
    // RV32I: loads and stores
    Lb      lb      "lb"      Load      0x0000_0003 "rd = byte at rs1 + imm, sign-extended";
    Lh      lh      "lh"      Load      0x0000_1003 "rd = halfword at rs1 + imm, sign-extended";
    Lw      lw      "lw"      Load      0x0000_2003 "rd = word at rs1 + imm";
    Lbu     lbu     "lbu"     Load      0x0000_4003 "rd = byte at rs1 + imm, zero-extended";
    Lhu     lhu     "lhu"     Load      0x0000_5003 "rd = halfword at rs1 + imm, zero-extended";
    Sb      sb      "sb"      Store     0x0000_0023 "byte at rs1 + imm = rs2";
    Sh      sh      "sh"      Store     0x0000_1023 "halfword at rs1 + imm = rs2";
    Sw      sw      "sw"      Store     0x0000_2023 "word at rs1 + imm = rs2";
    // RV32I: arithmetic with an immediate
    Addi    addi    "addi"    RegImm    0x0000_0013 "rd = rs1 + imm";
    Slti    slti    "slti"    RegImm    0x0000_2013 "rd = rs1 < imm, signed";
    Sltiu   sltiu   "sltiu"   RegImm    0x0000_3013 "rd = rs1 < imm, unsigned";
    Xori    xori    "xori"    RegImm    0x0000_4013 "rd = rs1 xor imm";
    Ori     ori     "ori"     RegImm    0x0000_6013 "rd = rs1 or imm";
    Andi    andi    "andi"    RegImm    0x0000_7013 "rd = rs1 and imm";
    Slli    slli    "slli"    Shift     0x0000_1013 "rd = rs1 << shamt";
    Srli    srli    "srli"    Shift     0x0000_5013 "rd = rs1 >> shamt, filling with zeros";
    Srai    srai    "srai"    Shift     0x4000_5013 "rd = rs1 >> shamt, filling with the sign";
    // RV32I: arithmetic between registers
    Add     add     "add"     RegReg    0x0000_0033 "rd = rs1 + rs2";
    Sub     sub     "sub"     RegReg    0x4000_0033 "rd = rs1 - rs2";
    Sll     sll     "sll"     RegReg    0x0000_1033 "rd = rs1 << (rs2 mod 32)";
    Slt     slt     "slt"     RegReg    0x0000_2033 "rd = rs1 < rs2, signed";
    Sltu    sltu    "sltu"    RegReg    0x0000_3033 "rd = rs1 < rs2, unsigned";
    Xor     xor     "xor"     RegReg    0x0000_4033 "rd = rs1 xor rs2";
    Srl     srl     "srl"     RegReg    0x0000_5033 "rd = rs1 >> (rs2 mod 32), filling with zeros";
    Sra     sra     "sra"     RegReg    0x4000_5033 "rd = rs1 >> (rs2 mod 32), filling with the sign";
    Or      or      "or"      RegReg    0x0000_6033 "rd = rs1 or rs2";
    And     and     "and"     RegReg    0x0000_7033 "rd = rs1 and rs2";
    // RV32I: order and calls
    Fence   fence   "fence"   Fence     0x0000_000f "nothing: storage is uniform";
    FenceI  fence_i "fence.i" Fence     0x0000_100f "nothing: a store is seen by the very next fetch";
    Ecall   ecall   "ecall"   Bare      0x0000_0073 "supervisor-call trap";
    Ebreak  ebreak  "ebreak"  Bare      0x0010_0073 "breakpoint trap";
    // M
    Mul     mul     "mul"     RegReg    0x0200_0033 "rd = low word of rs1 * rs2";
    Mulh    mulh    "mulh"    RegReg    0x0200_1033 "rd = high word of rs1 * rs2, signed";
    Mulhsu  mulhsu  "mulhsu"  RegReg    0x0200_2033 "rd = high word of rs1 (signed) * rs2 (unsigned)";
    Mulhu   mulhu   "mulhu"   RegReg    0x0200_3033 "rd = high word of rs1 * rs2, unsigned";
    Div     div     "div"     RegReg    0x0200_4033 "rd = rs1 / rs2, signed, towards zero";
    Divu    divu    "divu"    RegReg    0x0200_5033 "rd = rs1 / rs2, unsigned";
    Rem     rem     "rem"     RegReg    0x0200_6033 "rd = remainder of rs1 / rs2, signed";
    Remu    remu    "remu"    RegReg    0x0200_7033 "rd = remainder of rs1 / rs2, unsigned";
    // System: principles of operation, section 5
    Lpsw    lpsw    "lpsw"    LoadOnly  0x0000_000b "load the PSW from rs1 + imm";
    Spsw    spsw    "spsw"    StoreOnly 0x0000_100b "store the PSW at rs1 + imm";
    Halt    halt    "halt"    Bare      0x0000_200b "stop";
    Rdm     rdm     "rdm"     Rd        0x0200_200b "rd = M";
    Rdb     rdb     "rdb"     Rd        0x0400_200b "rd = B";
    Rdl     rdl     "rdl"     Rd        0x0600_200b "rd = L";
    Setr    setr    "setr"    Rs1Rs2    0x0800_200b "B = rs1, L = rs2";
    Setm    setm    "setm"    Rs1       0x0a00_200b "M = bit 0 of rs1";
    Retu    retu    "retu"    Rs1       0x0c00_200b "M = u, PC = rs1 with bit 0 cleared";
    Lwp     lwp     "lwp"     Load      0x0000_300b "rd = word at physical rs1 + imm";
    Swp     swp     "swp"     Store     0x0000_400b "word at physical rs1 + imm = rs2";
    In      input   "in"      Load      0x0000_500b "rd = word read from port rs1 + imm";
    Out     output  "out"     Store     0x0000_600b "port rs1 + imm = rs2";
}

/// What a row of the table says beside its names in Rust.
struct Row {
    mnemonic: &'static str,
    format: Format,
    bits: u32,
    summary: &'static str,
}

/// The part of the architecture that an instruction belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Extension {
    /// The base instructions, RV32I 2.1.
    Rv32i,
    /// Multiplication and division, M 2.0.
    M,
    /// Popek and Goldberg's system layer, in the custom-0 major opcode.
    System,
}

impl Extension {
    /// The instructions that it defines, in the order of [`Op::ALL`].
    pub fn ops(self) -> impl Iterator<Item = Op> {
        Op::ALL.into_iter().filter(move |op| op.extension() == self)
    }
}

const CUSTOM_0: u32 = 0b000_1011;

impl Op {
    /// The mnemonic, in lower case.
    #[must_use]
    pub const fn mnemonic(self) -> &'static str {
        Op::ROWS[self as usize].mnemonic
    }

    /// How operands are encoded and written.
    #[must_use]
    pub const fn format(self) -> Format {
        Op::ROWS[self as usize].format
    }

    /// The word with every operand field zero: opcode and function fields.
    #[must_use]
    pub const fn bits(self) -> u32 {
        Op::ROWS[self as usize].bits
    }

    /// One line: what the instruction does.
    #[must_use]
    pub const fn summary(self) -> &'static str {
        Op::ROWS[self as usize].summary
    }

    /// The part of the architecture that defines it.
    #[must_use]
    pub const fn extension(self) -> Extension {
        let bits = self.bits();
        if bits & 0x7f == CUSTOM_0 {
            Extension::System
        } else if bits & 0x0200_007f == 0x0200_0033 {
            Extension::M
        } else {
            Extension::Rv32i
        }
    }

    /// The instruction with `mnemonic` (lower case), if there is one.
    #[must_use]
    pub fn parse(mnemonic: &str) -> Option<Self> {
        Op::ALL.into_iter().find(|op| op.mnemonic() == mnemonic)
    }

    /// The instruction that `word` encodes, if any (principles, section 3: "an encoding is an instruction only
    /// if …").
    #[must_use]
    #[inline]
    pub fn decode(word: u32) -> Option<Self> {
        if word & 3 != 3 {
            return None;
        }
        let (start, end) = BUCKETS.bounds[bucket(word)];
        BUCKETS.ops[start as usize..end as usize]
            .iter()
            .copied()
            .find(|op| word & op.format().mask() == op.bits())
    }
}

/// Rows grouped by major opcode and funct3, so that decoding looks at a handful of candidates.
struct Buckets {
    /// Where the candidates of a bucket lie in `ops`.
    bounds: [(u16, u16); 256],
    ops: [Op; 128],
}

const fn bucket(word: u32) -> usize {
    ((word >> 2 & 31) << 3 | word >> 12 & 7) as usize
}

static BUCKETS: Buckets = {
    let mut table = Buckets { bounds: [(0, 0); 256], ops: [Op::Lui; 128] };
    let mut used = 0;
    let mut number = 0;
    while number < 256 {
        let start = used;
        let mut row = 0;
        while row < Op::ALL.len() {
            let op = Op::ALL[row];
            let probe = (number as u32 >> 3) << 2 | (number as u32 & 7) << 12 | 3;
            let mask = op.format().mask() & 0x707f;
            if probe & mask == op.bits() & mask {
                table.ops[used] = op;
                used += 1;
            }
            row += 1;
        }
        table.bounds[number] = (start as u16, used as u16);
        number += 1;
    }
    table
};
