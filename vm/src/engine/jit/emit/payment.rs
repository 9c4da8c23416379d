//! Who pays for instructions, and when: as seldom as exactness allows.
//!
//! A translation may retire `left` instructions. Where control can come from several places, or from outside,
//! all that retired before is *settled*: subtracted from `left`. From there on a count is kept at compile time,
//! along every path, until the next such place. That there is enough left for the longest of these paths is
//! checked only at *gates*, and every cycle leads through one.

use super::graph::{Graph, Node};
use pg32_isa::Format;
use std::collections::BTreeMap;

/// Instructions from a gate to the next, roughly: an engine that finds less left than a gate asks for goes on
/// interpreting.
const FAR: u64 = 192;

/// Where a node settles.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Settles {
    /// Nowhere: those behind it do.
    #[default]
    Never,
    /// At its end.
    AtEnd,
    /// On the way to nodes that others lead to, too: where it leaves a loop, seldom.
    OnTheWay,
}

/// What is known about a node before it is emitted.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Payment {
    /// Instructions that must be left, if this is a gate.
    pub(super) gate: Option<u64>,
    /// Instructions that have retired but are not settled when the node begins.
    pub(super) owed: u64,
    pub(super) settles: Settles,
    /// The only node that leads here, from which everything known is still known.
    pub(super) only_from: Option<Node>,
}

/// The payments of all nodes.
pub(super) fn plan(graph: &Graph<'_>) -> BTreeMap<Node, Payment> {
    let nodes = graph.nodes();
    let mut came_from: BTreeMap<Node, Vec<Node>> = BTreeMap::new();
    for &node in &nodes {
        for to in graph.successors(node) {
            came_from.entry(to).or_default().push(node);
        }
    }
    let backward = |to: Node| came_from.get(&to).is_some_and(|from| from.iter().any(|&from| from >= to));
    let mut plan: BTreeMap<Node, Payment> = BTreeMap::new();
    // Edges to nodes that are no gates lead to greater ones, so that all successors come before a node.
    let mut need: BTreeMap<Node, u64> = BTreeMap::new();
    for &node in nodes.iter().rev() {
        let ahead = graph.successors(node).filter(|to| plan.get(to).is_some_and(|p| p.gate.is_none()));
        let needed = graph.length(node) + ahead.map(|to| need[&to]).max().unwrap_or(0);
        need.insert(node, needed);
        let gate = (graph.is_entry(node) || backward(node) || needed > FAR).then_some(needed);
        let only_from = match came_from.get(&node).map(Vec::as_slice) {
            Some(&[from]) if gate.is_none() => Some(from),
            _ => None,
        };
        plan.insert(node, Payment { gate, only_from, ..Payment::default() });
    }
    for &node in &nodes {
        let settles = settles(graph, &plan, node);
        let payment = plan.get_mut(&node).expect("every node has one");
        payment.settles = settles;
        let owed = payment.owed + graph.block(node).insns.len() as u64;
        // How many there are, it only knows itself.
        let owed = if settles == Settles::AtEnd || graph.skipped(node).is_some() { 0 } else { owed };
        for to in graph.successors(node) {
            if let Some(next) = plan.get_mut(&to).filter(|p| p.only_from == Some(node)) {
                next.owed = owed;
            }
        }
    }
    plan
}

fn settles(graph: &Graph<'_>, plan: &BTreeMap<Node, Payment>, node: Node) -> Settles {
    if graph.block(node).last().op.format() == Format::JumpReg {
        return Settles::AtEnd;
    }
    let (alone, shared): (Vec<Node>, Vec<Node>) =
        graph.successors(node).partition(|to| plan[to].only_from.is_some());
    if shared.is_empty() {
        Settles::Never
    } else if !alone.is_empty() && shared.iter().all(|&to| graph.leaves_loop(node, to)) {
        Settles::OnTheWay
    } else {
        Settles::AtEnd
    }
}
