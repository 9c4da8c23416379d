//! Conditions: which statements are assembled, and what a condition may ask.

use crate::assembler::{Assembler, Line};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Reported};
use crate::directive::{Condition as Asks, Directive};
use crate::expr::Value;
use crate::lexer::Token;
use crate::source::Span;
use crate::symbol::Meaning;

/// An open `.if`.
pub(crate) struct Condition {
    /// Whether what follows is assembled.
    pub(crate) active: bool,
    /// Whether some branch has been, or none shall be.
    settled: bool,
    otherwise: bool,
    pub(crate) span: Span,
}

impl Assembler<'_, '_> {
    /// A statement that a condition leaves out.
    pub(crate) fn skipped(&mut self, line: &Line<'_>, tokens: &[Token]) {
        let Some((at, directive)) = self.head_directive(line, tokens) else { return };
        let span = line.span(tokens[at]);
        match directive {
            Directive::If(_) => {
                self.conditions.push(Condition { active: false, settled: true, otherwise: false, span });
            }
            Directive::Else | Directive::Elseif | Directive::Endif => {
                let _ = self.branch(line, &tokens[at..], directive);
            }
            _ => {}
        }
    }

    /// `.if` and its like.
    pub(crate) fn condition(
        &mut self,
        line: &Line<'_>,
        tokens: &[Token],
        asks: Asks,
    ) -> Result<(), Reported> {
        let span = line.span(tokens[0]);
        // A wrong condition leaves out all that depends on it: no error follows from another.
        let answer = self.answer(line, tokens, asks);
        let (active, settled) = answer.map_or((false, true), |yes| (yes, yes));
        self.conditions.push(Condition { active, settled, otherwise: false, span });
        answer.map(|_| ())
    }

    pub(crate) fn answer(&mut self, line: &Line<'_>, tokens: &[Token], asks: Asks) -> Result<bool, Reported> {
        match asks {
            Asks::Defined | Asks::NotDefined => {
                let operands = self.operands(line, tokens)?;
                let name = self.one_name(line, tokens, operands.as_slice())?;
                let name = self.names.intern(line.name(name));
                let defined = self
                    .known_symbol(name)
                    .is_some_and(|s| self.symbols[s.0 as usize].meaning != Meaning::Undefined);
                Ok(defined == (asks == Asks::Defined))
            }
            Asks::Blank | Asks::NotBlank => {
                let rest = line.text[tokens[0].end as usize..line.stop as usize].trim();
                Ok((tokens.len() == 1 || rest.is_empty()) == (asks == Asks::Blank))
            }
            Asks::Same | Asks::Different => {
                let (a, b) = self.two_texts(line, tokens)?;
                Ok((a == b) == (asks == Asks::Same))
            }
            _ => {
                let value = self.one_constant(line, tokens)?;
                Ok(match asks {
                    Asks::Zero => value == 0,
                    Asks::Greater => value > 0,
                    Asks::GreaterEqual => value >= 0,
                    Asks::Less => value < 0,
                    Asks::LessEqual => value <= 0,
                    _ => value != 0,
                })
            }
        }
    }

    /// The one operand of a directive, whose value must be known.
    pub(crate) fn one_constant(&mut self, line: &Line<'_>, tokens: &[Token]) -> Result<i64, Reported> {
        let operands = self.operands(line, tokens)?;
        self.count(line, tokens, operands.as_slice(), 1..=1)?;
        self.constant(line, operands.as_slice()[0])
    }

    /// `.else`, `.elseif`, `.endif`.
    pub(crate) fn branch(
        &mut self,
        line: &Line<'_>,
        tokens: &[Token],
        directive: Directive,
    ) -> Result<(), Reported> {
        let span = line.span(tokens[0]);
        let base = self.frames.last().map_or(0, |f| f.conditions);
        if self.conditions.len() <= base {
            let message = format!("`{}` without `.if`", line.of(tokens[0]));
            return Err(self.shared.error(Code::Unopened, message, span, "no condition is open here"));
        }
        if directive == Directive::Endif {
            self.conditions.pop();
            return Ok(());
        }
        let last = self.conditions.len() - 1;
        if self.conditions[last].otherwise {
            let before = self.conditions[last].span;
            let message = format!("`{}` behind `.else`", line.of(tokens[0]));
            let diagnostic = Diagnostic::new(Code::Unopened, message)
                .at(span, "the condition has had its `.else`")
                .at(before, "the condition begins here");
            return Err(self.shared.sink.report(diagnostic));
        }
        let settled = self.conditions[last].settled;
        let yes = match directive {
            Directive::Elseif if !settled => {
                // While it is evaluated, and if it is wrong, nothing is assembled.
                self.conditions[last].settled = true;
                self.conditions[last].active = false;
                self.one_constant(line, tokens)? != 0
            }
            _ => !settled,
        };
        let condition = &mut self.conditions[last];
        condition.active = yes;
        condition.settled = settled || yes;
        condition.otherwise = directive == Directive::Else;
        Ok(())
    }

    /// The value of an operand that must be known now.
    pub(crate) fn constant(&mut self, line: &Line<'_>, operand: &[Token]) -> Result<i64, Reported> {
        match self.expression(line, operand)? {
            Value::Const(value) => Ok(value),
            value => Err(self.not_constant(line, operand, value)),
        }
    }
}
