//! How a region is left: with all registers on the stack. This is asked of no host register: it happens in many places
//! where none is free.
//!
//! It may happen at most instructions, and seldom does. What is stored on the way for all that leave from the same node,
//! or from the same tree of nodes, is stored in one place: there are far more ways out than anything else.

use super::graph::{Graph, Node};
use super::payment::Payment;
use super::scopes::{Regs, Scopes, written};
use super::stack::Kept;
use super::{Emitter, Local};
use crate::engine::jit::frame::Exit;
use cranelift_codegen::ir::{self, InstBuilder, Value};
use pg32_isa::Reg;
use std::collections::BTreeMap;

/// What is stored on the way out of a node, beside what is no variable.
#[derive(Clone, Copy, Debug)]
struct Way {
    /// Registers that change in the node or behind it: every way out stores them by itself.
    changing: Regs,
    /// The node that alone led here, by way of others of the same scope.
    root: Node,
}

/// The ways out of all nodes.
#[derive(Debug)]
pub(super) struct Ways {
    of: BTreeMap<Node, Way>,
    /// By root, the registers that change in any node from there on.
    changing: BTreeMap<Node, Regs>,
    /// What all ways out of a node, or of the nodes of a root, lead through, as soon as one does.
    nodes: BTreeMap<Node, ir::Block>,
    roots: BTreeMap<Node, ir::Block>,
    /// Those that are still to be filled: what they store, and where they lead.
    unfilled: Vec<(ir::Block, Regs, ir::Block)>,
}

impl Ways {
    /// Plans the ways out of the nodes of `graph`, behind which registers are `rewritten`.
    pub(super) fn plan(
        graph: &Graph<'_>,
        scopes: &Scopes,
        payments: &BTreeMap<Node, Payment>,
        rewritten: &BTreeMap<Node, Regs>,
    ) -> Self {
        let mut of: BTreeMap<Node, Way> = BTreeMap::new();
        let mut changing: BTreeMap<Node, Regs> = BTreeMap::new();
        // What a node alone leads to comes behind it.
        for (&node, payment) in payments {
            let from = payment.only_from.filter(|from| scopes.of(from.at) == scopes.of(node.at));
            let root = from.map_or(node, |from| of[&from].root);
            let regs = written(&graph.block(node).insns) | rewritten[&node];
            of.insert(node, Way { changing: regs, root });
            let all = changing.entry(root).or_default();
            *all = *all | regs;
        }
        Ways { of, changing, nodes: BTreeMap::new(), roots: BTreeMap::new(), unfilled: Vec::new() }
    }
}

impl Emitter<'_> {
    /// Leaves the region from the current block by `exit`.
    pub(super) fn leave(&mut self, exit: Exit) {
        let ahead = self.scopes.scope(self.scope).ahead;
        // Others that leave from the node have not settled either.
        let node = self.at_hand.filter(|_| !self.settled);
        let own = node.map_or(ahead, |node| ahead & self.ways.of[&node].changing);
        let mut put_off = Vec::new();
        for reg in Reg::all() {
            let value = match (self.local[reg.index()], self.facts[reg.index()]) {
                (Some(Local { ahead: false, .. }), _) => continue,
                (None, _) if !own.has(reg) => continue,
                // Or else it is computed anyhow, and what it is computed from need not be kept for this.
                (_, fact) if fact.is_cheap() && (self.again.has(reg) || self.writes == reg) => {
                    put_off.push((reg, fact));
                    continue;
                }
                (Some(local), _) => local.value,
                (None, _) => self.get(reg),
            };
            self.store_register(reg, value);
        }
        // Computed here, so that they need not be where nobody asks for them.
        for (reg, fact) in put_off {
            let value = self.computed(fact);
            self.store_register(reg, value);
        }
        let number = self.constant(self.exits.len() as u32);
        self.exits.push(exit);
        self.keep(number, Kept::EXIT);
        match node {
            Some(node) => {
                let way = self.way_out(node);
                self.b.ins().jump(way, &[]);
            }
            None => self.store_and_go(Regs::default(), self.out),
        }
    }

    /// Leaves before what is at physical `at`, with `owed` instructions not settled.
    pub(super) fn leave_at(&mut self, at: u32, owed: u64) {
        self.leave(Exit::Before { at, owed: owed as u32 });
    }

    /// Leaves at physical `at` if `condition` holds.
    pub(super) fn leave_if(&mut self, condition: Value, at: u32, owed: u64) {
        let (out, on) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(out);
        self.b.ins().brif(condition, out, &[], on, &[]);
        self.b.seal_block(out);
        self.b.seal_block(on);
        self.b.switch_to_block(out);
        self.leave_at(at, owed);
        self.b.switch_to_block(on);
    }

    /// Where to go from `node` once what changes there is stored: to where the rest is.
    fn way_out(&mut self, node: Node) -> ir::Block {
        if let Some(&block) = self.ways.nodes.get(&node) {
            return block;
        }
        let ahead = self.scopes.scope(self.scope).ahead;
        let Way { changing, root } = self.ways.of[&node];
        let in_all = self.ways.changing[&root];
        let of_root = match self.ways.roots.get(&root) {
            Some(&block) => block,
            None => {
                let block = self.on_the_way(ahead & !in_all, self.out);
                self.ways.roots.insert(root, block);
                block
            }
        };
        let rest = ahead & in_all & !changing;
        let block = if rest == Regs::default() { of_root } else { self.on_the_way(rest, of_root) };
        self.ways.nodes.insert(node, block);
        block
    }

    /// A block that stores the variables `regs` and goes on `to` there: see [`Emitter::store_and_go`].
    fn on_the_way(&mut self, regs: Regs, to: ir::Block) -> ir::Block {
        let block = self.b.create_block();
        self.b.set_cold_block(block);
        self.ways.unfilled.push((block, regs, to));
        block
    }

    /// Stores what is stored for several that leave.
    pub(super) fn fill_ways(&mut self) {
        for (block, regs, to) in std::mem::take(&mut self.ways.unfilled) {
            self.b.switch_to_block(block);
            self.store_and_go(regs, to);
        }
    }

    /// Stores the variables `regs`, and, where nothing else is to be stored behind, what is left; and goes on `to` there.
    fn store_and_go(&mut self, regs: Regs, to: ir::Block) {
        for reg in regs.iter() {
            let value = self.b.use_var(self.x[reg.index()]);
            self.store_register(reg, value);
        }
        if to == self.out {
            let left = self.b.use_var(self.left);
            self.keep(left, Kept::LEFT);
        }
        self.b.ins().jump(to, &[]);
    }
}
