//! Diagnostics as JSON, one object per line: for programs that read them as they come.

use super::chain;
use crate::{Diagnostic, Label, Sources};
use std::fmt::Write;

/// Each diagnostic as one object on a line of its own:
/// `{"code","name","severity","message","labels":[{"file","line","column","start","end","text"}],"help","notes"}`.
/// `start` and `end` are byte offsets, `line` and `column` count from 1.
#[must_use]
pub fn json(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let mut out = String::new();
    for d in diagnostics {
        let labels: Vec<String> = d.labels.iter().map(|l| label(l, sources)).collect();
        let notes: Vec<String> =
            d.notes.iter().cloned().chain(chain(d, sources)).map(|n| quote(&n)).collect();
        let help = d.help.as_deref().map_or("null".to_string(), quote);
        let _ = writeln!(
            out,
            r#"{{"code":{},"name":{},"severity":{},"message":{},"labels":[{}],"help":{help},"notes":[{}]}}"#,
            quote(d.code.id()),
            quote(d.code.name()),
            quote(d.severity.name()),
            quote(&d.message),
            labels.join(","),
            notes.join(","),
        );
    }
    out
}

fn label(label: &Label, sources: &Sources) -> String {
    let at = sources.locate(label.span);
    let range = sources.range(label.span);
    format!(
        r#"{{"file":{},"line":{},"column":{},"start":{},"end":{},"text":{}}}"#,
        quote(at.name),
        at.line,
        at.column,
        range.start,
        range.end,
        quote(&label.text)
    )
}

/// A JSON string.
pub(super) fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if (c as u32) < 0x20 || c == '\u{7f}' => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
