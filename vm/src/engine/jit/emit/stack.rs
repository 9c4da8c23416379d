//! What a translation keeps on the host's stack, where no register is needed to find it: the guest registers that it
//! names, as far as they are no variables, and what it asks for often. They are fetched from the register file where it
//! is entered, and go back there where it is left.

use super::Emitter;
use super::scopes::{Regs, Scopes, named, written};
use crate::engine::jit::frame::{Narrow, Wide, slot};
use crate::engine::jit::region::Region;
use cranelift_codegen::ir::types::{I32, I64};
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, StackSlotData, StackSlotKind, Type, Value};
use pg32_isa::Reg;
use std::sync::atomic::AtomicU64;

/// A place on the stack: its distance from the start of the slot, bytes.
#[derive(Clone, Copy)]
pub(super) struct Kept(i32);

impl Kept {
    /// `B`.
    pub(super) const BASE: Kept = Kept::behind_registers(0);
    /// The number of the exit.
    pub(super) const EXIT: Kept = Kept::behind_registers(1);
    /// Instructions that might still retire, but for those that the exit knows of.
    pub(super) const LEFT: Kept = Kept::behind_registers(2);
    /// The host's address of the register file.
    pub(super) const FILE: Kept = Kept::behind_registers(4);
    /// The host's address of the segment.
    pub(super) const SEGMENT: Kept = Kept::behind_registers(6);
    /// The virtual address of a store that is looked at more closely.
    pub(super) const PLACE: Kept = Kept::behind_registers(8);
    /// Which bytes behind it: see [`super::marks::pack`].
    pub(super) const WHAT: Kept = Kept::behind_registers(9);
    /// Other than 0 if it must not happen in translated code.
    pub(super) const REFUSED: Kept = Kept::behind_registers(10);
    const END: Kept = Kept::behind_registers(12);

    /// The word number `word` behind those of the registers.
    const fn behind_registers(word: i32) -> Self {
        Kept(4 * (32 + word))
    }

    pub(super) fn register(reg: Reg) -> Self {
        Kept(4 * reg.index() as i32)
    }

    pub(super) fn offset(self) -> i32 {
        self.0
    }
}

/// All that a translation keeps there.
pub(super) fn slot_data() -> StackSlotData {
    StackSlotData::new(StackSlotKind::ExplicitSlot, Kept::END.0 as u32, 3)
}

/// The registers that `region` names.
fn named_in(region: &Region) -> Regs {
    region.blocks.values().flat_map(named).collect()
}

/// The registers that `region` may write.
fn written_in(region: &Region) -> Regs {
    region.blocks.values().fold(Regs::default(), |regs, block| regs | written(&block.insns))
}

impl Emitter<'_> {
    /// Fetches what is kept from the register file at `file`, and says where it is `at_hand`. Registers that are
    /// variables outside of all loops are such from here on.
    pub(super) fn fetch(&mut self, file: Value, at_hand: &AtomicU64) {
        let here = self.b.ins().stack_addr(I64, self.slot, 0);
        let at_hand = self.b.ins().iconst(I64, at_hand.as_ptr() as i64);
        self.b.ins().store(MemFlagsData::trusted(), here, at_hand, 0);
        self.keep(file, Kept::FILE);
        for (of, offset, kept) in
            [(I32, Narrow::Base.offset(), Kept::BASE), (I64, Wide::Segment.offset(), Kept::SEGMENT)]
        {
            let value = self.b.ins().load(of, MemFlagsData::trusted(), file, offset);
            self.keep(value, kept);
        }
        let left = self.b.ins().load(I64, MemFlagsData::trusted(), file, Wide::Left.offset());
        self.b.def_var(self.left, left);
        let variables = self.scopes.scope(Scopes::OUTSIDE).variables;
        for reg in named_in(self.region).iter() {
            let value = self.b.ins().load(I32, MemFlagsData::trusted(), file, slot(reg));
            self.keep(value, Kept::register(reg));
            if variables.has(reg) {
                self.b.def_var(self.x[reg.index()], value);
            }
        }
    }

    /// The way out: puts back what is kept.
    pub(super) fn put_back(&mut self) {
        self.b.switch_to_block(self.out);
        let file = self.file();
        for reg in written_in(self.region).iter() {
            let value = self.kept(I32, Kept::register(reg));
            self.b.ins().store(MemFlagsData::trusted(), value, file, slot(reg));
        }
        let exit = self.kept(I32, Kept::EXIT);
        self.b.ins().store(MemFlagsData::trusted(), exit, file, Narrow::Exit.offset());
        let left = self.kept(I64, Kept::LEFT);
        self.b.ins().store(MemFlagsData::trusted(), left, file, Wide::Left.offset());
        self.b.ins().return_(&[]);
    }

    pub(super) fn kept(&mut self, of: Type, Kept(offset): Kept) -> Value {
        if of == I64 {
            return self.b.ins().stack_load(I64, I64, self.slot, offset);
        }
        // Not a plain load: of that the compiler would make an operand, and compute its address first.
        let address = self.b.ins().stack_addr(I64, self.slot, offset);
        let wide = self.b.ins().uload32(MemFlagsData::trusted(), address, 0);
        self.b.ins().ireduce(I32, wide)
    }

    pub(super) fn keep(&mut self, value: Value, Kept(offset): Kept) {
        self.b.ins().stack_store(I64, value, self.slot, offset);
    }

    /// The host's address of the register file.
    fn file(&mut self) -> Value {
        self.kept(I64, Kept::FILE)
    }

    /// What lies in the room beside the register file.
    pub(super) fn load(&mut self, offset: i32) -> Value {
        let file = self.file();
        self.b.ins().load(I32, MemFlagsData::trusted(), file, offset)
    }

    pub(super) fn store(&mut self, value: Value, offset: i32) {
        let file = self.file();
        self.b.ins().store(MemFlagsData::trusted(), value, file, offset);
    }
}
