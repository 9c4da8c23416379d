//! What to say about a statement that is none.

use crate::assembler::{Assembler, Line};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Reported};
use crate::grammar;
use crate::lexer::{Kind, Token};
use crate::names::Word;
use crate::source::Span;
use crate::suggest;

impl Assembler<'_, '_> {
    pub(crate) fn unknown(&mut self, line: &Line<'_>, tokens: &[Token]) -> Result<(), Reported> {
        let head = tokens[0];
        let text = line.of(head);
        let lower = text.to_ascii_lowercase();
        // Like GNU as: the case of the head means nothing, that of registers and symbols does.
        match self.names.find(&lower).and_then(|n| self.names.word(n)) {
            Some(Word::Directive(directive)) => return self.directive(line, tokens, directive),
            Some(Word::Op(op)) => return self.instruction(line, tokens, op),
            Some(Word::Pseudo(pseudo)) => return self.pseudo(line, tokens, pseudo),
            None => {}
        }
        if let Some(called) = self.macros.values().find(|m| m.name.eq_ignore_ascii_case(text)) {
            let called = std::rc::Rc::clone(called);
            self.call(line, tokens, &called);
            return Ok(());
        }
        if text.starts_with('.') {
            let names = self.names.words().filter(|w| w.starts_with('.'));
            let help = suggest::nearest(text, names).map(|n| format!("did you mean `{n}`?"));
            let message = format!("there is no directive `{text}`");
            let diagnostic = Diagnostic::new(Code::UnknownDirective, message);
            return Err(self.shared.sink.report(diagnostic.at(line.span(head), "unknown").maybe_help(help)));
        }
        if lower.starts_with("csr") || lower.starts_with("rdcycle") || lower.starts_with("rdtime") {
            let diagnostic = Diagnostic::new(Code::NoCsr, format!("PG32 has no `{text}`"))
                .at(line.span(head), "belongs to RISC-V's privileged layer")
                .help("PG32's state is read by `rdm`, `rdb`, `rdl`, `spsw` and set by `setm`, `setr`, `lpsw`, `retu`");
            return Err(self.shared.sink.report(diagnostic));
        }
        let macros = self.macros.keys().map(|n| self.names.text(*n));
        let names = self.names.words().filter(|w| !w.starts_with('.')).chain(macros);
        let mut help = suggest::nearest(text, names).map(|n| format!("did you mean `{n}`?"));
        let second =
            tokens.get(1).filter(|t| t.kind == Kind::Word).and_then(|t| self.names.find(line.of(*t)));
        if let Some(advice) = suggest::habit(text).or_else(|| suggest::extension(&lower)) {
            help = Some(advice.to_string());
        } else if second.and_then(|n| self.names.word(n)).is_some() || help.is_none() && tokens.len() == 1 {
            help = Some(format!("a label is written `{text}:`"));
        }
        let message = format!("there is no instruction or macro `{text}`");
        let diagnostic = Diagnostic::new(Code::UnknownInstruction, message);
        Err(self.shared.sink.report(diagnostic.at(line.span(head), "unknown").maybe_help(help)))
    }

    /// Says what is wrong with the shape of a statement.
    pub(crate) fn syntax(&mut self, line: &Line<'_>, tokens: &[Token]) -> Reported {
        let Err(error) = grammar::parse(tokens) else {
            let message = "this statement makes no sense";
            return self.shared.error(Code::Syntax, message, line.span_of(tokens), "here");
        };
        let (span, found) = match tokens.get(error.at) {
            Some(token) => (line.span(*token), format!("`{}`", line.of(*token))),
            None => (line.span_of(tokens).behind(), "the end of the statement".to_string()),
        };
        let mut expected = error.expected;
        let opens = tokens[..error.at.min(tokens.len())].iter().filter(|t| t.kind == Kind::Open).count();
        let closes = tokens[..error.at.min(tokens.len())].iter().filter(|t| t.kind == Kind::Close).count();
        expected.retain(|e| e != "`)`" || opens > closes);
        let wanted = match expected.as_slice() {
            [] => "something else".to_string(),
            [one] => one.clone(),
            [first @ .., last] => format!("{} or {last}", first.join(", ")),
        };
        let mut diagnostic = Diagnostic::new(Code::Syntax, format!("expected {wanted}, found {found}"))
            .at(span, "does not fit here");
        if expected.iter().any(|e| e == "`,`") && error.at > 1 && error.at < tokens.len() {
            diagnostic = diagnostic.help("is a comma missing?");
        }
        if let Some(Token { kind: Kind::Number, .. }) = tokens.first() {
            diagnostic = diagnostic.help("a numeric label is written with a colon: `1:`");
        }
        self.shared.sink.report(diagnostic)
    }

    /// Reports a `\` that was left in an expansion: what follows is no parameter of the macro.
    fn no_parameter(&mut self, line: &Line<'_>, token: Token) -> bool {
        let crate::source::Origin::Macro(name, _) = &self.shared.sources.get(line.source).origin else {
            return false;
        };
        let Some(called) = self.macros.values().find(|m| m.name == *name) else { return false };
        let rest = &line.text[token.end as usize..];
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let word = &rest[..end];
        let parameters = || called.parameters.iter().map(|p| p.name.as_str());
        let help = match suggest::nearest(word, parameters()) {
            Some(nearest) => format!("did you mean `\\{nearest}`?"),
            None if called.parameters.is_empty() => "it has none".to_string(),
            None => {
                let list: Vec<String> = parameters().map(|p| format!("`\\{p}`")).collect();
                format!("it has {}", list.join(", "))
            }
        };
        let span = Span { source: line.source, start: token.start, end: token.end + end as u32 };
        let message = format!("`\\{word}` is no parameter of the macro `{name}`");
        let diagnostic = Diagnostic::new(Code::UnknownCharacter, message).at(span, "unknown").help(help);
        self.shared.sink.report(diagnostic);
        true
    }

    /// Reports the first token that no statement may have.
    pub(crate) fn bad_token(&mut self, line: &Line<'_>, tokens: &[Token]) {
        let bad = |t: &&Token| matches!(t.kind, Kind::Unknown | Kind::OpenString | Kind::OpenComment);
        let Some(token) = tokens.iter().find(bad) else { return };
        let span = line.span(*token);
        let text = line.of(*token);
        match token.kind {
            Kind::OpenString => {
                let message = "this string has no closing `\"`";
                self.shared.error(Code::OpenString, message, span, "runs to the end of the line");
            }
            Kind::OpenComment => {
                let span = Span { end: span.start + 2, ..span };
                self.shared.error(Code::OpenComment, "this comment has no closing `*/`", span, "begins here");
            }
            _ => {
                if text == "\\" && self.no_parameter(line, *token) {
                    return;
                }
                let shown: String = text.chars().take(1).flat_map(char::escape_debug).collect();
                let message = match text {
                    "\\" => "a `\\` stands only in the body of a macro".to_string(),
                    "'" => "a character is written `'a'`; several of them are text for `.ascii`".to_string(),
                    "[" | "]" => "a base register stands in parentheses: `4(sp)`".to_string(),
                    _ => format!("the character `{shown}` begins nothing"),
                };
                self.shared.error(Code::UnknownCharacter, message, span, "here");
            }
        }
    }
}
