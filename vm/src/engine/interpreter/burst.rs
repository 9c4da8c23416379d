//! The interpreter's loop: instructions that need neither privilege nor the PSW, until something else comes.

use super::cache::{Cache, Window, mark_index};
use super::course::{Course, Stop};
use super::slot::{Code, Fetched, Slot, instructions};
use crate::alu;
use pg32_isa::Physical;

/// Why the loop ended.
#[derive(Clone, Copy, Debug)]
pub(super) enum Exit {
    /// The instructions allowed have retired.
    Budget,
    /// The next instruction is the definition's to execute: it is a system instruction, or none, or it traps.
    Step,
    /// As [`Exit::Step`], and the instruction is known.
    Fetched(Fetched),
    /// The next instruction begins what the tier above executes, and calls so.
    Enter(u32),
}

/// The most instructions that one burst may retire: indices must not wrap around.
pub(in crate::engine) const LONGEST: u64 = 1 << 40;

#[inline(always)]
fn load<const W: usize>(segment: &[u8], address: u32) -> Option<[u8; W]> {
    let address = address as usize;
    segment.get(address..address + W)?.try_into().ok()
}

#[inline(always)]
fn store<const W: usize>(segment: &mut [u8], address: u32, value: u32) -> Option<()> {
    let address = address as usize;
    segment.get_mut(address..address + W)?.copy_from_slice(&value.to_le_bytes()[..W]);
    Some(())
}

/// Decodes the slot at `index` of `window`, which lies in `segment`.
#[cold]
#[inline(never)]
fn decode(segment: &[u8], base: u32, cache: &Cache, window: Window<'_>, index: usize) {
    let address = window.address(index);
    let word = |address| load::<4>(segment, address).map(u32::from_le_bytes);
    let next = if index + 1 < window.slots.len() { word(address + 4) } else { None };
    if let (Some(slot), Some(word)) = (window.slots.get(index), word(address)) {
        slot.decode(word, next);
        cache.mark(base + address, slot.is_pair());
    }
}

/// Retires instructions of `course`, and lets the definition take the steps in between, until something stops it.
///
/// `index` is the word at hand in the window; `stop`, the index at which the budget would run out if no
/// jump came in between. `run` ends before the last instruction that either the budget or the window allows, so
/// that one comparison per slot, which selects the edge instead, is the fetch check and the budget's, and a pair
/// need not ask again. A jump by a distance `d` from its own index moves `index` by `d` and `stop` by `d - 1`.
/// Both may wrap below zero, where no slot is.
///
/// `edge` is [`Slot::edge`], where the compiler does not know it: it would make of it a jump in every arm.
#[allow(unreachable_code)] // Behind instructions that always jump.
#[inline(never)] // Its host registers must not depend on who calls.
pub(super) fn burst(course: &mut Course<'_>, edge: &Slot) -> Stop {
    loop {
        let room = course.room().min(*course.quantum);
        let (pc, left, exit) = 'burst: {
            let (mut pc, mut left) = (course.state.psw.pc, room);
            let range = course.segment();
            let base = course.state.psw.base;
            let segment = &mut course.state.storage[range];
            let registers = &mut course.state.x.words;
            let cache = &*course.cache;
            let marks = cache.marks();
            'window: loop {
                if left == 0 {
                    break 'burst (pc, left, Exit::Budget);
                }
                let Some(window) = cache.window(base, segment.len() as u32, pc) else {
                    break 'burst (pc, left, Exit::Step);
                };
                let mut index = ((pc - window.start) / 4) as usize;
                let mut stop = index + left as usize;
                let mut run = window.before(stop);
                if index >= run.len() {
                    break 'burst (pc, left, Exit::Step);
                }
                loop {
                    let slot = run.get(index).unwrap_or(edge);

                    /// Leaves with `$retired` instructions of this slot done.
                    macro_rules! leave {
                        ($retired:expr, $exit:expr) => {{
                            let index = index.wrapping_add($retired);
                            let pc = window.address(index);
                            break 'burst (pc, stop.wrapping_sub(index) as u64, $exit);
                        }};
                    }
                    macro_rules! step {
                        ($retired:expr) => {
                            leave!($retired, Exit::Step)
                        };
                    }
                    /// Goes on `$distance` words from this slot, of which `$retired` instructions are done.
                    macro_rules! go {
                        ($distance:expr, $retired:expr) => {{
                            let distance: usize = $distance;
                            index = index.wrapping_add(distance);
                            stop = stop.wrapping_add(distance).wrapping_sub($retired);
                            run = window.before(stop);
                            continue;
                        }};
                    }
                    macro_rules! x {
                        ($field:expr) => {
                            registers[$field as usize]
                        };
                    }
                    /// Executes an instruction of the slot, of which `$done` instructions are done.
                    macro_rules! exec {
                    (imm $f:ident $done:literal $rd:expr, $rs1:expr, $rs2:expr, $imm:expr) => {
                        x!($rd) = alu::$f(x!($rs1), $imm as u32)
                    };
                    (reg $f:ident $done:literal $rd:expr, $rs1:expr, $rs2:expr, $imm:expr) => {
                        x!($rd) = alu::$f(x!($rs1), x!($rs2))
                    };
                    (upper $f:ident $done:literal $rd:expr, $rs1:expr, $rs2:expr, $imm:expr) => {
                        x!($rd) = $imm as u32
                    };
                    (pc_upper $f:ident $done:literal $rd:expr, $rs1:expr, $rs2:expr, $imm:expr) => {
                        x!($rd) = window.address(index).wrapping_add_signed($imm)
                    };
                    (load $f:ident $done:literal $rd:expr, $rs1:expr, $rs2:expr, $imm:expr) => {
                        match load(segment, x!($rs1).wrapping_add_signed($imm)) {
                            Some(bytes) => x!($rd) = alu::$f(bytes),
                            None => step!($done),
                        }
                    };
                    (store1 $f:ident $($operands:tt)*) => { exec!(store 1 $($operands)*) };
                    (store2 $f:ident $($operands:tt)*) => { exec!(store 2 $($operands)*) };
                    (store4 $f:ident $($operands:tt)*) => { exec!(store 4 $($operands)*) };
                    (store $w:literal $done:literal $rd:expr, $rs1:expr, $rs2:expr, $imm:expr) => {{
                        let address = x!($rs1).wrapping_add_signed($imm);
                        let Some(()) = store::<$w>(segment, address, x!($rs2)) else { step!($done) };
                        let at = base.wrapping_add(address);
                        if marks.get(mark_index(at)).is_none_or(|mark| mark.get() != 0) {
                            cache.invalidate(Physical(at), $w);
                            // What follows in this slot may be what was written.
                            index += $done + 1;
                            continue;
                        }
                    }};
                    (branch $f:ident $done:literal $rd:expr, $rs1:expr, $rs2:expr, $imm:expr) => {
                        if alu::$f(x!($rs1), x!($rs2)) {
                            go!($imm as isize as usize, $done + 1)
                        }
                    };
                    (jump $f:ident $done:literal $rd:expr, $rs1:expr, $rs2:expr, $imm:expr) => {{
                        x!($rd) = window.address(index + $done + 1);
                        go!($imm as isize as usize, $done + 1)
                    }};
                    (jump_reg $f:ident $done:literal $rd:expr, $rs1:expr, $rs2:expr, $imm:expr) => {{
                        let target = x!($rs1).wrapping_add_signed($imm) & !1;
                        if target & 2 != 0 {
                            step!($done);
                        }
                        x!($rd) = window.address(index + $done + 1);
                        let to = (target.wrapping_sub(window.start) / 4) as usize;
                        go!(to.wrapping_sub(index), $done + 1)
                    }};
                }
                    macro_rules! arms {
                    (single $(($op:ident $kind:ident $f:ident))*;
                     pair $(($a:ident $ak:ident $af:ident) [$(($b:ident $bk:ident $bf:ident))*])*) => {
                        pastey::paste! { match slot.code.get() {
                            $(Code::$op => {
                                exec!($kind $f 0 slot.rd.get(), slot.rs1.get(), slot.rs2.get(), slot.imm.get());
                                index += 1;
                            })*
                            $($(Code::[<$a $b>] => {
                                exec!($ak $af 0 slot.rd.get(), slot.rs1.get(), slot.rs2.get(), slot.imm.get());
                                exec!($bk $bf 1 slot.rd_b.get(), slot.rs1_b.get(), slot.rs2_b.get(), slot.imm_b.get());
                                index += 2;
                            })*)*
                            Code::Empty => decode(segment, base, cache, window, index),
                            Code::Edge => {
                                pc = window.address(index);
                                left = stop.wrapping_sub(index) as u64;
                                continue 'window;
                            }
                            Code::Step => step!(0),
                            Code::Enter => leave!(0, Exit::Enter(slot.entry())),
                            Code::Fetched => leave!(0, Exit::Fetched(slot.fetched())),
                        } }
                    };
                }
                    instructions!(arms);
                }
            }
        };
        *course.quantum -= room - left;
        if let Some(stop) = course.arrive(pc, room - left, exit) {
            return stop;
        }
    }
}
