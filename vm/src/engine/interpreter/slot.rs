//! Slots: instructions decoded once, alone or with the one behind them.

use pg32_isa::{Insn, Op, Reg};
use std::cell::Cell;

/// What the interpreter executes at a word of storage: an instruction, or a pair of them.
///
/// Each field is a cell of its own: an arm of the interpreter then loads what it needs, and no more.
#[derive(Clone, Debug, Default)]
#[repr(C)]
pub(super) struct Slot {
    /// Which arm of the interpreter; one of [`EMPTY`], [`STEP`], [`ENTER`], [`FETCHED`], [`single`] and [`pair`].
    pub(super) code: Cell<u16>,
    /// Register fields of the first instruction, then of the second; `rd` is never 0 (see [`NOWHERE`]).
    pub(super) rd: Cell<u8>,
    pub(super) rs1: Cell<u8>,
    pub(super) rs2: Cell<u8>,
    pub(super) rd_b: Cell<u8>,
    pub(super) rs1_b: Cell<u8>,
    pub(super) rs2_b: Cell<u8>,
    /// The immediate; of branches and jumps, the distance of the target from this slot in words.
    pub(super) imm: Cell<i32>,
    pub(super) imm_b: Cell<i32>,
}

/// The register that writes to `x0` go to; nothing reads it.
pub(super) const NOWHERE: u8 = 32;

/// Nothing decoded: what zeroed memory says.
pub(super) const EMPTY: u16 = 0;
/// An instruction, or a word that is none, which the definition executes.
pub(super) const STEP: u16 = 1;
/// Something that the tier above executes; the immediate is its name for it.
pub(super) const ENTER: u16 = 2;
/// An instruction that the definition executes, but need not fetch again: see [`Slot::fetched`].
pub(super) const FETCHED: u16 = 3;
/// Codes of pairs begin here; those of single instructions lie below.
const PAIRS: u16 = 64;

/// Hands the interpreter's instructions to the macro `$with`: `single` ones, and pairs that share a slot.
/// Each is a mnemonic, its `Op`, the kind that says how operands are fetched and results stored, and the
/// function in [`crate::alu`] that computes.
macro_rules! instructions {
    ($with:ident) => {
        instructions! { @pairs $with
            (addi Addi imm add) (slli Slli imm sll) (srli Srli imm srl) (srai Srai imm sra)
            (andi Andi imm and) (xori Xori imm xor) (lui Lui upper lui)
            (add Add reg add) (sub Sub reg sub) (and And reg and) (or Or reg or) (xor Xor reg xor)
            (sltu Sltu reg sltu) (mul Mul reg mul)
            (lw Lw load lw) (lbu Lbu load lbu) (lhu Lhu load lhu) (sw Sw store4 sw) (sb Sb store1 sb)
            (beq Beq branch eq) (bne Bne branch ne) (blt Blt branch lt) (bge Bge branch ge)
            (bltu Bltu branch ltu) (bgeu Bgeu branch geu)
        }
    };
    (@pairs $with:ident $($first:tt)*) => {
        $with! {
            single
            (addi Addi imm add) (slti Slti imm slt) (sltiu Sltiu imm sltu) (xori Xori imm xor) (ori Ori imm or)
            (andi Andi imm and) (slli Slli imm sll) (srli Srli imm srl) (srai Srai imm sra)
            (lui Lui upper lui) (auipc Auipc pc_upper auipc)
            (add Add reg add) (sub Sub reg sub) (sll Sll reg sll) (slt Slt reg slt) (sltu Sltu reg sltu)
            (xor Xor reg xor) (srl Srl reg srl) (sra Sra reg sra) (or Or reg or) (and And reg and)
            (mul Mul reg mul) (mulh Mulh reg mulh) (mulhsu Mulhsu reg mulhsu) (mulhu Mulhu reg mulhu)
            (div Div reg div) (divu Divu reg divu) (rem Rem reg rem) (remu Remu reg remu)
            (lb Lb load lb) (lh Lh load lh) (lw Lw load lw) (lbu Lbu load lbu) (lhu Lhu load lhu)
            (sb Sb store1 sb) (sh Sh store2 sh) (sw Sw store4 sw)
            (beq Beq branch eq) (bne Bne branch ne) (blt Blt branch lt) (bge Bge branch ge)
            (bltu Bltu branch ltu) (bgeu Bgeu branch geu)
            (jal Jal jump jal) (jalr Jalr jump_reg jalr);
            pair
            $($first [
                (addi Addi imm add) (slli Slli imm sll) (srli Srli imm srl) (srai Srai imm sra)
                (andi Andi imm and) (lui Lui upper lui)
                (add Add reg add) (sub Sub reg sub) (and And reg and) (or Or reg or) (xor Xor reg xor)
                (mul Mul reg mul)
                (lw Lw load lw) (lbu Lbu load lbu) (lhu Lhu load lhu) (lh Lh load lh)
                (sw Sw store4 sw) (sb Sb store1 sb) (sh Sh store2 sh)
                (beq Beq branch eq) (bne Bne branch ne) (blt Blt branch lt) (bge Bge branch ge)
                (bltu Bltu branch ltu) (bgeu Bgeu branch geu)
                (jal Jal jump jal) (jalr Jalr jump_reg jalr)
            ])*
        }
    };
}
pub(super) use instructions;

macro_rules! codes {
    (single $(($name:ident $op:ident $kind:ident $f:ident))*;
     pair $(($a:ident $a_op:ident $ak:ident $af:ident) [$(($b:ident $b_op:ident $bk:ident $bf:ident))*])*) => {
        /// The codes of instructions that have a slot for themselves.
        #[allow(non_upper_case_globals)]
        pub(super) mod single {
            use pg32_isa::Op;
            $(pub(in crate::engine) const $name: u16 = super::single_code(Op::$op);)*
        }

        /// The codes of pairs, by their first and second instruction.
        #[allow(non_upper_case_globals)]
        pub(super) mod pair {
            $(pub(in crate::engine) mod $a {
                use pg32_isa::Op;
                $(pub(in crate::engine) const $b: u16 = super::super::pair_code(Op::$a_op, Op::$b_op);)*
            })*
        }

        /// Whether the interpreter has an arm for `op`; the definition executes the others.
        fn is_single(op: Op) -> bool {
            matches!(op, $(Op::$op)|*)
        }

        /// Whether the interpreter has an arm for the two instructions together.
        fn is_pair(a: Op, b: Op) -> bool {
            match a {
                $(Op::$a_op => matches!(b, $(Op::$b_op)|*),)*
                _ => false,
            }
        }
    };
}
instructions!(codes);

const fn single_code(op: Op) -> u16 {
    FETCHED + 1 + op as u16
}

const fn pair_code(a: Op, b: Op) -> u16 {
    PAIRS * (1 + a as u16) + b as u16
}

/// An instruction's fields as a slot holds them.
struct Fields {
    op: Op,
    rd: u8,
    rs1: u8,
    rs2: u8,
    imm: i32,
}

impl Fields {
    /// The fields of `word`, which lies `place` words behind its slot; `None` for what is left to the
    /// definition.
    fn decode(word: u32, place: i32) -> Option<Self> {
        let Insn { op, rd, rs1, rs2, imm } = Insn::decode(word)?;
        let rd = if rd == Reg::ZERO { NOWHERE } else { rd.number() };
        let fields = Fields { op, rd, rs1: rs1.number(), rs2: rs2.number(), imm };
        match op {
            Op::Fence | Op::FenceI => Some(Fields { op: Op::Addi, rd: NOWHERE, rs1: 0, rs2: 0, imm: 0 }),
            Op::Jal | Op::Beq | Op::Bne | Op::Blt | Op::Bge | Op::Bltu | Op::Bgeu => {
                (imm % 4 == 0).then_some(Fields { imm: imm / 4 + place, ..fields })
            }
            _ => is_single(op).then_some(fields),
        }
    }
}

impl Slot {
    /// Makes this the slot for `word` with `next` behind it, as far as the two go together.
    pub(super) fn decode(&self, word: u32, next: Option<u32>) {
        let Some(a) = Fields::decode(word, 0) else {
            return self.leave(word);
        };
        self.code.set(single_code(a.op));
        self.rd.set(a.rd);
        self.rs1.set(a.rs1);
        self.rs2.set(a.rs2);
        self.imm.set(a.imm);
        if let Some(b) = next.and_then(|word| Fields::decode(word, 1))
            && is_pair(a.op, b.op)
        {
            self.code.set(pair_code(a.op, b.op));
            self.rd_b.set(b.rd);
            self.rs1_b.set(b.rs1);
            self.rs2_b.set(b.rs2);
            self.imm_b.set(b.imm);
        }
    }

    /// Leaves `word` to the definition.
    fn leave(&self, word: u32) {
        let Some(insn) = Insn::decode(word) else {
            return self.code.set(STEP);
        };
        self.code.set(FETCHED);
        self.rd.set(insn.rd.number());
        self.rs1.set(insn.rs1.number());
        self.rs2.set(insn.rs2.number());
        self.imm.set(insn.imm);
        self.imm_b.set(insn.op as i32);
    }

    /// The instruction of a slot with the code [`FETCHED`].
    #[inline]
    pub(super) fn fetched(&self) -> Insn {
        let reg = |number: &Cell<u8>| Reg::from_field(number.get().into(), 0);
        Insn {
            op: Op::ALL[self.imm_b.get() as usize],
            rd: reg(&self.rd),
            rs1: reg(&self.rs1),
            rs2: reg(&self.rs2),
            imm: self.imm.get(),
        }
    }

    /// Leads to what the tier above calls `id`.
    pub(super) fn set_entry(&self, id: u32) {
        self.code.set(ENTER);
        self.imm.set(id as i32);
    }

    /// What the tier above calls that which this leads to.
    pub(super) fn entry(&self) -> u32 {
        self.imm.get() as u32
    }

    /// Whether this leads to the tier above.
    pub(super) fn is_any_entry(&self) -> bool {
        self.code.get() == ENTER
    }

    /// Whether this leads to what the tier above calls `id`.
    pub(super) fn is_entry(&self, id: u32) -> bool {
        self.code.get() == ENTER && self.entry() == id
    }

    /// Whether anything is decoded.
    pub(super) fn is_empty(&self) -> bool {
        self.code.get() == EMPTY
    }

    /// Whether this slot stands for the word behind it, too.
    pub(super) fn is_pair(&self) -> bool {
        self.code.get() >= PAIRS
    }
}
