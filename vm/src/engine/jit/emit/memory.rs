//! Loads and stores, checked once for all that go off one register.

use super::Emitter;
use crate::engine::interpreter::GRANULE_BITS;
use crate::engine::jit::code::Frame;
use crate::engine::jit::region::Block;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{I32, I64};
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Value};
use pg32_isa::{Format, Insn, Op};
use std::cell::RefCell;
use std::mem::offset_of;
use std::rc::Rc;

/// The accesses of a block off one register that does not change between them: checked once, together.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    /// Offsets of the first byte, and behind the last.
    from: i32,
    to: i32,
    /// Offsets of the stores.
    stores: Vec<i32>,
    /// The host's address of `from`, and its guest address, once checked.
    place: Option<(Value, Value)>,
    stores_checked: bool,
}

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

/// The accesses of `block`, each with the group it belongs to: one for each instruction, shared.
pub(super) fn groups(block: &Block) -> Vec<Rc<RefCell<Group>>> {
    let mut open: [Option<Rc<RefCell<Group>>>; 32] = Default::default();
    let mut of = Vec::with_capacity(block.insns.len());
    for insn in &block.insns {
        let access = matches!(insn.op.format(), Format::Load | Format::Store);
        if access {
            let group = open[insn.rs1.index()].get_or_insert_default();
            let mut g = group.borrow_mut();
            let (from, to) = (insn.imm, insn.imm + width(insn.op));
            (g.from, g.to) = if g.to == g.from { (from, to) } else { (g.from.min(from), g.to.max(to)) };
            if insn.op.format() == Format::Store {
                g.stores.push(insn.imm);
            }
            drop(g);
            of.push(Rc::clone(group));
        } else {
            of.push(Rc::default());
        }
        open[insn.rd.index()] = None;
    }
    of
}

impl Emitter<'_> {
    /// The host's address of the first byte of `group`, all of which has been checked to lie in the segment.
    fn place(&mut self, insn: Insn, at: u32, refund: i64, group: &RefCell<Group>) -> (Value, Value) {
        let mut group = group.borrow_mut();
        if let Some(place) = group.place {
            return place;
        }
        let rs1 = self.get(insn.rs1);
        let guest = self.b.ins().iadd_imm_s(rs1, i64::from(group.from));
        let wide = self.b.ins().uextend(I64, guest);
        let end = self.b.ins().iadd_imm_s(wide, i64::from(group.to - group.from));
        let length = self.field(I64, offset_of!(Frame, length));
        let outside = self.b.ins().icmp(IntCC::UnsignedGreaterThan, end, length);
        self.leave_if(outside, at, refund);
        let host = self.b.ins().iadd(self.segment, wide);
        *group.place.insert((host, guest))
    }

    pub(super) fn load(&mut self, insn: Insn, at: u32, refund: i64, group: &RefCell<Group>) {
        let (host, _) = self.place(insn, at, refund, group);
        let offset = insn.imm - group.borrow().from;
        let value = match insn.op {
            Op::Lb => self.b.ins().sload8(I32, plain(), host, offset),
            Op::Lbu => self.b.ins().uload8(I32, plain(), host, offset),
            Op::Lh => self.b.ins().sload16(I32, plain(), host, offset),
            Op::Lhu => self.b.ins().uload16(I32, plain(), host, offset),
            _ => self.b.ins().load(I32, plain(), host, offset),
        };
        self.set(insn.rd, value);
    }

    pub(super) fn store(&mut self, insn: Insn, at: u32, refund: i64, group: &RefCell<Group>) {
        let (host, guest) = self.place(insn, at, refund, group);
        if !std::mem::replace(&mut group.borrow_mut().stores_checked, true) {
            self.check_marks(guest, at, refund, &group.borrow(), width(insn.op));
        }
        let value = self.get(insn.rs2);
        let offset = insn.imm - group.borrow().from;
        match insn.op {
            Op::Sb => self.b.ins().istore8(plain(), value, host, offset),
            Op::Sh => self.b.ins().istore16(plain(), value, host, offset),
            _ => self.b.ins().store(plain(), value, host, offset),
        };
    }

    /// Leaves at `at` if a store of `group`, whose first byte is at virtual `guest`, may write what something
    /// was derived from. The store at hand, which decides alone if it is the only one, is of `width` bytes.
    fn check_marks(&mut self, guest: Value, at: u32, refund: i64, group: &Group, width: i32) {
        let granule = 1 << GRANULE_BITS;
        let first = group.stores.iter().copied().min().unwrap_or(0);
        let last = group.stores.iter().copied().max().unwrap_or(0);
        let base = self.base();
        let physical = self.b.ins().iadd(guest, base);
        let mut any = None;
        // Rows are so far apart that none between the first store and the last is missed.
        let between = (first..last).step_by(granule);
        for offset in between.chain([last]) {
            let place = self.b.ins().iadd_imm_s(physical, i64::from(offset - group.from));
            let row = self.mark_row(place);
            any = Some(match any {
                None => (place, row),
                Some((place, rows)) => (place, self.b.ins().bor(rows, row)),
            });
        }
        let Some((place, rows)) = any else { return };
        if first != last {
            return self.leave_if(rows, at, refund);
        }
        // A single store can look closer: something lies in the granule, but perhaps not where it writes.
        let (closer, on) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(closer);
        self.b.ins().brif(rows, closer, &[], on, &[]);
        self.b.seal_block(closer);
        self.b.switch_to_block(closer);
        let word = self.b.ins().ushr_imm_u(place, 2);
        let first = self.b.ins().band_imm_s(word, 15);
        let within = self.b.ins().band_imm_s(place, 3);
        let end = self.b.ins().iadd_imm_s(within, i64::from(width - 1));
        let words = self.b.ins().ushr_imm_u(end, 2);
        let row = self.b.ins().ushr(rows, first);
        let shifted = self.b.ins().ushr(row, words);
        let either = self.b.ins().bor(row, shifted);
        let hit = self.b.ins().band_imm_s(either, 1);
        self.leave_if(hit, at, refund);
        self.b.ins().jump(on, &[]);
        self.b.switch_to_block(on);
    }

    /// The row of marks for physical `place`.
    fn mark_row(&mut self, place: Value) -> Value {
        let row = self.b.ins().ushr_imm_u(place, i64::from(GRANULE_BITS));
        let wide = self.b.ins().uextend(I64, row);
        let offset = self.b.ins().ishl_imm_u(wide, 2);
        let marks = self.field(I64, offset_of!(Frame, marks));
        let address = self.b.ins().iadd(marks, offset);
        self.b.ins().load(I32, MemFlagsData::trusted(), address, 0)
    }
}
