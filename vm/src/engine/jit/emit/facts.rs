//! What is known of a register's value while code is emitted, beyond where it is: enough to see the instructions
//! that RV32I has no single word for.

use super::Emitter;
use cranelift_codegen::ir::types::{I8, I16, I32};
use cranelift_codegen::ir::{InstBuilder, Opcode, Value};
use pg32_isa::{Insn, Op, Reg};

/// What is known of a register's value.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Fact {
    #[default]
    Nothing,
    /// It is this number.
    Constant(u32),
    /// It is the value and so much more.
    Sum(Value, i32),
    /// It is the value shifted left by so many bits.
    Left(Value, u32),
    /// It is the value shifted right, with zeros, by so many bits.
    Right(Value, u32),
    /// It is what a word has beyond so many bits, as far as shifts ask.
    Complement(Value),
    /// It is such a shift.
    Shift(Shift),
}

impl Fact {
    /// Whether it says how to compute the value from another one: see [`Emitter::computed`].
    pub(super) fn is_cheap(self) -> bool {
        matches!(self, Fact::Sum(..) | Fact::Left(..) | Fact::Right(..))
    }
}

/// A value shifted by a number of bits that is not known; zeros come in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Shift {
    value: Value,
    left: bool,
    bits: Value,
    /// Whether by what a word has beyond so many bits.
    beyond: bool,
}

/// What is known of every register's value.
pub(super) type Facts = [Fact; 32];

/// Those of `facts` that speak of no other value.
pub(super) fn constants(facts: &Facts) -> Facts {
    facts.map(|fact| if matches!(fact, Fact::Constant(_)) { fact } else { Fact::Nothing })
}

impl Emitter<'_> {
    /// The number in `reg`, if it is known.
    pub(super) fn constant_in(&self, reg: Reg) -> Option<u32> {
        match self.facts[reg.index()] {
            _ if reg == Reg::ZERO => Some(0),
            Fact::Constant(number) => Some(number),
            _ => None,
        }
    }

    /// What is known of what `i` computes, given its operands.
    pub(super) fn fact(&self, i: Insn, a: Value, b: Value) -> Fact {
        let number = self.constant_in(i.rs1);
        let by = self.facts[i.rs2.index()];
        match (i.op, number) {
            (Op::Sub, Some(number)) if number % 32 == 0 => Fact::Complement(b),
            (Op::Sll | Op::Srl, _) => {
                let (bits, beyond) = if let Fact::Complement(bits) = by { (bits, true) } else { (b, false) };
                Fact::Shift(Shift { value: a, left: i.op == Op::Sll, bits, beyond })
            }
            (Op::Lui, _) => Fact::Constant(i.imm as u32),
            (Op::Addi, Some(number)) => Fact::Constant(number.wrapping_add_signed(i.imm)),
            (Op::Slli, Some(number)) => Fact::Constant(number << i.imm),
            (Op::Addi, _) => match self.facts[i.rs1.index()] {
                fact if i.imm == 0 => fact,
                Fact::Sum(base, above) => Fact::Sum(base, above.wrapping_add(i.imm)),
                _ => Fact::Sum(a, i.imm),
            },
            (Op::Slli, _) => Fact::Left(a, i.imm as u32),
            (Op::Srli, _) => Fact::Right(a, i.imm as u32),
            _ => Fact::Nothing,
        }
    }

    /// The value that `fact` says how to compute.
    pub(super) fn computed(&mut self, fact: Fact) -> Value {
        match fact {
            // Not [`Emitter::plus`]: a difference takes a register of its own, where none may be free.
            Fact::Sum(base, above) => self.b.ins().iadd_imm_s(base, i64::from(above)),
            Fact::Left(value, bits) => self.b.ins().ishl_imm_u(value, i64::from(bits)),
            Fact::Right(value, bits) => self.b.ins().ushr_imm_u(value, i64::from(bits)),
            _ => unreachable!("{fact:?} is not cheap"),
        }
    }

    /// What is in `reg`, `a`, and `distance` more: off the value that it was computed from, so that one addition
    /// does not wait for another.
    pub(super) fn sum(&mut self, reg: Reg, a: Value, distance: i32) -> Value {
        let (base, above) = self.origin(reg, a, distance);
        self.plus(base, above)
    }

    /// What `distance` behind what is in `reg`, `a`, is best computed from, and how far behind that it is.
    pub(super) fn origin(&self, reg: Reg, a: Value, distance: i32) -> (Value, i32) {
        match self.facts[reg.index()] {
            Fact::Sum(base, above) if distance != 0 => (base, above.wrapping_add(distance)),
            _ => (a, distance),
        }
    }

    /// `value` and `distance` more.
    pub(super) fn plus(&mut self, value: Value, distance: i32) -> Value {
        if distance == 0 {
            return value;
        }
        // Of a sum of a sum the compiler would make one of three terms, and load a number for that.
        if self.is_sum(value) {
            let less = self.constant(distance.wrapping_neg() as u32);
            return self.b.ins().isub(value, less);
        }
        self.b.ins().iadd_imm_s(value, i64::from(distance))
    }

    /// The bits of `value` in `mask`, which are its lowest: of what was loaded from less, all there are.
    fn low_bits(&mut self, value: Value, mask: u32) -> Value {
        let loaded = match self.definition(value) {
            Some(Opcode::Uload8) => 0xff,
            Some(Opcode::Uload16) => 0xffff,
            _ => u32::MAX,
        };
        if mask >= loaded { value } else { self.b.ins().band_imm_u(value, i64::from(mask)) }
    }

    /// Whether `value` was computed as a sum.
    fn is_sum(&self, value: Value) -> bool {
        self.definition(value) == Some(Opcode::Iadd)
    }

    /// What `value` was computed by, if by an instruction.
    fn definition(&self, value: Value) -> Option<Opcode> {
        let dfg = &self.b.func.dfg;
        dfg.value_def(value).inst().map(|inst| dfg.insts[inst].opcode())
    }

    /// The value of `i` if it ends a sequence that the host has one instruction for: a rotation, or the low part
    /// of a register, extended.
    pub(super) fn idiom(&mut self, i: Insn) -> Option<Value> {
        let (a, b) = (self.facts[i.rs1.index()], self.facts[i.rs2.index()]);
        match (i.op, a, b) {
            (Op::Or | Op::Xor | Op::Add, Fact::Left(x, left), Fact::Right(y, right))
            | (Op::Or | Op::Xor | Op::Add, Fact::Right(y, right), Fact::Left(x, left))
                if left + right == 32 =>
            {
                if x == y {
                    return Some(self.b.ins().rotl_imm_u(x, i64::from(left)));
                }
                if let Some(value) = self.shifted_product(y, x, right) {
                    return Some(value);
                }
                if i.op != Op::Or {
                    return None;
                }
                // No bits overlap. Of a disjunction the compiler would make one instruction that takes longer than three.
                let (a, b) = (self.get(i.rs1), self.get(i.rs2));
                Some(self.b.ins().bxor(a, b))
            }
            // By no bits, both are the value, and so is this: not so their sum, or what differs in them.
            (Op::Or, Fact::Shift(a), Fact::Shift(b))
                if (a.value, a.bits) == (b.value, b.bits) && a.left != b.left && a.beyond != b.beyond =>
            {
                let Shift { value, bits, left, .. } = if a.beyond { b } else { a };
                Some(if left { self.b.ins().rotl(value, bits) } else { self.b.ins().rotr(value, bits) })
            }
            (Op::Srli, Fact::Left(x, left), _) if left == i.imm as u32 && left > 0 => {
                Some(self.low_bits(x, u32::MAX >> left))
            }
            (Op::Andi, ..) if i.imm >= 0 && (i.imm & (i.imm + 1)) == 0 => {
                let x = self.get(i.rs1);
                Some(self.low_bits(x, i.imm as u32))
            }
            (Op::Srai, Fact::Left(x, left), _) if left == i.imm as u32 => {
                let narrow = match left {
                    24 => I8,
                    16 => I16,
                    _ => return None,
                };
                let low = self.b.ins().ireduce(narrow, x);
                Some(self.b.ins().sextend(I32, low))
            }
            _ => None,
        }
    }
}
