//! `pg32 compare`: bare against monitors, to the bit.

use crate::args::{Color, CompareArgs};
use crate::failure::{Failure, Status};
use crate::{diagnostics, guests, hosted, output};
use pg32_harness::{
    Divergence, MonitorFault, Replay, Setup, Verdict, describe_divergence, ending, lockstep, write_file,
};
use pg32_vmm::Monitor;
use std::path::Path;

pub(crate) fn command(args: &CompareArgs) -> Result<Status, Failure> {
    let mut teller = Teller { colour: args.source.color, save_replay: args.save_replay.as_deref() };
    if let Some(vmm) = &args.vmm {
        return hosted::compare(vmm, args, &mut teller);
    }
    if let Some(replay) = &args.replay {
        let Replay { setup, monitors, vmm, steps } = guests::replay(replay)?;
        return match vmm {
            None => compare(replay, &setup, &monitors, steps, &mut teller),
            Some(vmm) => hosted::compare_one(replay, &setup, (&vmm, &monitors), steps, &mut teller),
        };
    }
    let asked = if args.monitor.is_empty() { Monitor::ALL.to_vec() } else { args.monitor.clone() };
    let mut answers = Vec::new();
    for file in &args.files {
        let setup = guests::setup(&guests::load(file, &args.source)?, &args.machine)?;
        for monitor in &asked {
            let monitors = vec![*monitor; args.depth as usize];
            answers.push(compare(file, &setup, &monitors, args.machine.steps, &mut teller)?);
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
    teller: &mut Teller<'_>,
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
            teller.show(&divergence, setup);
            teller.save(|| Replay {
                setup: setup.clone(),
                monitors: monitors.to_vec(),
                vmm: None,
                steps: divergence.step + 1,
            })?;
            Status::No
        }
    })
}

/// How divergences are told, and where the first is to be saved: it is the one to look at.
pub(crate) struct Teller<'a> {
    colour: Color,
    save_replay: Option<&'a Path>,
}

impl Teller<'_> {
    /// Shows the point at which a virtual run parts from the bare one.
    pub(crate) fn show(&self, divergence: &Divergence, setup: &Setup) {
        let colour = diagnostics::colour(self.colour, &std::io::stdout());
        let told = describe_divergence(divergence, &setup.image, ["bare", "virtual"], colour);
        output::result(told.as_bytes());
    }

    /// Shows how a monitor failed.
    pub(crate) fn show_fault(&self, fault: &MonitorFault, setup: &Setup) {
        let colour = diagnostics::colour(self.colour, &std::io::stdout());
        output::result(fault.describe(&setup.image, colour).as_bytes());
    }

    /// Writes a replay, if one is asked for and none has been written.
    pub(crate) fn save(&mut self, replay: impl FnOnce() -> Replay) -> Result<(), Failure> {
        let Some(file) = self.save_replay.take() else { return Ok(()) };
        let shown = file.display();
        let written = write_file(file, replay().to_json().as_bytes());
        written.map_err(|e| Failure::usage(format!("{shown}: {e}")))?;
        output::talk(&format!(
            "written to {shown}; next: pg32 compare --replay {shown}, pg32 run --trace --replay {shown}"
        ));
        Ok(())
    }
}

/// One line of the answer.
pub(crate) fn line(text: &str) {
    output::result(format!("{text}\n").as_bytes());
}
