//! All pairs of tiny instances: each part of a state ranges over a few values, and every combination is tried.
//! The timer is off: the paper's machine exactly.

use super::{ELSEWHERE, Examiner, consoles};
use crate::instruction::A1;
use crate::{Instruction, Pair, Probe};
use pg32_isa::{Mode, Physical, Psw, Reg};
use pg32_vm::Processor;

/// An instance: what every part of a state ranges over.
struct Instance {
    /// `w`, bytes.
    size: u32,
    /// `(q, k)`, bytes.
    places: &'static [(u32, u32)],
    /// Where the instruction may lie.
    code: &'static [u32],
    /// What each other word of storage may hold.
    words: &'static [u32],
    /// `b1`, bytes, where it lets the instruction be fetched.
    limits: &'static [u32],
    /// What a register that the instruction names may hold.
    registers: &'static [u32],
}

const INSTANCES: [Instance; 2] = [
    // One word beside the instruction: everything that one access can meet.
    Instance {
        size: 8,
        places: &[(8, 0), (12, 4), (16, 4)],
        code: &[0, 4],
        words: &[0, 0x8000_0005],
        limits: &[4, 6, 8, 12, u32::MAX],
        registers: &[0, 1, 4, 5, 8, u32::MAX - 3, 0x8000_0000],
    },
    // Room for a whole PSW beside the instruction, with either mode, base, limit, PC and timer in it.
    Instance {
        size: 24,
        places: &[(24, 0), (32, 4)],
        code: &[0, 20],
        words: &[0, 5],
        limits: &[24, u32::MAX],
        registers: &[0, 4],
    },
];

pub(super) fn describe() -> String {
    let sizes: Vec<String> = INSTANCES.iter().map(|i| i.size.to_string()).collect();
    format!("{} bytes of storage", sizes.join(" and "))
}

pub(super) fn pairs(instruction: &Instruction, examine: Examiner<'_>) {
    for instance in &INSTANCES {
        for &code in instance.code {
            for base in (0..=code).step_by(4) {
                let pc = code - base;
                for &limit in instance.limits.iter().filter(|limit| pc + 4 <= **limit) {
                    let psw = Psw { mode: Mode::Supervisor, base, limit, pc, timer: 0 };
                    all_storages(instance, psw, code, instruction, examine);
                }
            }
        }
    }
}

/// Every content of the words beside the instruction, counted through in the base of their number of values.
fn all_storages(instance: &Instance, psw: Psw, code: u32, instruction: &Instruction, examine: Examiner<'_>) {
    let others: Vec<u32> = (0..instance.size).step_by(4).filter(|at| *at != code).collect();
    let values = instance.words.len();
    for number in 0..values.pow(others.len() as u32) {
        let (guest, host) = consoles();
        let mut small = Probe { psw, console: guest, ..Probe::new(instance.size) };
        let mut rest = number;
        for &at in &others {
            small.write(Physical(at), &instance.words[rest % values].to_le_bytes());
            rest /= values;
        }
        for &(size, at) in instance.places {
            let mut large = Probe { console: host.clone(), ..Probe::new(size) };
            large.storage.fill(ELSEWHERE);
            let mut pair = Pair::embed(small.clone(), at, large);
            for word in instruction.forms() {
                pair.set_word(word);
                all_registers(instance, instruction, &mut pair, word, examine);
            }
        }
    }
}

fn all_registers(
    instance: &Instance,
    instruction: &Instruction,
    pair: &mut Pair,
    word: u32,
    examine: Examiner<'_>,
) {
    // A format without a second source names at most `a0`.
    let (_, _, second) = instruction.format.fields();
    let seconds = if second { instance.registers } else { &[1] };
    for &first in instance.registers {
        pair.set_register(Reg::A0, first);
        for &second in seconds {
            pair.set_register(A1, second);
            examine(pair, word);
        }
    }
}
