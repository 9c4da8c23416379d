//! The compiled engine: the interpreter, and above it a compiler of the regions in which it spends its time.
//!
//! Every so many instructions the interpreter lets this tier watch a few steps. Where they lead is counted;
//! from the most frequent place on, what has been executed and can be reached is translated at once, what is
//! executed most often first, and what has a translation already for the most part not again. Going to and fro
//! between translations is counted, too: once it has cost as much as translating, they become one.
//!
//! Translations are keyed by physical address and read `B` and the segment when they are entered, so
//! that they survive a change of the PSW.

mod bounds;
mod code;
mod emit;
mod frame;
mod policy;
mod region;
mod translations;

use super::interpreter::{Entry, GRANULE_BITS, Interpreter, Tier, Transfer};
use super::{Engine, Stats, Tally};
use crate::{Pause, State, Until};
use bounds::Bounds;
use code::Compiler;
use frame::{LIMITS, Surroundings};
use pg32_isa::{Format, Insn, Physical, Profile};
use policy::Policy;
use region::{Counts, Region, Source};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use translations::{Place, Translation, Translations};

/// The compiled engine. On a host that the compiler does not know, it interprets.
#[derive(Debug, Default)]
pub struct Jit(Interpreter<Translator>);

impl Jit {
    /// A compiled engine that translates almost everything as soon as it has run: not fast, but its tests are.
    #[must_use]
    pub fn eager() -> Self {
        Jit(Interpreter::below(Translator { policy: Policy::EAGER, ..Translator::default() }))
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

#[derive(Debug, Default)]
struct Translator {
    policy: Policy,
    compiler: Option<Compiler>,
    /// Whether there is a compiler for this host, once asked.
    hopeless: bool,
    translations: Translations,
    /// Places that were left again too soon to be worth entering.
    declined: BTreeMap<u32, Declined>,
    /// Where indirect jumps were seen to lead.
    seen: BTreeMap<u32, BTreeSet<u32>>,
    /// Jumps that were remembered last, so that these need not be looked for: from where they led, and to.
    lately: [(u32, u32); 32],
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
    /// Watches so far, and instructions translated because of them.
    watches: u64,
    spent: u64,
    /// How often translations were entered since one was last made again for that, and how often before the next review.
    entered: u64,
    review_at: u64,
    /// How often in succession a translation was made again and grew but little.
    fruitless: u32,
}

/// What is remembered of a place that was not worth entering.
#[derive(Clone, Copy, Debug, Default)]
struct Declined {
    /// How often that was found.
    times: u32,
    /// Watches by which it is given another chance: by then, what it leads to may have been translated, or else more of
    /// that is to be translated together with it.
    until: u64,
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
        self.watches += 1;
        self.wait = self.wait.saturating_sub(1);
        if self.wait > 0 || self.spent > self.policy.at_first + self.policy.each_watch * self.watches {
            return;
        }
        self.wait = self.policy.pause;
        let mut heads = std::mem::take(&mut self.heads);
        // What is translated is watched, too.
        heads.retain(|at, _| {
            !entry.cache.is_entry(*at) && self.declined.get(at).is_none_or(|at| at.until <= self.watches)
        });
        // The most frequent; the lowest of equals, so that runs are alike.
        if let Some((&root, _)) = heads.iter().max_by_key(|&(&at, &count)| (count, std::cmp::Reverse(at))) {
            self.drop_stale(&mut entry);
            let unmarked = entry.cache.unmarked_from(entry.segment.clone());
            let bounds = Bounds::of(entry.storage, &entry.segment, unmarked);
            let times = self.declined.get(&root).map_or(0, |at| at.times);
            let again = policy::SHARED.saturating_mul(4_usize.saturating_pow(times));
            self.translate(root, again, Some(bounds), &mut entry);
        }
    }

    fn enter(&mut self, id: u32, mut entry: Entry<'_>) {
        self.drop_stale(&mut entry);
        let Place { translation: index, number, at, .. } = *self.translations.place(id);
        let translation = &mut self.translations[index];
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
            let (root, length) = (translation.root, translation.words.len());
            if translation.strangers == policy::MOST_STRANGERS && !self.is_full() {
                self.translations.end(index, entry.cache);
                self.translate(root, length + policy::SHARED, None, &mut entry);
            }
            return;
        }
        let marks = entry.cache.marks();
        let around = Surroundings { segment, base: entry.base, marks, unmarked, left: *entry.left };
        let outcome = compiler.call(&translation.code, number, entry.registers, around);
        let retired = *entry.left - outcome.left;
        *entry.left = outcome.left;
        *entry.pc = outcome.pc;
        translation.entered += 1;
        let place = self.translations.place(id);
        place.calls += 1;
        place.retired += retired;
        if place.calls == policy::TRIAL {
            let retired = std::mem::take(&mut place.retired);
            place.calls = 0;
            if retired < policy::WORTHWHILE * u64::from(policy::TRIAL) {
                entry.cache.clear_entry(at, id);
                self.decline(at);
            }
        }
        if let Some((from, to)) = outcome.surprise {
            self.learn(from, entry.base.wrapping_add(to));
        }
        self.entered += 1;
        if self.entered >= self.review_at.max(self.policy.soon) {
            self.review(index, &mut entry);
        }
    }

    fn translations(&self) -> u64 {
        self.translations.made()
    }
}

impl Translator {
    /// A translator with the same policy that has translated nothing.
    fn fresh(&self) -> Self {
        Translator { policy: self.policy, ..Translator::default() }
    }

    /// Remembers where an indirect jump led.
    fn learn(&mut self, from: u32, to: u32) {
        let lately = &mut self.lately[((from ^ to) / 4) as usize % 32];
        if std::mem::replace(lately, (from, to)) == (from, to) {
            return;
        }
        let targets = self.seen.entry(from).or_default();
        if targets.len() < policy::MOST_TARGETS {
            targets.insert(to);
        }
    }

    /// Remembers that what is at physical `at` was not worth entering.
    fn decline(&mut self, at: u32) {
        let declined = self.declined.entry(at).or_default();
        declined.times = policy::MOST_DECLINES.min(declined.times + 1);
        declined.until = self.watches + (policy::AGAIN << declined.times);
    }

    /// Finds the region that physical `root` lies in, with no more than so many instructions of other translations.
    fn find(
        &self,
        root: u32,
        again: usize,
        long: usize,
        bounds: Option<Bounds>,
        entry: &Entry<'_>,
    ) -> Option<Region> {
        let source = Source {
            storage: entry.storage,
            segment: entry.segment.clone(),
            cache: entry.cache,
            seen: &self.seen,
            counts: &self.counts,
            settled: self.policy.settled,
            bounds,
            declined: &|at| self.declined.contains_key(&at),
            again,
            translated: &|at| self.translations.have(at),
            long,
            restless: &|at| {
                self.writes.get(&(at >> GRANULE_BITS)).is_some_and(|&n| n >= self.policy.restless)
            },
        };
        region::find(&source, root)
    }

    /// Translates the region that physical `root` lies in, with no more than so many instructions of other translations.
    fn translate(&mut self, root: u32, again: usize, bounds: Option<Bounds>, entry: &mut Entry<'_>) {
        let region = self.find(root, again, policy::LONG, bounds, entry);
        if region.as_ref().is_none_or(|region| !region.entries.contains(&root)) {
            self.decline(root);
        }
        let Some(region) = region else { return };
        self.spent += region.words().count() as u64;
        self.make(&region, root, entry);
    }

    /// Whether nothing more may be translated.
    fn is_full(&self) -> bool {
        self.translations.made() >= self.policy.most || self.translations.words() >= policy::MOST
    }

    /// Translates `region`, found for physical `root`.
    fn make(&mut self, region: &Region, root: u32, entry: &mut Entry<'_>) {
        if self.is_full() || self.hopeless {
            return;
        }
        if self.compiler.is_none() {
            self.compiler = Compiler::new();
            self.hopeless = self.compiler.is_none();
        }
        let Some(code) = self.compiler.as_mut().and_then(|compiler| compiler.compile(region)) else {
            return;
        };
        self.translations.add(code, region, root, entry.cache);
    }

    /// Translates again, together with what it leads to, what is entered most often, if by now so much has been entered
    /// that this costs no more. Of what is not at home in this segment, it only looks at the translation numbered `here`.
    fn review(&mut self, here: usize, entry: &mut Entry<'_>) {
        let entered = self.entered;
        let unmarked = entry.cache.unmarked_from(entry.segment.clone());
        let is_here =
            |bounds: Option<Bounds>| bounds.is_some_and(|bounds| bounds.hold(&entry.segment, unmarked));
        let candidates = self.translations.alive().filter(|&(index, translation)| {
            translation.entered >= entered / policy::OFTEN && (index == here || is_here(translation.bounds))
        });
        let mut often: Vec<usize> = candidates.map(|(index, _)| index).collect();
        often.sort_by_key(|&index| std::cmp::Reverse(self.translations[index].entered));
        let larger = often.into_iter().find_map(|index| {
            let Translation { root, bounds, size, .. } = self.translations[index];
            let region = self.find(root, usize::MAX, policy::LONG.max(2 * size), bounds, entry)?;
            (region.size() > size).then_some((index, root, region))
        });
        self.review_at = 2 * entered;
        let Some((index, root, region)) = larger.filter(|_| !self.is_full()) else { return };
        let cost = (self.policy.worth * region.size() as u64) << self.fruitless;
        if entered < cost {
            self.review_at = self.review_at.min(cost);
            return;
        }
        let old = self.translations[index].size;
        let little = region.size() - old < old / policy::FAIR;
        self.fruitless = if little { policy::MOST_FRUITLESS.min(self.fruitless + 1) } else { 0 };
        self.translations.end(index, entry.cache);
        self.translations.reviewed();
        (self.entered, self.review_at) = (0, cost / 4);
        self.make(&region, root, entry);
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
            self.translations.end_at(at, entry.cache);
        }
    }
}
