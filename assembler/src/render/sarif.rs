//! Diagnostics as SARIF 2.1.0, for code hosts and editors that collect findings.

use super::json::quote;
use crate::{Code, Diagnostic, Severity, Sources, Span};
use std::collections::BTreeSet;

/// All diagnostics as one SARIF log, with a rule for each code that occurs.
#[must_use]
pub fn sarif(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let codes: BTreeSet<Code> = diagnostics.iter().map(|d| d.code).collect();
    let rules: Vec<String> = codes.iter().map(|c| rule(*c)).collect();
    let results: Vec<String> = diagnostics.iter().map(|d| result(d, sources)).collect();
    format!(
        concat!(
            r#"{{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","#,
            r#""runs":[{{"tool":{{"driver":{{"name":"pg32","version":{},"rules":[{}]}}}},"#,
            r#""columnKind":"unicodeCodePoints","results":[{}]}}]}}"#,
            "\n"
        ),
        quote(env!("CARGO_PKG_VERSION")),
        rules.join(","),
        results.join(",")
    )
}

fn level(severity: Severity) -> &'static str {
    // SARIF's words are ours.
    severity.name()
}

fn rule(code: Code) -> String {
    format!(
        r#"{{"id":{},"name":{},"shortDescription":{{"text":{}}},"fullDescription":{{"text":{}}},"defaultConfiguration":{{"level":{}}}}}"#,
        quote(code.id()),
        quote(code.name()),
        quote(code.title()),
        quote(code.explanation()),
        quote(level(code.severity()))
    )
}

fn result(d: &Diagnostic, sources: &Sources) -> String {
    let mut message = d.message.clone();
    for part in d.help.iter().chain(&d.notes) {
        message.push('\n');
        message.push_str(part);
    }
    let mut out = format!(
        r#"{{"ruleId":{},"level":{},"message":{{"text":{}}}"#,
        quote(d.code.id()),
        quote(level(d.severity)),
        quote(&message)
    );
    if let Some(first) = d.labels.first() {
        out.push_str(&format!(r#","locations":[{}]"#, location(first.span, "", sources)));
        let related: Vec<String> = d.labels[1..].iter().map(|l| location(l.span, &l.text, sources)).collect();
        if !related.is_empty() {
            out.push_str(&format!(r#","relatedLocations":[{}]"#, related.join(",")));
        }
    }
    out.push('}');
    out
}

fn location(span: Span, text: &str, sources: &Sources) -> String {
    let at = sources.locate(span);
    let end = sources.locate(span.behind());
    let message =
        if text.is_empty() { String::new() } else { format!(r#","message":{{"text":{}}}"#, quote(text)) };
    format!(
        r#"{{"physicalLocation":{{"artifactLocation":{{"uri":{}}},"region":{{"startLine":{},"startColumn":{},"endLine":{},"endColumn":{}}}}}{message}}}"#,
        quote(at.name),
        at.line,
        at.column,
        end.line,
        end.column
    )
}
