//! Expressions: precedence by hand over flat tokens, folded as far as they can be at once.
//!
//! Precedence, operators and 64-bit wrapping arithmetic are GNU as's (binutils `gas/expr.c`).

use crate::lexer::Kind;
use crate::section::Section;
use crate::symbol::{At, Meaning, Symbol, SymbolId};

/// A node of the expressions that could not be folded.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct NodeId(pub(crate) u32);

/// What an expression has come to so far.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Value {
    Const(i64),
    /// A symbol plus a number.
    Symbol(SymbolId, i64),
    Node(NodeId),
}

/// A node; its children have smaller numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Node {
    Unary(Unary, Value),
    Binary(Binary, Value, Value),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Unary {
    Negate,
    Complement,
    Not,
    Function(Function),
}

/// `%hi` and its like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Function {
    Hi,
    Lo,
    PcrelHi,
    PcrelLo,
    /// `%pcrel_hi` of the symbol's entry in the table of addresses.
    GotPcrelHi,
    TlsIePcrelHi,
    TlsGdPcrelHi,
    TprelHi,
    TprelLo,
    /// Marks an addition of `tp`; no value.
    TprelAdd,
    /// Offset in a thread's block; sources reach it by its parts.
    Tprel,
}

impl Function {
    pub(crate) const ALL: [(&'static str, Function); 10] = [
        ("%hi", Function::Hi),
        ("%lo", Function::Lo),
        ("%pcrel_hi", Function::PcrelHi),
        ("%pcrel_lo", Function::PcrelLo),
        ("%got_pcrel_hi", Function::GotPcrelHi),
        ("%tls_ie_pcrel_hi", Function::TlsIePcrelHi),
        ("%tls_gd_pcrel_hi", Function::TlsGdPcrelHi),
        ("%tprel_hi", Function::TprelHi),
        ("%tprel_lo", Function::TprelLo),
        ("%tprel_add", Function::TprelAdd),
    ];
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Binary {
    Multiply,
    Divide,
    Modulo,
    ShiftLeft,
    ShiftRight,
    Or,
    OrNot,
    Xor,
    And,
    Add,
    Subtract,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    AndAnd,
    OrOr,
}

impl Binary {
    /// The operator that a token is between two values, and how tightly it binds.
    pub(crate) fn of(kind: Kind) -> Option<(Binary, u8)> {
        Some(match kind {
            Kind::Star => (Binary::Multiply, 6),
            Kind::Slash => (Binary::Divide, 6),
            Kind::Modulo => (Binary::Modulo, 6),
            Kind::ShiftLeft => (Binary::ShiftLeft, 6),
            Kind::ShiftRight => (Binary::ShiftRight, 6),
            Kind::Or => (Binary::Or, 5),
            Kind::Bang => (Binary::OrNot, 5),
            Kind::Xor => (Binary::Xor, 5),
            Kind::And => (Binary::And, 5),
            Kind::Plus => (Binary::Add, 4),
            Kind::Minus => (Binary::Subtract, 4),
            Kind::EqualTo => (Binary::Equal, 3),
            Kind::NotEqual => (Binary::NotEqual, 3),
            Kind::Less => (Binary::Less, 3),
            Kind::LessEqual => (Binary::LessEqual, 3),
            Kind::Greater => (Binary::Greater, 3),
            Kind::GreaterEqual => (Binary::GreaterEqual, 3),
            Kind::AndAnd => (Binary::AndAnd, 2),
            Kind::OrOr => (Binary::OrOr, 1),
            _ => return None,
        })
    }

    /// How it is written.
    pub(crate) fn symbol(self) -> &'static str {
        match self {
            Binary::Multiply => "*",
            Binary::Divide => "/",
            Binary::Modulo => "%",
            Binary::ShiftLeft => "<<",
            Binary::ShiftRight => ">>",
            Binary::Or => "|",
            Binary::OrNot => "!",
            Binary::Xor => "^",
            Binary::And => "&",
            Binary::Add => "+",
            Binary::Subtract => "-",
            Binary::Equal => "==",
            Binary::NotEqual => "!=",
            Binary::Less => "<",
            Binary::LessEqual => "<=",
            Binary::Greater => ">",
            Binary::GreaterEqual => ">=",
            Binary::AndAnd => "&&",
            Binary::OrOr => "||",
        }
    }

    /// The result; `None` for a division by zero.
    pub(crate) fn apply(self, a: i64, b: i64) -> Option<i64> {
        let truth = |t: bool| if t { -1 } else { 0 };
        let shift =
            |f: fn(u64, u32) -> u64| if (0..64).contains(&b) { f(a as u64, b as u32) as i64 } else { 0 };
        Some(match self {
            Binary::Multiply => a.wrapping_mul(b),
            Binary::Divide if b == 0 => return None,
            Binary::Divide => a.wrapping_div(b),
            Binary::Modulo if b == 0 => return None,
            Binary::Modulo => a.wrapping_rem(b),
            Binary::ShiftLeft => shift(|a, b| a << b),
            Binary::ShiftRight => shift(|a, b| a >> b),
            Binary::Or => a | b,
            Binary::OrNot => a | !b,
            Binary::Xor => a ^ b,
            Binary::And => a & b,
            Binary::Add => a.wrapping_add(b),
            Binary::Subtract => a.wrapping_sub(b),
            Binary::Equal => truth(a == b),
            Binary::NotEqual => truth(a != b),
            Binary::Less => truth(a < b),
            Binary::LessEqual => truth(a <= b),
            Binary::Greater => truth(a > b),
            Binary::GreaterEqual => truth(a >= b),
            Binary::AndAnd => i64::from(a != 0 && b != 0),
            Binary::OrOr => i64::from(a != 0 || b != 0),
        })
    }
}

impl Unary {
    /// The result; `None` for a function that needs a place.
    pub(crate) fn apply(self, a: i64) -> Option<i64> {
        Some(match self {
            Unary::Negate => a.wrapping_neg(),
            Unary::Complement => !a,
            Unary::Not => i64::from(a == 0),
            Unary::Function(Function::Hi) => a.wrapping_add(0x800) >> 12 & 0xf_ffff,
            Unary::Function(Function::Lo) => (a << 52) >> 52,
            Unary::Function(_) => return None,
        })
    }
}

/// Why an expression has no value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum NoValue {
    /// It speaks of this symbol, which is not defined.
    Undefined(SymbolId),
    /// This symbol is defined through itself.
    Circular(SymbolId),
    DivisionByZero,
    /// `%pcrel_hi` and `%pcrel_lo` only stand for a whole operand.
    Misplaced,
    /// It takes too many steps: symbols that double each other grow without bound.
    TooLong,
}

/// All that a value depends on.
pub(crate) struct Scope<'a> {
    pub(crate) nodes: &'a [Node],
    pub(crate) symbols: &'a [Symbol],
    pub(crate) sections: &'a [Section],
}

impl Scope<'_> {
    /// The address of a place.
    pub(crate) fn address(&self, at: At) -> u32 {
        let section = &self.sections[at.section.0 as usize];
        section.base.wrapping_add(section.offset_of(at))
    }

    /// The label that `symbol` is, through `.set` and other units: the label and what is added to it.
    pub(crate) fn label(&self, mut symbol: SymbolId) -> Option<(At, i64)> {
        let mut addend = 0_i64;
        for _ in 0..MAX_ALIASES {
            match self.symbols[symbol.0 as usize].meaning {
                Meaning::Label(at) => return Some((at, addend)),
                Meaning::Same(other) => symbol = other,
                Meaning::Set(Value::Symbol(other, more), _) => {
                    addend = addend.wrapping_add(more);
                    symbol = other;
                }
                _ => return None,
            }
        }
        None
    }

    /// The value with every address as it now is.
    #[inline]
    pub(crate) fn value(&self, value: Value) -> Result<i64, NoValue> {
        match value {
            Value::Const(value) => Ok(value),
            Value::Symbol(symbol, addend) => {
                if let Meaning::Label(at) = self.symbols[symbol.0 as usize].meaning {
                    return Ok(i64::from(self.address(at)).wrapping_add(addend));
                }
                self.walk(value)
            }
            Value::Node(_) => self.walk(value),
        }
    }

    /// Where the template of a thread's block begins.
    fn thread_block(&self) -> i64 {
        let sections = self.sections.iter().filter(|s| s.flags.tls && s.flags.alloc && s.size() > 0);
        sections.map(|s| i64::from(s.base)).min().unwrap_or(0)
    }

    /// [`Scope::value`] without recursion: a source may nest as deep as it likes.
    fn walk(&self, value: Value) -> Result<i64, NoValue> {
        enum Step {
            Value(Value),
            Unary(Unary),
            Binary(Binary),
            Leave(i64),
        }
        let mut steps = vec![Step::Value(value)];
        let mut values: Vec<i64> = Vec::new();
        let mut depth = 0_usize;
        let mut budget = MAX_STEPS;
        while let Some(step) = steps.pop() {
            budget -= 1;
            if budget == 0 {
                return Err(NoValue::TooLong);
            }
            match step {
                Step::Value(Value::Const(value)) => values.push(value),
                Step::Value(Value::Node(NodeId(id))) => match self.nodes[id as usize] {
                    Node::Unary(op, a) => steps.extend([Step::Unary(op), Step::Value(a)]),
                    Node::Binary(op, a, b) => {
                        steps.extend([Step::Binary(op), Step::Value(b), Step::Value(a)]);
                    }
                },
                Step::Value(Value::Symbol(id, addend)) => {
                    match self.symbols[id.0 as usize].meaning {
                        Meaning::Label(at) => {
                            values.push(i64::from(self.address(at)).wrapping_add(addend));
                            continue;
                        }
                        Meaning::Set(value, _) => steps.extend([Step::Leave(addend), Step::Value(value)]),
                        Meaning::Same(other) => {
                            steps.extend([Step::Leave(addend), Step::Value(Value::Symbol(other, 0))]);
                        }
                        Meaning::Undefined if self.symbols[id.0 as usize].is_weak() => values.push(addend),
                        Meaning::Undefined | Meaning::Common { .. } => return Err(NoValue::Undefined(id)),
                    }
                    depth += 1;
                    // Longer than the list of all symbols: one of them was met twice.
                    if depth > self.symbols.len() {
                        return Err(NoValue::Circular(id));
                    }
                }
                Step::Unary(op) => {
                    let a = values.pop().expect("the operand came first");
                    if op == Unary::Function(Function::Tprel) {
                        values.push(a.wrapping_sub(self.thread_block()));
                        continue;
                    }
                    values.push(op.apply(a).ok_or(NoValue::Misplaced)?);
                }
                Step::Binary(op) => {
                    let b = values.pop().expect("the operands came first");
                    let a = values.pop().expect("the operands came first");
                    values.push(op.apply(a, b).ok_or(NoValue::DivisionByZero)?);
                }
                Step::Leave(addend) => {
                    depth = depth.saturating_sub(1);
                    let value = values.pop().expect("the symbol's value came first");
                    values.push(value.wrapping_add(addend));
                }
            }
        }
        Ok(values.pop().expect("a value leaves a value"))
    }
}

/// How many names a label may go through.
const MAX_ALIASES: usize = 64;

/// How many steps a value may take.
const MAX_STEPS: u32 = 1 << 20;
