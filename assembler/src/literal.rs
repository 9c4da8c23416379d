//! Numbers, characters and strings as a source writes them.

use crate::assembler::{Assembler, Line};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Reported};
use crate::lexer::{Kind, Token};

impl Assembler<'_, '_> {
    pub(crate) fn bad_number(&mut self, line: &Line<'_>, token: Token) -> Reported {
        let text = line.of(token);
        let lower = text.to_ascii_lowercase();
        let hex = lower.strip_suffix('h').filter(|h| u64::from_str_radix(h, 16).is_ok());
        if let Some(hex) = hex {
            let diagnostic = Diagnostic::new(Code::BadNumber, format!("`{text}` is no number"))
                .at(line.span(token), "not a number")
                .help(format!("a hexadecimal number is written `0x{hex}`"));
            return self.shared.sink.report(diagnostic);
        }
        let help = if lower.starts_with("0x") {
            "behind `0x` come hexadecimal digits, at most 64 bits of them"
        } else if lower.starts_with("0b") {
            "behind `0b` come the digits 0 and 1, at most 64"
        } else if lower.starts_with('0') {
            "a number that begins with 0 is octal"
        } else {
            "a number has at most 64 bits, and a name does not begin with a digit"
        };
        let shown: String = text.chars().take(40).collect();
        let diagnostic = Diagnostic::new(Code::BadNumber, format!("`{shown}` is no number"))
            .at(line.span(token), "not a number")
            .help(help);
        self.shared.sink.report(diagnostic)
    }

    pub(crate) fn character(&mut self, line: &Line<'_>, token: Token) -> Result<i64, Reported> {
        let text = &line.of(token)[1..];
        let text = if text.len() > 1 { text.strip_suffix('\'').unwrap_or(text) } else { text };
        let mut bytes = Vec::new();
        self.unescape(line, token, text, &mut bytes)?;
        let decoded = std::str::from_utf8(&bytes).ok().and_then(|t| t.chars().next());
        Ok(match (decoded, bytes.first()) {
            (Some(character), _) => i64::from(u32::from(character)),
            (None, Some(byte)) => i64::from(*byte),
            (None, None) => 0,
        })
    }

    /// Appends the bytes that `text`, the inside of `token`, stands for.
    pub(crate) fn unescape(
        &mut self,
        line: &Line<'_>,
        token: Token,
        text: &str,
        bytes: &mut Vec<u8>,
    ) -> Result<(), Reported> {
        let mut rest = text;
        while let Some(at) = rest.find('\\') {
            bytes.extend_from_slice(&rest.as_bytes()[..at]);
            rest = &rest[at + 1..];
            let Some(first) = rest.chars().next() else { return Ok(()) };
            let simple = match first {
                'n' => b'\n',
                't' => b'\t',
                'r' => b'\r',
                'b' => 8,
                'f' => 12,
                '"' | '\\' | '\'' => first as u8,
                '0'..='7' => {
                    let digits = rest.bytes().take(3).take_while(|b| (b'0'..=b'7').contains(b)).count();
                    bytes.push(u32::from_str_radix(&rest[..digits], 8).unwrap_or(0) as u8);
                    rest = &rest[digits..];
                    continue;
                }
                'x' | 'X' => {
                    let digits = rest[1..].bytes().take_while(u8::is_ascii_hexdigit).count();
                    let tail = &rest[1 + digits.saturating_sub(2)..=digits];
                    bytes.push(u8::from_str_radix(tail, 16).unwrap_or(0));
                    rest = &rest[1 + digits..];
                    continue;
                }
                _ => return Err(self.bad_escape(line, token, text.len() - rest.len(), first)),
            };
            bytes.push(simple);
            rest = &rest[1..];
        }
        bytes.extend_from_slice(rest.as_bytes());
        Ok(())
    }

    pub(crate) fn bad_escape(
        &mut self,
        line: &Line<'_>,
        token: Token,
        at: usize,
        character: char,
    ) -> Reported {
        let start = token.start + at as u32;
        let end = start + 1 + character.len_utf8() as u32;
        let span = crate::Span { source: line.source, start, end };
        let diagnostic = Diagnostic::new(Code::BadEscape, format!("`\\{character}` stands for no character"))
            .at(span, "unknown escape")
            .help(r#"there are \n \t \r \b \f \\ \" \' \0 (octal) and \x00; a backslash itself is \\"#);
        self.shared.sink.report(diagnostic)
    }

    /// The operand as a string.
    pub(crate) fn string(&mut self, line: &Line<'_>, operand: &[Token]) -> Result<Vec<u8>, Reported> {
        let [token] = operand else { return Err(self.no_string(line, operand)) };
        if token.kind != Kind::String {
            return Err(self.no_string(line, operand));
        }
        let text = line.of(*token);
        let mut bytes = Vec::with_capacity(text.len());
        self.unescape(line, *token, &text[1..text.len() - 1], &mut bytes)?;
        Ok(bytes)
    }

    pub(crate) fn no_string(&mut self, line: &Line<'_>, operand: &[Token]) -> Reported {
        let span = line.span_of(operand);
        let text = &line.text[span.start as usize..span.end as usize];
        let help = matches!(operand, [t] if t.kind == Kind::Word).then(|| format!("write `\"{text}\"`"));
        let diagnostic = Diagnostic::new(Code::NotString, "expected a string in double quotes")
            .at(span, "no string")
            .maybe_help(help);
        self.shared.sink.report(diagnostic)
    }
}
