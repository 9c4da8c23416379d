//! Who pays for instructions, and when: as seldom as exactness allows.
//!
//! A translation may retire `left` instructions. Where control can come from several places, or from outside,
//! all that retired before is *settled*: subtracted from `left`. From there on a count is kept at compile time,
//! along every path, until the next such place. That there is enough left for the longest of these paths is
//! checked only at *gates*, and every cycle leads through one.

use crate::engine::jit::region::{Block, Region};
use pg32_isa::Format;
use std::collections::BTreeMap;

/// Instructions from a gate to the next, roughly: an engine that finds less left than a gate asks for goes on
/// interpreting.
const FAR: u64 = 96;

/// What is known about a block before it is emitted.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Payment {
    /// Instructions that must be left, if this is a gate.
    pub(super) gate: Option<u64>,
    /// Instructions that have retired but are not settled when the block begins.
    pub(super) owed: u64,
    /// Whether the block settles when it ends.
    pub(super) settles: bool,
    /// The only block that leads here, from which everything known is still known.
    pub(super) only_from: Option<u32>,
}

/// The payments of all blocks, by address.
pub(super) fn plan(region: &Region) -> BTreeMap<u32, Payment> {
    let blocks = &region.blocks;
    let mut came_from: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (&at, block) in blocks {
        for to in successors(block).filter(|to| blocks.contains_key(to)) {
            came_from.entry(to).or_default().push(at);
        }
    }
    let entered = |at: &u32| region.entries.binary_search(at).is_ok() || region.indirect.contains(at);
    let backward = |at: u32| came_from.get(&at).is_some_and(|from| from.iter().any(|&from| from >= at));
    let mut plan: BTreeMap<u32, Payment> = BTreeMap::new();
    // Edges to blocks that are no gates lead forward, so that all of a block's successors come before it.
    let mut need: BTreeMap<u32, u64> = BTreeMap::new();
    for (&at, block) in blocks.iter().rev() {
        let ahead = successors(block).filter(|to| plan.get(to).is_some_and(|p| p.gate.is_none()));
        let needed = block.insns.len() as u64 + ahead.map(|to| need[&to]).max().unwrap_or(0);
        need.insert(at, needed);
        let gate = (entered(&at) || backward(at) || needed > FAR).then_some(needed);
        let only_from = match came_from.get(&at).map(Vec::as_slice) {
            Some(&[from]) if gate.is_none() => Some(from),
            _ => None,
        };
        plan.insert(at, Payment { gate, only_from, ..Payment::default() });
    }
    for (&at, block) in blocks {
        let indirect = block.insns.last().is_some_and(|last| last.op.format() == Format::JumpReg);
        let settles =
            indirect || successors(block).any(|to| plan.get(&to).is_some_and(|p| p.only_from.is_none()));
        let payment = plan.get_mut(&at).expect("every block has one");
        payment.settles = settles;
        let owed = if settles { 0 } else { payment.owed + block.insns.len() as u64 };
        for to in successors(block) {
            if let Some(next) = plan.get_mut(&to).filter(|p| p.only_from == Some(at)) {
                next.owed = owed;
            }
        }
    }
    plan
}

/// Where `block` leads, indirect jumps aside.
fn successors(block: &Block) -> impl Iterator<Item = u32> {
    let last = block.insns.last().expect("blocks are not empty");
    let at = block.end() - 4;
    let target = at.wrapping_add_signed(last.imm);
    match last.op.format() {
        Format::Branch => [Some(target), Some(block.end())],
        Format::Jump => [Some(target), None],
        Format::JumpReg => [None, None],
        _ => [Some(block.end()), None],
    }
    .into_iter()
    .flatten()
}
