//! What translated code finds beside the registers, and leaves there: in the room that
//! [`Registers`] has for it, so that entering and leaving a translation copies nothing.

use crate::Registers;
use crate::engine::interpreter::GRANULE_BITS;
use pg32_isa::Reg;
use std::cell::Cell;
use std::mem::{offset_of, size_of};

/// A place of 8 bytes.
#[derive(Clone, Copy)]
#[repr(usize)]
pub(super) enum Wide {
    /// The host's address of the segment.
    Segment,
    /// Bytes in the segment.
    Length,
    /// The host's address of the row of marks for the granule that the segment begins in.
    Marks,
    /// How far into that granule the segment begins, bytes.
    Skew,
    /// Instructions that may still retire; in and out.
    Left,
}

/// A place of 4 bytes.
#[derive(Clone, Copy)]
#[repr(usize)]
pub(super) enum Narrow {
    /// `B`.
    Base = 34,
    /// Which exit it left by, out: a number, see [`Exit`].
    Exit,
    /// Physical address of the indirect jump that led to a place not foreseen.
    LeftBy,
    /// The virtual address that it led to.
    Target,
    /// A virtual address: nothing was derived from what lies in the segment from there on.
    Floor,
    /// The first of several words: at index `n`, how many places there are from there on at which `1 << n` bytes can be
    /// accessed.
    Plain,
    /// The first of [`LIMITS`] words: at index `n`, the greatest virtual address in the segment that `n` bytes
    /// can be accessed at.
    Limits = 64,
}

/// Accesses of at most so many bytes together have a limit of their own.
pub(super) const LIMITS: usize = 64;

impl Wide {
    /// Its distance from the start of [`Registers`], bytes.
    pub(super) fn offset(self) -> i32 {
        (offset_of!(Registers, wide) + size_of::<u64>() * self as usize) as i32
    }
}

impl Narrow {
    /// Its distance from the start of [`Registers`], bytes.
    pub(super) fn offset(self) -> i32 {
        word(self as usize)
    }
}

/// The offset of the limit for `bytes` bytes, at most [`LIMITS`].
pub(super) fn limit(bytes: usize) -> i32 {
    word(Narrow::Limits as usize + bytes)
}

/// The offset of the number of plain places for `bytes` bytes, or a few more.
pub(super) fn plain_places(bytes: usize) -> i32 {
    word(Narrow::Plain as usize + bytes.next_power_of_two().ilog2() as usize)
}

/// The offset of a register.
pub(super) fn slot(reg: Reg) -> i32 {
    word(reg.index())
}

fn word(index: usize) -> i32 {
    (offset_of!(Registers, words) + size_of::<u32>() * index) as i32
}

/// What holds while a translation executes.
pub(super) struct Surroundings<'a> {
    pub(super) segment: &'a mut [u8],
    /// Physical address of the segment.
    pub(super) base: u32,
    /// The marks of all of storage.
    pub(super) marks: &'a [Cell<u32>],
    /// Physical address from which on the segment has none.
    pub(super) unmarked: u32,
    /// Instructions that may retire.
    pub(super) left: u64,
}

/// Prepares `registers` for a translation.
pub(super) fn enter(registers: &mut Registers, around: Surroundings<'_>) {
    let Surroundings { segment, base, marks, unmarked, left } = around;
    let first = marks.as_ptr().wrapping_add((base >> GRANULE_BITS) as usize);
    let length = segment.len() as u64;
    if registers.wide[Wide::Length as usize] != length {
        registers.wide[Wide::Length as usize] = length;
        for (bytes, limit) in (0..).zip(&mut registers.words[Narrow::Limits as usize..][..=LIMITS]) {
            *limit = (length as u32).saturating_sub(bytes);
        }
    }
    registers.wide[Wide::Segment as usize] = segment.as_mut_ptr() as u64;
    registers.wide[Wide::Marks as usize] = first as u64;
    registers.wide[Wide::Skew as usize] = u64::from(base % (1 << GRANULE_BITS));
    registers.wide[Wide::Left as usize] = left;
    registers.words[Narrow::Base as usize] = base;
    let floor = unmarked.saturating_sub(base);
    registers.words[Narrow::Floor as usize] = floor;
    let behind = (length as u32).saturating_sub(floor);
    let plain = &mut registers.words[Narrow::Plain as usize..][..=LIMITS.ilog2() as usize];
    for (power, places) in (0..).zip(plain) {
        *places = behind.saturating_sub((1 << power) - 1);
    }
}

/// A way out of a translation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Exit {
    /// Before the instruction at a physical address.
    Before {
        at: u32,
        /// Instructions that have retired by then and are not settled.
        owed: u32,
    },
    /// Before an indirect jump that leads to a place not foreseen, but behind its settlement.
    BeforeJump,
    /// Behind such a jump.
    BehindJump,
}

/// What a translation left behind.
pub(super) struct Outcome {
    /// Instructions that may still retire.
    pub(super) left: u64,
    /// The PC.
    pub(super) pc: u32,
    /// The physical address of an indirect jump that was not foreseen, and the virtual one that it led to.
    pub(super) surprise: Option<(u32, u32)>,
}

/// What a translation with these `exits` that has just returned left in `registers`.
pub(super) fn leave(registers: &Registers, exits: &[Exit]) -> Outcome {
    let narrow = |place: Narrow| registers.words[place as usize];
    let left = registers.wide[Wide::Left as usize];
    let (by, target) = (narrow(Narrow::LeftBy), narrow(Narrow::Target));
    let (left, pc, surprise) = match exits[narrow(Narrow::Exit) as usize] {
        Exit::Before { at, owed } => (left - u64::from(owed), at.wrapping_sub(narrow(Narrow::Base)), None),
        Exit::BeforeJump => (left + 1, by.wrapping_sub(narrow(Narrow::Base)), Some((by, target))),
        Exit::BehindJump => (left, target, Some((by, target))),
    };
    Outcome { left, pc, surprise }
}
