//! A suite's results as a table that a person can read: a row a case, a column for whatever ran the guest.

use crate::cells::CellResult;
use crate::monitor_kind::MonitorKind;
use crate::runner::CaseReport;
use std::collections::BTreeSet;
use std::fmt::Write;

/// The table. Cells that differ only in engine, profile or depth are one entry: what they came to, or how many of
/// them failed.
#[must_use]
pub fn suite_table(reports: &[CaseReport]) -> String {
    let hosts = hosts(reports);
    let titles = hosts.iter().map(|host| title(*host).to_owned());
    let mut rows: Vec<Vec<String>> =
        vec![["case".to_owned(), "steps".to_owned()].into_iter().chain(titles).collect()];
    rows.extend(reports.iter().map(|report| row(report, &hosts)));
    render(&rows)
}

/// Whatever ran a guest in these reports: the columns.
pub(crate) fn hosts(reports: &[CaseReport]) -> BTreeSet<Option<&MonitorKind>> {
    reports.iter().flat_map(|r| r.cells.iter().map(|(cell, _)| cell.host.monitor())).collect()
}

/// The title of a column.
pub(crate) fn title(host: Option<&MonitorKind>) -> &str {
    host.map_or("bare", MonitorKind::name)
}

fn row(report: &CaseReport, hosts: &BTreeSet<Option<&MonitorKind>>) -> Vec<String> {
    let steps = report.cells.iter().find_map(|(_, result)| match result {
        CellResult::Passed { steps, .. } => Some(steps.to_string()),
        CellResult::Failed(_) | CellResult::NotRun => None,
    });
    let mut row = vec![report.case.name.clone(), steps.unwrap_or_else(|| "-".into())];
    if report.case.ready.is_err() {
        row.push("cannot be loaded".into());
        return row;
    }
    row.extend(hosts.iter().map(|host| entry(report, *host)));
    row
}

/// What the cells of a case under one kind of monitor, or bare, came to.
pub(crate) fn entry(report: &CaseReport, host: Option<&MonitorKind>) -> String {
    let results: Vec<&CellResult> = report
        .cells
        .iter()
        .filter(|(cell, _)| cell.host.monitor() == host)
        .map(|(_, result)| result)
        .collect();
    let failed = results.iter().filter(|r| matches!(r, CellResult::Failed(_))).count();
    let outcomes: BTreeSet<&str> = results
        .iter()
        .filter_map(|r| match r {
            CellResult::Passed { outcome, .. } => Some(*outcome),
            CellResult::Failed(_) | CellResult::NotRun => None,
        })
        .collect();
    match (results.len(), failed) {
        (0, _) => "-".into(),
        _ if results.iter().all(|r| matches!(r, CellResult::NotRun)) => "not run".into(),
        (1, 1) => "FAILED".into(),
        (all, failed) if failed > 0 => format!("FAILED {failed}/{all}"),
        _ => outcomes.into_iter().map(short).collect::<Vec<_>>().join("/"),
    }
}

/// The outcome of a cell in a word.
fn short(outcome: &str) -> &str {
    match outcome {
        "bare" => "ok",
        "equivalent" => "same",
        "no divergence" => "same so far",
        other => other,
    }
}

fn render(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|r| r.get(column)).map(|c| c.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|c| width(c).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            // Numbers are read from the right.
            let _ = match column {
                1 => write!(line, "{cell:>width$}  ", width = widths[column]),
                _ => write!(line, "{cell:<width$}  ", width = widths[column]),
            };
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
