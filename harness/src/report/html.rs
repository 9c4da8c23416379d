//! Results as one self-contained page: no scripts or styles from elsewhere, no times.

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
    cells: Vec<(&'a str, &'static str, &'static str)>,
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
        let entry = |text: &'a String| Entry {
            text,
            class: match text.as_str() {
                "-" | "not run" => "none",
                failed if failed.starts_with("FAILED") => "failed",
                "diverges" => "diverges",
                _ => "passed",
            },
        };
        let failures = case.failures().into_iter().map(|(cells, failure)| FailureView {
            cells: cells.iter().map(|cell| cell.cell.as_str()).collect(),
            reason: &failure.reason,
            story: failure.story.as_deref(),
            changes: failure.changes.as_deref().map(diff_lines).unwrap_or_default(),
        });
        let cells = case.cells.iter().map(|c| (c.cell.as_str(), c.result, c.outcome.unwrap_or(c.result)));
        CaseView {
            number,
            name: &case.case,
            file: &case.file,
            result: case.result,
            steps: case.steps,
            row: case.row.iter().map(entry).collect(),
            problem: case.problem.as_ref().map(|p| p.message.as_str()),
            failures: failures.collect(),
            cells: cells.collect(),
        }
    }
}
