//! Labels and assignments: how a symbol gets its meaning.

use crate::assembler::{Assembler, Line, SCOPE};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Reported};
use crate::expr::Value;
use crate::lexer::{Kind, Token};
use crate::source::Span;
use crate::symbol::{Again, Meaning, SymbolId};

impl Assembler<'_, '_> {
    pub(crate) fn label(&mut self, line: &Line<'_>, token: Token) {
        let span = line.span(token);
        let name = self.names.intern(line.name(token));
        let symbol = self.symbol(name, span);
        let meaning = match self.absolute() {
            Some(offset) => Meaning::Set(Value::Const(offset), Again::Never),
            None => Meaning::Label(self.here()),
        };
        self.define(symbol, meaning, span);
        self.dollar_scope = self.dollar_scope.wrapping_add(1);
    }

    /// Gives the symbol its meaning, unless it has one.
    pub(crate) fn define(&mut self, id: SymbolId, meaning: Meaning, span: Span) {
        let symbol = &mut self.symbols[id.0 as usize];
        let old = symbol.span;
        match symbol.meaning {
            Meaning::Undefined => {
                symbol.meaning = meaning;
                symbol.span = span;
            }
            Meaning::Set(_, Again::Allowed) if matches!(meaning, Meaning::Set(..)) => {
                symbol.meaning = meaning;
                symbol.span = span;
            }
            _ => {
                let name = self.names.text(symbol.name).split(SCOPE).next().unwrap_or_default().to_string();
                let diagnostic =
                    Diagnostic::new(Code::DuplicateSymbol, format!("the symbol `{name}` is defined twice"))
                        .at(span, "defined again here")
                        .at(old, "first defined here");
                self.shared.sink.report(diagnostic);
            }
        }
    }

    /// The symbol that `1$` means between two named labels.
    pub(crate) fn dollar(&mut self, number: u32, span: Span) -> SymbolId {
        let name = self.names.intern(&format!("{number}${SCOPE}{}", self.dollar_scope));
        self.symbol(name, span)
    }

    pub(crate) fn numeric_label(&mut self, line: &Line<'_>, token: Token) {
        let span = line.span(token);
        if let crate::lexer::Number::Dollar(number) = crate::lexer::number(line.of(token)) {
            let symbol = self.dollar(number, span);
            let here = self.here();
            self.define(symbol, Meaning::Label(here), span);
            return;
        }
        let Ok(number) = line.of(token).parse::<u32>() else {
            let message = format!("`{}` is no label", line.of(token));
            let diagnostic = Diagnostic::new(Code::BadNumber, message)
                .at(span, "neither a name nor a number")
                .help("a name begins with a letter, `_`, `.` or `$`");
            self.shared.sink.report(diagnostic);
            return;
        };
        let here = Meaning::Label(self.here());
        let pending = self.numeric.entry(number).or_default().next.take();
        let symbol = match pending {
            Some(symbol) => {
                self.symbols[symbol.0 as usize].meaning = here;
                symbol
            }
            None => self.anonymous(here, span),
        };
        self.numeric.entry(number).or_default().last = Some(symbol);
    }

    /// `symbol = expression`
    pub(crate) fn assign(&mut self, line: &Line<'_>, tokens: &[Token]) {
        let again = if tokens[1].kind == Kind::EqualTo { Again::Never } else { Again::Allowed };
        self.set(line, tokens[0], &tokens[2..], again);
    }

    /// Gives the symbol a value; one with a wrong expression gets one too, so that its uses are no mistakes.
    pub(crate) fn set(&mut self, line: &Line<'_>, name: Token, value: &[Token], again: Again) {
        let span = line.span(name);
        let text = line.name(name);
        // The grammar of an expression is that of an operand.
        let value = match self.whole_operand(line, name, value) {
            Ok(value) => self.expression(line, value).unwrap_or(Value::Const(0)),
            Err(Reported) => Value::Const(0),
        };
        if text == "." {
            let fill = 0;
            self.org(line, value, fill, span);
            return;
        }
        let name = self.names.intern(text);
        let symbol = self.symbol(name, span);
        let defined = !matches!(self.symbols[symbol.0 as usize].meaning, Meaning::Undefined);
        if again == Again::Never && defined {
            self.define(symbol, Meaning::Label(self.here()), span);
            return;
        }
        self.define(symbol, Meaning::Set(value, again), span);
    }

    /// The tokens as one operand: as if they stood behind a word.
    pub(crate) fn whole_operand<'t>(
        &mut self,
        line: &Line<'_>,
        name: Token,
        value: &'t [Token],
    ) -> Result<&'t [Token], Reported> {
        let mut statement = Vec::with_capacity(value.len() + 1);
        statement.push(Token { kind: Kind::Word, ..name });
        statement.extend_from_slice(value);
        let operands = self.operands(line, &statement)?;
        match operands.as_slice() {
            [one] if !one.is_empty() => Ok(value),
            _ => {
                let span = if value.is_empty() { line.span(name).behind() } else { line.span_of(value) };
                Err(self.shared.error(Code::OperandCount, "expected one expression", span, "here"))
            }
        }
    }
}
