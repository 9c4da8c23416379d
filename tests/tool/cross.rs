//! Programs built by the cross compiler, and what they must do on every engine and under every monitor.

use super::pg32;
use pg32_vm::EngineKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub(crate) const COMPILER: &str = "riscv64-unknown-elf-gcc";

/// Flags of every program.
pub(crate) const TARGET: &[&str] = &["-march=rv32im", "-mabi=ilp32", "-Wl,--no-warn-rwx-segments"];

/// A file below the repository's root.
pub(crate) fn path(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(relative)
}

/// Whether the compiler takes `flags`; a notice if it does not, or is not there.
pub(crate) fn available(flags: &[&str]) -> bool {
    let nothing = ["-E", "-x", "c", "/dev/null", "-o", "/dev/null"];
    let result = Command::new(COMPILER).args(flags).args(nothing).output();
    let there = result.is_ok_and(|output| output.status.success());
    if !there {
        println!("skipped: no {COMPILER} {} here", flags.join(" "));
    }
    there
}

fn compiler(folder: &Path, args: &[&str]) -> Result<Output, String> {
    let mut command = Command::new(COMPILER);
    let output = command.args(TARGET).args(args).current_dir(folder).output();
    let output = output.map_err(|error| format!("{COMPILER}: {error}"))?;
    if output.status.success() {
        return Ok(output);
    }
    Err(format!("{COMPILER} {}: {}", args.join(" "), String::from_utf8_lossy(&output.stderr)))
}

/// Runs the compiler in `folder`, to make `to`.
pub(crate) fn build(folder: &Path, args: &[&str], to: &Path) -> Result<(), String> {
    compiler(folder, &[args, &["-o", &to.to_string_lossy()]].concat()).map(|_| ())
}

/// What `guest` is to do: halt with this in a0, after printing that.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expected<'a> {
    pub(crate) a0: u32,
    pub(crate) output: &'a str,
    pub(crate) input: Option<&'a str>,
}

impl Expected<'_> {
    /// Nothing printed, 0 in a0.
    pub(crate) const PASS: Expected<'static> = Expected { a0: 0, output: "", input: None };
}

/// Holds `guest`, a file in `folder`, to `expected` on every engine, bare and under every monitor.
pub(crate) fn everywhere(folder: &Path, guest: &str, expected: Expected<'_>) -> Result<(), String> {
    let mut common = vec!["--memory", "4M"];
    if let Some(input) = expected.input {
        std::fs::write(folder.join("tape"), input).map_err(|error| error.to_string())?;
        common.extend(["--input", "tape"]);
    }
    for engine in EngineKind::ALL.iter().map(|kind| kind.name()) {
        let run = pg32(folder, &[&["run", guest, "--engine", engine], &common[..]].concat());
        let told = format!("halted, a0 = {};", expected.a0);
        if !run.stderr.contains(&told) || run.stdout != expected.output {
            return Err(format!("{guest} on {engine}: {}{}", run.stdout, run.stderr));
        }
        let compare = pg32(folder, &[&["compare", guest, "--engine", engine], &common[..]].concat());
        if compare.status != 0 {
            return Err(format!("{guest} on {engine}: {}{}", compare.stdout, compare.stderr));
        }
    }
    Ok(())
}

/// Preprocesses `source` in `folder`, for our own assembler.
pub(crate) fn preprocess(folder: &Path, includes: &[&str], source: &str, to: &Path) -> Result<(), String> {
    build(folder, &[&["-E"], includes, &[source]].concat(), to)
}
