//! Two machines side by side: are they the same at every point where we look, and if not, where do they part?

use crate::observation::{Observation, same_state};
use crate::points::{Look, Points, alike};
use crate::trap_log::{Logged, TrapLog};
use pg32_vm::{Exit, Machine, Pause, Ran};

/// How a comparison ended.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// Both halted, alike.
    Equivalent(Agreement),
    /// Both took every step of the budget, or ended it by too much output, alike.
    NoDivergence(Agreement),
    /// They part.
    Diverged(Box<Divergence>),
}

/// What two runs that agree came to.
#[derive(Clone, Debug)]
pub struct Agreement {
    /// Steps that each took.
    pub steps: u64,
    /// How both runs ended.
    pub pause: Pause,
    /// Whether both ended in a trap storm.
    pub storm: bool,
}

/// The point at which two runs part.
#[derive(Clone, Debug)]
pub struct Divergence {
    /// Steps behind which both were still the same.
    pub step: u64,
    /// That last common state, if there was one: two machines may differ at reset.
    pub common: Option<Observation>,
    /// The first machine one step on.
    pub left: Side,
    /// The second machine one step on.
    pub right: Side,
}

/// One machine just behind the parting.
#[derive(Clone, Debug)]
pub struct Side {
    /// Its state.
    pub state: Observation,
    /// How its step ended.
    pub pause: Pause,
    /// Its traps so far.
    pub log: TrapLog,
    /// The last exit to each of its monitors, the outermost first; see [`Machine::last_exits`].
    pub exits: Vec<Option<Exit>>,
}

/// Runs both machines for `budget` steps and compares them at points: after each of the first 16 steps, then
/// whenever a sixteenth more has been taken, and at the end. What is cheap to read is compared at every point: PSW,
/// registers, console, and the log with every trap so far and the registers at it. Storage is compared where that
/// takes no longer than the steps did, and at the end. The step is then searched for between the last two points;
/// at it the whole states are compared.
///
/// So a difference that lasts is found. One that comes and goes between two points is found if a trap saw it, or
/// the console.
#[must_use]
pub fn lockstep(left: Box<dyn Machine>, right: Box<dyn Machine>, budget: u64) -> Verdict {
    let mut pair = Pair { left: Logged::new(left), right: Logged::new(right) };
    if !same_state(pair.left.machine.as_ref(), pair.right.machine.as_ref()) {
        let side = |logged: &Logged| side(logged, Pause::Steps);
        let (left, right) = (side(&pair.left), side(&pair.right));
        return Verdict::Diverged(Box::new(Divergence { step: 0, common: None, left, right }));
    }
    let mut points = Points::new(pair.left.machine.storage_size(), budget);
    // The last point at which the whole states were the same: a copy of both machines there, so that taking one is
    // no dearer than comparing them.
    let mut common = pair.fork();
    loop {
        let ran = pair.run(points.stride(pair.left.steps));
        let steps = pair.left.steps;
        let (a, b) = ran;
        let goes_on = a.pause == Pause::Steps && b.pause == Pause::Steps;
        let look = points.look(steps, goes_on);
        if !pair.agree(ran, look) {
            let chunk = steps.max(pair.right.steps) - common.left.steps;
            return Verdict::Diverged(Box::new(search(common, chunk)));
        }
        let storm = pair.left.machine.idle_traps() >= 2;
        if a.pause == Pause::Halted {
            return Verdict::Equivalent(Agreement { steps, pause: a.pause, storm: false });
        }
        if a.pause != Pause::Steps || steps >= budget {
            return Verdict::NoDivergence(Agreement { steps, pause: a.pause, storm });
        }
        if look == Look::Whole {
            common = pair.fork();
        }
    }
}

struct Pair {
    left: Logged,
    right: Logged,
}

impl Pair {
    fn run(&mut self, steps: u64) -> (Ran, Ran) {
        (self.left.run(steps), self.right.run(steps))
    }

    fn agree(&self, (a, b): (Ran, Ran), look: Look) -> bool {
        a == b && alike(&self.left, &self.right, look)
    }
}

/// Two runs of the same guest, side by side.
pub(crate) trait Twins: Sized {
    /// Copies that go on from here by themselves.
    fn fork(&self) -> Self;

    /// Takes so many steps on both sides. Whether they are still the same.
    fn advance(&mut self, steps: u64) -> bool;
}

impl Twins for Pair {
    fn fork(&self) -> Self {
        Pair { left: self.left.fork(), right: self.right.fork() }
    }

    fn advance(&mut self, steps: u64) -> bool {
        let ran = self.run(steps);
        self.agree(ran, Look::Whole)
    }
}

/// The last point at which two runs are the same that are the same now and differ after `chunk` steps.
pub(crate) fn last_common<T: Twins>(mut common: T, mut chunk: u64) -> T {
    while chunk > 1 {
        let half = chunk / 2;
        let mut probe = common.fork();
        if probe.advance(half) {
            common = probe;
            chunk -= half;
        } else {
            chunk = half;
        }
    }
    common
}

/// Finds where two machines part that are the same now and differ after `chunk` steps.
fn search(common: Pair, chunk: u64) -> Divergence {
    let mut common = last_common(common, chunk);
    let step = common.left.steps;
    let last = Observation::of(common.left.machine.as_ref(), step);
    let (a, b) = common.run(1);
    Divergence {
        step,
        common: Some(last),
        left: side(&common.left, a.pause),
        right: side(&common.right, b.pause),
    }
}

fn side(logged: &Logged, pause: Pause) -> Side {
    let state = Observation::of(logged.machine.as_ref(), logged.steps);
    Side { state, pause, log: logged.log.clone(), exits: logged.machine.last_exits() }
}
