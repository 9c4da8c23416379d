//! Pseudo-instructions: what their operands become.

use crate::assembler::{Assembler, Line};
use crate::codes::Code;
use crate::diagnostic::Reported;
use crate::expr::Value;
use crate::got::{Addresses, Wanted};
use crate::instruction::number;
use crate::lexer::Token;
use crate::operand::Modified;
use crate::pseudo::{Pseudo, Shape, Thread};
use crate::section::FixKind;
use pg32_isa::{Insn, Op, Reg};

impl Assembler<'_, '_> {
    pub(crate) fn pseudo(
        &mut self,
        line: &Line<'_>,
        tokens: &[Token],
        pseudo: &Pseudo,
    ) -> Result<(), Reported> {
        let operands = self.operands(line, tokens)?;
        let operands = operands.as_slice();
        let head = tokens[0];
        let insn = Insn::new(pseudo.op);
        match pseudo.shape {
            Shape::Fixed(word) => {
                self.count(line, tokens, operands, 0..=0)?;
                self.emit_word(line, word)
            }
            Shape::Immediate(imm) => {
                let [rd, rs1] = self.registers(line, tokens, operands)?;
                self.emit(line, Insn { rd, rs1, imm, ..insn })
            }
            Shape::FromZero => {
                let [rd, rs2] = self.registers(line, tokens, operands)?;
                self.emit(line, Insn { rd, rs2, ..insn })
            }
            Shape::AgainstZero => {
                let [rd, rs1] = self.registers(line, tokens, operands)?;
                self.emit(line, Insn { rd, rs1, ..insn })
            }
            Shape::Swapped => {
                let [rd, rs2, rs1] = self.registers(line, tokens, operands)?;
                self.emit(line, Insn { rd, rs1, rs2, ..insn })
            }
            Shape::ShiftPair(imm) => {
                let [rd, rs1] = self.registers(line, tokens, operands)?;
                self.emit(line, Insn { rd, rs1, imm, ..Insn::new(Op::Slli) })?;
                self.emit(line, Insn { rd, rs1: rd, imm, ..insn })
            }
            Shape::BranchZero | Shape::BranchFromZero => {
                self.count(line, tokens, operands, 2..=2)?;
                let register = self.register(line, head, operands[0])?;
                let insn = match pseudo.shape {
                    Shape::BranchZero => Insn { rs1: register, ..insn },
                    _ => Insn { rs2: register, ..insn },
                };
                self.branch_to(line, insn, operands[1])
            }
            Shape::BranchSwapped => {
                self.count(line, tokens, operands, 3..=3)?;
                let rs2 = self.register(line, head, operands[0])?;
                let rs1 = self.register(line, head, operands[1])?;
                self.branch_to(line, Insn { rs1, rs2, ..insn }, operands[2])
            }
            Shape::LoadImmediate => self.load_immediate(line, tokens, operands),
            Shape::LoadAddress | Shape::LoadGlobal | Shape::LoadThread(_) => {
                self.load_address(line, tokens, operands, pseudo.shape)
            }
            Shape::Jump(rd) => {
                self.count(line, tokens, operands, 1..=1)?;
                self.jump(line, Insn { rd, ..insn }, operands[0])
            }
            Shape::Far(rd, rs1) => self.far(line, tokens, operands, Insn { rd, rs1, ..insn }),
            Shape::FarThrough => self.far_through(line, tokens, operands, insn),
            Shape::JumpRegister => self.jump_through(line, tokens, operands, insn),
        }
    }

    /// `jump target, rt`
    fn far_through(
        &mut self,
        line: &Line<'_>,
        tokens: &[Token],
        operands: &[&[Token]],
        insn: Insn,
    ) -> Result<(), Reported> {
        self.count(line, tokens, operands, 2..=2)?;
        let rs1 = self.register(line, tokens[0], operands[1])?;
        let value = self.target(line, operands[0])?;
        let span = line.span_of(operands[0]);
        self.auipc_pair(line, rs1, Insn { rs1, ..insn }, FixKind::Call, value, span)
    }

    /// `jr rs`, `jr imm(rs)` and `jr rs, imm`
    fn jump_through(
        &mut self,
        line: &Line<'_>,
        tokens: &[Token],
        operands: &[&[Token]],
        insn: Insn,
    ) -> Result<(), Reported> {
        if self.count(line, tokens, operands, 1..=2)? == 1 {
            return self.through(line, tokens[0], insn, operands[0]);
        }
        let rs1 = self.register(line, tokens[0], operands[0])?;
        self.immediate(line, Insn { rs1, ..insn }, operands[1])
    }

    pub(crate) fn registers<const N: usize>(
        &mut self,
        line: &Line<'_>,
        tokens: &[Token],
        operands: &[&[Token]],
    ) -> Result<[Reg; N], Reported> {
        self.count(line, tokens, operands, N..=N)?;
        let mut registers = [Reg::ZERO; N];
        for (register, operand) in registers.iter_mut().zip(operands) {
            *register = self.register(line, tokens[0], operand)?;
        }
        Ok(registers)
    }

    /// `call target` and `tail target`; `call rd, target` goes through `t1` as GNU as has it.
    pub(crate) fn far(
        &mut self,
        line: &Line<'_>,
        tokens: &[Token],
        operands: &[&[Token]],
        mut insn: Insn,
    ) -> Result<(), Reported> {
        let most = if insn.rd == Reg::RA { 2 } else { 1 };
        let count = self.count(line, tokens, operands, 1..=most)?;
        if count == 2 {
            insn.rd = self.register(line, tokens[0], operands[0])?;
            insn.rs1 = Reg::T1;
        }
        let operand = operands[count - 1];
        let value = self.target(line, operand)?;
        self.auipc_pair(line, insn.rs1, insn, FixKind::Call, value, line.span_of(operand))
    }

    /// `li`: as few instructions as GNU as takes if the value is known here, else two.
    pub(crate) fn load_immediate(
        &mut self,
        line: &Line<'_>,
        tokens: &[Token],
        operands: &[&[Token]],
    ) -> Result<(), Reported> {
        self.count(line, tokens, operands, 2..=2)?;
        let rd = self.register(line, tokens[0], operands[0])?;
        let span = line.span_of(operands[1]);
        self.no_register_here(line, operands[1])?;
        let Modified { function, value } = self.modified(line, operands[1])?;
        if function.is_some() && !matches!(value, Value::Const(_)) {
            return self.immediate(line, Insn { rd, ..Insn::new(Op::Addi) }, operands[1]);
        }
        let value = match (function, value) {
            (Some(function), Value::Const(value)) => {
                Value::Const(crate::expr::Unary::Function(function).apply(value).unwrap_or(0))
            }
            (_, value) => value,
        };
        if let Value::Const(value) = value {
            if !(-(1 << 31)..1 << 32).contains(&value) {
                let message = format!(
                    "{} does not fit a register: the range is -2147483648 to 4294967295",
                    number(value)
                );
                return Err(self.shared.error(Code::ImmediateRange, message, span, "more than 32 bits"));
            }
            return self.load_constant(line, rd, value as u32);
        }
        let low = Insn { rd, rs1: rd, ..Insn::new(Op::Addi) };
        self.emit_fixed(line, Insn { rd, ..Insn::new(Op::Lui) }, FixKind::AbsolutePair, value, span)?;
        self.emit(line, low)
    }

    pub(crate) fn load_constant(&mut self, line: &Line<'_>, rd: Reg, value: u32) -> Result<(), Reported> {
        let high = value.wrapping_add(0x800) & 0xffff_f000;
        let low = (value << 20) as i32 >> 20;
        let mut rs1 = Reg::ZERO;
        if high != 0 {
            self.emit(line, Insn { rd, imm: high as i32, ..Insn::new(Op::Lui) })?;
            rs1 = rd;
        }
        if low != 0 || high == 0 {
            self.emit(line, Insn { rd, rs1, imm: low, ..Insn::new(Op::Addi) })?;
        }
        Ok(())
    }

    /// The address of a symbol, or what the table of addresses holds for it.
    fn load_address(
        &mut self,
        line: &Line<'_>,
        tokens: &[Token],
        operands: &[&[Token]],
        shape: Shape,
    ) -> Result<(), Reported> {
        let wanted = match shape {
            Shape::LoadGlobal if self.mode.addresses == Addresses::Pic => Some(Wanted::Address),
            Shape::LoadThread(Thread::Offset) => Some(Wanted::ThreadOffset),
            Shape::LoadThread(Thread::Descriptor) => Some(Wanted::ThreadPair),
            _ => None,
        };
        self.count(line, tokens, operands, 2..=2)?;
        let rd = self.register(line, tokens[0], operands[0])?;
        let span = line.span_of(operands[1]);
        let value = self.target(line, operands[1])?;
        match (value, wanted) {
            (Value::Const(value), None | Some(Wanted::Address)) => self.load_constant(line, rd, value as u32),
            // The table has no entry for a symbol with something added, but the sum has an address.
            (Value::Symbol(_, 0), Some(wanted))
            | (_, Some(wanted @ (Wanted::ThreadOffset | Wanted::ThreadPair))) => {
                let slot = self.slot(line, operands[1], value, wanted)?;
                let op = if wanted == Wanted::ThreadPair { Op::Addi } else { Op::Lw };
                let low = Insn { rd, rs1: rd, ..Insn::new(op) };
                self.auipc_pair(line, rd, low, FixKind::Pair, slot, span)
            }
            _ => {
                let low = Insn { rd, rs1: rd, ..Insn::new(Op::Addi) };
                self.auipc_pair(line, rd, low, FixKind::Pair, value, span)
            }
        }
    }
}
