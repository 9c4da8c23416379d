//! `pg32 compare`: bare against monitors, to the bit.

use crate::args::CompareArgs;
use crate::failure::{Failure, Status};
use crate::{guests, hosted, output};
use pg32_harness::{Divergence, Setup, Verdict, describe_divergence, ending, lockstep};
use pg32_vmm::Monitor;
use std::path::Path;

pub(crate) fn command(args: &CompareArgs) -> Result<Status, Failure> {
    if let Some(vmm) = &args.vmm {
        return hosted::compare(vmm, args);
    }
    let asked = if args.monitor.is_empty() { Monitor::ALL.to_vec() } else { args.monitor.clone() };
    let mut answers = Vec::new();
    for file in &args.files {
        let setup = guests::setup(&guests::load(file, &args.source)?, &args.machine)?;
        for monitor in &asked {
            answers.push(compare(file, &setup, *monitor, args)?);
        }
    }
    Ok(worst(&answers))
}

/// What several answers come to.
pub(crate) fn worst(answers: &[Status]) -> Status {
    let worst = [Status::No, Status::Inconclusive].into_iter().find(|s| answers.contains(s));
    worst.unwrap_or(Status::Holds)
}

fn compare(file: &Path, setup: &Setup, monitor: Monitor, args: &CompareArgs) -> Result<Status, Failure> {
    let bare = setup.bare().map_err(Failure::usage)?;
    let tower = setup.tower(&vec![monitor; args.depth as usize]).map_err(Failure::usage)?;
    let depth = if args.depth > 1 { format!(" x{}", args.depth) } else { String::new() };
    let title = format!("{}: {}{depth}", file.display(), monitor.name());
    Ok(match lockstep(bare, tower, args.machine.steps) {
        Verdict::Equivalent(agreement) => {
            line(&format!("{title}: equivalent; both halt after {} steps", agreement.steps));
            Status::Holds
        }
        Verdict::NoDivergence(agreement) => {
            let how = ending(agreement.pause, 0, if agreement.storm { 2 } else { 0 });
            line(&format!("{title}: no divergence in {} steps; {how}", agreement.steps));
            Status::Inconclusive
        }
        Verdict::Diverged(divergence) => {
            line(&format!("{title}: NOT equivalent; they part at step {}", divergence.step + 1));
            show(&divergence, setup);
            Status::No
        }
    })
}

/// One line of the answer.
pub(crate) fn line(text: &str) {
    output::result(format!("{text}\n").as_bytes());
}

/// The point at which a virtual run parts from the bare one.
pub(crate) fn show(divergence: &Divergence, setup: &Setup) {
    output::result(describe_divergence(divergence, &setup.image, ["bare", "virtual"]).as_bytes());
}
