//! One cell of a case's matrix: run it, and say whether it came out as expected.

use crate::snapshot::{Finished, ending, snapshot};
use crate::{CaseConfig, Divergence, Expect, Logged, Observation, Setup, Verdict, lockstep};
use pg32_isa::Profile;
use pg32_vm::{EngineKind, Machine, Pause, Ran};
use pg32_vmm::Monitor;

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
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Host {
    /// The bare machine.
    Bare,
    /// `depth` monitors of one kind, stacked.
    Monitors {
        /// Their kind.
        monitor: Monitor,
        /// How many, at least 1.
        depth: usize,
    },
}

impl Host {
    /// The kind of monitor, if there is one.
    #[must_use]
    pub fn monitor(self) -> Option<Monitor> {
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
    Failed {
        /// One line.
        reason: String,
        /// The point where the runs part, if that is the reason.
        divergence: Option<Box<Divergence>>,
    },
}

/// The cells of a case, bare ones first.
#[must_use]
pub fn cells(config: &CaseConfig) -> Vec<Cell> {
    let towers = config
        .monitors
        .iter()
        .flat_map(|&monitor| config.depths.iter().map(move |&depth| Host::Monitors { monitor, depth }));
    let hosts: Vec<Host> = std::iter::once(Host::Bare).chain(towers).collect();
    let mut cells = Vec::new();
    for &host in &hosts {
        for profile in 0..config.profiles.len() {
            cells.extend(config.engines.iter().map(|&engine| Cell { engine, profile, host }));
        }
    }
    cells
}

/// A bare run to the end, and what a snapshot says of it.
#[derive(Clone, Debug)]
pub struct BareRun {
    /// Its final state.
    pub state: Observation,
    /// How it ended.
    pub ran: Ran,
    /// The snapshot.
    pub text: String,
    /// Whether it ended in a trap storm.
    pub storm: bool,
}

/// Runs the bare machine to the end.
///
/// # Errors
/// If it cannot be set up.
pub fn bare_run(setup: &Setup, steps: u64) -> Result<BareRun, String> {
    let mut logged = Logged::new(setup.bare().map_err(|e| e.to_string())?);
    let ran = logged.run(steps);
    let state = Observation::of(logged.machine.as_ref(), logged.steps);
    let idle_traps = logged.machine.idle_traps();
    let text = snapshot(&Finished { setup, state: &state, ran, idle_traps, log: &logged.log });
    Ok(BareRun { state, ran, text, storm: ran.pause == Pause::Steps && idle_traps >= 2 })
}

/// Whether a bare run came to what its case expects.
///
/// # Errors
/// In words, if it did not.
pub fn check_bare(run: &BareRun, config: &CaseConfig) -> Result<CellResult, String> {
    let met = match config.expect {
        Expect::Equivalent => run.ran.pause == Pause::Halted,
        Expect::NoDivergence => run.ran.pause == Pause::Steps && !run.storm,
        Expect::TrapStorm => run.storm,
    };
    let a0 = run.state.exit_status();
    if !met {
        let ended = ending(run.ran.pause, a0, if run.storm { 2 } else { 0 });
        return Err(format!("expected {}, but: {ended}, after {} steps", config.expect, run.state.steps));
    }
    if let Some(exit) = config.exit.filter(|exit| run.ran.pause == Pause::Halted && *exit != a0) {
        return Err(format!("expected a0 = {exit} on halt, but it is {a0}"));
    }
    Ok(CellResult::Passed { outcome: "bare", steps: run.state.steps })
}

/// Runs a virtual cell against the bare machine, or a bare cell against the bare reference engine.
#[must_use]
pub fn compare_cell(setup: &Setup, config: &CaseConfig, cell: &Cell) -> CellResult {
    let (left, right) = match machines(setup, cell) {
        Ok(pair) => pair,
        Err(reason) => return CellResult::Failed { reason, divergence: None },
    };
    judge(lockstep(left, right, config.steps), config, expects_divergence(config, cell))
}

type Pair = (Box<dyn Machine>, Box<dyn Machine>);

fn machines(setup: &Setup, cell: &Cell) -> Result<Pair, String> {
    let say = |e: crate::SetupError| e.to_string();
    match cell.host {
        Host::Bare => {
            let reference = Setup { engine: EngineKind::Reference, ..setup.clone() };
            Ok((reference.bare().map_err(say)?, setup.bare().map_err(say)?))
        }
        Host::Monitors { monitor, depth } => {
            let tower = setup.tower(&vec![monitor; depth]).map_err(say)?;
            Ok((setup.bare().map_err(say)?, tower))
        }
    }
}

fn expects_divergence(config: &CaseConfig, cell: &Cell) -> bool {
    let profile: &Profile = &config.profiles[cell.profile];
    match cell.host {
        Host::Bare => false,
        Host::Monitors { monitor, .. } => config.diverges.iter().any(|p| p.matches(profile, monitor)),
    }
}

fn judge(verdict: Verdict, config: &CaseConfig, divergence_expected: bool) -> CellResult {
    let failed = |reason: String| CellResult::Failed { reason, divergence: None };
    match (verdict, divergence_expected) {
        (Verdict::Diverged(at), true) => CellResult::Passed { outcome: "diverges", steps: at.step },
        (Verdict::Diverged(at), false) => CellResult::Failed {
            reason: format!("the runs part at step {}", at.step + 1),
            divergence: Some(at),
        },
        (Verdict::Equivalent(_) | Verdict::NoDivergence(_), true) => {
            failed("expected the runs to part, but they agree".into())
        }
        (Verdict::Equivalent(agreement), false) => match config.expect {
            Expect::Equivalent => CellResult::Passed { outcome: "equivalent", steps: agreement.steps },
            expect => failed(format!("expected {expect}, but both halt after {} steps", agreement.steps)),
        },
        (Verdict::NoDivergence(agreement), false) => {
            let storm = agreement.storm && agreement.pause == Pause::Steps;
            let met = match config.expect {
                Expect::Equivalent => None,
                Expect::NoDivergence if agreement.pause == Pause::Steps && !storm => Some("no divergence"),
                Expect::TrapStorm if storm => Some("trap storm"),
                Expect::NoDivergence | Expect::TrapStorm => None,
            };
            match met {
                Some(outcome) => CellResult::Passed { outcome, steps: agreement.steps },
                None => {
                    let ended = ending(agreement.pause, 0, if storm { 2 } else { 0 });
                    failed(format!(
                        "expected {}, but: {ended}, after {} steps",
                        config.expect, agreement.steps
                    ))
                }
            }
        }
    }
}
