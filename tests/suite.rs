//! `pg32 test` and `pg32 fuzz` as a team meets them: reports, shards, snapshots in bad weather.

mod tool;

use std::process::Stdio;
use std::time::{Duration, Instant};
use tool::{Answer, command, folder, pg32};

const SEVEN: &str = "_start: li a0, 7\n halt\n";
/// What m68k gives away: expected to be the same, and not.
const MODE: &str =
    "#: profiles = [\"m68k\"]\n_start:\n rdm a1\n addi a1, a1, '0'\n out a1, 0(zero)\n li a0, 0\n halt\n";
const MARKUP: &str = "_start: li a1, '<'\n out a1, 0(zero)\n li a0, 0\n halt # <script>&\n";

/// A suite in which one case passes, one diverges, one changed its state, one is rejected, one has a bad header.
fn mixed() -> tempfile::TempDir {
    let config = ("s/pg32.toml", "engines = [\"reference\", \"fast\"]\n");
    let folder = folder(&[config, ("s/seven.s", SEVEN), ("s/mode.s", MODE), ("s/markup.s", MARKUP)]);
    assert_eq!(pg32(folder.path(), &["test", "s", "--accept"]).status, 1, "mode.s diverges");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file");
    write("s/markup.s", &MARKUP.replace("'<'", "'>'"));
    write("s/rejected.s", "_start: addi a0\n");
    write("s/header.s", "#: memory = 3\n_start: halt\n");
    folder
}

#[test]
fn a_changed_state_is_shown_line_by_line() {
    let folder = mixed();
    let answer = pg32(folder.path(), &["test", "s", "markup"]);
    assert_eq!(answer.status, 1);
    insta::assert_snapshot!("suite_changed_state", answer.stderr);
}

#[test]
fn junit_is_the_same_twice_and_counts_what_failed() {
    let folder = mixed();
    let run = |name: &str, jobs: &str| {
        let answer = pg32(folder.path(), &["test", "s", "--junit", name, "-j", jobs]);
        assert_eq!(answer.status, 1);
        (
            std::fs::read_to_string(folder.path().join(name)).expect("it was written"),
            answer.stdout,
            answer.stderr,
        )
    };
    let (one, two) = (run("a.xml", "1"), run("b.xml", "2"));
    assert_eq!(one, two);
    let xml = one.0;
    // 18 cells of m68k, of which trap-and-emulate's four part; two bare ones whose state changed.
    assert!(
        xml.contains(
            "<testsuites name=\"pg32 test\" tests=\"56\" skipped=\"0\" failures=\"6\" errors=\"2\">"
        ),
        "{xml}"
    );
    assert!(xml.contains("next instruction: rdm a1 (_start, mode.s:3)"), "{xml}");
    assert!(xml.contains("&lt;"), "markup is escaped");
}

#[test]
fn the_page_is_whole_and_escaped() {
    let folder = mixed();
    let answer = pg32(folder.path(), &["test", "s", "--report", "report.html"]);
    assert_eq!(answer.status, 1);
    let page = std::fs::read_to_string(folder.path().join("report.html")).expect("it was written");
    for needed in ["4 of 5 cases failed", "rdm a1", "cannot be loaded", "class=\"removed\"", "</html>"] {
        assert!(page.contains(needed), "{needed}");
    }
    assert!(!page.contains("# <script>&"), "the guest's text is escaped");
    for foreign in ["http://", "https://", "src=", "<link"] {
        assert!(!page.contains(foreign), "the page needs nothing from elsewhere: {foreign}");
    }
    assert_eq!(answer.stderr, pg32(folder.path(), &["test", "s", "--report", "report.html"]).stderr);
    assert_eq!(page, std::fs::read_to_string(folder.path().join("report.html")).expect("it was written"));
}

#[test]
fn annotations_name_file_and_line() {
    let folder = mixed();
    let answer = pg32(folder.path(), &["test", "s", "--format", "github"]);
    let errors: Vec<&str> = answer.stdout.lines().filter(|l| l.starts_with("::error ")).collect();
    assert_eq!(errors.len(), 4, "{}", answer.stdout);
    assert!(errors.iter().any(|e| e.starts_with("::error file=s/mode.s,line=3,title=mode ")), "{errors:?}");
    assert!(errors.iter().any(|e| e.starts_with("::error file=s/header.s,title=header::")), "{errors:?}");
}

#[test]
fn events_are_json_lines_in_order() {
    let folder = mixed();
    let run = |jobs: &str| pg32(folder.path(), &["test", "s", "--format", "json", "-j", jobs]);
    let (one, two) = (run("1"), run("2"));
    assert_eq!((one.status, &one.stdout), (1, &two.stdout));
    let events: Vec<serde_json::Value> =
        one.stdout.lines().map(|line| serde_json::from_str(line).expect("a line is an object")).collect();
    assert_eq!(events[0]["event"], "suite");
    let names: Vec<&str> = events[1..6].iter().map(|e| e["case"].as_str().expect("a name")).collect();
    assert_eq!(names, ["header", "markup", "mode", "rejected", "seven"]);
    let end = &events[6];
    assert_eq!((&end["event"], &end["passed"], &end["failed"]), (&"end".into(), &1.into(), &4.into()));
    let cell = events[3]["cells"].as_array().expect("cells").iter().find(|c| c["result"] == "failed");
    let cell = cell.expect("one failed");
    assert_eq!((&cell["step"], &cell["place"]["line"]), (&1.into(), &3.into()));
    assert_eq!(cell["last_exits"], serde_json::json!(["none yet"]), "the rdm was the first step");
}

#[test]
fn shards_share_the_suite() {
    let names = ["a", "b", "c", "d", "e"];
    let files: Vec<(String, &str)> = names.iter().map(|n| (format!("s/{n}.s"), SEVEN)).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    let folder = folder(&files);
    assert_eq!(pg32(folder.path(), &["test", "s", "--accept"]).status, 0);
    let mut seen = Vec::new();
    for shard in ["1/3", "2/3", "3/3"] {
        let answer = pg32(folder.path(), &["test", "s", "--shard", shard]);
        assert_eq!(answer.status, 0, "{}", answer.stderr);
        let cases = answer.stdout.lines().skip(1).take_while(|l| !l.is_empty());
        seen.extend(cases.map(|line| line.split(' ').next().unwrap_or_default().to_owned()));
    }
    seen.sort();
    assert_eq!(seen, names);
    for wrong in ["0/3", "4/3", "1/0", "x", "1/2/3", "-1/2"] {
        assert_eq!(pg32(folder.path(), &["test", "s", "--shard", wrong]).status, 2, "{wrong}");
    }
    assert_eq!(
        pg32(folder.path(), &["test", "s", "--shard", "6/6"]).status,
        4,
        "a shard of nothing ran nothing"
    );
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_leaves_a_summary() {
    let slow = "#: engines = [\"reference\", \"fast\"]\n#: steps = 1000000000000\n#: expect = \"no-divergence\"\n_start: j _start\n";
    let folder = folder(&[("s/a-quick.s", SEVEN), ("s/slow.s", slow)]);
    assert_eq!(pg32(folder.path(), &["test", "s", "quick", "--accept"]).status, 0);
    let mut run = command(folder.path(), &["test", "s", "-j", "2"]);
    let child = run.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    std::thread::sleep(Duration::from_millis(1500));
    let signal = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(signal.expect("kill runs").success());
    let started = Instant::now();
    let output = child.wait_with_output().expect("it ends");
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(5), "{stdout}");
    assert!(stdout.contains("1 passed, 0 failed; interrupted: 18 cells were not run"), "{stdout}");
    assert!(started.elapsed() < Duration::from_secs(60), "it ended when asked to");
}

#[test]
fn namesakes_do_not_share_a_snapshot() {
    let folder = folder(&[("s/a.s", SEVEN), ("s/a.S", SEVEN)]);
    let Answer { status, stderr, .. } = pg32(folder.path(), &["test", "s", "--accept"]);
    assert_eq!(status, 1);
    assert!(stderr.contains("has the same name and would share its snapshot"), "{stderr}");
}

#[test]
fn fuzz_finds_what_the_theory_says_and_writes_a_case() {
    let folder = folder(&[]);
    let fuzz = |args: &[&str]| {
        let all: Vec<&str> = ["fuzz", "--cases", "500"].iter().chain(args).copied().collect();
        pg32(folder.path(), &all)
    };
    let right = fuzz(&["--monitor", "hybrid", "--profile", "m68k"]);
    assert_eq!(right.status, 0, "{}", right.stdout);
    let wrong = fuzz(&["--monitor", "trap-and-emulate", "--profile", "m68k", "--out", "found"]);
    assert_eq!(wrong.status, 1);
    assert!(wrong.stdout.contains("next instruction: rdm "), "{}", wrong.stdout);
    let again = fuzz(&["--monitor", "trap-and-emulate", "--profile", "m68k", "--out", "again", "-j", "1"]);
    assert_eq!(wrong.stdout, again.stdout);
    // The bare state is as good as any; what fails is the comparison.
    let test = pg32(folder.path(), &["test", "found", "--accept"]);
    assert_eq!(test.status, 1);
    assert!(test.stderr.contains("the runs part at step"), "{}", test.stderr);
    assert_eq!(fuzz(&["--cases", "0"]).status, 2, "given twice");
    assert_eq!(pg32(folder.path(), &["fuzz", "--cases", "0"]).status, 4);
}

/// The monitor of the samples, and what it is without the check that tells virtual user mode from supervisor mode.
fn own_monitors() -> [String; 2] {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/vmm/vmm.s");
    let right = std::fs::read_to_string(path).expect("the sample is there");
    let check = "        bnez    t4, reflect";
    assert_eq!(right.matches(check).count(), 1);
    let wrong = right.replace(check, "        nop");
    [right, wrong]
}

/// A monitor that is a program is a column like any other, whoever names it, and no case itself.
#[test]
fn a_monitor_of_the_suites_own_is_a_column() {
    let [right, wrong] = own_monitors();
    let user = "        .section .trap\n .org 0x20\n .word 0, 0, 0x1000, handler, 0\n .text\n\
                _start: la t0, user\n retu t0\nuser: rdm a1\n j user\nhandler: li a0, 0\n halt\n";
    let expected =
        format!("#: vmm = [\"../wrong.s\", \"../right.s\"]\n#: diverges = [\"pg/wrong.s\"]\n{user}");
    let folder = folder(&[
        ("s/pg32.toml", "vmm = \"right.s\"\nmonitors = [\"hybrid\"]\nengines = [\"fast\"]\nmemory = 4096\n"),
        ("s/right.s", &right),
        ("s/wrong.s", &wrong),
        ("s/a/seven.s", SEVEN),
        ("s/a/user.s", &expected),
        ("s/broken.s", "#: vmm = \"nowhere.s\"\n_start: halt\n"),
        ("s/none.s", "#: vmm = \"a/seven.s\"\n_start: halt\n"),
    ]);
    let run = |args: &[&str]| pg32(folder.path(), &[&["test", "s"], args].concat());
    run(&["--accept"]);
    let answer = run(&[]);
    let expected = "\
case    steps  bare  hybrid  right.s  wrong.s
a/user      6  ok    same    same     diverges
";
    assert!(run(&["a/user"]).stdout.starts_with(expected), "{}", run(&["a/user"]).stdout);
    assert!(answer.stdout.contains("cases: 1 passed, 2 failed"), "{}{}", answer.stdout, answer.stderr);
    assert!(answer.stderr.contains("nowhere.s"), "{}", answer.stderr);
    assert!(
        answer.stderr.contains("a monitor has a label `vmm_window`, and this one has not"),
        "{}",
        answer.stderr
    );
    // Not expected to part, it fails, and the story names both sources.
    let plain = format!("#: vmm = \"../wrong.s\"\n{user}");
    std::fs::write(folder.path().join("s/a/user.s"), plain).expect("a file");
    let failed = run(&["a/user", "--format", "json"]);
    assert_eq!(failed.status, 1);
    let case = failed.stdout.lines().nth(1).expect("an event");
    let case: serde_json::Value = serde_json::from_str(case).expect("an object");
    let cells = case["cells"].as_array().expect("cells");
    let failed = cells.iter().filter(|c| c["result"] == "failed" && !c["monitor"].is_null());
    let failed: Vec<_> = failed.map(|c| (&c["monitor"], &c["depth"], &c["step"])).collect();
    let wrong = "wrong.s".into();
    assert_eq!(failed, [(&wrong, &1.into(), &4.into()), (&wrong, &2.into(), &3.into())], "{case}");
}

/// What fuzzing a monitor of one's own writes fails under `pg32 test` until the monitor is mended.
#[test]
fn a_case_of_a_fuzzed_monitor_fails_until_it_is_mended() {
    let [right, wrong] = own_monitors();
    let folder = folder(&[("monitors/mine.s", &wrong)]);
    let fuzz = ["fuzz", "--vmm", "monitors/mine.s", "--cases", "2000", "--out", "found/here"];
    let found = pg32(folder.path(), &fuzz);
    assert_eq!(found.status, 1, "{}", found.stdout);
    assert!(found.stdout.contains("last exit to the monitor: step "), "{}", found.stdout);
    let test = || pg32(folder.path(), &["test", "found", "--accept"]);
    let failing = test();
    assert_eq!(failing.status, 1, "{}", failing.stdout);
    assert!(failing.stderr.contains("[mine.s, pg, reference]: the runs part at step"), "{}", failing.stderr);
    std::fs::write(folder.path().join("monitors/mine.s"), right).expect("a file");
    assert_eq!(test().status, 0);
}

/// What is no file of a case's kind costs that case and no other, and nothing waits for it.
#[cfg(unix)]
#[test]
fn odd_files_are_broken_cases() {
    let folder = folder(&[
        ("s/good.s", SEVEN),
        ("s/tape.s", "#: input-file = \"/dev/zero\"\n_start: halt\n"),
        ("s/reads.s", "_start: halt\n.incbin \"pipe.s\"\n"),
        ("s/own/config.s", SEVEN),
        ("s/folder.s/inner.s", SEVEN),
    ]);
    std::fs::write(folder.path().join("s/own/pg32.toml"), b"memory = \"\xff\"").expect("a file");
    let s = folder.path().join("s");
    assert!(std::process::Command::new("mkfifo").arg(s.join("pipe.s")).status().expect("it runs").success());
    for (to, name) in
        [("/dev/zero", "zero.s"), ("nowhere", "dangling.s"), ("loop.s", "loop.s"), (".", "again")]
    {
        std::os::unix::fs::symlink(to, s.join(name)).expect("a link");
    }
    let answer = pg32(folder.path(), &["test", "s", "--accept"]);
    assert_eq!(answer.status, 1);
    assert!(answer.stdout.contains("cases: 2 passed, 7 failed"), "{}{}", answer.stdout, answer.stderr);
    for said in
        ["zero.s: it is no regular file", "pipe.s: it is no regular file", "pg32.toml: it is no UTF-8"]
    {
        assert!(answer.stderr.contains(said), "{said}: {}", answer.stderr);
    }
}

/// Behind ten guests that take the budget, loop or print, a suite still ends as it should.
#[test]
fn greedy_cases_are_bounded() {
    let folder = folder(&[
        ("s/pg32.toml", "engines = [\"fast\"]\ndepths = [1]\nsteps = 300000\noutput-limit = \"1K\"\n"),
        ("s/good.s", SEVEN),
        ("s/loops.s", "_start: j _start\n"),
        ("s/prints.s", "_start: out a0, 0(zero)\n j _start\n"),
        (
            "s/large.s",
            "#: memory = \"2G\"\n#: monitors = []\n_start: lui t0, 0x7ffff\n sw t0, 0(t0)\n halt\n",
        ),
        ("s/too-large.s", "#: memory = \"3G\"\n_start: halt\n"),
        ("s/space.s", "_start: halt\n.bss\n.space 0x7fffffff\n"),
    ]);
    let answer = pg32(folder.path(), &["test", "s", "--accept"]);
    assert_eq!(answer.status, 1);
    assert!(answer.stdout.contains("cases: 2 passed, 4 failed"), "{}{}", answer.stdout, answer.stderr);
    for said in ["output limit exceeded", "the step budget ran out", "bytes of storage are not possible"] {
        assert!(answer.stderr.contains(said), "{said}: {}", answer.stderr);
    }
}

/// On a terminal a bar appears after a second and goes away; in a pipe there is none.
#[cfg(unix)]
#[test]
fn a_bar_on_a_terminal_alone() {
    let slow = "#: engines = [\"reference\"]\n#: monitors = []\n#: steps = 16000000\n#: expect = \"no-divergence\"\n_start: j _start\n";
    let files: Vec<(String, &str)> = (0..8).map(|n| (format!("s/slow{n}.s"), slow)).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    let folder = folder(&files);
    let run = format!("{} test s -j 1", env!("CARGO_BIN_EXE_pg32"));
    let mut script = std::process::Command::new("script");
    script.args(["-qec", &run, "/dev/null"]).current_dir(folder.path()).env("TERM", "xterm");
    script.env("INSTA_UPDATE", "no").env_remove("CI").stdin(Stdio::null());
    let Ok(output) = script.output() else {
        println!("skipped: there is no `script` here to make a terminal");
        return;
    };
    let seen = String::from_utf8_lossy(&output.stdout);
    assert!(seen.contains("/8 cells, "), "{seen}");
    let behind = seen.rsplit("/8 cells, ").next().unwrap_or_default();
    assert!(behind.contains("8 cells; cases: 0 passed, 8 failed"), "{seen}");
    let piped = pg32(folder.path(), &["test", "s", "slow0"]);
    assert!(!piped.stderr.contains("/8 cells, ") && !piped.stdout.contains('\r'), "{}", piped.stderr);
}
