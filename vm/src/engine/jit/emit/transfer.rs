//! Where control goes: from block to block, by way of registers, and out of the region.

use super::Emitter;
use super::graph::Node;
use super::payment::Settles;
use super::scopes::Scopes;
use crate::engine::jit::frame::{Exit, Narrow};
use crate::engine::jit::region::{Block, Region};
use cranelift_codegen::ir::condcodes::{CondCode, IntCC};
use cranelift_codegen::ir::types::{I32, I64};
use cranelift_codegen::ir::{self, InstBuilder, MemFlagsData, Value};
use pg32_isa::{Insn, Op, Reg};
use std::collections::BTreeSet;
use std::ops::Range;

/// Indirect jumps to at most so many targets compare; others go through a table.
const FEW_TARGETS: usize = 4;

/// The two kinds of indirect jumps.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Indirect {
    /// It links nothing. Left to the interpreter, it has not happened yet.
    Returning,
    /// It has linked.
    Calling,
}

/// The storage from the first to behind the last place that indirect jumps in `region` may lead to.
fn span(region: &Region) -> Range<u32> {
    match (region.indirect.first(), region.indirect.last()) {
        (Some(&first), Some(&last)) => first..last + 4,
        _ => 0..0,
    }
}

/// For every word from the first to the last place that indirect jumps in `region` may lead to, which of them it is: its
/// number, 16 bits, or a greater one if it is none. A table of targets by number is short; by address it were not. `None` if
/// there are so few that no table is needed.
pub(in crate::engine::jit) fn numbers_of_targets(region: &Region) -> Option<Vec<u8>> {
    let mut numbers = (0u16..).zip(&region.indirect).peekable();
    let number = |at: u32| numbers.next_if(|(_, to)| **to == at).map_or(u16::MAX, |(number, _)| number);
    let bytes = || span(region).step_by(4).map(number).flat_map(u16::to_le_bytes).collect();
    (region.indirect.len() > FEW_TARGETS).then(bytes)
}

/// How a block is filled that an edge leads through.
#[derive(Clone, Copy)]
pub(super) enum Stub {
    /// It leaves the region at a physical address.
    Out(u32),
    /// It settles what is owed, hands registers over to the scope of a node that others lead to, and goes on
    /// there.
    Over(Node),
}

/// What `op`, a branch, asks of its operands.
fn condition(op: Op) -> IntCC {
    match op {
        Op::Beq => IntCC::Equal,
        Op::Bne => IntCC::NotEqual,
        Op::Blt => IntCC::SignedLessThan,
        Op::Bge => IntCC::SignedGreaterThanOrEqual,
        Op::Bltu => IntCC::UnsignedLessThan,
        _ => IntCC::UnsignedGreaterThanOrEqual,
    }
}

impl Emitter<'_> {
    /// Ends `node`, with `owed` instructions not settled: settles everything if it is the place, and otherwise
    /// hands what it knows to those that only it leads to. What is owed then.
    fn end(&mut self, node: Node, mut owed: u64) -> u64 {
        if self.payments[&node].settles == Settles::AtEnd {
            self.settle();
            self.settle_payment(owed);
            owed = 0;
        }
        self.known.insert(node, (self.facts, self.local, self.address));
        owed
    }

    /// Ends `node` for physical `at`, in the region or out of it, with `owed` instructions not settled.
    pub(super) fn go(&mut self, node: Node, at: u32, owed: u64) {
        let owed = self.end(node, owed);
        match self.graph.follow(node, at) {
            Some(to) => {
                if self.payments[&to].only_from.is_none() {
                    self.change_scope(self.scopes.of(to.at));
                }
                self.b.ins().jump(self.blocks[&to], &[]);
            }
            None => self.leave_at(at, owed),
        }
    }

    /// A block that goes from `node` to physical `at`, and how if it must still be filled: see
    /// [`Emitter::fill`].
    fn towards(&mut self, node: Node, at: u32) -> (ir::Block, Option<Stub>) {
        match self.graph.follow(node, at) {
            None => {
                let stub = self.stub(Stub::Out(at));
                self.b.set_cold_block(stub.0);
                stub
            }
            Some(to) if self.payments[&to].only_from.is_some() => (self.blocks[&to], None),
            Some(to) if self.payments[&node].settles == Settles::OnTheWay => {
                let stub = self.stub(Stub::Over(to));
                self.b.set_cold_block(stub.0);
                stub
            }
            Some(to) => self.stub_into(to),
        }
    }

    /// A block that goes to `to`, to which others lead, too, with everything settled; and how if it must still be
    /// filled.
    pub(super) fn stub_into(&mut self, to: Node) -> (ir::Block, Option<Stub>) {
        if self.scopes.of(to.at) == self.scope { (self.blocks[&to], None) } else { self.stub(Stub::Over(to)) }
    }

    fn stub(&mut self, stub: Stub) -> (ir::Block, Option<Stub>) {
        (self.b.create_block(), Some(stub))
    }

    pub(super) fn fill(&mut self, (block, stub): (ir::Block, Option<Stub>), owed: u64) {
        let Some(stub) = stub else { return };
        self.b.seal_block(block);
        self.b.switch_to_block(block);
        match stub {
            Stub::Out(at) => self.leave_at(at, owed),
            Stub::Over(to) => {
                // Only on this way: on the other, registers remain where they are, and instructions owed.
                self.store_locals();
                self.settle_payment(owed);
                self.change_scope(self.scopes.of(to.at));
                self.b.ins().jump(self.blocks[&to], &[]);
            }
        }
    }

    pub(super) fn link(&mut self, rd: Reg, at: u32) {
        if rd != Reg::ZERO {
            self.set_address(rd, at.wrapping_add(4));
        }
    }

    pub(super) fn branch(&mut self, insn: Insn, at: u32, node: Node, owed: u64) {
        let condition = condition(insn.op);
        let (a, b) = (self.get(insn.rs1), self.get(insn.rs2));
        if let Some(skipped) = self.graph.skipped(node) {
            let stays = self.b.ins().icmp(condition.complement(), a, b);
            self.choose(stays, skipped, owed + 1);
            return self.go(node, skipped.end(), 0);
        }
        let owed = self.end(node, owed + 1);
        let taken = self.b.ins().icmp(condition, a, b);
        let yes = self.towards(node, at.wrapping_add_signed(insn.imm));
        let no = self.towards(node, at.wrapping_add(4));
        self.b.ins().brif(taken, yes.0, &[], no.0, &[]);
        self.fill(yes, owed);
        self.fill(no, owed);
    }

    /// Executes `skipped` if it `stays`, and not if it jumps over it: computes either way and chooses. Settles what is
    /// `owed`, and what it executes.
    fn choose(&mut self, stays: Value, skipped: &Block, owed: u64) {
        let written: BTreeSet<Reg> = skipped.insns.iter().map(|insn| insn.rd).collect();
        let written = written.into_iter().filter(|&rd| rd != Reg::ZERO);
        let before: Vec<(Reg, Value)> = written.map(|rd| (rd, self.get(rd))).collect();
        for (index, &insn) in (0..).zip(&skipped.insns) {
            self.compute(insn, skipped.at + 4 * index);
        }
        for (rd, old) in before {
            let new = self.get(rd);
            let value = self.b.ins().select(stays, new, old);
            self.set(rd, value);
        }
        let one = self.b.ins().uextend(I64, stays);
        // One to three: the host adds faster than it multiplies.
        let twice = self.b.ins().ishl_imm_u(one, 1);
        let executed = match skipped.insns.len() {
            1 => one,
            2 => twice,
            _ => self.b.ins().iadd(one, twice),
        };
        let left = self.left_after(owed);
        let left = self.b.ins().isub(left, executed);
        self.b.def_var(self.left, left);
    }

    /// `jalr`: its target decides among the blocks that indirect jumps may lead to.
    pub(super) fn jump_reg(&mut self, insn: Insn, at: u32, owed: u64) {
        let rs1 = self.get(insn.rs1);
        let sum = self.sum(insn.rs1, rs1, insn.imm);
        let kind = if insn.rd == Reg::ZERO { Indirect::Returning } else { Indirect::Calling };
        if kind == Indirect::Calling {
            let odd = self.b.ins().band_imm_s(sum, 2);
            self.leave_if(odd, at, owed);
            self.link(insn.rd, at);
        }
        self.settle();
        self.settle_payment(owed + 1);
        let from = self.constant(at);
        let (region, few) = (self.region, FEW_TARGETS);
        // Which ones it compares: all there are, or those that this jump was seen to lead to.
        let all: Vec<u32> = region.indirect.iter().copied().take(few + 1).collect();
        let seen = region.seen.get(&at).map_or(&[][..], Vec::as_slice);
        let likely = if all.len() <= few { &all } else { seen };
        if likely.len() <= few {
            let physical = self.physical(sum);
            // Bit 0 of a target counts for nothing: where it is set, none of these is it, and the jump goes its long way.
            for &to in likely {
                let hit = self.b.ins().icmp_imm_u(IntCC::Equal, physical, i64::from(to));
                let on = self.b.create_block();
                let yes = self.stub_into(Node::first(to));
                self.b.ins().brif(hit, yes.0, &[], on, &[]);
                self.fill(yes, 0);
                self.b.seal_block(on);
                self.b.switch_to_block(on);
            }
        }
        let target = self.b.ins().band_imm_s(sum, -2);
        if all.len() <= few {
            return self.leave_indirect(kind, target, from);
        }
        let switch = match self.switches[kind as usize] {
            Some(block) => block,
            None => {
                let block = self.b.create_block();
                self.b.append_block_param(block, I32);
                self.b.append_block_param(block, I32);
                *self.switches[kind as usize].insert(block)
            }
        };
        self.b.ins().jump(switch, &[target.into(), from.into()]);
    }

    /// Leaves because the jump at `from` leads to virtual `target`, which was not foreseen: there, or before a
    /// jump that can still happen.
    fn leave_indirect(&mut self, kind: Indirect, target: Value, from: Value) {
        self.store(from, Narrow::LeftBy.offset());
        self.store(target, Narrow::Target.offset());
        self.leave(match kind {
            Indirect::Calling => Exit::BehindJump,
            Indirect::Returning => Exit::BeforeJump,
        });
    }

    pub(super) fn switch(&mut self, switch: ir::Block, kind: Indirect) {
        self.b.switch_to_block(switch);
        (self.facts, self.local, self.address) = Default::default();
        self.scope = Scopes::OUTSIDE;
        let (to, from) = (self.b.block_params(switch)[0], self.b.block_params(switch)[1]);
        let words = span(self.region);
        let physical = self.physical(to);
        let distance = self.plus(physical, words.start.wrapping_neg() as i32);
        // Rotated: what is no multiple of 4 lies behind them all.
        let index = self.b.ins().rotr_imm_u(distance, 2);
        let (out, inside) = (self.b.create_block(), self.b.create_block());
        let is_inside = self.b.ins().icmp_imm_u(IntCC::UnsignedLessThan, index, words.len() as i64 / 4);
        self.b.ins().brif(is_inside, inside, &[], out, &[]);
        self.b.switch_to_block(inside);
        let numbers = self.numbers.expect("there are many targets");
        let numbers = self.b.ins().symbol_value(I64, numbers);
        let index = self.b.ins().uextend(I64, index);
        let distance = self.b.ins().ishl_imm_u(index, 1);
        let place = self.b.ins().iadd(numbers, distance);
        let number = self.b.ins().uload16(I32, MemFlagsData::trusted(), place, 0);
        let stubs: Vec<_> = self.region.indirect.iter().map(|&at| self.stub_into(Node::first(at))).collect();
        let targets: Vec<ir::Block> = stubs.iter().map(|&(block, _)| block).collect();
        self.table(number, out, &targets);
        for stub in stubs {
            self.fill(stub, 0);
        }
        self.b.switch_to_block(out);
        self.leave_indirect(kind, to, from);
    }
}
