//! Loads and stores, checked once for all that go off one address.

use super::Emitter;
use super::graph::{Graph, Node};
use super::marks;
use super::payment::Payment;
use super::stack::Kept;
use crate::engine::jit::bounds::Bounds;
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
    /// Where the first byte is, once checked.
    first: Option<Place>,
}

/// An address that has been checked.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// A host's address.
    host: Value,
    /// How far before the place that is, bytes.
    ahead: i32,
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
    /// Where the bytes accessed off what is `known` begin: all of them have been checked to lie in the segment, and
    /// nothing was derived from what is stored to.
    fn place(&mut self, insn: Insn, at: u32, owed: u64, known: &Known) -> Place {
        let mut span = known.accessed.borrow_mut();
        if let Some(first) = span.first {
            return first;
        }
        let distance = span.bytes.start - known.above;
        let check = Check {
            length: span.bytes.len(),
            stored: span.stored.as_ref().map(|s| s.start - span.bytes.start..s.end - span.bytes.start),
            at,
            owed,
        };
        let (wide, ahead) = match self.constant_in(insn.rs1) {
            Some(number) => {
                let address = number.wrapping_add_signed(distance);
                if !self.is_open(address, &check) {
                    let guest = self.constant(address);
                    self.check(guest, 0, &check);
                }
                (self.b.ins().iconst(I64, i64::from(address)), 0)
            }
            None => {
                let (guest, ahead) = self.begin(insn.rs1, distance, &check);
                self.check(guest, ahead, &check);
                (self.b.ins().uextend(I64, guest), ahead)
            }
        };
        let segment = self.segment();
        let host = self.b.ins().iadd(segment, wide);
        *span.first.insert(Place { host, ahead })
    }

    /// Whether what is accessed at `address` need not be checked.
    fn is_open(&self, address: u32, check: &Check) -> bool {
        self.region.bounds.is_some_and(|bounds| {
            bounds.allow(address, check.length) && (check.stored.is_none() || bounds.floor <= address)
        })
    }

    /// The virtual address `distance` behind what `reg` holds: a value, and how far before the address that is. If it is
    /// before it at all, the value itself can be compared with known bounds.
    fn begin(&mut self, reg: Reg, distance: i32, check: &Check) -> (Value, i32) {
        let value = self.get(reg);
        let (base, ahead) = self.origin(reg, value, distance);
        let least = self.region.bounds.map_or(0, |b| if check.stored.is_some() { b.floor } else { b.length });
        let comparable = |ahead| least >= ahead + LIMITS as u32;
        match u32::try_from(ahead) {
            Ok(distance) if distance > 0 && comparable(distance) => (base, ahead),
            _ => (self.plus(base, ahead), 0),
        }
    }

    /// Leaves if the bytes from `ahead` behind virtual `guest` on are not to be accessed here.
    fn check(&mut self, guest: Value, ahead: i32, check: &Check) {
        match self.region.bounds {
            Some(Bounds { length, .. }) if check.stored.is_none() => {
                let beyond = self.is_beyond(guest, length, ahead, check);
                self.leave_if(beyond, check.at, check.owed);
            }
            None if check.stored.is_none() => {
                let limit = self.load(limit(check.length));
                let outside = self.b.ins().icmp(IntCC::UnsignedGreaterThan, guest, limit);
                self.leave_if(outside, check.at, check.owed);
            }
            Some(Bounds { length, floor, .. }) => {
                let above = self.plus(guest, (ahead as u32).wrapping_sub(floor) as i32);
                let plain = length.saturating_sub(floor).saturating_sub(check.length as u32 - 1);
                let inside = self.b.ins().icmp_imm_u(IntCC::UnsignedLessThan, above, i64::from(plain));
                self.look_unless(inside, guest, ahead, check);
            }
            None => {
                let floor = self.load(Narrow::Floor.offset());
                let above = self.b.ins().isub(guest, floor);
                let plain = self.load(plain_places(check.length));
                let inside = self.b.ins().icmp(IntCC::UnsignedLessThan, above, plain);
                self.look_unless(inside, guest, ahead, check);
            }
        }
    }

    /// Whether what is to be checked from `ahead` behind virtual `guest` on does not lie in a segment of `length` bytes.
    fn is_beyond(&mut self, guest: Value, length: u32, ahead: i32, check: &Check) -> Value {
        let last = length.saturating_sub(check.length as u32).saturating_sub(ahead as u32);
        self.b.ins().icmp_imm_u(IntCC::UnsignedGreaterThan, guest, i64::from(last))
    }

    /// Has a closer look at a store unless it is known to go `inside`, and leaves if it is refused.
    fn look_unless(&mut self, inside: Value, guest: Value, ahead: i32, check: &Check) {
        let [closer, out, on] = std::array::from_fn(|_| self.b.create_block());
        self.b.set_cold_block(closer);
        self.b.set_cold_block(out);
        self.b.ins().brif(inside, on, &[], closer, &[]);
        self.b.seal_block(closer);
        self.b.switch_to_block(closer);
        let first = self.plus(guest, ahead);
        if let (Some(Bounds { length, .. }), 1..) = (self.region.bounds, ahead) {
            // Addresses that go around are not what the host adds up.
            let around = self.is_beyond(guest, length, ahead, check);
            let closer = self.b.create_block();
            self.b.set_cold_block(closer);
            self.b.ins().brif(around, out, &[], closer, &[]);
            self.b.seal_block(closer);
            self.b.switch_to_block(closer);
        }
        let refused = self.look(first, check);
        self.b.ins().brif(refused, out, &[], on, &[]);
        self.b.seal_block(out);
        self.b.switch_to_block(out);
        self.leave_at(check.at, check.owed);
        self.b.seal_block(on);
        self.b.switch_to_block(on);
    }

    pub(super) fn load_storage(&mut self, insn: Insn, at: u32, owed: u64, known: &Known) {
        let Place { host, ahead } = self.place(insn, at, owed, known);
        let offset = ahead + known.above + insn.imm - known.accessed.borrow().bytes.start;
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
        let Place { host, ahead } = self.place(insn, at, owed, known);
        let offset = ahead + known.above + insn.imm - known.accessed.borrow().bytes.start;
        let value = self.get(insn.rs2);
        match insn.op {
            Op::Sb => self.b.ins().istore8(plain(), value, host, offset),
            Op::Sh => self.b.ins().istore16(plain(), value, host, offset),
            _ => self.b.ins().store(plain(), value, host, offset),
        };
    }

    /// Has a closer look at a store from `guest` on: other than 0 if it is not to happen here.
    fn look(&mut self, guest: Value, check: &Check) -> Value {
        self.keep(guest, Kept::PLACE);
        let stored = check.stored.clone().expect("only stores are looked at");
        let what = self.constant(marks::pack(check.length, stored));
        self.keep(what, Kept::WHAT);
        self.b.ins().call(self.look, &[]);
        self.kept(I32, Kept::REFUSED)
    }
}

/// What is checked.
struct Check {
    /// Bytes that are accessed.
    length: usize,
    /// Those among them that are stored to.
    stored: Option<Range<i32>>,
    /// The physical address of the instruction.
    at: u32,
    /// Instructions that have retired and are not settled.
    owed: u64,
}
