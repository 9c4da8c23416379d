//! The compiled engine: the interpreter, and above it a compiler of the regions in which it spends its time.
//!
//! Every so many instructions the interpreter lets this tier watch a few steps. Where they lead is counted;
//! from the most frequent place on, everything that has been executed and can be reached is translated at
//! once. Translations are keyed by physical address and read `B` and the segment when they are entered, so
//! that they survive a change of the PSW.

mod bounds;
mod code;
mod emit;
mod frame;
mod region;

use super::interpreter::{Entry, GRANULE_BITS, Interpreter, Tier, Transfer};
use super::{Engine, Stats, Tally};
use crate::{Pause, State, Until};
use bounds::Bounds;
use code::{Code, Compiler};
use frame::{LIMITS, Surroundings};
use pg32_isa::{Format, Insn, Physical, Profile};
use region::{Counts, Source};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

/// The compiled engine. On a host that the compiler does not know, it interprets.
#[derive(Debug, Default)]
pub struct Jit(Interpreter<Translator>);

impl Jit {
    /// A compiled engine that translates almost everything as soon as it has run: not fast, but its tests are.
    #[must_use]
    pub fn eager() -> Self {
        let policy =
            Policy { quantum: 20, watch: 6, warm_up: 1, pause: 1, restless: 20, most: 12, settled: 2 };
        Jit(Interpreter::below(Translator { policy, ..Translator::default() }))
    }
}

impl Engine for Jit {
    fn run(&mut self, state: &mut State, profile: &Profile, until: Until, tally: &mut Tally) -> Pause {
        self.0.run(state, profile, until, tally)
    }

    fn storage_written(&mut self, at: Physical, length: usize) {
        self.0.storage_written(at, length);
    }

    /// Neither slots nor translations hold what a profile has a say in.
    fn profile_changed(&mut self) {}

    fn fresh(&self) -> Box<dyn Engine> {
        Box::new(Jit(Interpreter::below(self.0.above().fresh())))
    }

    fn stats(&self) -> Stats {
        self.0.stats()
    }
}

/// When to translate. What is not translated must cost more than translating it.
#[derive(Clone, Copy, Debug)]
struct Policy {
    /// Instructions interpreted from one watch to the next.
    quantum: u64,
    /// Steps that a watch lasts.
    watch: u32,
    /// Watches before the first translation: short runs must not wait for a compiler.
    warm_up: u32,
    /// Watches from one translation to the next.
    pause: u32,
    /// Writes into translated words of a granule after which it is left to the interpreter.
    restless: u8,
    /// Translations that may be alive, or dead but in memory.
    most: u64,
    /// Instructions that a loop must execute each time it is entered, on average, to have variables of its own.
    settled: u64,
}

impl Default for Policy {
    fn default() -> Self {
        Policy { quantum: 1 << 15, watch: 64, warm_up: 64, pause: 24, restless: 3, most: 4096, settled: 64 }
    }
}

/// Targets remembered for one indirect jump.
const MOST_TARGETS: usize = 64;
/// Unforeseen indirect jumps out of a translation after which it is made again.
const MOST_SURPRISES: u32 = 1000;
/// How often that is worth it.
const MOST_REMAKES: u8 = 4;
/// Times a translation is not entered because its bounds do not hold before it is made again, for any.
const MOST_STRANGERS: u32 = 16;

#[derive(Debug, Default)]
struct Translator {
    policy: Policy,
    compiler: Option<Compiler>,
    /// Whether there is a compiler for this host, once asked.
    hopeless: bool,
    /// By entry: what [`super::interpreter::Cache::set_entry`] was told.
    entries: Vec<Place>,
    translations: Vec<Translation>,
    /// Places that were left again too soon to be worth entering, and how often that was found.
    declined: BTreeMap<u32, u32>,
    /// Where indirect jumps were seen to lead.
    seen: BTreeMap<u32, BTreeSet<u32>>,
    counts: Counts,
    /// How often watches led to a place since the last translation.
    heads: HashMap<u32, u32>,
    /// The place of the watch at hand: the first that it was led back to, or else the first that it was led to. And
    /// whether it was led back: to a loop that is not broken up by beginning in its midst.
    head: Option<(u32, bool)>,
    /// Watches to come before the next translation.
    wait: u32,
    started: bool,
    /// Writes into translated words, by granule.
    writes: HashMap<u32, u8>,
    made: u64,
}

/// An entry of a translation.
#[derive(Clone, Copy, Debug)]
struct Place {
    translation: u32,
    number: u32,
    /// Its physical address.
    at: u32,
    /// How often it was entered, and how many instructions retired then, since it was last judged.
    calls: u32,
    retired: u64,
}

/// Times a place is entered before it is judged.
const TRIAL: u32 = 1024;
/// Instructions that must retire per entry, on average: the interpreter is as fast for fewer.
const WORTHWHILE: u64 = 24;

/// Times a place is declined before nothing is translated for its sake any more: by then, what it leads to may have been.
const MOST_DECLINES: u32 = 3;

#[derive(Debug)]
struct Translation {
    code: Code,
    /// `None` once it is stale: never to be entered again.
    extent: Option<Range<u32>>,
    root: u32,
    /// Every instruction's physical address.
    words: BTreeSet<u32>,
    /// Entries by address, with the names they have in the cache.
    entries: Vec<(u32, u32)>,
    /// Indirect jumps out of it to places that were not foreseen.
    surprises: u32,
    /// How often it has been made again for that reason.
    remakes: u8,
    /// What must hold where it is entered.
    bounds: Option<Bounds>,
    /// How often that did not.
    strangers: u32,
}

impl Tier for Translator {
    const EXECUTES: bool = true;

    fn quantum(&self) -> u64 {
        self.policy.quantum
    }

    fn watch(&self) -> u32 {
        self.policy.watch
    }

    fn watched(&mut self, Transfer { from, word, to }: Transfer) {
        self.counts.count(from.0, to.0);
        if to.0 == from.0.wrapping_add(4) {
            return;
        }
        let backward = to.0 <= from.0;
        if self.head.is_none_or(|(_, was)| backward && !was) {
            self.head = Some((to.0, backward));
        }
        if Insn::decode(word).is_some_and(|insn| insn.op.format() == Format::JumpReg) {
            self.learn(from.0, to.0);
        }
    }

    fn watch_ended(&mut self, mut entry: Entry<'_>) {
        if let Some((at, _)) = self.head.take() {
            *self.heads.entry(at).or_default() += 1;
        }
        if !std::mem::replace(&mut self.started, true) {
            self.wait = self.policy.warm_up;
        }
        self.wait = self.wait.saturating_sub(1);
        if self.wait > 0 {
            return;
        }
        self.wait = self.policy.pause;
        let mut heads = std::mem::take(&mut self.heads);
        // What is translated is watched, too.
        heads.retain(|at, _| {
            !entry.cache.is_entry(*at) && self.declined.get(at).is_none_or(|&times| times < MOST_DECLINES)
        });
        // The most frequent; the lowest of equals, so that runs are alike.
        if let Some((&root, _)) = heads.iter().max_by_key(|&(&at, &count)| (count, std::cmp::Reverse(at))) {
            self.drop_stale(&mut entry);
            let unmarked = entry.cache.unmarked_from(entry.segment.clone());
            let bounds = Bounds::of(entry.storage, &entry.segment, unmarked);
            self.translate(root, 0, Some(bounds), &mut entry);
        }
    }

    fn enter(&mut self, id: u32, mut entry: Entry<'_>) {
        self.drop_stale(&mut entry);
        let Place { translation: index, number, at, .. } = self.entries[id as usize];
        let translation = &mut self.translations[index as usize];
        let Some(extent) = translation.extent.clone() else { return };
        if (extent.start as usize) < entry.segment.start || extent.end as usize > entry.segment.end {
            return;
        }
        let Some(compiler) = &self.compiler else { return };
        let segment = &mut entry.storage[entry.segment.clone()];
        // What translated code knows of small segments is not exact enough.
        if segment.len() < LIMITS {
            return;
        }
        let unmarked = entry.cache.unmarked_from(entry.segment.clone());
        if translation.bounds.is_some_and(|bounds| !bounds.hold(&entry.segment, unmarked)) {
            translation.strangers += 1;
            if translation.strangers == MOST_STRANGERS {
                let remakes = translation.remakes;
                self.remake(index, remakes, None, &mut entry);
            }
            return;
        }
        let marks = entry.cache.marks();
        let around = Surroundings { segment, base: entry.base, marks, unmarked, left: *entry.left };
        let outcome = compiler.call(translation.code, number, entry.registers, around);
        let retired = *entry.left - outcome.left;
        *entry.left = outcome.left;
        *entry.pc = outcome.pc;
        let place = &mut self.entries[id as usize];
        place.calls += 1;
        place.retired += retired;
        if place.calls == TRIAL {
            if place.retired < WORTHWHILE * u64::from(TRIAL) {
                entry.cache.clear_entry(at, id);
                *self.declined.entry(at).or_default() += 1;
            }
            (place.calls, place.retired) = (0, 0);
        }
        if let Some((from, to)) = outcome.surprise {
            translation.surprises += 1;
            let (remakes, bounds) = (translation.remakes, translation.bounds);
            let remake = translation.surprises == MOST_SURPRISES && translation.remakes < MOST_REMAKES;
            self.learn(from, entry.base.wrapping_add(to));
            if remake {
                self.remake(index, remakes + 1, bounds, &mut entry);
            }
        }
    }

    fn translations(&self) -> u64 {
        self.made
    }
}

impl Translator {
    /// A translator with the same policy that has translated nothing.
    fn fresh(&self) -> Self {
        Translator { policy: self.policy, ..Translator::default() }
    }

    /// Remembers where an indirect jump led.
    fn learn(&mut self, from: u32, to: u32) {
        let targets = self.seen.entry(from).or_default();
        if targets.len() < MOST_TARGETS {
            targets.insert(to);
        }
    }

    /// Translates the region that physical `root` lies in.
    fn translate(&mut self, root: u32, remakes: u8, bounds: Option<Bounds>, entry: &mut Entry<'_>) {
        if self.made >= self.policy.most || self.hopeless {
            return;
        }
        if self.compiler.is_none() {
            self.compiler = Compiler::new();
            self.hopeless = self.compiler.is_none();
        }
        let source = Source {
            storage: entry.storage,
            segment: entry.segment.clone(),
            cache: entry.cache,
            seen: &self.seen,
            counts: &self.counts,
            settled: self.policy.settled,
            bounds,
            declined: &self.declined,
            restless: &|at| {
                self.writes.get(&(at >> GRANULE_BITS)).is_some_and(|&n| n >= self.policy.restless)
            },
        };
        let region = region::find(&source, root);
        if region.as_ref().is_none_or(|region| !region.entries.contains(&root)) {
            *self.declined.entry(root).or_default() += 1;
        }
        let Some(region) = region else { return };
        let Some(code) = self.compiler.as_mut().and_then(|compiler| compiler.compile(&region)) else {
            return;
        };
        self.made += 1;
        let translation = self.translations.len() as u32;
        let mut entries = Vec::with_capacity(region.entries.len());
        for (number, &at) in (0..).zip(&region.entries) {
            let id = self.entries.len() as u32;
            self.entries.push(Place { translation, number, at, calls: 0, retired: 0 });
            entries.push((at, id));
            entry.cache.set_entry(at, id);
        }
        let words: BTreeSet<u32> = region.words().collect();
        words.iter().for_each(|&at| entry.cache.set_translated(at));
        let extent = Some(region.extent());
        self.translations.push(Translation {
            code,
            extent,
            root,
            words,
            entries,
            surprises: 0,
            remakes,
            bounds,
            strangers: 0,
        });
    }

    /// Translates again what indirect jumps left too often for places unknown at the time, or what was too often met in
    /// another segment.
    fn remake(&mut self, translation: u32, remakes: u8, bounds: Option<Bounds>, entry: &mut Entry<'_>) {
        let old = &mut self.translations[translation as usize];
        let root = old.root;
        old.end(entry);
        self.translate(root, remakes, bounds, entry);
    }

    /// Ends translations of what has been written since.
    #[inline]
    fn drop_stale(&mut self, entry: &mut Entry<'_>) {
        if entry.cache.is_any_stale() {
            self.end_stale(entry);
        }
    }

    #[cold]
    fn end_stale(&mut self, entry: &mut Entry<'_>) {
        for at in entry.cache.take_stale() {
            let writes = self.writes.entry(at >> GRANULE_BITS).or_default();
            *writes = writes.saturating_add(1);
            for translation in self.translations.iter_mut().filter(|t| t.words.contains(&at)) {
                translation.end(entry);
            }
        }
    }
}

impl Translation {
    /// It is never entered again.
    fn end(&mut self, entry: &mut Entry<'_>) {
        self.extent = None;
        self.words = BTreeSet::new();
        for (at, id) in std::mem::take(&mut self.entries) {
            entry.cache.clear_entry(at, id);
        }
    }
}
