//! Slots: instructions decoded once, alone or with the one behind them.

use bytemuck::Zeroable;
use pg32_isa::{Format, Insn, Op, Reg};
use std::cell::Cell;

/// What the interpreter executes at a word of storage: an instruction, or a pair of them, whose second has its fields
/// in the slot behind this one, whatever is executed there.
///
/// Each field is a cell of its own: an arm of the interpreter then loads what it needs, and no more.
#[derive(Debug, Default, Zeroable)]
#[repr(C)]
pub(super) struct Slot {
    /// Which arm of the interpreter.
    pub(super) code: Cell<Code>,
    /// `rd`, never 0 (see [`NOWHERE`]); of stores and branches, which have none, `rs2`.
    rd: Cell<u8>,
    rs1: Cell<u8>,
    /// The immediate; of branches and `jal`, how many words behind the next instruction the target lies; of what has none,
    /// `rs2`.
    imm: Cell<i32>,
}

/// The register that writes to `x0` go to; nothing reads it.
pub(super) const NOWHERE: u8 = 32;

/// Hands the interpreter's instructions to the macro `$with`: `single` ones, and pairs that share an arm.
/// Each is an `Op`, the kind that says how operands are fetched and results stored, and the
/// function in [`crate::alu`] that computes.
macro_rules! instructions {
    ($with:ident) => {
        instructions! { @pairs $with
            (Addi imm add) (Slli imm sll) (Srli imm srl) (Srai imm sra)
            (Andi imm and) (Xori imm xor) (Lui upper lui)
            (Add reg add) (Sub reg sub) (And reg and) (Or reg or) (Xor reg xor)
            (Sltu reg sltu) (Mul reg mul)
            (Lw load lw) (Lbu load lbu) (Lhu load lhu) (Sw store4 sw) (Sb store1 sb)
            (Beq branch eq) (Bne branch ne) (Blt branch lt) (Bge branch ge)
            (Bltu branch ltu) (Bgeu branch geu)
        }
    };
    (@pairs $with:ident $($first:tt)*) => {
        $with! {
            single
            (Addi imm add) (Slti imm slt) (Sltiu imm sltu) (Xori imm xor) (Ori imm or)
            (Andi imm and) (Slli imm sll) (Srli imm srl) (Srai imm sra)
            (Lui upper lui) (Auipc pc_upper auipc)
            (Add reg add) (Sub reg sub) (Sll reg sll) (Slt reg slt) (Sltu reg sltu)
            (Xor reg xor) (Srl reg srl) (Sra reg sra) (Or reg or) (And reg and)
            (Mul reg mul) (Mulh reg mulh) (Mulhsu reg mulhsu) (Mulhu reg mulhu)
            (Div reg div) (Divu reg divu) (Rem reg rem) (Remu reg remu)
            (Lb load lb) (Lh load lh) (Lw load lw) (Lbu load lbu) (Lhu load lhu)
            (Sb store1 sb) (Sh store2 sh) (Sw store4 sw)
            (Beq branch eq) (Bne branch ne) (Blt branch lt) (Bge branch ge)
            (Bltu branch ltu) (Bgeu branch geu)
            (Jal jump jal) (Jalr jump_reg jalr);
            pair
            $($first [
                (Addi imm add) (Slli imm sll) (Srli imm srl) (Srai imm sra)
                (Andi imm and) (Lui upper lui)
                (Add reg add) (Sub reg sub) (And reg and) (Or reg or) (Xor reg xor)
                (Mul reg mul)
                (Lw load lw) (Lbu load lbu) (Lhu load lhu) (Lh load lh)
                (Sw store4 sw) (Sb store1 sb) (Sh store2 sh)
                (Beq branch eq) (Bne branch ne) (Blt branch lt) (Bge branch ge)
                (Bltu branch ltu) (Bgeu branch geu)
                (Jal jump jal) (Jalr jump_reg jalr)
            ])*
        }
    };
}
pub(super) use instructions;

macro_rules! codes {
    (single $(($op:ident $kind:ident $f:ident))*;
     pair $(($a:ident $ak:ident $af:ident) [$(($b:ident $bk:ident $bf:ident))*])*) => {
        pastey::paste! {
            /// Which arm of the interpreter executes a slot.
            ///
            /// An enumeration, so that the interpreter need not ask whether there is such an arm.
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Zeroable)]
            #[repr(u16)]
            pub(super) enum Code {
                /// Nothing decoded.
                #[default]
                Empty,
                /// No slot of storage: what stands for all words behind the last that may be executed.
                Edge,
                /// An instruction, or a word that is none, which the definition executes.
                Step,
                /// Something that the tier above executes; the immediate is its name for it.
                Enter,
                /// An instruction that the definition executes, but need not fetch again: see [`Slot::fetched`].
                Fetched,
                $($op,)*
                $($([<$a $b>],)*)*
            }

            impl Code {
                /// The arm for `op`, unless it is left to the definition.
                fn single(op: Op) -> Option<Self> {
                    match op {
                        $(Op::$op => Some(Code::$op),)*
                        _ => None,
                    }
                }

                /// The arm for the two instructions together, if there is one.
                fn pair(a: Op, b: Op) -> Option<Self> {
                    match (a, b) {
                        $($((Op::$a, Op::$b) => Some(Code::[<$a $b>]),)*)*
                        _ => None,
                    }
                }

                /// Whether this is an arm for two instructions.
                fn is_pair(self) -> bool {
                    !matches!(
                        self,
                        Code::Empty | Code::Edge | Code::Step | Code::Enter | Code::Fetched $(| Code::$op)*
                    )
                }
            }
        }
    };
}
instructions!(codes);

/// An instruction's fields as a slot holds them.
struct Fields {
    op: Op,
    rd: u8,
    rs1: u8,
    imm: i32,
}

impl Fields {
    /// The fields of `word`; `None` for what is left to the definition.
    fn decode(word: u32) -> Option<Self> {
        let Insn { op, rd, rs1, rs2, imm } = Insn::decode(word)?;
        let (rs1, rs2) = (rs1.number(), rs2.number());
        let rd = if rd == Reg::ZERO { NOWHERE } else { rd.number() };
        let fields = |rd, imm| Some(Fields { op, rd, rs1, imm });
        match op.format() {
            Format::Fence => Some(Fields { op: Op::Addi, rd: NOWHERE, rs1: 0, imm: 0 }),
            Format::RegReg => fields(rd, rs2.into()),
            Format::Store => fields(rs2, imm),
            Format::Branch | Format::Jump if imm % 4 != 0 => None,
            Format::Branch => fields(rs2, imm / 4 - 1),
            Format::Jump => fields(rd, imm / 4 - 1),
            _ => fields(rd, imm),
        }
    }
}

/// An instruction that has been fetched, as a slot holds it: quickly handed on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fetched {
    rd: u8,
    rs1: u8,
    /// `rs2` and the number of the `Op`, a byte each, and the immediate.
    rest: i32,
}

impl Fetched {
    /// `insn`, if its immediate is as short as those of system instructions are.
    fn new(insn: Insn) -> Option<Self> {
        let [low, high] = i16::try_from(insn.imm).ok()?.to_le_bytes();
        let rest = i32::from_le_bytes([insn.rs2.number(), insn.op as u8, low, high]);
        Some(Fetched { rd: insn.rd.number(), rs1: insn.rs1.number(), rest })
    }

    /// The instruction.
    #[inline]
    pub(super) fn insn(self) -> Insn {
        let [rs2, op, ..] = self.rest.to_le_bytes();
        let reg = |number: u8| Reg::from_field(number.into(), 0);
        let (rd, rs1, rs2) = (reg(self.rd), reg(self.rs1), reg(rs2));
        Insn { op: Op::ALL[op as usize], rd, rs1, rs2, imm: self.rest >> 16 }
    }
}

/// What arms of the interpreter ask for. Where an operand lies is up to the instruction's format.
impl Slot {
    #[inline(always)]
    pub(super) fn rd(&self) -> u8 {
        self.rd.get()
    }

    #[inline(always)]
    pub(super) fn rs1(&self) -> u8 {
        self.rs1.get()
    }

    /// `rs2` of an instruction that has `rd`, too.
    #[inline(always)]
    pub(super) fn rs2(&self) -> u8 {
        self.imm.get() as u8
    }

    /// `rs2` of a store or a branch.
    #[inline(always)]
    pub(super) fn rs2_for_rd(&self) -> u8 {
        self.rd.get()
    }

    #[inline(always)]
    pub(super) fn imm(&self) -> i32 {
        self.imm.get()
    }

    /// The instruction of a slot with [`Code::Fetched`].
    #[inline]
    pub(super) fn fetched(&self) -> Fetched {
        Fetched { rd: self.rd.get(), rs1: self.rs1.get(), rest: self.imm.get() }
    }
}

impl Slot {
    /// What stands behind the last slot that may be executed, as the first of a pair.
    pub(super) fn edge() -> [Self; 2] {
        [Slot { code: Cell::new(Code::Edge), ..Slot::default() }, Slot::default()]
    }

    /// Makes this the slot for `word`, with `next`, the word behind it and its slot, as far as the two go together.
    pub(super) fn decode(&self, word: u32, next: Option<(u32, &Slot)>) {
        let fields = Fields::decode(word);
        let Some((a, code)) = fields.and_then(|a| Code::single(a.op).map(|code| (a, code))) else {
            return self.leave(word);
        };
        self.code.set(code);
        self.hold(a.rd, a.rs1, a.imm);
        if let Some((word, next)) = next
            && !next.is_any_entry()
            && let Some(b) = Fields::decode(word)
            && let Some(code) = Code::pair(a.op, b.op)
        {
            self.code.set(code);
            // As they are if it is decoded, and if it is not, nothing reads them.
            next.hold(b.rd, b.rs1, b.imm);
        }
    }

    fn hold(&self, rd: u8, rs1: u8, imm: i32) {
        self.rd.set(rd);
        self.rs1.set(rs1);
        self.imm.set(imm);
    }

    /// Leaves `word` to the definition.
    fn leave(&self, word: u32) {
        let Some(Fetched { rd, rs1, rest }) = Insn::decode(word).and_then(Fetched::new) else {
            return self.code.set(Code::Step);
        };
        self.code.set(Code::Fetched);
        self.hold(rd, rs1, rest);
    }

    /// Leads to what the tier above calls `id`.
    pub(super) fn set_entry(&self, id: u32) {
        self.code.set(Code::Enter);
        self.imm.set(id as i32);
    }

    /// What the tier above calls that which this leads to.
    pub(super) fn entry(&self) -> u32 {
        self.imm.get() as u32
    }

    /// Whether this leads to the tier above.
    pub(super) fn is_any_entry(&self) -> bool {
        self.code.get() == Code::Enter
    }

    /// Whether this leads to what the tier above calls `id`.
    pub(super) fn is_entry(&self, id: u32) -> bool {
        self.code.get() == Code::Enter && self.entry() == id
    }

    /// Whether anything is decoded.
    pub(super) fn is_empty(&self) -> bool {
        self.code.get() == Code::Empty
    }

    /// Whether this slot stands for the word behind it, too.
    pub(super) fn is_pair(&self) -> bool {
        self.code.get().is_pair()
    }
}
