//! The checks can fail: each fault that a monitor's author might make, planted in a copy of the code, is caught by
//! a test.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A fault: where it is planted, and the test that must fail because of it.
struct Fault {
    what: &'static str,
    file: &'static str,
    sound: &'static str,
    faulty: &'static str,
    package: &'static str,
    caught_by: &'static str,
}

const FAULTS: &[Fault] = &[
    Fault {
        what: "a window check too wide",
        file: "vmm/src/virtual_processor.rs",
        sound: "        self.guest.window.size\n",
        faulty: "        self.guest.window.size + 4\n",
        package: "pg32-vmm",
        caught_by: "no_way_out_works_eight_at_a_time",
    },
    Fault {
        what: "a missing clamp of L",
        file: "vmm/src/map.rs",
        sound: "limit: psw.limit.min(self.size.saturating_sub(psw.base)),",
        faulty: "limit: psw.limit,",
        package: "pg32-vmm",
        caught_by: "no_way_out_works_eight_at_a_time",
    },
    Fault {
        what: "an unchecked old mode",
        file: "vmm/src/dispatcher.rs",
        sound: "old.mode != Mode::User || ",
        faulty: "",
        package: "pg32-vmm",
        caught_by: "a_monitor_that_has_lost_control_stops",
    },
    Fault {
        what: "an unchecked new PSW",
        file: "vmm/src/dispatcher.rs",
        sound: " || guest.host.psw() != *guest.monitor",
        faulty: "",
        package: "pg32-vmm",
        caught_by: "a_monitor_whose_new_psw_was_overwritten_stops",
    },
    Fault {
        what: "an unmasked B",
        file: "isa/src/psw.rs",
        sound: "Psw { mode: Mode::from_bit(status), base: base & !3,",
        faulty: "Psw { mode: Mode::from_bit(status), base,",
        package: "pg32-vm",
        caught_by: "lpsw_does_not_count_and_discards_the_timer_it_replaces",
    },
    Fault {
        what: "a forgotten decrement of vT",
        file: "vmm/src/map.rs",
        sound: "before.timer.saturating_sub(elapsed)",
        faulty: "before.timer.saturating_sub(elapsed.min(0))",
        package: "pg32-vmm",
        caught_by: "every_monitor_is_exact_on_pg",
    },
    Fault {
        what: "a slice that does not bound the timer",
        file: "vmm/src/map.rs",
        sound: "timer.min(slice)",
        faulty: "timer.max(slice)",
        package: "pg32-vmm",
        caught_by: "eight_random_guests_do_not_feel_each_other",
    },
    Fault {
        what: "a stale translation",
        file: "vm/src/engine/interpreter.rs",
        sound: "self.cache.invalidate(at, length as u32);",
        faulty: "let _ = (at, length);",
        package: "pg32-vmm",
        caught_by: "what_the_monitor_stores_is_seen_by_the_next_fetch",
    },
    Fault {
        what: "windows that overlap",
        file: "vmm/src/allocator.rs",
        sound: "gap >= size",
        faulty: "gap + 64 >= size",
        package: "pg32-vmm",
        caught_by: "windows_are_disjoint_reused_and_refused_when_storage_is_short",
    },
];

/// The crates that a copy needs.
const ROOMS: [&str; 4] = ["isa", "image", "vm", "vmm"];

#[test]
fn every_planted_fault_is_caught() {
    let copy = copy();
    for Fault { what, file, sound, faulty, package, caught_by } in FAULTS {
        let path = copy.path().join(file);
        let text = std::fs::read_to_string(&path).expect("the file is there");
        assert_eq!(text.matches(sound).count(), 1, "{what}: `{sound}` is no longer where it was in {file}");
        std::fs::write(&path, text.replace(sound, faulty)).expect("the copy can be written");
        let output = cargo(copy.path(), &["test", "--offline", "-p", package, caught_by]);
        assert!(output.contains("test result: FAILED"), "{what} is not caught by {caught_by}:\n{output}");
        std::fs::write(&path, text).expect("the copy can be written");
    }
    let sound = cargo(copy.path(), &["test", "--offline", "-p", "pg32-vmm", "--test", "isolation"]);
    assert!(!sound.contains("FAILED") && sound.contains("test result: ok"), "without a fault:\n{sound}");
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A workspace with the machine and the monitor, and nothing else.
fn copy() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for room in ROOMS {
        copy_folder(&root().join(room), &folder.path().join(room));
    }
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).expect("the manifest");
    let workspace = &manifest[manifest.find("[workspace.package]").expect("a workspace")..];
    // The faults are in the interpreters; without the compiled engine a copy builds in seconds.
    let machine = "pg32-vm = { path = \"vm\" }";
    assert!(workspace.contains(machine), "the manifest names the machine otherwise");
    let workspace = workspace.replace(machine, "pg32-vm = { path = \"vm\", default-features = false }");
    let members = format!("[workspace]\nmembers = {ROOMS:?}\nresolver = \"3\"\n\n{workspace}");
    std::fs::write(folder.path().join("Cargo.toml"), members).expect("the copy can be written");
    std::fs::copy(root().join("Cargo.lock"), folder.path().join("Cargo.lock")).expect("the lock file");
    folder
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a file");
        }
    }
}

/// What cargo prints. The copy has a folder of its own to build in: its crates have the names of ours, and must not
/// take their place.
fn cargo(folder: &Path, args: &[&str]) -> String {
    let target = Path::new(env!("CARGO_BIN_EXE_pg32")).ancestors().nth(2).expect("target/profile/program");
    let output = Command::new(env!("CARGO"))
        .args(args)
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", target.join("planted"))
        .env("RUST_BACKTRACE", "0")
        .output()
        .expect("cargo runs");
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}
