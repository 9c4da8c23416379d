//! Loads and stores, checked once for all that go off one register.

use super::Emitter;
use crate::engine::interpreter::GRANULE_BITS;
use crate::engine::jit::frame::{LIMITS, Wide, limit};
use crate::engine::jit::region::Block;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{I32, I64};
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Value};
use pg32_isa::{Format, Insn, Op};
use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

/// Accesses off one register that does not change between them: checked once, together.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    /// Offsets of the first byte, and behind the last.
    bytes: Range<i32>,
    /// The same of the stores among them.
    stored: Range<i32>,
    /// The host's address of the first byte, and its guest address, once checked.
    place: Option<(Value, Value)>,
    stores_checked: bool,
}

/// A group that several accesses share.
type Shared = Rc<RefCell<Group>>;

/// The group of the accesses off each register, as long as it does not change.
pub(super) type Open = [Option<Shared>; 32];

/// The accesses of a block.
pub(super) struct Groups {
    /// By instruction, the group that it belongs to.
    pub(super) of: Vec<Shared>,
    /// Those that still hold at the end of the block.
    pub(super) open: Open,
}

/// Bytes in a word.
const WORD: i32 = 4;

/// The bytes that an access moves.
fn width(op: Op) -> i32 {
    match op {
        Op::Lb | Op::Lbu | Op::Sb => 1,
        Op::Lh | Op::Lhu | Op::Sh => 2,
        _ => 4,
    }
}

/// Plain accesses: checked by the code around them, at any alignment.
fn plain() -> MemFlagsData {
    MemFlagsData::new().with_notrap()
}

/// The bytes that `insn` accesses, from its base register.
fn bytes(insn: Insn) -> Range<i32> {
    insn.imm..insn.imm + width(insn.op)
}

fn contains(outer: &Range<i32>, inner: &Range<i32>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

fn join(a: &Range<i32>, b: &Range<i32>) -> Range<i32> {
    if a.is_empty() { b.clone() } else { a.start.min(b.start)..a.end.max(b.end) }
}

/// Groups the accesses of `block`, before which the `known` groups have been checked.
pub(super) fn groups(block: &Block, known: Open) -> Groups {
    let mut open = known;
    // Groups that begin here and can still grow.
    let mut growing = [false; 32];
    let mut of = Vec::with_capacity(block.insns.len());
    for &insn in &block.insns {
        let store = insn.op.format() == Format::Store;
        if store || insn.op.format() == Format::Load {
            let (group, growing) = (&mut open[insn.rs1.index()], &mut growing[insn.rs1.index()]);
            let accessed = bytes(insn);
            let covered = group.as_ref().is_some_and(|group| {
                let group = group.borrow();
                contains(&group.bytes, &accessed) && (!store || contains(&group.stored, &accessed))
            });
            if !covered && !std::mem::replace(growing, true) {
                *group = None;
            }
            let group = group.get_or_insert_default();
            if *growing {
                let mut group = group.borrow_mut();
                group.bytes = join(&group.bytes, &accessed);
                if store {
                    group.stored = join(&group.stored, &accessed);
                }
            }
            of.push(Rc::clone(group));
        } else {
            of.push(Rc::default());
        }
        open[insn.rd.index()] = None;
        growing[insn.rd.index()] = false;
    }
    Groups { of, open }
}

impl Emitter<'_> {
    /// The host's address of the first byte of `group`, all of which has been checked to lie in the segment,
    /// and its guest address.
    fn place(&mut self, insn: Insn, at: u32, owed: u64, group: &RefCell<Group>) -> (Value, Value) {
        let mut group = group.borrow_mut();
        if let Some(place) = group.place {
            return place;
        }
        let rs1 = self.get(insn.rs1);
        let guest = self.b.ins().iadd_imm_s(rs1, i64::from(group.bytes.start));
        let wide = self.b.ins().uextend(I64, guest);
        let length = group.bytes.len();
        let outside = if length <= LIMITS {
            let limit = self.load(I32, limit(length));
            self.b.ins().icmp(IntCC::UnsignedGreaterThan, guest, limit)
        } else {
            let end = self.b.ins().iadd_imm_s(wide, length as i64);
            let limit = self.load(I64, Wide::Length.offset());
            self.b.ins().icmp(IntCC::UnsignedGreaterThan, end, limit)
        };
        self.leave_if(outside, at, owed);
        let host = self.b.ins().iadd(self.segment, wide);
        *group.place.insert((host, guest))
    }

    pub(super) fn load_storage(&mut self, insn: Insn, at: u32, owed: u64, group: &RefCell<Group>) {
        let (host, _) = self.place(insn, at, owed, group);
        let offset = insn.imm - group.borrow().bytes.start;
        let value = match insn.op {
            Op::Lb => self.b.ins().sload8(I32, plain(), host, offset),
            Op::Lbu => self.b.ins().uload8(I32, plain(), host, offset),
            Op::Lh => self.b.ins().sload16(I32, plain(), host, offset),
            Op::Lhu => self.b.ins().uload16(I32, plain(), host, offset),
            _ => self.b.ins().load(I32, plain(), host, offset),
        };
        self.set(insn.rd, value);
    }

    pub(super) fn store_storage(&mut self, insn: Insn, at: u32, owed: u64, group: &RefCell<Group>) {
        let (host, guest) = self.place(insn, at, owed, group);
        if !std::mem::replace(&mut group.borrow_mut().stores_checked, true) {
            self.check_marks(guest, at, owed, &group.borrow());
        }
        let value = self.get(insn.rs2);
        let offset = insn.imm - group.borrow().bytes.start;
        match insn.op {
            Op::Sb => self.b.ins().istore8(plain(), value, host, offset),
            Op::Sh => self.b.ins().istore16(plain(), value, host, offset),
            _ => self.b.ins().store(plain(), value, host, offset),
        };
    }

    /// Leaves at `at` if a store of `group`, whose first byte is at virtual `guest`, may write what something
    /// was derived from.
    fn check_marks(&mut self, guest: Value, at: u32, owed: u64, group: &Group) {
        let granule = 1 << GRANULE_BITS;
        let Range { start: first, end } = group.stored;
        let wide = self.b.ins().uextend(I64, guest);
        let skew = self.load(I64, Wide::Skew.offset());
        let start = self.b.ins().iadd(wide, skew);
        // A row tells of what begins in its granule and takes up to a word: rows that far apart miss nothing.
        let last = first.max(end - WORD);
        let offsets = (first..last).step_by(granule).chain([last]);
        let rows: Vec<Value> = offsets
            .map(|offset| {
                let place = self.b.ins().iadd_imm_s(start, i64::from(offset - group.bytes.start));
                self.mark_row(place)
            })
            .collect();
        let any = rows[1..].iter().fold(rows[0], |any, &row| self.b.ins().bor(any, row));
        if end - first > WORD {
            return self.leave_if(any, at, owed);
        }
        // A single store can look closer: something lies in the granule, but perhaps not where it writes.
        let (closer, on) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(closer);
        self.b.ins().brif(any, closer, &[], on, &[]);
        self.b.seal_block(closer);
        self.b.switch_to_block(closer);
        let place = self.b.ins().iadd_imm_s(start, i64::from(first - group.bytes.start));
        let place = self.b.ins().ireduce(I32, place);
        let word = self.b.ins().ushr_imm_u(place, 2);
        let in_row = self.b.ins().band_imm_s(word, 15);
        let within = self.b.ins().band_imm_s(place, 3);
        let last = self.b.ins().iadd_imm_s(within, i64::from(end - first - 1));
        let words = self.b.ins().ushr_imm_u(last, 2);
        let row = self.b.ins().ushr(any, in_row);
        let shifted = self.b.ins().ushr(row, words);
        let either = self.b.ins().bor(row, shifted);
        let hit = self.b.ins().band_imm_s(either, 1);
        self.leave_if(hit, at, owed);
        self.b.ins().jump(on, &[]);
        self.b.seal_block(on);
        self.b.switch_to_block(on);
    }

    /// The row of marks for what lies `place` bytes behind the start of the granule that the segment begins
    /// in.
    fn mark_row(&mut self, place: Value) -> Value {
        let row = self.b.ins().ushr_imm_u(place, i64::from(GRANULE_BITS));
        let offset = self.b.ins().ishl_imm_u(row, 2);
        let marks = self.load(I64, Wide::Marks.offset());
        let address = self.b.ins().iadd(marks, offset);
        self.b.ins().load(I32, MemFlagsData::trusted(), address, 0)
    }
}
