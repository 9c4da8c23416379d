//! Diagnostics as text: for people, for editors and for other programs. Every function returns what is to be
//! printed and prints nothing.

mod github;
mod human;
mod json;
mod sarif;

pub use github::github;
pub use human::{Remark, human, remarks};
pub use json::json;
pub use sarif::sarif;

use crate::{Diagnostic, Origin, Sources};
use std::fmt::Write;

/// Whether [`human`] may use colours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Colour {
    /// Plain text.
    Never,
    /// With the escape sequences of a terminal.
    Always,
}

/// One line for each diagnostic: `file:line:column: error[E0101]: message`.
#[must_use]
pub fn short(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        let (severity, code) = (diagnostic.severity.name(), diagnostic.code.id());
        let place = match diagnostic.span() {
            Some(span) => {
                let at = sources.locate(span);
                format!("{}:{}:{}: ", at.name, at.line, at.column)
            }
            None => String::new(),
        };
        let _ = writeln!(out, "{place}{severity}[{code}]: {}", diagnostic.message);
    }
    out
}

/// The chain of macros and includes that led to a diagnostic, in words.
pub(crate) fn chain(diagnostic: &Diagnostic, sources: &Sources) -> Vec<String> {
    let Some(span) = diagnostic.span() else { return Vec::new() };
    let full = sources.chain(span);
    let mut notes = Vec::new();
    for (origin, at) in full.iter().take(MAX_CHAIN) {
        let place = sources.locate(*at);
        let place = format!("{}:{}:{}", place.name, place.line, place.column);
        notes.push(match origin {
            Origin::Input | Origin::Named => continue,
            Origin::Include(_) => format!("included at {place}"),
            Origin::Application(_) => format!("embedded at {place}"),
            Origin::Macro(name, _) => format!("in the expansion of `{name}` at {place}"),
            Origin::Repeat(_) => format!("in the repetition at {place}"),
        });
    }
    if full.len() > MAX_CHAIN {
        notes.push(format!("and {} more levels", full.len() - MAX_CHAIN));
    }
    notes
}

/// How many levels of the chain are shown.
const MAX_CHAIN: usize = 6;
