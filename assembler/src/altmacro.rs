//! GNU as's alternate macro syntax (`.altmacro`): `LOCAL` names, arguments as `<text>` and `%expression`, and parameters
//! without a backslash.

use crate::assembler::{Assembler, Line};
use crate::diagnostic::Reported;
use crate::directive::Altmacro;
use crate::lexer;
use crate::source::{Origin, SourceId, Span};
use std::collections::HashMap;
use std::sync::Arc;

impl Assembler<'_, '_> {
    /// `.altmacro` and `.noaltmacro`
    pub(crate) fn set_altmacro(&mut self, state: Altmacro) -> Result<(), Reported> {
        self.altmacro = state;
        Ok(())
    }

    /// The value of an argument `%expression`, in decimal; any other argument as it is.
    pub(crate) fn evaluated(&mut self, line: &Line<'_>, argument: String) -> Result<String, Reported> {
        let Some(expression) = argument.strip_prefix('%').filter(|_| self.altmacro.is_on()) else {
            return Ok(argument);
        };
        // Messages about it need a text that their spans lie in: that of a directive with the expression behind it.
        let text = Arc::new(format!(".if {expression}"));
        self.shared.expanded += text.len() as u64;
        let origin = Origin::Repeat(line.whole());
        let source = self.shared.sources.add("<argument>".to_string(), Arc::clone(&text), origin);
        let row = self.shared.sources.row_in_file(line.row.0, line.row.1);
        self.shared.sources.set_row(source, row);
        self.number(&text, source).map(|value| value.to_string())
    }

    fn number(&mut self, text: &str, source: SourceId) -> Result<i64, Reported> {
        let mut tokens = Vec::new();
        let scanned = lexer::statement(text, 0, &mut tokens);
        let end = tokens.last().map_or(0, |t| t.end);
        let line = Line { text, source, start: 0, end, stop: scanned.stop as u32, row: (source, 1) };
        if scanned.bad {
            self.bad_token(&line, &tokens);
            return Err(Reported);
        }
        self.one_constant(&line, &tokens)
    }

    /// The body with values for parameters that stand in it without a backslash, and new names for those that `LOCAL` lists.
    pub(crate) fn alternate(
        &mut self,
        body: &str,
        names: &[&str],
        values: &[String],
        at: Span,
    ) -> Result<String, Reported> {
        let limit = self.shared.options.limits.expansion_bytes as usize;
        let mut known: HashMap<&str, String> = names.iter().copied().zip(values.iter().cloned()).collect();
        let mut out = String::with_capacity(body.len());
        let mut quoted = false;
        let mut rest = body;
        while let Some(first) = rest.chars().next() {
            if out.len() > limit {
                self.too_much(at);
                return Err(Reported);
            }
            let begins = first.is_ascii_alphabetic() || matches!(first, '_' | '.' | '$') || !first.is_ascii();
            let marked = first == '&';
            let word = word(if marked { &rest[1..] } else { rest });
            if first == '\\' {
                // The ordinary way is left to the ordinary pass.
                let length =
                    1 + self::word(&rest[1..]).len().max(rest[1..].chars().next().map_or(0, char::len_utf8));
                out.push_str(&rest[..length]);
                rest = &rest[length..];
            } else if !quoted && begins && word.eq_ignore_ascii_case("local") {
                let end = rest.find('\n').map_or(rest.len(), |n| n + 1);
                for name in rest[word.len()..end].split([',', ' ', '\t', '\n']).filter(|n| !n.is_empty()) {
                    self.locals += 1;
                    known.insert(name, format!(".LL{:04x}", self.locals));
                }
                rest = &rest[end..];
            } else if (begins || marked) && !word.is_empty() {
                let length = word.len() + usize::from(marked);
                match known.get(word) {
                    Some(value) => {
                        out.push_str(value);
                        rest = &rest[length..];
                        rest = rest.strip_prefix('&').unwrap_or(rest);
                    }
                    None => {
                        out.push_str(&rest[..length]);
                        rest = &rest[length..];
                    }
                }
            } else if first.is_ascii_digit() {
                let number = self::word(rest);
                out.push_str(number);
                rest = &rest[number.len()..];
            } else {
                quoted ^= first == '"';
                out.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
        Ok(out)
    }
}

/// The name at the start of a text.
fn word(text: &str) -> &str {
    let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '$') || !c.is_ascii();
    &text[..text.find(|c| !name(c)).unwrap_or(text.len())]
}

/// `<text>` at the start of an argument, in which `!` takes the next character as it is: the text and the length of both.
pub(crate) fn bracketed(text: &str) -> Option<(String, usize)> {
    let mut characters = text.strip_prefix('<')?.char_indices();
    let mut value = String::new();
    let mut depth = 1_u32;
    while let Some((at, c)) = characters.next() {
        match c {
            '<' => depth += 1,
            '>' => {
                depth -= 1;
                if depth == 0 {
                    return Some((value, at + 2));
                }
            }
            '!' => {
                value.extend(characters.next().map(|(_, c)| c));
                continue;
            }
            _ => {}
        }
        value.push(c);
    }
    None
}
