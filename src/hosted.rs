//! `--vmm FILE` of `pg32 vmm` and `pg32 compare`: a monitor that is itself a PG32 program.

use crate::args::{CompareArgs, StateFormat, VmmArgs};
use crate::compare::{Teller, line, worst};
use crate::failure::{Failure, Status};
use crate::{guests, output, run};
use pg32_harness::{
    Agreement, Cost, Finished, Hosted, HostedError, HostedRun, HostedVerdict, MonitorFailure, MonitorFault,
    Replay, ReplayedMonitor, Setup, StateJson, Watched, compare_hosted, ending, snapshot,
};
use pg32_image::Image;
use pg32_vm::{Pause, Ran};
use pg32_vmm::Monitor;
use std::path::Path;

/// Copies of a monitor on one another: each doubles what a trap costs.
const MAX_DEPTH: u32 = 16;
/// Guest steps between two looks at what the console has to show.
const SLICE: u64 = 1 << 20;

/// The guest of `setup` under copies of the monitor in `vmm`.
fn hosted(vmm: (&Path, &Image), depth: u32, setup: &Setup, below: &[Monitor]) -> Result<Hosted, Failure> {
    if depth > MAX_DEPTH {
        return Err(Failure::usage(format!("with --vmm, --depth is at most {MAX_DEPTH}")));
    }
    Hosted::new(setup, vmm.1, depth as usize, below).map_err(|error| match error {
        HostedError::Compose(error) => Failure::usage(format!("{}: {error}", vmm.0.display())),
        HostedError::Setup(error) => Failure::usage(error),
    })
}

/// `pg32 compare --vmm`.
pub(crate) fn compare(vmm: &Path, args: &CompareArgs, teller: &mut Teller<'_>) -> Result<Status, Failure> {
    let image = guests::load(vmm, &args.source)?.image;
    let monitor = ReplayedMonitor { name: vmm.display().to_string(), depth: args.depth as usize, image };
    let below: Vec<&[Monitor]> =
        if args.monitor.is_empty() { vec![&[]] } else { args.monitor.chunks(1).collect() };
    let mut answers = Vec::new();
    for file in &args.files {
        let setup = guests::setup(&guests::load(file, &args.source)?, &args.machine)?;
        for below in &below {
            let steps = args.machine.steps;
            answers.push(compare_one(file, &setup, (&monitor, below), steps, teller)?);
        }
    }
    Ok(worst(&answers))
}

/// A guest bare and under a monitor that is a PG32 program, on top of ours `below`.
pub(crate) fn compare_one(
    file: &Path,
    setup: &Setup,
    (monitor, below): (&ReplayedMonitor, &[Monitor]),
    steps: u64,
    teller: &mut Teller<'_>,
) -> Result<Status, Failure> {
    let on = below.first().map(|kind| format!(" on {}", kind.name())).unwrap_or_default();
    let depth = if monitor.depth > 1 { format!(" x{}", monitor.depth) } else { String::new() };
    let title = format!("{}: {}{depth}{on}", file.display(), monitor.name);
    let vmm = (Path::new(&monitor.name), monitor.image.as_ref());
    let hosted = hosted(vmm, monitor.depth as u32, setup, below)?;
    let bare = setup.bare().map_err(Failure::usage)?;
    let HostedRun { verdict, cost } = compare_hosted(bare, hosted, steps);
    let parted = |step| Replay {
        setup: setup.clone(),
        monitors: below.to_vec(),
        vmm: Some(monitor.clone()),
        steps: step + 1,
    };
    Ok(match verdict {
        HostedVerdict::Equivalent(Agreement { steps, .. }) => {
            line(&format!("{title}: equivalent; both halt after {steps} steps; {}", in_words(cost)));
            Status::Holds
        }
        HostedVerdict::NoDivergence(Agreement { steps, pause, storm }) => {
            let how = ending(pause, 0, if storm { 2 } else { 0 });
            line(&format!("{title}: no divergence in {steps} steps; {how}; {}", in_words(cost)));
            Status::Inconclusive
        }
        HostedVerdict::Diverged(divergence) => {
            line(&format!("{title}: NOT equivalent; they part at step {}", divergence.step + 1));
            teller.show(&divergence, setup);
            teller.save(|| parted(divergence.step))?;
            Status::No
        }
        HostedVerdict::Failed(fault) => {
            let MonitorFault { step, failure, .. } = fault.as_ref();
            line(&format!("{title}: NOT equivalent; the monitor fails behind step {step}: {failure}"));
            teller.show_fault(&fault, setup);
            teller.save(|| parted(*step))?;
            Status::No
        }
    })
}

/// What the monitors cost.
fn in_words(cost: Cost) -> String {
    match cost.traps {
        0 => "no traps".into(),
        1 => format!("1 trap, {} steps of the monitor", cost.steps),
        traps => format!(
            "{traps} traps, {:.1} steps of the monitor each, {} at most",
            cost.steps as f64 / traps as f64,
            cost.most
        ),
    }
}

/// `pg32 vmm --vmm`.
pub(crate) fn run(args: &VmmArgs, setup: &Setup) -> Result<Status, Failure> {
    let vmm = args.vmm.as_deref().expect("the caller has seen it");
    let monitor = guests::load(vmm, &args.source)?.image;
    let hosted = hosted((vmm, &monitor), args.depth, setup, &[])?;
    let mut watched = match Watched::start(hosted) {
        Ok(watched) => watched,
        Err(failure) => return Ok(failed(&failure)),
    };
    let ran = match to_the_end(&mut watched, args) {
        Ok(ran) => ran,
        Err(failure) => return Ok(failed(&failure)),
    };
    let state = watched.observe();
    let idle_traps = if watched.in_storm() { 2 } else { 0 };
    match args.state {
        None => {}
        Some(StateFormat::Json) => output::result(run::json(&StateJson::from(&state)).as_bytes()),
        Some(StateFormat::Text) => {
            let finished = Finished { setup, state: &state, ran, idle_traps, log: None };
            output::result(snapshot(&finished).as_bytes());
        }
    }
    if args.stats.is_some() {
        let cost = watched.cost();
        output::talk(&format!("{}; {} steps to set up", in_words(cost), cost.boot));
    }
    let a0 = state.exit_status();
    output::talk(&format!("{}; {} steps", ending(ran.pause, a0, idle_traps), ran.steps));
    Ok(run::status(ran.pause, a0))
}

/// Runs the guest to its end, showing its console as it is written unless its state is asked for.
fn to_the_end(watched: &mut Watched, args: &VmmArgs) -> Result<Ran, MonitorFailure> {
    let budget = args.machine.steps;
    let (mut total, mut shown) = (0, 0);
    loop {
        // A guest that stands still does so to the end.
        let slice = if watched.in_storm() { budget - total } else { SLICE.min(budget - total) };
        let ran = watched.run(slice)?;
        total += ran.steps;
        let output = watched.machine().console().output();
        if args.state.is_none() && output.len() > shown {
            output::result(&output[shown..]);
            shown = output.len();
        }
        if ran.pause != Pause::Steps || total == budget {
            return Ok(Ran { steps: total, pause: ran.pause });
        }
    }
}

fn failed(failure: &MonitorFailure) -> Status {
    output::talk(&failure.to_string());
    Status::No
}
