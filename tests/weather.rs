//! Snapshots in all weather: edited by hand, left for review, on full disks, by killed runs and by several at once.

mod tool;

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tool::{answer, command, folder, pg32};

const SEVEN: &str = "_start: li a0, 7\n halt\n";

/// The snapshot of `seven`, as it should be.
fn seven() -> (tempfile::TempDir, std::path::PathBuf, String) {
    let folder = folder(&[("s/seven.s", SEVEN)]);
    assert_eq!(pg32(folder.path(), &["test", "s", "--accept"]).status, 0);
    let file = folder.path().join("s/snapshots/seven.snap");
    let text = std::fs::read_to_string(&file).expect("it was written");
    (folder, file, text)
}

#[test]
fn unreferenced_snapshots_are_told_and_in_ci_an_error() {
    let (folder, file, text) = seven();
    std::fs::write(file.with_file_name("gone.snap"), text).expect("a file");
    let local = pg32(folder.path(), &["test", "s"]);
    assert_eq!(local.status, 0);
    assert!(local.stderr.contains("unreferenced snapshot: s/snapshots/gone.snap"), "{}", local.stderr);
    let ci = |args: &[&str]| answer(command(folder.path(), args).env("CI", "true"));
    assert_eq!(ci(&["test", "s"]).status, 1);
    assert_eq!(ci(&["test", "s/seven.s"]).status, 0, "a case by itself says nothing about its folder");
    // A case that cannot be read does not disown its snapshot.
    std::fs::remove_file(file.with_file_name("gone.snap")).expect("it was there");
    std::fs::write(folder.path().join("s/seven.s"), "_start: frob\n").expect("a file");
    assert!(!ci(&["test", "s"]).stderr.contains("unreferenced"));
}

#[test]
fn a_snapshot_edited_by_hand_fails_and_is_left_alone() {
    let (folder, file, text) = seven();
    let conflict = format!("<<<<<<< ours\n{text}=======\n{text}>>>>>>> theirs\n");
    let edited = [
        (text.replace("a0 = 7", "a0 = 8"), "`outcome: halted, a0 = 8` has become `outcome: halted, a0 = 7`"),
        (text[..text.len() / 2].to_owned(), "the state differs from the snapshot"),
        (String::new(), "this is no snapshot"),
        (conflict, "this is no snapshot"),
        ("---\n: : [\n---\n".to_owned(), "snap: "),
    ];
    let utf8 = edited.map(|(content, said)| (content.into_bytes(), said));
    let no_utf8 = text.bytes().map(|byte| if byte == b'7' { 0xff } else { byte }).collect();
    for (content, said) in utf8.into_iter().chain([(no_utf8, "snap: ")]) {
        std::fs::write(&file, &content).expect("a file");
        let answer = pg32(folder.path(), &["test", "s"]);
        assert_eq!(answer.status, 1);
        assert!(answer.stderr.contains(said), "{said}: {}", answer.stderr);
        assert_eq!(std::fs::read(&file).expect("it is there"), content, "nothing is lost");
    }
    std::fs::write(&file, text.replace('\n', "\r\n")).expect("a file");
    assert_eq!(pg32(folder.path(), &["test", "s"]).status, 0, "line ends are the checkout's affair");
    assert_eq!(pg32(folder.path(), &["test", "s", "--accept"]).status, 0);
}

#[test]
fn a_new_state_is_left_for_review_and_settled() {
    let (folder, file, text) = seven();
    let pending = file.with_file_name("seven.snap.new");
    let test = |args: &[&str]| answer(command(folder.path(), args).env("INSTA_UPDATE", "auto"));
    std::fs::write(folder.path().join("s/seven.s"), SEVEN.replace('7', "8")).expect("a file");
    assert_eq!(test(&["test", "s"]).status, 1);
    assert!(pending.exists());
    assert_eq!(std::fs::read_to_string(&file).expect("it is there"), text, "only --accept blesses");
    std::fs::write(folder.path().join("s/seven.s"), SEVEN).expect("a file");
    assert_eq!(test(&["test", "s"]).status, 0);
    assert!(!pending.exists(), "there is nothing left to review");
}

/// No file can be made in /proc, whoever asks.
#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_cannot_be_written_to_is_one_clear_error() {
    let (folder, file, text) = seven();
    let snapshots = file.parent().expect("it has one");
    std::fs::rename(snapshots, folder.path().join("kept")).expect("it moves");
    std::os::unix::fs::symlink("/proc/self", snapshots).expect("a link");
    let accepted = pg32(folder.path(), &["test", "s", "--accept"]);
    assert_eq!(accepted.status, 1);
    assert_eq!(accepted.stderr.matches("the snapshot cannot be written: ").count(), 1, "{}", accepted.stderr);
    let pending = answer(command(folder.path(), &["test", "s"]).env("INSTA_UPDATE", "auto"));
    assert_eq!(pending.status, 1);
    assert!(pending.stderr.contains("cannot be left for review: "), "{}", pending.stderr);
    let report = pg32(folder.path(), &["test", "s", "--report", "/proc/self/report.html"]);
    assert_eq!(report.status, 2, "{}", report.stderr);
    let kept = std::fs::read_to_string(folder.path().join("kept/seven.snap")).expect("it is there");
    assert_eq!(kept, text);
}

/// A disk on which no file may grow: what was there stays, and nothing half-written is left.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_loses_nothing() {
    let (folder, file, text) = seven();
    std::fs::write(folder.path().join("s/seven.s"), SEVEN.replace('7', "8")).expect("a file");
    let full = |args: &str| {
        let script = format!("trap '' XFSZ; ulimit -f 0; exec {} {args}", env!("CARGO_BIN_EXE_pg32"));
        let mut shell = std::process::Command::new("bash");
        answer(
            shell.args(["-c", &script]).current_dir(folder.path()).env("INSTA_UPDATE", "no").env_remove("CI"),
        )
    };
    let accepted = full("test s --accept");
    assert_eq!(accepted.status, 1, "{}", accepted.stderr);
    assert_eq!(accepted.stderr.matches("the snapshot cannot be written: ").count(), 1, "{}", accepted.stderr);
    assert_eq!(std::fs::read_to_string(&file).expect("it is there"), text);
    let left: Vec<_> = std::fs::read_dir(file.parent().expect("it has one")).expect("a folder").collect();
    assert_eq!(left.len(), 1, "{left:?}");
    let report = full("test s --junit j.xml");
    assert_eq!(report.status, 2);
    assert!(report.stderr.contains("error: j.xml: "), "{}", report.stderr);
    let stdout = Stdio::from(std::fs::OpenOptions::new().write(true).open("/dev/full").expect("it is there"));
    assert_eq!(
        command(folder.path(), &["test", "s"]).stdout(stdout).status().expect("it runs").code(),
        Some(2)
    );
}

/// Snapshots of `folder` that are there: each must be whole.
fn whole_snapshots(folder: &Path, expected: &str) -> usize {
    let Ok(entries) = std::fs::read_dir(folder.join("s/snapshots")) else { return 0 };
    let snapshots = entries.flatten().filter(|e| e.path().extension().is_some_and(|x| x == "snap"));
    let body = |text: &str| text.split_once("\n---\n").map(|(_, body)| body.to_owned());
    snapshots
        .map(|entry| {
            let text = std::fs::read_to_string(entry.path()).expect("it is text");
            let name = entry.path().file_stem().expect("a name").to_string_lossy().into_owned();
            let expected = expected.replace("seven.s", &format!("{name}.s"));
            assert_eq!(body(&text), body(&expected), "{name} is half-written");
        })
        .count()
}

fn many() -> tempfile::TempDir {
    let files: Vec<(String, &str)> = (0..60).map(|n| (format!("s/c{n:02}.s"), SEVEN)).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    folder(&files)
}

#[test]
fn a_killed_run_leaves_whole_files() {
    let (_, _, text) = seven();
    let folder = many();
    for delay in [5, 20, 40, 80, 120] {
        let mut child = command(folder.path(), &["test", "s", "--accept"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        std::thread::sleep(Duration::from_millis(delay));
        let _ = child.kill();
        let _ = child.wait();
        whole_snapshots(folder.path(), &text);
    }
    assert_eq!(pg32(folder.path(), &["test", "s", "--accept"]).status, 0, "the next run takes over");
    assert_eq!(whole_snapshots(folder.path(), &text), 60);
    assert_eq!(pg32(folder.path(), &["test", "s"]).status, 0);
}

/// What a killed run left unfinished goes away; what may be another run's does not.
#[test]
fn leftovers_are_swept() {
    let (folder, file, _) = seven();
    let [old, new] = [".pg32-old", ".pg32-new"].map(|name| file.with_file_name(name));
    std::fs::write(&new, "---\n").expect("a file");
    let aged = std::fs::File::create(&old).expect("a file");
    let an_hour_ago = std::time::SystemTime::now() - Duration::from_secs(3600);
    aged.set_modified(an_hour_ago).expect("a file's time is its owner's");
    assert_eq!(pg32(folder.path(), &["test", "s"]).status, 0);
    assert!(old.exists(), "a run that writes nothing removes nothing");
    assert_eq!(pg32(folder.path(), &["test", "s", "--accept"]).status, 0);
    assert!(!old.exists() && new.exists() && file.exists());
}

#[test]
fn two_runs_at_once_agree() {
    let (_, _, text) = seven();
    let folder = many();
    let start = || {
        let mut run = command(folder.path(), &["test", "s", "--accept"]);
        run.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts")
    };
    let runs = [start(), start(), start()];
    for mut run in runs {
        assert_eq!(run.wait().expect("it ends").code(), Some(0));
    }
    assert_eq!(whole_snapshots(folder.path(), &text), 60);
}

/// Insta's own reviewer takes what is pending, and says no to it as well.
#[test]
fn cargo_insta_reviews_what_is_pending() {
    let (folder, file, _) = seven();
    let insta = |args: &[&str]| {
        let mut cargo = std::process::Command::new("cargo");
        cargo.arg("insta").args(args).current_dir(folder.path()).stdin(Stdio::null());
        cargo.output().is_ok_and(|output| output.status.success())
    };
    if !insta(&["--version"]) {
        println!("skipped: cargo-insta is not installed");
        return;
    }
    let write = |name: &str, text: &str| {
        std::fs::create_dir_all(folder.path().join("src")).expect("a folder");
        std::fs::write(folder.path().join(name), text).expect("a file");
    };
    write("Cargo.toml", "[package]\nname = \"x\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\n");
    write("src/lib.rs", "");
    let test = || answer(command(folder.path(), &["test", "s"]).env("INSTA_UPDATE", "auto")).status;
    for (verdict, status) in [("reject", 1), ("accept", 0)] {
        write("s/seven.s", &SEVEN.replace('7', "8"));
        assert_eq!(test(), 1);
        assert!(insta(&[verdict]), "{verdict}");
        assert!(!file.with_file_name("seven.snap.new").exists(), "{verdict}");
        assert_eq!(test(), status, "{verdict}");
    }
}
