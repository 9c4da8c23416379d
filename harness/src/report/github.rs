//! Failures as GitHub's workflow commands, which it shows beside the lines of a change.

use super::SuiteSummary;
use std::fmt::Write;

/// One `::error` a line for each case that cannot be run and each kind of failure of a case's cells.
#[must_use]
pub fn github_annotations(summary: &SuiteSummary) -> String {
    let mut text = String::new();
    let mut error = |file: &str, line: Option<u64>, title: &str, message: &str| {
        let line = line.map(|n| format!(",line={n}")).unwrap_or_default();
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "::error file={}{line},title={}::{}",
            property(file),
            property(title),
            data(message)
        );
    };
    for case in &summary.cases {
        if let Some(problem) = &case.problem {
            error(&case.file, problem.line.map(|n| n as u64), &case.case, &problem.message);
        }
        for (cells, failure) in case.failures() {
            let title = format!("{} [{}]", case.case, cells[0].cell);
            let (file, line) = match &failure.place {
                Some(place) => (place.file.as_str(), Some(u64::from(place.line))),
                None => (case.file.as_str(), None),
            };
            let more = failure.story.as_ref().or(failure.changes.as_ref());
            let message = more.map_or_else(|| failure.reason.clone(), |m| format!("{}\n{m}", failure.reason));
            error(file, line, &title, message.trim_end());
        }
    }
    for path in &summary.unreferenced {
        error(path, None, "unreferenced snapshot", "no case refers to this snapshot");
    }
    text
}

/// A message, escaped as GitHub's own toolkit does it.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property's value, likewise.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
