//! The closer look at a store that may lie among marks: a function of its own that costs its callers no registers.

use super::stack::Kept;
use crate::engine::interpreter::GRANULE_BITS;
use crate::engine::jit::frame::{LIMITS, Wide, limit};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{I32, I64};
use cranelift_codegen::ir::{self, InstBuilder, MemFlagsData, Signature, Type, Value};
use cranelift_codegen::isa::{CallConv, TargetFrontendConfig};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use std::ops::Range;
use std::sync::atomic::AtomicU64;

/// What it asks for at [`Kept::WHAT`]: a store to the bytes `stored` of `length` ones, at most [`LIMITS`].
pub(super) fn pack(length: usize, stored: Range<i32>) -> u32 {
    debug_assert!(length <= LIMITS && stored.start >= 0 && stored.end as usize <= length);
    length as u32 | (stored.start as u32) << 8 | ((stored.end - stored.start) as u32) << 16
}

/// It is given nothing, returns nothing and preserves all of the host's registers, so that what calls it can keep
/// everything where it is. It finds the first address at [`Kept::PLACE`]; what it says goes to [`Kept::REFUSED`].
pub(in crate::engine::jit) fn signature() -> Signature {
    Signature::new(CallConv::PreserveAll)
}

/// Makes `function` the closer look: a store is refused if not all of the bytes lie in the segment, or if something
/// was derived from those that are stored to. It finds the host's address of what its caller keeps `at_hand`.
pub(in crate::engine::jit) fn look(
    target: TargetFrontendConfig,
    function: &mut ir::Function,
    context: &mut FunctionBuilderContext,
    at_hand: &AtomicU64,
) {
    function.signature = signature();
    let mut look = Look::begin(FunctionBuilder::new(function, context), at_hand);
    look.emit();
    look.b.seal_all_blocks();
    look.b.finalize(target);
}

struct Look<'a> {
    b: FunctionBuilder<'a>,
    /// The host's address of what its caller keeps.
    kept: Value,
    /// The host's address of the register file.
    file: Value,
}

impl<'a> Look<'a> {
    fn begin(mut b: FunctionBuilder<'a>, at_hand: &AtomicU64) -> Self {
        let top = b.create_block();
        b.switch_to_block(top);
        let at_hand = b.ins().iconst(I64, at_hand.as_ptr() as i64);
        let kept = b.ins().load(I64, MemFlagsData::trusted(), at_hand, 0);
        let file = b.ins().load(I64, MemFlagsData::trusted(), kept, Kept::FILE.offset());
        Look { b, kept, file }
    }

    fn emit(&mut self) {
        let (inside, out) = (self.b.create_block(), self.b.create_block());
        let refused = self.b.append_block_param(out, I32);
        let guest = self.kept(Kept::PLACE);
        let guest = self.b.ins().uextend(I64, guest);
        let what = self.kept(Kept::WHAT);
        let what = self.b.ins().uextend(I64, what);
        let [length, start, stored] = [0, 8, 16].map(|bits| {
            let part = self.b.ins().ushr_imm_u(what, bits);
            self.b.ins().band_imm_s(part, 0xff)
        });
        let offset = self.b.ins().ishl_imm_u(length, 2);
        let address = self.b.ins().iadd(self.file, offset);
        let limit = self.b.ins().uload32(MemFlagsData::trusted(), address, limit(0));
        let outside = self.b.ins().icmp(IntCC::UnsignedGreaterThan, guest, limit);
        let yes = self.b.ins().iconst(I32, 1);
        self.b.ins().brif(outside, out, &[yes.into()], inside, &[]);
        self.b.switch_to_block(inside);
        let hit = self.marks(guest, start, stored);
        self.b.ins().jump(out, &[hit.into()]);
        self.b.switch_to_block(out);
        self.b.ins().store(MemFlagsData::trusted(), refused, self.kept, Kept::REFUSED.offset());
        self.b.ins().return_(&[]);
    }

    /// The marks of the words that the `stored` bytes, `start` behind virtual `guest`, lie in.
    fn marks(&mut self, guest: Value, start: Value, stored: Value) -> Value {
        let skew = self.load(I64, Wide::Skew.offset());
        let skewed = self.b.ins().iadd(guest, skew);
        // From the start of the granule that the segment begins in.
        let place = self.b.ins().iadd(skewed, start);
        let beyond = self.b.ins().iadd_imm_s(stored, -1);
        let end = self.b.ins().iadd(place, beyond);
        let (row, behind) = (self.row(place), self.row(end));
        // The same row twice, if there is only one: then only its own words are asked for.
        let low = self.b.ins().band_imm_s(row, 0xffff);
        let high = self.b.ins().ishl_imm_u(behind, 16);
        let rows = self.b.ins().bor(low, high);
        let word = self.b.ins().ushr_imm_u(place, 2);
        let in_row = self.b.ins().band_imm_s(word, 15);
        let within = self.b.ins().band_imm_s(place, 3);
        let last = self.b.ins().iadd(within, beyond);
        let words = self.b.ins().ushr_imm_u(last, 2);
        let two = self.b.ins().iconst(I64, 2);
        let ahead = self.b.ins().ishl(two, words);
        let mask = self.b.ins().iadd_imm_s(ahead, -1);
        let shifted = self.b.ins().ushr(rows, in_row);
        let hit = self.b.ins().band(shifted, mask);
        self.b.ins().ireduce(I32, hit)
    }

    /// The row of marks for what lies `place` bytes behind the start of the granule that the segment begins in.
    fn row(&mut self, place: Value) -> Value {
        let row = self.b.ins().ushr_imm_u(place, i64::from(GRANULE_BITS));
        let offset = self.b.ins().ishl_imm_u(row, 2);
        let marks = self.load(I64, Wide::Marks.offset());
        let address = self.b.ins().iadd(marks, offset);
        self.b.ins().uload32(MemFlagsData::trusted(), address, 0)
    }

    fn kept(&mut self, kept: Kept) -> Value {
        self.b.ins().load(I32, MemFlagsData::trusted(), self.kept, kept.offset())
    }

    fn load(&mut self, of: Type, offset: i32) -> Value {
        self.b.ins().load(of, MemFlagsData::trusted(), self.file, offset)
    }
}
