//! The trap log: every trap of a run, in order, as slot 0 told it.

use pg32_isa::{Cause, Psw, Reg};
use pg32_vm::{Machine, Pause, Ran, Until};

/// Entries kept word for word; the others are folded into the digest.
const KEPT: usize = 64;
/// Traps after which the log closes: a run with more is no longer stopped at each of them.
const CLOSES_AFTER: u64 = 100_000;
/// Traps in a row, with nothing retired between, after which the log closes: a storm has no news.
const STORM: u64 = 8;

/// One trap.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct TrapEntry {
    /// The step that took it, from 1.
    pub step: u64,
    /// The old PSW.
    pub old: Psw,
    /// Why.
    pub cause: Cause,
    /// The info word.
    pub info: u32,
}

/// The traps of a run.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TrapLog {
    /// The first traps.
    pub entries: Vec<TrapEntry>,
    /// Traps logged, those not kept included.
    pub count: u64,
    /// Whether the log closed before the run ended.
    pub closed: bool,
    /// See [`TrapLog::digest`].
    digest: u64,
    /// A digest of the registers at every trap logged. No part of what a log says, so that it can be told from
    /// storage alone, but of whether two logs are equal: a difference that heals later was seen at the trap.
    registers: u64,
}

impl TrapLog {
    /// A digest of every trap logged: two logs with the same digest tell the same.
    #[must_use]
    pub fn digest(&self) -> u64 {
        self.digest
    }

    /// The digests of the traps and of the registers at them.
    pub(crate) fn digests(&self) -> [u64; 2] {
        [self.digest, self.registers]
    }

    fn push(&mut self, entry: TrapEntry, registers: impl Iterator<Item = u32>) {
        let words = [entry.step, u64::from(entry.info), u64::from(entry.cause.number())];
        let psw = entry.old.to_words().map(u64::from);
        self.digest = words.into_iter().chain(psw).fold(self.digest, mix);
        self.registers = registers.map(u64::from).fold(self.registers, mix);
        self.count += 1;
        if self.entries.len() < KEPT {
            self.entries.push(entry);
        }
    }
}

/// FNV-1a over 64-bit words: no adversary, only accidents to tell apart.
fn mix(digest: u64, word: u64) -> u64 {
    (digest ^ word).wrapping_mul(0x0100_0000_01b3).rotate_left(23)
}

/// A machine with its step count and trap log.
pub struct Logged<M: Machine + ?Sized = dyn Machine> {
    /// The machine.
    pub machine: Box<M>,
    /// Steps taken.
    pub steps: u64,
    /// Its traps so far.
    pub log: TrapLog,
}

impl<M: Machine + ?Sized> Logged<M> {
    /// A machine at reset.
    #[must_use]
    pub fn new(machine: Box<M>) -> Self {
        Logged { machine, steps: 0, log: TrapLog::default() }
    }

    /// Runs for at most `steps` more steps and logs the traps.
    pub fn run(&mut self, steps: u64) -> Ran {
        let start = self.steps;
        let end = start.saturating_add(steps);
        loop {
            let left = end - self.steps;
            let until = if self.log.closed { Until::Steps(left) } else { Until::Trap { within: left } };
            let ran = self.machine.run(until);
            self.steps += ran.steps;
            if ran.pause != Pause::Trap {
                return Ran { steps: self.steps - start, pause: ran.pause };
            }
            self.log_trap();
        }
    }

    fn log_trap(&mut self) {
        // The frame has just been written by the trap, so there is a cause.
        if let Some((old, trap)) = self.machine.last_trap() {
            let registers = Reg::all().map(|reg| self.machine.register(reg));
            let entry = TrapEntry { step: self.steps, old, cause: trap.cause, info: trap.info };
            self.log.push(entry, registers);
        }
        self.log.closed = self.log.count >= CLOSES_AFTER || self.machine.idle_traps() >= STORM;
    }
}

impl Logged {
    /// A copy that goes on from here by itself.
    #[must_use]
    pub fn fork(&self) -> Self {
        Logged { machine: self.machine.fork(), steps: self.steps, log: self.log.clone() }
    }
}
