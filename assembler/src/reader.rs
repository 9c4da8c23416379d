//! Where the next statement comes from: files, includes, macro expansions and repetitions, and which statements
//! a condition leaves out.

use crate::assembler::{Assembler, Line};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Reported};
use crate::directive::Directive;
use crate::lexer::{self, End, Kind, Scanned, Token};
use crate::source::{Marker, Origin, SourceId, Span};
use std::sync::Arc;

/// A text that is being read.
pub(crate) struct Frame {
    pub(crate) source: SourceId,
    pub(crate) text: Arc<String>,
    /// Offset of the next statement.
    position: usize,
    /// Offset behind the last one.
    end: usize,
    /// Line number of the next statement.
    line: u32,
    pub(crate) kind: FrameKind,
    /// Conditions open when it began.
    pub(crate) conditions: usize,
    /// Where an in-place repetition begins: offset and line.
    begin: (usize, u32),
}

/// From how many tokens on a statement is long.
const LONG: usize = 1 << 12;

/// Why a text is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum FrameKind {
    File,
    Macro,
    /// As often again.
    Repeat(u64),
}

/// Lines that a macro or repetition collected.
pub(crate) struct Body {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Line number of the first.
    pub(crate) line: u32,
}

impl Assembler<'_, '_> {
    pub(crate) fn push_file(&mut self, source: SourceId) {
        let text = Arc::clone(&self.shared.sources.get(source).text);
        let end = text.len();
        // A byte order mark says nothing about UTF-8.
        let position = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        self.push(Frame {
            source,
            text,
            position,
            end,
            line: 1,
            kind: FrameKind::File,
            conditions: self.conditions.len(),
            begin: (0, 1),
        });
    }

    /// Reads `text`, a macro's expansion, next.
    pub(crate) fn push_expansion(&mut self, line: &Line<'_>, name: String, text: String, origin: Origin) {
        let at = match &origin {
            Origin::Macro(_, at) | Origin::Repeat(at) => *at,
            _ => return,
        };
        self.shared.expanded += text.len() as u64;
        if self.shared.expanded > self.shared.options.limits.expansion_bytes {
            self.too_much(at);
            return;
        }
        let text = Arc::new(text);
        let source = self.shared.sources.add(name, Arc::clone(&text), origin);
        let (from, number) = line.row;
        self.shared.sources.set_row(source, self.shared.sources.row_in_file(from, number));
        let end = text.len();
        self.push(Frame {
            source,
            text,
            position: 0,
            end,
            line: 1,
            kind: FrameKind::Macro,
            conditions: self.conditions.len(),
            begin: (0, 1),
        });
    }

    /// Reads the body `count` times next, where it stands.
    pub(crate) fn push_repeat(&mut self, line: &Line<'_>, body: &Body, count: u64) {
        let Some(frame) = self.frames.last() else { return };
        if count == 0 {
            return;
        }
        let text = Arc::clone(&frame.text);
        self.push(Frame {
            source: line.source,
            text,
            position: body.start,
            end: body.end,
            line: body.line,
            kind: FrameKind::Repeat(count - 1),
            conditions: self.conditions.len(),
            begin: (body.start, body.line),
        });
    }

    fn push(&mut self, frame: Frame) {
        if self.frames.len() >= self.shared.options.limits.depth {
            let span = Span { source: frame.source, start: 0, end: 0 };
            let span = self.shared.sources.chain(span).first().map_or(span, |(_, at)| *at);
            if self.shared.sink.stop() {
                let message =
                    format!("macros and includes are nested {} deep", self.shared.options.limits.depth);
                let diagnostic = Diagnostic::new(Code::TooDeep, message)
                    .at(span, "this goes one deeper")
                    .help("does a macro call itself, or a file include itself, without a condition?");
                self.shared.sink.report(diagnostic);
            }
            self.frames.clear();
            return;
        }
        self.frames.push(frame);
    }

    pub(crate) fn too_much(&mut self, span: Span) {
        if self.shared.sink.stop() {
            let limit = self.shared.options.limits.expansion_bytes;
            let message = format!("macros and includes have produced more than {limit} bytes of source");
            self.shared.error(Code::TooMuchSource, message, span, "the limit was reached here");
        }
        self.frames.clear();
    }

    /// Reads everything that is left.
    pub(crate) fn run(&mut self) {
        let mut tokens = Vec::new();
        while let Some(frame) = self.frames.last() {
            let text = Arc::clone(&frame.text);
            let depth = self.frames.len();
            while self.frames.len() == depth {
                if self.shared.sink.is_full() {
                    self.frames.clear();
                } else if !self.next(&text, &mut tokens) {
                    break;
                }
            }
        }
    }

    /// Reads one statement of the innermost text; `false` when that has ended.
    #[inline]
    fn next(&mut self, text: &str, tokens: &mut Vec<Token>) -> bool {
        let Some(frame) = self.frames.last_mut() else { return false };
        if frame.position >= frame.end {
            return self.finish_frame();
        }
        let start = frame.position;
        if text.as_bytes()[start] == b'#' && frame.kind == FrameKind::File {
            self.marker(text, start);
        }
        let Some(frame) = self.frames.last_mut() else { return false };
        tokens.clear();
        let mut scanned = lexer::scan(text, start, tokens, LONG);
        let line_number = frame.line;
        if scanned.end == End::Part {
            scanned = self.long_statement(text, scanned, tokens);
        }
        let Some(frame) = self.frames.last_mut() else { return false };
        frame.position = scanned.next;
        frame.line = frame.line.saturating_add(scanned.newlines);
        let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else { return true };
        let line = Line {
            text,
            source: frame.source,
            start: first.start,
            end: last.end,
            stop: scanned.stop as u32,
            row: (frame.source, line_number),
        };
        if self.conditions.last().is_some_and(|c| !c.active) {
            self.skipped(&line, tokens);
        } else if scanned.bad {
            self.bad_statement(&line, tokens);
        } else {
            self.statement(&line, tokens);
        }
        true
    }

    /// A statement of very many operands. Those of data directives are assembled part by part, so that a line of
    /// millions takes no more room than others; what is left in `tokens` is the last part.
    fn long_statement(&mut self, text: &str, first: Scanned, tokens: &mut Vec<Token>) -> Scanned {
        let Some(frame) = self.frames.last() else { return first };
        let (source, row) = (frame.source, (frame.source, frame.line));
        let active = self.conditions.last().is_none_or(|c| c.active);
        let mut part = first;
        loop {
            let (Some(begin), Some(last)) = (tokens.first(), tokens.last()) else { return part };
            let stop = part.stop as u32;
            let line = Line { text, source, start: begin.start, end: last.end, stop, row };
            let head = self.head_directive(&line, tokens).filter(|(_, d)| matches!(d, Directive::Data(_)));
            let newlines = part.newlines;
            part = match head.filter(|_| active && !part.bad) {
                Some((head, _)) => {
                    self.statement(&line, tokens);
                    tokens.truncate(head + 1);
                    tokens.drain(..head);
                    lexer::scan(text, part.next, tokens, LONG)
                }
                None => {
                    let comma = Token { kind: Kind::Comma, start: stop, end: part.next as u32 };
                    tokens.push(comma);
                    let rest = lexer::scan(text, part.next, tokens, usize::MAX);
                    Scanned { bad: part.bad | rest.bad, ..rest }
                }
            };
            part.newlines += newlines;
            if part.end != End::Part || self.shared.sink.is_full() {
                return part;
            }
        }
    }

    /// A macro call takes what a statement may not have; labels before a wrong one count all the same.
    fn bad_statement(&mut self, line: &Line<'_>, tokens: &[Token]) {
        match self.head_directive(line, tokens) {
            Some((_, Directive::End)) => {
                self.frames.clear();
                return;
            }
            Some((_, Directive::Ignored)) if tokens.iter().all(|t| t.kind != Kind::OpenComment) => return,
            _ => {}
        }
        let mut rest = tokens;
        while let [name, Token { kind: Kind::Colon, .. }, after @ ..] = rest {
            if matches!(name.kind, Kind::Word | Kind::String) {
                self.label(line, *name);
            }
            rest = after;
        }
        if let Some(head) = rest.first().filter(|t| t.kind == Kind::Word) {
            let name = self.names.intern(line.of(*head));
            if let Some(called) = self.macros.get(&name) {
                let called = std::rc::Rc::clone(called);
                self.call(line, rest, &called);
                return;
            }
        }
        self.bad_token(line, tokens);
    }

    /// The innermost text has ended, or begins again.
    fn finish_frame(&mut self) -> bool {
        let Some(frame) = self.frames.last_mut() else { return false };
        if let FrameKind::Repeat(left @ 1..) = frame.kind {
            frame.kind = FrameKind::Repeat(left - 1);
            (frame.position, frame.line) = frame.begin;
            // Time, too, is something that a source may not ask for without bound.
            self.shared.expanded += (frame.end - frame.position) as u64 / 8 + 1;
            if self.shared.expanded > self.shared.options.limits.expansion_bytes {
                let span =
                    Span { source: frame.source, start: frame.begin.0 as u32, end: frame.begin.0 as u32 };
                self.too_much(span);
                return false;
            }
            return true;
        }
        let open = frame.conditions;
        if frame.kind == FrameKind::File {
            self.close_conditions(open);
        }
        self.frames.pop();
        false
    }

    /// Reports what is still open when a text ends.
    fn close_conditions(&mut self, open: usize) {
        while self.conditions.len() > open {
            if let Some(condition) = self.conditions.pop() {
                let message = "this condition has no `.endif`";
                self.shared.error(Code::Unclosed, message, condition.span, "begins here");
            }
        }
    }

    /// Reports what is still open when a unit ends.
    pub(crate) fn unclosed(&mut self) {
        if self.shared.sink.is_full() {
            self.conditions.clear();
            self.table = None;
        }
        if let Some(table) = self.table.take() {
            self.shared.error(Code::Unclosed, "this table has no end", table.span, "begins here");
        }
        self.close_conditions(0);
    }

    /// Leaves the innermost macro or repetition.
    pub(crate) fn exit_macro(&mut self, span: Span) -> Result<(), Reported> {
        let Some(depth) = self.frames.iter().rposition(|f| f.kind != FrameKind::File) else {
            let message = "`.exitm` stands only in the body of a macro or repetition";
            return Err(self.shared.error(Code::Unopened, message, span, "not in a macro"));
        };
        self.conditions.truncate(self.frames[depth].conditions);
        self.frames.truncate(depth);
        Ok(())
    }

    /// Whether a file of this name is being read.
    pub(crate) fn is_open(&self, name: &str) -> bool {
        let file = |f: &&Frame| f.kind == FrameKind::File;
        self.frames.iter().filter(file).any(|f| self.shared.sources.get(f.source).name == name)
    }

    /// `# 12 "file.c"`, as the C preprocessor leaves it.
    fn marker(&mut self, text: &str, start: usize) {
        let end = text[start..].find('\n').map_or(text.len(), |n| start + n);
        let rest = text[start + 1..end].trim_start();
        let rest = rest.strip_prefix("line ").unwrap_or(rest);
        let Some((digits, rest)) = rest.split_once(' ') else { return };
        let (Ok(line), Some(rest)) = (digits.parse::<u32>(), rest.trim_start().strip_prefix('"')) else {
            return;
        };
        let Some((name, _)) = rest.split_once('"') else { return };
        let Some(frame) = self.frames.last() else { return };
        let source = frame.source;
        let marker = Marker { offset: (end + 1).min(text.len()) as u32, line, name: name.to_string() };
        self.shared.sources.add_marker(source, marker);
    }

    /// The lines up to the directive that closes what `opens`; the text goes on behind it.
    pub(crate) fn collect(
        &mut self,
        line: &Line<'_>,
        span: Span,
        opens: fn(Directive) -> bool,
        closes: fn(Directive) -> bool,
    ) -> Result<Body, Reported> {
        let Some(frame) = self.frames.last() else { return Err(Reported) };
        let (start, end, first) = (frame.position, frame.end, frame.line);
        let mut tokens = Vec::new();
        let (mut position, mut number, mut depth) = (start, first, 0);
        while position < end {
            let scanned = lexer::statement(line.text, position, &mut tokens);
            let inner = Line { stop: scanned.stop as u32, ..*line };
            let directive = self.head_directive(&inner, &tokens).map(|(_, d)| d);
            let before = position;
            position = scanned.next;
            number += scanned.newlines;
            match directive {
                Some(directive) if opens(directive) => depth += 1,
                Some(directive) if closes(directive) && depth > 0 => depth -= 1,
                Some(directive) if closes(directive) => {
                    if let Some(frame) = self.frames.last_mut() {
                        (frame.position, frame.line) = (position, number);
                    }
                    return Ok(Body { start, end: before, line: first });
                }
                _ => {}
            }
            if scanned.end == End::Source {
                break;
            }
        }
        if let Some(frame) = self.frames.last_mut() {
            frame.position = frame.end;
        }
        Err(self.shared.error(Code::Unclosed, "the lines that begin here have no end", span, "begins here"))
    }
}
