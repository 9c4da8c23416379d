//! Products: one multiplication of 64 bits where both words are asked for, and shifts of both.

use super::Emitter;
use cranelift_codegen::ir::types::{I32, I64};
use cranelift_codegen::ir::{InstBuilder, Value};
use pg32_isa::{Insn, Op};

/// A product in 64 bits.
#[derive(Clone, Copy)]
pub(super) struct Product {
    /// The operation that yields its high word.
    op: Op,
    factors: [Value; 2],
    whole: Value,
    low: Value,
    high: Value,
}

impl Emitter<'_> {
    /// What `i`, a multiplication of `a` by `b`, computes. The host multiplies once for both words, as the RISC-V manual
    /// recommends it (section 12.1), whichever comes first.
    pub(super) fn multiply(&mut self, i: Insn, a: Value, b: Value) -> Value {
        let same = |product: &&Product| {
            (product.op == i.op || i.op == Op::Mul)
                && (product.factors == [a, b] || product.op != Op::Mulhsu && product.factors == [b, a])
        };
        let product = match (self.products.iter().find(same), i.op) {
            (Some(&product), _) => product,
            (None, Op::Mul) => match self.wants_high_word(i) {
                Some(op) => self.whole_product(op, a, b),
                None => return self.b.ins().imul(a, b),
            },
            (None, op) => self.whole_product(op, a, b),
        };
        if i.op == Op::Mul { product.low } else { product.high }
    }

    /// The operation behind `i`, which asks for the low word of a product, that asks for the high one.
    fn wants_high_word(&self, i: Insn) -> Option<Op> {
        let high = |next: &Insn| match next.op {
            Op::Mulh | Op::Mulhu if [next.rs2, next.rs1] == [i.rs1, i.rs2] => true,
            Op::Mulh | Op::Mulhu | Op::Mulhsu => [next.rs1, next.rs2] == [i.rs1, i.rs2],
            _ => false,
        };
        self.with_same_operands(i, high).map(|next| next.op)
    }

    /// The whole product of which `op` yields the high word.
    fn whole_product(&mut self, op: Op, a: Value, b: Value) -> Product {
        let signed = [op != Op::Mulhu, op == Op::Mulh];
        let [wide_a, wide_b] = [(a, signed[0]), (b, signed[1])].map(|(value, signed)| {
            if signed { self.b.ins().sextend(I64, value) } else { self.b.ins().uextend(I64, value) }
        });
        let whole = self.b.ins().imul(wide_a, wide_b);
        let low = self.b.ins().ireduce(I32, whole);
        let high = self.b.ins().ushr_imm_u(whole, 32);
        let high = self.b.ins().ireduce(I32, high);
        let product = Product { op, factors: [a, b], whole, low, high };
        self.products.push(product);
        product
    }

    /// The low word of a product shifted right by `bits`, below 32, if `low` and `high` are its words.
    pub(super) fn shifted_product(&mut self, low: Value, high: Value, bits: u32) -> Option<Value> {
        let product = self.products.iter().find(|product| (product.low, product.high) == (low, high))?;
        let shifted = self.b.ins().ushr_imm_u(product.whole, i64::from(bits));
        Some(self.b.ins().ireduce(I32, shifted))
    }
}
