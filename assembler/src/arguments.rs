//! The arguments of a macro call, and a body with values for its parameters.

use crate::directive::Altmacro;

/// The text with comments, block or line, as spaces of the same length.
pub(crate) fn strip_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut quoted = false;
    while let Some(first) = rest.chars().next() {
        let mut take = first.len_utf8();
        if quoted && first == '\\' {
            take += rest[1..].chars().next().map_or(0, char::len_utf8);
        } else if first == '"' {
            quoted = !quoted;
        } else if !quoted {
            let comment = if let Some(inside) = rest.strip_prefix("/*") {
                inside.find("*/").map_or(rest.len(), |end| end + 4)
            } else if first == '#' || rest.starts_with("//") {
                rest.len()
            } else {
                0
            };
            if comment > 0 {
                out.extend(std::iter::repeat_n(' ', comment));
                rest = &rest[comment..];
                continue;
            }
        }
        out.push_str(&rest[..take]);
        rest = &rest[take..];
    }
    out
}

/// `name=` at the start of an argument, and where its value begins.
pub(crate) fn keyword(text: &str) -> Option<(&str, usize)> {
    let end = text.find(|c: char| !is_name(c))?;
    let after = &text[end..];
    let spaces = after.len() - after.trim_start().len();
    let value = &after[spaces..];
    if end == 0 || !value.starts_with('=') || value.starts_with("==") {
        return None;
    }
    Some((&text[..end], end + spaces + 1))
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '$') || !c.is_ascii()
}

/// The arguments of a call: separated by commas, or by space where that does not belong to an expression.
pub(crate) struct Arguments<'t> {
    pub(crate) text: &'t str,
    pub(crate) at: usize,
    /// Whether `<` and `>` enclose an argument.
    pub(crate) alternate: Altmacro,
}

impl Arguments<'_> {
    pub(crate) fn skip_space(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    pub(crate) fn comma(&mut self) {
        self.skip_space();
        if self.text[self.at..].starts_with(',') {
            self.at += 1;
        }
    }

    pub(crate) fn rest(&mut self) -> String {
        let rest = self.text[self.at..].trim().to_string();
        self.at = self.text.len();
        rest
    }

    /// The next argument; quotes around all of it are taken off, as GNU as does.
    pub(crate) fn next(&mut self) -> Option<String> {
        self.skip_space();
        let rest = &self.text[self.at..];
        if rest.is_empty() {
            return None;
        }
        if self.alternate.is_on()
            && let Some((value, length)) = crate::altmacro::bracketed(rest)
        {
            self.at += length;
            return Some(value);
        }
        if rest.starts_with('"') {
            let end = string_end(rest);
            let inner = rest[1..end].strip_suffix('"').unwrap_or(&rest[1..end]);
            self.at += end;
            return Some(inner.replace("\\\"", "\""));
        }
        let mut depth = 0_u32;
        let mut at = 0;
        let mut last = ' ';
        let mut value = String::new();
        while let Some(c) = rest[at..].chars().next() {
            match c {
                '"' => {
                    let end = at + string_end(&rest[at..]);
                    value.push_str(&rest[at..end]);
                    at = end;
                    last = '"';
                    continue;
                }
                '(' | '[' => depth += 1,
                ')' | ']' => depth = depth.saturating_sub(1),
                ',' => break,
                _ if c.is_whitespace() => {
                    let tail = rest[at..].trim_start();
                    let next = tail.chars().next().unwrap_or(',');
                    let ends = is_name(last) || matches!(last, ')' | '"' | '\'');
                    let begins = is_name(next) || matches!(next, '"' | '\'' | '%' | '\\' | '~');
                    if depth == 0 && ends && begins {
                        break;
                    }
                    at = rest.len() - tail.len();
                    if ends && is_name(next) {
                        value.push(' ');
                    }
                    continue;
                }
                _ => {}
            }
            value.push(c);
            last = c;
            at += c.len_utf8();
        }
        self.at += at;
        Some(value)
    }
}

/// Length of the string at the start of `text`, quotes included.
fn string_end(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// `body` with values for parameters; `None` if it is longer than `limit` bytes.
pub(crate) fn substitute(
    body: &str,
    names: &[&str],
    values: &[String],
    number: u64,
    limit: u64,
) -> Option<String> {
    let mut out = String::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('@') {
            out.push_str(&number.to_string());
            rest = after;
        } else if let Some(after) = rest.strip_prefix("()") {
            rest = after;
        } else {
            let end = rest.find(|c: char| !is_name(c)).unwrap_or(rest.len());
            // The longest name that is a parameter: `\x.y` is `x` followed by `.y` if there is no `x.y`.
            let found = (1..=end)
                .rev()
                .filter(|n| rest.is_char_boundary(*n))
                .find_map(|n| names.iter().position(|p| *p == &rest[..n]).map(|i| (i, n)))
                .filter(|(_, n)| {
                    *n == end || !rest[*n..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
                });
            match found {
                Some((index, length)) => {
                    out.push_str(&values[index]);
                    rest = &rest[length..];
                }
                None => out.push('\\'),
            }
        }
        if out.len() as u64 > limit {
            return None;
        }
    }
    out.push_str(rest);
    (out.len() as u64 <= limit).then_some(out)
}
