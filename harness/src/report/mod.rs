//! A suite's results as data: what every report, for people or machines, is made from.

mod diff;
mod github;
mod html;
mod junit;
mod replays;

pub use diff::{FileDifference, html_diff};
pub use github::github_annotations;
pub use html::html_report;
pub use junit::junit_report;
pub use replays::replays;

use crate::cells::{Cell, CellResult, Failure, Host};
use crate::load::LoadError;
use crate::narrative::last_exits;
use crate::runner::CaseReport;
use crate::suite::{CaseError, Ready};
use crate::table::{entry, hosts, title};
use crate::{Difference, Divergence, MonitorKind, differences};
use pg32_assembler::render::{self, Colour};
use serde::Serialize;
use std::path::Path;

/// A suite's results.
#[derive(Clone, Serialize, Debug)]
pub struct SuiteSummary {
    /// How many of what.
    pub counts: Counts,
    /// What ran the guests: the titles of the columns of [`CaseSummary::row`].
    pub columns: Vec<String>,
    /// The cases, in order.
    pub cases: Vec<CaseSummary>,
    /// Snapshots that no case refers to.
    pub unreferenced: Vec<String>,
}

/// How many cells and cases there are, and how they came out.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Default, Debug)]
pub struct Counts {
    /// Cells.
    pub cells: usize,
    /// Cells that did not come out as expected.
    pub cells_failed: usize,
    /// Cells that were not run, because the suite was interrupted.
    pub cells_not_run: usize,
    /// Cases of which every cell came out as expected.
    pub passed: usize,
    /// Cases with a cell that did not, or that could not be run at all.
    pub failed: usize,
    /// Cases otherwise: those that were interrupted.
    pub not_run: usize,
}

/// A case's results.
#[derive(Clone, Serialize, Debug)]
pub struct CaseSummary {
    /// Its name.
    pub case: String,
    /// Its file, as the user named it.
    pub file: String,
    /// `passed`, `failed` or `not run`.
    pub result: &'static str,
    /// Why it could not be run at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
    /// Steps of its bare run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<u64>,
    /// What its cells came to, by whatever ran the guest.
    #[serde(skip)]
    pub row: Vec<String>,
    /// Its cells, in order.
    pub cells: Vec<CellSummary>,
}

/// Why a case could not be run.
#[derive(Clone, Serialize, Debug)]
pub struct Problem {
    /// In words; several lines where the assembler has something to say.
    pub message: String,
    /// Line of the case's file, if it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
}

/// A cell's result.
#[derive(Clone, Serialize, Debug)]
pub struct CellSummary {
    /// All of the following, for people: `trap-and-emulate x2, pg, fast`.
    pub cell: String,
    /// The engine.
    pub engine: &'static str,
    /// The profile.
    pub profile: String,
    /// The monitor; none for the bare machine.
    pub monitor: Option<String>,
    /// How many monitors are stacked; 0 for the bare machine.
    pub depth: usize,
    /// `passed`, `failed` or `not run`.
    pub result: &'static str,
    /// What it came to, if it passed: `equivalent`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<&'static str>,
    /// Steps, if it passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<u64>,
    /// Why it failed.
    #[serde(flatten)]
    pub failure: Option<FailureSummary>,
}

/// Why a cell failed.
#[derive(Clone, PartialEq, Eq, Serialize, Debug)]
pub struct FailureSummary {
    /// One line.
    pub reason: String,
    /// The step at which the runs part, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<u64>,
    /// Where the source says what was executed there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// What differs behind it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Difference>,
    /// The last exit to each monitor, the outermost first, in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub last_exits: Vec<String>,
    /// The divergence, told.
    #[serde(skip)]
    pub story: Option<String>,
    /// The snapshot against the state, as a unified diff.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<String>,
}

/// A line of a source.
#[derive(Clone, PartialEq, Eq, Serialize, Debug)]
pub struct Place {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
}

impl SuiteSummary {
    /// The summary of a run.
    #[must_use]
    pub fn new(reports: &[CaseReport], unreferenced: &[std::path::PathBuf]) -> Self {
        let hosts = hosts(reports);
        let mut cases: Vec<CaseSummary> = reports.iter().map(CaseSummary::new).collect();
        for (case, report) in cases.iter_mut().zip(reports).filter(|(_, r)| r.case.ready.is_ok()) {
            case.row = hosts.iter().map(|host| entry(report, *host)).collect();
        }
        let all_cells = || cases.iter().flat_map(|case| &case.cells);
        let cases_that = |result| cases.iter().filter(|case| case.result == result).count();
        let counts = Counts {
            cells: all_cells().count(),
            cells_failed: all_cells().filter(|cell| cell.result == FAILED).count(),
            cells_not_run: all_cells().filter(|cell| cell.result == NOT_RUN).count(),
            passed: cases_that(PASSED),
            failed: cases_that(FAILED),
            not_run: cases_that(NOT_RUN),
        };
        SuiteSummary {
            counts,
            columns: hosts.iter().map(|host| title(*host).to_owned()).collect(),
            cases,
            unreferenced: unreferenced.iter().map(|path| path.display().to_string()).collect(),
        }
    }
}

const PASSED: &str = "passed";
const FAILED: &str = "failed";
const NOT_RUN: &str = "not run";

impl CaseSummary {
    /// The summary of a case.
    #[must_use]
    pub fn new(report: &CaseReport) -> Self {
        let cells: Vec<CellSummary> = match &report.case.ready {
            Ok(ready) => {
                report.cells.iter().map(|(cell, r)| CellSummary::new(report, ready, cell, r)).collect()
            }
            Err(_) => Vec::new(),
        };
        let result = if report.passed() {
            PASSED
        } else if report.failed() {
            FAILED
        } else {
            NOT_RUN
        };
        CaseSummary {
            case: report.case.name.clone(),
            file: report.case.file.display().to_string(),
            result,
            problem: report.case.ready.as_ref().err().map(problem),
            steps: cells.iter().find_map(|cell| cell.steps),
            row: Vec::new(),
            cells,
        }
    }

    /// Failures of its cells, each with the cells that failed so.
    #[must_use]
    pub fn failures(&self) -> Vec<(Vec<&CellSummary>, &FailureSummary)> {
        let mut list: Vec<(Vec<&CellSummary>, &FailureSummary)> = Vec::new();
        for cell in &self.cells {
            let Some(failure) = &cell.failure else { continue };
            match list.iter_mut().find(|(_, known)| known.reason == failure.reason) {
                Some((cells, _)) => cells.push(cell),
                None => list.push((vec![cell], failure)),
            }
        }
        list
    }
}

/// Why a case cannot be run, in words.
fn problem(error: &CaseError) -> Problem {
    let plain = |message: String| Problem { message, line: None };
    match error {
        CaseError::Config(error) => Problem { message: error.to_string(), line: error.line },
        CaseError::Other(message) => plain(message.clone()),
        CaseError::Load(LoadError::Rejected(assembly)) => {
            let told = render::human(&assembly.diagnostics, &assembly.sources, Colour::Never);
            plain(format!("the source was rejected\n{told}"))
        }
        CaseError::Load(error) => plain(error.to_string()),
    }
}

impl CellSummary {
    fn new(report: &CaseReport, ready: &Ready, cell: &Cell, result: &CellResult) -> Self {
        let profile = ready.config.profiles[cell.profile].name().to_owned();
        let mut summary = CellSummary {
            cell: format!("{}, {profile}, {}", cell.host, cell.engine.name()),
            engine: cell.engine.name(),
            profile,
            monitor: cell.host.monitor().map(MonitorKind::to_string),
            depth: match cell.host {
                Host::Bare => 0,
                Host::Monitors { depth, .. } => depth,
            },
            result: NOT_RUN,
            outcome: None,
            steps: None,
            failure: None,
        };
        match result {
            CellResult::NotRun => {}
            CellResult::Passed { outcome, steps } => {
                summary.result = PASSED;
                (summary.outcome, summary.steps) = (Some(*outcome), Some(*steps));
            }
            CellResult::Failed(failure) => {
                summary.result = FAILED;
                let first = ready.config.engines[0].name();
                let names = match cell.host {
                    Host::Bare => [first, cell.engine.name()],
                    Host::Monitors { .. } => ["bare", "virtual"],
                };
                summary.failure = Some(failure_summary(failure, report, ready, names));
            }
        }
        summary
    }
}

fn failure_summary(
    failure: &Failure,
    report: &CaseReport,
    ready: &Ready,
    names: [&str; 2],
) -> FailureSummary {
    let at = failure.divergence.as_ref();
    let states = at.map(|at| differences(&at.left.state, &at.right.state, Some(&ready.image)));
    FailureSummary {
        reason: failure.reason.clone(),
        step: failure.step().map(|step| step + 1),
        place: at.and_then(|at| place(at, report, ready)),
        differences: states.unwrap_or_default(),
        last_exits: at.map(|at| last_exits(at, &ready.image)).unwrap_or_default(),
        story: failure.story(&ready.image, names, Colour::Never),
        changes: failure.changes.clone(),
    }
}

/// The source line of the instruction at which two runs part, its file named from where the user stands.
fn place(at: &Divergence, report: &CaseReport, ready: &Ready) -> Option<Place> {
    let psw = at.common.as_ref()?.psw;
    let row = ready.image.lines.find(crate::wording::physical_pc(&psw)?)?;
    let folder = report.case.file.parent().unwrap_or(Path::new(""));
    let file = folder.join(&ready.image.lines.source(row).name);
    Some(Place { file: file.display().to_string(), line: row.line })
}
