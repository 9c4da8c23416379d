//! Instruction words, written from the RISC-V formats and section 5 of the principles, not from the program's table.

/// R format: `funct7 rs2 rs1 funct3 rd opcode`.
pub(crate) const fn r(funct7: u32, rs2: u32, rs1: u32, funct3: u32, rd: u32, opcode: u32) -> u32 {
    funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode
}

/// I format; the low 12 bits of `imm` count.
pub(crate) const fn i(imm: i32, rs1: u32, funct3: u32, rd: u32, opcode: u32) -> u32 {
    (imm as u32 & 0xfff) << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode
}

/// S format; the low 12 bits of `imm` count.
pub(crate) const fn s(imm: i32, rs2: u32, rs1: u32, funct3: u32, opcode: u32) -> u32 {
    let imm = imm as u32;
    (imm >> 5 & 0x7f) << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | (imm & 0x1f) << 7 | opcode
}

/// A branch by `offset`, a multiple of 2.
pub(crate) const fn branch(funct3: u32, rs1: u32, rs2: u32, offset: i32) -> u32 {
    let o = offset as u32;
    let (high, low) = ((o >> 12 & 1) << 6 | (o >> 5 & 0x3f), (o >> 1 & 0xf) << 1 | (o >> 11 & 1));
    r(high, rs2, rs1, funct3, low, 0x63)
}

/// `jal rd, offset`, a multiple of 2.
pub(crate) const fn jal(rd: u32, offset: i32) -> u32 {
    let o = offset as u32;
    (o >> 20 & 1) << 31
        | (o >> 1 & 0x3ff) << 21
        | (o >> 11 & 1) << 20
        | (o >> 12 & 0xff) << 12
        | rd << 7
        | 0x6f
}

pub(crate) const fn jalr(rd: u32, rs1: u32, imm: i32) -> u32 {
    i(imm, rs1, 0, rd, 0x67)
}

pub(crate) const fn addi(rd: u32, rs1: u32, imm: i32) -> u32 {
    i(imm, rs1, 0, rd, 0x13)
}

pub(crate) const fn lui(rd: u32, high: u32) -> u32 {
    high & 0xffff_f000 | rd << 7 | 0x37
}

pub(crate) const fn auipc(rd: u32, high: u32) -> u32 {
    high & 0xffff_f000 | rd << 7 | 0x17
}

pub(crate) const fn lw(rd: u32, imm: i32, rs1: u32) -> u32 {
    i(imm, rs1, 2, rd, 0x03)
}

pub(crate) const fn sb(rs2: u32, imm: i32, rs1: u32) -> u32 {
    s(imm, rs2, rs1, 0, 0x23)
}

pub(crate) const fn sw(rs2: u32, imm: i32, rs1: u32) -> u32 {
    s(imm, rs2, rs1, 2, 0x23)
}

/// Two words that set `rd` to `value`.
pub(crate) const fn li(rd: u32, value: u32) -> [u32; 2] {
    [lui(rd, value.wrapping_add(0x800)), addi(rd, rd, value as i32)]
}

pub(crate) const NOP: u32 = addi(0, 0, 0);
pub(crate) const ECALL: u32 = 0x73;
pub(crate) const EBREAK: u32 = 0x0010_0073;
pub(crate) const FENCE: u32 = 0x0f;
pub(crate) const FENCE_I: u32 = 0x100f;

/// Custom-0, the opcode of every system instruction.
pub(crate) const CUSTOM_0: u32 = 0x0b;

pub(crate) const fn lpsw(imm: i32, rs1: u32) -> u32 {
    i(imm, rs1, 0, 0, CUSTOM_0)
}

pub(crate) const fn spsw(imm: i32, rs1: u32) -> u32 {
    s(imm, 0, rs1, 1, CUSTOM_0)
}

pub(crate) const HALT: u32 = r(0, 0, 0, 2, 0, CUSTOM_0);

pub(crate) const fn rdm(rd: u32) -> u32 {
    r(1, 0, 0, 2, rd, CUSTOM_0)
}

pub(crate) const fn rdb(rd: u32) -> u32 {
    r(2, 0, 0, 2, rd, CUSTOM_0)
}

pub(crate) const fn rdl(rd: u32) -> u32 {
    r(3, 0, 0, 2, rd, CUSTOM_0)
}

pub(crate) const fn setr(rs1: u32, rs2: u32) -> u32 {
    r(4, rs2, rs1, 2, 0, CUSTOM_0)
}

pub(crate) const fn setm(rs1: u32) -> u32 {
    r(5, 0, rs1, 2, 0, CUSTOM_0)
}

pub(crate) const fn retu(rs1: u32) -> u32 {
    r(6, 0, rs1, 2, 0, CUSTOM_0)
}

pub(crate) const fn lwp(rd: u32, imm: i32, rs1: u32) -> u32 {
    i(imm, rs1, 3, rd, CUSTOM_0)
}

pub(crate) const fn swp(rs2: u32, imm: i32, rs1: u32) -> u32 {
    s(imm, rs2, rs1, 4, CUSTOM_0)
}

pub(crate) const fn port_in(rd: u32, imm: i32, rs1: u32) -> u32 {
    i(imm, rs1, 5, rd, CUSTOM_0)
}

pub(crate) const fn port_out(rs2: u32, imm: i32, rs1: u32) -> u32 {
    s(imm, rs2, rs1, 6, CUSTOM_0)
}
