//! `pg32 new`: a project that builds and passes its first test.

use crate::args::{NewArgs, SourceArgs, Template};
use crate::failure::{Failure, Status};
use crate::{guests, output, profile};
use pg32_harness::{Bless, SuiteOptions, Unwatched, find_cases, run_cases, write_file};
use std::path::{Path, PathBuf};

const KERNEL: &str = include_str!("templates/kernel.s");
const HOST: &str = include_str!("templates/host.s");
const APP: &str = include_str!("templates/app.s");
const README: &str = include_str!("templates/README.md");
const MONITOR: &str = include_str!("../../samples/vmm/vmm.s");

/// What makes the monitor a column of its own project's suite.
const SUITE: &str = "# Every guest below runs under this monitor, too.\nvmm = \"vmm.s\"\n";

impl Template {
    /// The project's files.
    fn files(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Template::Kernel => &[("kernel.s", KERNEL)],
            Template::App => &[("kernel.s", HOST), ("app.s", APP)],
            Template::Vmm => &[("vmm.s", MONITOR), ("guest.s", KERNEL), ("pg32.toml", SUITE)],
        }
    }

    /// What the project's page says beside what all say.
    fn more(self) -> &'static str {
        match self {
            Template::Kernel => "`kernel.s` is the kernel; `pg32 run kernel.s` runs it.",
            Template::App => "`app.s` is the application, `kernel.s` the kernel that runs it.",
            Template::Vmm => {
                "`vmm.s` is a monitor in the machine's own instructions, `guest.s` a guest for it, and `pg32.toml` says \
that guests are tested under it:\n\n    \
pg32 compare --vmm vmm.s guest.s --memory 64K            # the guest bare and under it\n    \
pg32 compare --vmm vmm.s guest.s --memory 64K --depth 2  # the monitor on itself\n    \
pg32 fuzz --vmm vmm.s                                    # guests that tell"
            }
        }
    }
}

pub(crate) fn command(args: &NewArgs) -> Result<Status, Failure> {
    let folder = &args.name;
    if folder.exists() {
        return Err(Failure::usage(format!("{} is there already", folder.display())));
    }
    let name = folder.file_name().map(|n| n.to_string_lossy().into_owned());
    let name = name.ok_or_else(|| Failure::usage(format!("{} is no name", folder.display())))?;
    std::fs::create_dir_all(folder).map_err(|e| Failure::usage(format!("{}: {e}", folder.display())))?;
    let readme = README.replace("{name}", &name).replace("{more}", args.template.more());
    let files = args.template.files().iter().map(|(name, text)| (*name, *text));
    for (file, text) in files.chain([("README.md", readme.as_str()), (".gitignore", "*.snap.new\n")]) {
        let path = folder.join(file);
        write_file(&path, text.as_bytes()).map_err(|e| Failure::usage(format!("{}: {e}", path.display())))?;
    }
    bless(folder)?;
    let shown = folder.display();
    output::talk(&format!("created {shown}; next: cd {shown} && pg32 test"));
    Ok(Status::Holds)
}

/// Takes the first snapshots, and sees that every cell passes.
fn bless(folder: &Path) -> Result<(), Failure> {
    let loader = guests::loader(&SourceArgs::default())?;
    let options = SuiteOptions { loader: &loader, profile: &profile::find, bless: Bless::Accept };
    let paths: [PathBuf; 1] = [folder.to_owned()];
    let cases = find_cases(&paths, &options).map_err(Failure::usage)?;
    let reports = run_cases(cases, &options, &Unwatched);
    let passed = !reports.is_empty() && reports.iter().all(pg32_harness::CaseReport::passed);
    if passed {
        Ok(())
    } else {
        Err(Failure::usage("the new project does not pass its test; is the disk full?"))
    }
}
