//! Random pairs at full width, drawn towards the boundaries: sizes, edges of segment, window and storage, and
//! whatever an address must be to meet them.

use super::Examiner;
use crate::{Instruction, Pair, Probe};
use pg32_isa::{Mode, Physical, Psw, Reg};
use pg32_vm::{Console, Processor};
use std::sync::Arc;

/// `w` at least and at most, bytes: from the least that a machine may have.
const SIZES: (u32, u32) = (128, 384);
/// Bytes around the window, at most.
const AROUND: u32 = 256;

pub(super) fn pairs(instruction: &Instruction, seed: u64, count: u32, examine: Examiner<'_>) {
    // Each instruction draws its own numbers, so that adding one leaves the others' as they are.
    let name = instruction.name.bytes().fold(seed, |s, byte| Random(s ^ u64::from(byte)).next());
    let mut random = Random(name);
    for _ in 0..count {
        let (mut pair, code) = machines(&mut random);
        let word = instruction.bits | random.word() & !instruction.format.mask();
        registers(&mut random, instruction, word, &mut pair);
        pair.set_word(word);
        debug_assert_eq!(pair.small.read_word(Physical(code)), word);
        examine(&pair, word);
    }
}

/// A machine, one that embeds it, and where the instruction will lie.
fn machines(random: &mut Random) -> (Pair, u32) {
    let size = random.multiple_of_4(SIZES.0, SIZES.1);
    let anywhere = random.multiple_of_4(0, size - 8);
    let base = random.pick(&[0, 0, 4, anywhere]);
    let code = random.multiple_of_4(base, size - 4);
    let pc = code - base;
    let room = size - base;
    let inside = pc + 4 + random.below(room - pc);
    let limit = random.pick(&[room, size, u32::MAX, room + 4, pc + 4, pc + 5, inside, 0x8000_0000]);
    let long = random.word();
    let timer = random.pick(&[0, 0, 0, 1, 2, long]);
    let slice = if timer == 0 { random.pick(&[0, 0, 1, 9]) } else { random.pick(&[1, timer, timer.min(9)]) };
    let mut small = Probe { console: console(random), ..Probe::new(size) };
    small.psw = Psw { mode: Mode::Supervisor, base, limit, pc, timer };
    random.fill(&mut small.storage);
    let around = random.multiple_of_4(0, AROUND);
    let anywhere = random.multiple_of_4(0, around);
    let at = random.pick(&[0, around, anywhere]);
    let mut large = Probe { console: console(random), ..Probe::new(size + around) };
    large.psw.timer = slice;
    random.fill(&mut large.storage);
    (Pair::embed(small, at, large), code)
}

fn console(random: &mut Random) -> Console {
    let length = random.below(4) as usize;
    let tape: Vec<u8> = (0..length).map(|_| random.word() as u8).collect();
    Console::new(Arc::from(tape))
}

/// Gives every register a value near a boundary, and the first source one that leads an access to it.
fn registers(random: &mut Random, instruction: &Instruction, word: u32, pair: &mut Pair) {
    let (s1, s2) = (&pair.small, &pair.large);
    let edges = [
        0,
        1,
        u32::MAX,
        0x8000_0000,
        s1.psw.base,
        s1.psw.limit,
        s2.psw.base,
        s2.psw.limit,
        s1.storage_size(),
        s2.storage_size(),
        s1.psw.pc,
        pair.at,
    ];
    let near = |random: &mut Random| {
        let (edge, short) = (random.pick(&edges), random.below(64));
        edge.wrapping_sub(random.pick(&[0, 0, 1, 4, 20, short]))
    };
    for reg in Reg::all() {
        let value = if random.below(4) == 0 { random.word() } else { near(random) };
        pair.set_register(reg, value);
    }
    if random.below(2) == 0 {
        let operands = instruction.operands(word);
        let target = near(random);
        pair.set_register(operands.rs1, target.wrapping_add_signed(operands.imm.wrapping_neg()));
    }
}

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): enough for drawing states, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn word(&mut self) -> u32 {
        self.next() as u32
    }

    /// Below `bound`, which is not 0.
    fn below(&mut self, bound: u32) -> u32 {
        (self.next() % u64::from(bound)) as u32
    }

    /// A multiple of 4 in `low..=high`, both multiples of 4.
    fn multiple_of_4(&mut self, low: u32, high: u32) -> u32 {
        low + 4 * self.below((high - low) / 4 + 1)
    }

    fn pick(&mut self, from: &[u32]) -> u32 {
        from[self.below(from.len() as u32) as usize]
    }

    /// Zeros, or anything.
    fn fill(&mut self, storage: &mut [u8]) {
        if self.below(4) == 0 {
            return;
        }
        for chunk in storage.chunks_mut(8) {
            let bytes = self.next().to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
    }
}
