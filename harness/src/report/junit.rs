//! Results as JUnit XML: a test suite a case, a test case a cell. No times: the same run gives the same bytes.

use super::{CaseSummary, CellSummary, FailureSummary, SuiteSummary};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

/// The report as XML.
#[must_use]
pub fn junit_report(summary: &SuiteSummary) -> String {
    let mut report = Report::new("pg32 test");
    for case in &summary.cases {
        report.add_test_suite(suite(case));
    }
    report.to_string().expect("XML is written to a string")
}

fn suite(case: &CaseSummary) -> TestSuite {
    let mut suite = TestSuite::new(case.case.as_str());
    if let Some(problem) = &case.problem {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(problem.message.lines().next().unwrap_or_default());
        status.set_description(problem.message.as_str());
        suite.add_test_case(TestCase::new("load", status));
    }
    suite.add_test_cases(case.cells.iter().map(|cell| test_case(case, cell)));
    suite
}

fn test_case(case: &CaseSummary, cell: &CellSummary) -> TestCase {
    let status = match &cell.failure {
        Some(failure) => failed(failure),
        None if cell.outcome.is_none() => TestCaseStatus::skipped(),
        None => TestCaseStatus::success(),
    };
    let mut test = TestCase::new(cell.cell.as_str(), status);
    test.set_classname(case.case.as_str());
    test.extra.insert("file".into(), case.file.as_str().into());
    test
}

fn failed(failure: &FailureSummary) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_message(failure.reason.as_str());
    let more = failure.story.iter().chain(&failure.changes).cloned().collect::<Vec<_>>().join("\n");
    if !more.is_empty() {
        status.set_description(more);
    }
    status
}
