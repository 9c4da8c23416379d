//! Loads and stores, checked once for all that go off one address.

use super::Emitter;
use super::graph::{Graph, Node};
use super::marks;
use super::payment::Payment;
use crate::engine::jit::frame::{LIMITS, Narrow, limit, plain_places};
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
    /// Those among them that are stored to.
    stored: Option<Range<i32>>,
    /// The host's address of the first byte, once checked.
    host: Option<Value>,
}

impl Span {
    /// Widens it by `bytes`, if it does not get too long to be checked at once.
    fn widen(&mut self, bytes: &Range<i32>, format: Format) -> bool {
        let wide = union(&self.bytes, bytes);
        let fits = wide.len() <= LIMITS;
        if fits {
            self.bytes = wide;
            if format == Format::Store {
                self.stored = Some(self.stored.as_ref().map_or(bytes.clone(), |stored| union(stored, bytes)));
            }
        }
        fits
    }
}

/// The least range that covers both.
fn union(a: &Range<i32>, b: &Range<i32>) -> Range<i32> {
    a.start.min(b.start)..a.end.max(b.end)
}

/// A span that several accesses share.
type Shared = Rc<RefCell<Span>>;

/// What is known of the address in a register.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// The bytes off it that are accessed.
    accessed: Shared,
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
        for insn in graph.skipped(node).iter().flat_map(|block| &block.insns) {
            known[insn.rd.index()] = None;
        }
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
    let format = insn.op.format();
    if !known.as_ref().is_some_and(|known| known.accessed.borrow_mut().widen(&bytes(known.above), format)) {
        let mut span = Span { bytes: bytes(0), ..Span::default() };
        span.widen(&bytes(0), format);
        *known = Some(Known { accessed: Rc::new(RefCell::new(span)), above: 0 });
    }
    known.clone().expect("just made")
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

impl Emitter<'_> {
    /// The host's address of the first byte accessed off what is `known`, all of which has been checked to lie in
    /// the segment; and nothing was derived from what is stored to.
    fn place(&mut self, insn: Insn, at: u32, owed: u64, known: &Known) -> Value {
        let mut span = known.accessed.borrow_mut();
        if let Some(host) = span.host {
            return host;
        }
        let (first, length) = (span.bytes.start - known.above, span.bytes.len());
        let rs1 = self.get(insn.rs1);
        let guest = self.virtual_address(insn.rs1, rs1, first);
        match span.stored.clone() {
            None => self.check_limit(guest, length, at, owed),
            Some(stored) => {
                let floor = self.load(I32, Narrow::Floor.offset());
                let above = self.b.ins().isub(guest, floor);
                let plain = self.load(I32, plain_places(length));
                let inside = self.b.ins().icmp(IntCC::UnsignedLessThan, above, plain);
                let (closer, on) = (self.b.create_block(), self.b.create_block());
                self.b.set_cold_block(closer);
                self.b.ins().brif(inside, on, &[], closer, &[]);
                self.b.seal_block(closer);
                self.b.switch_to_block(closer);
                let stored = stored.start - span.bytes.start..stored.end - span.bytes.start;
                let refused = self.look(guest, length, stored);
                self.leave_if(refused, at, owed);
                let back = self.b.current_block().expect("it was switched to");
                self.b.set_cold_block(back);
                self.b.ins().jump(on, &[]);
                self.b.seal_block(on);
                self.b.switch_to_block(on);
            }
        }
        let wide = match self.constant_in(insn.rs1) {
            Some(number) => self.b.ins().iconst(I64, i64::from(number.wrapping_add_signed(first))),
            None => self.b.ins().uextend(I64, guest),
        };
        let segment = self.segment();
        let host = self.b.ins().iadd(segment, wide);
        *span.host.insert(host)
    }

    pub(super) fn load_storage(&mut self, insn: Insn, at: u32, owed: u64, known: &Known) {
        let host = self.place(insn, at, owed, known);
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
        let host = self.place(insn, at, owed, known);
        let offset = known.above + insn.imm - known.accessed.borrow().bytes.start;
        let value = self.get(insn.rs2);
        match insn.op {
            Op::Sb => self.b.ins().istore8(plain(), value, host, offset),
            Op::Sh => self.b.ins().istore16(plain(), value, host, offset),
            _ => self.b.ins().store(plain(), value, host, offset),
        };
    }

    /// The address `distance` behind what `reg` holds, `value`.
    fn virtual_address(&mut self, reg: Reg, value: Value, distance: i32) -> Value {
        match self.constant_in(reg) {
            Some(number) => self.constant(number.wrapping_add_signed(distance)),
            None => self.sum(reg, value, distance),
        }
    }

    /// Has a closer look at a store to the bytes `stored` of `length` ones at `guest`: other than 0 if it is not to
    /// happen here.
    fn look(&mut self, guest: Value, length: usize, stored: Range<i32>) -> Value {
        self.store(guest, Narrow::Place.offset());
        let what = self.constant(marks::pack(length, stored));
        self.store(what, Narrow::What.offset());
        self.b.ins().call(self.look, &[]);
        self.load(I32, Narrow::Refused.offset())
    }

    /// Leaves at `at` if the `length` bytes at `guest` do not lie in the segment.
    fn check_limit(&mut self, guest: Value, length: usize, at: u32, owed: u64) {
        let limit = self.load(I32, limit(length));
        let outside = self.b.ins().icmp(IntCC::UnsignedGreaterThan, guest, limit);
        self.leave_if(outside, at, owed);
    }
}
