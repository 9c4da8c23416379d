//! The program against an independent model of the machine (`model/pg32_model.py`, written from the principles of
//! operation alone): random and directed guests, bare and virtual, every state compared byte for byte.
//!
//! `PG32_ORACLE_GUESTS` and `PG32_ORACLE_SEED` say how many random guests to run and from which seed on.

mod model;

use model::{Guest, Told};
use pg32_harness::{Observation, Setup, StateJson};
use pg32_image::Image;
use pg32_isa::{Action, Op, Profile};
use pg32_vm::{EngineKind, Until};
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
enum Host {
    Bare(EngineKind),
    /// A monitor, stacked, on a machine with some engine.
    Virtual(Monitor, u32, EngineKind),
}

/// Every engine bare, and every monitor that the theory says is exact on `profile`, at depth 1 and 2.
fn hosts(profile: &Value) -> Vec<Host> {
    let engines = EngineKind::ALL;
    let bare = engines.iter().map(|engine| Host::Bare(*engine));
    let exact = Monitor::ALL.into_iter().filter(|monitor| is_exact(monitor.name(), profile));
    let stacked = exact.flat_map(|monitor| [1, 2].map(|depth| (monitor, depth)));
    let on = stacked.enumerate().map(|(n, (m, depth))| Host::Virtual(m, depth, engines[n % engines.len()]));
    bare.chain(on).collect()
}

/// The theory's table of monitors, and the verdicts of section 7. In a profile of one's own, an instruction that
/// user mode ignores is not user-sensitive, and of those it executes `rdm` and `retu` alone are not.
fn is_exact(monitor: &str, profile: &Value) -> bool {
    let (theorem_1, theorem_3) = match profile {
        Value::String(name) => (name == "pg", ["pg", "pdp10", "m68k", "arm"].contains(&name.as_str())),
        own => {
            let actions: Vec<_> = own.as_object().expect("a profile").iter().collect();
            let harmless =
                |name: &str, action: &Value| action != "execute" || name == "rdm" || name == "retu";
            let privileged = actions.iter().all(|(_, action)| *action == "trap");
            (privileged, actions.iter().all(|(name, action)| harmless(name, action)))
        }
    };
    match monitor {
        "trap-and-emulate" => theorem_1,
        "hybrid" => theorem_3,
        _ => true,
    }
}

#[test]
fn random_guests_agree_with_the_model() {
    let Some(bench) = Bench::new("random") else { return };
    let first = setting("PG32_ORACLE_SEED", 0) & !1;
    let count = setting("PG32_ORACLE_GUESTS", 480);
    let guests: Vec<Guest> = (first..first + count).map(model::random::guest).collect();
    let told = bench.ask(&guests);
    assert_visits_the_corners(&told.seen);
    let tasks: Vec<usize> = (0..guests.len()).collect();
    tasks.par_iter().for_each(|&n| {
        let guest = &guests[n];
        for (h, host) in hosts(&guest.profile).into_iter().enumerate() {
            let chosen =
                |c: usize| matches!(host, Host::Bare(_)) || (c + n + h).is_multiple_of(guest.counts.len());
            for (c, count) in guest.counts.iter().enumerate().filter(|(c, _)| chosen(*c)) {
                bench.check(guest, host, *count, &told.states[n][c]);
            }
        }
        if n % 2 == 1 {
            bench.check_neighbours(&guests[n - 1..=n], &told.states[n - 1..=n]);
        }
    });
    bench.finish();
}

#[test]
fn directed_guests_agree_with_the_model() {
    let Some(bench) = Bench::new("directed") else { return };
    let cases = model::directed::cases();
    let guests: Vec<Guest> = cases.iter().enumerate().map(|(n, case)| case.guest(n)).collect();
    let told = bench.ask(&guests);
    for (case, states) in cases.iter().zip(&told.states) {
        case.assert_foretold(states.last().expect("a case has a count"));
    }
    guests.par_iter().zip(&told.states).for_each(|(guest, states)| {
        for host in hosts(&guest.profile) {
            let every = !matches!(host, Host::Virtual(_, 2, _));
            let last = guest.counts.len() - 1;
            for (c, state) in states.iter().enumerate().filter(|(c, _)| every || *c == last) {
                bench.check(guest, host, guest.counts[c], state);
            }
        }
    });
    bench.finish();
}

/// Profiles that are not built in have no name that the command line knows, so these run in this process.
#[test]
fn random_profiles_agree_with_the_model() {
    let Some(bench) = Bench::new("profiles") else { return };
    let first = setting("PG32_ORACLE_SEED", 0);
    let count = setting("PG32_ORACLE_GUESTS", 300);
    let guests: Vec<Guest> = (first..first + count).map(model::random::guest_with_own_profile).collect();
    let told = bench.ask(&guests);
    guests.par_iter().zip(&told.states).for_each(|(guest, states)| {
        for host in hosts(&guest.profile) {
            for (got, expected) in states_in_process(guest, host).iter().zip(states) {
                assert!(
                    got == expected,
                    "{} on {host:?}\nexpected {expected}\ngot      {got}",
                    bench.place(guest)
                );
            }
        }
    });
    bench.finish();
}

/// One machine, run on from each of the guest's counts to the next.
fn states_in_process(guest: &Guest, host: Host) -> Vec<String> {
    let (engine, monitors) = match host {
        Host::Bare(engine) => (engine, Vec::new()),
        Host::Virtual(monitor, depth, engine) => (engine, vec![monitor; depth as usize]),
    };
    let setup = Setup {
        image: Image::from_flat(guest.image.clone()).into(),
        memory: guest.memory,
        profile: own_profile(&guest.profile),
        engine,
        input: guest.input.clone().into(),
        output_limit: 1 << 20,
    };
    let mut machine = setup.tower(&monitors).expect("the guest fits");
    let mut steps = 0;
    let run_to = |count: &u64| {
        steps += machine.run(Until::Steps(count - steps)).steps;
        serde_json::to_string(&StateJson::from(&Observation::of(machine.as_ref(), steps)))
            .expect("it is JSON")
    };
    guest.counts.iter().map(run_to).collect()
}

fn own_profile(actions: &Value) -> Profile {
    let with = |profile: Profile, (name, action): (&String, &Value)| {
        let op = Op::ALL.into_iter().find(|op| op.mnemonic() == name).expect("a mnemonic");
        profile.with(op, Action::parse(action.as_str().expect("a word")).expect("an action"))
    };
    actions.as_object().expect("a profile").iter().fold(Profile::trapping("own"), with)
}

/// The random guests are worth nothing if they do not go where the principles are odd.
fn assert_visits_the_corners(seen: &[String]) {
    const SYSTEM: [&str; 13] =
        ["lpsw", "halt", "spsw", "rdm", "rdb", "rdl", "setr", "setm", "retu", "lwp", "swp", "in", "out"];
    let mut corners = Vec::new();
    for what in [
        "ecall trap 1",
        "ebreak trap 2",
        "illegal trap 3",
        "lw trap 5",
        "sw trap 5",
        "nothing trap 5",
        "nothing trap 6",
        "jal trap 6",
        "jalr trap 6",
        "bgeu trap 6",
        "addi timer",
        "lw timer",
        "sw timer",
        "jal timer",
        "bgeu timer",
        "mul timer",
        "fence timer",
    ] {
        corners.extend([format!("s {what}"), format!("u {what}")]);
    }
    for name in SYSTEM {
        corners.extend([format!("s {name} retires"), format!("u {name} trap 4")]);
    }
    // `lpsw` and `halt` never end in a timer trap.
    corners.extend(SYSTEM[2..].iter().map(|name| format!("s {name} timer")));
    corners.extend(["lpsw", "spsw", "lwp", "swp"].map(|name| format!("s {name} trap 5")));
    corners
        .extend(["spsw trap 5", "lwp trap 5", "retu retires", "rdm retires"].map(|what| format!("u {what}")));
    corners.extend(["setr ignored retires", "setm ignored timer"].map(|what| format!("u {what}")));
    corners.retain(|corner| !seen.contains(corner));
    assert!(corners.is_empty(), "no random guest does any of {corners:?}");
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |value| value.parse().expect("a number"))
}

/// A folder with the guests of one test, and what to do with them.
struct Bench {
    folder: PathBuf,
}

impl Bench {
    /// None, with a notice, where the model cannot run.
    fn new(test: &str) -> Option<Self> {
        if !model::available() {
            return None;
        }
        let name = format!("oracle-{test}-{}", std::process::id());
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&folder).expect("cargo's folder for tests can be written");
        Some(Bench { folder })
    }

    /// The test passed: nothing is left to be looked at.
    fn finish(self) {
        fs::remove_dir_all(&self.folder).expect("the folder is ours");
    }

    /// Writes the guests to files, and asks the model about them.
    fn ask(&self, guests: &[Guest]) -> Told {
        for guest in guests {
            fs::write(self.image(guest), &guest.image).expect("the folder is ours");
            fs::write(self.input(guest), &guest.input).expect("the folder is ours");
        }
        let batches: Vec<Told> =
            guests.par_chunks(BATCH).map(|batch| model::ask(batch, &self.folder)).collect();
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
    fn place(&self, guest: &Guest) -> String {
        let Guest { memory, profile, .. } = guest;
        format!("{} --memory {memory} --profile {profile}", self.image(guest).display())
    }

    fn run(&self, guest: &Guest, host: Host, count: u64) -> (String, Option<i32>) {
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
        self.finish_command(command, guest, count)
    }

    fn finish_command(&self, mut command: Command, guest: &Guest, count: u64) -> (String, Option<i32>) {
        command.args(["--state", "json", "--profile", guest.profile.as_str().expect("built in")]);
        command.args(["--memory", &guest.memory.to_string(), "--steps", &count.to_string()]);
        command.arg("--input").arg(self.input(guest));
        let output = command.output().expect("pg32 was built");
        (String::from_utf8_lossy(&output.stdout).into_owned(), output.status.code())
    }

    /// Fails, with the first step that goes wrong, if the program's state or exit status is not the model's.
    fn check(&self, guest: &Guest, host: Host, count: u64, expected: &str) {
        let (got, status) = self.run(guest, host, count);
        let expected_status = exit_status(&[expected]);
        if got.trim_end() == expected && status == Some(expected_status) {
            return;
        }
        let place = self.place(guest);
        if let Some((step, before, expected, got)) = self.first_difference(guest, host, count) {
            panic!(
                "{place}\non {host:?}: step {step} differs\nbefore   {before}\nexpected {expected}\ngot      {got}"
            );
        }
        panic!(
            "{place}\non {host:?} at {count}: exit {status:?} for {expected_status}\nexpected {expected}\ngot      {got}"
        );
    }

    fn first_difference(
        &self,
        guest: &Guest,
        host: Host,
        count: u64,
    ) -> Option<(u64, String, String, String)> {
        let every =
            Guest { counts: (0..=count).collect(), name: format!("{}-again", guest.name), ..guest.clone() };
        let states = model::ask(&[every], &self.folder).states.remove(0);
        (0..=count).zip(&states).find_map(|(step, expected)| {
            let got = self.run(guest, host, step).0.trim_end().to_owned();
            let before = states[step.saturating_sub(1) as usize].clone();
            (got != *expected).then(|| (step, before, expected.clone(), got))
        })
    }

    /// Two guests in turn on one machine, under every monitor that is exact on their profile.
    fn check_neighbours(&self, guests: &[Guest], told: &[Vec<String>]) {
        let count = *guests[0].counts.iter().find(|c| guests[1].counts.contains(c)).expect("they share one");
        let state = |n: usize| {
            told[n][guests[n].counts.iter().position(|c| *c == count).expect("it has it")].as_str()
        };
        let expected = [state(0), state(1)];
        for monitor in Monitor::ALL.into_iter().filter(|m| is_exact(m.name(), &guests[0].profile)) {
            let mut command = Command::new(env!("CARGO_BIN_EXE_pg32"));
            command.arg("vmm").args(guests.iter().map(|guest| self.image(guest)));
            let slice = (1 + count * 7 % 23).to_string();
            command.args(["--monitor", monitor.name(), "--slice", &slice]);
            let (got, status) = self.finish_command(command, &guests[0], count);
            assert!(
                got.trim_end() == format!("[{}]", expected.join(","))
                    && status == Some(exit_status(&expected)),
                "{}\nand its neighbour under {} with slices of {slice}, {count} steps, exit {status:?}\n\
                 expected [{}]\ngot      {got}",
                self.place(&guests[0]),
                monitor.name(),
                expected.join(","),
            );
        }
    }
}

/// What `pg32` answers for these final states: a guest that failed, else a budget that ended, else success.
fn exit_status(states: &[&str]) -> i32 {
    let states: Vec<Value> = states.iter().map(|state| serde_json::from_str(state).expect("JSON")).collect();
    if states.iter().any(|state| state["halted"] == true && state["x"][10] != 0) {
        return 1;
    }
    if states.iter().any(|state| state["halted"] == false) { 5 } else { 0 }
}
