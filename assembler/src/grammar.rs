//! The shape of a statement: the only module that names chumsky.
//!
//! The grammar knows tokens only. A statement is a word and operands; an operand is a flat run of atoms between
//! operators, in which parentheses are operators too, so that no nesting is deep. Precedence, registers, mnemonics and ranges
//! come later, where good messages about them can be made.
//!
//! A line is parsed with an error type that is nothing; only where that fails is it parsed again with the rich
//! one.

use crate::lexer::{Kind, Kinds, Token};
use chumsky::error::{EmptyErr, RichPattern, RichReason};
use chumsky::extra::ParserExtra;
use chumsky::prelude::*;

/// What begins an operand or follows an operator.
const ATOM: Kinds = Kinds::of(&[Kind::Word, Kind::Number, Kind::Char, Kind::String, Kind::At]);
/// What may stand before an atom.
const PREFIX: Kinds =
    Kinds::of(&[Kind::Minus, Kind::Plus, Kind::Tilde, Kind::Bang, Kind::Open, Kind::Percent]);
/// What may stand behind an atom: compilers mark calls of other objects by `@plt`.
const CLOSE: Kinds = Kinds::of(&[Kind::Close, Kind::At]);
/// What joins two atoms; the open parenthesis is that of a base register.
const INFIX: Kinds = Kinds::of(&[
    Kind::Plus,
    Kind::Minus,
    Kind::Star,
    Kind::Slash,
    Kind::Modulo,
    Kind::ShiftLeft,
    Kind::ShiftRight,
    Kind::And,
    Kind::Or,
    Kind::Xor,
    Kind::Bang,
    Kind::EqualTo,
    Kind::NotEqual,
    Kind::Less,
    Kind::LessEqual,
    Kind::Greater,
    Kind::GreaterEqual,
    Kind::AndAnd,
    Kind::OrOr,
    Kind::Open,
]);

/// The operands of a statement, each its tokens; an operand that was left out is empty. Up to four of them take
/// no allocation.
#[derive(Default)]
pub(crate) struct Operands<'t> {
    few: [&'t [Token]; 4],
    count: usize,
    many: Vec<&'t [Token]>,
}

impl<'t> FromIterator<&'t [Token]> for Operands<'t> {
    #[inline]
    fn from_iter<I: IntoIterator<Item = &'t [Token]>>(operands: I) -> Self {
        let mut all = Operands::default();
        for operand in operands {
            if all.count < all.few.len() {
                all.few[all.count] = operand;
            } else {
                if all.count == all.few.len() {
                    all.many.extend(all.few);
                }
                all.many.push(operand);
            }
            all.count += 1;
        }
        all
    }
}

impl<'t> Operands<'t> {
    #[inline]
    pub(crate) fn as_slice(&self) -> &[&'t [Token]] {
        if self.count <= self.few.len() { &self.few[..self.count] } else { &self.many }
    }
}

/// What was wrong with a statement.
#[derive(Debug)]
pub(crate) struct SyntaxError {
    /// The token that did not fit, by position in the statement; its length if the statement ended too early.
    pub(crate) at: usize,
    /// What would have fitted.
    pub(crate) expected: Vec<String>,
}

type Input<'t> = &'t [Token];

/// `word operand, operand, …`
#[inline(always)]
fn grammar<'t, X: ParserExtra<'t, Input<'t>>>() -> impl Parser<'t, Input<'t>, Operands<'t>, X>
where
    X::Error: chumsky::label::LabelError<'t, Input<'t>, &'static str>,
{
    let one = |kinds: Kinds| any::<Input<'t>, X>().filter(move |t: &Token| kinds.has(t.kind)).ignored();
    let atom = one(ATOM).labelled("a value");
    let piece = one(PREFIX).repeated().ignore_then(atom).then_ignore(one(CLOSE).labelled("`)`").repeated());
    let operand = piece.separated_by(one(INFIX).labelled("an operator")).to_slice();
    one(Kinds::of(&[Kind::Word]))
        .labelled("an instruction or a directive")
        .ignore_then(operand.separated_by(one(Kinds::of(&[Kind::Comma])).labelled("`,`")).collect())
        .then_ignore(end())
}

/// The operands of the statement `tokens`, which has at least one token.
pub(crate) fn parse(tokens: &[Token]) -> Result<Operands<'_>, SyntaxError> {
    if let Some(operands) = grammar::<extra::Err<EmptyErr>>().parse(tokens).into_output() {
        return Ok(operands);
    }
    let errors = grammar::<extra::Err<Rich<'_, Token>>>().parse(tokens).into_errors();
    Err(errors
        .into_iter()
        .map(|e| describe(&e))
        .next()
        .unwrap_or(SyntaxError { at: 0, expected: Vec::new() }))
}

fn describe(error: &Rich<'_, Token>) -> SyntaxError {
    let mut expected = Vec::new();
    if let RichReason::ExpectedFound { expected: patterns, .. } = error.reason() {
        for pattern in patterns {
            let text = match pattern {
                RichPattern::Label(label) => label.to_string(),
                RichPattern::EndOfInput => "the end of the line".to_string(),
                _ => continue,
            };
            if !expected.contains(&text) {
                expected.push(text);
            }
        }
    }
    expected.sort();
    SyntaxError { at: error.span().start, expected }
}
