//! The program against an independent model of the machine (`model/pg32_model.py`, written from the principles of
//! operation alone): random and directed guests, bare and virtual, every state compared byte for byte.
//!
//! `PG32_ORACLE_GUESTS` and `PG32_ORACLE_SEED` say how many random guests to run and from which seed on.

mod model;

use model::bench::{Bench, Host};
use model::{Guest, directed, random};
use pg32_harness::{Observation, Setup, StateJson};
use pg32_image::Image;
use pg32_isa::{Action, Op, Profile};
use pg32_vm::{EngineKind, Until};
use pg32_vmm::Monitor;
use rayon::prelude::*;
use serde_json::Value;

/// Every system instruction, those first behind which there is never a timer trap.
const SYSTEM: [&str; 13] =
    ["lpsw", "halt", "spsw", "rdm", "rdb", "rdl", "setr", "setm", "retu", "lwp", "swp", "in", "out"];

#[test]
fn random_guests_agree_with_the_model() {
    let Some(bench) = Bench::new("random") else { return };
    let first = setting("PG32_ORACLE_SEED", 0) & !1;
    let count = setting("PG32_ORACLE_GUESTS", 400);
    let guests: Vec<Guest> = (first..first + count).map(random::guest).collect();
    let told = bench.ask(&guests);
    assert_visits(&told.seen, corners());
    let check = |n: usize| {
        let (guest, states) = (&guests[n], &told.states[n]);
        for (h, host) in hosts(&guest.profile).into_iter().enumerate() {
            // On a virtual machine one count has to do, another one on each.
            let (from, every) = if matches!(host, Host::Bare(_)) { (0, 1) } else { (n + h, states.len()) };
            for (count, state) in guest.counts.iter().zip(states).skip(from % every).step_by(every) {
                bench.check(guest, host, *count, state)?;
            }
        }
        let monitors = exact_monitors(&guest.profile);
        for monitor in Monitor::ALL.into_iter().filter(|monitor| !monitors.contains(monitor)) {
            bench.check_survives(guest, Host::Virtual(monitor, 1 + n as u32 % 2, EngineKind::fastest()))?;
        }
        match n % 2 {
            1 => bench.check_neighbours(&guests[n - 1..=n], &told.states[n - 1..=n], monitors),
            _ => Ok(()),
        }
    };
    bench.finish((0..guests.len()).into_par_iter().find_map_first(|n| check(n).err()));
}

#[test]
fn directed_guests_agree_with_the_model() {
    let Some(bench) = Bench::new("directed") else { return };
    let cases = directed::cases();
    let guests: Vec<Guest> = cases.iter().enumerate().map(|(n, case)| case.guest(n)).collect();
    let told = bench.ask(&guests);
    for (case, states) in cases.iter().zip(&told.states) {
        case.assert_foretold(states.last().expect("a case has a count"));
    }
    let check = |guest: &Guest, states: &[String]| {
        for host in hosts(&guest.profile) {
            let from = if matches!(host, Host::Virtual(_, 2, _)) { states.len() - 1 } else { 0 };
            for (count, state) in guest.counts.iter().zip(states).skip(from) {
                bench.check(guest, host, *count, state)?;
            }
        }
        Ok::<(), String>(())
    };
    let both = guests.par_iter().zip(&told.states);
    bench.finish(both.find_map_first(|(guest, states)| check(guest, states).err()));
}

/// Profiles that are not built in have no name that the command line knows, so these run in this process.
#[test]
fn random_profiles_agree_with_the_model() {
    let Some(bench) = Bench::new("profiles") else { return };
    let first = setting("PG32_ORACLE_SEED", 0);
    let count = setting("PG32_ORACLE_GUESTS", 400);
    let guests: Vec<Guest> = (first..first + count).map(random::guest_with_own_profile).collect();
    let told = bench.ask(&guests);
    assert_visits(&told.seen, corners_of_profiles());
    let check = |guest: &Guest, states: &[String]| {
        hosts(&guest.profile).into_iter().find_map(|host| {
            let got = states_in_process(guest, host);
            let n = (0..states.len()).find(|n| got[*n] != states[*n])?;
            let place = bench.place(guest);
            Some(format!("{place}\non {host:?}, state {n}\nexpected {}\ngot      {}", states[n], got[n]))
        })
    };
    let both = guests.par_iter().zip(&told.states);
    bench.finish(both.find_map_first(|(guest, states)| check(guest, states)));
}

/// Every engine bare, and every monitor that the theory says is exact on `profile`, at depth 1 and 2.
fn hosts(profile: &Value) -> Vec<Host> {
    let engines = EngineKind::ALL;
    let bare = engines.iter().map(|engine| Host::Bare(*engine));
    let stacked =
        exact_monitors(profile).into_iter().flat_map(|monitor| [1, 2].map(|depth| (monitor, depth)));
    let on = stacked.enumerate().map(|(n, (m, depth))| Host::Virtual(m, depth, engines[n % engines.len()]));
    bare.chain(on).collect()
}

/// The monitors that are exact by the theory's table and the verdicts of section 7. In a profile of one's own, an
/// instruction that user mode ignores is not user-sensitive, and of those that it executes `rdm` and `retu` are not.
fn exact_monitors(profile: &Value) -> Vec<Monitor> {
    let (theorem_1, theorem_3) = match profile {
        Value::String(name) => (name == "pg", ["pg", "pdp10", "m68k", "arm"].contains(&name.as_str())),
        own => {
            let actions: Vec<_> = own.as_object().expect("a profile").iter().collect();
            let innocuous =
                |name: &str, action: &Value| action != "execute" || name == "rdm" || name == "retu";
            let privileged = actions.iter().all(|(_, action)| *action == "trap");
            (privileged, actions.iter().all(|(name, action)| innocuous(name, action)))
        }
    };
    let exact = |monitor: &Monitor| match monitor.name() {
        "trap-and-emulate" => theorem_1,
        "hybrid" => theorem_3,
        _ => true,
    };
    Monitor::ALL.into_iter().filter(exact).collect()
}

/// The states of one machine in this process, run on from each of the guest's counts to the next.
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
        output_limit: guest.output_limit,
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

/// Random guests are worth nothing if they do not go where the principles are odd.
fn assert_visits(seen: &[String], mut corners: Vec<String>) {
    corners.retain(|corner| !seen.contains(corner));
    assert!(corners.is_empty(), "no random guest does any of {corners:?}");
}

/// What guests on the built-in profiles must do.
fn corners() -> Vec<String> {
    let mut corners = Vec::new();
    for what in
        ["ecall trap 1", "ebreak trap 2", "illegal trap 3", "lw trap 5", "sw trap 5", "nothing trap 5"]
    {
        corners.extend([format!("s {what}"), format!("u {what}")]);
    }
    for what in ["nothing trap 6", "jal trap 6", "jalr trap 6", "bgeu trap 6"] {
        corners.extend([format!("s {what}"), format!("u {what}")]);
    }
    for name in ["addi", "lw", "sw", "jal", "bgeu", "mul", "fence"] {
        corners.extend([format!("s {name} timer"), format!("u {name} timer")]);
    }
    for name in SYSTEM {
        corners.extend([format!("s {name} retires"), format!("u {name} trap 4")]);
    }
    corners.extend(SYSTEM[2..].iter().map(|name| format!("s {name} timer")));
    corners.extend(["lpsw", "spsw", "lwp", "swp"].map(|name| format!("s {name} trap 5")));
    corners
        .extend(["spsw trap 5", "lwp trap 5", "retu retires", "rdm retires"].map(|what| format!("u {what}")));
    corners.extend(["setr ignored retires", "setm ignored timer"].map(|what| format!("u {what}")));
    corners
}

/// What guests on profiles of their own must do: each system instruction executes and is ignored in mode u.
fn corners_of_profiles() -> Vec<String> {
    let mut corners = Vec::new();
    for name in SYSTEM {
        corners.extend([format!("u {name} retires"), format!("u {name} ignored retires")]);
        corners.push(format!("u {name} ignored timer"));
    }
    corners.extend(SYSTEM[2..].iter().map(|name| format!("u {name} timer")));
    corners.extend(["lpsw", "spsw", "lwp", "swp"].map(|name| format!("u {name} trap 5")));
    corners
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |value| value.parse().expect("a number"))
}
