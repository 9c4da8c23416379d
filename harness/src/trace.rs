//! A bare run written down at the points where it is looked at, so that every other machine that is to do the same
//! is run by itself and held to what was written.

use crate::observation::{Observation, storage_digest};
use crate::points::{Glance, LogGlance, Look, Points};
use crate::trap_log::{Logged, TrapLog};
use crate::{Agreement, Verdict};
use pg32_vm::{Machine, Pause, Ran};

/// A run, written down.
#[derive(Clone, Debug)]
pub struct Trace {
    /// Its final state.
    pub state: Observation,
    /// How it ended.
    pub ran: Ran,
    /// Its traps.
    pub log: TrapLog,
    /// Steps without an instruction retired at its end.
    pub idle_traps: u64,
    budget: u64,
    points: Vec<Point>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Point {
    ran: Ran,
    glance: Glance,
    log: LogGlance,
    /// A digest of storage, where the whole state is looked at and the run goes on.
    storage: Option<u64>,
}

/// How a machine did that was to do the same as a trace.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Followed {
    /// It did the same.
    Same,
    /// It did not.
    Differs,
    /// It was stopped before that was known.
    Stopped,
}

impl Trace {
    /// Runs `machine`, which is at reset, for at most `budget` steps; `None` if `stop` said so before the end.
    #[must_use]
    pub fn record(machine: Box<dyn Machine>, budget: u64, stop: &(dyn Fn() -> bool + Sync)) -> Option<Self> {
        let mut points = Vec::new();
        let mut stopped = false;
        let (logged, ran) = walk(machine, budget, |point| {
            points.push(point);
            stopped = stop();
            if stopped { Go::Stop } else { Go::On }
        });
        let state = || Observation::of(logged.machine.as_ref(), logged.steps);
        (!stopped).then(|| Trace {
            state: state(),
            ran,
            idle_traps: logged.machine.idle_traps(),
            log: logged.log.clone(),
            budget,
            points,
        })
    }

    /// Runs `machine`, which is at reset, and tells whether it does the same: at each point the same registers, PSW,
    /// console and traps, at some the same storage by its digest, and at the end the same state to the bit.
    #[must_use]
    pub fn follow(&self, machine: Box<dyn Machine>, stop: &(dyn Fn() -> bool + Sync)) -> Followed {
        if machine.storage_size() as usize != self.state.storage.len() {
            return Followed::Differs;
        }
        let mut expected = self.points.iter();
        let mut answer = Followed::Same;
        let (logged, ran) = walk(machine, self.budget, |point| {
            if expected.next() != Some(&point) {
                answer = Followed::Differs;
            } else if stop() {
                answer = Followed::Stopped;
            }
            if answer == Followed::Same { Go::On } else { Go::Stop }
        });
        let same_end =
            || ran == self.ran && self.log == logged.log && self.state.is_state_of(logged.machine.as_ref());
        if answer == Followed::Same && !same_end() { Followed::Differs } else { answer }
    }

    /// What this run and one that follows it come to.
    #[must_use]
    pub fn agreement(&self) -> Verdict {
        let agreement = Agreement { steps: self.ran.steps, pause: self.ran.pause, storm: self.storm() };
        if self.ran.pause == Pause::Halted {
            Verdict::Equivalent(agreement)
        } else {
            Verdict::NoDivergence(agreement)
        }
    }

    /// Steps that the run might have taken at most.
    #[must_use]
    pub fn budget(&self) -> u64 {
        self.budget
    }

    /// Whether the run ended in a trap storm.
    #[must_use]
    pub fn storm(&self) -> bool {
        self.ran.pause == Pause::Steps && self.idle_traps >= 2
    }
}

enum Go {
    On,
    Stop,
}

/// Runs a machine to its end from point to point, telling each.
fn walk(machine: Box<dyn Machine>, budget: u64, mut tell: impl FnMut(Point) -> Go) -> (Logged, Ran) {
    let mut points = Points::new(machine.storage_size(), budget);
    let mut logged = Logged::new(machine);
    loop {
        let ran = logged.run(points.stride(logged.steps));
        let goes_on = ran.pause == Pause::Steps && logged.steps < budget;
        let machine = logged.machine.as_ref();
        // At the end the state itself is compared.
        let whole = points.look(logged.steps, goes_on) == Look::Whole && goes_on;
        let point = Point {
            ran,
            glance: Glance::of(machine),
            log: LogGlance::of(&logged.log),
            storage: whole.then(|| storage_digest(machine)),
        };
        let stop = matches!(tell(point), Go::Stop);
        if stop || !goes_on {
            let steps = logged.steps;
            return (logged, Ran { steps, pause: ran.pause });
        }
    }
}
