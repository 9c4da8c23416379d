//! Regions: the pieces of a program that are translated together, found by following its control flow.

use super::bounds::Bounds;
use crate::engine::interpreter::Cache;
use pg32_isa::{Extension, Format, Insn, Op, Reg};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

/// Instructions in a region at most: what is compiled at once must not be waited for.
const LONGEST: usize = 5000;
/// Bytes from the first to the last instruction of a region at most: its targets are found in a table of that width.
const WIDEST: u32 = 256 << 10;

/// A run of instructions that is entered only at its top.
#[derive(Debug)]
pub(super) struct Block {
    /// Physical address of the first.
    pub(super) at: u32,
    /// The instructions; a transfer of control can only be the last, and none is the definition's to execute.
    pub(super) insns: Vec<Insn>,
    /// How often it was seen to be executed.
    pub(super) executed: u64,
    /// How often it was then left by its last instruction jumping; at most [`Block::executed`].
    pub(super) jumped: u64,
}

impl Block {
    /// Physical address behind the last instruction.
    pub(super) fn end(&self) -> u32 {
        self.at + 4 * self.insns.len() as u32
    }

    /// The last instruction.
    pub(super) fn last(&self) -> Insn {
        *self.insns.last().expect("blocks are not empty")
    }

    /// Physical address of the last instruction.
    pub(super) fn last_at(&self) -> u32 {
        self.end() - 4
    }

    /// Where the last instruction jumps if it is a branch or a direct jump.
    pub(super) fn target(&self) -> u32 {
        self.last_at().wrapping_add_signed(self.last().imm)
    }

    /// Whether it ends with a direct call.
    pub(super) fn calls(&self) -> bool {
        let last = self.last();
        last.op.format() == Format::Jump && last.rd != Reg::ZERO
    }

    /// How many instructions were seen to be executed in it.
    pub(super) fn work(&self) -> u64 {
        self.executed * self.insns.len() as u64
    }

    /// How often it was left by going on behind it.
    pub(super) fn stayed(&self) -> u64 {
        self.executed - self.jumped
    }
}

/// A part of the program in storage.
#[derive(Debug)]
pub(super) struct Region {
    /// By address.
    pub(super) blocks: BTreeMap<u32, Block>,
    /// Blocks that can be entered from outside.
    pub(super) entries: Vec<u32>,
    /// Blocks that indirect jumps may lead to: behind calls, and where jumps were seen to lead.
    pub(super) indirect: BTreeSet<u32>,
    /// Where each of its indirect jumps, by physical address, was seen to lead in it.
    pub(super) seen: BTreeMap<u32, Vec<u32>>,
    /// Instructions that a loop must execute each time it is entered, on average, to have variables of its own.
    pub(super) settled: u64,
    /// The segment that its translation is made in, if it is to hold there alone.
    pub(super) bounds: Option<Bounds>,
}

impl Region {
    /// The storage from the first to the last instruction; all of it must be in the segment while the region
    /// executes.
    pub(super) fn extent(&self) -> Range<u32> {
        let start = self.blocks.keys().next().copied().unwrap_or(0);
        let end = self.blocks.values().next_back().map_or(start, Block::end);
        start..end
    }

    /// How much it covers: its instructions, and where indirect jumps were seen to lead.
    pub(super) fn size(&self) -> usize {
        self.words().count() + self.seen.values().map(Vec::len).sum::<usize>()
    }

    /// Physical addresses of all instructions.
    pub(super) fn words(&self) -> impl Iterator<Item = u32> {
        self.blocks.values().flat_map(|block| (block.at..block.end()).step_by(4))
    }
}

/// Straight-line code that is soon left again is not worth entering if it has fewer instructions than this.
const SHORTEST: usize = 8;

/// Whether entering at `block` is likely to lead far.
fn is_worth_entering(blocks: &BTreeMap<u32, Block>, block: &Block) -> bool {
    let inside = |at: u32| blocks.contains_key(&at);
    block.insns.len() >= SHORTEST
        || match block.last().op.format() {
            Format::Branch => inside(block.target()) || inside(block.end()),
            Format::Jump => inside(block.target()),
            Format::JumpReg => true,
            _ => inside(block.end()),
        }
}

/// How often instructions were seen to be executed, and to jump, by physical address.
#[derive(Debug, Default)]
pub(super) struct Counts(HashMap<u32, (u32, u32)>);

impl Counts {
    /// Addresses that are counted at most.
    const MOST: usize = 1 << 16;

    /// Counts an instruction at `from` that was followed by the one at `to`.
    pub(super) fn count(&mut self, from: u32, to: u32) {
        if self.0.len() >= Self::MOST {
            self.0.clear();
        }
        let (executed, jumped) = self.0.entry(from).or_default();
        *executed = executed.saturating_add(1);
        if to != from.wrapping_add(4) {
            *jumped = jumped.saturating_add(1);
        }
    }

    fn executed(&self, at: u32) -> u64 {
        self.0.get(&at).map_or(0, |counts| counts.0.into())
    }

    fn jumped(&self, at: u32) -> u64 {
        self.0.get(&at).map_or(0, |counts| counts.1.into())
    }
}

/// What [`find`] looks at.
pub(super) struct Source<'a> {
    pub(super) storage: &'a [u8],
    /// Physical addresses that may be executed now.
    pub(super) segment: Range<usize>,
    pub(super) cache: &'a Cache,
    /// Where indirect jumps, by their physical address, were seen to lead.
    pub(super) seen: &'a BTreeMap<u32, BTreeSet<u32>>,
    pub(super) counts: &'a Counts,
    /// See [`Region::settled`].
    pub(super) settled: u64,
    /// See [`Region::bounds`].
    pub(super) bounds: Option<Bounds>,
    /// Places not to be entered from outside, the root aside.
    pub(super) declined: &'a dyn Fn(u32) -> bool,
    /// Instructions of other translations that may be translated again.
    pub(super) again: usize,
    /// Whether the instruction at an address is one of those.
    pub(super) translated: &'a dyn Fn(u32) -> bool,
    /// Instructions from which on it does not take in what was not seen to be executed.
    pub(super) long: usize,
    /// Whether the word at an address has been overwritten too often to be worth translating.
    pub(super) restless: &'a dyn Fn(u32) -> bool,
}

impl Source<'_> {
    /// The instruction at `at`, if it may be part of a region: it was executed before, at least nearly, and is
    /// no system instruction.
    fn insn(&self, at: u32) -> Option<Insn> {
        let bytes =
            self.storage[self.segment.clone()].get((at as usize).checked_sub(self.segment.start)?..)?;
        let word = u32::from_le_bytes(bytes.get(..4)?.try_into().ok()?);
        // A PC that is no multiple of 4 traps: no instruction is there, whatever the bytes say.
        if !at.is_multiple_of(4) || !self.cache.has_run(at) || (self.restless)(at) {
            return None;
        }
        let insn = Insn::decode(word)?;
        let direct = matches!(insn.op.format(), Format::Branch | Format::Jump);
        let translatable =
            insn.op.extension() != Extension::System && !matches!(insn.op, Op::Ecall | Op::Ebreak);
        (translatable && !(direct && insn.imm % 4 != 0)).then_some(insn)
    }
}

/// Finds the leaders: addresses where blocks begin.
struct Search<'a> {
    source: &'a Source<'a>,
    root: u32,
    /// Leaders still to be followed, those first that were executed most often, and of those what was found first.
    queue: BTreeSet<(Reverse<u64>, usize, u32)>,
    /// Instructions that other translations have, too.
    again: usize,
    leaders: BTreeSet<u32>,
    entries: BTreeSet<u32>,
    indirect: BTreeSet<u32>,
    scanned: BTreeSet<u32>,
}

impl Search<'_> {
    fn add(&mut self, at: u32) {
        if self.root.abs_diff(at) < WIDEST / 2 && self.leaders.insert(at) {
            let executed = self.source.counts.executed(at);
            self.queue.insert((Reverse(executed), self.leaders.len(), at));
        }
    }

    /// Follows what is executed most often, until the region is long enough.
    fn run(&mut self) {
        while let Some((Reverse(executed), _, leader)) = self.queue.pop_first() {
            let length = self.scanned.len();
            if length > LONGEST || length > self.source.long && executed == 0 {
                return;
            }
            let again = leader != self.root && (self.source.translated)(leader);
            if again && self.again >= self.source.again {
                continue;
            }
            self.scan(leader);
            if again {
                self.again += self.scanned.len() - length;
            }
        }
    }

    fn add_entry(&mut self, at: u32) {
        self.add(at);
        self.entries.insert(at);
    }

    fn add_indirect(&mut self, at: u32) {
        self.add_entry(at);
        self.indirect.insert(at);
    }

    /// Follows the code at `leader` to the end of its block.
    fn scan(&mut self, leader: u32) {
        let mut at = leader;
        while let Some(insn) = self.source.insn(at) {
            if !self.scanned.insert(at) || self.scanned.len() > LONGEST {
                return;
            }
            let (behind, target) = (at.wrapping_add(4), at.wrapping_add_signed(insn.imm));
            match insn.op.format() {
                Format::Branch => {
                    // Backward branches close loops: good places to come back to.
                    if insn.imm < 0 {
                        self.add_entry(target)
                    } else {
                        self.add(target)
                    }
                    return self.add(behind);
                }
                Format::Jump if insn.rd == Reg::ZERO => return self.add(target),
                Format::Jump => {
                    self.add_entry(target);
                    return self.add_indirect(behind);
                }
                Format::JumpReg => {
                    for &target in self.source.seen.get(&at).into_iter().flatten() {
                        self.add_indirect(target);
                    }
                    if insn.rd != Reg::ZERO {
                        self.add_indirect(behind);
                    }
                    return;
                }
                _ => at = behind,
            }
        }
        // Behind an instruction that is the definition's, translated code can go on.
        if self.source.cache.has_run(at) {
            self.add_entry(at.wrapping_add(4));
        }
    }
}

/// The region that `root`, a physical address, lies in; `None` if there is nothing to translate.
pub(super) fn find(source: &Source<'_>, root: u32) -> Option<Region> {
    let mut search = Search {
        source,
        root,
        queue: BTreeSet::new(),
        again: 0,
        leaders: BTreeSet::new(),
        entries: BTreeSet::new(),
        indirect: BTreeSet::new(),
        scanned: BTreeSet::new(),
    };
    search.add_entry(root);
    search.run();
    let Search { leaders, mut entries, mut indirect, scanned, .. } = search;
    let mut blocks = BTreeMap::new();
    for &leader in leaders.iter().filter(|at| scanned.contains(at)) {
        let mut insns = Vec::new();
        let mut at = leader;
        while scanned.contains(&at) && (at == leader || !leaders.contains(&at)) {
            let Some(insn) = source.insn(at) else { break };
            insns.push(insn);
            at += 4;
            if matches!(insn.op.format(), Format::Branch | Format::Jump | Format::JumpReg) {
                break;
            }
        }
        if !insns.is_empty() {
            let executed = source.counts.executed(leader);
            // A count may begin in the midst of the block.
            let jumped = source.counts.jumped(at - 4).min(executed);
            blocks.insert(leader, Block { at: leader, insns, executed, jumped });
        }
    }
    let worth = |at: &u32| blocks.get(at).is_some_and(|block| is_worth_entering(&blocks, block));
    entries.retain(|&at| worth(&at) && (at == root || !(source.declined)(at)));
    indirect.retain(|at| blocks.contains_key(at));
    let entries: Vec<u32> = entries.into_iter().collect();
    let jumps = blocks.values().map(Block::last_at);
    let seen = jumps
        .filter_map(|at| {
            let inside = source.seen.get(&at)?.iter().copied().filter(|to| blocks.contains_key(to));
            Some((at, inside.collect()))
        })
        .collect();
    (!entries.is_empty()).then_some(Region {
        blocks,
        entries,
        indirect,
        seen,
        settled: source.settled,
        bounds: source.bounds,
    })
}
