//! The program as its users meet it: exit statuses, streams, and what wrong inputs are told.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

struct Answer {
    status: i32,
    stdout: String,
    stderr: String,
}

fn pg32_in(folder: &Path, args: &[&str], input: &str) -> Answer {
    use std::io::Write;
    let mut child = Command::new(env!("CARGO_BIN_EXE_pg32"))
        .args(args)
        .current_dir(folder)
        .env("INSTA_UPDATE", "no")
        .env_remove("CI")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // A program that does not read its input closes the pipe.
    let _ = child.stdin.take().expect("it is piped").write_all(input.as_bytes());
    let Output { status, stdout, stderr } = child.wait_with_output().expect("the program ends");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let status = status.code().expect("the program is not killed");
    Answer { status, stdout: text(stdout), stderr: text(stderr) }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn pg32(args: &[&str]) -> Answer {
    pg32_in(&root(), args, "")
}

/// A folder with these files in it.
fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, bytes) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("it is below the folder")).expect("a folder");
        std::fs::write(path, bytes).expect("a file");
    }
    folder
}

const EXIT_7: &str = "_start: li a0, 7\n halt\n";
const LOOP: &str = "_start: j _start\n";
/// Reads its mode and prints it: what m68k gives away.
const MODE: &str = "_start:\n rdm a1\n addi a1, a1, '0'\n out a1, 0(zero)\n li a0, 0\n halt\n";

#[test]
fn every_sample_passes_in_every_cell() {
    let answer = pg32(&["test", "samples"]);
    assert_eq!(answer.status, 0, "{}{}", answer.stdout, answer.stderr);
    assert!(answer.stdout.contains("03-system-calls/kernel"), "{}", answer.stdout);
}

#[test]
fn run_answers_with_the_guests_status() {
    let run = |source: &str, args: &[&str]| {
        let all: Vec<&str> = ["run", "-"].iter().chain(args).copied().collect();
        pg32_in(&root(), &all, source)
    };
    assert_eq!(run(EXIT_7, &[]).status, 1);
    assert_eq!(run("_start: li a0, 0\n halt\n", &["--steps", "2"]).status, 0, "it halts on the last step");
    assert_eq!(run("_start: li a0, 0\n halt\n", &["--steps", "1"]).status, 5);
    assert_eq!(run(LOOP, &["--steps", "1000"]).status, 5);
    assert_eq!(run("_start: frob a0\n", &[]).status, 3);
    let print = "_start: out a0, 0(zero)\n j _start\n";
    let limited = run(print, &["--output-limit", "10"]);
    assert_eq!(
        (limited.status, limited.stdout.len()),
        (5, 11),
        "it stops behind the step that exceeds the limit"
    );
}

#[test]
fn the_state_is_the_object_of_the_contract() {
    let args = ["run", "-", "--state", "json", "--memory", "132", "--steps", "1"];
    let answer = pg32_in(&root(), &args, EXIT_7);
    let expected = "{\"schema\":1,\"halted\":false,\"steps\":1,\
        \"psw\":{\"m\":\"s\",\"b\":0,\"l\":132,\"pc\":132,\"t\":0},\
        \"x\":[0,0,0,0,0,0,0,0,0,0,7,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],\
        \"console\":{\"output\":\"\",\"input_position\":0},\
        \"storage\":{\"size\":132,\"nonzero\":[[128,\"13057000\"]]}}\n";
    // The image does not fit: `halt` lies at 132.
    assert_eq!(answer.status, 2, "{}", answer.stderr);
    let args = ["run", "-", "--state", "json", "--memory", "132", "--steps", "1"];
    let answer = pg32_in(&root(), &args, "_start: li a0, 7\n");
    assert_eq!((answer.status, answer.stdout.as_str()), (5, expected));
}

#[test]
fn bare_and_virtual_states_are_the_same_bytes() {
    let state = |args: &[&str]| {
        let all: Vec<&str> =
            args.iter().copied().chain(["samples/05-preemptive/kernel.s", "--state", "json"]).collect();
        pg32(&all).stdout
    };
    for steps in ["0", "1", "100", "1234", "100000"] {
        let bare = state(&["run", "--steps", steps]);
        for monitor in ["trap-and-emulate", "hybrid", "translate", "interpret"] {
            let virt = state(&["vmm", "--monitor", monitor, "--depth", "3", "--steps", steps]);
            assert_eq!(bare, virt, "{monitor} at step {steps}");
        }
    }
}

/// Counts, then tells its mode.
const FAR: &str = "\
        .if     COUNT
_start: li      s0, COUNT
loop:   addi    s0, s0, -1
        bnez    s0, loop
        .endif
        rdm     a1
spin:   j       spin
";

/// A divergence at the first step, the millionth and the thousand millionth is found to the step and the line.
#[test]
fn a_divergence_is_found_however_far_it_lies() {
    let folder = folder(&[("far.s", FAR.as_bytes())]);
    for (count, step) in [(0u64, 1), (499_999, 1_000_001), (499_999_999, 1_000_000_001)] {
        let define = format!("COUNT={count}");
        let args = ["compare", "far.s", "--profile", "m68k", "--monitor", "trap-and-emulate", "-D", &define];
        let answer = pg32_in(folder.path(), &[&args[..], &["--steps", "2000000000"]].concat(), "");
        assert_eq!(answer.status, 1, "{}", answer.stderr);
        let said = format!("they part at step {step}\n");
        assert!(answer.stdout.contains(&said), "{said}: {}", answer.stdout);
        assert!(answer.stdout.contains("far.s:6:9 ]"), "{}", answer.stdout);
    }
}

/// Prints, loads from outside storage, and tells its mode in the handler: an exit of each kind before the runs part.
const EXITS: &str = "\
        .include \"pg32.inc\"
        .section .trap
        .org    PSW_NEW
        .word   MODE_S, 0, 0x1000, handler, 0
        .text
        .globl  _start
_start: li      a0, '!'
        out     a0, PORT_CONSOLE(zero)
        rdm     a1                      # parts at once where it executes
        lw      a2, -4(zero)
        nop
handler:
        setr    zero, a0
        halt
";

#[test]
fn a_divergence_tells_the_last_exit() {
    let folder = folder(&[]);
    let compare = |text: &str, monitor: &str| {
        std::fs::write(folder.path().join("exits.s"), text).expect("a file");
        let args =
            ["compare", "exits.s", "--profile", "m68k", "--memory", "4K", "--steps", "50", "--depth", "2"];
        let answer = pg32_in(folder.path(), &[&args[..], &["--monitor", monitor]].concat(), "");
        assert_eq!(answer.status, 1, "{}", answer.stderr);
        answer.stdout
    };
    let interpreted = compare(EXITS, "trap-and-emulate");
    // Without the first, the runs part in the handler, behind a trap that was reflected.
    let later =
        EXITS.replace("        rdm     a1 ", "        nop     # ").replace("setr    zero, a0", "rdm     a1");
    let reflected = compare(&later, "trap-and-emulate");
    insta::assert_snapshot!("compare_last_exit", format!("{interpreted}\n{reflected}"));
}

#[test]
fn compare_names_the_step_and_the_line() {
    let folder = folder(&[("mode.s", MODE.as_bytes())]);
    let answer = pg32_in(folder.path(), &["compare", "mode.s", "--profile", "m68k"], "");
    assert_eq!(answer.status, 1);
    insta::assert_snapshot!("compare_m68k", answer.stdout);
    assert_eq!(pg32_in(folder.path(), &["compare", "mode.s"], "").status, 0);
}

#[test]
fn guests_that_share_a_machine_do_not_notice() {
    let files = ["samples/05-preemptive/kernel.s", "samples/06-overstep/kernel.s"];
    let state = |file| pg32(&["run", file, "--state", "json"]).stdout;
    let alone = format!("[{},{}]\n", state(files[0]).trim(), state(files[1]).trim());
    for slice in ["1", "7", "1000"] {
        let together = pg32(&["vmm", files[0], files[1], "--slice", slice, "--state", "json"]);
        assert_eq!((together.status, &together.stdout), (0, &alone), "slices of {slice}");
    }
}

#[test]
fn a_trap_storm_is_reported_by_name_and_soon() {
    let answer = pg32(&["run", "samples/09-trap-storm.s", "--steps", "1000000000000000"]);
    assert_eq!(answer.status, 5);
    assert!(answer.stderr.contains("trap storm"), "{}", answer.stderr);
    let answer = pg32(&["vmm", "samples/09-trap-storm.s", "--steps", "1000000000000000"]);
    assert_eq!(answer.status, 5);
    assert!(answer.stderr.contains("trap storm"), "{}", answer.stderr);
}

/// Each is told in one message, with the status of the contract.
#[test]
fn wrong_inputs_get_one_clear_error() {
    let folder = folder(&[
        ("ok.s", EXIT_7.as_bytes()),
        ("empty.s", b""),
        ("empty.bin", b""),
        ("nul.s", &[0; 1000]),
        ("binary.s", &[0xff, 0xfe, 0x00, 0x80]),
        ("huge.s", b".data\n.space 0xffffffff\n"),
        ("fill.s", b"x: .fill 0x7fffffff, 8, 1\n"),
        ("self.s", b".include \"self.s\"\n"),
        ("missing.s", b".include \"nowhere.inc\"\n"),
        ("large.bin", &[1; 2000]),
        ("elf", b"\x7fELF\x01\x01\x01\x00 and nothing more"),
    ]);
    let cases: &[(&[&str], i32)] = &[
        (&["run", "ok.s", "--memory", "99999G"], 2),
        (&["run", "ok.s", "--memory", "130"], 2),
        (&["run", "ok.s", "--memory", "127"], 2),
        (&["run", "ok.s", "--memory", "-4"], 2),
        (&["run", "ok.s", "--memory", "1T"], 2),
        (&["run", "ok.s", "--steps", "-1"], 2),
        (&["run", "ok.s", "--steps", "99999999999999999999"], 2),
        (&["run", "ok.s", "--profile", "vax"], 2),
        (&["run", "ok.s", "--engine", "warp"], 2),
        (&["run", "ok.s", "--input", "nowhere"], 2),
        (&["run", "nowhere.s"], 2),
        (&["run", "."], 2),
        (&["run", "empty.s"], 2),
        (&["run", "empty.bin"], 2),
        (&["run", "elf"], 2),
        (&["run", "large.bin", "--memory", "1K"], 2),
        (&["vmm", "large.bin", "--memory", "1K"], 2),
        (&["compare", "large.bin", "--memory", "1K"], 2),
        (&["vmm", "ok.s", "--memory", "2G"], 2),
        (&["vmm", "ok.s", "--depth", "0"], 2),
        (&["vmm", "ok.s", "--slice", "0"], 2),
        (&["run", "nul.s"], 3),
        (&["run", "binary.s"], 3),
        (&["run", "huge.s"], 3),
        (&["run", "fill.s"], 3),
        (&["run", "self.s"], 3),
        (&["run", "missing.s"], 3),
        (&["check", "missing.s"], 3),
        (&["asm", "missing.s", "-o", "out"], 3),
        (&["asm", "ok.s", "-o", "no/such/folder/out"], 2),
        (&["test", "nowhere.s"], 2),
        (&["test", "no-such-case"], 4),
        (&["diff", "ok.s", "ok.s"], 2),
        (&["explain", "E9999"], 2),
        (&["frobnicate"], 2),
    ];
    for (args, status) in cases {
        let answer = pg32_in(folder.path(), args, "");
        assert_eq!(answer.status, *status, "{args:?}: {}{}", answer.stdout, answer.stderr);
        let said = answer.stdout.len() + answer.stderr.len();
        assert!((1..4000).contains(&said), "{args:?} is told in {said} bytes: {}", answer.stderr);
        assert!(!answer.stderr.contains("panicked"), "{args:?}: {}", answer.stderr);
    }
}

#[test]
fn a_suite_blesses_only_when_asked_and_tells_what_changed() {
    let folder = folder(&[("suite/seven.s", EXIT_7.as_bytes()), ("suite/mode.s", MODE.as_bytes())]);
    let test = |args: &[&str]| {
        let all: Vec<&str> = ["test", "suite"].iter().chain(args).copied().collect();
        pg32_in(folder.path(), &all, "")
    };
    assert_eq!(test(&[]).status, 1, "there are no snapshots yet");
    assert!(!folder.path().join("suite/snapshots").exists(), "INSTA_UPDATE=no writes nothing");
    assert_eq!(test(&["--accept"]).status, 0);
    assert_eq!(test(&[]).status, 0);
    let changed = EXIT_7.replace('7', "8");
    std::fs::write(folder.path().join("suite/seven.s"), changed).expect("a file");
    let answer = test(&[]);
    assert_eq!(answer.status, 1);
    assert!(
        answer.stderr.contains("`outcome: halted, a0 = 7` has become `outcome: halted, a0 = 8`"),
        "{}",
        answer.stderr
    );
    assert_eq!(test(&["mode"]).status, 0, "a filter leaves the failing case out");
}

#[test]
fn a_broken_case_does_not_take_the_suite_down() {
    let broken: &[(&str, &[u8])] = &[
        ("a-good.s", EXIT_7.as_bytes()),
        ("b-syntax.s", b"_start: addi a0\n"),
        ("c-header.s", b"#: memory = 3\n_start: halt\n"),
        ("d-key.s", b"#: memroy = 3\n_start: halt\n"),
        ("e-loops.s", b"#: steps = 1000\n_start: j _start\n"),
        ("f-prints.s", b"#: output-limit = 10\n_start: out a0, 0(zero)\n j _start\n"),
        ("g-storm.s", b"#: steps = 1000\n_start: .word 0\n"),
    ];
    let folder = folder(broken);
    let answer = pg32_in(folder.path(), &["test", ".", "--accept"], "");
    assert_eq!(answer.status, 1);
    assert!(answer.stdout.contains("cases: 1 passed, 6 failed"), "{}", answer.stdout);
    insta::assert_snapshot!("broken_cases", answer.stderr);
}

#[test]
fn output_is_the_same_however_many_run_at_a_time() {
    let one = pg32(&["test", "samples", "-j", "1"]);
    let two = pg32(&["test", "samples", "-j", "2"]);
    assert_eq!((one.stdout, one.stderr), (two.stdout, two.stderr));
}

#[test]
fn diff_shows_registers_and_storage() {
    let folder = folder(&[("mode.s", MODE.as_bytes())]);
    let save = |name: &str, args: &[&str]| {
        let answer = pg32_in(folder.path(), args, "");
        std::fs::write(folder.path().join(name), answer.stdout).expect("a file");
    };
    save("a.json", &["run", "mode.s", "--state", "json"]);
    save("b.json", &["vmm", "mode.s", "--state", "json", "--profile", "m68k"]);
    let answer = pg32_in(folder.path(), &["diff", "a.json", "b.json"], "");
    assert_eq!(answer.status, 1);
    insta::assert_snapshot!("diff_m68k", answer.stdout);
    assert_eq!(pg32_in(folder.path(), &["diff", "a.json", "a.json"], "").status, 0);
}

#[test]
fn a_monitor_of_ones_own_is_held_to_the_bare_machine() {
    let vmm = root().join("samples/vmm/vmm.s");
    let good = std::fs::read_to_string(&vmm).expect("the sample");
    let bad = good.replace("        addi    t4, t4, -1\n", "");
    assert_ne!(good, bad);
    let clock = "        .section .trap\n        .org 0x20\n        .word 0, 0, 0x1000, done, 0\n        .text
_start: la t0, psw\n        lpsw 0(t0)\nwork:   rdm a1\n        rdm a1\n        j work\ndone:   li a0, 0\n        halt
        .data\n        .balign 4\npsw:    .word 0, 0, 0x1000, work, 2\n";
    let folder =
        folder(&[("good.s", good.as_bytes()), ("bad.s", bad.as_bytes()), ("clock.s", clock.as_bytes())]);
    let compare = |vmm, more: &[&str]| {
        let args = [&["compare", "--vmm", vmm, "clock.s", "--memory", "8K"], more].concat();
        pg32_in(folder.path(), &args, "")
    };
    for more in [&[][..], &["--depth", "4"], &["--monitor", "hybrid", "--monitor", "interpret"]] {
        let answer = compare("good.s", more);
        assert_eq!(answer.status, 0, "{more:?}: {}{}", answer.stdout, answer.stderr);
        assert!(answer.stdout.contains("equivalent; both halt after 7 steps"), "{}", answer.stdout);
    }
    let answer = compare("bad.s", &["--depth", "2"]);
    assert_eq!(answer.status, 1, "{}", answer.stderr);
    assert!(answer.stdout.contains("NOT equivalent; they part at step 4"), "{}", answer.stdout);
    assert!(answer.stdout.contains("clock.s:7"), "{}", answer.stdout);
    let answer = compare("clock.s", &[]);
    assert_eq!(answer.status, 2);
    assert!(answer.stderr.contains("vmm_window"), "{}", answer.stderr);
    assert_eq!(compare("good.s", &["--depth", "17"]).status, 2);
}

#[test]
fn a_guest_under_ones_own_monitor_shows_its_own_state() {
    let args = |command, more: &[&'static str]| {
        [&[command, "samples/05-preemptive/kernel.s", "--memory", "64K"], more].concat()
    };
    let vmm = "samples/vmm/vmm.s";
    for steps in ["0", "1", "777", "100000"] {
        let bare = pg32(&args("run", &["--state", "json", "--steps", steps]));
        for depth in ["1", "3"] {
            let hosted =
                pg32(&args("vmm", &["--state", "json", "--steps", steps, "--vmm", vmm, "--depth", depth]));
            assert_eq!(
                (hosted.status, hosted.stdout),
                (bare.status, bare.stdout.clone()),
                "{steps} x{depth}"
            );
        }
    }
    let storm = pg32(&["vmm", "--vmm", vmm, "samples/09-trap-storm.s", "--stats"]);
    assert_eq!(storm.status, 5);
    assert!(storm.stderr.contains("trap storm"), "{}", storm.stderr);
    assert_eq!(pg32(&["vmm", "--vmm", vmm, "samples/01-hello.s", "samples/08-echo.s"]).status, 2);
}

#[test]
fn a_composed_image_simply_runs() {
    let folder = folder(&[("seven.s", EXIT_7.as_bytes())]);
    let vmm = root().join("samples/vmm/vmm.s");
    let vmm = vmm.to_str().expect("a path in UTF-8");
    for (image, depth) in [("a.elf", "1"), ("b.bin", "1"), ("c.hex", "3"), ("d", "2")] {
        let args = ["compose", "--vmm", vmm, "seven.s", "--depth", depth, "-o", image];
        let answer = pg32_in(folder.path(), &args, "");
        assert_eq!((answer.status, answer.stderr.as_str()), (0, ""), "{image}");
        if image != "c.hex" {
            let answer = pg32_in(folder.path(), &["run", image], "");
            assert_eq!(answer.status, 1);
            assert!(answer.stderr.contains("halted, a0 = 7"), "{image}: {}", answer.stderr);
        }
    }
    let answer = pg32_in(folder.path(), &["compose", "--vmm", "seven.s", "seven.s", "-o", "no"], "");
    assert_eq!(answer.status, 2);
    assert!(!folder.path().join("no").exists());
}

#[test]
fn help_has_examples() {
    let commands =
        "asm check dis run vmm compare compose classify test fuzz diff grade new explain completions man";
    for command in commands.split(' ') {
        let answer = pg32(&[command, "--help"]);
        assert_eq!(answer.status, 0);
        assert!(answer.stdout.contains("Examples:"), "{command}");
    }
}
