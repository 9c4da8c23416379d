//! The assembler beside its peers: whole processes, from a source file of a million lines to an image; user CPU time and
//! peak memory, best of several runs. Peers that are not installed are left out.
//!
//! `cargo bench --bench assembler [-- LINES]`

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

const RUNS: usize = 5;

/// A source like those that compilers and people write: labels, branches, loads, stores, constants, addresses, data and
/// comments, about 25 bytes a line. The same every time.
fn source(lines: usize) -> String {
    const REGISTERS: [&str; 12] = ["a0", "a1", "a2", "a3", "a4", "a5", "s0", "s1", "t0", "t1", "t2", "ra"];
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move |bound: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 20) % bound
    };
    let mut text = String::with_capacity(lines * 26);
    text.push_str("        .text\n        .globl _start\n_start:\nlabel_0:\n");
    let mut label = 0;
    for _ in 0..lines {
        let mut register = || REGISTERS[next(12) as usize];
        let (a, b, c) = (register(), register(), register());
        let number = next(4096) as i64 - 2048;
        let near = label + 1 - next(label.min(20) + 1);
        let _ = match next(100) {
            0..8 => {
                label += 1;
                writeln!(text, "label_{label}:")
            }
            8..24 => writeln!(text, "        add     {a}, {b}, {c}"),
            24..40 => writeln!(text, "        addi    {a}, {b}, {number}"),
            40..55 => writeln!(text, "        lw      {a}, {}({b})", number & !3),
            55..67 => writeln!(text, "        sw      {a}, {}({b})", number & !3),
            67..77 => writeln!(text, "        bne     {a}, {b}, label_{near}"),
            77..82 => writeln!(text, "        li      {a}, {:#x}", next(1 << 32)),
            82..86 => writeln!(text, "        la      {a}, label_{near}"),
            86..90 => writeln!(text, "        # what the next lines are there for"),
            90..93 => writeln!(text, "        .word   {:#x}, label_{near}", next(1 << 32)),
            93..95 => writeln!(text, "        call    label_{near}"),
            _ => writeln!(text, "        addi    sp, sp, -16     # room"),
        };
    }
    let _ = writeln!(text, "label_{}:\n        nop", label + 1);
    text
}

/// Sources that are bad for assemblers, each with about a million of something.
fn bad_cases() -> [(&'static str, String); 4] {
    const MANY: usize = 1_000_000;
    let labels =
        (0..MANY).map(|i| format!("label_{i}:\n        beq     a0, a1, label_{}\n", (i + 1).min(MANY - 1)));
    [
        ("a million labels, each with a branch", labels.collect()),
        ("one line of 10 MB", format!(".data\n.byte 0{}\n", ",1".repeat(5 * MANY))),
        ("50 000 nested parentheses", format!(".word {}1{}\n", "(".repeat(50_000), ")".repeat(50_000))),
        // Each goes over its neighbours to the next block of them: near it is not, and `jal` reaches it.
        (
            "a million branches, all of them far",
            (0..MANY / 2000)
                .map(|i| {
                    format!("far_{i}:\n{}", format!("        beq     a0, a1, far_{}\n", i + 2).repeat(2000))
                })
                .chain([format!("far_{}:\nfar_{}:\n        nop\n", MANY / 2000, MANY / 2000 + 1)])
                .collect(),
        ),
    ]
}

/// The least user CPU seconds, and the peak in megabytes, of a command; `None` if it cannot be run.
fn measure(program: &str, arguments: &[&str]) -> Option<(f64, f64)> {
    let mut best: Option<(f64, f64)> = None;
    for _ in 0..RUNS {
        let output =
            Command::new("/usr/bin/time").args(["-f", "%U %M", program]).args(arguments).output().ok()?;
        if !output.status.success() {
            return None;
        }
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        let mut numbers = text.lines().last()?.split(' ').map(str::parse::<f64>);
        let (seconds, kilobytes) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
        best = Some(
            best.map_or((seconds, kilobytes / 1024.0), |(s, k)| (s.min(seconds), k.min(kilobytes / 1024.0))),
        );
    }
    best
}

fn main() {
    let lines = std::env::args().skip(1).find_map(|a| a.parse().ok()).unwrap_or(1_000_000);
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (input, output) = (directory.join("bench.s"), directory.join("bench.out"));
    let text = source(lines);
    println!("{lines} lines, {:.1} MB; user CPU seconds, best of {RUNS}", text.len() as f64 / 1e6);
    std::fs::write(&input, text).expect("a writable target directory");
    let (input, output) =
        (input.to_str().expect("a path in UTF-8"), output.to_str().expect("a path in UTF-8"));
    let llvm = ["-triple=riscv32", "-mattr=+m", "-filetype=obj", input, "-o", output];
    let peers: [(&str, &str, &[&str]); 4] = [
        ("pg32 asm", env!("CARGO_BIN_EXE_pg32"), &["asm", "--color", "never", input, "-o", output]),
        ("llvm-mc-19", "llvm-mc-19", &llvm),
        ("llvm-mc", "llvm-mc", &llvm),
        (
            "GNU as",
            "riscv64-unknown-elf-as",
            &["-march=rv32im", "-mabi=ilp32", "-mno-relax", input, "-o", output],
        ),
    ];
    let mut ours = None;
    for (name, program, arguments) in peers {
        let Some((seconds, megabytes)) = measure(program, arguments) else {
            println!("{name:<12} not installed, or it failed");
            continue;
        };
        let own = *ours.get_or_insert(seconds);
        println!("{name:<12} {seconds:>6.2} s  {:>5.2} times pg32  {megabytes:>6.0} MB", seconds / own);
    }
    println!("\nwhat is bad for assemblers, pg32 asm alone:");
    for (name, text) in bad_cases() {
        let size = text.len() as f64 / 1e6;
        std::fs::write(input, text).expect("a writable target directory");
        match measure(env!("CARGO_BIN_EXE_pg32"), &["asm", "--color", "never", input, "-o", output]) {
            Some((seconds, megabytes)) => {
                println!("{seconds:>6.2} s  {megabytes:>4.0} MB  {name}, {size:.1} MB")
            }
            None => println!("failed: {name}"),
        }
    }
}
