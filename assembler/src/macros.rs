//! Macros and repetitions: what they collect, and how a call becomes text.

use crate::arguments::{Arguments, keyword, strip_comments, substitute};
use crate::assembler::{Assembler, Line};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Reported};
use crate::directive::Directive;
use crate::lexer::{Kind, Token};
use crate::source::{Origin, SourceId, Span};
use std::rc::Rc;

/// A macro.
pub(crate) struct Macro {
    pub(crate) name: String,
    pub(crate) parameters: Vec<Parameter>,
    /// Where its body lies.
    source: SourceId,
    body: std::ops::Range<usize>,
    span: Span,
}

/// A macro's parameter.
pub(crate) struct Parameter {
    pub(crate) name: String,
    kind: Wanted,
    default: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Optional,
    Required,
    /// All arguments that are left, commas included.
    Rest,
}

fn opens_macro(directive: Directive) -> bool {
    directive == Directive::Macro
}

fn closes_macro(directive: Directive) -> bool {
    directive == Directive::Endm
}

fn opens_repeat(directive: Directive) -> bool {
    matches!(directive, Directive::Rept | Directive::Irp | Directive::Irpc)
}

fn closes_repeat(directive: Directive) -> bool {
    directive == Directive::Endr
}

impl Assembler<'_, '_> {
    /// `.macro name parameters`
    pub(crate) fn define_macro(&mut self, line: &Line<'_>, tokens: &[Token]) -> Result<(), Reported> {
        let head = line.whole();
        let parameters = self.parameters(line, tokens);
        let body = self.collect(line, head, opens_macro, closes_macro)?;
        let (name, parameters) = parameters?;
        let id = self.names.intern(line.of(name));
        if let Some(old) = self.macros.get(&id) {
            let diagnostic = Diagnostic::new(
                Code::DuplicateMacro,
                format!("the macro `{}` is defined twice", line.of(name)),
            )
            .at(line.span(name), "defined again here")
            .at(old.span, "first defined here")
            .help("`.purgem` forgets a macro");
            return Err(self.shared.sink.report(diagnostic));
        }
        let defined = Macro {
            name: line.of(name).to_string(),
            parameters,
            source: line.source,
            body: body.start..body.end,
            span: line.span(name),
        };
        self.macros.insert(id, Rc::new(defined));
        Ok(())
    }

    fn parameters(&mut self, line: &Line<'_>, tokens: &[Token]) -> Result<(Token, Vec<Parameter>), Reported> {
        let name = match tokens.get(1) {
            Some(token) if token.kind == Kind::Word => *token,
            _ => {
                let message = "a macro needs a name";
                return Err(self.shared.error(
                    Code::BadParameter,
                    message,
                    line.whole(),
                    "expected its name",
                ));
            }
        };
        let mut parameters: Vec<Parameter> = Vec::new();
        let mut i = 2;
        while let Some(token) = tokens.get(i) {
            i += 1;
            if token.kind == Kind::Comma {
                continue;
            }
            if token.kind != Kind::Word {
                let message = "expected the name of a parameter";
                return Err(self.shared.error(Code::BadParameter, message, line.span(*token), "no name"));
            }
            let mut parameter = Parameter {
                name: line.of(*token).to_string(),
                kind: Wanted::Optional,
                default: String::new(),
            };
            if let [colon, kind, ..] = tokens[i..]
                && colon.kind == Kind::Colon
            {
                parameter.kind = match line.of(kind) {
                    "req" => Wanted::Required,
                    "vararg" => Wanted::Rest,
                    _ => {
                        let message = "a parameter is `:req` or `:vararg`";
                        return Err(self.shared.error(
                            Code::BadParameter,
                            message,
                            line.span(kind),
                            "neither",
                        ));
                    }
                };
                i += 2;
            }
            if tokens.get(i).is_some_and(|t| t.kind == Kind::Equals) {
                let start = tokens[i].end as usize;
                let mut arguments = Arguments {
                    text: &line.text[start..line.stop as usize],
                    at: 0,
                    alternate: self.altmacro,
                };
                parameter.default = arguments.next().unwrap_or_default();
                let end = start + arguments.at;
                i += 1;
                while tokens.get(i).is_some_and(|t| (t.start as usize) < end) {
                    i += 1;
                }
            }
            if parameters.iter().any(|p| p.name == parameter.name) {
                let message = format!("the parameter `{}` is named twice", parameter.name);
                return Err(self.shared.error(Code::BadParameter, message, line.span(*token), "again"));
            }
            parameters.push(parameter);
        }
        Ok((name, parameters))
    }

    pub(crate) fn purge(&mut self, line: &Line<'_>, tokens: &[Token]) -> Result<(), Reported> {
        for token in tokens[1..].iter().filter(|t| t.kind == Kind::Word) {
            let name = self.names.intern(line.of(*token));
            self.macros.remove(&name);
        }
        Ok(())
    }

    /// Expands a call.
    pub(crate) fn call(&mut self, line: &Line<'_>, tokens: &[Token], called: &Macro) {
        let values = match self.arguments(line, tokens, called) {
            Ok(values) => values,
            Err(Reported) => return,
        };
        let source = std::sync::Arc::clone(&self.shared.sources.get(called.source).text);
        let names: Vec<&str> = called.parameters.iter().map(|p| p.name.as_str()).collect();
        let Ok(text) = self.expanded(&source[called.body.clone()], &names, &values, line.whole()) else {
            return;
        };
        self.calls += 1;
        let origin = Origin::Macro(called.name.clone(), line.whole());
        self.push_expansion(line, format!("<macro {}>", called.name), text, origin);
    }

    /// A body with values for its parameters.
    fn expanded(
        &mut self,
        body: &str,
        names: &[&str],
        values: &[String],
        at: Span,
    ) -> Result<String, Reported> {
        let alternate = match self.altmacro.is_on() {
            true => Some(self.alternate(body, names, values, at)?),
            false => None,
        };
        let body = alternate.as_deref().unwrap_or(body);
        let limit = self.shared.options.limits.expansion_bytes;
        substitute(body, names, values, self.calls, limit).ok_or_else(|| {
            self.too_much(at);
            Reported
        })
    }

    /// The value of each parameter.
    fn arguments(
        &mut self,
        line: &Line<'_>,
        tokens: &[Token],
        called: &Macro,
    ) -> Result<Vec<String>, Reported> {
        let head = tokens[0];
        // Block comments are space.
        let raw = strip_comments(&line.text[head.end as usize..line.stop as usize]);
        let mut arguments = Arguments { text: &raw, at: 0, alternate: self.altmacro };
        let mut values: Vec<Option<String>> = vec![None; called.parameters.len()];
        let mut position = 0;
        loop {
            arguments.skip_space();
            if arguments.at >= raw.len() {
                break;
            }
            if let Some((name, after)) = keyword(&raw[arguments.at..])
                && let Some(index) = called.parameters.iter().position(|p| p.name == name)
            {
                arguments.at += after;
                values[index] = Some(match called.parameters[index].kind {
                    Wanted::Rest => arguments.rest(),
                    _ => arguments.next().unwrap_or_default(),
                });
            } else if let Some(parameter) = called.parameters.get(position) {
                values[position] = match parameter.kind {
                    Wanted::Rest => Some(arguments.rest()),
                    _ => Some(arguments.next().unwrap_or_default()).filter(|v| !v.is_empty()),
                };
                position += 1;
            } else {
                let start = head.end + arguments.at as u32;
                let span = Span { source: line.source, start: start.min(line.end), end: line.end };
                let count = called.parameters.len();
                let plural = if count == 1 { "" } else { "s" };
                let message = format!("the macro `{}` takes {count} argument{plural}", called.name);
                let diagnostic = Diagnostic::new(Code::MacroArguments, message)
                    .at(span, "one too many")
                    .at(called.span, "defined here");
                return Err(self.shared.sink.report(diagnostic));
            }
            arguments.comma();
        }
        for value in values.iter_mut().flatten() {
            *value = self.evaluated(line, std::mem::take(value))?;
        }
        let mut complete = Vec::with_capacity(values.len());
        for (value, parameter) in values.into_iter().zip(&called.parameters) {
            match value {
                Some(value) => complete.push(value),
                None if parameter.kind == Wanted::Required => {
                    let message =
                        format!("the macro `{}` needs a value for `{}`", called.name, parameter.name);
                    let diagnostic = Diagnostic::new(Code::MacroArguments, message)
                        .at(line.whole(), "too few arguments")
                        .at(called.span, "defined here");
                    return Err(self.shared.sink.report(diagnostic));
                }
                None => complete.push(parameter.default.clone()),
            }
        }
        Ok(complete)
    }

    /// `.rept count`
    pub(crate) fn rept(&mut self, line: &Line<'_>, tokens: &[Token]) -> Result<(), Reported> {
        let count = self.one_constant(line, tokens);
        let body = self.collect(line, line.whole(), opens_repeat, closes_repeat)?;
        let count = count?;
        let Ok(count) = u64::try_from(count) else {
            let message = format!("nothing can be repeated {count} times");
            return Err(self.shared.error(Code::NegativeCount, message, line.whole(), "a negative number"));
        };
        self.push_repeat(line, &body, count);
        Ok(())
    }

    /// `.irp` and `.irpc`
    pub(crate) fn irp(
        &mut self,
        line: &Line<'_>,
        tokens: &[Token],
        directive: Directive,
    ) -> Result<(), Reported> {
        let body = self.collect(line, line.whole(), opens_repeat, closes_repeat)?;
        let Some(name) = tokens.get(1).filter(|t| t.kind == Kind::Word) else {
            let message = format!("`{}` needs a symbol and values", line.of(tokens[0]));
            return Err(self.shared.error(Code::BadParameter, message, line.whole(), "expected a symbol"));
        };
        let raw = strip_comments(&line.text[name.end as usize..line.stop as usize]);
        let mut arguments = Arguments { text: &raw, at: 0, alternate: self.altmacro };
        arguments.skip_space();
        arguments.comma();
        let mut values = Vec::new();
        if directive == Directive::Irpc {
            let text = arguments.rest();
            let text = text.trim().trim_matches('"');
            values.extend(text.chars().map(String::from));
        } else {
            loop {
                arguments.skip_space();
                if arguments.at >= raw.len() {
                    break;
                }
                values.push(arguments.next().unwrap_or_default());
                arguments.comma();
            }
            if values.is_empty() {
                values.push(String::new());
            }
        }
        let limit = self.shared.options.limits.expansion_bytes;
        let mut text = String::new();
        for value in values {
            let value = self.evaluated(line, value)?;
            let body = &line.text[body.start..body.end];
            text.push_str(&self.expanded(body, &[line.of(*name)], &[value], line.whole())?);
            if text.len() as u64 > limit {
                self.too_much(line.whole());
                return Ok(());
            }
        }
        self.push_expansion(line, "<repetition>".to_string(), text, Origin::Repeat(line.whole()));
        Ok(())
    }

    /// The two texts of `.ifc a, b` or `.ifeqs "a", "b"`.
    pub(crate) fn two_texts(
        &mut self,
        line: &Line<'_>,
        tokens: &[Token],
    ) -> Result<(String, String), Reported> {
        let raw = strip_comments(&line.text[tokens[0].end as usize..line.stop as usize]);
        let comma = tokens.iter().find(|t| t.kind == Kind::Comma).map(|t| (t.start - tokens[0].end) as usize);
        match comma.filter(|c| *c < raw.len()) {
            Some(comma) => Ok((unquoted(&raw[..comma]), unquoted(&raw[comma + 1..]))),
            None => {
                let message = "expected two texts, with a comma between them";
                Err(self.shared.error(Code::OperandCount, message, line.whole(), "no comma"))
            }
        }
    }
}

fn unquoted(text: &str) -> String {
    let text = text.trim();
    let inner = text.strip_prefix('"').and_then(|t| t.strip_suffix('"'));
    let inner = inner.or_else(|| text.strip_prefix('\'').and_then(|t| t.strip_suffix('\'')));
    inner.unwrap_or(text).to_string()
}
