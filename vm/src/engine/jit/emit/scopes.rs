//! Where guest registers live: in variables, of which every loop that turns often has its own, so that what it does
//! not name keeps no host register from what it does.

use super::graph::{Graph, Node, targets};
use super::loops::Loop;
use super::payment::{Payment, Settles};
use crate::engine::jit::region::{Block, Region};
use pg32_isa::{Insn, Reg};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::{BitAnd, BitOr, Not};

/// Guest registers that are variables in a loop: what fits into the host's beside the segment, the budget and what an
/// instruction needs.
const IN_LOOPS: usize = 9;

/// Guest registers that are variables outside of the loops of a region of so many `words`. What is long is many
/// functions: what one of them keeps in a host register the next does not ask for, and the compiler takes its time over.
fn outside(words: usize) -> usize {
    match words {
        0..=100 => 10,
        101..=500 => 8,
        _ => 6,
    }
}

/// Variables that a loop takes over from around it if it has not so many of its own.
const ROOM: u32 = 7;

/// A set of registers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Regs(u32);

impl Regs {
    pub(super) fn has(self, reg: Reg) -> bool {
        self.0 >> reg.index() & 1 != 0
    }

    fn insert(&mut self, reg: Reg) {
        self.0 |= 1 << reg.index();
    }

    fn len(self) -> u32 {
        self.0.count_ones()
    }

    pub(super) fn iter(self) -> impl Iterator<Item = Reg> {
        Reg::all().filter(move |&reg| self.has(reg))
    }
}

impl BitAnd for Regs {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Regs(self.0 & other.0)
    }
}

impl BitOr for Regs {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Regs(self.0 | other.0)
    }
}

impl Not for Regs {
    type Output = Self;

    fn not(self) -> Self {
        Regs(!self.0)
    }
}

impl FromIterator<Reg> for Regs {
    fn from_iter<I: IntoIterator<Item = Reg>>(regs: I) -> Self {
        let mut set = Regs::default();
        regs.into_iter().for_each(|reg| set.insert(reg));
        set
    }
}

/// Blocks in which the same registers are variables.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Scope {
    /// The registers that are variables.
    pub(super) variables: Regs,
    /// Those of them that the stack may not have yet.
    pub(super) ahead: Regs,
}

/// The scopes of a region.
#[derive(Debug)]
pub(super) struct Scopes {
    scopes: Vec<Scope>,
    /// By block. What is not here is in the first.
    of: BTreeMap<u32, usize>,
}

impl Scopes {
    /// The scope of the block at `at`, by number.
    pub(super) fn of(&self, at: u32) -> usize {
        self.of.get(&at).copied().unwrap_or(Self::OUTSIDE)
    }

    /// What is in no loop, or in one with calls. Indirect jumps come from here.
    pub(super) const OUTSIDE: usize = 0;

    pub(super) fn scope(&self, number: usize) -> Scope {
        self.scopes[number]
    }

    /// Chooses the scopes of `region`.
    pub(super) fn choose(region: &Region) -> Self {
        let mut plan = Plan { region, scopes: vec![Draft::default()], of: BTreeMap::new() };
        for outermost in Loop::outermost(region) {
            plan.assign(&outermost, Self::OUTSIDE);
        }
        let all: BTreeSet<u32> = region.blocks.keys().copied().collect();
        let in_loops: BTreeSet<u32> = plan.of.keys().copied().collect();
        plan.scopes[Self::OUTSIDE].blocks.extend(all.difference(&in_loops));
        plan.finish()
    }
}

/// A scope in the making.
#[derive(Default)]
struct Draft {
    blocks: BTreeSet<u32>,
    /// The scope around it.
    parent: usize,
    /// How often it was seen to be entered.
    entered: u64,
    /// What each register is worth here.
    worth: [u64; 32],
    variables: Regs,
}

struct Plan<'a> {
    region: &'a Region,
    /// Inner scopes behind those around them.
    scopes: Vec<Draft>,
    of: BTreeMap<u32, usize>,
}

impl Plan<'_> {
    /// Makes a scope of a loop that turns often, if its registers fit; or else of what is in none of the loops in it,
    /// and of those.
    fn assign(&mut self, outer: &Loop, parent: usize) {
        let named: Regs = outer.members.iter().flat_map(|at| named(&self.region.blocks[at])).collect();
        let (work, entered) = outer.counts(self.region);
        let mut number = parent;
        if work >= self.region.settled * (entered + 1) {
            number = self.scopes.len();
            self.scopes.push(Draft { parent, entered, ..Draft::default() });
        }
        let mut blocks = outer.members.clone();
        if number == parent || named.len() > IN_LOOPS as u32 {
            for inner in outer.inner(self.region) {
                blocks.retain(|at| !inner.members.contains(at));
                self.assign(&inner, number);
            }
        }
        self.of.extend(blocks.iter().map(|&at| (at, number)));
        self.scopes[number].blocks.extend(&blocks);
    }

    /// Chooses the variables of all scopes.
    fn finish(mut self) -> Scopes {
        for number in (0..self.scopes.len()).rev() {
            self.choose(number);
        }
        for number in 1..self.scopes.len() {
            self.fill(number);
        }
        let mut scopes: Vec<Scope> = self.scopes.iter().map(|draft| self.scope(draft)).collect();
        // What one scope is ahead in, so are those that it leads to.
        let edges = self.edges();
        let mut changed = true;
        while changed {
            changed = false;
            for &(from, to) in &edges {
                let ahead = scopes[to].ahead | scopes[from].ahead & scopes[to].variables;
                changed |= ahead != scopes[to].ahead;
                scopes[to].ahead = ahead;
            }
        }
        Scopes { scopes, of: self.of }
    }

    /// Makes the registers variables that are named most often in a scope, or that it would have to hand to those in
    /// it, which have chosen.
    fn choose(&mut self, number: usize) {
        let mut worth = [0; 32];
        for block in self.scopes[number].blocks.iter().map(|at| &self.region.blocks[at]) {
            for reg in named(block) {
                worth[reg.index()] += block.executed + 1;
            }
        }
        // The first scope is its own parent.
        for inner in self.scopes[number + 1..].iter().filter(|inner| inner.parent == number) {
            for reg in inner.variables.iter() {
                worth[reg.index()] += 2 * inner.entered;
            }
        }
        self.scopes[number].worth = worth;
        let most = if number == Scopes::OUTSIDE { outside(self.region.words().count()) } else { IN_LOOPS };
        self.scopes[number].variables = best(&worth).take(most).collect();
    }

    /// Makes variables of the scope around it those of a small one, too, where there is room: they need not be stored
    /// and loaded where it begins and ends.
    fn fill(&mut self, number: usize) {
        let around = &self.scopes[self.scopes[number].parent];
        let (worth, candidates) = (around.worth, around.variables);
        let own = &mut self.scopes[number].variables;
        for reg in best(&worth).filter(|&reg| candidates.has(reg)) {
            if own.len() < ROOM {
                own.insert(reg);
            }
        }
    }

    fn scope(&self, draft: &Draft) -> Scope {
        let blocks = draft.blocks.iter().map(|at| &self.region.blocks[at]);
        let written = blocks.fold(Regs::default(), |regs, block| regs | written(&block.insns));
        Scope { variables: draft.variables, ahead: written & draft.variables }
    }

    /// The edges from scope to scope.
    fn edges(&self) -> BTreeSet<(usize, usize)> {
        let scope = |at: u32| self.of.get(&at).copied().unwrap_or(Scopes::OUTSIDE);
        let inside = |at: &u32| self.region.blocks.contains_key(at);
        let direct = self
            .region
            .blocks
            .values()
            .flat_map(|block| targets(block).filter(inside).map(move |to| (scope(block.at), scope(to))));
        let indirect = self.region.indirect.iter().map(|&to| (Scopes::OUTSIDE, scope(to)));
        direct.chain(indirect).filter(|(from, to)| from != to).collect()
    }
}

/// The registers that `insns` write.
pub(super) fn written(insns: &[Insn]) -> Regs {
    insns.iter().map(|insn| insn.rd).filter(|&rd| rd != Reg::ZERO).collect()
}

/// By node, the registers that are written behind it before all are stored: on some way, by nodes that only one leads
/// to.
pub(super) fn rewritten(graph: &Graph<'_>, payments: &BTreeMap<Node, Payment>) -> BTreeMap<Node, Regs> {
    let mut rewritten: BTreeMap<Node, Regs> = BTreeMap::new();
    // What a node alone leads to comes behind it.
    for (&node, payment) in payments.iter().rev() {
        let mut regs = Regs::default();
        if payment.settles != Settles::AtEnd {
            for to in graph.successors(node).filter(|to| payments[to].only_from == Some(node)) {
                regs = regs | written(&graph.block(to).insns) | rewritten[&to];
            }
        }
        if let Some(skipped) = graph.skipped(node) {
            regs = regs | written(&skipped.insns);
        }
        rewritten.insert(node, regs);
    }
    rewritten
}

/// The registers that are worth something, the most valuable first.
fn best(worth: &[u64; 32]) -> impl Iterator<Item = Reg> {
    let mut order: Vec<Reg> = Reg::all().filter(|reg| worth[reg.index()] > 0).collect();
    order.sort_by_key(|reg| std::cmp::Reverse(worth[reg.index()]));
    order.into_iter()
}

/// The registers that `block` names, as often as it does.
pub(super) fn named(block: &Block) -> impl Iterator<Item = Reg> {
    let operands = block.insns.iter().flat_map(|insn| [insn.rd, insn.rs1, insn.rs2]);
    operands.filter(|&reg| reg != Reg::ZERO)
}
