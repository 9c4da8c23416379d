//! What a translation keeps on the host's stack, where no register is needed to find it: the guest registers that it
//! names, as far as they are no variables, and what it asks for often. They are fetched from the register file where it
//! is entered, and go back there where it is left.

use super::Emitter;
use super::scopes::{Regs, Scopes, named};
use crate::engine::jit::frame::{Narrow, Wide, slot};
use crate::engine::jit::region::Region;
use cranelift_codegen::ir::types::{I32, I64};
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, StackSlotData, StackSlotKind, Type, Value};
use pg32_isa::Reg;

/// A place on the stack: its distance from the start of the slot, bytes.
#[derive(Clone, Copy)]
pub(super) struct Kept(i32);

impl Kept {
    /// The virtual machine's `B`.
    pub(super) const BASE: Kept = Kept(4 * 32);
    /// The host's address of the register file.
    const FILE: Kept = Kept(4 * 34);
    /// The host's address of the segment.
    pub(super) const SEGMENT: Kept = Kept(4 * 36);
    const SIZE: u32 = 4 * 38;

    pub(super) fn register(reg: Reg) -> Kept {
        Kept(4 * reg.index() as i32)
    }
}

/// All that a translation keeps there.
pub(super) fn slot_data() -> StackSlotData {
    StackSlotData::new(StackSlotKind::ExplicitSlot, Kept::SIZE, 3)
}

/// The registers that `region` names.
fn named_in(region: &Region) -> Regs {
    region.blocks.values().flat_map(named).collect()
}

/// The registers that `region` may write.
fn written_in(region: &Region) -> Regs {
    let insns = region.blocks.values().flat_map(|block| &block.insns);
    insns.map(|insn| insn.rd).filter(|&rd| rd != Reg::ZERO).collect()
}

impl Emitter<'_> {
    /// Fetches what is kept from the register file at `file`. Registers that are variables outside of all loops are
    /// such from here on.
    pub(super) fn fetch(&mut self, file: Value) {
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

    /// The way out: all that leave come here, with the PC, what is left, and what is kept up to date.
    pub(super) fn put_back(&mut self) {
        self.b.switch_to_block(self.out);
        let (pc, left) = (self.b.block_params(self.out)[0], self.b.block_params(self.out)[1]);
        let file = self.file();
        for reg in written_in(self.region).iter() {
            let value = self.kept(I32, Kept::register(reg));
            self.b.ins().store(MemFlagsData::trusted(), value, file, slot(reg));
        }
        self.b.ins().store(MemFlagsData::trusted(), pc, file, Narrow::Pc.offset());
        self.b.ins().store(MemFlagsData::trusted(), left, file, Wide::Left.offset());
        self.b.ins().return_(&[]);
    }

    pub(super) fn kept(&mut self, of: Type, Kept(offset): Kept) -> Value {
        self.b.ins().stack_load(I64, of, self.slot, offset)
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
