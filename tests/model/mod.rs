//! Guests for the independent model (`pg32_model.py`), and the process that runs them through it.

pub(crate) mod bench;
mod case;
pub(crate) mod directed;
mod encode;
pub(crate) mod random;

use serde_json::{Value, json};
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

/// A flat image and the machine it is to run on.
#[derive(Clone, Debug)]
pub(crate) struct Guest {
    /// Says where it comes from: its seed or its directed case.
    pub(crate) name: String,
    /// The flat image.
    pub(crate) image: Vec<u8>,
    /// `SZ`, bytes.
    pub(crate) memory: u32,
    /// The name of a built-in profile, or an object: mnemonic to action in user mode.
    pub(crate) profile: Value,
    /// The input tape.
    pub(crate) input: Vec<u8>,
    /// Bytes of console output beyond which a run stops.
    pub(crate) output_limit: u64,
    /// Step counts at which states are compared, ascending.
    pub(crate) counts: Vec<u64>,
}

/// What the model says about some guests.
pub(crate) struct Told {
    /// For each guest and each of its counts, the state as one line of JSON.
    pub(crate) states: Vec<Vec<String>>,
    /// What the steps did, such as `u lw trap 5`.
    pub(crate) seen: Vec<String>,
}

/// Whether there is a Python to run the model with; says so if not.
pub(crate) fn available() -> bool {
    let version = Command::new("python3").arg("--version").stdout(Stdio::null()).status();
    let found = version.is_ok_and(|status| status.success());
    if !found {
        println!("skipped: the independent model needs python3, which is not installed");
    }
    found
}

/// Runs `guests` through one process of the model; `folder` is for its requests.
pub(crate) fn ask(guests: &[Guest], folder: &Path) -> Told {
    let requests: Vec<String> = guests.iter().map(|guest| request(guest) + "\n").collect();
    let name = guests.first().map_or("none", |guest| &guest.name);
    let file = folder.join(format!("{name}.requests"));
    fs::write(&file, requests.concat()).expect("the test's folder can be written");
    let output = Command::new("python3")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/model/pg32_model.py"))
        .arg("--batch")
        .stdin(File::open(&file).expect("written above"))
        .output()
        .expect("python3 was there a moment ago");
    assert!(output.status.success(), "the model failed: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("JSON is text");
    let mut lines = text.lines().map(str::to_owned);
    let states = guests.iter().map(|guest| lines.by_ref().take(guest.counts.len()).collect()).collect();
    let seen =
        serde_json::from_str(&lines.next().expect("a batch ends with a list")).expect("a list of strings");
    Told { states, seen }
}

fn request(guest: &Guest) -> String {
    json!({
        "image": hex(&guest.image),
        "memory": guest.memory,
        "profile": guest.profile,
        "input": hex(&guest.input),
        "output_limit": guest.output_limit,
        "steps": guest.counts,
    })
    .to_string()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
