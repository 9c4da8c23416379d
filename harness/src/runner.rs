//! Cases run in every cell of their matrix: in parallel, watched, interruptible, reported in a fixed order.

use crate::Trace;
use crate::bless::{Bless, check_snapshot, snapshot_path};
use crate::cells::{Cell, CellResult, Host, cells, check_bare, compare_cell};
use crate::snapshot::snapshot_of;
use crate::suite::{Case, Ready, SuiteOptions};
use rayon::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A case's results.
pub struct CaseReport {
    /// The case.
    pub case: Case,
    /// Its cells in order; empty if it could not be run.
    pub cells: Vec<(Cell, CellResult)>,
}

impl CaseReport {
    /// Whether every cell came out as expected.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.case.ready.is_ok() && self.cells.iter().all(|(_, r)| matches!(r, CellResult::Passed { .. }))
    }

    /// Whether a cell did not, or the case could not be run at all.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.case.ready.is_err() || self.cells.iter().any(|(_, r)| matches!(r, CellResult::Failed(_)))
    }
}

/// Who is told how a suite is getting on, from many threads, and may end it.
pub trait Watch: Sync {
    /// Before anything is run: how many cells there are.
    fn planned(&self, cells: usize) {
        let _ = cells;
    }

    /// A cell has come to its end.
    fn cell(&self, result: &CellResult) {
        let _ = result;
    }

    /// A case has come to its end; `index` counts the cases that are run.
    fn case(&self, index: usize, report: &CaseReport) {
        let _ = (index, report);
    }

    /// Whether to stop: cells that have not come to their end by then are [`CellResult::NotRun`].
    fn interrupted(&self) -> bool {
        false
    }
}

/// Nobody watches.
pub struct Unwatched;

impl Watch for Unwatched {}

/// Every `count`-th case from the `index`-th on, so that `count` machines can share a suite.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shard {
    index: usize,
    count: usize,
}

impl Shard {
    /// All cases.
    pub const ALL: Shard = Shard { index: 0, count: 1 };

    /// `K/N`, `K` from 1 to `N`.
    ///
    /// # Errors
    /// In words, if `text` is not of that form.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/').and_then(|(k, n)| Some((k.parse().ok()?, n.parse().ok()?)));
        match parts {
            Some((index @ 1.., count)) if index <= count => Ok(Shard { index: index - 1, count }),
            _ => Err("a shard is K/N, with K from 1 to N".into()),
        }
    }

    /// Whether the case at `position` is one of this shard's.
    #[must_use]
    pub fn has(self, position: usize) -> bool {
        position % self.count == self.index
    }
}

/// Runs the cases in all their cells. The order of the reports is the order of the cases, however many run at a
/// time.
pub fn run_cases(cases: Vec<Case>, options: &SuiteOptions<'_>, watch: &dyn Watch) -> Vec<CaseReport> {
    let ready = cases.iter().filter_map(|case| case.ready.as_ref().ok());
    watch.planned(ready.map(|ready| cells(&ready.config).len()).sum());
    let numbered = cases.into_par_iter().enumerate();
    numbered
        .map(|(index, case)| {
            let cells = match &case.ready {
                Ok(ready) => CaseRun { case: &case, ready, options, watch }.run(),
                Err(_) => Vec::new(),
            };
            let report = CaseReport { case, cells };
            watch.case(index, &report);
            report
        })
        .collect()
}

/// Runs one cell of a case by itself, by its position in [`cells`]: for test runners that share cells among
/// processes. A case that cannot be run fails.
#[must_use]
pub fn run_cell(case: &Case, position: usize, options: &SuiteOptions<'_>) -> CellResult {
    let Ok(ready) = &case.ready else { return CellResult::failed("the case cannot be read") };
    let all = cells(&ready.config);
    let Some(cell) = all.get(position) else { return CellResult::failed("there is no such cell") };
    let run = CaseRun { case, ready, options, watch: &Unwatched };
    let first = Cell { engine: ready.config.engines[0], profile: cell.profile, host: Host::Bare };
    match run.record(&first) {
        Ok(recorded) => run.run_cell(cell, &recorded),
        Err(result) => result,
    }
}

/// The bare run of a profile, and what a snapshot says of it.
struct Recorded {
    trace: Trace,
    text: String,
}

/// A case while it is run.
struct CaseRun<'a> {
    case: &'a Case,
    ready: &'a Ready,
    options: &'a SuiteOptions<'a>,
    watch: &'a dyn Watch,
}

impl CaseRun<'_> {
    /// The cells of each profile share the bare run that they are held to; beyond that, each is by itself.
    fn run(&self) -> Vec<(Cell, CellResult)> {
        let all = cells(&self.ready.config);
        let profiles = 0..self.ready.config.profiles.len();
        let mut results: Vec<(usize, CellResult)> =
            profiles.into_par_iter().flat_map(|profile| self.run_profile(profile, &all)).collect();
        results.sort_by_key(|(position, _)| *position);
        all.into_iter().zip(results.into_iter().map(|(_, result)| result)).collect()
    }

    fn run_profile(&self, profile: usize, all: &[Cell]) -> Vec<(usize, CellResult)> {
        let first = Cell { engine: self.ready.config.engines[0], profile, host: Host::Bare };
        let recorded = guarded(|| self.record(&first));
        let mine: Vec<usize> = (0..all.len()).filter(|at| all[*at].profile == profile).collect();
        mine.into_par_iter()
            .map(|position| {
                let cell = &all[position];
                let result = match &recorded {
                    Err(result) => result.clone(),
                    Ok(trace) => guarded(|| Ok(self.run_cell(cell, trace))).unwrap_or_else(|failed| failed),
                };
                self.watch.cell(&result);
                (position, result)
            })
            .collect()
    }

    fn stop(&self) -> impl Fn() -> bool + Sync {
        || self.watch.interrupted()
    }

    /// The bare run that every cell of the profile is held to.
    fn record(&self, first: &Cell) -> Result<Recorded, CellResult> {
        let setup = self.ready.setup(first);
        let machine = setup.bare().map_err(|e| CellResult::failed(e.to_string()))?;
        let trace =
            Trace::record(machine, self.ready.config.steps, &self.stop()).ok_or(CellResult::NotRun)?;
        Ok(Recorded { text: snapshot_of(&setup, &trace), trace })
    }

    fn run_cell(&self, cell: &Cell, recorded: &Recorded) -> CellResult {
        let trace = &recorded.trace;
        if self.watch.interrupted() {
            return CellResult::NotRun;
        }
        let setup = self.ready.setup(cell);
        let config = &self.ready.config;
        let first = cell.host == Host::Bare && cell.engine == config.engines[0];
        if !first {
            let result = compare_cell(trace, &setup, self.ready, cell, &self.stop());
            if cell.host != Host::Bare || !matches!(result, CellResult::Passed { .. }) {
                return result;
            }
        }
        let result = check_bare(trace, config);
        if !matches!(result, CellResult::Passed { .. }) {
            return result;
        }
        // Only one run blesses, so that no two cells write one file.
        let bless = if first { self.options.bless } else { Bless::No };
        if !first && self.options.bless == Bless::Accept {
            return result;
        }
        let file = snapshot_path(&self.case.file, &config.profiles[cell.profile]);
        match check_snapshot(self.case, &file, &recorded.text, bless) {
            Ok(()) => result,
            Err(failure) => CellResult::Failed(failure),
        }
    }
}

/// A broken case never takes the suite down; a panic here is ours, and is told.
fn guarded<T>(run: impl FnOnce() -> Result<T, CellResult>) -> Result<T, CellResult> {
    catch_unwind(AssertUnwindSafe(run))
        .unwrap_or_else(|_| Err(CellResult::failed("pg32 itself failed here; this is a bug in pg32")))
}
