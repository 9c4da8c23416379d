//! Sources: the texts that are assembled, where each came from, and spans within them.

use std::ops::Range;
use std::sync::Arc;

/// A source, by position in [`Sources`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SourceId(pub u32);

/// Bytes `start..end` of one source.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Span {
    /// The source.
    pub source: SourceId,
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte; at least `start`.
    pub end: u32,
}

impl Span {
    /// From the start of `self` to the end of `other`, which lies in the same source.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        Span { end: other.end.max(self.end), ..self }
    }

    /// The empty span behind `self`.
    #[must_use]
    pub fn behind(self) -> Span {
        Span { start: self.end, ..self }
    }
}

/// Why a source is read: what the chain of includes and macros is made of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    /// The caller asked for it.
    Input,
    /// An `.include` at this place.
    Include(Span),
    /// An `.application` at this place.
    Application(Span),
    /// The expansion of the macro with this name, called at this place.
    Macro(String, Span),
    /// Only its name is known: `.file` says so.
    Named,
    /// An iteration of `.irp` or the like at this place.
    Repeat(Span),
}

/// A source.
#[derive(Clone, Debug)]
pub struct SourceText {
    /// Its path as the user gave it, or `<macro NAME>`.
    pub name: String,
    /// Its text.
    pub text: Arc<String>,
    /// Why it was read.
    pub origin: Origin,
    /// Where each `line` marker of the C preprocessor renames the lines that follow.
    pub markers: Vec<Marker>,
    /// The line of a file that an expansion's bytes are said to come from.
    pub(crate) row: Option<(SourceId, u32)>,
}

/// A line marker of the C preprocessor: the text from `offset` on is line `line` of the file `name`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Marker {
    /// Byte offset of the line behind the marker.
    pub offset: u32,
    /// The line number, from 1, that this line has in `name`.
    pub line: u32,
    /// The file that it came from.
    pub name: String,
}

/// A place as people read it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Location<'a> {
    /// The file, as a line marker named it if there is one.
    pub name: &'a str,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// All sources of one assembly.
#[derive(Clone, Default, Debug)]
pub struct Sources {
    list: Vec<SourceText>,
}

impl Sources {
    pub(crate) fn add(&mut self, name: String, text: Arc<String>, origin: Origin) -> SourceId {
        let id = SourceId(u32::try_from(self.list.len()).expect("limits bound the number of sources"));
        self.list.push(SourceText { name, text, origin, markers: Vec::new(), row: None });
        id
    }

    /// The text that a span covers; empty if there is none.
    pub(crate) fn slice(&self, span: Span) -> &str {
        self.get(span.source).text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    pub(crate) fn set_row(&mut self, id: SourceId, row: (SourceId, u32)) {
        self.list[id.0 as usize].row = Some(row);
    }

    /// The line of a file that line `line` of `source` belongs to.
    pub(crate) fn row_in_file(&self, source: SourceId, line: u32) -> (SourceId, u32) {
        self.get(source).row.unwrap_or((source, line))
    }

    pub(crate) fn add_marker(&mut self, id: SourceId, marker: Marker) {
        self.list[id.0 as usize].markers.push(marker);
    }

    /// The source with `id`.
    #[must_use]
    pub fn get(&self, id: SourceId) -> &SourceText {
        &self.list[id.0 as usize]
    }

    /// Every source with its id, in the order they were read.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &SourceText)> {
        self.list.iter().enumerate().map(|(i, s)| (SourceId(i as u32), s))
    }

    /// The text of `span`, widened to whole characters.
    #[must_use]
    pub fn text(&self, span: Span) -> &str {
        let range = self.range(span);
        &self.get(span.source).text[range]
    }

    /// `span` as a byte range that lies within its source, on character boundaries.
    #[must_use]
    pub fn range(&self, span: Span) -> Range<usize> {
        let text = &self.get(span.source).text;
        let mut start = (span.start as usize).min(text.len());
        let mut end = (span.end as usize).clamp(start, text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        while !text.is_char_boundary(end) {
            end += 1;
        }
        start..end
    }

    /// Where `span` begins. Takes time in proportion to the source's length.
    #[must_use]
    pub fn locate(&self, span: Span) -> Location<'_> {
        let source = self.get(span.source);
        let at = self.range(span).start;
        let line_start = source.text[..at].rfind('\n').map_or(0, |n| n + 1);
        let column = source.text[line_start..at].chars().count() as u32 + 1;
        let before = source.markers.partition_point(|m| m.offset as usize <= at);
        let (name, line) = match before.checked_sub(1).map(|i| &source.markers[i]) {
            Some(m) => {
                (m.name.as_str(), m.line.saturating_add(newlines(&source.text[m.offset as usize..at])))
            }
            None => (source.name.as_str(), newlines(&source.text[..at]) + 1),
        };
        Location { name, line, column }
    }

    /// The places that led to `span`, innermost first: macro calls and includes.
    #[must_use]
    pub fn chain(&self, span: Span) -> Vec<(&Origin, Span)> {
        let mut chain = Vec::new();
        let mut at = span;
        loop {
            let origin = &self.get(at.source).origin;
            match origin {
                Origin::Input | Origin::Named => return chain,
                Origin::Include(from) | Origin::Application(from) | Origin::Repeat(from) => at = *from,
                Origin::Macro(_, from) => at = *from,
            }
            chain.push((origin, at));
        }
    }

    /// The place in a file (not in a macro's expansion) that `span` came from.
    #[must_use]
    pub fn in_file(&self, mut span: Span) -> Span {
        while let Origin::Macro(_, from) | Origin::Repeat(from) = &self.get(span.source).origin {
            span = *from;
        }
        span
    }
}

/// How many line ends there are. Sums of few bytes at a time are what the compiler makes fast.
fn newlines(text: &str) -> u32 {
    let few = |bytes: &[u8]| u32::from(bytes.iter().map(|b| u8::from(*b == b'\n')).sum::<u8>());
    text.as_bytes().chunks(192).map(few).sum()
}
