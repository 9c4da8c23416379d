//! The interpreter's loop: instructions that need neither privilege nor the PSW, until something else comes.

use super::cache::{Cache, Window, mark_index};
use super::course::{Course, Stop};
use super::slot::{Code, Fetched, Slot, instructions};
use crate::alu;
use pg32_isa::Physical;
use std::cell::Cell;

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

/// The most instructions that one burst may retire: with an index, they must fit 32 bits.
pub(in crate::engine) const LONGEST: u64 = 1 << 30;

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
fn decode(segment: &[u8], base: u32, cache: &Cache, window: Window<'_>, index: u32) {
    let address = window.address(index);
    let word = |address| load::<4>(segment, address).map(u32::from_le_bytes);
    let slots = window.slots.get(index as usize..).unwrap_or_default();
    if let ([slot, next, beyond @ ..], Some(first)) = (slots, word(address)) {
        // The last slot need not be that of the word behind.
        let second = word(address + 4).filter(|_| !beyond.is_empty());
        slot.decode(first, second.map(|word| (word, next)));
        cache.mark(base + address, slot.is_pair());
    }
}

/// Retires instructions of `course`, and lets the definition take the steps in between, until something stops it.
///
/// `index` is the word at hand in the window; `stop`, the index at which the budget would run out if no jump came in
/// between. `run` ends with the last instruction that either the budget or the window allows, which is only
/// executed as the second of a pair. So one comparison per slot, which selects the edge instead, is the fetch check and
/// the budget's, and a pair need not ask again. A jump moves both; they may wrap below zero, where no slot is. That
/// `index` has 32 bits tells the compiler that the end of a pair does not wrap.
///
/// `edge` is [`Slot::edge`]. It lies in a cell, so that the compiler knows neither what it is (it would make of it a
/// jump in every arm) nor that it stays (it would keep it in a register, and then select it without a jump: whatever
/// comes next would wait for the budget).
#[allow(unreachable_code)] // Behind instructions that always jump.
#[inline(never)] // Its host registers must not depend on who calls.
pub(super) fn burst(course: &mut Course<'_>, edge: &Cell<&[Slot; 2]>) -> Stop {
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
                let mut index = (pc - window.start) / 4;
                let mut stop = index as usize + left as usize;
                let mut run = window.before(stop);
                if index as usize + 1 >= run.len() {
                    break 'burst (pc, left, Exit::Step);
                }
                loop {
                    let at = index as usize;
                    let edge = edge.get();
                    let pair = run.get(at..at + 2).and_then(|pair| pair.try_into().ok());
                    let [slot, next] = pair.unwrap_or(edge);

                    /// Leaves with `$retired` instructions of this slot done.
                    macro_rules! leave {
                        ($retired:expr, $exit:expr) => {{
                            let index = index.wrapping_add($retired);
                            let pc = window.address(index);
                            break 'burst (pc, (stop as u32).wrapping_sub(index).into(), $exit);
                        }};
                    }
                    macro_rules! step {
                        ($retired:expr) => {
                            leave!($retired, Exit::Step)
                        };
                    }
                    /// Goes on `$distance` words behind an instruction of this slot, before which `$done` are done.
                    macro_rules! go {
                        ($distance:expr, $done:expr) => {{
                            let distance: i32 = $distance;
                            index = index.wrapping_add_signed(distance).wrapping_add($done + 1);
                            stop = stop.wrapping_add_signed(distance as isize);
                            run = window.before(stop);
                            continue;
                        }};
                    }
                    macro_rules! x {
                        ($field:expr) => {
                            registers[$field as usize]
                        };
                    }
                    /// Executes the instruction whose fields `$slot` holds, behind `$done` others of the arm.
                    macro_rules! exec {
                    (imm $f:ident $done:literal $slot:ident) => {
                        x!($slot.rd()) = alu::$f(x!($slot.rs1()), $slot.imm() as u32)
                    };
                    (reg $f:ident $done:literal $slot:ident) => {
                        x!($slot.rd()) = alu::$f(x!($slot.rs1()), x!($slot.rs2()))
                    };
                    (upper $f:ident $done:literal $slot:ident) => {
                        x!($slot.rd()) = $slot.imm() as u32
                    };
                    (pc_upper $f:ident $done:literal $slot:ident) => {
                        x!($slot.rd()) = window.address(index).wrapping_add_signed($slot.imm())
                    };
                    (load $f:ident $done:literal $slot:ident) => {
                        match load(segment, x!($slot.rs1()).wrapping_add_signed($slot.imm())) {
                            Some(bytes) => x!($slot.rd()) = alu::$f(bytes),
                            None => step!($done),
                        }
                    };
                    (store1 $f:ident $($operands:tt)*) => { exec!(store 1 $($operands)*) };
                    (store2 $f:ident $($operands:tt)*) => { exec!(store 2 $($operands)*) };
                    (store4 $f:ident $($operands:tt)*) => { exec!(store 4 $($operands)*) };
                    (store $w:literal $done:literal $slot:ident) => {{
                        let address = x!($slot.rs1()).wrapping_add_signed($slot.imm());
                        let Some(()) = store::<$w>(segment, address, x!($slot.rs2_for_rd())) else { step!($done) };
                        let at = base.wrapping_add(address);
                        if marks.get(mark_index(at)).is_none_or(|mark| mark.get() != 0) {
                            cache.invalidate(Physical(at), $w);
                            // What follows in this pair may be what was written.
                            index += $done + 1;
                            continue;
                        }
                    }};
                    (branch $f:ident $done:literal $slot:ident) => {
                        if alu::$f(x!($slot.rs1()), x!($slot.rs2_for_rd())) {
                            go!($slot.imm(), $done)
                        }
                    };
                    (jump $f:ident $done:literal $slot:ident) => {{
                        x!($slot.rd()) = window.address(index + $done + 1);
                        go!($slot.imm(), $done)
                    }};
                    (jump_reg $f:ident $done:literal $slot:ident) => {{
                        let target = x!($slot.rs1()).wrapping_add_signed($slot.imm()) & !1;
                        if target & 2 != 0 {
                            step!($done);
                        }
                        x!($slot.rd()) = window.address(index + $done + 1);
                        let to = target.wrapping_sub(window.start) / 4;
                        go!(to.wrapping_sub(index + $done + 1) as i32, $done)
                    }};
                }
                    macro_rules! arms {
                    (single $(($op:ident $kind:ident $f:ident))*;
                     pair $(($a:ident $ak:ident $af:ident) [$(($b:ident $bk:ident $bf:ident))*])*) => {
                        pastey::paste! { match slot.code.get() {
                            $(Code::$op => {
                                exec!($kind $f 0 slot);
                                index += 1;
                            })*
                            $($(Code::[<$a $b>] => {
                                exec!($ak $af 0 slot);
                                exec!($bk $bf 1 next);
                                index += 2;
                            })*)*
                            Code::Empty => decode(segment, base, cache, window, index),
                            Code::Edge => {
                                pc = window.address(index);
                                left = (stop as u32).wrapping_sub(index).into();
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
