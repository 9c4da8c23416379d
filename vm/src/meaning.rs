//! What each instruction means: one method per row of the table, shared by every interpreter, bare or virtual.
//!
//! A meaning checks its operand before any effect (principles, section 3, checks 5 and 6) and leaves PC and
//! timer to [`crate::conclude`]. Base instructions follow the RISC-V unprivileged specification; system
//! instructions follow the principles, sections 5 and 6.

use crate::{Processor, access, alu, resolve};
use pg32_isa::{Cause, Insn, Mode, PSW_BYTES, Psw, Reg, Trap, Virtual, Visitor};

/// Where execution goes behind an instruction that did not trap.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flow {
    /// To PC + 4.
    Next,
    /// To a target, which has been checked if the instruction checks it.
    Jump(Virtual),
    /// Wherever the PSW that was just loaded says; nothing is counted (`lpsw`).
    Loaded,
    /// Nowhere: `halt`.
    Halt,
}

/// An instruction's outcome: it ends somewhere, or it traps without effect. A trap is no error of ours.
pub type Attempt = Result<Flow, Trap>;

/// The visitor that executes an instruction on a processor.
#[derive(Debug)]
pub struct Meaning<'a, P>(pub &'a mut P);

impl<P: Processor> Meaning<'_, P> {
    fn rs1(&self, i: Insn) -> u32 {
        self.0.register(i.rs1)
    }

    fn rs2(&self, i: Insn) -> u32 {
        self.0.register(i.rs2)
    }

    /// `(rs1 + imm) mod 2^32`.
    fn effective(&self, i: Insn) -> u32 {
        self.rs1(i).wrapping_add_signed(i.imm)
    }

    fn set(&mut self, i: Insn, value: u32) -> Attempt {
        self.0.set_register(i.rd, value);
        Ok(Flow::Next)
    }

    fn load<const W: usize>(&mut self, i: Insn, extend: impl Fn([u8; W]) -> u32) -> Attempt {
        let address = Virtual(self.effective(i));
        let at = resolve(&self.0.psw(), self.0.storage_size(), address, W as u32)?;
        let mut bytes = [0; W];
        self.0.read(at, &mut bytes);
        self.set(i, extend(bytes))
    }

    fn store<const W: usize>(&mut self, i: Insn) -> Attempt {
        let address = Virtual(self.effective(i));
        let at = resolve(&self.0.psw(), self.0.storage_size(), address, W as u32)?;
        let value = self.rs2(i).to_le_bytes();
        self.0.write(at, &value[..W]);
        Ok(Flow::Next)
    }

    /// Check 5 for jumps and taken branches: the target is a multiple of 4.
    fn aligned(target: u32) -> Result<Virtual, Trap> {
        if target.is_multiple_of(4) { Ok(Virtual(target)) } else { Err(Trap::new(Cause::Alignment, target)) }
    }

    fn branch(&mut self, i: Insn, taken: impl Fn(u32, u32) -> bool) -> Attempt {
        if taken(self.rs1(i), self.rs2(i)) {
            Ok(Flow::Jump(Self::aligned(self.0.psw().pc.wrapping_add_signed(i.imm))?))
        } else {
            Ok(Flow::Next)
        }
    }

    /// Jumps to `target` with the return address in rd; a target that traps leaves rd alone.
    fn link(&mut self, rd: Reg, target: u32) -> Attempt {
        let target = Self::aligned(target)?;
        let behind = self.0.psw().pc.wrapping_add(4);
        self.0.set_register(rd, behind);
        Ok(Flow::Jump(target))
    }

    fn alu(&mut self, i: Insn, result: impl Fn(u32, u32) -> u32) -> Attempt {
        self.set(i, result(self.rs1(i), self.rs2(i)))
    }

    fn alu_imm(&mut self, i: Insn, result: impl Fn(u32, u32) -> u32) -> Attempt {
        self.set(i, result(self.rs1(i), i.imm as u32))
    }

    /// `ecall` and `ebreak`: their info is the instruction word, of which no bit is an operand's.
    #[inline(always)]
    fn call(i: Insn, cause: Cause) -> Attempt {
        Err(Trap::new(cause, i.op.bits()))
    }

    /// Replaces parts of the PSW; execution goes on at PC + 4 of what results.
    fn change_psw(&mut self, change: impl Fn(Psw) -> Psw) -> Attempt {
        self.0.set_psw(change(self.0.psw()));
        Ok(Flow::Next)
    }
}

impl<P: Processor> Visitor for Meaning<'_, P> {
    type Output = Attempt;

    fn lui(&mut self, i: Insn) -> Attempt {
        self.set(i, i.imm as u32)
    }
    fn auipc(&mut self, i: Insn) -> Attempt {
        self.set(i, self.0.psw().pc.wrapping_add_signed(i.imm))
    }
    fn jal(&mut self, i: Insn) -> Attempt {
        self.link(i.rd, self.0.psw().pc.wrapping_add_signed(i.imm))
    }
    fn jalr(&mut self, i: Insn) -> Attempt {
        self.link(i.rd, self.effective(i) & !1)
    }
    fn beq(&mut self, i: Insn) -> Attempt {
        self.branch(i, alu::eq)
    }
    fn bne(&mut self, i: Insn) -> Attempt {
        self.branch(i, alu::ne)
    }
    fn blt(&mut self, i: Insn) -> Attempt {
        self.branch(i, alu::lt)
    }
    fn bge(&mut self, i: Insn) -> Attempt {
        self.branch(i, alu::ge)
    }
    fn bltu(&mut self, i: Insn) -> Attempt {
        self.branch(i, alu::ltu)
    }
    fn bgeu(&mut self, i: Insn) -> Attempt {
        self.branch(i, alu::geu)
    }

    fn lb(&mut self, i: Insn) -> Attempt {
        self.load(i, alu::lb)
    }
    fn lh(&mut self, i: Insn) -> Attempt {
        self.load(i, alu::lh)
    }
    fn lw(&mut self, i: Insn) -> Attempt {
        self.load(i, alu::lw)
    }
    fn lbu(&mut self, i: Insn) -> Attempt {
        self.load(i, alu::lbu)
    }
    fn lhu(&mut self, i: Insn) -> Attempt {
        self.load(i, alu::lhu)
    }
    fn sb(&mut self, i: Insn) -> Attempt {
        self.store::<1>(i)
    }
    fn sh(&mut self, i: Insn) -> Attempt {
        self.store::<2>(i)
    }
    fn sw(&mut self, i: Insn) -> Attempt {
        self.store::<4>(i)
    }

    fn addi(&mut self, i: Insn) -> Attempt {
        self.alu_imm(i, alu::add)
    }
    fn slti(&mut self, i: Insn) -> Attempt {
        self.alu_imm(i, alu::slt)
    }
    fn sltiu(&mut self, i: Insn) -> Attempt {
        self.alu_imm(i, alu::sltu)
    }
    fn xori(&mut self, i: Insn) -> Attempt {
        self.alu_imm(i, alu::xor)
    }
    fn ori(&mut self, i: Insn) -> Attempt {
        self.alu_imm(i, alu::or)
    }
    fn andi(&mut self, i: Insn) -> Attempt {
        self.alu_imm(i, alu::and)
    }
    fn slli(&mut self, i: Insn) -> Attempt {
        self.alu_imm(i, alu::sll)
    }
    fn srli(&mut self, i: Insn) -> Attempt {
        self.alu_imm(i, alu::srl)
    }
    fn srai(&mut self, i: Insn) -> Attempt {
        self.alu_imm(i, alu::sra)
    }

    fn add(&mut self, i: Insn) -> Attempt {
        self.alu(i, alu::add)
    }
    fn sub(&mut self, i: Insn) -> Attempt {
        self.alu(i, alu::sub)
    }
    fn sll(&mut self, i: Insn) -> Attempt {
        self.alu(i, alu::sll)
    }
    fn slt(&mut self, i: Insn) -> Attempt {
        self.alu(i, alu::slt)
    }
    fn sltu(&mut self, i: Insn) -> Attempt {
        self.alu(i, alu::sltu)
    }
    fn xor(&mut self, i: Insn) -> Attempt {
        self.alu(i, alu::xor)
    }
    fn srl(&mut self, i: Insn) -> Attempt {
        self.alu(i, alu::srl)
    }
    fn sra(&mut self, i: Insn) -> Attempt {
        self.alu(i, alu::sra)
    }
    fn or(&mut self, i: Insn) -> Attempt {
        self.alu(i, alu::or)
    }
    fn and(&mut self, i: Insn) -> Attempt {
        self.alu(i, alu::and)
    }

    fn fence(&mut self, _: Insn) -> Attempt {
        Ok(Flow::Next)
    }
    fn fence_i(&mut self, _: Insn) -> Attempt {
        Ok(Flow::Next)
    }
    #[inline(always)]
    fn ecall(&mut self, i: Insn) -> Attempt {
        Self::call(i, Cause::SupervisorCall)
    }
    fn ebreak(&mut self, i: Insn) -> Attempt {
        Self::call(i, Cause::Breakpoint)
    }

    fn mul(&mut self, i: Insn) -> Attempt {
        self.alu(i, alu::mul)
    }
    fn mulh(&mut self, i: Insn) -> Attempt {
        self.alu(i, alu::mulh)
    }
    fn mulhsu(&mut self, i: Insn) -> Attempt {
        self.alu(i, alu::mulhsu)
    }
    fn mulhu(&mut self, i: Insn) -> Attempt {
        self.alu(i, alu::mulhu)
    }
    fn div(&mut self, i: Insn) -> Attempt {
        self.alu(i, alu::div)
    }
    fn divu(&mut self, i: Insn) -> Attempt {
        self.alu(i, alu::divu)
    }
    fn rem(&mut self, i: Insn) -> Attempt {
        self.alu(i, alu::rem)
    }
    fn remu(&mut self, i: Insn) -> Attempt {
        self.alu(i, alu::remu)
    }

    #[inline(always)] // As `ecall`: every call of a kernel comes through both.
    fn lpsw(&mut self, i: Insn) -> Attempt {
        let address = Virtual(self.effective(i));
        let at = resolve(&self.0.psw(), self.0.storage_size(), address, PSW_BYTES)?;
        let mut bytes = [0; PSW_BYTES as usize];
        self.0.read(at, &mut bytes);
        self.0.set_psw(Psw::from_bytes(&bytes));
        Ok(Flow::Loaded)
    }
    fn spsw(&mut self, i: Insn) -> Attempt {
        let address = Virtual(self.effective(i));
        let psw = self.0.psw();
        let at = resolve(&psw, self.0.storage_size(), address, PSW_BYTES)?;
        self.0.write(at, &psw.to_bytes());
        Ok(Flow::Next)
    }
    fn halt(&mut self, _: Insn) -> Attempt {
        Ok(Flow::Halt)
    }
    fn rdm(&mut self, i: Insn) -> Attempt {
        self.set(i, self.0.psw().mode.bit())
    }
    fn rdb(&mut self, i: Insn) -> Attempt {
        self.set(i, self.0.psw().base)
    }
    fn rdl(&mut self, i: Insn) -> Attempt {
        self.set(i, self.0.psw().limit)
    }
    fn setr(&mut self, i: Insn) -> Attempt {
        let (base, limit) = (self.rs1(i), self.rs2(i));
        self.change_psw(|psw| psw.with_segment(base, limit))
    }
    fn setm(&mut self, i: Insn) -> Attempt {
        let mode = Mode::from_bit(self.rs1(i));
        self.change_psw(|psw| Psw { mode, ..psw })
    }
    fn retu(&mut self, i: Insn) -> Attempt {
        let target = self.rs1(i) & !1;
        self.0.set_psw(Psw { mode: Mode::User, ..self.0.psw() });
        // No jump in the sense of check 5: a misaligned PC traps at the next step.
        Ok(Flow::Jump(Virtual(target)))
    }
    fn lwp(&mut self, i: Insn) -> Attempt {
        let at = access::bypass(self.0.storage_size(), self.effective(i), 4)?;
        let word = self.0.read_word(at);
        self.set(i, word)
    }
    fn swp(&mut self, i: Insn) -> Attempt {
        let at = access::bypass(self.0.storage_size(), self.effective(i), 4)?;
        let value = self.rs2(i);
        self.0.write(at, &value.to_le_bytes());
        Ok(Flow::Next)
    }
    fn input(&mut self, i: Insn) -> Attempt {
        let port = self.effective(i);
        let value = self.0.console_mut().read(port);
        self.set(i, value)
    }
    fn output(&mut self, i: Insn) -> Attempt {
        let (port, value) = (self.effective(i), self.rs2(i));
        self.0.console_mut().write(port, value);
        Ok(Flow::Next)
    }
}
