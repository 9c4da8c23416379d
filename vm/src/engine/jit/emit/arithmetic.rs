//! Arithmetic: one line per instruction.

use super::Emitter;
use super::facts::Fact;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::I32;
use cranelift_codegen::ir::{InstBuilder, Value};
use pg32_isa::{Format, Insn, Op, Reg};

impl Emitter<'_> {
    /// An instruction that only computes.
    pub(super) fn compute(&mut self, i: Insn, at: u32) {
        if i.rd == Reg::ZERO {
            return;
        }
        if i.op == Op::Auipc {
            return self.set_address(i.rd, at.wrapping_add_signed(i.imm));
        }
        let a = self.get(i.rs1);
        let b = match i.op.format() {
            Format::RegReg => self.get(i.rs2),
            _ => self.constant(i.imm as u32),
        };
        let fact = self.fact(i, a, b);
        if let Some(value) = self.idiom(i) {
            return self.set(i.rd, value);
        }
        if let Fact::Constant(number) = fact {
            return self.set_number(i.rd, number);
        }
        let value = match i.op {
            Op::Addi => self.sum(i.rs1, a, i.imm),
            Op::Add => self.b.ins().iadd(a, b),
            Op::Sub => self.b.ins().isub(a, b),
            Op::Slli | Op::Sll => self.b.ins().ishl(a, b),
            Op::Srli | Op::Srl => self.b.ins().ushr(a, b),
            Op::Srai | Op::Sra => self.b.ins().sshr(a, b),
            Op::Slti | Op::Slt => self.less(IntCC::SignedLessThan, a, b),
            Op::Sltiu | Op::Sltu => self.less(IntCC::UnsignedLessThan, a, b),
            Op::Xori | Op::Xor => self.b.ins().bxor(a, b),
            Op::Ori | Op::Or => self.b.ins().bor(a, b),
            Op::Andi | Op::And => self.b.ins().band(a, b),
            Op::Mul | Op::Mulh | Op::Mulhsu | Op::Mulhu => self.multiply(i, a, b),
            Op::Div | Op::Rem | Op::Divu | Op::Remu => self.divide(i, a, b),
            // Fences have no destination that counts, and the search admits nothing else.
            _ => return,
        };
        self.set(i.rd, value);
        self.facts[i.rd.index()] = fact;
    }

    fn less(&mut self, condition: IntCC, a: Value, b: Value) -> Value {
        let less = self.b.ins().icmp(condition, a, b);
        self.b.ins().uextend(I32, less)
    }

    /// The first instruction behind `i` in its block for which `is_such` holds, if what `i` asks for is still the same
    /// there.
    pub(super) fn with_same_operands(&self, i: Insn, is_such: impl Fn(&Insn) -> bool) -> Option<&Insn> {
        let keeps = |rd: Reg| rd == Reg::ZERO || rd != i.rs1 && rd != i.rs2;
        let decides = |next: &&Insn| is_such(next) || !keeps(next.rd);
        self.behind.iter().find(decides).filter(|next| keeps(i.rd) && is_such(next))
    }
}
