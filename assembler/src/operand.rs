//! Operands: registers, expressions and strings, from the tokens that the grammar found.

use crate::assembler::{Assembler, Line};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Reported};
use crate::expr::{Function, Value};
use crate::lexer::{Kind, Token};
use crate::suggest;
use pg32_isa::Reg;
use std::ops::RangeInclusive;

/// The value of an instruction's operand: `%hi` and the like apply to all of it.
#[derive(Clone, Copy)]
pub(crate) struct Modified {
    pub(crate) function: Option<Function>,
    pub(crate) value: Value,
}

impl Assembler<'_, '_> {
    /// Checks the number of operands. `allowed` is the operands themselves without the empty one that a statement with none
    /// has.
    pub(crate) fn count(
        &mut self,
        line: &Line<'_>,
        tokens: &[Token],
        operands: &[&[Token]],
        allowed: RangeInclusive<usize>,
    ) -> Result<usize, Reported> {
        let count = if let [[]] = operands { 0 } else { operands.len() };
        if allowed.contains(&count) {
            return Ok(count);
        }
        let wanted = match (*allowed.start(), *allowed.end()) {
            (0, 0) => "no operands".to_string(),
            (1, 1) => "1 operand".to_string(),
            (a, b) if a == b => format!("{a} operands"),
            (1, usize::MAX) => "at least 1 operand".to_string(),
            (a, usize::MAX) => format!("at least {a} operands"),
            (a, b) => format!("{a} to {b} operands"),
        };
        let head = line.of(tokens[0]);
        let span = match operands.get(*allowed.end()) {
            Some(extra) if !extra.is_empty() => line.span_of(extra),
            _ => line.span_of(tokens),
        };
        let text = if count > *allowed.end() { "one too many" } else { "too few" };
        let diagnostic = Diagnostic::new(Code::OperandCount, format!("`{head}` takes {wanted}, not {count}"))
            .at(span, text)
            .maybe_help(self.usage(head));
        Err(self.shared.sink.report(diagnostic))
    }

    /// How the word at a statement's head is used.
    pub(crate) fn usage(&self, head: &str) -> Option<String> {
        let syntax = crate::reference::syntax(&head.to_ascii_lowercase())?;
        Some(format!("it is written `{}`", format!("{head} {syntax}").trim_end()))
    }

    /// The register that a word names, if it names one.
    #[inline]
    pub(crate) fn register_of(&mut self, line: &Line<'_>, token: Token) -> Option<Reg> {
        if token.kind != Kind::Word {
            return None;
        }
        let name = self.names.intern(line.of(token));
        self.names.register(name)
    }

    /// Rejects a register where an instruction has a number, unless a symbol has the same name.
    pub(crate) fn no_register_here(&mut self, line: &Line<'_>, operand: &[Token]) -> Result<(), Reported> {
        let [token] = operand else { return Ok(()) };
        if self.register_of(line, *token).is_none() {
            return Ok(());
        }
        let name = self.names.intern(line.of(*token));
        if self.known_symbol(name).is_some() {
            return Ok(());
        }
        Err(self.register_as_value(line.of(*token), line.span(*token)))
    }

    pub(crate) fn register_as_value(&mut self, name: &str, span: crate::source::Span) -> Reported {
        let diagnostic = Diagnostic::new(Code::RegisterAsValue, format!("the register `{name}` is no value"))
            .at(span, "a number or a symbol belongs here")
            .help(format!(
                "a register is a base in parentheses, `0({name})`, or a jump's target in `jr {name}`"
            ));
        self.shared.sink.report(diagnostic)
    }

    /// The operand as a register.
    #[inline]
    pub(crate) fn register(
        &mut self,
        line: &Line<'_>,
        head: Token,
        operand: &[Token],
    ) -> Result<Reg, Reported> {
        if let [token] = operand
            && let Some(register) = self.register_of(line, *token)
        {
            return Ok(register);
        }
        Err(self.no_register(line, head, operand))
    }

    fn no_register(&mut self, line: &Line<'_>, head: Token, operand: &[Token]) -> Reported {
        let span = line.span_of(operand);
        let name = line.of(head);
        let text = match operand {
            [] => return self.empty_operand(line, head, "a register"),
            [token] if token.kind == Kind::Word => line.of(*token),
            _ => {
                let found = &line.text[span.start as usize..span.end as usize];
                let shown: String = found.chars().take(40).collect();
                let mut help = self.usage(name);
                if let [token] = operand
                    && token.kind == Kind::Number
                {
                    let number = line.of(*token);
                    help = match name {
                        "sub" => Some(format!("a number is subtracted by `addi rd, rs, -{number}`")),
                        _ if self.is_last(line, *token) => {
                            Some(format!("load the number into a register first: `li t0, {number}`"))
                        }
                        _ if Reg::parse(&format!("x{number}")).is_some() => Some(format!(
                            "register {number} is written `x{number}`; a number is loaded into one first: `li t0, {number}`"
                        )),
                        _ => help,
                    };
                }
                let diagnostic =
                    Diagnostic::new(Code::NotRegister, format!("expected a register, found `{shown}`"))
                        .at(span, "no register")
                        .maybe_help(help);
                return self.shared.sink.report(diagnostic);
            }
        };
        let nearest = suggest::nearest(text, self.names.registers());
        let help = match (nearest, text.strip_prefix(['x', 'X']).map(str::parse::<u64>)) {
            (_, Some(Ok(number))) if number > 31 => Some("the registers are `x0` to `x31`".to_string()),
            _ if text
                .strip_prefix(['r', 'R', '$'])
                .is_some_and(|n| Reg::parse(&format!("x{n}")).is_some()) =>
            {
                Some(format!("did you mean `x{}`?", &text[1..]))
            }
            (Some(n), _) => Some(format!("did you mean `{n}`?")),
            _ => self.usage(name),
        };
        let diagnostic = Diagnostic::new(Code::UnknownRegister, format!("there is no register `{text}`"))
            .at(span, "no register")
            .maybe_help(help);
        self.shared.sink.report(diagnostic)
    }

    /// Whether nothing follows the token in its statement.
    fn is_last(&self, line: &Line<'_>, token: Token) -> bool {
        token.end >= line.end
    }

    pub(crate) fn empty_operand(&mut self, line: &Line<'_>, head: Token, what: &str) -> Reported {
        let name = line.of(head);
        let diagnostic = Diagnostic::new(Code::OperandCount, format!("an operand of `{name}` is missing"))
            .at(line.span(head), format!("expected {what}"))
            .maybe_help(self.usage(name));
        self.shared.sink.report(diagnostic)
    }

    /// `imm(rs)` in two: the tokens of the immediate, and the register.
    pub(crate) fn base<'t>(&mut self, line: &Line<'_>, operand: &'t [Token]) -> Option<(&'t [Token], Reg)> {
        if let [offset @ .., open, register, close] = operand
            && close.kind == Kind::Close
            && open.kind == Kind::Open
            && register.kind == Kind::Word
            // `%lo(sp)` is no base, nor is `-(sp)`.
            && offset.last().is_none_or(|t| !matches!(t.kind, Kind::Percent | Kind::Minus | Kind::Plus))
        {
            return self.register_of(line, *register).map(|r| (offset, r));
        }
        None
    }

    /// The value of an instruction's operand.
    #[inline]
    pub(crate) fn modified(&mut self, line: &Line<'_>, operand: &[Token]) -> Result<Modified, Reported> {
        if let [percent, open, inner @ .., close] = operand
            && percent.kind == Kind::Percent
            && open.kind == Kind::Open
            && close.kind == Kind::Close
            && balanced(inner)
        {
            let function = self.function(line, *percent)?;
            let value = self.expression(line, inner)?;
            let (function, value) = self.linked(line, inner, function, value)?;
            return Ok(Modified { function: Some(function), value });
        }
        Ok(Modified { function: None, value: self.expression(line, operand)? })
    }

    pub(crate) fn function(&mut self, line: &Line<'_>, token: Token) -> Result<Function, Reported> {
        let text = line.of(token);
        if let Some((_, function)) = Function::ALL.iter().find(|(name, _)| *name == text) {
            return Ok(*function);
        }
        let nearest = suggest::nearest(text, Function::ALL.iter().map(|(name, _)| *name));
        let help = nearest.map(|n| format!("did you mean `{n}`?"));
        let diagnostic = Diagnostic::new(Code::UnknownFunction, format!("there is no function `{text}`"))
            .at(line.span(token), "unknown")
            .maybe_help(help);
        Err(self.shared.sink.report(diagnostic))
    }
}

/// Whether the first parenthesis of an operand, opened before `tokens`, is still open behind them.
fn balanced(tokens: &[Token]) -> bool {
    let mut depth = 0_u32;
    for token in tokens {
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close if depth == 0 => return false,
            Kind::Close => depth -= 1,
            _ => {}
        }
    }
    depth == 0
}
