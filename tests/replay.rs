//! Replays: a divergence saved, and seen again elsewhere.

mod tool;

use tool::{folder, pg32};

/// Reads a byte and its mode, and prints both.
const GUEST: &str = "\
_start: in a2, 0(zero)
        out a2, 0(zero)
        rdm a1
        addi a1, a1, '0'
        out a1, 0(zero)
        li a0, 0
        halt
";

#[test]
fn a_divergence_is_seen_again_without_its_sources() {
    let here = folder(&[("guest.s", GUEST), ("tape", "x")]);
    let save =
        ["compare", "guest.s", "--profile", "m68k", "--depth", "2", "--input", "tape", "--memory", "4K"];
    let saved = pg32(here.path(), &[&save[..], &["--save-replay", "r.json"]].concat());
    assert_eq!(saved.status, 1);
    assert!(
        saved.stdout.contains("trap-and-emulate x2: NOT equivalent; they part at step 3"),
        "{}",
        saved.stdout
    );
    let text = std::fs::read_to_string(here.path().join("r.json")).expect("it was written");
    let there = folder(&[("r.json", &text)]);
    let again = pg32(there.path(), &["compare", "--replay", "r.json"]);
    assert_eq!(again.status, 1);
    // The first comparison's story, to the letter: the instruction and its source line too.
    let story = again.stdout.split_once('\n').expect("lines").1;
    assert!(story.contains("next instruction: rdm a1 (_start+0x8, guest.s:3)"), "{story}");
    assert!(saved.stdout.contains(story), "{story}");
    let run = pg32(there.path(), &["run", "--replay", "r.json", "--trace", "--state", "json"]);
    assert_eq!(run.status, 5, "it stops at the parting");
    assert_eq!(run.stderr.lines().filter(|line| line.contains("guest.s:")).count(), 3, "{}", run.stderr);
    assert!(
        run.stdout.contains("\"steps\":3,") && run.stdout.contains("\"output\":\"78\""),
        "{}",
        run.stdout
    );
    assert_eq!(pg32(there.path(), &["run", "--replay", "r.json"]).stdout, "x");
}

#[test]
fn no_divergence_leaves_no_replay() {
    let here = folder(&[("guest.s", GUEST)]);
    assert_eq!(pg32(here.path(), &["compare", "guest.s", "--save-replay", "r.json"]).status, 0);
    assert!(!here.path().join("r.json").exists());
}

#[test]
fn what_is_no_replay_is_one_error() {
    let here = folder(&[("guest.s", GUEST)]);
    let save = ["compare", "guest.s", "--profile", "m68k", "--save-replay", "r.json"];
    assert_eq!(pg32(here.path(), &save).status, 1);
    let good = std::fs::read_to_string(here.path().join("r.json")).expect("it was written");
    let wrong = [
        String::new(),
        "{}".into(),
        good[..good.len() / 2].into(),
        good.replace("\"schema\": 1", "\"schema\": 2"),
        good.replace("\"memory\": 1048576", "\"memory\": 4294967295"),
        good.replace("\"memory\": 1048576", "\"memory\": 128"),
        good.replace("trap-and-emulate", "wish"),
        good.replace("\"rdm\"", "\"addi\""),
        good.replace("\"address\": 128", "\"address\": 4294967295"),
        good.replace("\"size\": 28", "\"size\": 1"),
    ];
    for text in wrong {
        assert_ne!(text, good, "the replay has what is changed");
        std::fs::write(here.path().join("w.json"), &text).expect("a file");
        for command in ["run", "compare"] {
            let answer = pg32(here.path(), &[command, "--replay", "w.json"]);
            assert_eq!(answer.status, 2, "{command}: {text}");
            assert!(
                answer.stderr.starts_with("error: ") && answer.stderr.lines().count() < 4,
                "{}",
                answer.stderr
            );
        }
    }
    assert_eq!(pg32(here.path(), &["run", "--replay", "nowhere"]).status, 2);
    assert_eq!(pg32(here.path(), &["run", "guest.s", "--replay", "r.json"]).status, 2);
    assert_eq!(pg32(here.path(), &["run"]).status, 2);
}

/// A monitor of one's own goes into the replay, and is not asked for again.
#[test]
fn a_replay_holds_a_monitor_that_is_a_program() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/vmm/vmm.s");
    let monitor = std::fs::read_to_string(path).expect("the sample is there");
    let stops = monitor.replace("v_setr:", "v_setr: .word 0\nnever_here:");
    let setr = "_start: li a0, 0\n rdl a1\n setr zero, a1\n halt\n";
    for (name, monitor, guest, profile, said) in [
        ("parts", &monitor, GUEST, "m68k", "they part at step 3"),
        ("fails", &stops, setr, "pg", "the monitor fails behind step 3: the monitor at level 1 stopped"),
    ] {
        let here = folder(&[("guest.s", guest), ("vmm.s", monitor), ("tape", "x")]);
        let save = ["compare", "guest.s", "--vmm", "vmm.s", "--profile", profile, "--input", "tape"];
        let saved = pg32(here.path(), &[&save[..], &["--memory", "4K", "--save-replay", "r.json"]].concat());
        assert_eq!(saved.status, 1, "{name}");
        assert!(saved.stdout.contains(said), "{name}: {}", saved.stdout);
        let text = std::fs::read_to_string(here.path().join("r.json")).expect("it was written");
        let there = folder(&[("r.json", &text)]);
        let again = pg32(there.path(), &["compare", "--replay", "r.json"]);
        assert_eq!(again.status, 1, "{name}");
        assert_eq!(again.stdout, saved.stdout.replace("guest.s: vmm.s", "r.json: vmm.s"), "{name}");
        let run = pg32(there.path(), &["run", "--replay", "r.json", "--trace"]);
        assert!(run.stderr.contains("# guest.s:3"), "{name}: {}", run.stderr);
        for (good, bad) in [("\"depth\": 1", "\"depth\": 0"), ("\"depth\": 1", "\"depth\": 10000000")] {
            std::fs::write(there.path().join("w.json"), text.replace(good, bad)).expect("a file");
            assert_eq!(pg32(there.path(), &["compare", "--replay", "w.json"]).status, 2, "{name}: {bad}");
        }
    }
}

/// A suite leaves a replay for each kind of parting, under our monitors and under its own.
#[test]
fn a_suite_saves_its_replays() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/vmm/vmm.s");
    let monitor = std::fs::read_to_string(path).expect("the sample is there");
    let header =
        "#: profiles = [\"pg\", \"m68k\"]\n#: vmm = \"../vmm.s\"\n#: input = \"x\"\n#: memory = \"4K\"\n";
    let guest = format!("{header}{GUEST}");
    let here = folder(&[("s/vmm.s", &monitor), ("s/deep/guest.s", &guest), ("s/fine.s", "_start: halt\n")]);
    let test = ["test", "s", "--accept", "--save-replays", "found"];
    assert_eq!(pg32(here.path(), &test).status, 1);
    let folder = std::fs::read_dir(here.path().join("found")).expect("it was made");
    let mut names: Vec<_> = folder.flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    assert_eq!(names, ["deep-guest.trap-and-emulate.m68k.reference.json"], "one for the same parting");
    let again = pg32(here.path(), &["compare", "--replay", &format!("found/{}", names[0])]);
    assert_eq!(again.status, 1);
    assert!(
        again.stdout.contains("they part at step 3") && again.stdout.contains("guest.s:7"),
        "{}",
        again.stdout
    );
    let own = guest.replace("#: vmm", "#: monitors = []\n#: vmm");
    std::fs::write(here.path().join("s/deep/guest.s"), own).expect("a file");
    assert_eq!(pg32(here.path(), &test).status, 1);
    let again = pg32(here.path(), &["compare", "--replay", "found/deep-guest.vmm.s.m68k.reference.json"]);
    assert!(again.stdout.contains("vmm.s: NOT equivalent; they part at step 3"), "{}", again.stdout);
}
