//! Tokens: the only module that names logos.

use logos::Logos;

/// What a token is; one byte, because a source has millions.
#[derive(Logos, Clone, Copy, PartialEq, Eq, Debug)]
#[logos(skip r"[ \t\r\f\x0b]+")]
#[logos(skip(r"(#|//)[^\n]*", allow_greedy = true))]
#[repr(u8)]
pub(crate) enum Kind {
    /// A mnemonic, directive, register or symbol.
    #[regex(r"[A-Za-z_.$\u{80}-\u{10ffff}][A-Za-z0-9_.$\u{80}-\u{10ffff}]*")]
    Word,
    /// A number in any base, or a reference to a numeric label (`1f`, `1$`); looked at when it is used.
    #[regex(r"[0-9][A-Za-z0-9_.]*\$?")]
    Number,
    #[regex(r"'([^\\\n]|\\[^\n])'?")]
    Char,
    #[regex(r#""([^"\\\n]|\\[^\n])*""#)]
    String,
    #[regex(r#""([^"\\\n]|\\[^\n])*"#, priority = 1)]
    OpenString,
    /// `%hi` and the like; also `%progbits`.
    #[regex(r"%[A-Za-z_][A-Za-z0-9_]*")]
    Percent,
    /// `@progbits`, `@function`.
    #[regex(r"@[A-Za-z_][A-Za-z0-9_]*")]
    At,
    #[token("\n")]
    Newline,
    #[token(";")]
    Semicolon,
    #[token("/*", comment)]
    Comment,
    #[token("(")]
    Open,
    #[token(")")]
    Close,
    #[token(",")]
    Comma,
    #[token(":")]
    Colon,
    #[token("=")]
    Equals,
    #[token("+")]
    Plus,
    #[token("-")]
    Minus,
    #[token("~")]
    Tilde,
    #[token("!")]
    Bang,
    #[token("*")]
    Star,
    #[token("/")]
    Slash,
    #[token("%")]
    Modulo,
    #[token("<<")]
    ShiftLeft,
    #[token(">>")]
    ShiftRight,
    #[token("&")]
    And,
    #[token("|")]
    Or,
    #[token("^")]
    Xor,
    #[token("==")]
    EqualTo,
    #[token("!=")]
    #[token("<>")]
    NotEqual,
    #[token("<")]
    Less,
    #[token("<=")]
    LessEqual,
    #[token(">")]
    Greater,
    #[token(">=")]
    GreaterEqual,
    #[token("&&")]
    AndAnd,
    #[token("||")]
    OrOr,
    /// A character that begins no token.
    Unknown,
    /// A block comment without its end; only ever the last token of a source.
    OpenComment,
}

fn comment(lexer: &mut logos::Lexer<'_, Kind>) -> logos::FilterResult<(), ()> {
    match lexer.remainder().find("*/") {
        Some(end) => {
            lexer.bump(end + 2);
            logos::FilterResult::Emit(())
        }
        None => {
            lexer.bump(lexer.remainder().len());
            logos::FilterResult::Error(())
        }
    }
}

/// A set of token kinds.
#[derive(Clone, Copy)]
pub(crate) struct Kinds(u64);

impl Kinds {
    pub(crate) const fn of(kinds: &[Kind]) -> Self {
        let mut bits = 0;
        let mut i = 0;
        while i < kinds.len() {
            bits |= 1 << kinds[i] as u64;
            i += 1;
        }
        Kinds(bits)
    }

    #[inline(always)]
    pub(crate) const fn has(self, kind: Kind) -> bool {
        self.0 >> kind as u64 & 1 != 0
    }
}

/// A token: its kind and where it lies in its source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Token {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) kind: Kind,
}

/// How a statement ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum End {
    Line,
    Semicolon,
    Source,
    /// It goes on behind the comma at which the scan stopped.
    Part,
}

/// What [`statement`] found beside the tokens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scanned {
    /// Offset behind the statement and its terminator.
    pub(crate) next: usize,
    /// Offset of the terminator.
    pub(crate) stop: usize,
    pub(crate) end: End,
    /// Newlines within block comments, and the one that ended the statement.
    pub(crate) newlines: u32,
    /// Whether a token is one that no statement may have.
    pub(crate) bad: bool,
}

const BAD: Kinds = Kinds::of(&[Kind::Unknown, Kind::OpenComment, Kind::OpenString]);

/// Puts the tokens of the statement that begins at `start` into `tokens`.
pub(crate) fn statement(text: &str, start: usize, tokens: &mut Vec<Token>) -> Scanned {
    tokens.clear();
    scan(text, start, tokens, usize::MAX)
}

/// Appends tokens from `start` on, up to the end of the statement or to the first comma when there are `most`.
pub(crate) fn scan(text: &str, start: usize, tokens: &mut Vec<Token>, most: usize) -> Scanned {
    let mut lexer = Kind::lexer(&text[start..]);
    let mut newlines = 0;
    let mut bad = false;
    while let Some(result) = lexer.next() {
        let range = lexer.span();
        let kind = match result {
            Ok(Kind::Newline) => {
                let stop = start + range.start;
                return Scanned {
                    next: start + range.end,
                    stop,
                    end: End::Line,
                    newlines: newlines + 1,
                    bad,
                };
            }
            Ok(Kind::Semicolon) => {
                let stop = start + range.start;
                return Scanned { next: start + range.end, stop, end: End::Semicolon, newlines, bad };
            }
            Ok(Kind::Comment) => {
                newlines += lexer.slice().bytes().filter(|b| *b == b'\n').count() as u32;
                continue;
            }
            Ok(Kind::Comma) if tokens.len() >= most => {
                let stop = start + range.start;
                return Scanned { next: start + range.end, stop, end: End::Part, newlines, bad };
            }
            Ok(kind) => kind,
            Err(()) if lexer.slice().starts_with("/*") => Kind::OpenComment,
            Err(()) => Kind::Unknown,
        };
        bad |= BAD.has(kind);
        tokens.push(Token { kind, start: (start + range.start) as u32, end: (start + range.end) as u32 });
    }
    Scanned { next: text.len(), stop: text.len(), end: End::Source, newlines, bad }
}

/// What the text of a [`Kind::Number`] says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Number {
    /// A value; those above 2^63 wrap, as 64-bit arithmetic does.
    Value(i64),
    /// `1f` or `1b`.
    Label { number: u32, forward: bool },
    /// `1$`: the label `1$:` between the same two named labels.
    Dollar(u32),
    /// Digits that are none in their base, or a value of more than 64 bits.
    Wrong,
}

/// Reads the text of a [`Kind::Number`].
pub(crate) fn number(text: &str) -> Number {
    let bytes = text.as_bytes();
    if !bytes.first().is_some_and(u8::is_ascii_digit) {
        return Number::Wrong;
    }
    if bytes.len() == 1 {
        return Number::Value(i64::from(bytes[0] - b'0'));
    }
    let last = bytes[bytes.len() - 1];
    let (digits, radix) = match (bytes[0], bytes[1]) {
        (b'0', b'x' | b'X') => (&text[2..], 16),
        (b'0', b'b' | b'B') if bytes.len() > 2 => (&text[2..], 2),
        _ if matches!(last, b'f' | b'b') => {
            return match text[..text.len() - 1].parse() {
                Ok(number) => Number::Label { number, forward: last == b'f' },
                Err(_) => Number::Wrong,
            };
        }
        _ if last == b'$' => {
            return text[..text.len() - 1].parse().map_or(Number::Wrong, Number::Dollar);
        }
        (b'0', _) => (&text[1..], 8),
        _ => (text, 10),
    };
    match u64::from_str_radix(digits, radix) {
        Ok(value) if !digits.starts_with('+') => Number::Value(value as i64),
        _ => Number::Wrong,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind> {
        let mut tokens = Vec::new();
        statement(text, 0, &mut tokens);
        tokens.iter().map(|t| t.kind).collect()
    }

    #[test]
    fn tokens_of_a_line() {
        use Kind::*;
        assert_eq!(kinds("a: lw a0, 4(sp) # x"), [Word, Colon, Word, Word, Comma, Number, Open, Word, Close]);
        assert_eq!(kinds("1: j 1b; nop"), [Number, Colon, Word, Number]);
        assert_eq!(kinds("x /* a \n b */ y // c"), [Word, Word]);
        assert_eq!(kinds("\"a\\\"b\" 'a' '\\n' \"open"), [String, Char, Char, OpenString]);
        assert_eq!(kinds("%hi(x) @function a%b"), [Percent, Open, Word, Close, At, Word, Percent]);
        assert_eq!(kinds("\0 /* open"), [Unknown, OpenComment]);
    }

    #[test]
    fn numbers() {
        assert_eq!(number("0x10"), Number::Value(16));
        assert_eq!(number("0b101"), Number::Value(5));
        assert_eq!(number("017"), Number::Value(15));
        assert_eq!(number("18446744073709551615"), Number::Value(-1));
        assert_eq!(number("1f"), Number::Label { number: 1, forward: true });
        assert_eq!(number("0b"), Number::Label { number: 0, forward: false });
        assert_eq!(number("08"), Number::Wrong);
        assert_eq!(number("0x"), Number::Wrong);
        assert_eq!(number("12z"), Number::Wrong);
        assert_eq!(number("99999999999999999999"), Number::Wrong);
    }
}
