//! The blocks of a region in the order in which they are emitted: those of small inner loops several times in a
//! row, so that what a turn of the loop has checked holds for the next ones, too; and small ones where ways meet once for
//! each of these, which then need not meet.

use crate::engine::jit::region::{Block, Region};
use pg32_isa::{Format, Insn, Op};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Instructions that all copies of a loop may have together.
const LONGEST: usize = 128;
/// Copies of a loop at most.
const MOST: usize = 8;
/// What was seen to be executed in a region is so many shares, and a loop has at most as many copies as it has shares of that:
/// where it seldom turns, copies cost more to compile than they gain.
const SHARES: u64 = 256;
/// Instructions that all copies of all loops of a region may have together.
const ALL: usize = 2000;

/// A copy of a block. Edges within a copy, and from one copy of a loop to the next, lead to greater nodes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Node {
    pub(super) copy: usize,
    /// Physical address of the block.
    pub(super) at: u32,
    /// The block that alone leads to this, if there are others for the others that do.
    only_from: Option<u32>,
}

impl Node {
    /// The first copy, or the only one, of the block at `at`.
    pub(super) fn first(at: u32) -> Self {
        Node { copy: 0, at, only_from: None }
    }
}

/// A loop that is emitted more than once.
#[derive(Clone, Copy, Debug)]
struct Unrolled {
    /// Where it begins, and the only place where it is entered.
    header: u32,
    copies: usize,
}

/// Which blocks are emitted, how often, and how they lead to each other.
#[derive(Debug)]
pub(super) struct Graph<'a> {
    region: &'a Region,
    /// By block, the loop that it is part of.
    loops: BTreeMap<u32, Unrolled>,
    /// By block that ends with a branch over another, that other: it is no node.
    skipped: BTreeMap<u32, u32>,
    /// By block, those that lead to it and have a node of it for themselves.
    split: BTreeMap<u32, BTreeSet<u32>>,
}

/// Instructions that a block may have at most to be emitted once for each that leads to it.
const SPLIT: usize = 8;
/// Blocks that may lead to it.
const MOST_WAYS: usize = 8;

/// Instructions that a branch may skip at most to be no branch.
const SKIPPED: usize = 3;
/// Once in how many times it must have skipped them, and not skipped them, at least. To choose costs an instruction or two;
/// a branch that the host did not foresee costs twenty, and when it was watched it may have been easier to foresee.
const UNSURE: u64 = 32;
/// A way that a block is left by less often than once in so many times is one that it seldom takes.
const SELDOM: u64 = 8;

impl<'a> Graph<'a> {
    pub(super) fn of(region: &'a Region) -> Self {
        let mut graph =
            Graph { region, loops: BTreeMap::new(), skipped: BTreeMap::new(), split: BTreeMap::new() };
        let came_from = graph.edges_back();
        let over = |block: &Block| Some((block.at, graph.optional(block, &came_from)?));
        graph.skipped = region.blocks.values().filter_map(over).collect();
        let came_from = graph.edges_back();
        let mut room = ALL;
        graph.loops = graph.unrolled(&came_from, &mut room);
        for (at, from) in &came_from {
            let Some(block) = region.blocks.get(at).filter(|block| graph.is_meeting(block, &came_from))
            else {
                continue;
            };
            // A node has no more than one other.
            let from: BTreeSet<u32> =
                from.iter().copied().filter(|from| !graph.split.contains_key(from)).collect();
            let more = block.insns.len() * from.len() * graph.loops.get(at).map_or(1, |l| l.copies);
            if more <= room {
                room -= more;
                graph.split.insert(*at, from);
            }
        }
        graph
    }

    /// The loops that are emitted more than once, what turns most often first as long as there is `room`: by block.
    fn unrolled(
        &self,
        came_from: &BTreeMap<u32, BTreeSet<u32>>,
        room: &mut usize,
    ) -> BTreeMap<u32, Unrolled> {
        let blocks = &self.region.blocks;
        let all = blocks.values().map(Block::work).sum::<u64>().max(1);
        let simple = came_from.iter().filter_map(|(&header, from)| {
            let last = from.last().copied().filter(|&last| last >= header)?;
            let work = blocks.range(header..=last).map(|(_, block)| block.work()).sum();
            self.is_simple(header, last, came_from).then_some((work, header, last))
        });
        let mut simple: Vec<(u64, u32, u32)> = simple.collect();
        simple.sort_by_key(|&(work, header, _)| (Reverse(work), header));
        let mut loops = BTreeMap::new();
        for (work, header, last) in simple {
            let members = blocks.range(header..=last);
            let length: usize = members.clone().map(|(_, block)| block.insns.len()).sum();
            let worth = (work * SHARES / all) as usize;
            let copies = (LONGEST / length.max(1)).min(MOST).min(worth);
            if copies > 1 && length * copies <= *room {
                *room -= length * copies;
                loops.extend(members.map(|(&at, _)| (at, Unrolled { header, copies })));
            }
        }
        loops
    }

    /// Whether `block` is small and only a few others lead to it, all from before, and where it leads to, others do, or it
    /// seldom does: then it is better to have it for each of them.
    fn is_meeting(&self, block: &Block, came_from: &BTreeMap<u32, BTreeSet<u32>>) -> bool {
        let Some(from) = came_from.get(&block.at) else { return false };
        let header = |at: &u32| self.loops.get(at).map(|l| l.header);
        let from_near = |from: &u32| *from < block.at && header(from) == header(&block.at);
        let meet = |to: u32| {
            let times = if to == block.target() { block.jumped } else { block.stayed() };
            to <= block.at
                || self.is_entered(to)
                || came_from[&to].len() > 1
                || times * SELDOM < block.executed
        };
        (2..=MOST_WAYS).contains(&from.len())
            && block.insns.len() <= SPLIT
            && block.executed > 0
            && !block.calls()
            && from.iter().all(from_near)
            && self.targets(block).filter(|to| self.region.blocks.contains_key(to)).all(meet)
    }

    /// By block, those that lead to it.
    fn edges_back(&self) -> BTreeMap<u32, BTreeSet<u32>> {
        let mut came_from: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        for block in self.region.blocks.values().filter(|block| !self.is_skipped(block.at)) {
            for to in self.targets(block) {
                came_from.entry(to).or_default().insert(block.at);
            }
        }
        came_from
    }

    /// The block that `block` ends with a branch over, if it only computes, little, and only `block` leads to it, and
    /// if the host might not foresee where the branch goes: then it is cheaper to compute and to choose.
    fn optional(&self, block: &Block, came_from: &BTreeMap<u32, BTreeSet<u32>>) -> Option<u32> {
        let skipped = self.region.blocks.get(&block.end())?;
        let computes = |insn: &Insn| {
            let elsewhere = matches!(
                insn.op.format(),
                Format::Load | Format::Store | Format::Branch | Format::Jump | Format::JumpReg
            );
            !elsewhere && !matches!(insn.op, Op::Div | Op::Divu | Op::Rem | Op::Remu)
        };
        let ways = [block.jumped, block.stayed()];
        let optional = block.last().op.format() == Format::Branch
            && block.target() == skipped.end()
            && self.region.blocks.contains_key(&skipped.end())
            && skipped.insns.len() <= SKIPPED
            && skipped.insns.iter().all(computes)
            && came_from[&skipped.at].len() == 1
            && !self.is_entered(skipped.at)
            && ways.iter().all(|&times| times > 0 && times * UNSURE >= block.executed);
        optional.then_some(skipped.at)
    }

    fn is_skipped(&self, at: u32) -> bool {
        let before = self.skipped.range(..at).next_back();
        before.is_some_and(|(_, &skipped)| skipped == at)
    }

    /// The block that `node` ends with a branch over, if that is to be no branch.
    pub(super) fn skipped(&self, node: Node) -> Option<&'a Block> {
        self.skipped.get(&node.at).map(|at| &self.region.blocks[at])
    }

    /// The instructions of `node`, and those that it ends with a branch over.
    pub(super) fn length(&self, node: Node) -> u64 {
        let skipped = self.skipped(node).map_or(0, |block| block.insns.len());
        (self.block(node).insns.len() + skipped) as u64
    }

    /// Where `block` leads, indirect jumps and what it may skip aside.
    fn targets(&self, block: &Block) -> impl Iterator<Item = u32> + use<> {
        let skipped = self.skipped.get(&block.at).copied();
        targets(block).filter(move |&to| Some(to) != skipped)
    }

    /// Whether the blocks from `header` to `last` are a loop without another in it, entered only at the top,
    /// and without calls.
    fn is_simple(&self, header: u32, last: u32, came_from: &BTreeMap<u32, BTreeSet<u32>>) -> bool {
        let members = header..=last;
        let mut blocks = self.region.blocks.range(members.clone()).filter(|(at, _)| !self.is_skipped(**at));
        blocks.all(|(&at, block)| {
            let calls = block.calls() || block.last().op.format() == Format::JumpReg;
            let inside = || {
                !self.is_entered(at)
                    && came_from
                        .get(&at)
                        .is_some_and(|from| from.iter().all(|f| members.contains(f) && *f < at))
            };
            !calls && (at == header || inside())
        })
    }

    /// Whether the block at `at` can be reached from outside or by an indirect jump.
    fn is_entered(&self, at: u32) -> bool {
        self.region.entries.binary_search(&at).is_ok() || self.region.indirect.contains(&at)
    }

    /// Whether control may come to `node` from elsewhere than along an edge.
    pub(super) fn is_entry(&self, node: Node) -> bool {
        node == Node::first(node.at) && self.is_entered(node.at)
    }

    /// Every node that control can come to, least first.
    pub(super) fn nodes(&self) -> BTreeSet<Node> {
        let entered = self.region.entries.iter().chain(&self.region.indirect);
        let mut ahead: Vec<Node> = entered.map(|&at| Node::first(at)).collect();
        let mut nodes = BTreeSet::new();
        while let Some(node) = ahead.pop() {
            if nodes.insert(node) {
                ahead.extend(self.successors(node));
            }
        }
        nodes
    }

    pub(super) fn block(&self, node: Node) -> &'a Block {
        &self.region.blocks[&node.at]
    }

    /// Where the edge from `node` to physical `to` leads; `None` out of the region.
    pub(super) fn follow(&self, node: Node, to: u32) -> Option<Node> {
        if !self.region.blocks.contains_key(&to) {
            return None;
        }
        let copy = match (self.loops.get(&node.at), self.loops.get(&to)) {
            (Some(from), Some(loop_)) if from.header == loop_.header => {
                if to == loop_.header {
                    (node.copy + 1) % loop_.copies
                } else {
                    node.copy
                }
            }
            _ => 0,
        };
        let split = self.split.get(&to).is_some_and(|from| from.contains(&node.at));
        Some(Node { copy, at: to, only_from: split.then_some(node.at) })
    }

    /// Whether the edge from `node` to `to` leads out of a loop that is emitted more than once.
    pub(super) fn leaves_loop(&self, node: Node, to: Node) -> bool {
        let header = |node: Node| self.loops.get(&node.at).map(|l| l.header);
        header(node).is_some() && header(node) != header(to)
    }

    /// The nodes that edges from `node` lead to.
    pub(super) fn successors(&self, node: Node) -> impl Iterator<Item = Node> {
        self.targets(self.block(node)).filter_map(move |to| self.follow(node, to))
    }
}

/// Where `block` leads, indirect jumps aside.
pub(super) fn targets(block: &Block) -> impl Iterator<Item = u32> + use<> {
    match block.last().op.format() {
        Format::Branch => [Some(block.target()), Some(block.end())],
        Format::Jump => [Some(block.target()), None],
        Format::JumpReg => [None, None],
        _ => [Some(block.end()), None],
    }
    .into_iter()
    .flatten()
}
