//! `pg32 grade`, `new`, `completions`, `man`: what a course and a beginner meet.

mod tool;

use tool::{folder, pg32};

const SQUARES: &str = "\
#: points = 3
#: submission = \"squares.s\"
#: input = \"2345\"
#: steps = 10000
#: output-limit = \"1K\"
#: hint = \"the tape ends with -1\"
_start:
next:   in      a1, 0(zero)
        bltz    a1, end
        addi    a1, a1, -48
        mul     a1, a1, a1
        addi    a1, a1, 32
        out     a1, 0(zero)
        j       next
end:    li      a0, 0
        halt
";
/// The same asked for in secret, with another tape.
fn hidden() -> String {
    SQUARES.replace("points = 3", "points = 2\n#: hidden = true").replace("2345", "9")
}
/// A case that includes what was handed in, and checks it itself.
const INCLUDES: &str = "\
#: points = 5
#: exit = 0
_start: li      a0, 20
        li      a1, 22
        call    sum
        addi    a0, a0, -42
        halt
        .include \"sum.inc\"
";
const SUM: &str = "sum: add a0, a0, a1\n ret\n";

fn course(squares: Option<&str>, sum: Option<&str>) -> tempfile::TempDir {
    let hidden = hidden();
    let mut files =
        vec![("suite/a-squares.s", SQUARES), ("suite/b-secret.s", &hidden), ("suite/c-sum.s", INCLUDES)];
    files.push(("handed-in/readme.txt", "by me"));
    files.extend(squares.map(|text| ("handed-in/squares.s", text)));
    files.extend(sum.map(|text| ("handed-in/sum.inc", text)));
    folder(&files)
}

/// Points of each case, and the whole answer.
fn grade(squares: Option<&str>, sum: Option<&str>) -> ([u64; 3], String) {
    let folder = course(squares, sum);
    let args = ["grade", "suite", "--submission", "handed-in"];
    let human = pg32(folder.path(), &args);
    let json = pg32(folder.path(), &[&args[..], &["--format", "gradescope"]].concat());
    let json: serde_json::Value = serde_json::from_str(&json.stdout).expect("Gradescope reads JSON");
    let tests = json["tests"].as_array().expect("a list");
    let names: Vec<_> = tests.iter().map(|t| t["name"].as_str().expect("a name")).collect();
    assert_eq!(names, ["a-squares", "b-secret", "c-sum"]);
    assert_eq!(
        tests.iter().map(|t| t["max_score"].as_u64()).collect::<Vec<_>>(),
        [Some(3), Some(2), Some(5)]
    );
    assert_eq!(tests[1]["visibility"], "hidden");
    let points = [0, 1, 2].map(|n: usize| tests[n]["score"].as_u64().expect("a number"));
    assert_eq!(human.status, i32::from(points != [3, 2, 5]), "{}", human.stdout);
    let last = format!("{} of 10 points\n", points.iter().sum::<u64>());
    assert!(human.stdout.ends_with(&last), "{}", human.stdout);
    (points, human.stdout)
}

#[test]
fn a_right_submission_has_every_point() {
    assert_eq!(grade(Some(SQUARES), Some(SUM)).0, [3, 2, 5]);
}

/// Each costs its case and no other, and none hangs.
#[test]
fn wrong_submissions_lose_the_case_and_the_run_goes_on() {
    let wrong: &[(&str, Option<&str>, &str)] = &[
        ("loops", Some("_start: j _start\n"), "the step budget ran out after 10000 steps"),
        ("storms", Some("_start: .word 0\n"), "trap storm"),
        ("prints", Some("_start: out a0, 0(zero)\n j _start\n"), "output limit exceeded"),
        ("silent", Some("_start: li a0, 0\n halt\n"), "the output differs from byte 0 on"),
        ("status", Some("_start: li a0, 3\n halt\n"), "expected: halted, a0 = 0; but: halted, a0 = 3"),
        ("empty", Some(""), "squares.s: the image is empty"),
        ("syntax", Some("_start: frob a0\n"), "the source was rejected"),
        ("huge", Some(".data\n.space 0xfffffff0\n"), "a-squares "),
        ("too large", Some("_start: halt\n.data\n.space 0x200000\n"), "needs"),
        ("binary", Some("\u{0}\u{1}\u{fffd}"), "rejected"),
        ("recursive", Some(".include \"squares.s\"\n"), "rejected"),
        ("absent", None, "squares.s: "),
    ];
    for (name, squares, said) in wrong {
        let (points, told) = grade(*squares, Some(SUM));
        assert_eq!(points, [0, 0, 5], "{name}: {told}");
        assert!(told.contains(said), "{name}: {told}");
        assert!(told.contains("hint: the tape ends with -1"), "{name}: {told}");
        let secret = told.lines().skip_while(|l| !l.starts_with("b-secret")).nth(1);
        assert!(secret.is_some_and(|line| line.starts_with("c-sum")), "{name}: secrets are kept: {told}");
    }
    assert_eq!(grade(Some(SQUARES), None).0, [3, 2, 0], "an included file is not there");
    assert_eq!(grade(Some(SQUARES), Some("sum: j sum\n")).0, [3, 2, 0]);
    assert_eq!(grade(Some(SQUARES), Some("sum: sub a0, a0, a1\n ret\n")).0, [3, 2, 0]);
}

/// What was handed in reaches nothing beside it, hangs on nothing, and tells nothing of what it would have found.
#[cfg(unix)]
#[test]
fn a_submission_stays_in_its_folder() {
    let suite = "../suite/b-secret.s";
    let reaches = [
        ".include \"/etc/passwd\"".to_owned(),
        format!(".include \"{suite}\""),
        format!(
            "_start: la a1, secret\\n lbu a1, 0(a1)\\n out a1, 0(zero)\\n halt\\nsecret: .incbin \"{suite}\""
        ),
        ".incbin \"/dev/zero\"".into(),
        ".incbin \"/proc/self/mem\"".into(),
        ".include \"link.s\"".into(),
        ".include \"up/suite/b-secret.s\"".into(),
        ".include \"pipe.s\"".into(),
        format!("_start: halt\n.application app, \"{suite}\""),
    ];
    let link = |folder: &tempfile::TempDir, to: &str, name: &str| {
        let name = folder.path().join("handed-in").join(name);
        std::os::unix::fs::symlink(to, name).expect("a link");
    };
    let run = |folder: &tempfile::TempDir| {
        let answer = pg32(folder.path(), &["grade", "suite", "--submission", "handed-in"]);
        assert_eq!(answer.status, 1, "{}", answer.stderr);
        assert!(!answer.stdout.contains("root:"), "{}", answer.stdout);
        answer.stdout
    };
    for text in &reaches {
        let text = text.replace("\\n", "\n");
        for sum in [false, true] {
            let (squares, inc) = if sum { (SQUARES, text.as_str()) } else { (text.as_str(), SUM) };
            let folder = course(Some(squares), Some(inc));
            link(&folder, "/etc/passwd", "link.s");
            link(&folder, "..", "up");
            let pipe =
                std::process::Command::new("mkfifo").arg(folder.path().join("handed-in/pipe.s")).status();
            assert!(pipe.expect("mkfifo runs").success());
            let told = run(&folder);
            assert!(told.ends_with("5 of 10 points\n"), "{text}: {told}");
        }
    }
    for (to, said) in [
        ("squares.s", "squares.s: "),
        ("/etc/passwd", "squares.s: it lies outside the folder that was handed in"),
        ("../suite/a-squares.s", "squares.s: it lies outside the folder that was handed in"),
        ("/dev/zero", "squares.s: it is no regular file"),
        ("..", "squares.s: it is a folder"),
    ] {
        let folder = course(None, Some(SUM));
        link(&folder, to, "squares.s");
        let told = run(&folder);
        assert!(told.contains(said) && told.ends_with("5 of 10 points\n"), "{to}: {told}");
    }
}

#[test]
fn what_cannot_be_graded_is_said() {
    let folder = course(None, None);
    let run = |args: &[&str]| pg32(folder.path(), args).status;
    assert_eq!(run(&["grade", "suite", "--submission", "nowhere"]), 2);
    assert_eq!(run(&["grade", "nowhere", "--submission", "handed-in"]), 2);
    assert_eq!(run(&["grade", "handed-in", "--submission", "handed-in"]), 4);
}

/// The suite is a suite: its reference solutions are tested like any case.
#[test]
fn the_reference_solutions_can_be_tested() {
    let folder = course(None, None);
    assert_eq!(pg32(folder.path(), &["test", "suite", "squares", "--accept"]).status, 0);
}

#[test]
fn a_new_project_passes_its_first_test() {
    let folder = folder(&[]);
    for template in ["kernel", "app", "vmm"] {
        let name = format!("my-{template}");
        assert_eq!(pg32(folder.path(), &["new", &name, "--template", template]).status, 0);
        let project = folder.path().join(&name);
        let test = pg32(&project, &["test"]);
        assert_eq!(test.status, 0, "{template}: {}{}", test.stdout, test.stderr);
        assert_eq!(test.stdout.contains("interpret  vmm.s\n"), template == "vmm", "{}", test.stdout);
        assert_eq!(pg32(folder.path(), &["new", &name]).status, 2, "nothing is written over");
    }
    let args = ["compare", "--vmm", "vmm.s", "guest.s", "--memory", "64K"];
    assert_eq!(pg32(&folder.path().join("my-vmm"), &args).status, 0);
}

#[test]
fn completions_and_manual_know_every_command() {
    let folder = folder(&[]);
    let page = pg32(folder.path(), &["man"]).stdout;
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = pg32(folder.path(), &["completions", shell]).stdout;
        for command in ["run", "test", "fuzz", "grade"] {
            assert!(script.contains(command), "{shell} knows {command}");
            let title = format!(".SH \"PG32 {}\"", command.to_uppercase());
            assert!(page.contains(&title), "the page has {title}");
        }
    }
    assert_eq!(pg32(folder.path(), &["completions", "dos"]).status, 2);
}
