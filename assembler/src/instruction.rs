//! Instructions and pseudo-instructions: from operands to words and fixups.

use crate::assembler::{Assembler, Line};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Reported};
use crate::expr::{Function, Value};
use crate::lexer::{Kind, Token};
use crate::operand::Modified;
use crate::section::{FixKind, Point, PointKind};
use crate::source::Span;
use crate::symbol::Meaning;
use pg32_isa::{Format, Insn, Op, Reg};

impl Assembler<'_, '_> {
    pub(crate) fn instruction(&mut self, line: &Line<'_>, tokens: &[Token], op: Op) -> Result<(), Reported> {
        let operands = self.operands(line, tokens)?;
        let operands = operands.as_slice();
        let head = tokens[0];
        let insn = Insn::new(op);
        match op.format() {
            Format::RegReg => self.register_register(line, tokens, operands, op),
            Format::RegImm | Format::Shift => {
                self.count(line, tokens, operands, 3..=3)?;
                let rd = self.register(line, head, operands[0])?;
                let rs1 = self.register(line, head, operands[1])?;
                self.immediate(line, Insn { rd, rs1, ..insn }, operands[2])
            }
            Format::Load | Format::Store => self.memory(line, tokens, operands, op),
            Format::Branch => {
                self.count(line, tokens, operands, 3..=3)?;
                let rs1 = self.register(line, head, operands[0])?;
                let rs2 = self.register(line, head, operands[1])?;
                self.branch_to(line, Insn { rs1, rs2, ..insn }, operands[2])
            }
            Format::Upper => {
                self.count(line, tokens, operands, 2..=2)?;
                let rd = self.register(line, head, operands[0])?;
                self.upper(line, Insn { rd, ..insn }, operands[1])
            }
            Format::Jump => {
                let count = self.count(line, tokens, operands, 1..=2)?;
                let rd = if count == 2 { self.register(line, head, operands[0])? } else { Reg::RA };
                self.jump(line, Insn { rd, ..insn }, operands[count - 1])
            }
            Format::JumpReg => self.jump_register(line, tokens, operands),
            Format::Fence => self.fence(line, tokens, operands, op),
            Format::Bare => {
                self.count(line, tokens, operands, 0..=0)?;
                self.emit(line, insn)
            }
            Format::Rd => {
                self.count(line, tokens, operands, 1..=1)?;
                let rd = self.register(line, head, operands[0])?;
                self.emit(line, Insn { rd, ..insn })
            }
            Format::Rs1 => {
                self.count(line, tokens, operands, 1..=1)?;
                let rs1 = self.register(line, head, operands[0])?;
                self.emit(line, Insn { rs1, ..insn })
            }
            Format::Rs1Rs2 => {
                self.count(line, tokens, operands, 2..=2)?;
                let rs1 = self.register(line, head, operands[0])?;
                let rs2 = self.register(line, head, operands[1])?;
                self.emit(line, Insn { rs1, rs2, ..insn })
            }
            Format::LoadOnly | Format::StoreOnly => {
                self.count(line, tokens, operands, 1..=1)?;
                let (offset, rs1) = self.offset_and_base(line, head, operands[0])?;
                self.immediate(line, Insn { rs1, ..insn }, offset)
            }
        }
    }

    /// `rd, rs1, rs2`, or with a number for `rs2` where there is an instruction for that, as GNU as allows.
    fn register_register(
        &mut self,
        line: &Line<'_>,
        tokens: &[Token],
        operands: &[&[Token]],
        op: Op,
    ) -> Result<(), Reported> {
        // `add rd, rs, tp, %tprel_add(symbol)`: the mark is for linkers that would leave the instruction out.
        let marked =
            op == Op::Add && matches!(operands, [_, _, _, [mark, ..]] if line.of(*mark) == "%tprel_add");
        let operands = if marked { &operands[..3] } else { operands };
        self.count(line, tokens, operands, 3..=3)?;
        let head = tokens[0];
        let rd = self.register(line, head, operands[0])?;
        let rs1 = self.register(line, head, operands[1])?;
        if let [token] = operands[2]
            && let Some(rs2) = self.register_of(line, *token)
        {
            return self.emit(line, Insn { rd, rs1, rs2, ..Insn::new(op) });
        }
        match with_immediate(op) {
            Some(op) if !looks_like_name(operands[2]) => {
                self.immediate(line, Insn { rd, rs1, ..Insn::new(op) }, operands[2])
            }
            Some(op) if self.is_constant(line, operands[2]) => {
                self.immediate(line, Insn { rd, rs1, ..Insn::new(op) }, operands[2])
            }
            _ => self.register(line, head, operands[2]).map(|_| ()),
        }
    }

    fn is_constant(&mut self, line: &Line<'_>, operand: &[Token]) -> bool {
        let [token] = operand else { return false };
        let name = self.names.intern(line.of(*token));
        self.known_symbol(name)
            .is_some_and(|s| matches!(self.symbols[s.0 as usize].meaning, Meaning::Set(Value::Const(_), _)))
    }

    /// `rd, imm(rs1)`; also `rd, symbol` and `rs2, symbol, rt`.
    fn memory(
        &mut self,
        line: &Line<'_>,
        tokens: &[Token],
        operands: &[&[Token]],
        op: Op,
    ) -> Result<(), Reported> {
        let head = tokens[0];
        let store = op.format() == Format::Store;
        // Ports and physical addresses are no places that a symbol could be near to.
        let plain = matches!(op, Op::Lwp | Op::Swp | Op::In | Op::Out);
        let most = if store && !plain { 3 } else { 2 };
        let count = self.count(line, tokens, operands, 2..=most)?;
        if self.base(line, operands[0]).is_some()
            && matches!(operands[1], [t] if self.register_of(line, *t).is_some())
        {
            let name = line.of(head);
            let span = line.span_of(operands[0]);
            let diagnostic = Diagnostic::new(
                Code::NotRegister,
                format!("the operands of `{name}` are in the wrong order"),
            )
            .at(span, "the address comes second")
            .maybe_help(self.usage(name));
            return Err(self.shared.sink.report(diagnostic));
        }
        let value = self.register(line, head, operands[0])?;
        let mut insn = Insn::new(op);
        if store {
            insn.rs2 = value;
        } else {
            insn.rd = value;
        }
        if let Some((offset, rs1)) = self.base(line, operands[1]) {
            if count == 3 {
                return self.count(line, tokens, operands, 2..=2).map(|_| ());
            }
            insn.rs1 = rs1;
            return self.immediate(line, insn, offset);
        }
        if let [token] = operands[1]
            && self.register_of(line, *token).is_some()
        {
            return Err(self.no_base(line, head, operands[1], false));
        }
        let address = self.modified(line, operands[1])?;
        let span = line.span_of(operands[1]);
        if plain
            || address.function.is_some()
            || matches!(address.value, Value::Const(_))
            || store && count == 2
        {
            return Err(self.no_base(line, head, operands[1], store && !plain && count == 2));
        }
        let temporary = if store { self.register(line, head, operands[2])? } else { value };
        if temporary == Reg::ZERO {
            let message = "`zero` cannot hold the upper part of an address";
            return Err(self.shared.error(Code::NotRegister, message, span, "reached through `zero`"));
        }
        insn.rs1 = temporary;
        let kind = if store { FixKind::StorePair } else { FixKind::Pair };
        self.auipc_pair(line, temporary, insn, kind, address.value, span)
    }

    fn no_base(&mut self, line: &Line<'_>, head: Token, operand: &[Token], store: bool) -> Reported {
        let span = line.span_of(operand);
        let text = &line.text[span.start as usize..span.end as usize];
        let text: String = text.chars().take(40).collect();
        let register = matches!(operand, [t] if self.register_of(line, *t).is_some());
        let function = operand.first().is_some_and(|t| t.kind == Kind::Percent);
        let help = if register {
            format!("the word that `{text}` points to is `0({text})`")
        } else if function {
            format!("the register with the upper part goes behind it: `{text}(rs)`")
        } else if store && looks_like_name(operand) {
            format!(
                "to store at a symbol, name a register for its address: `{} rs2, {text}, rt`",
                line.of(head)
            )
        } else {
            format!("an address without a base is written `{text}(zero)`")
        };
        let diagnostic = Diagnostic::new(Code::NoBase, format!("`{text}` has no base register"))
            .at(span, "expected `imm(rs1)`")
            .help(help);
        self.shared.sink.report(diagnostic)
    }

    /// `imm(rs1)` in two.
    fn offset_and_base<'t>(
        &mut self,
        line: &Line<'_>,
        head: Token,
        operand: &'t [Token],
    ) -> Result<(&'t [Token], Reg), Reported> {
        match self.base(line, operand) {
            Some(found) => Ok(found),
            None if operand.is_empty() => Err(self.empty_operand(line, head, "`imm(rs1)`")),
            None => Err(self.no_base(line, head, operand, false)),
        }
    }

    /// Emits `insn` with the I, S or shift immediate that `operand` says; none is 0.
    pub(crate) fn immediate(
        &mut self,
        line: &Line<'_>,
        insn: Insn,
        operand: &[Token],
    ) -> Result<(), Reported> {
        if operand.is_empty() {
            if matches!(insn.op.format(), Format::RegImm | Format::Shift) {
                return Err(self.missing(line, "the last operand is missing"));
            }
            return self.emit(line, insn);
        }
        self.no_register_here(line, operand)?;
        let Modified { function, value } = self.modified(line, operand)?;
        let span = line.span_of(operand);
        let store = matches!(insn.op.format(), Format::Store | Format::StoreOnly);
        let shift = insn.op.format() == Format::Shift;
        let kind = match (function, store) {
            (None, _) if shift => FixKind::Shamt,
            (None, false) => FixKind::Immediate,
            (None, true) => FixKind::StoreImmediate,
            (Some(Function::Lo), false) if !shift => FixKind::Lo,
            (Some(Function::Lo), true) => FixKind::StoreLo,
            (Some(Function::PcrelLo), false) if !shift => FixKind::PcrelLo,
            (Some(Function::PcrelLo), true) => FixKind::StorePcrelLo,
            (Some(_), _) => return Err(self.wrong_function(line, operand, "`%lo` and `%pcrel_lo`")),
        };
        match (kind, value) {
            (FixKind::Immediate | FixKind::StoreImmediate | FixKind::Shamt, Value::Const(value)) => {
                let imm = self.fit(insn.op, value, span)?;
                self.emit(line, Insn { imm, ..insn })
            }
            (FixKind::Lo | FixKind::StoreLo, Value::Const(value)) => {
                self.emit(line, Insn { imm: ((value << 52) >> 52) as i32, ..insn })
            }
            _ => self.emit_fixed(line, insn, kind, value, span),
        }
    }

    fn wrong_function(&mut self, line: &Line<'_>, operand: &[Token], allowed: &str) -> Reported {
        let span = line.span(operand[0]);
        let message = format!("`{}` does not fit this operand", line.of(operand[0]));
        let diagnostic = Diagnostic::new(Code::WrongFunction, message)
            .at(span, "gives another part of the address")
            .help(format!("here stand {allowed}"));
        self.shared.sink.report(diagnostic)
    }

    /// The value as the immediate of `op`, if it fits; 32-bit values with the top bit set count as negative, as in GNU as.
    pub(crate) fn fit(&mut self, op: Op, value: i64, span: Span) -> Result<i32, Reported> {
        let signed = if (1 << 31..1 << 32).contains(&value) { value - (1 << 32) } else { value };
        let Some(range) = op.format().immediate() else { return Ok(0) };
        if range.contains(signed) {
            return Ok(signed as i32);
        }
        Err(self.out_of_range(op, value, span))
    }

    pub(crate) fn out_of_range(&mut self, op: Op, value: i64, span: Span) -> Reported {
        let Some(range) = op.format().immediate() else { return Reported };
        let message = format!(
            "{} does not fit `{}`: the range is {} to {}",
            number(value),
            op.mnemonic(),
            range.min,
            range.max
        );
        let help = match op {
            Op::Addi => Some("load the value with `li` and use `add`"),
            Op::Andi | Op::Ori | Op::Xori | Op::Slti | Op::Sltiu => {
                Some("load the value with `li` and use the form with registers")
            }
            Op::Slli | Op::Srli | Op::Srai => Some("a word has 32 bits"),
            Op::Lui | Op::Auipc => {
                Some("the operand is the upper 20 bits; `li` takes a whole value, `%hi` an address")
            }
            _ if matches!(op.format(), Format::Load | Format::Store) => {
                Some("add the rest of the offset to the base register first, or use `%hi` and `%lo`")
            }
            _ => None,
        };
        let diagnostic = Diagnostic::new(Code::ImmediateRange, message)
            .at(span, "out of range")
            .maybe_help(help.map(str::to_string));
        self.shared.sink.report(diagnostic)
    }

    fn upper(&mut self, line: &Line<'_>, insn: Insn, operand: &[Token]) -> Result<(), Reported> {
        self.no_register_here(line, operand)?;
        let Modified { function, value } = self.modified(line, operand)?;
        let span = line.span_of(operand);
        let kind = match function {
            None => FixKind::Upper,
            Some(Function::Hi) => FixKind::Hi,
            Some(Function::PcrelHi) => FixKind::PcrelHi,
            Some(_) => return Err(self.wrong_function(line, operand, "`%hi` and `%pcrel_hi`")),
        };
        match (kind, value) {
            (FixKind::Upper, Value::Const(value)) if (0..1 << 20).contains(&value) => {
                self.emit(line, Insn { imm: (value << 12) as i32, ..insn })
            }
            (FixKind::Upper, Value::Const(value)) => Err(self.out_of_range(insn.op, value, span)),
            (FixKind::Hi, Value::Const(value)) => {
                self.emit(line, Insn { imm: (value.wrapping_add(0x800) & 0xffff_f000) as i32, ..insn })
            }
            _ => self.emit_fixed(line, insn, kind, value, span),
        }
    }

    pub(crate) fn jump(&mut self, line: &Line<'_>, insn: Insn, operand: &[Token]) -> Result<(), Reported> {
        let value = self.target(line, operand)?;
        self.emit_fixed(line, insn, FixKind::Jump, value, line.span_of(operand))
    }

    pub(crate) fn target(&mut self, line: &Line<'_>, operand: &[Token]) -> Result<Value, Reported> {
        let Modified { function, value } = self.modified(line, operand)?;
        if function.is_some() {
            return Err(self.wrong_function(line, operand, "labels"));
        }
        Ok(value)
    }

    /// A branch: near, or as GNU as makes it, the opposite branch around a `jal` if it may be far.
    pub(crate) fn branch_to(
        &mut self,
        line: &Line<'_>,
        insn: Insn,
        operand: &[Token],
    ) -> Result<(), Reported> {
        let value = self.target(line, operand)?;
        let near = self.surely_near(value);
        let kind = if near { FixKind::Branch } else { FixKind::Relaxable };
        self.emit_fixed(line, insn, kind, value, line.span_of(operand))?;
        if !near {
            let section = self.section();
            let fixup = section.fixups.len() as u32 - 1;
            section.push_point(PointKind::Branch { fixup }, 4);
        }
        Ok(())
    }

    /// Whether the target lies before this place and near, whatever becomes of the parts between.
    fn surely_near(&self, value: Value) -> bool {
        let Value::Symbol(symbol, addend) = value else { return false };
        let symbol = &self.symbols[symbol.0 as usize];
        let Meaning::Label(at) = symbol.meaning else { return false };
        let section = &self.sections[self.current.0 as usize];
        if at.section != self.current || symbol.is_weak() || !(0..=1024).contains(&addend) {
            return false;
        }
        let worst = |points: &[Point]| points.last().map_or(0, |p| p.worst);
        let grown = worst(&section.points).saturating_sub(worst(&section.points[..at.point as usize]));
        (section.len - at.offset).saturating_add(grown) <= 2048
    }

    fn jump_register(
        &mut self,
        line: &Line<'_>,
        tokens: &[Token],
        operands: &[&[Token]],
    ) -> Result<(), Reported> {
        let count = self.count(line, tokens, operands, 1..=3)?;
        let head = tokens[0];
        let insn = Insn::new(Op::Jalr);
        if count == 1 {
            return self.through(line, head, Insn { rd: Reg::RA, ..insn }, operands[0]);
        }
        let rd = self.register(line, head, operands[0])?;
        if let ([[first, ..]], true) = (&operands[1..], count == 2)
            && matches!(first.kind, Kind::Number | Kind::Minus)
            && self.base(line, operands[1]).is_none()
        {
            return self.immediate(line, Insn { rd: Reg::RA, rs1: rd, ..insn }, operands[1]);
        }
        if count == 2 {
            return self.through(line, head, Insn { rd, ..insn }, operands[1]);
        }
        let rs1 = self.register(line, head, operands[1])?;
        self.immediate(line, Insn { rd, rs1, ..insn }, operands[2])
    }

    /// `jalr` through `rs` or `imm(rs)`.
    pub(crate) fn through(
        &mut self,
        line: &Line<'_>,
        head: Token,
        insn: Insn,
        operand: &[Token],
    ) -> Result<(), Reported> {
        if let Some((offset, rs1)) = self.base(line, operand) {
            return self.immediate(line, Insn { rs1, ..insn }, offset);
        }
        let rs1 = self.register(line, head, operand)?;
        self.emit(line, Insn { rs1, ..insn })
    }

    fn fence(
        &mut self,
        line: &Line<'_>,
        tokens: &[Token],
        operands: &[&[Token]],
        op: Op,
    ) -> Result<(), Reported> {
        let most = if op == Op::FenceI { 0 } else { 2 };
        let count = self.count(line, tokens, operands, 0..=most)?;
        if op == Op::FenceI {
            return self.emit(line, Insn::new(op));
        }
        let mut sets = [0xf, 0xf];
        if count == 1 {
            return self.count(line, tokens, operands, 2..=2).map(|_| ());
        }
        for i in 0..count {
            sets[i] = self.fence_set(line, operands[i])?;
        }
        self.emit(line, Insn { imm: sets[0] << 4 | sets[1], ..Insn::new(op) })
    }

    fn fence_set(&mut self, line: &Line<'_>, operand: &[Token]) -> Result<i32, Reported> {
        let text = if let [token] = operand { line.of(*token) } else { "" };
        let mut set = 0;
        let mut rest = text;
        for (letter, bit) in [('i', 8), ('o', 4), ('r', 2), ('w', 1)] {
            if let Some(after) = rest.strip_prefix(letter) {
                rest = after;
                set |= bit;
            }
        }
        if text == "0" || !text.is_empty() && rest.is_empty() {
            return Ok(set);
        }
        let diagnostic = Diagnostic::new(Code::OperandKind, format!("`{text}` is no set of accesses"))
            .at(line.span_of(operand), "here")
            .help("it has some of the letters `iorw`, in this order");
        Err(self.shared.sink.report(diagnostic))
    }

    /// `auipc register`, then `insn`; both take their parts of the distance to `value`.
    pub(crate) fn auipc_pair(
        &mut self,
        line: &Line<'_>,
        register: Reg,
        insn: Insn,
        kind: FixKind,
        value: Value,
        span: Span,
    ) -> Result<(), Reported> {
        self.emit_fixed(line, Insn { rd: register, ..Insn::new(Op::Auipc) }, kind, value, span)?;
        self.emit(line, insn)
    }
}

/// The instruction that does the same with an immediate.
fn with_immediate(op: Op) -> Option<Op> {
    Some(match op {
        Op::Add => Op::Addi,
        Op::And => Op::Andi,
        Op::Or => Op::Ori,
        Op::Xor => Op::Xori,
        Op::Sll => Op::Slli,
        Op::Srl => Op::Srli,
        Op::Sra => Op::Srai,
        Op::Slt => Op::Slti,
        Op::Sltu => Op::Sltiu,
        _ => return None,
    })
}

fn looks_like_name(operand: &[Token]) -> bool {
    matches!(operand, [token] if token.kind == Kind::Word)
}

/// A number as people want to see it.
pub(crate) fn number(value: i64) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let magnitude = value.unsigned_abs();
    if magnitude < 10_000 { value.to_string() } else { format!("{value} ({sign}{magnitude:#x})") }
}
