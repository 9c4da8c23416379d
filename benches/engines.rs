//! How fast the machine is: C kernels compiled for the host, for PG32 and for QEMU's user mode run side by side,
//! per engine, bare and virtualized; and what single events cost.
//!
//! Times are user CPU times of whole processes, the best of a few, start-up and compilation included. What the
//! machine at hand lacks is left out, with a notice. `cargo bench -- WORD…` runs the guests whose names
//! contain one of the words.

use std::path::{Path, PathBuf};
use std::process::Command;

const PG32: &str = env!("CARGO_BIN_EXE_pg32");
const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const CROSS: &str = "riscv64-unknown-elf-gcc";
const QEMU: &str = "qemu-riscv32";
/// Runs of each program, of which the best counts.
const RUNS: usize = 3;
/// Steps no kernel comes near.
const STEPS: &str = "1000000000000";

/// What is measured, in the order of the columns: a heading, and the arguments of `pg32`.
const SUBJECTS: &[(&str, &[&str])] = &[
    ("fast", &["run", "--engine", "fast"]),
    ("jit", &["run", "--engine", "jit"]),
    ("fast, vmm", &["vmm", "--engine", "fast"]),
    ("jit, vmm", &["vmm", "--engine", "jit"]),
];

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let wanted = |path: &PathBuf| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        words.is_empty() || words.iter().any(|word| name.contains(word))
    };
    if !available(CROSS) {
        return;
    }
    let directory = std::env::temp_dir().join(format!("pg32-bench-{}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("a directory for what is built");
    kernels(&directory, sources("kernels", "c").into_iter().filter(wanted));
    events(&directory, sources("micro", "S").into_iter().filter(wanted));
    // Nothing depends on its going away.
    let _ = std::fs::remove_dir_all(&directory);
}

/// The ratios of C kernels to the host's own compiler, and their geometric means.
fn kernels(directory: &Path, sources: impl Iterator<Item = PathBuf>) {
    let native = available("gcc");
    let qemu = available(QEMU);
    print!("{:12}{:>10}{:>10}", "kernel", "native s", "qemu");
    SUBJECTS.iter().for_each(|(heading, _)| print!("{heading:>11}"));
    println!("   fast MIPS");
    let mut logarithms = vec![Vec::new(); SUBJECTS.len() + 1];
    for source in sources {
        let name = source.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let host = native.then(|| {
            let program = directory.join(format!("{name}.native"));
            build("gcc", &["-O2"], &[&source], &program);
            seconds(&program.to_string_lossy(), &[])
        });
        let emulated = qemu.then(|| {
            let program = directory.join(format!("{name}.qemu"));
            build(CROSS, &FREESTANDING, &[&path("benches/user.S"), &runtime(), &source], &program);
            seconds(QEMU, &[&program.to_string_lossy()])
        });
        let image = directory.join(format!("{name}.elf"));
        let start = path("samples/c/start.S");
        let script = format!("-T{}", path("samples/c/kernel.ld").display());
        build(CROSS, &[&FREESTANDING[..], &[&script]].concat(), &[&start, &runtime(), &source], &image);
        print!("{name:12}{:>10}", host.map_or("-".into(), |s| format!("{s:.3}")));
        let ours = SUBJECTS.iter().map(|(_, arguments)| guest(arguments, &image));
        let times: Vec<Option<f64>> = std::iter::once(emulated).chain(ours.map(Some)).collect();
        for (column, time) in times.iter().enumerate() {
            let width = if column == 0 { 10 } else { 11 };
            match (*time, host) {
                (Some(time), Some(host)) => {
                    logarithms[column].push((time / host).ln());
                    print!("{:>width$}", format!("{:.2}x", time / host));
                }
                (Some(time), None) => print!("{:>width$}", format!("{time:.3}s")),
                (None, _) => print!("{:>width$}", "-"),
            }
        }
        let steps = steps(&image);
        println!("{:>12.0}", times[1].map_or(0.0, |time| steps / time / 1e6));
    }
    print!("{:22}", "geometric mean");
    for (column, ratios) in logarithms.iter().enumerate() {
        let width = if column == 0 { 10 } else { 11 };
        let mean = (ratios.iter().sum::<f64>() / ratios.len() as f64).exp();
        print!("{:>width$}", if ratios.is_empty() { "-".into() } else { format!("{mean:.2}x") });
    }
    println!();
}

/// Nanoseconds per turn of small loops around one event each, bare and virtualized.
fn events(directory: &Path, sources: impl Iterator<Item = PathBuf>) {
    print!("\n{:12}", "event, ns");
    SUBJECTS.iter().for_each(|(heading, _)| print!("{heading:>11}"));
    println!();
    for source in sources {
        let name = source.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&source).expect("it was listed");
        let count = text.split("COUNT,").nth(1).and_then(|rest| rest.split_whitespace().next());
        let count: f64 = count.and_then(|n| n.parse().ok()).expect("the source sets COUNT");
        let image = directory.join(format!("{name}.elf"));
        build(CROSS, &[&FREESTANDING[..], &["-Ttext=0", "-Wl,-e,0x80"]].concat(), &[&source], &image);
        print!("{name:12}");
        SUBJECTS.iter().for_each(|(_, arguments)| print!("{:>11.1}", guest(arguments, &image) / count * 1e9));
        println!();
    }
}

/// Flags that both of the guest's worlds share.
const FREESTANDING: [&str; 7] = [
    "-O2",
    "-march=rv32im",
    "-mabi=ilp32",
    "-ffreestanding",
    "-nostdlib",
    "-Wl,--no-warn-rwx-segments",
    "-Wl,-z,noexecstack",
];

fn path(relative: &str) -> PathBuf {
    Path::new(ROOT).join(relative)
}

fn runtime() -> PathBuf {
    path("samples/c/runtime.c")
}

fn sources(directory: &str, extension: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(path("benches").join(directory)).expect("part of the repository");
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == extension));
    paths.sort();
    paths
}

/// Whether `tool` can be started; a notice if not.
fn available(tool: &str) -> bool {
    let there = Command::new(tool).arg("--version").output().is_ok();
    if !there {
        println!("left out: {tool} is not installed");
    }
    there
}

fn build(compiler: &str, flags: &[&str], sources: &[&Path], to: &Path) {
    let library: &[&str] = if compiler == CROSS { &["-lgcc"] } else { &[] };
    let result = Command::new(compiler).args(flags).args(sources).arg("-o").arg(to).args(library).output();
    let result = result.expect("the compiler was there before");
    assert!(result.status.success(), "{}", String::from_utf8_lossy(&result.stderr));
}

/// Seconds that `pg32` with `arguments` takes for `image`.
fn guest(arguments: &[&str], image: &Path) -> f64 {
    let image = image.to_string_lossy();
    let common = [&*image, "--memory", "16M", "--steps", STEPS];
    seconds(PG32, &[arguments, &common].concat())
}

/// User CPU seconds of `program`, by the shell's own account of its children.
fn seconds(program: &str, arguments: &[&str]) -> f64 {
    let once = || {
        let script = r#""$@" >/dev/null 2>&1; times"#;
        let output = Command::new("sh").args(["-c", script, "sh", program]).args(arguments).output();
        let text = String::from_utf8(output.expect("a shell").stdout).expect("digits");
        // The second line is of the children: user, then system, as 0m0.00s.
        let user = text.lines().nth(1).and_then(|line| line.split_whitespace().next()).expect("two lines");
        let (minutes, seconds) = user.trim_end_matches('s').split_once('m').expect("minutes and seconds");
        60.0 * minutes.parse::<f64>().expect("a number") + seconds.parse::<f64>().expect("a number")
    };
    (0..RUNS).map(|_| once()).fold(f64::INFINITY, f64::min)
}

/// Steps that `image` takes.
fn steps(image: &Path) -> f64 {
    let arguments = ["run", "--memory", "16M", "--steps", STEPS, "--state", "json"];
    let output = Command::new(PG32).args(arguments).arg(image).output().expect("our own program");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let steps = text
        .split("\"steps\":")
        .nth(1)
        .map(|rest| rest.trim_start().chars().take_while(char::is_ascii_digit).collect::<String>());
    steps.and_then(|n| n.parse().ok()).unwrap_or(f64::NAN)
}
