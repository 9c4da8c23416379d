//! Diagnostics as GitHub workflow commands, which become annotations of a pull request.

use crate::{Diagnostic, Severity, Sources};

/// One command per diagnostic: `::error file=…,line=…,col=…,title=…::message`.
#[must_use]
pub fn github(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let mut out = String::new();
    for d in diagnostics {
        let kind = match d.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let place = d.span().map_or(String::new(), |span| {
            let (at, end) = (sources.locate(span), sources.locate(span.behind()));
            let file = property(at.name);
            format!(
                " file={file},line={},col={},endLine={},endColumn={},",
                at.line, at.column, end.line, end.column
            )
        });
        let space = if place.is_empty() { " " } else { "" };
        let title = property(&format!("{}: {}", d.code.id(), d.code.title()));
        let mut message = d.message.clone();
        if let Some(help) = &d.help {
            message.push('\n');
            message.push_str(help);
        }
        out.push_str(&format!("::{kind}{place}{space}title={title}::{}\n", data(&message)));
    }
    out
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
