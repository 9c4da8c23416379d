//! `pg32 classify`, from outside: exit statuses, forms, and profiles from files.

use std::path::PathBuf;
use std::process::{Command, Output};

fn pg32(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_pg32")).args(args).output().expect("pg32 runs")
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("text")
}

/// A profile file in a place of its own.
fn file(name: &str, text: impl AsRef<[u8]>) -> String {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("classify");
    std::fs::create_dir_all(&folder).expect("a place for files");
    let path = folder.join(name);
    std::fs::write(&path, text).expect("a profile file");
    path.to_str().expect("a plain path").to_owned()
}

#[test]
fn a_required_premise_decides_the_status() {
    let one_hole = file("hole.toml", "name = \"hole\"\nuser.setm = \"ignore\"\n");
    for (profile, premise, status) in
        [("pg", "1", 0), (&one_hole, "1", 1), (&one_hole, "3", 0), ("x86", "3", 1)]
    {
        let output = pg32(&["classify", "--profile", profile, "--require", premise]);
        assert_eq!(output.status.code(), Some(status), "{profile} {premise}: {}", err(&output));
    }
    assert_eq!(pg32(&["classify", "--require", "2"]).status.code(), Some(2));
}

#[test]
fn the_table_ends_in_verdicts() {
    let output = pg32(&["classify", "--profile", "m68k"]);
    let text = out(&output);
    assert!(text.contains("condition of Theorem 1 fails, because of rdm\n"), "{text}");
    assert!(text.contains("condition of Theorem 3 holds"), "{text}");
    assert!(err(&output).contains("pg32 classify --profile m68k --why rdm"));
}

#[test]
fn json_is_one_object_and_always_the_same() {
    let json =
        |args: &[&str]| out(&pg32(&[&["classify", "--format", "json", "--profile", "arm"], args].concat()));
    let whole = json(&[]);
    let value: serde_json::Value = serde_json::from_str(&whole).expect("JSON");
    assert_eq!(value["theorems"][0]["holds"], false);
    assert_eq!(value["theorems"][2]["holds"], true);
    assert_eq!(whole, json(&[]));
    let one: serde_json::Value = serde_json::from_str(&json(&["--why", "SETM"])).expect("JSON");
    assert_eq!((&one["name"], &one["sensitive"]), (&"setm".into(), &true.into()));
    assert!(serde_json::from_str::<serde_json::Value>(&json(&["--literal"])).is_ok());
}

/// The monitor that hosts itself is run, not quoted: at three depths, each slower than the one before.
#[test]
fn theorem_2_is_shown_by_a_monitor_on_itself() {
    let theorem = |profile| {
        let text = out(&pg32(&["classify", "--format", "json", "--profile", profile]));
        let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        value["theorems"][1].clone()
    };
    let pg = theorem("pg");
    assert_eq!(pg["holds"], true);
    let steps = pg["evidence"]["steps_per_trap"].as_array().expect("one number for each depth");
    assert_eq!(steps.len(), 3);
    assert!(steps.windows(2).all(|pair| pair[0].as_u64() < pair[1].as_u64()), "{steps:?}");
    let m68k = theorem("m68k");
    assert_eq!((&m68k["holds"], &m68k["evidence"]), (&false.into(), &serde_json::Value::Null));
}

#[test]
fn the_story_and_the_letter() {
    let story = out(&pg32(&["classify", "--profile", "unmapped", "--why", "swp"]));
    assert!(
        story.starts_with("swp (") && story.contains("Theorem 3's condition fails because of it"),
        "{story}"
    );
    let letter = out(&pg32(&["classify", "--literal", "--format", "markdown"]));
    assert!(letter.contains("By the letter the condition of Theorem 1 fails, because of jal"), "{letter}");
    let nobody = pg32(&["classify", "--why", "cpuid"]);
    assert_eq!(nobody.status.code(), Some(2));
    assert!(err(&nobody).contains("no instruction `cpuid`"));
    assert!(err(&pg32(&["classify", "--why", "rmd"])).contains("did you mean `rdm`?"));
    assert!(err(&pg32(&["classify", "--profile", "m86k"])).contains("did you mean `m68k`?"));
}

#[test]
fn mistakes_in_a_profile_are_shown_where_they_are() {
    let wrong = file("wrong.toml", "name = \"w\"\n[user]\n\tsetn = \"ignore\"\nrdm = \"exeucte\"\n");
    let output = pg32(&["classify", "--profile", &wrong]);
    assert_eq!(output.status.code(), Some(2));
    let text = err(&output);
    let tail = text.split_once("not a profile").expect("the kind of failure").1;
    assert_eq!(
        tail,
        ": 2 mistakes
  line 3, column 2: there is no system instruction `setn`
    \tsetn = \"ignore\"
    \t^^^^
    help: did you mean `setr` or `setm`?
  line 4, column 7: expected \"trap\", \"execute\" or \"ignore\", found \"exeucte\"
    rdm = \"exeucte\"
          ^^^^^^^^^
    help: did you mean `execute`?
"
    );
}

#[test]
fn files_that_are_no_profiles_get_one_error() {
    let folder = env!("CARGO_TARGET_TMPDIR");
    let cases = [
        file("nul.toml", b"\0\0\0"),
        file("latin.toml", b"name = \"\xe9\""),
        file("empty.toml", ""),
        file("long.toml", "#".repeat(1 << 20)),
        format!("{folder}/missing.toml"),
        format!("{folder}/"),
        "pdp11".to_owned(),
    ];
    for profile in cases {
        let output = pg32(&["classify", "--profile", &profile]);
        assert_eq!(output.status.code(), Some(2), "{profile}");
        assert_eq!(err(&output).matches("error: ").count(), 1, "{}", err(&output));
        assert!(err(&output).len() < 500 && out(&output).is_empty(), "{}", err(&output));
    }
}

#[test]
fn every_command_takes_a_profile_from_a_file() {
    let profile = file("mine.toml", "name = \"mine\"\nuser.rdm = \"execute\"\n");
    // setm 1 (M = u), then rdm a0, then an illegal word, whose trap leads to 0 in supervisor mode: no storm yet.
    let mut image = vec![0; 0x80];
    for word in [0x0010_0513_u32, 0x0a05_200b, 0x0200_250b] {
        image.extend(word.to_le_bytes());
    }
    let image = file("mode.bin", image);
    let output =
        pg32(&["run", &image, "--profile", &profile, "--memory", "4K", "--steps", "3", "--state", "json"]);
    let state: serde_json::Value = serde_json::from_str(&out(&output)).expect("JSON");
    assert_eq!((&state["x"][10], &state["psw"]["m"]), (&1.into(), &"u".into()), "{}", err(&output));
}
