//! What arithmetic, comparison and extension compute, by mnemonic: pure functions, written once for the
//! definition ([`crate::Meaning`]) and for the engines.
//!
//! Sources: RISC-V unprivileged specification, RV32I 2.1 and M 2.0. An instruction with an immediate computes
//! what its register form does.

pub(crate) fn add(a: u32, b: u32) -> u32 {
    a.wrapping_add(b)
}
pub(crate) fn sub(a: u32, b: u32) -> u32 {
    a.wrapping_sub(b)
}
/// Shifts use the low five bits of `b`.
pub(crate) fn sll(a: u32, b: u32) -> u32 {
    a.wrapping_shl(b)
}
pub(crate) fn srl(a: u32, b: u32) -> u32 {
    a.wrapping_shr(b)
}
pub(crate) fn sra(a: u32, b: u32) -> u32 {
    (a as i32).wrapping_shr(b) as u32
}
pub(crate) fn slt(a: u32, b: u32) -> u32 {
    u32::from(lt(a, b))
}
pub(crate) fn sltu(a: u32, b: u32) -> u32 {
    u32::from(ltu(a, b))
}
pub(crate) fn xor(a: u32, b: u32) -> u32 {
    a ^ b
}
pub(crate) fn or(a: u32, b: u32) -> u32 {
    a | b
}
pub(crate) fn and(a: u32, b: u32) -> u32 {
    a & b
}

pub(crate) fn mul(a: u32, b: u32) -> u32 {
    a.wrapping_mul(b)
}
pub(crate) fn mulh(a: u32, b: u32) -> u32 {
    high(sign(a) * sign(b))
}
pub(crate) fn mulhsu(a: u32, b: u32) -> u32 {
    high(sign(a) * i64::from(b))
}
pub(crate) fn mulhu(a: u32, b: u32) -> u32 {
    ((u64::from(a) * u64::from(b)) >> 32) as u32
}
// M 2.0, table 11: division by zero yields all ones, overflow the dividend; neither traps.
pub(crate) fn div(a: u32, b: u32) -> u32 {
    if b == 0 { u32::MAX } else { (a as i32).wrapping_div(b as i32) as u32 }
}
pub(crate) fn divu(a: u32, b: u32) -> u32 {
    a.checked_div(b).unwrap_or(u32::MAX)
}
pub(crate) fn rem(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { (a as i32).wrapping_rem(b as i32) as u32 }
}
pub(crate) fn remu(a: u32, b: u32) -> u32 {
    a.checked_rem(b).unwrap_or(a)
}

pub(crate) fn eq(a: u32, b: u32) -> bool {
    a == b
}
pub(crate) fn ne(a: u32, b: u32) -> bool {
    a != b
}
pub(crate) fn lt(a: u32, b: u32) -> bool {
    (a as i32) < (b as i32)
}
pub(crate) fn ge(a: u32, b: u32) -> bool {
    !lt(a, b)
}
pub(crate) fn ltu(a: u32, b: u32) -> bool {
    a < b
}
pub(crate) fn geu(a: u32, b: u32) -> bool {
    a >= b
}

pub(crate) fn lb(bytes: [u8; 1]) -> u32 {
    i8::from_le_bytes(bytes) as u32
}
pub(crate) fn lh(bytes: [u8; 2]) -> u32 {
    i16::from_le_bytes(bytes) as u32
}
pub(crate) fn lw(bytes: [u8; 4]) -> u32 {
    u32::from_le_bytes(bytes)
}
pub(crate) fn lbu(bytes: [u8; 1]) -> u32 {
    u32::from(u8::from_le_bytes(bytes))
}
pub(crate) fn lhu(bytes: [u8; 2]) -> u32 {
    u32::from(u16::from_le_bytes(bytes))
}

/// The high word of a 64-bit product.
fn high(product: i64) -> u32 {
    (product >> 32) as u32
}

fn sign(value: u32) -> i64 {
    i64::from(value as i32)
}
