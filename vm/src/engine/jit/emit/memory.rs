//! Loads and stores, checked once for all that go off one address.

use super::Emitter;
use super::graph::{Graph, Node};
use super::payment::Payment;
use crate::engine::interpreter::GRANULE_BITS;
use crate::engine::jit::frame::{LIMITS, Wide, limit};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{I32, I64};
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Value};
use pg32_isa::{Format, Insn, Op, Reg};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

/// Bytes off an address that does not change between accesses: checked once, together.
#[derive(Clone, Debug, Default)]
pub(super) struct Span {
    /// From the address.
    bytes: Range<i32>,
    /// The host's address of the first byte, and its guest address, once checked.
    place: Option<(Value, Value)>,
    /// Whether it is known that nothing was derived from them.
    plain: bool,
}

/// A span that several accesses share.
type Shared = Rc<RefCell<Span>>;

/// What is known of the address in a register.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// The bytes off it that are accessed.
    accessed: Shared,
    /// Those among them that are stored to, if a store came before.
    stored: Option<Shared>,
    /// What the register holds above that address.
    above: i32,
}

/// What is known of the address in each register.
pub(super) type Open = [Option<Known>; 32];

/// What every access of a node can rely on, by instruction; nothing for other instructions.
pub(super) type Accesses = Vec<Option<Known>>;

/// The greatest distance from an address that is kept track of, bytes.
const FARTHEST: i32 = 1 << 16;

/// Decides which accesses are checked together: those off the same address in nodes where it must have been
/// checked already.
pub(super) fn plan(graph: &Graph<'_>, payments: &BTreeMap<Node, Payment>) -> BTreeMap<Node, Accesses> {
    let mut open: BTreeMap<Node, Open> = BTreeMap::new();
    let mut plan = BTreeMap::new();
    for (&node, payment) in payments {
        let mut known = payment.only_from.and_then(|from| open.get(&from)).cloned().unwrap_or_default();
        let insns = graph.block(node).insns.iter();
        let accesses = insns.map(|&insn| follow(insn, &mut known)).collect();
        plan.insert(node, accesses);
        open.insert(node, known);
    }
    plan
}

/// Keeps track of `insn` in `open`; what it can rely on if it is an access.
fn follow(insn: Insn, open: &mut Open) -> Option<Known> {
    let accessed = match insn.op.format() {
        Format::Load => Some(access(insn, &mut open[insn.rs1.index()])),
        Format::Store => return Some(access(insn, &mut open[insn.rs1.index()])),
        _ => None,
    };
    if insn.rd != Reg::ZERO && insn.op.format() != Format::Branch {
        open[insn.rd.index()] = match insn.op {
            Op::Addi => open[insn.rs1.index()].clone().and_then(|known| {
                let above = known.above + insn.imm;
                (above.abs() < FARTHEST).then_some(Known { above, ..known })
            }),
            _ => None,
        };
    }
    accessed
}

/// Widens what is `known` of the base register of `insn` to what it accesses, or begins anew.
fn access(insn: Insn, known: &mut Option<Known>) -> Known {
    let width = width(insn.op);
    let bytes = |above: i32| above + insn.imm..above + insn.imm + width;
    let store = insn.op.format() == Format::Store;
    if !known.as_ref().is_some_and(|known| widen(&known.accessed, bytes(known.above))) {
        let accessed = Rc::new(RefCell::new(Span { bytes: bytes(0), ..Span::default() }));
        *known = Some(Known { accessed, stored: None, above: 0 });
    }
    let known = known.as_mut().expect("just made");
    if store && !known.stored.as_ref().is_some_and(|stored| widen(stored, bytes(known.above))) {
        let span = Span { bytes: bytes(known.above), ..Span::default() };
        known.stored = Some(Rc::new(RefCell::new(span)));
    }
    known.clone()
}

/// Widens `span` by `bytes`, if it does not get too long to be checked at once.
fn widen(span: &RefCell<Span>, bytes: Range<i32>) -> bool {
    let mut span = span.borrow_mut();
    let wide = span.bytes.start.min(bytes.start)..span.bytes.end.max(bytes.end);
    let fits = wide.len() <= LIMITS;
    if fits {
        span.bytes = wide;
    }
    fits
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

impl Emitter<'_> {
    /// The host's address of the first byte accessed off what is `known`, all of which has been checked to lie in
    /// the segment, and its guest address.
    fn place(&mut self, insn: Insn, at: u32, owed: u64, known: &Known) -> (Value, Value) {
        let mut span = known.accessed.borrow_mut();
        if let Some(place) = span.place {
            return place;
        }
        let distance = span.bytes.start - known.above;
        let (guest, wide) = match self.constant_in(insn.rs1) {
            Some(number) => {
                let number = number.wrapping_add_signed(distance);
                (self.constant(number), self.b.ins().iconst(I64, i64::from(number)))
            }
            None => {
                let rs1 = self.get(insn.rs1);
                let guest = self.sum(insn.rs1, rs1, distance);
                (guest, self.b.ins().uextend(I64, guest))
            }
        };
        let limit = self.load(I32, limit(span.bytes.len()));
        let outside = self.b.ins().icmp(IntCC::UnsignedGreaterThan, guest, limit);
        self.leave_if(outside, at, owed);
        let host = self.b.ins().iadd(self.segment, wide);
        *span.place.insert((host, wide))
    }

    pub(super) fn load_storage(&mut self, insn: Insn, at: u32, owed: u64, known: &Known) {
        let (host, _) = self.place(insn, at, owed, known);
        let offset = known.above + insn.imm - known.accessed.borrow().bytes.start;
        let value = match insn.op {
            Op::Lb => self.b.ins().sload8(I32, plain(), host, offset),
            Op::Lbu => self.b.ins().uload8(I32, plain(), host, offset),
            Op::Lh => self.b.ins().sload16(I32, plain(), host, offset),
            Op::Lhu => self.b.ins().uload16(I32, plain(), host, offset),
            _ => self.b.ins().load(I32, plain(), host, offset),
        };
        self.set(insn.rd, value);
    }

    pub(super) fn store_storage(&mut self, insn: Insn, at: u32, owed: u64, known: &Known) {
        let (host, guest) = self.place(insn, at, owed, known);
        let start = known.accessed.borrow().bytes.start;
        let stored = known.stored.as_ref().expect("this is a store");
        if !std::mem::replace(&mut stored.borrow_mut().plain, true) {
            let Range { start: first, end } = stored.borrow().bytes;
            let skew = self.load(I64, Wide::Skew.offset());
            let skewed = self.b.ins().iadd(guest, skew);
            let place = if first == start {
                skewed
            } else {
                self.b.ins().iadd_imm_s(skewed, i64::from(first - start))
            };
            self.check_marks(place, end - first, at, owed);
        }
        let value = self.get(insn.rs2);
        let offset = known.above + insn.imm - start;
        match insn.op {
            Op::Sb => self.b.ins().istore8(plain(), value, host, offset),
            Op::Sh => self.b.ins().istore16(plain(), value, host, offset),
            _ => self.b.ins().store(plain(), value, host, offset),
        };
    }

    /// Leaves at `at` if something was derived from the `length` bytes, at most [`LIMITS`], that lie `place` bytes
    /// behind the start of the granule that the segment begins in.
    fn check_marks(&mut self, place: Value, length: i32, at: u32, owed: u64) {
        // A row tells of the first word behind its granule, too.
        let row = self.mark_row(place);
        let behind = if length > WORD {
            let end = self.b.ins().iadd_imm_s(place, i64::from(length - 1));
            Some(self.mark_row(end))
        } else {
            None
        };
        let any = behind.map_or(row, |behind| self.b.ins().bor(row, behind));
        // Something lies near, but perhaps not where it is written.
        let (closer, on) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(closer);
        self.b.ins().brif(any, closer, &[], on, &[]);
        self.b.seal_block(closer);
        self.b.switch_to_block(closer);
        let low = self.b.ins().uextend(I64, row);
        let rows = match behind {
            // The same row twice, if there is only one: then only its own words are asked for.
            Some(behind) => {
                let low = self.b.ins().band_imm_s(low, 0xffff);
                let high = self.b.ins().uextend(I64, behind);
                let high = self.b.ins().ishl_imm_u(high, 16);
                self.b.ins().bor(low, high)
            }
            None => low,
        };
        let word = self.b.ins().ushr_imm_u(place, 2);
        let in_row = self.b.ins().band_imm_s(word, 15);
        let within = self.b.ins().band_imm_s(place, 3);
        let last = self.b.ins().iadd_imm_s(within, i64::from(length - 1));
        let words = self.b.ins().ushr_imm_u(last, 2);
        let two = self.b.ins().iconst(I64, 2);
        let ahead = self.b.ins().ishl(two, words);
        let mask = self.b.ins().iadd_imm_s(ahead, -1);
        let shifted = self.b.ins().ushr(rows, in_row);
        let hit = self.b.ins().band(shifted, mask);
        self.leave_if(hit, at, owed);
        let back = self.b.current_block().expect("it was switched to");
        self.b.set_cold_block(back);
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
