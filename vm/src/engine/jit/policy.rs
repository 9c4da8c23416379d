//! When to translate, and how much at once: a translation is made when doing without it has cost about as much.

/// When to translate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Policy {
    /// Instructions interpreted from one watch to the next.
    pub(super) quantum: u64,
    /// Steps that a watch lasts.
    pub(super) watch: u32,
    /// Watches before the first translation: short runs must not wait for a compiler.
    pub(super) warm_up: u32,
    /// Watches from one translation to the next.
    pub(super) pause: u32,
    /// Instructions that may be translated at first.
    pub(super) at_first: u64,
    /// Instructions more for each watch.
    pub(super) each_watch: u64,
    /// Entries of translations before it is asked whether one should be made again that leads further.
    pub(super) soon: u64,
    /// Entries of translations that cost as much as to translate an instruction.
    pub(super) worth: u64,
    /// Writes into translated words of a granule after which it is left to the interpreter.
    pub(super) restless: u8,
    /// Translations that may be alive, or dead but in memory.
    pub(super) most: u64,
    /// Instructions that a loop must execute each time it is entered, on average, to have variables of its own.
    pub(super) settled: u64,
}

impl Default for Policy {
    fn default() -> Self {
        Policy {
            quantum: 1 << 15,
            watch: 64,
            warm_up: 64,
            pause: 24,
            at_first: 2400,
            each_watch: 4,
            soon: 1 << 16,
            worth: 150,
            restless: 3,
            most: 4096,
            settled: 64,
        }
    }
}

impl Policy {
    /// Almost everything as soon as it has run.
    pub(super) const EAGER: Policy = Policy {
        quantum: 20,
        watch: 6,
        warm_up: 1,
        pause: 1,
        at_first: 1000,
        each_watch: 1000,
        soon: 6,
        worth: 1,
        restless: 20,
        most: 20,
        settled: 2,
    };
}

/// Instructions that may be translated altogether: the memory that their code lies in is never freed.
pub(super) const MOST: usize = 1 << 20;
/// Instructions that other translations have, too, which a new one may have at first. What is executed often together
/// with it is translated together with it later, once going to and fro has cost as much.
pub(super) const SHARED: usize = 64;
/// Instructions from which on a region at first does not take in what was not seen to be executed.
pub(super) const LONG: usize = 1000;
/// One in so many entries makes a translation one that is entered often.
pub(super) const OFTEN: u64 = 8;
/// A translation that grows by less than one in so many instructions grows but little.
pub(super) const FAIR: usize = 16;
/// How often in succession, at most, it must have been worth twice as much as before to let one grow but little.
pub(super) const MOST_FRUITLESS: u32 = 6;
/// Targets remembered for one indirect jump.
pub(super) const MOST_TARGETS: usize = 256;
/// Times a translation is not entered because its bounds do not hold before it is made again, for any.
pub(super) const MOST_STRANGERS: u32 = 16;
/// Times a place is entered before it is judged.
pub(super) const TRIAL: u32 = 1024;
/// Instructions that must retire per entry, on average: the interpreter is as fast for fewer.
pub(super) const WORTHWHILE: u64 = 24;
/// Watches, half of them, after which a place that was not worth it is given another chance.
pub(super) const AGAIN: u64 = 32;
/// How often in succession, at most, it then must wait twice as long.
pub(super) const MOST_DECLINES: u32 = 16;
