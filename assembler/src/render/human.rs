//! Diagnostics, and remarks on sources, for people: the only module that names ariadne.

use super::{Colour, chain};
use crate::{Diagnostic, Severity, SourceId, Sources, Span};
use ariadne::{Cache, Config, IndexType, Label, Report, ReportKind, Source};
use std::collections::HashMap;
use std::fmt::{Debug, Display};
use std::ops::Range;

/// Each diagnostic with the lines of source that it speaks of.
#[must_use]
pub fn human(diagnostics: &[Diagnostic], sources: &Sources, colour: Colour) -> String {
    let mut out = Vec::new();
    let mut texts = Texts { sources, excerpts: HashMap::new() };
    for diagnostic in diagnostics {
        one(diagnostic, &mut texts, colour, &mut out);
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn one(diagnostic: &Diagnostic, texts: &mut Texts<'_>, colour: Colour, out: &mut Vec<u8>) {
    let kind = match diagnostic.severity {
        Severity::Error => ReportKind::Error,
        Severity::Warning => ReportKind::Warning,
        Severity::Note => ReportKind::Advice,
    };
    let colours = [ariadne::Color::Red, ariadne::Color::Yellow, ariadne::Color::Cyan];
    let Some(first) = diagnostic.span() else {
        let (severity, code) = (diagnostic.severity.name(), diagnostic.code.id());
        let mut text = format!("[{code}] {}: {}\n", capital(severity), diagnostic.message);
        for note in
            diagnostic.help.iter().map(|h| format!("Help: {h}")).chain(notes(diagnostic, texts.sources))
        {
            text.push_str(&format!("  {note}\n"));
        }
        out.extend_from_slice(text.as_bytes());
        return;
    };
    let main = texts.place(first);
    let mut report = Report::build(kind, main)
        .with_config(config(colour))
        .with_code(diagnostic.code.id())
        .with_message(&diagnostic.message);
    // ariadne draws labels of one source together only if they come in order.
    let mut labels: Vec<_> = diagnostic.labels.iter().enumerate().collect();
    labels.sort_by_key(|(_, label)| label.span);
    for (i, label) in labels {
        let mut shown = Label::new(texts.place(label.span)).with_color(colours[i.min(2)]);
        if !label.text.is_empty() {
            shown = shown.with_message(&label.text);
        }
        report = report.with_label(shown);
    }
    if let Some(help) = &diagnostic.help {
        report = report.with_help(help);
    }
    for note in notes(diagnostic, texts.sources) {
        report = report.with_note(note);
    }
    // Writing to memory does not fail; a report that cannot be drawn still has its line.
    if report.finish().write(&mut *texts, &mut *out).is_err() {
        let line = super::short(std::slice::from_ref(diagnostic), texts.sources);
        out.extend_from_slice(line.as_bytes());
    }
}

fn config(colour: Colour) -> Config {
    Config::default()
        .with_index_type(IndexType::Byte)
        .with_color(colour == Colour::Always)
        .with_tab_width(8)
        .with_compact(false)
}

/// What others than the assembler have to say of a line of source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Remark<'a> {
    /// What the source is called.
    pub source: &'a str,
    /// All of its text.
    pub text: &'a str,
    /// The line, from 1.
    pub line: u32,
    /// A few words.
    pub words: &'a str,
}

/// Lines of source with remarks, drawn as diagnostics are, under a heading of `kind` and `title`; the place of the
/// first remark is the place of the whole. Empty if no remark's line is there.
#[must_use]
pub fn remarks(kind: &str, title: &str, remarks: &[Remark<'_>], colour: Colour) -> String {
    let mut drawn = Drawn { excerpts: Vec::new() };
    let placed: Vec<(Place, &str)> =
        remarks.iter().filter_map(|remark| Some((drawn.place(remark)?, remark.words))).collect();
    let Some((first, _)) = placed.first() else { return String::new() };
    let colours = [ariadne::Color::Red, ariadne::Color::Cyan, ariadne::Color::Yellow];
    let mut report = Report::build(ReportKind::Error, first.clone()).with_config(config(colour));
    let mut labels: Vec<_> = placed.iter().enumerate().collect();
    labels.sort_by_key(|(_, (place, _))| (place.excerpt.source, place.excerpt.start, place.range.start));
    for (i, (place, words)) in labels {
        let shown = Label::new(place.clone()).with_message(words).with_color(colours[i.min(2)]);
        report = report.with_label(shown);
    }
    let mut out = Vec::new();
    // Writing to memory does not fail; what cannot be drawn is left out.
    let _ = report.finish().write(&mut drawn, &mut out);
    // ariadne's own heading knows no kinds but its own without a colour.
    let mut text = match colour {
        Colour::Never => format!("{kind}: {title}\n"),
        Colour::Always => format!("\x1b[31m{kind}:\x1b[0m {title}\n"),
    };
    let picture = String::from_utf8_lossy(&out);
    text.extend(picture.lines().skip(1).flat_map(|line| [line.trim_end(), "\n"]));
    text
}

/// The sources of remarks.
struct Drawn {
    /// Each excerpt with its source's name and its text; as many as there are remarks at most.
    excerpts: Vec<(Excerpt, String, Source<String>)>,
}

impl Drawn {
    /// Where a remark's line lies, without the blanks around it and the comment behind it.
    fn place(&mut self, remark: &Remark<'_>) -> Option<Place> {
        let index = remark.line.checked_sub(1)? as usize;
        let before = remark.text.split_inclusive('\n').take(index);
        let start = before.map(str::len).sum::<usize>();
        let line = remark.text.get(start..)?.lines().next()?;
        let known = self.excerpts.iter().position(|(_, name, _)| name == remark.source);
        let source = SourceId(known.unwrap_or(self.excerpts.len()) as u32);
        let small = remark.text.len() <= SMALL;
        let (excerpt, shown) =
            if small { (0, remark.text) } else { (start, &line[..floor(line, line.len().min(2 * WINDOW))]) };
        let excerpt = Excerpt { source, start: excerpt };
        if !self.excerpts.iter().any(|(there, ..)| *there == excerpt) {
            let skipped = if small { 0 } else { index };
            let shown = Source::from(shown.to_owned()).with_display_line_offset(skipped);
            self.excerpts.push((excerpt.clone(), remark.source.to_owned(), shown));
        }
        let line = if small { line } else { shown };
        let at = start - excerpt.start + (line.len() - line.trim_start().len());
        // A comment is not what the remark is about.
        let code = line.trim().split_inclusive(" #").next().unwrap_or_default();
        let code = code.strip_suffix('#').unwrap_or(code).trim_end();
        Some(Place { excerpt, range: at..at + code.len() })
    }
}

impl Cache<Excerpt> for &mut Drawn {
    type Storage = String;

    fn fetch(&mut self, id: &Excerpt) -> Result<&Source<String>, impl Debug> {
        let found = self.excerpts.iter().find(|(there, ..)| there == id);
        found.map(|(.., source)| source).ok_or("every place has its excerpt")
    }

    fn display<'a>(&self, id: &'a Excerpt) -> Option<impl Display + 'a> {
        self.excerpts.iter().find(|(there, ..)| there == id).map(|(_, name, _)| name.clone())
    }
}

fn notes(diagnostic: &Diagnostic, sources: &Sources) -> Vec<String> {
    diagnostic.notes.iter().cloned().chain(chain(diagnostic, sources)).collect()
}

fn capital(text: &str) -> String {
    text[..1].to_uppercase() + &text[1..]
}

/// Part of a source: ariadne reads all of a text, and sources can be long.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Excerpt {
    source: SourceId,
    /// Offset of the line that is shown.
    start: usize,
}

/// A label's place: bytes of an excerpt.
#[derive(Clone)]
struct Place {
    excerpt: Excerpt,
    range: Range<usize>,
}

impl ariadne::Span for Place {
    type SourceId = Excerpt;

    fn source(&self) -> &Excerpt {
        &self.excerpt
    }

    fn start(&self) -> usize {
        self.range.start
    }

    fn end(&self) -> usize {
        self.range.end
    }
}

struct Texts<'s> {
    sources: &'s Sources,
    excerpts: HashMap<Excerpt, (String, Source<String>)>,
}

/// Sources up to so many bytes are shown from a single excerpt, so that labels on near lines share a picture.
const SMALL: usize = 1 << 20;

/// Bytes of a long line that are shown on either side.
const WINDOW: usize = 200;

impl Texts<'_> {
    /// Where a span lies in an excerpt, which is made if there is none yet.
    fn place(&mut self, span: Span) -> Place {
        let source = self.sources.get(span.source);
        let range = self.sources.range(span);
        let text = source.text.as_str();
        if text.len() <= SMALL && source.markers.is_empty() {
            let excerpt = Excerpt { source: span.source, start: 0 };
            self.excerpts
                .entry(excerpt.clone())
                .or_insert_with(|| (source.name.clone(), Source::from(text.to_string())));
            return Place { excerpt, range };
        }
        let mut start = text[..range.start].rfind('\n').map_or(0, |n| n + 1);
        let mut end = text[range.start..].find('\n').map_or(text.len(), |n| range.start + n);
        if end - start > 2 * WINDOW {
            start = floor(text, range.start.saturating_sub(WINDOW).max(start));
            end = floor(text, (range.start + WINDOW).min(end));
        }
        let at = self.sources.locate(span);
        let excerpt = Excerpt { source: span.source, start };
        let line = at.line.saturating_sub(1) as usize;
        let shown = text[start..end].to_string();
        self.excerpts
            .entry(excerpt.clone())
            .or_insert_with(|| (at.name.to_string(), Source::from(shown).with_display_line_offset(line)));
        let range = range.start.min(end) - start..range.end.clamp(range.start.min(end), end) - start;
        Place { excerpt, range }
    }
}

/// The character boundary at or before `at`.
fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

impl Cache<Excerpt> for &mut Texts<'_> {
    type Storage = String;

    fn fetch(&mut self, id: &Excerpt) -> Result<&Source<String>, impl Debug> {
        self.excerpts.get(id).map(|(_, source)| source).ok_or("every place has its excerpt")
    }

    fn display<'a>(&self, id: &'a Excerpt) -> Option<impl Display + 'a> {
        self.excerpts.get(id).map(|(name, _)| name.clone())
    }
}
