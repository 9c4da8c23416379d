//! Other people's test suites, where a copy of them is at hand: riscv-tests (rv32ui and rv32um) and Embench, on
//! every engine, bare and under every monitor. Their code is no part of this repository:
//!
//!     PG32_RISCV_TESTS=…/riscv-tests PG32_EMBENCH=…/embench-iot cargo test --test foreign_suites
//!
//! Without these variables, or without the cross compiler, nothing is run, and a notice says so.

mod tool;

use libtest_mimic::{Arguments, Failed, Trial};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tool::cross::{Expected, available, build, everywhere, path, preprocess};
use tool::folder;

/// How much work an Embench program does, as its own build systems say it: the least.
const EMBENCH: &[&str] = &["-w", "-O2", "-DCPU_MHZ=1", "-DWARMUP_HEAT=1", "-DGLOBAL_SCALE_FACTOR=1"];
const LIBRARY: &[&str] = &["-specs=picolibc.specs", "-nostartfiles"];

fn main() -> ExitCode {
    let mut trials = Vec::new();
    if let Some(suite) = suite("PG32_RISCV_TESTS", &[]) {
        for part in ["rv32ui", "rv32um"] {
            let tests = files(&suite.join("isa").join(part), "S");
            assert!(!tests.is_empty(), "there are no tests in {}/isa/{part}", suite.display());
            trials.extend(tests.into_iter().map(|test| {
                let suite = suite.clone();
                Trial::test(format!("{part}::{}", stem(&test)), move || riscv_test(&suite, &test))
            }));
        }
    }
    if let Some(suite) = suite("PG32_EMBENCH", LIBRARY) {
        let programs = folders(&suite.join("src"));
        assert!(!programs.is_empty(), "there are no programs in {}/src", suite.display());
        trials.extend(programs.into_iter().map(|program| {
            let suite = suite.clone();
            Trial::test(format!("embench::{}", stem(&program)), move || embench(&suite, &program))
        }));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// The suite that the environment variable `name` says is at hand; a notice if none is.
fn suite(name: &str, flags: &[&str]) -> Option<PathBuf> {
    let Some(directory) = std::env::var_os(name) else {
        println!("skipped: {name} does not say where the suite is");
        return None;
    };
    available(flags).then(|| PathBuf::from(directory))
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory);
    let entries = entries.unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    paths
}

fn files(directory: &Path, extension: &str) -> Vec<PathBuf> {
    let all = entries(directory).into_iter();
    all.filter(|path| path.extension().is_some_and(|e| e == extension)).collect()
}

fn folders(directory: &Path) -> Vec<PathBuf> {
    entries(directory).into_iter().filter(|path| path.is_dir()).collect()
}

/// A test of riscv-tests, built by GNU as and ld, and by our own assembler.
fn riscv_test(suite: &Path, test: &Path) -> Result<(), Failed> {
    let out = folder(&[]);
    let includes = [
        format!("-I{}", path("samples/riscv-tests").display()),
        format!("-I{}", suite.join("isa/macros/scalar").display()),
    ];
    let [environment, macros] = &includes;
    let (script, source) = (path("samples/c/kernel.ld"), test.to_string_lossy());
    let gnu = [
        "-march=rv32im_zifencei",
        "-nostdlib",
        "-T",
        &script.to_string_lossy(),
        environment,
        macros,
        &source,
    ];
    build(suite, &gnu, &out.path().join("gnu.elf"))?;
    everywhere(out.path(), "gnu.elf", Expected::PASS)?;
    preprocess(suite, &[environment, macros], &source, &out.path().join("ours.s"))?;
    Ok(everywhere(out.path(), "ours.s", Expected::PASS)?)
}

/// A program of Embench, which says itself whether it computed what it should have.
fn embench(suite: &Path, program: &Path) -> Result<(), Failed> {
    let board = "void initialise_board(void) {} void start_trigger(void) {} void stop_trigger(void) {}";
    let out = folder(&[("board.c", board)]);
    let runtime = path("samples/c");
    let includes = [
        format!("-I{}", suite.join("support").display()),
        format!("-I{}", program.display()),
        format!("-T{}", runtime.join("kernel.ld").display()),
    ];
    let mut sources = vec![runtime.join("start.S"), runtime.join("picolibc.c"), out.path().join("board.c")];
    sources.extend(["main.c", "beebsc.c"].map(|file| suite.join("support").join(file)));
    sources.extend(files(program, "c"));
    let sources: Vec<String> = sources.iter().map(|path| path.to_string_lossy().into_owned()).collect();
    let names = includes.iter().chain(&sources).map(String::as_str).chain(["-lm"]);
    let args: Vec<&str> = EMBENCH.iter().chain(LIBRARY).copied().chain(names).collect();
    build(suite, &args, &out.path().join("program.elf"))?;
    Ok(everywhere(out.path(), "program.elf", Expected::PASS)?)
}
