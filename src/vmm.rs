//! `pg32 vmm`: guests as virtual machines under a monitor.

use crate::args::{StateFormat, VmmArgs};
use crate::failure::{Failure, Status};
use crate::run::{End, json, run, show_state, status};
use crate::{guests, hosted, output, stats};
use pg32_harness::{Logged, Observation, Setup, StateJson, ending};
use pg32_vm::{Ran, boot};

pub(crate) fn command(args: &VmmArgs) -> Result<Status, Failure> {
    let setups: Vec<Setup> = args
        .files
        .iter()
        .map(|file| guests::setup(&guests::load(file, &args.source)?, &args.machine))
        .collect::<Result<_, _>>()?;
    match setups.as_slice() {
        [setup] if args.vmm.is_some() => hosted::run(args, setup),
        _ if args.vmm.is_some() => Err(Failure::usage("a monitor given with --vmm has one guest")),
        [setup] => one(args, setup),
        setups => several(args, setups),
    }
}

/// One guest, on top of as many monitors as asked for.
fn one(args: &VmmArgs, setup: &Setup) -> Result<Status, Failure> {
    let monitors = vec![args.monitor; args.depth as usize];
    let mut machine = setup.virtual_machine(&monitors).map_err(Failure::usage)?;
    let budget = args.machine.steps;
    let (ran, log) = if args.state == Some(StateFormat::Text) {
        let mut logged = Logged::new(Box::new(machine));
        let ran = logged.run(budget);
        machine = *logged.machine;
        (ran, Some(logged.log))
    } else {
        (run(&mut machine, budget, args.state.is_none()), None)
    };
    if let Some(format) = args.state {
        let end = End { setup, machine: &machine, ran, log: log.as_ref() };
        output::result(show_state(&end, format).as_bytes());
    }
    if let Some(format) = args.stats {
        let levels = machine.levels();
        let named: Vec<_> =
            levels.iter().enumerate().map(|(n, s)| (format!("level {}", n + 1), *s, ran.steps)).collect();
        output::talk(&stats::of_guests(&named, format));
    }
    Ok(crate::run::conclude(&machine, ran))
}

/// Several guests share the machine in turn.
fn several(args: &VmmArgs, setups: &[Setup]) -> Result<Status, Failure> {
    let policy = args.monitor;
    let outer = vec![args.monitor; args.depth as usize - 1];
    let bytes = setups.iter().map(|s| u64::from(s.memory)).sum();
    let mut vmm = setups[0].monitor(&outer, bytes).map_err(Failure::usage)?;
    for setup in setups {
        let spec = setup.guest(policy.policy(), setup.memory);
        let id = vmm.create(spec).map_err(Failure::usage)?;
        boot(&mut vmm.machine(id), &setup.image).map_err(Failure::usage)?;
    }
    let runs = vmm.run_all(args.machine.steps, args.slice);
    let observations: Vec<Observation> =
        runs.iter().map(|(id, ran)| Observation::of(&vmm.machine(*id), ran.steps)).collect();
    show_states(args, &observations, &runs.iter().map(|(_, ran)| *ran).collect::<Vec<_>>(), setups);
    let mut statuses = Vec::new();
    for (((id, ran), file), state) in runs.iter().zip(&args.files).zip(&observations) {
        let how = ending(ran.pause, state.exit_status(), vmm.guest(*id).idle_traps());
        output::talk(&format!("{}: {how}; {} steps", file.display(), ran.steps));
        statuses.push(status(ran.pause, state.exit_status()));
    }
    if let Some(format) = args.stats {
        let guests = runs.iter().zip(&args.files);
        let named: Vec<_> = guests
            .map(|((id, ran), file)| (file.display().to_string(), vmm.guest(*id).stats(), ran.steps))
            .collect();
        output::talk(&stats::of_guests(&named, format));
    }
    let worst = [Status::No, Status::Inconclusive].into_iter().find(|s| statuses.contains(s));
    Ok(worst.unwrap_or(Status::Holds))
}

fn show_states(args: &VmmArgs, states: &[Observation], runs: &[Ran], setups: &[Setup]) {
    match args.state {
        Some(StateFormat::Json) => {
            let states: Vec<StateJson> = states.iter().map(StateJson::from).collect();
            output::result(json(&states).as_bytes());
        }
        Some(StateFormat::Text) => {
            for (((state, ran), setup), file) in states.iter().zip(runs).zip(setups).zip(&args.files) {
                output::result(format!("== {}\n", file.display()).as_bytes());
                let finished = pg32_harness::Finished { setup, state, ran: *ran, idle_traps: 0, log: None };
                output::result(pg32_harness::snapshot(&finished).as_bytes());
            }
        }
        None => {
            for (state, file) in states.iter().zip(&args.files) {
                output::result(format!("== {}\n", file.display()).as_bytes());
                output::result(&state.output);
            }
        }
    }
}
