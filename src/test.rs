//! `pg32 test`: a suite, every case in every cell of its matrix.

use crate::args::TestArgs;
use crate::failure::{Failure, Status};
use crate::{guests, output};
use pg32_harness::{
    Bless, Case, CaseError, CaseReport, CellResult, SuiteOptions, describe_divergence, find_cases, run_cases,
    suite_table, unreferenced_snapshots,
};
use std::path::PathBuf;

pub(crate) fn command(args: &TestArgs) -> Result<Status, Failure> {
    let (paths, filters) = sort_out(&args.what);
    let loader = guests::loader(&args.source);
    let options = SuiteOptions { loader: &loader, profile: &crate::profile::find, bless: bless(args.accept) };
    let jobs = args.jobs.map_or(0, usize::from);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs).build().map_err(Failure::usage)?;
    pool.install(|| {
        let cases = find_cases(&paths, &options).map_err(Failure::usage)?;
        let folders: Vec<PathBuf> = paths.iter().filter(|p| p.is_dir()).cloned().collect();
        let stray = unreferenced_snapshots(&folders, &cases.iter().collect::<Vec<_>>());
        let wanted = |case: &Case| filters.iter().all(|filter| case.name.contains(filter.as_str()));
        let reports = run_cases(cases, &options, &wanted);
        Ok(report(&reports, &stray, args))
    })
}

/// Paths and filters: a word that names a file or folder is one, any other is a filter.
fn sort_out(words: &[String]) -> (Vec<PathBuf>, Vec<String>) {
    let (paths, filters): (Vec<&String>, Vec<&String>) =
        words.iter().partition(|w| PathBuf::from(w).exists());
    let mut paths: Vec<PathBuf> = paths.into_iter().map(PathBuf::from).collect();
    if paths.is_empty() {
        paths.push(PathBuf::from("."));
    }
    (paths, filters.into_iter().cloned().collect())
}

/// What to do with snapshots: `INSTA_UPDATE` and `CI` mean what they mean to insta.
fn bless(accept: bool) -> Bless {
    if accept {
        return Bless::Accept;
    }
    let update = std::env::var("INSTA_UPDATE").unwrap_or_else(|_| "auto".into());
    match update.as_str() {
        "always" => Bless::Accept,
        "no" => Bless::No,
        "auto" if in_ci() => Bless::No,
        _ => Bless::Pending,
    }
}

fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|v| !matches!(v.as_str(), "" | "0" | "false"))
}

fn report(reports: &[CaseReport], stray: &[PathBuf], args: &TestArgs) -> Status {
    output::result(suite_table(reports).as_bytes());
    for report in reports.iter().filter(|r| !r.passed()) {
        explain(report, args);
    }
    for path in stray {
        output::talk(&format!("unreferenced snapshot: {}", path.display()));
    }
    let cells: usize = reports.iter().map(|r| r.cells.len()).sum();
    let failed = reports.iter().filter(|r| !r.passed()).count();
    let passed = reports.len() - failed;
    output::result(format!("\n{} cells; cases: {passed} passed, {failed} failed\n", cells).as_bytes());
    if reports.is_empty() {
        output::talk("nothing matched: a suite that runs no case does not pass");
        Status::NothingMatched
    } else if failed > 0 || (in_ci() && !stray.is_empty()) {
        Status::No
    } else {
        Status::Holds
    }
}

/// Why a case failed.
fn explain(report: &CaseReport, args: &TestArgs) {
    let name = &report.case.name;
    let ready = match &report.case.ready {
        Err(CaseError::Config(error)) => return output::talk(&format!("\n{name}: {error}")),
        Err(CaseError::Other(message)) => return output::talk(&format!("\n{name}: {message}")),
        Err(CaseError::Load(error)) => {
            output::talk(&format!("\n{name}: cannot be loaded"));
            return guests::show_load_error(error, &args.source);
        }
        Ok(ready) => ready,
    };
    for (cell, result) in &report.cells {
        let CellResult::Failed { reason, divergence } = result else { continue };
        let profile = ready.config.profiles[cell.profile].name();
        output::talk(&format!("\n{name} [{} {profile} {}]: {reason}", cell.host, cell.engine.name()));
        if let Some(divergence) = divergence {
            output::talk(&describe_divergence(divergence, &ready.image, ["bare", "virtual"]));
        }
    }
}
