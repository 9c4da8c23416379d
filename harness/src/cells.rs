//! One cell of a case's matrix: run it, and say whether it came out as expected.

use crate::monitor_kind::MonitorKind;
use crate::snapshot::ending;
use crate::suite::Ready;
use crate::trace::{Followed, Trace};
use crate::{
    Agreement, CaseConfig, Divergence, Expect, Hosted, HostedVerdict, MonitorFault, Setup, SetupError,
    Verdict, compare_hosted_until, describe_divergence, lockstep,
};
use pg32_assembler::render::Colour;
use pg32_image::Image;
use pg32_isa::Profile;
use pg32_vm::{EngineKind, Machine, Pause};
use std::sync::Arc;

/// Where in the matrix a cell lies.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cell {
    /// The engine of the real machine.
    pub engine: EngineKind,
    /// Position of the profile in the case's list.
    pub profile: usize,
    /// What runs the guest.
    pub host: Host,
}

/// What runs the guest in a cell.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Host {
    /// The bare machine.
    Bare,
    /// `depth` monitors of one kind, stacked.
    Monitors {
        /// Their kind.
        monitor: MonitorKind,
        /// How many, at least 1.
        depth: usize,
    },
}

impl Host {
    /// The kind of monitor, if there is one.
    #[must_use]
    pub fn monitor(&self) -> Option<&MonitorKind> {
        match self {
            Host::Bare => None,
            Host::Monitors { monitor, .. } => Some(monitor),
        }
    }
}

impl std::fmt::Display for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Host::Bare => f.write_str("bare"),
            Host::Monitors { monitor, depth: 1 } => f.write_str(monitor.name()),
            Host::Monitors { monitor, depth } => write!(f, "{} x{depth}", monitor.name()),
        }
    }
}

/// How a cell came out.
#[derive(Clone, Debug)]
pub enum CellResult {
    /// As expected.
    Passed {
        /// In a word: `equivalent`, `no divergence`, `diverges`, …
        outcome: &'static str,
        /// Steps of the run.
        steps: u64,
    },
    /// Otherwise.
    Failed(Box<Failure>),
    /// The suite was interrupted before the cell had come to its end.
    NotRun,
}

/// Why a cell failed.
#[derive(Clone, Default, Debug)]
pub struct Failure {
    /// One line.
    pub reason: String,
    /// The point where the runs part, if that is the reason.
    pub divergence: Option<Divergence>,
    /// How a monitor of the suite's own failed its guest, if that is the reason.
    pub fault: Option<Box<MonitorFault>>,
    /// The snapshot against the state, line by line, if they differ.
    pub changes: Option<String>,
}

impl Failure {
    /// Two runs part.
    #[must_use]
    pub fn parting(at: Divergence) -> Self {
        let reason = format!("the runs part at step {}", at.step + 1);
        Failure { reason, divergence: Some(at), ..Failure::default() }
    }

    /// A monitor of the suite's own fails.
    #[must_use]
    pub fn monitor(fault: Box<MonitorFault>) -> Self {
        let reason = format!("the monitor fails behind step {}: {}", fault.step, fault.failure);
        Failure { reason, fault: Some(fault), ..Failure::default() }
    }

    /// Steps behind which all was still well, if it is a step that went wrong.
    #[must_use]
    pub fn step(&self) -> Option<u64> {
        self.divergence.as_ref().map(|at| at.step).or(self.fault.as_ref().map(|fault| fault.step))
    }

    /// The step told, if it is one that went wrong; `guest` is the guest's image, `names` are the two machines'.
    #[must_use]
    pub fn story(&self, guest: &Image, names: [&str; 2], colour: Colour) -> Option<String> {
        let parting = self.divergence.as_ref().map(|at| describe_divergence(at, guest, names, colour));
        parting.or_else(|| Some(self.fault.as_ref()?.describe(guest, colour)))
    }
}

impl CellResult {
    /// A failure that one line tells.
    #[must_use]
    pub fn failed(reason: impl Into<String>) -> Self {
        CellResult::Failed(Box::new(Failure { reason: reason.into(), ..Failure::default() }))
    }
}

/// The cells of a case, bare ones first.
#[must_use]
pub fn cells(config: &CaseConfig) -> Vec<Cell> {
    let ours = config.monitors.iter().copied().map(MonitorKind::BuiltIn);
    let own = config.own_monitors.iter().map(|own| MonitorKind::SelfHosted(Arc::clone(&own.name)));
    let mut hosts = vec![Host::Bare];
    for monitor in ours.chain(own) {
        let stacked = |depth: &usize| Host::Monitors { monitor: monitor.clone(), depth: *depth };
        hosts.extend(config.depths.iter().map(stacked));
    }
    let mut cells = Vec::new();
    for host in &hosts {
        for profile in 0..config.profiles.len() {
            let on = |engine: &EngineKind| Cell { engine: *engine, profile, host: host.clone() };
            cells.extend(config.engines.iter().map(on));
        }
    }
    cells
}

/// Whether a bare run came to what its case expects.
#[must_use]
pub fn check_bare(run: &Trace, config: &CaseConfig) -> CellResult {
    let storm = run.storm();
    let met = match config.expect {
        Expect::Equivalent => run.ran.pause == Pause::Halted,
        Expect::NoDivergence => run.ran.pause == Pause::Steps && !storm,
        Expect::TrapStorm => storm,
    };
    let a0 = run.state.exit_status();
    if !met {
        let ended = ending(run.ran.pause, a0, run.idle_traps);
        let reason = format!("expected {}, but: {ended}, after {} steps", config.expect, run.state.steps);
        return CellResult::failed(reason);
    }
    if let Some(exit) = config.exit.filter(|exit| run.ran.pause == Pause::Halted && *exit != a0) {
        return CellResult::failed(format!("expected a0 = {exit} on halt, but it is {a0}"));
    }
    CellResult::Passed { outcome: "bare", steps: run.state.steps }
}

/// Holds a cell to the bare run of the case's first engine on the same profile. `setup` is the cell's.
#[must_use]
pub fn compare_cell(
    trace: &Trace,
    setup: &Setup,
    ready: &Ready,
    cell: &Cell,
    stop: &(dyn Fn() -> bool + Sync),
) -> CellResult {
    let config = &ready.config;
    if let Host::Monitors { monitor: MonitorKind::SelfHosted(name), depth } = &cell.host {
        let (_, monitor) =
            ready.own_monitors.iter().find(|(own, _)| own == name).expect("a cell of the case");
        return compare_self_hosted(monitor, *depth, setup, config, cell, stop);
    }
    let machine = match machine(setup, &cell.host) {
        Ok(machine) => machine,
        Err(error) => return CellResult::failed(error.to_string()),
    };
    let verdict = match trace.follow(machine, stop) {
        Followed::Stopped => return CellResult::NotRun,
        Followed::Same => trace.agreement(),
        Followed::Differs => {
            // Now both machines side by side, to find the step.
            let first = Setup { engine: config.engines[0], ..setup.clone() };
            let pair = first.bare().and_then(|bare| Ok((bare, self::machine(setup, &cell.host)?)));
            match pair {
                Ok((left, right)) => lockstep(left, right, config.steps),
                Err(error) => return CellResult::failed(error.to_string()),
            }
        }
    };
    judge(verdict, config, expects_divergence(config, cell))
}

/// A cell under a monitor of the suite's own, which is watched beside the bare machine.
fn compare_self_hosted(
    monitor: &Image,
    depth: usize,
    setup: &Setup,
    config: &CaseConfig,
    cell: &Cell,
    stop: &(dyn Fn() -> bool + Sync),
) -> CellResult {
    let hosted = match Hosted::new(setup, monitor, depth, &[]) {
        Ok(hosted) => hosted,
        Err(error) => return CellResult::failed(error.to_string()),
    };
    let bare = match (Setup { engine: config.engines[0], ..setup.clone() }).bare() {
        Ok(bare) => bare,
        Err(error) => return CellResult::failed(error.to_string()),
    };
    let Some(run) = compare_hosted_until(bare, hosted, config.steps, stop) else { return CellResult::NotRun };
    let expected = expects_divergence(config, cell);
    match run.verdict {
        HostedVerdict::Equivalent(agreement) => judge(Verdict::Equivalent(agreement), config, expected),
        HostedVerdict::NoDivergence(agreement) => judge(Verdict::NoDivergence(agreement), config, expected),
        HostedVerdict::Diverged(at) => judge(Verdict::Diverged(at), config, expected),
        HostedVerdict::Failed(fault) if expected => {
            CellResult::Passed { outcome: "diverges", steps: fault.step }
        }
        HostedVerdict::Failed(fault) => CellResult::Failed(Box::new(Failure::monitor(fault))),
    }
}

fn machine(setup: &Setup, host: &Host) -> Result<Box<dyn Machine>, SetupError> {
    match host {
        Host::Monitors { monitor: MonitorKind::BuiltIn(monitor), depth } => {
            setup.tower(&vec![*monitor; *depth])
        }
        Host::Bare | Host::Monitors { .. } => setup.bare(),
    }
}

fn expects_divergence(config: &CaseConfig, cell: &Cell) -> bool {
    let profile: &Profile = &config.profiles[cell.profile];
    let monitor = cell.host.monitor();
    monitor.is_some_and(|monitor| config.diverges.iter().any(|p| p.matches(profile, monitor)))
}

fn judge(verdict: Verdict, config: &CaseConfig, divergence_expected: bool) -> CellResult {
    match (verdict, divergence_expected) {
        (Verdict::Diverged(at), true) => CellResult::Passed { outcome: "diverges", steps: at.step },
        (Verdict::Diverged(at), false) => CellResult::Failed(Box::new(Failure::parting(*at))),
        (Verdict::Equivalent(_) | Verdict::NoDivergence(_), true) => {
            CellResult::failed("expected the runs to part, but they agree")
        }
        (Verdict::Equivalent(agreement), false) => match config.expect {
            Expect::Equivalent => CellResult::Passed { outcome: "equivalent", steps: agreement.steps },
            expect => CellResult::failed(format!(
                "expected {expect}, but both halt after {} steps",
                agreement.steps
            )),
        },
        (Verdict::NoDivergence(agreement), false) => judge_unfinished(&agreement, config),
    }
}

/// Two runs that agree and did not halt.
fn judge_unfinished(agreement: &Agreement, config: &CaseConfig) -> CellResult {
    let storm = agreement.storm && agreement.pause == Pause::Steps;
    let met = match config.expect {
        Expect::NoDivergence if agreement.pause == Pause::Steps && !storm => Some("no divergence"),
        Expect::TrapStorm if storm => Some("trap storm"),
        Expect::Equivalent | Expect::NoDivergence | Expect::TrapStorm => None,
    };
    match met {
        Some(outcome) => CellResult::Passed { outcome, steps: agreement.steps },
        None => {
            let ended = ending(agreement.pause, 0, if storm { 2 } else { 0 });
            let steps = agreement.steps;
            CellResult::failed(format!("expected {}, but: {ended}, after {steps} steps", config.expect))
        }
    }
}
