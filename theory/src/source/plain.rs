//! Pairs that read well: round numbers, little storage with anything in it, at the machine's full width.

use super::{ELSEWHERE, Examiner, consoles};
use crate::instruction::A1;
use crate::{Instruction, Pair, Probe};
use pg32_isa::{Mode, Psw, Reg};

/// `w`, bytes.
const SMALL: u32 = 0x100;
/// `q`, bytes.
const LARGE: u32 = 0x300;
/// Where the instruction lies in the virtual machine's storage.
const CODE: u32 = 0x80;

/// `(l1, b1, k, T1, T2)`: the segment fits, is cut by the clamp, begins elsewhere, is unbounded; the virtual
/// machine lies at 0; the timer is off, on, shortened by a slice, about to run out.
const PLACES: [(u32, u32, u32, u32, u32); 8] = [
    (0, SMALL, 0x100, 0, 0),
    (0x40, SMALL, 0x100, 0, 0),
    (0x40, 0xc0, 0x200, 0, 0),
    (0, u32::MAX, 0x200, 0, 0),
    (0, SMALL, 0, 0, 0),
    (0, SMALL, 0x100, 5, 5),
    (0, SMALL, 0x100, 0, 3),
    (0, SMALL, 0x100, 1, 1),
];

/// For `a0`, which addresses: slots, data, the last word and PSW, and what lies behind each machine's storage.
const ADDRESSES: [u32; 10] =
    [0, 0x40, 1, SMALL - 4, SMALL - 20, SMALL, LARGE - 4, LARGE, u32::MAX - 3, 0x8000_0000];
/// For `a1`, which is stored, set or computed with.
const VALUES: [u32; 4] = [1, 0, SMALL, u32::MAX];

pub(super) fn pairs(instruction: &Instruction, examine: Examiner<'_>) {
    for (base, limit, at, timer, slice) in PLACES {
        let (guest, host) = consoles();
        let psw = Psw { mode: Mode::Supervisor, base, limit, pc: CODE - base, timer };
        let small = Probe { psw, console: guest, ..Probe::new(SMALL) };
        let mut large = Probe { console: host, ..Probe::new(LARGE) };
        large.storage.fill(ELSEWHERE);
        large.psw.timer = slice;
        let mut pair = Pair::embed(small, at, large);
        for word in instruction.forms() {
            pair.set_word(word);
            for address in ADDRESSES {
                pair.set_register(Reg::A0, address);
                for value in VALUES {
                    pair.set_register(A1, value);
                    examine(&pair, word);
                }
            }
        }
    }
}
