//! Bare against self-hosted: the guest's state at every boundary, and its step count.

use super::{Cost, Hosted, MonitorFailure, MonitorFault, Watched};
use crate::lockstep::{Twins, last_common};
use crate::observation::{registers, same_storage_from};
use crate::{Agreement, Divergence, Logged, Observation, Side, TrapLog};
use pg32_isa::Physical;
use pg32_vm::{Machine, Pause, Ran, Until};
use std::sync::Arc;

/// Traps in a row with nothing retired between behind which a trap storm is taken for one. By then the bare
/// machine's storm repeats itself, and each of its steps costs a monitor dozens.
const STORM: u64 = 1000;

/// How a comparison ended.
#[derive(Clone, Debug)]
pub enum HostedVerdict {
    /// Both halted, alike.
    Equivalent(Agreement),
    /// Both took every step compared, alike.
    NoDivergence(Agreement),
    /// They part.
    Diverged(Box<Divergence>),
    /// A monitor failed its guest.
    Failed(Box<MonitorFault>),
}

/// A comparison, and what the monitors cost.
#[derive(Clone, Debug)]
pub struct HostedRun {
    /// How it ended.
    pub verdict: HostedVerdict,
    /// What the monitors cost up to the end of it.
    pub cost: Cost,
}

/// Compares a guest on the bare machine with the same guest under self-hosted monitors, for at most `budget` of its
/// steps.
///
/// At each boundary, that is whenever the monitors have given the guest the processor back, both have taken the
/// same number of steps, and virtual PSW, registers, console and whether they have halted are compared; all of
/// storage is at the 1st, 2nd, 4th, 8th, … and at the end. When something differs, the step at which it first did
/// is searched for, between boundaries too.
#[must_use]
pub fn compare_hosted(bare: Box<dyn Machine>, hosted: Hosted, budget: u64) -> HostedRun {
    compare_hosted_until(bare, hosted, budget, &|| false).expect("nobody stops it")
}

/// [`compare_hosted`]; none if `stop` said so, at a boundary, before the end.
#[must_use]
pub fn compare_hosted_until(
    bare: Box<dyn Machine>,
    hosted: Hosted,
    budget: u64,
    stop: &(dyn Fn() -> bool + Sync),
) -> Option<HostedRun> {
    let mut pair = Pair { bare, hosted: Watched::new(hosted) };
    let verdict = if let Err(failure) = pair.hosted.boot() {
        failed(&pair.hosted, failure)
    } else if pair.same_glimpse() && pair.same_bulk() {
        run(&mut pair, budget, stop)?
    } else {
        let left = Observation::of(pair.bare.as_ref(), 0);
        HostedVerdict::Diverged(Box::new(parting(None, (left, Pause::Steps), &pair.hosted, Pause::Steps)))
    };
    Some(HostedRun { verdict, cost: pair.hosted.cost() })
}

/// Guest steps between two questions whether to stop.
const SLICE: u64 = 1 << 24;

fn run(pair: &mut Pair, budget: u64, stop: &(dyn Fn() -> bool + Sync)) -> Option<HostedVerdict> {
    let mut checkpoint = pair.fork();
    let mut boundaries = 0u64;
    loop {
        if stop() {
            return None;
        }
        let ran = match pair.hosted.run_to_boundary(SLICE.min(budget - pair.hosted.steps())) {
            Ok(ran) => ran,
            Err(failure) => return Some(failed(&pair.hosted, failure)),
        };
        let bare = pair.bare.run(Until::Steps(ran.steps));
        boundaries += 1;
        let steps = pair.hosted.steps();
        let going_on = matches!(ran.pause, Pause::Trap | Pause::Steps);
        let ended = !going_on || steps == budget || pair.bare.idle_traps() >= STORM;
        let whole = ended || boundaries.is_power_of_two();
        if !alike(bare, ran) || !pair.same_glimpse() || (whole && !pair.same_bulk()) {
            return Some(part(checkpoint, steps));
        }
        let storm = bare.pause == Pause::Steps && pair.bare.idle_traps() >= 2;
        let agreement = Agreement { steps, pause: bare.pause, storm };
        match (ended, bare.pause) {
            (true, Pause::Halted) => return Some(HostedVerdict::Equivalent(agreement)),
            (true, _) => return Some(HostedVerdict::NoDivergence(agreement)),
            (false, _) if whole => checkpoint = pair.fork(),
            (false, _) => {}
        }
    }
}

fn failed(hosted: &Watched, failure: MonitorFailure) -> HostedVerdict {
    HostedVerdict::Failed(Box::new(MonitorFault {
        step: hosted.steps(),
        failure,
        exit: hosted.last_exits().pop().flatten(),
        monitor: hosted.machine().psw(),
        image: Arc::clone(hosted.image()),
    }))
}

/// Whether a bare run and a watched one took the same steps and ended alike; a boundary ends no bare run.
fn alike(bare: Ran, watched: Ran) -> bool {
    let pause = if watched.pause == Pause::Trap { Pause::Steps } else { watched.pause };
    bare == Ran { steps: watched.steps, pause }
}

/// Tells of a parting somewhere between `checkpoint` and `step`.
fn part(checkpoint: Pair, step: u64) -> HostedVerdict {
    let chunk = step - checkpoint.hosted.steps();
    let Pair { bare, mut hosted } = last_common(checkpoint, chunk);
    let step = hosted.steps();
    let common = Observation::of(bare.as_ref(), step);
    let mut bare = Logged { machine: bare, steps: step, log: TrapLog::default() };
    let ran = bare.run(1);
    match hosted.run(1) {
        Err(failure) => failed(&hosted, failure),
        Ok(watched) => {
            let left = Observation::of(bare.machine.as_ref(), bare.steps);
            let mut parting = parting(Some(common), (left, ran.pause), &hosted, watched.pause);
            parting.left.log = bare.log;
            HostedVerdict::Diverged(Box::new(parting))
        }
    }
}

fn parting(
    common: Option<Observation>,
    (left, left_pause): (Observation, Pause),
    hosted: &Watched,
    pause: Pause,
) -> Divergence {
    let side = |state, pause, exits| Side { state, pause, log: TrapLog::default(), exits };
    Divergence {
        step: common.as_ref().map_or(0, |state| state.steps),
        common,
        left: side(left, left_pause, Vec::new()),
        right: side(hosted.observe(), pause, hosted.last_exits()),
    }
}

struct Pair {
    bare: Box<dyn Machine>,
    hosted: Watched,
}

impl Pair {
    /// Everything that is small: of the output, its length and its end.
    fn same_glimpse(&self) -> bool {
        let (a, b) = (self.bare.console(), self.hosted.machine().console());
        self.bare.halted() == self.hosted.halted()
            && self.bare.psw() == self.hosted.psw()
            && registers(self.bare.as_ref()) == self.hosted.registers()
            && a.position() == b.position()
            && a.output().len() == b.output().len()
            && a.output().last() == b.output().last()
    }

    /// Storage, and all of the output.
    fn same_bulk(&self) -> bool {
        let (bare, hosted) = (self.bare.as_ref(), self.hosted.machine());
        bare.console().output() == hosted.console().output()
            && same_storage_from((bare, Physical(0)), (hosted, self.hosted.window()))
    }
}

impl Twins for Pair {
    fn fork(&self) -> Self {
        Pair { bare: self.bare.fork(), hosted: self.hosted.fork() }
    }

    fn advance(&mut self, steps: u64) -> bool {
        let watched = self.hosted.run(steps);
        let bare = self.bare.run(Until::Steps(steps));
        watched.is_ok_and(|watched| alike(bare, watched)) && self.same_glimpse() && self.same_bulk()
    }
}
