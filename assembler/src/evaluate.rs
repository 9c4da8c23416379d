//! Expressions from tokens: precedence by hand, values folded as far as they can be.

use crate::assembler::{Assembler, Line};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Reported};
use crate::expr::{Binary, NoValue, Node, NodeId, Unary, Value};
use crate::lexer::{self, Kind, Number, Token};
use crate::symbol::{Again, Meaning};

/// What waits for its right side while an expression is read.
#[derive(Clone, Copy)]
enum Pending {
    Unary(Unary),
    Binary(Binary, u8),
    Open,
}

/// Room for expressions in progress, kept from one to the next.
#[derive(Default)]
pub(crate) struct Buffers {
    values: Vec<Value>,
    pending: Vec<(Pending, Token)>,
}

impl Assembler<'_, '_> {
    /// The value of an expression, folded as far as it can be.
    #[inline]
    pub(crate) fn expression(&mut self, line: &Line<'_>, tokens: &[Token]) -> Result<Value, Reported> {
        if let [token] = tokens {
            return self.atom(line, *token);
        }
        let mut buffers = std::mem::take(&mut self.buffers);
        buffers.values.clear();
        buffers.pending.clear();
        let value = self.compound(line, tokens, &mut buffers);
        self.buffers = buffers;
        value
    }

    /// Reports that the last operand is not there.
    pub(crate) fn missing(&mut self, line: &Line<'_>, message: &str) -> Reported {
        let comment = line.text[line.end as usize..].trim_start_matches([' ', '\t', ',']).starts_with('#');
        let help = comment.then(|| "`#` begins a comment; numbers are written without it".to_string());
        let diagnostic = Diagnostic::new(Code::OperandCount, message)
            .at(line.whole().behind(), "missing")
            .maybe_help(help);
        self.shared.sink.report(diagnostic)
    }

    pub(crate) fn compound(
        &mut self,
        line: &Line<'_>,
        tokens: &[Token],
        buffers: &mut Buffers,
    ) -> Result<Value, Reported> {
        if tokens.is_empty() {
            return Err(self.missing(line, "expected a value"));
        }
        let mut want_atom = true;
        for &token in tokens {
            if want_atom {
                let unary = match token.kind {
                    Kind::Minus => Unary::Negate,
                    Kind::Tilde => Unary::Complement,
                    Kind::Bang => Unary::Not,
                    Kind::Percent => Unary::Function(self.function(line, token)?),
                    Kind::Plus => continue,
                    Kind::Open => {
                        buffers.pending.push((Pending::Open, token));
                        continue;
                    }
                    _ => {
                        let value = self.atom(line, token)?;
                        buffers.values.push(value);
                        want_atom = false;
                        continue;
                    }
                };
                buffers.pending.push((Pending::Unary(unary), token));
            } else if token.kind == Kind::At && line.of(token) == "@plt" {
                continue;
            } else if token.kind == Kind::Close {
                self.reduce(line, buffers, 0)?;
                if buffers.pending.pop().is_none() {
                    let message = "this `)` closes nothing";
                    return Err(self.shared.error(Code::Parenthesis, message, line.span(token), "here"));
                }
            } else {
                let Some((binary, rank)) = Binary::of(token.kind) else {
                    if token.kind == Kind::At {
                        let message = format!("`{}` marks nothing here", line.of(token));
                        return Err(self.shared.error(Code::Syntax, message, line.span(token), "not here"));
                    }
                    if !tokens.iter().any(|t| t.kind == Kind::Close) {
                        let message = "this `(` is never closed";
                        return Err(self.shared.error(
                            Code::Parenthesis,
                            message,
                            line.span(token),
                            "opened here",
                        ));
                    }
                    let message =
                        "a register in parentheses stands only behind the offset of a load or store";
                    return Err(self.shared.error(Code::Syntax, message, line.span(token), "not here"));
                };
                self.reduce(line, buffers, rank)?;
                buffers.pending.push((Pending::Binary(binary, rank), token));
                want_atom = true;
            }
        }
        self.reduce(line, buffers, 0)?;
        if let Some((_, open)) = buffers.pending.pop() {
            let message = "this `(` is never closed";
            return Err(self.shared.error(Code::Parenthesis, message, line.span(open), "opened here"));
        }
        buffers.values.pop().ok_or(Reported)
    }

    /// Applies what waits, down to an open parenthesis or an operator that binds less tightly than `rank`.
    pub(crate) fn reduce(
        &mut self,
        line: &Line<'_>,
        buffers: &mut Buffers,
        rank: u8,
    ) -> Result<(), Reported> {
        while let Some(&(pending, token)) = buffers.pending.last() {
            match pending {
                Pending::Open => return Ok(()),
                Pending::Binary(_, waiting) if waiting < rank => return Ok(()),
                _ => {}
            }
            buffers.pending.pop();
            let right = buffers.values.pop().ok_or(Reported)?;
            let value = match pending {
                Pending::Unary(unary) => self.unary(unary, right),
                Pending::Binary(binary, _) => {
                    let left = buffers.values.pop().ok_or(Reported)?;
                    self.binary(line, token, binary, left, right)?
                }
                Pending::Open => return Ok(()),
            };
            buffers.values.push(value);
        }
        Ok(())
    }

    pub(crate) fn unary(&mut self, unary: Unary, a: Value) -> Value {
        if let Value::Const(a) = a
            && let Some(value) = unary.apply(a)
        {
            return Value::Const(value);
        }
        self.node(Node::Unary(unary, a))
    }

    pub(crate) fn binary(
        &mut self,
        line: &Line<'_>,
        token: Token,
        binary: Binary,
        left: Value,
        right: Value,
    ) -> Result<Value, Reported> {
        Ok(match (binary, left, right) {
            (_, Value::Const(a), Value::Const(b)) => match binary.apply(a, b) {
                Some(value) => Value::Const(value),
                None => {
                    let message = "division by zero";
                    return Err(self.shared.error(Code::DivisionByZero, message, line.span(token), "here"));
                }
            },
            (Binary::Add, Value::Symbol(s, a), Value::Const(b))
            | (Binary::Add, Value::Const(b), Value::Symbol(s, a)) => Value::Symbol(s, a.wrapping_add(b)),
            (Binary::Subtract, Value::Symbol(s, a), Value::Const(b)) => Value::Symbol(s, a.wrapping_sub(b)),
            (_, Value::Symbol(..), Value::Symbol(..)) => match self.distance(left, right) {
                // Comparisons of places come down to their distance.
                Some(distance) if binary == Binary::Subtract => Value::Const(distance),
                Some(distance) if comparison(binary) => Value::Const(binary.apply(distance, 0).unwrap_or(0)),
                _ => self.node(Node::Binary(binary, left, right)),
            },
            _ => self.node(Node::Binary(binary, left, right)),
        })
    }

    /// Bytes from the second place to the first, if nothing between them can still change.
    pub(crate) fn distance(&self, a: Value, b: Value) -> Option<i64> {
        let (Value::Symbol(a, x), Value::Symbol(b, y)) = (a, b) else { return None };
        if a == b {
            return Some(x.wrapping_sub(y));
        }
        let scope = self.scope();
        let ((a, more_a), (b, more_b)) = (scope.label(a)?, scope.label(b)?);
        if a.section != b.section || a.point != b.point {
            return None;
        }
        let distance = i64::from(a.offset) - i64::from(b.offset);
        Some(distance.wrapping_add(x).wrapping_add(more_a).wrapping_sub(y).wrapping_sub(more_b))
    }

    pub(crate) fn node(&mut self, node: Node) -> Value {
        let id = NodeId(self.nodes.len() as u32);
        self.nodes.push(node);
        Value::Node(id)
    }

    /// The value of a single token.
    #[inline]
    pub(crate) fn atom(&mut self, line: &Line<'_>, token: Token) -> Result<Value, Reported> {
        match token.kind {
            Kind::Number => match lexer::number(line.of(token)) {
                Number::Value(value) => Ok(Value::Const(value)),
                Number::Label { number, forward } => self.numeric_reference(line, token, number, forward),
                Number::Dollar(number) => {
                    let symbol = self.dollar(number, line.span(token));
                    self.symbols[symbol.0 as usize].used = true;
                    Ok(Value::Symbol(symbol, 0))
                }
                Number::Wrong => Err(self.bad_number(line, token)),
            },
            Kind::Word | Kind::String => self.symbol_value(line, token),
            Kind::Char => self.character(line, token).map(Value::Const),
            _ => {
                let text = line.of(token);
                let message = format!("expected a number or a symbol, found `{text}`");
                Err(self.shared.error(Code::NotValue, message, line.span(token), "no value"))
            }
        }
    }

    #[inline]
    pub(crate) fn symbol_value(&mut self, line: &Line<'_>, token: Token) -> Result<Value, Reported> {
        let text = line.name(token);
        let span = line.span(token);
        if text == "." {
            if let Some(offset) = self.absolute() {
                return Ok(Value::Const(offset));
            }
            let here = Meaning::Label(self.here());
            return Ok(Value::Symbol(self.anonymous(here, span), 0));
        }
        let name = self.names.intern(text);
        // A register's name may be a symbol's too; compilers know no reserved words.
        let id = self.symbol(name, span);
        let symbol = &mut self.symbols[id.0 as usize];
        symbol.used = true;
        match symbol.meaning {
            // A value that may change is the one that it has here.
            Meaning::Set(value, Again::Allowed) => Ok(value),
            Meaning::Set(Value::Const(value), Again::Never) => Ok(Value::Const(value)),
            _ => Ok(Value::Symbol(id, 0)),
        }
    }

    pub(crate) fn numeric_reference(
        &mut self,
        line: &Line<'_>,
        token: Token,
        number: u32,
        forward: bool,
    ) -> Result<Value, Reported> {
        let span = line.span(token);
        let numeric = self.numeric.get(&number).copied().unwrap_or_default();
        let symbol = match (forward, numeric) {
            (true, n) if n.next.is_some() => n.next,
            (true, _) => {
                let symbol = self.anonymous(Meaning::Undefined, span);
                self.numeric.entry(number).or_default().next = Some(symbol);
                Some(symbol)
            }
            (false, n) => n.last,
        };
        match symbol {
            Some(symbol) => Ok(Value::Symbol(symbol, 0)),
            None => {
                let message = format!("there is no label `{number}:` before this");
                let diagnostic = Diagnostic::new(Code::NumericLabel, message)
                    .at(span, "nothing that this could mean")
                    .help(format!("`{number}f` means the next `{number}:`"));
                Err(self.shared.sink.report(diagnostic))
            }
        }
    }

    /// Says that a value had to be known here and is not.
    pub(crate) fn not_constant(&mut self, line: &Line<'_>, operand: &[Token], value: Value) -> Reported {
        let mut diagnostic =
            Diagnostic::new(Code::NotConstant, "this value must be known here, and it is not yet")
                .at(line.span_of(operand), "not known yet");
        if let Err(NoValue::Undefined(symbol)) = self.scope().value(value) {
            // If nothing else speaks of it, this is all there is to say.
            self.symbols[symbol.0 as usize].used = false;
            let name = self.names.text(self.symbols[symbol.0 as usize].name);
            diagnostic = diagnostic.help(format!("define `{name}` before this line"));
        } else {
            diagnostic = diagnostic.note("an address is known only when every source has been read");
        }
        self.shared.sink.report(diagnostic)
    }
}

fn comparison(binary: Binary) -> bool {
    use Binary::{Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual};
    matches!(binary, Equal | NotEqual | Less | LessEqual | Greater | GreaterEqual)
}
