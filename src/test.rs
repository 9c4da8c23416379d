//! `pg32 test`: a suite, every case in every cell of its matrix.

use crate::args::TestArgs;
use crate::failure::{Failure, Status};
use crate::{diagnostics, guests, output, profile};
use pg32_harness::{
    Bless, Case, CaseError, CaseReport, CellResult, Divergence, LoadError, Ready, SuiteOptions,
    describe_divergence, find_cases, is_source, run_cases, suite_table, unreferenced_snapshots,
};
use std::path::{Path, PathBuf};

pub(crate) fn command(args: &TestArgs) -> Result<Status, Failure> {
    let (paths, filters) = sort_out(&args.what)?;
    let loader = guests::loader(&args.source)?;
    let options = SuiteOptions { loader: &loader, profile: &profile::find, bless: bless(args.accept) };
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

/// Paths and filters: a word that names a file or folder is one, any other is a filter, unless it looks like a
/// path that was meant to be there.
fn sort_out(words: &[String]) -> Result<(Vec<PathBuf>, Vec<String>), Failure> {
    let (paths, filters): (Vec<String>, Vec<String>) =
        words.iter().cloned().partition(|word| Path::new(word).exists());
    if let Some(missing) = filters.iter().find(|w| is_source(Path::new(w)) || w.ends_with('/')) {
        return Err(Failure::usage(format!("{missing}: there is no such file or folder")));
    }
    let mut paths: Vec<PathBuf> = paths.into_iter().map(PathBuf::from).collect();
    if paths.is_empty() {
        paths.push(PathBuf::from("."));
    }
    Ok((paths, filters))
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
        Err(CaseError::Load(LoadError::Rejected(assembly))) => {
            output::talk(&format!("\n{name}: the source was rejected"));
            return diagnostics::show(assembly, &args.source);
        }
        Err(CaseError::Load(error)) => return output::talk(&format!("\n{name}: {error}")),
        Ok(ready) => ready,
    };
    for failure in failures(report, ready) {
        let Failures { cells, reason, divergence } = failure;
        let others = match cells.len() - 1 {
            0 => String::new(),
            1 => " and 1 more cell".to_owned(),
            n => format!(" and {n} more cells"),
        };
        output::talk(&format!("\n{name} [{}{others}]: {reason}", cells[0]));
        if let Some(divergence) = divergence {
            output::talk(&describe_divergence(divergence, &ready.image, ["bare", "virtual"]));
        }
    }
}

/// Cells that failed for one reason: it is told once, with the first of them.
struct Failures<'a> {
    cells: Vec<String>,
    reason: &'a str,
    divergence: Option<&'a Divergence>,
}

fn failures<'a>(report: &'a CaseReport, ready: &Ready) -> Vec<Failures<'a>> {
    let mut list: Vec<Failures<'a>> = Vec::new();
    for (cell, result) in &report.cells {
        let CellResult::Failed { reason, divergence } = result else { continue };
        let profile = ready.config.profiles[cell.profile].name();
        let label = format!("{}, {profile}, {}", cell.host, cell.engine.name());
        match list.iter_mut().find(|f| f.reason == reason) {
            Some(known) => known.cells.push(label),
            None => {
                list.push(Failures { cells: vec![label], reason, divergence: divergence.as_deref() });
            }
        }
    }
    list
}
