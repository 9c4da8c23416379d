//! What the assembler has to say about a source: one type, whatever format it is printed in.

use crate::codes::Code;
use crate::source::{Sources, Span};
use std::collections::BTreeMap;

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// The source is rejected.
    Error,
    /// Probably not what was meant.
    Warning,
    /// What the assembler did that one might not expect.
    Note,
}

impl Severity {
    /// `error`, `warning` or `note`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// A place and what there is to say about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// A few words; may be empty.
    pub text: String,
}

/// One message about one mistake.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// Which; its row says the rest.
    pub code: Code,
    /// The code's own severity, or what the options made of it.
    pub severity: Severity,
    /// What is wrong, in one line, with the value and the range that it missed where there is one.
    pub message: String,
    /// Where: the first is the place of the mistake, the others explain it. Empty where no source is to blame.
    pub labels: Vec<Label>,
    /// What to do about it.
    pub help: Option<String>,
    /// What else there is to know.
    pub notes: Vec<String>,
}

impl Diagnostic {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Diagnostic {
            code,
            severity: code.severity(),
            message: message.into(),
            labels: Vec::new(),
            help: None,
            notes: Vec::new(),
        }
    }

    pub(crate) fn at(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With help only if there is some.
    pub(crate) fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help.or(self.help);
        self
    }

    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// The place of the mistake.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        self.labels.first().map(|l| l.span)
    }
}

/// What to make of a warning.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Level {
    /// Say nothing.
    Allow,
    /// Warn.
    Warn,
    /// Reject the source.
    Deny,
}

/// Which warnings are given, by name ([`Code::name`]).
#[derive(Clone, Default, Debug)]
pub struct Warnings {
    /// What all warnings are that have no level of their own; `None`: warnings.
    pub all: Option<Level>,
    /// Levels of single warnings.
    pub levels: BTreeMap<String, Level>,
}

impl Warnings {
    fn level(&self, code: Code) -> Level {
        self.levels.get(code.name()).copied().or(self.all).unwrap_or(Level::Warn)
    }
}

/// An error has been reported; there is no more to say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Reported;

/// Characters of a message that are shown.
const MAX_MESSAGE: usize = 400;

fn clip(text: &mut String) {
    if let Some((at, _)) = text.char_indices().nth(MAX_MESSAGE) {
        text.truncate(at);
        text.push('…');
    }
}

/// Where diagnostics go: bounded, whatever the source does.
#[derive(Debug)]
pub(crate) struct Sink {
    list: Vec<Diagnostic>,
    errors: usize,
    others: usize,
    limit: usize,
    stopped: bool,
    warnings: Warnings,
}

impl Sink {
    pub(crate) fn new(limit: usize, warnings: Warnings) -> Self {
        Sink { list: Vec::new(), errors: 0, others: 0, limit: limit.max(1), stopped: false, warnings }
    }

    /// Takes the diagnostic, and says that it did.
    pub(crate) fn report(&mut self, mut diagnostic: Diagnostic) -> Reported {
        // A name can be as long as a source.
        clip(&mut diagnostic.message);
        diagnostic.help.iter_mut().for_each(clip);
        if diagnostic.severity == Severity::Warning {
            match self.warnings.level(diagnostic.code) {
                Level::Allow => return Reported,
                Level::Warn => {}
                Level::Deny => diagnostic.severity = Severity::Error,
            }
        }
        if diagnostic.severity == Severity::Error {
            self.errors += 1;
        } else {
            self.others += 1;
            if self.others > self.limit {
                return Reported;
            }
        }
        if self.errors <= self.limit {
            self.list.push(diagnostic);
        } else if self.errors == self.limit + 1 {
            let message = format!("there are more than {} errors; the rest is not shown", self.limit);
            self.list.push(Diagnostic::new(Code::TooManyErrors, message));
        }
        Reported
    }

    /// Whether so much is wrong that there is no point in going on.
    pub(crate) fn is_full(&self) -> bool {
        self.stopped || self.errors > self.limit
    }

    /// Nothing shall be read any more; says whether that is news.
    pub(crate) fn stop(&mut self) -> bool {
        !std::mem::replace(&mut self.stopped, true)
    }

    /// The diagnostics in the order of the places in the inputs that they come down to.
    pub(crate) fn finish(mut self, sources: &Sources) -> Vec<Diagnostic> {
        let last = |d: &Diagnostic| d.code == Code::TooManyErrors;
        let root = |d: &Diagnostic| d.span().map(|s| sources.chain(s).last().map_or(s, |(_, at)| *at));
        self.list.sort_by_cached_key(|d| (last(d), d.span().is_none(), root(d), d.span()));
        self.list
    }
}
