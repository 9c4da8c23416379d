//! How many cells a suite gets through: generated cases in their whole matrix, by number of cases and of threads.
//!
//! `cargo bench --bench suite -- [CASES]`; the default is 1000. Wall-clock seconds of whole processes, the best of
//! three; the snapshots are blessed first.

use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

const PG32: &str = env!("CARGO_BIN_EXE_pg32");
const RUNS: usize = 3;

fn main() {
    let given = std::env::args().skip(1).find_map(|word| word.parse().ok());
    let most: usize = given.unwrap_or(1000);
    let folder = std::env::temp_dir().join(format!("pg32-suite-{}", std::process::id()));
    println!("{:>8} {:>8} {:>10} {:>10}", "cases", "threads", "seconds", "cells/s");
    for cases in [most / 10, most] {
        generate(&folder, cases);
        test(&folder, &["--accept"]);
        for threads in ["1", "2"] {
            let seconds = (0..RUNS).map(|_| test(&folder, &["-j", threads]).0).fold(f64::INFINITY, f64::min);
            let cells = test(&folder, &["-j", threads]).1;
            println!("{cases:>8} {threads:>8} {seconds:>10.2} {:>10.0}", cells as f64 / seconds);
        }
    }
    // Nothing depends on its going away.
    let _ = std::fs::remove_dir_all(&folder);
}

/// Kernels that differ in their numbers: a loop of work, a system call now and then, a timer.
fn generate(folder: &Path, cases: usize) {
    let _ = std::fs::remove_dir_all(folder);
    std::fs::create_dir_all(folder).expect("a folder for the cases");
    for case in 0..cases {
        let (rounds, work, timer) = (3 + case % 17, 10 + case % 101, 20 + case % 37);
        let mut source = String::new();
        let _ = write!(
            source,
            "        .include \"pg32.inc\"\n        .section .trap\n        .org PSW_NEW\n        .word MODE_S, 0, 0, trap, 0\n\
             \x20       .text\n_start: rdl t0\n        sw t0, PSW_NEW+PSW_L(zero)\n        li s0, {rounds}\n        lpsw user(zero)\n\
             trap:   lw t1, PSW_OLD+PSW_STATUS(zero)\n        srli t1, t1, 8\n        li t2, CAUSE_TIMER\n        beq t1, t2, resume\n\
             \x20       lw t1, PSW_OLD+PSW_PC(zero)\n        addi t1, t1, 4\n        sw t1, PSW_OLD+PSW_PC(zero)\n\
             \x20       addi s0, s0, -1\n        beqz s0, done\n\
             resume: li t1, {timer}\n        sw t1, PSW_OLD+PSW_T(zero)\n        lpsw PSW_OLD(zero)\n\
             done:   li a0, 0\n        halt\n\
             program: li s1, {work}\n1:      addi s1, s1, -1\n        bnez s1, 1b\n        ecall\n        j program\n\
             \x20       .data\nuser:   .word MODE_U, 0, 0x1000, program, {timer}\n"
        );
        std::fs::write(folder.join(format!("case{case:05}.s")), source).expect("a case");
    }
}

/// Seconds and cells of one run.
fn test(folder: &Path, args: &[&str]) -> (f64, u64) {
    let started = Instant::now();
    let output = Command::new(PG32)
        .arg("test")
        .arg(folder)
        .args(args)
        .env("INSTA_UPDATE", "no")
        .stdin(Stdio::null())
        .output()
        .expect("the program starts");
    let seconds = started.elapsed().as_secs_f64();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    let cells =
        text.lines().find_map(|line| line.split_once(" cells;")).and_then(|(n, _)| n.trim().parse().ok());
    (seconds, cells.expect("a line that counts the cells"))
}
