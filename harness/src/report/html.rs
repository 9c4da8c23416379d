//! Results as one self-contained page: no script, style or picture from elsewhere, no times.

use super::SuiteSummary;
use minijinja::value::Serde;
use minijinja::{Environment, Value, context};
use serde::Serialize;

const PAGE: &str = include_str!("page.html");

/// The page.
#[must_use]
pub fn html_report(summary: &SuiteSummary) -> String {
    let cases: Vec<CaseView<'_>> =
        (1..).zip(&summary.cases).map(|(n, case)| CaseView::new(n, case)).collect();
    render("page.html", PAGE, context! { summary => Serde(summary), cases => Serde(cases) })
}

/// A template of ours, filled in.
pub(crate) fn render(name: &'static str, template: &'static str, values: Value) -> String {
    let mut environment = Environment::new();
    environment.add_template(name, template).expect("our own template is one");
    let page = environment.get_template(name).and_then(|page| page.render(values));
    page.expect("our own template fits our own values")
}

/// What the page shows of a case.
#[derive(Serialize)]
struct CaseView<'a> {
    /// From 1; its anchor.
    number: usize,
    name: &'a str,
    file: &'a str,
    result: &'static str,
    steps: Option<u64>,
    row: Vec<Entry<'a>>,
    problem: Option<&'a str>,
    failures: Vec<FailureView<'a>>,
    cells: Vec<Group<'a>>,
}

/// Cells that came to the same.
#[derive(Serialize)]
struct Group<'a> {
    class: &'static str,
    outcome: &'static str,
    cells: Vec<&'a str>,
}

/// The cells of a case by what they came to, in the order in which each outcome first appears.
fn groups(case: &super::CaseSummary) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for cell in &case.cells {
        let outcome = cell.outcome.unwrap_or(cell.result);
        match groups.iter_mut().find(|group| group.outcome == outcome) {
            Some(group) => group.cells.push(&cell.cell),
            None => {
                let class = class_of(outcome);
                groups.push(Group { class, outcome, cells: vec![&cell.cell] });
            }
        }
    }
    groups
}

/// How an outcome, or what a table says of several, is coloured.
fn class_of(text: &str) -> &'static str {
    match text {
        "-" | "not run" => "none",
        failed if failed.starts_with("FAILED") || failed == "failed" => "failed",
        "diverges" => "diverges",
        _ => "passed",
    }
}

#[derive(Serialize)]
struct Entry<'a> {
    text: &'a str,
    class: &'static str,
}

#[derive(Serialize)]
struct FailureView<'a> {
    cells: Vec<&'a str>,
    reason: &'a str,
    story: Option<&'a str>,
    changes: Vec<Line<'a>>,
}

/// A line of a diff.
#[derive(Serialize)]
pub(crate) struct Line<'a> {
    class: &'static str,
    text: &'a str,
}

/// The lines of a unified diff.
pub(crate) fn diff_lines(diff: &str) -> Vec<Line<'_>> {
    let class = |text: &str| match text.as_bytes().first() {
        Some(b'+') => "added",
        Some(b'-') => "removed",
        Some(b'@') => "hunk",
        _ => "",
    };
    diff.lines().map(|text| Line { class: class(text), text }).collect()
}

impl<'a> CaseView<'a> {
    fn new(number: usize, case: &'a super::CaseSummary) -> Self {
        let entry = |text: &'a String| Entry { text, class: class_of(text) };
        let failures = case.failures().into_iter().map(|(cells, failure)| FailureView {
            cells: cells.iter().map(|cell| cell.cell.as_str()).collect(),
            reason: &failure.reason,
            story: failure.story.as_deref(),
            changes: failure.changes.as_deref().map(diff_lines).unwrap_or_default(),
        });
        CaseView {
            number,
            name: &case.case,
            file: &case.file,
            result: case.result,
            steps: case.steps,
            row: case.row.iter().map(entry).collect(),
            problem: case.problem.as_ref().map(|p| p.message.as_str()),
            failures: failures.collect(),
            cells: groups(case),
        }
    }
}
