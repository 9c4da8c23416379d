//! Division: the host's where it would not trap, and a multiplication where the divisor is known.

use super::Emitter;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{I32, I64};
use cranelift_codegen::ir::{InstBuilder, Value};
use pg32_isa::{Insn, Op};

/// A division, whichever of its results is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Division {
    /// The operation that yields its quotient.
    op: Op,
    dividend: Value,
    divisor: Divisor,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Divisor {
    Known(u32),
    Unknown(Value),
}

/// The operation that yields the quotient of what `op`, a division, divides.
fn quotient_of(op: Op) -> Op {
    match op {
        Op::Rem => Op::Div,
        Op::Remu => Op::Divu,
        _ => op,
    }
}

impl Emitter<'_> {
    /// What `i`, a division of `a` by `b`, computes. The host divides once for quotient and remainder, as the RISC-V
    /// manual recommends it (section 12.2).
    pub(super) fn divide(&mut self, i: Insn, a: Value, b: Value) -> Value {
        let op = quotient_of(i.op);
        let divisor = self.constant_in(i.rs2).map_or(Divisor::Unknown(b), Divisor::Known);
        let division = Division { op, dividend: a, divisor };
        let known = self.quotient.filter(|(of, _)| *of == division).map(|(_, quotient)| quotient);
        let quotient = match (known, divisor) {
            (Some(quotient), _) => quotient,
            (None, Divisor::Known(0 | 1)) => return self.special(i.op, a, b),
            (None, Divisor::Known(d)) if op == Op::Div => self.signed_quotient(a, d as i32),
            (None, Divisor::Known(d)) => self.unsigned_quotient(a, d),
            (None, Divisor::Unknown(_)) if op == i.op || self.wants_quotient(i) => {
                self.divide_by_host(op, a, b)
            }
            (None, Divisor::Unknown(_)) => return self.divide_by_host(i.op, a, b),
        };
        self.quotient = Some((division, quotient));
        if op == i.op {
            return quotient;
        }
        // So it is by 0, too, and where the quotient overflows.
        let product = self.b.ins().imul(quotient, b);
        self.b.ins().isub(a, product)
    }

    /// Whether the quotient is asked for behind `i`, which asks for the remainder.
    fn wants_quotient(&self, i: Insn) -> bool {
        let same = |next: &Insn| (next.op, next.rs1, next.rs2) == (quotient_of(i.op), i.rs1, i.rs2);
        self.with_same_operands(i, same).is_some()
    }

    /// Divides by a number that is not known. By 0, and signed by −1, the host's division can trap.
    fn divide_by_host(&mut self, op: Op, a: Value, b: Value) -> Value {
        let signed = matches!(op, Op::Div | Op::Rem);
        let (special, plain, on) = (self.b.create_block(), self.b.create_block(), self.b.create_block());
        let result = self.b.append_block_param(on, I32);
        self.b.set_cold_block(special);
        let traps = if signed {
            let next = self.b.ins().iadd_imm_s(b, 1);
            self.b.ins().icmp_imm_u(IntCC::UnsignedLessThanOrEqual, next, 1)
        } else {
            self.b.ins().icmp_imm_u(IntCC::Equal, b, 0)
        };
        self.b.ins().brif(traps, special, &[], plain, &[]);
        self.b.seal_block(special);
        self.b.seal_block(plain);
        self.b.switch_to_block(special);
        let value = self.special(op, a, b);
        self.b.ins().jump(on, &[value.into()]);
        self.b.switch_to_block(plain);
        let value = match op {
            Op::Div => self.b.ins().sdiv(a, b),
            Op::Divu => self.b.ins().udiv(a, b),
            Op::Rem => self.b.ins().srem(a, b),
            _ => self.b.ins().urem(a, b),
        };
        self.b.ins().jump(on, &[value.into()]);
        self.b.seal_block(on);
        self.b.switch_to_block(on);
        result
    }

    /// Divides by 0, 1 or, if the division is signed, −1. By 0, the quotient is all ones and the remainder the
    /// dividend; what overflows yields the dividend and no remainder (RISC-V manual, section 12.2).
    fn special(&mut self, op: Op, a: Value, b: Value) -> Value {
        let zero = self.b.ins().icmp_imm_u(IntCC::Equal, b, 0);
        let (by_zero, otherwise) = match op {
            Op::Div | Op::Divu => (self.constant(u32::MAX), self.b.ins().imul(a, b)),
            _ => (a, self.constant(0)),
        };
        self.b.ins().select(zero, by_zero, otherwise)
    }

    /// The quotient of `n` and `d`, which is at least 2: the high part of a product with the reciprocal, in 64 bits,
    /// rounded up (Lemire, Kaser and Kurz, Faster remainder by direct computation, 2019, theorem 1).
    fn unsigned_quotient(&mut self, n: Value, d: u32) -> Value {
        let reciprocal = u64::MAX / u64::from(d) + 1;
        let reciprocal = self.b.ins().iconst(I64, reciprocal as i64);
        let wide = self.b.ins().uextend(I64, n);
        let high = self.b.ins().umulhi(wide, reciprocal);
        self.b.ins().ireduce(I32, high)
    }

    /// The quotient of `n` and `d`, which is neither 0 nor 1: the high part of a product with the reciprocal of as
    /// many bits as it takes (Granlund and Montgomery, Division by invariant integers using multiplication, 1994,
    /// section 5).
    fn signed_quotient(&mut self, n: Value, d: i32) -> Value {
        if d == -1 {
            return self.b.ins().ineg(n);
        }
        let absolute = d.unsigned_abs();
        let bits = 31 + absolute.next_power_of_two().ilog2();
        let reciprocal = (1_u64 << bits) / u64::from(absolute) + 1;
        let wide = self.b.ins().sextend(I64, n);
        let product = self.b.ins().imul_imm_s(wide, reciprocal as i64);
        let floor = self.b.ins().sshr_imm_u(product, i64::from(bits));
        let floor = self.b.ins().ireduce(I32, floor);
        // Towards zero.
        let sign = self.b.ins().sshr_imm_u(n, 31);
        if d > 0 { self.b.ins().isub(floor, sign) } else { self.b.ins().isub(sign, floor) }
    }
}
