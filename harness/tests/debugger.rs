//! A machine under a debugger goes back to where it was, stops where it was told to, and foresees what it touches.

mod common;

use pg32_harness::{Accesses, Debugger, History, Loader, Observation, Setup, Stop, WatchKind, Watchpoint};
use pg32_isa::{Physical, Profile, Reg};
use pg32_vm::{EngineKind, Pause, Until};
use pg32_vmm::Monitor;
use proptest::prelude::*;
use std::sync::{Arc, LazyLock};

/// Two applications, a timer, system calls; some 5200 steps to its `halt`.
static GUEST: LazyLock<Setup> = LazyLock::new(|| {
    let file = common::folder("../samples/05-preemptive/kernel.s");
    let image = Loader::default().load(&file).expect("the sample assembles").image;
    let (profile, engine) = (Profile::pg(), EngineKind::Fast);
    Setup { image, memory: 1 << 14, profile, engine, input: Arc::from([]), output_limit: 1 << 20 }
});

/// The guest's states, one a step, from the reset on.
static STATES: LazyLock<Vec<Observation>> = LazyLock::new(|| {
    let mut machine = GUEST.bare().expect("it fits");
    let mut states = vec![Observation::of(machine.as_ref(), 0)];
    while machine.run(Until::Steps(1)).steps == 1 {
        states.push(Observation::of(machine.as_ref(), states.len() as u64));
    }
    states
});

fn end() -> u64 {
    STATES.len() as u64 - 1
}

fn debugger() -> Debugger {
    Debugger::new(GUEST.bare().expect("it fits"), GUEST.profile.clone(), u64::MAX)
}

fn pc(state: &Observation) -> u32 {
    state.psw.base + state.psw.pc
}

/// Runs to the next stop, if `patience` suffices.
fn run(debugger: &mut Debugger) -> Stop {
    debugger.run(1 << 20).expect("the guest halts")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn any_way_there_is_the_same_state(way in proptest::collection::vec((any::<bool>(), 0u64..3000), 1..12)) {
        let mut history = History::new(GUEST.bare().expect("it fits"));
        for (forward, steps) in way {
            if forward {
                let ran = history.run(steps);
                prop_assert_eq!(ran.pause == Pause::Halted, history.steps() == end());
            } else {
                history.back_to(history.steps().saturating_sub(steps));
            }
            let now = Observation::of(history.machine(), history.steps());
            prop_assert_eq!(&now, &STATES[history.steps() as usize]);
        }
    }

    #[test]
    fn going_back_finds_the_last_place_it_passed(from in 1u64..5201, place in 0usize..5201) {
        let at = pc(&STATES[place]);
        let mut debugger = debugger();
        while debugger.steps() < from {
            debugger.step();
        }
        debugger.add_breakpoint(at);
        let expected = STATES[..from as usize].iter().rposition(|state| pc(state) == at);
        let stop = debugger.run_back(|| false);
        prop_assert_eq!(stop, Some(expected.map_or(Stop::Begin, |_| Stop::Breakpoint)));
        prop_assert_eq!(debugger.steps(), expected.unwrap_or(0) as u64);
        // And forward again to where it passes next.
        debugger.step();
        let next = (debugger.steps() as usize..STATES.len()).find(|n| pc(&STATES[*n]) == at);
        let stop = run(&mut debugger);
        prop_assert_eq!(stop, next.map_or(Stop::End(Pause::Halted), |_| Stop::Breakpoint));
        prop_assert_eq!(debugger.steps(), next.unwrap_or(end() as usize) as u64);
    }
}

/// Whatever a step changes in storage it was foreseen to write, traps and timer traps included.
#[test]
fn every_write_is_foreseen() {
    let mut machine = GUEST.bare().expect("it fits");
    for (before, after) in STATES.iter().zip(&STATES[1..]) {
        let accesses = Accesses::of_next_step(machine.as_ref(), &GUEST.profile);
        let changed = (0..before.storage.len()).filter(|at| before.storage[*at] != after.storage[*at]);
        for at in changed {
            let written = accesses.writes.iter().any(|range| range.contains(&(at as u64)));
            assert!(written, "step {} writes {at:#x}: {accesses:?}", after.steps);
        }
        machine.run(Until::Steps(1));
    }
    assert_eq!(
        Accesses::of_next_step(machine.as_ref(), &GUEST.profile),
        Accesses::default(),
        "it has halted"
    );
}

#[test]
fn watchpoints_stop_in_front_of_the_step() {
    // The old PC of slot 0: written by traps alone, read by the handler.
    let slot = 12..16;
    for (kind, expected) in [
        (WatchKind::Write, "a trap writes it"),
        (WatchKind::Read, "the handler reads it"),
        (WatchKind::Access, "whatever comes first"),
    ] {
        let mut debugger = debugger();
        let point = Watchpoint { range: slot.clone(), kind };
        debugger.add_watchpoint(point.clone());
        assert_eq!(run(&mut debugger), Stop::Watchpoint(point.clone()), "{expected}");
        let stopped = debugger.steps() as usize;
        let changes = STATES[stopped].storage[12..16] != STATES[stopped + 1].storage[12..16];
        assert_eq!(changes, kind != WatchKind::Read, "{expected}: step {stopped}");
        assert!(debugger.remove_watchpoint(&point) && !debugger.remove_watchpoint(&point));
        assert_eq!(run(&mut debugger), Stop::End(Pause::Halted));
        debugger.add_watchpoint(point.clone());
        assert_eq!(debugger.run_back(|| false), Some(Stop::Watchpoint(point)));
        assert!(debugger.steps() as usize >= stopped);
    }
}

#[test]
fn a_change_by_hand_holds_from_then_on() {
    let mut debugger = debugger();
    (0..100).for_each(|_| assert_eq!(debugger.step(), Stop::Stepped));
    debugger.change(|machine| machine.set_register(Reg::new(27), 0xbad));
    let value = |debugger: &Debugger| debugger.machine().register(Reg::new(27));
    (0..10).for_each(|_| assert_eq!(debugger.step(), Stop::Stepped));
    (0..10).for_each(|_| assert_eq!(debugger.step_back(), Stop::Stepped));
    assert_eq!((debugger.steps(), value(&debugger)), (100, 0xbad), "back to the change");
    debugger.step_back();
    assert_eq!(value(&debugger), STATES[99].x[27], "before it, all is as it was");
    debugger.step();
    assert_eq!(value(&debugger), STATES[100].x[27], "and it has not happened");
    assert_eq!(debugger.run_back(|| false), Some(Stop::Begin));
    assert_eq!(debugger.step_back(), Stop::Begin);
}

/// The same from the guest's side under a monitor; and giving up leaves everything as it was.
#[test]
fn a_virtual_machine_goes_back_as_well() {
    let machine = GUEST.tower(&[Monitor::TrapAndEmulate, Monitor::Hybrid]).expect("it fits");
    let mut debugger = Debugger::new(machine, GUEST.profile.clone(), 3000);
    assert_eq!(run(&mut debugger), Stop::End(Pause::Steps), "the budget ends");
    assert_eq!(debugger.steps(), 3000);
    debugger.add_breakpoint(pc(&STATES[1280]));
    assert_eq!(debugger.run_back(|| true), None);
    assert_eq!(debugger.steps(), 3000);
    assert_eq!(debugger.run_back(|| false), Some(Stop::Breakpoint));
    let mut bytes = vec![0; STATES[0].storage.len()];
    debugger.machine().read(Physical(0), &mut bytes);
    let there = &STATES[debugger.steps() as usize];
    assert_eq!((debugger.machine().psw(), bytes), (there.psw, there.storage.clone()));
}
