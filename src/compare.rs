//! `pg32 compare`: bare against monitors, to the bit.

use crate::args::CompareArgs;
use crate::failure::{Failure, Status};
use crate::{guests, hosted, output};
use pg32_harness::{Divergence, Replay, Setup, Verdict, describe_divergence, ending, lockstep, write_file};
use pg32_vmm::Monitor;
use std::path::Path;

pub(crate) fn command(args: &CompareArgs) -> Result<Status, Failure> {
    if let Some(vmm) = &args.vmm {
        return hosted::compare(vmm, args);
    }
    if let Some(replay) = &args.replay {
        let Replay { setup, monitors, steps } = guests::replay(replay)?;
        return compare(replay, &setup, &monitors, steps, &mut None);
    }
    let asked = if args.monitor.is_empty() { Monitor::ALL.to_vec() } else { args.monitor.clone() };
    // The first divergence is the one to look at.
    let mut save_replay = args.save_replay.as_deref();
    let mut answers = Vec::new();
    for file in &args.files {
        let setup = guests::setup(&guests::load(file, &args.source)?, &args.machine)?;
        for monitor in &asked {
            let monitors = vec![*monitor; args.depth as usize];
            answers.push(compare(file, &setup, &monitors, args.machine.steps, &mut save_replay)?);
        }
    }
    Ok(worst(&answers))
}

/// What several answers come to.
pub(crate) fn worst(answers: &[Status]) -> Status {
    let worst = [Status::No, Status::Inconclusive].into_iter().find(|s| answers.contains(s));
    worst.unwrap_or(Status::Holds)
}

fn compare(
    file: &Path,
    setup: &Setup,
    monitors: &[Monitor],
    steps: u64,
    save_replay: &mut Option<&Path>,
) -> Result<Status, Failure> {
    let bare = setup.bare().map_err(Failure::usage)?;
    let tower = setup.tower(monitors).map_err(Failure::usage)?;
    let depth = if monitors.len() > 1 { format!(" x{}", monitors.len()) } else { String::new() };
    let title = format!("{}: {}{depth}", file.display(), monitors.first().map_or("bare", |m| m.name()));
    Ok(match lockstep(bare, tower, steps) {
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
            if let Some(file) = save_replay.take() {
                let (setup, monitors) = (setup.clone(), monitors.to_vec());
                save(file, &Replay { setup, monitors, steps: divergence.step + 1 })?;
            }
            Status::No
        }
    })
}

/// Writes a replay.
fn save(file: &Path, replay: &Replay) -> Result<(), Failure> {
    let shown = file.display();
    write_file(file, replay.to_json().as_bytes()).map_err(|e| Failure::usage(format!("{shown}: {e}")))?;
    output::talk(&format!("written to {shown}; next: pg32 run --trace --replay {shown}"));
    Ok(())
}

/// One line of the answer.
pub(crate) fn line(text: &str) {
    output::result(format!("{text}\n").as_bytes());
}

/// The point at which a virtual run parts from the bare one.
pub(crate) fn show(divergence: &Divergence, setup: &Setup) {
    output::result(describe_divergence(divergence, &setup.image, ["bare", "virtual"]).as_bytes());
}
