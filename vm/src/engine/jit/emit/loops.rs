//! The loops of a region, and how they nest. Calls are no part of a loop: what is called has registers of its own.

use super::graph::targets;
use crate::engine::jit::region::{Block, Region};
use std::collections::{BTreeMap, BTreeSet};

/// Loops in loops that are told apart.
const DEEPEST: u32 = 8;

/// A loop: blocks that lead to each other.
pub(super) struct Loop {
    pub(super) members: BTreeSet<u32>,
    /// The member that edges from outside lead to, or the first of them.
    header: u32,
    depth: u32,
}

impl Loop {
    /// The loops of `region` that are in no other.
    pub(super) fn outermost(region: &Region) -> Vec<Loop> {
        let all = region.blocks.keys().copied().collect();
        find(region, &all, None, 1)
    }

    /// The loops in it that are in no other.
    pub(super) fn inner(&self, region: &Region) -> Vec<Loop> {
        if self.depth == DEEPEST {
            return Vec::new();
        }
        find(region, &self.members, Some(self.header), self.depth + 1)
    }

    /// How many instructions were seen to be executed in it, and how often it was entered.
    pub(super) fn counts(&self, region: &Region) -> (u64, u64) {
        let inside = |at: u32| self.members.contains(&at);
        let (mut work, mut entered) = (0, 0);
        for block in self.members.iter().map(|at| &region.blocks[at]) {
            work += block.work();
            // As often as it was executed, but for what came from the loop itself.
            entered += block.executed;
            entered -= if inside(block.target()) { block.jumped } else { 0 };
            entered -= if inside(block.end()) { block.stayed() } else { 0 };
        }
        (work, entered)
    }
}

/// Edges, by where they begin or end.
type Edges = BTreeMap<u32, Vec<u32>>;

/// The loops among `members` that remain without the edges to `header`.
fn find(region: &Region, members: &BTreeSet<u32>, header: Option<u32>, depth: u32) -> Vec<Loop> {
    let (mut forward, mut backward) = (Edges::new(), Edges::new());
    for &at in members {
        for to in successors(&region.blocks[&at]).filter(|to| members.contains(to) && Some(*to) != header) {
            forward.entry(at).or_default().push(to);
            backward.entry(to).or_default().push(at);
        }
    }
    // Kosaraju's algorithm: back from where everything ahead is done last.
    let mut done = BTreeSet::new();
    let mut order = Vec::new();
    for &at in members {
        walk(at, &forward, &mut done, &mut order);
    }
    let mut found = Vec::new();
    let mut done = BTreeSet::new();
    for &at in order.iter().rev() {
        let mut component = Vec::new();
        walk(at, &backward, &mut done, &mut component);
        let members: BTreeSet<u32> = component.into_iter().collect();
        let turns = |at: &u32| forward.get(at).into_iter().flatten().any(|to| members.contains(to));
        let Some(&first) = members.first().filter(|at| turns(at)) else { continue };
        let is_entered = |at: &u32| backward[at].iter().any(|from| !members.contains(from));
        let header = members.iter().copied().find(is_entered).unwrap_or(first);
        found.push(Loop { members, header, depth });
    }
    found
}

/// Adds to `order` what can be reached from `at` and is not yet `done`, each behind what can be reached from it.
fn walk(at: u32, edges: &Edges, done: &mut BTreeSet<u32>, order: &mut Vec<u32>) {
    if !done.insert(at) {
        return;
    }
    let ahead = |at: u32| edges.get(&at).into_iter().flatten().copied();
    let mut path = vec![(at, ahead(at))];
    while let Some((at, rest)) = path.last_mut() {
        match rest.next() {
            Some(to) if done.insert(to) => path.push((to, ahead(to))),
            Some(_) => {}
            None => {
                order.push(*at);
                path.pop();
            }
        }
    }
}

/// The blocks that `block` leads to, what it calls aside.
fn successors(block: &Block) -> impl Iterator<Item = u32> {
    let calls = block.calls();
    targets(block).filter(move |_| !calls)
}
