//! Relocation and its check, the one rule of addressing (principles, section 2).

use pg32_isa::{Cause, Physical, Psw, Trap, Virtual};

/// The physical address of an access of `width` bytes at `address`, or the memory trap it takes instead.
///
/// Valid if and only if, in 64-bit arithmetic, `a + w <= L` and `B + a + w <= SZ`. `size` is `SZ` in bytes.
#[inline]
pub fn resolve(psw: &Psw, size: u32, address: Virtual, width: u32) -> Result<Physical, Trap> {
    let end = u64::from(address.0) + u64::from(width);
    if end <= u64::from(psw.limit) && u64::from(psw.base) + end <= u64::from(size) {
        Ok(Physical(psw.base + address.0))
    } else {
        Err(Trap::new(Cause::Memory, address.0))
    }
}

/// The physical address of an access that bypasses the segment (`lwp`, `swp`): valid iff `a + w <= SZ`.
#[inline]
pub(crate) fn bypass(size: u32, address: u32, width: u32) -> Result<Physical, Trap> {
    if u64::from(address) + u64::from(width) <= u64::from(size) {
        Ok(Physical(address))
    } else {
        Err(Trap::new(Cause::Memory, address))
    }
}
