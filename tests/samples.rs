//! Every cell of the samples as a test of its own: `cargo test` runs them all, `cargo nextest` shares them among
//! processes and, in partitions, among machines.

use libtest_mimic::{Arguments, Failed, Trial};
use pg32_assembler::render::Colour;
use pg32_harness::{Bless, CellResult, Loader, SuiteOptions, cells, find_cases, run_cell};
use pg32_isa::Profile;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

fn profile(name: &str, _: &Path) -> Result<Profile, String> {
    Profile::builtin(name).ok_or_else(|| format!("`{name}` is not built in"))
}

fn main() -> ExitCode {
    let loader: &'static Loader = Box::leak(Box::default());
    let options = || SuiteOptions { loader, profile: &profile, bless: Bless::No };
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/samples"));
    let cases = find_cases(&[folder], &options()).expect("the samples are there");
    let mut trials = Vec::new();
    for case in cases.into_iter().map(Arc::new) {
        let Ok(ready) = &case.ready else { panic!("{} cannot be read", case.name) };
        for (position, cell) in cells(&ready.config).into_iter().enumerate() {
            let profile = ready.config.profiles[cell.profile].name();
            let name = format!("{}::{}::{profile}::{}", case.name, cell.host, cell.engine.name());
            let case = Arc::clone(&case);
            trials.push(Trial::test(name.replace(' ', "-"), move || {
                let image = &case.ready.as_ref().map_err(|_| "it could be read before")?.image;
                match run_cell(&case, position, &options()) {
                    CellResult::Passed { .. } => Ok(()),
                    CellResult::NotRun => Err("it was not run".into()),
                    CellResult::Failed(failure) => {
                        let story = failure.story(image, ["bare", "this cell"], Colour::Never);
                        let more = story.or(failure.changes).unwrap_or_default();
                        Err(Failed::from(format!("{}\n{more}", failure.reason)))
                    }
                }
            }));
        }
    }
    assert!(!trials.is_empty(), "a run of nothing does not pass");
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
