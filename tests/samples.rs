//! A suite as test programs meet it: a trial for each cell. `cargo test` runs them all, `cargo nextest` shares them
//! among processes and, in partitions, among machines. The suite is the samples, or the folder that `PG32_SUITE` names.

#[path = "../src/profile.rs"]
mod profile;

use libtest_mimic::{Arguments, Failed, Trial};
use pg32_assembler::render::Colour;
use pg32_harness::{Bless, Case, CellResult, Loader, SuiteOptions, cells, find_cases, run_cell};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/samples");

fn main() -> ExitCode {
    let loader: &'static Loader = Box::leak(Box::default());
    let options = SuiteOptions { loader, profile: &profile::find, bless: Bless::No };
    let folder = std::env::var_os("PG32_SUITE").map_or(PathBuf::from(SAMPLES), PathBuf::from);
    let cases = match find_cases(std::slice::from_ref(&folder), &options) {
        Ok(cases) => cases,
        Err(message) => panic!("{message}"),
    };
    let trials: Vec<Trial> = cases.into_iter().flat_map(|case| trials(Arc::new(case), loader)).collect();
    assert!(!trials.is_empty(), "a run of nothing does not pass");
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// A trial for each cell of a case; one that fails, if the case cannot be run.
fn trials(case: Arc<Case>, loader: &'static Loader) -> Vec<Trial> {
    let Ok(ready) = &case.ready else {
        let why = format!("{} cannot be read; pg32 test says why", case.file.display());
        return vec![Trial::test(case.name.clone(), || Err(why.into()))];
    };
    let trial = |(position, cell): (usize, pg32_harness::Cell)| {
        let profile = ready.config.profiles[cell.profile].name();
        let name = format!("{}::{}::{profile}::{}", case.name, cell.host, cell.engine.name());
        let case = Arc::clone(&case);
        Trial::test(name.replace(' ', "-"), move || run(&case, position, loader))
    };
    cells(&ready.config).into_iter().enumerate().map(trial).collect()
}

fn run(case: &Case, position: usize, loader: &Loader) -> Result<(), Failed> {
    let options = SuiteOptions { loader, profile: &profile::find, bless: Bless::No };
    let image = &case.ready.as_ref().map_err(|_| "it could be read before")?.image;
    match run_cell(case, position, &options) {
        CellResult::Passed { .. } => Ok(()),
        CellResult::NotRun => Err("it was not run".into()),
        CellResult::Failed(failure) => {
            let story = failure.story(image, ["bare", "this cell"], Colour::Never);
            let more = story.or(failure.changes).unwrap_or_default();
            Err(Failed::from(format!("{}\n{more}", failure.reason)))
        }
    }
}
