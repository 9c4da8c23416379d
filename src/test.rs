//! `pg32 test`: a suite, every case in every cell of its matrix.

mod watch;

use crate::args::{TestArgs, TestFormat};
use crate::failure::{Failure, Status};
use crate::{guests, output, profile};
use pg32_harness::{
    Bless, Case, CaseSummary, Replay, Shard, SuiteOptions, SuiteSummary, Watch, find_cases,
    github_annotations, html_report, is_source, junit_report, remove_leftovers, replays, run_cases,
    suite_table, unreferenced_snapshots, write_file,
};
use std::path::{Path, PathBuf};
use watch::{Watcher, event};

pub(crate) fn command(args: &TestArgs) -> Result<Status, Failure> {
    let (paths, filters) = sort_out(&args.what)?;
    let loader = guests::loader(&args.source())?;
    let options = SuiteOptions { loader: &loader, profile: &profile::find, bless: bless(args.accept) };
    let pool = args.jobs.pool()?;
    pool.install(|| {
        let cases = find_cases(&paths, &options).map_err(Failure::usage)?;
        let folders: Vec<PathBuf> = paths.iter().filter(|p| p.is_dir()).cloned().collect();
        if options.bless != Bless::No {
            remove_leftovers(&folders);
        }
        let stray = unreferenced_snapshots(&folders, &cases.iter().collect::<Vec<_>>());
        let wanted = |case: &Case| filters.iter().all(|filter| case.name.contains(filter.as_str()));
        let shard = args.shard.unwrap_or(Shard::ALL);
        let cases: Vec<Case> = cases
            .into_iter()
            .filter(wanted)
            .enumerate()
            .filter(|(n, _)| shard.has(*n))
            .map(|(_, c)| c)
            .collect();
        if args.format == TestFormat::Json {
            output::result(event("suite", &Start { schema: 1, cases: cases.len() }).as_bytes());
        }
        let watcher = Watcher::new(args.format);
        let reports = run_cases(cases, &options, &watcher);
        watcher.finish();
        let summary = SuiteSummary::new(&reports, &stray);
        if args.format != TestFormat::Json {
            output::result(suite_table(&reports).as_bytes());
        }
        tell(&summary, args);
        write_reports(&summary, args)?;
        args.save_replays.as_ref().map_or(Ok(()), |folder| write_replays(folder, &replays(&reports)))?;
        Ok(conclude(&summary, &watcher))
    })
}

/// What the first event says.
#[derive(serde::Serialize)]
struct Start {
    schema: u32,
    cases: usize,
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

/// What failed, and the counts.
fn tell(summary: &SuiteSummary, args: &TestArgs) {
    let counts = summary.counts;
    if args.format == TestFormat::Json {
        #[derive(serde::Serialize)]
        struct End<'a> {
            #[serde(flatten)]
            counts: pg32_harness::Counts,
            unreferenced: &'a [String],
        }
        let end = End { counts, unreferenced: &summary.unreferenced };
        output::result(event("end", &end).as_bytes());
        return;
    }
    for case in &summary.cases {
        explain(case);
    }
    for path in &summary.unreferenced {
        output::talk(&format!("unreferenced snapshot: {path}"));
    }
    let not_run = match counts.cells_not_run {
        0 => String::new(),
        n => format!("; interrupted: {n} cells were not run"),
    };
    let (cells, passed, failed) = (counts.cells, counts.passed, counts.failed);
    output::result(format!("\n{cells} cells; cases: {passed} passed, {failed} failed{not_run}\n").as_bytes());
    if args.format == TestFormat::Github {
        output::result(github_annotations(summary).as_bytes());
    }
}

/// Lines of a snapshot's changes that are shown.
const SHOWN_CHANGES: usize = 60;

/// Why a case failed.
fn explain(case: &CaseSummary) {
    let name = &case.case;
    if let Some(problem) = &case.problem {
        output::talk(&format!("\n{name}: {}", problem.message));
    }
    for (cells, failure) in case.failures() {
        let others = match cells.len() - 1 {
            0 => String::new(),
            1 => " and 1 more cell".to_owned(),
            n => format!(" and {n} more cells"),
        };
        output::talk(&format!("\n{name} [{}{others}]: {}", cells[0].cell, failure.reason));
        if let Some(story) = &failure.story {
            output::talk(story);
        }
        if let Some(changes) = &failure.changes {
            let all = changes.lines().count();
            for line in changes.lines().take(SHOWN_CHANGES) {
                output::talk(&format!("  {line}"));
            }
            if all > SHOWN_CHANGES {
                output::talk(&format!("  … {} more lines", all - SHOWN_CHANGES));
            }
        }
    }
}

fn write_reports(summary: &SuiteSummary, args: &TestArgs) -> Result<(), Failure> {
    let write = |file: &Option<PathBuf>, text: &dyn Fn() -> String| match file {
        None => Ok(()),
        Some(file) => write_file(file, text().as_bytes())
            .map_err(|e| Failure::usage(format!("{}: {e}", file.display()))),
    };
    write(&args.junit, &|| junit_report(summary))?;
    write(&args.report, &|| html_report(summary))
}

fn write_replays(folder: &Path, replays: &[(String, Replay)]) -> Result<(), Failure> {
    let fail = |file: &Path, e: std::io::Error| Failure::usage(format!("{}: {e}", file.display()));
    std::fs::create_dir_all(folder).map_err(|e| fail(folder, e))?;
    for (name, replay) in replays {
        let file = folder.join(name);
        write_file(&file, replay.to_json().as_bytes()).map_err(|e| fail(&file, e))?;
        output::talk(&format!("next: pg32 compare --replay {}", file.display()));
    }
    Ok(())
}

fn conclude(summary: &SuiteSummary, watcher: &Watcher) -> Status {
    let counts = summary.counts;
    if summary.cases.is_empty() {
        output::talk("nothing matched: a suite that runs no case does not pass");
        Status::NothingMatched
    } else if counts.failed > 0 || (in_ci() && !summary.unreferenced.is_empty()) {
        Status::No
    } else if watcher.interrupted() && counts.not_run > 0 {
        Status::Inconclusive
    } else {
        Status::Holds
    }
}
