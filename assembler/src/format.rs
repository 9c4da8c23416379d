//! The formatter: labels at the margin, instructions and operands in columns, comments behind them. It changes spaces and
//! line ends only.

use crate::lexer::{self, End, Kind, Token};

/// The column of instructions and directives.
const INDENT: usize = 8;

/// Columns that the word at a statement's head takes.
const HEAD: usize = 8;

/// The column of comments behind statements.
const COMMENT: usize = 40;

/// `source` in the usual form. What this does not understand (several statements on a line, block comments, wrong
/// characters) stays as it is.
#[must_use]
pub fn format(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut tokens = Vec::new();
    let mut position = 0;
    let mut blank = 0;
    while position < source.len() {
        let scanned = lexer::statement(source, position, &mut tokens);
        // From here on to the end of the line that the statement ends on.
        let mut end = scanned.stop;
        let mut next = scanned.next;
        if scanned.end == End::Semicolon {
            end = source[scanned.next..].find('\n').map_or(source.len(), |n| scanned.next + n);
            next = (end + 1).min(source.len());
        }
        let raw = &source[position..end];
        let simple =
            scanned.end != End::Semicolon && !scanned.bad && !raw.contains("/*") && !raw.contains('\n');
        let line = if simple { statement(source, raw, &tokens) } else { raw.trim_end().to_string() };
        position = next;
        // One empty line says as much as several.
        blank = if line.is_empty() { blank + 1 } else { 0 };
        if blank < 2 {
            out.push_str(&line);
            out.push('\n');
        }
    }
    let text = out.trim_end().len();
    out.truncate(text);
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

fn statement(source: &str, raw: &str, tokens: &[Token]) -> String {
    let Some(last) = tokens.last() else {
        let comment = raw.trim();
        let indent = if raw.starts_with([' ', '\t']) && !comment.is_empty() { INDENT } else { 0 };
        return format!("{:indent$}{comment}", "");
    };
    let of = |token: &Token| &source[token.start as usize..token.end as usize];
    let raw_start = raw.as_ptr() as usize - source.as_ptr() as usize;
    let comment = raw[last.end as usize - raw_start..].trim();
    let mut out = String::new();
    let mut rest = tokens;
    while let [name, colon, after @ ..] = rest
        && colon.kind == Kind::Colon
    {
        out.push_str(of(name));
        out.push(':');
        rest = after;
        if rest.is_empty() {
            break;
        }
        if out.len() >= INDENT {
            out.push('\n');
        }
    }
    // Macro bodies put names together from parts; there a space would make two of one.
    if let [head, next, ..] = rest
        && head.end == next.start
        && matches!(next.kind, Kind::And | Kind::Percent | Kind::At)
    {
        return raw.trim_end().to_string();
    }
    if let [head, operands @ ..] = rest {
        let assignment = operands.first().is_some_and(|t| matches!(t.kind, Kind::Equals | Kind::EqualTo));
        pad(&mut out, if assignment { 0 } else { INDENT });
        out.push_str(of(head));
        if !operands.is_empty() {
            if assignment {
                out.push(' ');
            } else {
                let column = column(&out).max(INDENT);
                let to = (INDENT + HEAD).max(column + 1);
                pad(&mut out, to);
            }
            join(&mut out, source, operands);
        }
    }
    if !comment.is_empty() {
        let to = COMMENT.max(column(&out) + 2);
        pad(&mut out, to);
        out.push_str(comment);
    }
    out
}

/// The column behind the last character.
fn column(out: &str) -> usize {
    out.rsplit('\n').next().unwrap_or_default().chars().count()
}

fn pad(out: &mut String, to: usize) {
    for _ in column(out)..to {
        out.push(' ');
    }
}

/// Operands as they stand, but with one space behind each comma and for each gap.
fn join(out: &mut String, source: &str, tokens: &[Token]) {
    let mut before: Option<Token> = None;
    for token in tokens {
        if let Some(before) = before {
            let gap = token.start > before.end;
            match (before.kind, token.kind) {
                (_, Kind::Comma) => {}
                (Kind::Comma, _) => out.push(' '),
                _ if gap => out.push(' '),
                _ => {}
            }
        }
        out.push_str(&source[token.start as usize..token.end as usize]);
        before = Some(*token);
    }
}

#[cfg(test)]
mod tests {
    use super::format;

    #[test]
    fn statements_get_columns() {
        let source = "a:li a0,1#x\n   # note\n#margin\nlong_label: add a0 , a1,  a2\n\n\n\n.set x,  y+ 1\nb = 3\n.asciz \"a,  b\"; nop\n/* a\n   b */ nop\n nop   ";
        let wanted = "a:      li      a0, 1                   #x\n        # note\n#margin\nlong_label:\n        add     a0, a1, a2\n\n        .set    x, y+ 1\nb = 3\n.asciz \"a,  b\"; nop\n/* a\n   b */ nop\n        nop\n";
        assert_eq!(format(source), wanted);
        assert_eq!(format(wanted), wanted);
    }
}
