//! What a debugger does, whoever asks for it: a machine run forwards and backwards to breakpoints and watchpoints.
//!
//! All addresses are physical, so that the symbols and lines of an image hold in every segment.

use crate::accesses::Accesses;
use crate::history::{Found, History};
use pg32_isa::Profile;
use pg32_vm::{Machine, Pause, Ran};
use std::collections::BTreeSet;
use std::ops::Range;

/// A stretch of storage that is watched. The machine stops in front of the step that touches it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Watchpoint {
    /// The storage.
    pub range: Range<u64>,
    /// What is watched for.
    pub kind: WatchKind,
}

/// What a watchpoint watches for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WatchKind {
    /// Reads.
    Read,
    /// Writes.
    Write,
    /// Both.
    Access,
}

/// Why a machine stopped.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Stop {
    /// The step asked for has been taken.
    Stepped,
    /// A breakpoint lies here.
    Breakpoint,
    /// The next step touches what is watched.
    Watchpoint(Watchpoint),
    /// The past begins here.
    Begin,
    /// The run ends here.
    End(Pause),
}

/// A machine under a debugger.
pub struct Debugger {
    history: History,
    profile: Profile,
    budget: u64,
    breakpoints: BTreeSet<u32>,
    watchpoints: Vec<Watchpoint>,
}

impl Debugger {
    /// A debugger of `machine`, which is at reset, on `profile`; it takes `budget` steps at most.
    #[must_use]
    pub fn new(machine: Box<dyn Machine>, profile: Profile, budget: u64) -> Self {
        let (breakpoints, watchpoints) = (BTreeSet::new(), Vec::new());
        Debugger { history: History::new(machine), profile, budget, breakpoints, watchpoints }
    }

    /// The machine.
    #[must_use]
    pub fn machine(&self) -> &dyn Machine {
        self.history.machine()
    }

    /// Steps since reset.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.history.steps()
    }

    /// The physical address of the next instruction; it wraps as the address does.
    #[must_use]
    pub fn pc(&self) -> u32 {
        pc(self.machine())
    }

    /// Sets a breakpoint at a physical address.
    pub fn add_breakpoint(&mut self, at: u32) {
        self.breakpoints.insert(at);
    }

    /// Removes a breakpoint; whether there was one.
    pub fn remove_breakpoint(&mut self, at: u32) -> bool {
        self.breakpoints.remove(&at)
    }

    /// Sets a watchpoint.
    pub fn add_watchpoint(&mut self, watchpoint: Watchpoint) {
        self.watchpoints.push(watchpoint);
    }

    /// Removes a watchpoint; whether there was one.
    pub fn remove_watchpoint(&mut self, watchpoint: &Watchpoint) -> bool {
        let found = self.watchpoints.iter().position(|other| other == watchpoint);
        found.map(|index| self.watchpoints.remove(index)).is_some()
    }

    /// Changes the machine by hand.
    pub fn change(&mut self, change: impl FnOnce(&mut dyn Machine)) {
        self.history.change(change);
    }

    /// Takes one step.
    pub fn step(&mut self) -> Stop {
        let ran = self.forward(1);
        if ran.steps == 1 { Stop::Stepped } else { Stop::End(ran.pause) }
    }

    /// Runs on for at most `patience` steps; none if nothing has stopped it by then.
    pub fn run(&mut self, patience: u64) -> Option<Stop> {
        if self.breakpoints.is_empty() && self.watchpoints.is_empty() {
            return self.end(patience);
        }
        for _ in 0..patience {
            if let Some(stop) = self.here().or_else(|| self.end(1)) {
                return Some(stop);
            }
        }
        None
    }

    /// Steps back.
    pub fn step_back(&mut self) -> Stop {
        match self.steps().checked_sub(1) {
            None => Stop::Begin,
            Some(steps) => {
                self.history.back_to(steps);
                Stop::Stepped
            }
        }
    }

    /// Runs back to the last breakpoint or watchpoint before now, or to the beginning. None, and nothing has happened,
    /// if `give_up` says so first.
    pub fn run_back(&mut self, give_up: impl FnMut() -> bool) -> Option<Stop> {
        let (breakpoints, watchpoints, profile) = (&self.breakpoints, &self.watchpoints, &self.profile);
        let holds = |machine: &dyn Machine| stop_at(machine, breakpoints, watchpoints, profile).is_some();
        let nothing = breakpoints.is_empty() && watchpoints.is_empty();
        let found = if nothing { Found::Nowhere } else { self.history.last_before(holds, give_up) };
        match found {
            Found::GivenUp => None,
            Found::Nowhere => {
                self.history.back_to(0);
                Some(Stop::Begin)
            }
            Found::At(steps) => {
                self.history.back_to(steps);
                self.here()
            }
        }
    }

    /// Whether a breakpoint lies here, or the next step touches what is watched.
    #[must_use]
    pub fn here(&self) -> Option<Stop> {
        stop_at(self.machine(), &self.breakpoints, &self.watchpoints, &self.profile)
    }

    fn forward(&mut self, steps: u64) -> Ran {
        self.history.run(steps.min(self.budget.saturating_sub(self.steps())))
    }

    /// Takes `steps` steps; why the run has ended, if it has.
    fn end(&mut self, steps: u64) -> Option<Stop> {
        let ran = self.forward(steps);
        let ended = ran.pause != Pause::Steps || self.steps() >= self.budget;
        ended.then_some(Stop::End(ran.pause))
    }
}

fn pc(machine: &dyn Machine) -> u32 {
    let psw = machine.psw();
    psw.base.wrapping_add(psw.pc)
}

/// Whether a machine is to stop in front of its next step.
fn stop_at(
    machine: &dyn Machine,
    breakpoints: &BTreeSet<u32>,
    watchpoints: &[Watchpoint],
    profile: &Profile,
) -> Option<Stop> {
    if breakpoints.contains(&pc(machine)) {
        return Some(Stop::Breakpoint);
    }
    if watchpoints.is_empty() {
        return None;
    }
    let accesses = Accesses::of_next_step(machine, profile);
    let touched = |ranges: &[Range<u64>], watched: &Range<u64>| {
        ranges.iter().any(|range| range.start < watched.end && watched.start < range.end)
    };
    let hit = watchpoints.iter().find(|point| match point.kind {
        WatchKind::Read => touched(&accesses.reads, &point.range),
        WatchKind::Write => touched(&accesses.writes, &point.range),
        WatchKind::Access => {
            touched(&accesses.reads, &point.range) || touched(&accesses.writes, &point.range)
        }
    });
    hit.cloned().map(Stop::Watchpoint)
}
