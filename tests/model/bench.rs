//! The bench on which `pg32` runs guests, one process for each state, and is held to what the model told.

use super::{Guest, Told, ask, available};
use pg32_vm::EngineKind;
use pg32_vmm::Monitor;
use rayon::prelude::*;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Guests that one process of the model runs.
const BATCH: usize = 25;

/// What executes a guest.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Host {
    /// The bare machine.
    Bare(EngineKind),
    /// A monitor, stacked so many times, on a machine with some engine.
    Virtual(Monitor, u32, EngineKind),
}

/// A folder with the guests of one test.
pub(crate) struct Bench {
    folder: PathBuf,
}

impl Bench {
    /// None, with a notice, where the model cannot run.
    pub(crate) fn new(test: &str) -> Option<Self> {
        if !available() {
            return None;
        }
        let name = format!("oracle-{test}-{}", std::process::id());
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&folder).expect("cargo's folder for tests can be written");
        Some(Bench { folder })
    }

    /// Ends the test, with `failure` if there is one; then the folder stays to be looked at.
    pub(crate) fn finish(&self, failure: Option<String>) {
        if let Some(message) = failure {
            panic!("{message}");
        }
        fs::remove_dir_all(&self.folder).expect("the folder is ours");
    }

    /// Writes the guests to files, and asks the model about them.
    pub(crate) fn ask(&self, guests: &[Guest]) -> Told {
        for guest in guests {
            fs::write(self.image(guest), &guest.image).expect("the folder is ours");
            fs::write(self.input(guest), &guest.input).expect("the folder is ours");
        }
        let batches: Vec<Told> = guests.par_chunks(BATCH).map(|batch| ask(batch, &self.folder)).collect();
        let mut all = Told { states: Vec::new(), seen: Vec::new() };
        for told in batches {
            all.states.extend(told.states);
            all.seen.extend(told.seen);
        }
        all
    }

    fn image(&self, guest: &Guest) -> PathBuf {
        self.folder.join(&guest.name).with_extension("bin")
    }

    fn input(&self, guest: &Guest) -> PathBuf {
        self.folder.join(&guest.name).with_extension("tape")
    }

    /// The guest, as someone who wants to see it again needs it.
    pub(crate) fn place(&self, guest: &Guest) -> String {
        let Guest { memory, profile, output_limit, .. } = guest;
        let image = self.image(guest);
        format!("{} --memory {memory} --profile {profile} --output-limit {output_limit}", image.display())
    }

    fn run(&self, guest: &Guest, host: Host, count: u64) -> Answer {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pg32"));
        let engine = match host {
            Host::Bare(engine) => {
                command.arg("run");
                engine
            }
            Host::Virtual(monitor, depth, engine) => {
                command.args(["vmm", "--monitor", monitor.name(), "--depth", &depth.to_string()]);
                engine
            }
        };
        command.arg(self.image(guest)).args(["--engine", engine.name()]);
        self.answer(command, guest, count)
    }

    /// Runs a command behind which the flags of the machine are still missing.
    fn answer(&self, mut command: Command, guest: &Guest, count: u64) -> Answer {
        command.args(["--state", "json", "--profile", guest.profile.as_str().expect("built in")]);
        command.args(["--memory", &guest.memory.to_string(), "--steps", &count.to_string()]);
        command.args(["--output-limit", &guest.output_limit.to_string()]);
        command.arg("--input").arg(self.input(guest));
        let output = command.output().expect("pg32 was built");
        let state = String::from_utf8_lossy(&output.stdout).trim_end().to_owned();
        Answer { state, status: output.status.code() }
    }

    /// # Errors
    /// If the program's state or exit status is not the model's: what differs, at the first step that does.
    pub(crate) fn check(&self, guest: &Guest, host: Host, count: u64, expected: &str) -> Result<(), String> {
        let got = self.run(guest, host, count);
        let expected = Answer { state: expected.to_owned(), status: Some(exit_status(&[expected])) };
        if got == expected {
            return Ok(());
        }
        let first = self.first_difference(guest, host, count);
        let first = first.unwrap_or_else(|| format!("the exit status differs: {got:?}, not {expected:?}"));
        Err(format!("{}\non {host:?} within {count} steps: {first}", self.place(guest)))
    }

    /// # Errors
    /// If a monitor that is not exact on the guest's profile does anything but run it, or lose it and say so.
    pub(crate) fn check_survives(&self, guest: &Guest, host: Host) -> Result<(), String> {
        let got = self.run(guest, host, *guest.counts.last().expect("a guest has counts"));
        let is_state = serde_json::from_str::<Value>(&got.state).is_ok_and(|state| state["schema"] == 1);
        if is_state && matches!(got.status, Some(0 | 1 | 5)) {
            return Ok(());
        }
        Err(format!("{}\non {host:?}: no way to end a run: {got:?}", self.place(guest)))
    }

    fn first_difference(&self, guest: &Guest, host: Host, count: u64) -> Option<String> {
        let name = format!("{}-again", guest.name);
        let every = Guest { counts: (0..=count).collect(), name, ..guest.clone() };
        let states = ask(&[every], &self.folder).states.remove(0);
        (0..=count).zip(&states).find_map(|(step, expected)| {
            let got = self.run(guest, host, step).state;
            let before = &states[step.saturating_sub(1) as usize];
            let differs =
                format!("step {step} differs\nbefore   {before}\nexpected {expected}\ngot      {got}");
            (got != *expected).then_some(differs)
        })
    }

    /// Two guests in turn on one machine, at the count that they share.
    ///
    /// # Errors
    /// If what they come to is not what the model says of each alone.
    pub(crate) fn check_neighbours(
        &self,
        guests: &[Guest],
        told: &[Vec<String>],
        monitors: Vec<Monitor>,
    ) -> Result<(), String> {
        let shared = guests[0].counts.iter().find(|count| guests[1].counts.contains(count));
        let count = *shared.expect("neighbours share a count");
        let states: Vec<&str> = guests
            .iter()
            .zip(told)
            .map(|(guest, states)| {
                let n = guest.counts.iter().position(|c| *c == count).expect("it is shared");
                states[n].as_str()
            })
            .collect();
        let expected =
            Answer { state: format!("[{}]", states.join(",")), status: Some(exit_status(&states)) };
        for monitor in monitors {
            let mut command = Command::new(env!("CARGO_BIN_EXE_pg32"));
            let (slice, depth) = ((1 + count * 7 % 23).to_string(), (1 + count % 2).to_string());
            command.args(["vmm", "--monitor", monitor.name(), "--slice", &slice, "--depth", &depth]);
            command.args(guests.iter().map(|guest| self.image(guest)));
            let got = self.answer(command, &guests[0], count);
            if got != expected {
                let place = self.place(&guests[0]);
                return Err(format!(
                    "{place}\nand its neighbour under {} at depth {depth}, slices of {slice}, {count} steps\n\
                     expected {expected:?}\ngot      {got:?}",
                    monitor.name(),
                ));
            }
        }
        Ok(())
    }
}

/// What a run of `pg32` ends with.
#[derive(PartialEq, Eq, Debug)]
struct Answer {
    state: String,
    status: Option<i32>,
}

/// What `pg32` answers for these final states: a guest that failed, else a budget that ended, else success.
fn exit_status(states: &[&str]) -> i32 {
    let states: Vec<Value> = states.iter().map(|state| serde_json::from_str(state).expect("JSON")).collect();
    if states.iter().any(|state| state["halted"] == true && state["x"][10] != 0) {
        return 1;
    }
    if states.iter().any(|state| state["halted"] == false) { 5 } else { 0 }
}
