//! The rooms and the arrows between them, as ARCHITECTURE.md draws them.

use std::collections::BTreeMap;
use std::process::Command;

/// Which of our crates each may depend on, in its library or program; a crate that is not here may not exist.
const ARROWS: &[(&str, &[&str])] = &[
    ("pg32-isa", &[]),
    ("pg32-image", &["pg32-isa"]),
    ("pg32-assembler", &["pg32-isa", "pg32-image"]),
    ("pg32-vm", &["pg32-isa", "pg32-image"]),
    ("pg32-vmm", &["pg32-isa", "pg32-image", "pg32-vm"]),
    ("pg32-theory", &["pg32-isa", "pg32-image", "pg32-vm"]),
    ("pg32-harness", &["pg32-isa", "pg32-image", "pg32-assembler", "pg32-vm", "pg32-vmm"]),
    ("pg32-lsp", &["pg32-isa", "pg32-image", "pg32-assembler"]),
];

#[test]
fn arrows_point_one_way() {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .output()
        .expect("cargo runs");
    let metadata: serde_json::Value = serde_json::from_slice(&metadata.stdout).expect("cargo prints JSON");
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    for package in metadata["packages"].as_array().expect("a list of packages") {
        let name = package["name"].as_str().expect("packages have names");
        let used = package["dependencies"].as_array().expect("a list of dependencies").iter();
        let ours: Vec<&str> = used
            .filter(|d| d["kind"].is_null())
            .filter_map(|d| d["name"].as_str())
            .filter(|d| d.starts_with("pg32"))
            .collect();
        // The program and the benchmarks stand at the end of every arrow.
        if name == "pg32" || name.ends_with("benches") {
            continue;
        }
        let may = allowed.get(name).unwrap_or_else(|| panic!("{name} is in no room"));
        for other in ours {
            assert!(may.contains(&other), "{name} must not depend on {other}");
        }
    }
}

/// What only some rooms may name.
#[test]
fn libraries_stay_in_their_rooms() {
    let text = |path: &str| {
        std::fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).expect("the file is there")
    };
    assert!(!text("isa/Cargo.toml").contains("[dependencies]\npg32"), "isa depends on nothing");
    for manifest in ["isa/Cargo.toml", "image/Cargo.toml", "vmm/Cargo.toml"] {
        for library in ["logos", "chumsky", "ariadne", "cranelift"] {
            assert!(!text(manifest).contains(library), "{manifest} names {library}");
        }
    }
}
