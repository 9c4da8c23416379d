//! Replays of the cells in which runs part.

use crate::cells::{Cell, CellResult, Host};
use crate::monitor_kind::MonitorKind;
use crate::runner::CaseReport;
use crate::suite::Ready;
use crate::{Replay, ReplayedMonitor};
use std::sync::Arc;

/// A replay for each kind of parting from the bare machine in each case, by a file's name. Engines that part from one
/// another have none: a replay has one engine.
#[must_use]
pub fn replays(reports: &[CaseReport]) -> Vec<(String, Replay)> {
    let mut list = Vec::new();
    for report in reports {
        let Ok(ready) = &report.case.ready else { continue };
        let mut told: Vec<&str> = Vec::new();
        for (cell, result) in &report.cells {
            let CellResult::Failed(failure) = result else { continue };
            let Some(step) = failure.step().filter(|_| !told.contains(&failure.reason.as_str())) else {
                continue;
            };
            if let Some(replay) = replay(ready, cell, step + 1) {
                told.push(&failure.reason);
                list.push((file_name(report, ready, cell), replay));
            }
        }
    }
    list
}

fn replay(ready: &Ready, cell: &Cell, steps: u64) -> Option<Replay> {
    let Host::Monitors { monitor, depth } = &cell.host else { return None };
    let (monitors, vmm) = match monitor {
        MonitorKind::BuiltIn(monitor) => (vec![*monitor; *depth], None),
        MonitorKind::SelfHosted(name) => {
            let (_, image) = ready.own_monitors.iter().find(|(own, _)| own == name)?;
            let image = Arc::clone(image);
            (Vec::new(), Some(ReplayedMonitor { name: name.to_string(), depth: *depth, image }))
        }
    };
    Some(Replay { setup: ready.setup(cell), monitors, vmm, steps })
}

/// `case.cell.json`, with nothing in it that a file's name should not have.
fn file_name(report: &CaseReport, ready: &Ready, cell: &Cell) -> String {
    let profile = ready.config.profiles[cell.profile].name();
    let name = format!("{}.{}.{profile}.{}", report.case.name, cell.host, cell.engine.name());
    let safe = |c: char| if c.is_alphanumeric() || "._-".contains(c) { c } else { '-' };
    name.chars().map(safe).collect::<String>() + ".json"
}
