//! Pseudo-instructions: one row each, expanded exactly as GNU as expands them.

use pg32_isa::{Insn, Op, Reg};

/// What `la.tls.ie` and `la.tls.gd` find in the table of addresses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Thread {
    /// The offset of a variable in a thread's block.
    Offset,
    /// What `__tls_get_addr` is given.
    Descriptor,
}

/// How the operands of a pseudo-instruction become those of instructions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// No operands: this word.
    Fixed(u32),
    /// `rd, rs`: `op rd, rs, imm`.
    Immediate(i32),
    /// `rd, rs`: `op rd, zero, rs`.
    FromZero,
    /// `rd, rs`: `op rd, rs, zero`.
    AgainstZero,
    /// `rd, rs, rt`: `op rd, rt, rs`.
    Swapped,
    /// `rs, target`: `op rs, zero, target`.
    BranchZero,
    /// `rs, target`: `op zero, rs, target`.
    BranchFromZero,
    /// `rs, rt, target`: `op rt, rs, target`.
    BranchSwapped,
    /// `rd, rs`: `slli rd, rs, n`, then `op rd, rd, n`.
    ShiftPair(i32),
    /// `rd, imm`: `addi`, `lui`, or both.
    LoadImmediate,
    /// `rd, symbol`: `auipc rd`, `addi rd, rd`.
    LoadAddress,
    /// `rd, symbol`: under `.option pic`, `auipc rd`, `lw rd, (rd)` from the table of addresses; else as above.
    LoadGlobal,
    /// `rd, symbol`: a load of what the table holds for it, or the address of that.
    LoadThread(Thread),
    /// `target`: `jal rd, target` with this `rd`.
    Jump(Reg),
    /// `target`: `auipc`, `jalr`; the registers are those of `jalr rd, rs1`.
    Far(Reg, Reg),
    /// `target, rt`: `auipc rt`, `jalr zero, rt`.
    FarThrough,
    /// `rs`, `imm(rs)` or `rs, imm`: `jalr zero, imm(rs)`.
    JumpRegister,
}

impl Shape {
    /// The operands as the manual shows them.
    #[must_use]
    pub const fn syntax(self) -> &'static str {
        match self {
            Shape::Fixed(_) => "",
            Shape::Immediate(_) | Shape::FromZero | Shape::AgainstZero | Shape::ShiftPair(_) => "rd, rs",
            Shape::Swapped => "rd, rs, rt",
            Shape::BranchZero | Shape::BranchFromZero => "rs, target",
            Shape::BranchSwapped => "rs, rt, target",
            Shape::LoadImmediate => "rd, imm",
            Shape::LoadAddress | Shape::LoadGlobal | Shape::LoadThread(_) => "rd, symbol",
            Shape::Jump(_) | Shape::Far(..) => "target",
            Shape::FarThrough => "target, rt",
            Shape::JumpRegister => "rs",
        }
    }
}

/// A pseudo-instruction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pseudo {
    /// Its mnemonic.
    pub name: &'static str,
    /// What becomes of its operands.
    pub shape: Shape,
    /// The instruction that does the work; the last one where there are several.
    pub op: Op,
    /// What it does.
    pub summary: &'static str,
}

const fn row(name: &'static str, op: Op, shape: Shape, summary: &'static str) -> Pseudo {
    Pseudo { name, shape, op, summary }
}

const fn nop() -> u32 {
    Insn::new(Op::Addi).encode()
}

const RET: u32 = Insn { rs1: Reg::RA, ..Insn::new(Op::Jalr) }.encode();

/// `csrrw x0, cycle, x0`: what the RISC-V assembly manual calls an instruction that never is one.
const UNIMP: u32 = 0xc000_1073;

/// `fence.tso`.
const FENCE_TSO: u32 = 0x8330_000f;

/// Every pseudo-instruction that is a mnemonic of its own. Forms of an instruction with other operands (`jal
/// target`, `lw rd, symbol`, `add rd, rs, imm`) are read where its operands are.
pub static PSEUDOS: &[Pseudo] = &[
    row("nop", Op::Addi, Shape::Fixed(nop()), "nothing"),
    row("ret", Op::Jalr, Shape::Fixed(RET), "return: PC = ra"),
    row("unimp", Op::Addi, Shape::Fixed(UNIMP), "a word that is no instruction"),
    row("scall", Op::Ecall, Shape::Fixed(Op::Ecall.bits()), "old name of ecall"),
    row("sbreak", Op::Ebreak, Shape::Fixed(Op::Ebreak.bits()), "old name of ebreak"),
    row("fence.tso", Op::Fence, Shape::Fixed(FENCE_TSO), "nothing: storage is uniform"),
    row("mv", Op::Addi, Shape::Immediate(0), "rd = rs"),
    row("move", Op::Addi, Shape::Immediate(0), "rd = rs"),
    row("not", Op::Xori, Shape::Immediate(-1), "rd = rs with every bit inverted"),
    row("neg", Op::Sub, Shape::FromZero, "rd = -rs"),
    row("seqz", Op::Sltiu, Shape::Immediate(1), "rd = rs = 0"),
    row("snez", Op::Sltu, Shape::FromZero, "rd = rs != 0"),
    row("sltz", Op::Slt, Shape::AgainstZero, "rd = rs < 0"),
    row("sgtz", Op::Slt, Shape::FromZero, "rd = rs > 0"),
    row("sgt", Op::Slt, Shape::Swapped, "rd = rs > rt, signed"),
    row("sgtu", Op::Sltu, Shape::Swapped, "rd = rs > rt, unsigned"),
    row("zext.b", Op::Andi, Shape::Immediate(255), "rd = low byte of rs"),
    row("sext.b", Op::Srai, Shape::ShiftPair(24), "rd = low byte of rs, sign-extended"),
    row("sext.h", Op::Srai, Shape::ShiftPair(16), "rd = low halfword of rs, sign-extended"),
    row("zext.h", Op::Srli, Shape::ShiftPair(16), "rd = low halfword of rs"),
    row("beqz", Op::Beq, Shape::BranchZero, "if rs = 0: PC = target"),
    row("bnez", Op::Bne, Shape::BranchZero, "if rs != 0: PC = target"),
    row("bltz", Op::Blt, Shape::BranchZero, "if rs < 0: PC = target"),
    row("bgez", Op::Bge, Shape::BranchZero, "if rs >= 0: PC = target"),
    row("blez", Op::Bge, Shape::BranchFromZero, "if rs <= 0: PC = target"),
    row("bgtz", Op::Blt, Shape::BranchFromZero, "if rs > 0: PC = target"),
    row("bgt", Op::Blt, Shape::BranchSwapped, "if rs > rt, signed: PC = target"),
    row("ble", Op::Bge, Shape::BranchSwapped, "if rs <= rt, signed: PC = target"),
    row("bgtu", Op::Bltu, Shape::BranchSwapped, "if rs > rt, unsigned: PC = target"),
    row("bleu", Op::Bgeu, Shape::BranchSwapped, "if rs <= rt, unsigned: PC = target"),
    row("li", Op::Addi, Shape::LoadImmediate, "rd = imm"),
    row("la", Op::Addi, Shape::LoadGlobal, "rd = address of symbol"),
    row("lla", Op::Addi, Shape::LoadAddress, "rd = address of symbol"),
    row("la.tls.ie", Op::Lw, Shape::LoadThread(Thread::Offset), "rd = offset of symbol in a thread's block"),
    row(
        "la.tls.gd",
        Op::Addi,
        Shape::LoadThread(Thread::Descriptor),
        "rd = address of what `__tls_get_addr` takes",
    ),
    row("j", Op::Jal, Shape::Jump(Reg::ZERO), "PC = target"),
    row("jr", Op::Jalr, Shape::JumpRegister, "PC = rs"),
    row("call", Op::Jalr, Shape::Far(Reg::RA, Reg::RA), "ra = PC + 8; PC = target, however far"),
    row("tail", Op::Jalr, Shape::Far(Reg::ZERO, Reg::T1), "PC = target, however far; clobbers t1"),
    row("jump", Op::Jalr, Shape::FarThrough, "PC = target, however far; clobbers rt"),
];
