//! Random guests and what is observed of them, shared by the tests that run them.
#![allow(dead_code, unreachable_pub)]

use pg32_isa::{Extension, Insn, Mode, Op, Physical, Psw, Reg};
use pg32_vm::{Console, Machine};
use proptest::prelude::*;
use std::sync::Arc;

/// Bytes of a random guest's storage.
pub const SIZE: u32 = 0x400;

/// A word of storage that means something more often than chance would have it.
fn word() -> impl Strategy<Value = u32> {
    let small = prop_oneof![
        4 => 0u32..SIZE + 16,
        2 => 0u32..8,
        1 => Just(u32::MAX),
        1 => SIZE - 24..SIZE + 4,
        1 => any::<u32>(),
    ];
    prop_oneof![8 => instruction(None), 5 => instruction(Some(Extension::System)), 3 => small, 1 => any::<u32>()]
}

fn instruction(extension: Option<Extension>) -> impl Strategy<Value = u32> {
    let ops: Vec<Op> =
        Op::ALL.into_iter().filter(|op| extension.is_none_or(|e| op.extension() == e)).collect();
    let reg = || prop_oneof![2 => Just(0u8), 6 => 0u8..6, 1 => 0u8..32].prop_map(Reg::new);
    let imm = prop_oneof![4 => (0i32..32).prop_map(|i| i * 4), 3 => 0i32..0x400, 1 => -64i32..64, 1 => -2048i32..2048];
    (proptest::sample::select(ops), reg(), reg(), reg(), imm).prop_map(|(op, rd, rs1, rs2, imm)| {
        let imm = if op.format() == pg32_isa::Format::Upper { imm << 12 } else { imm };
        Insn { op, rd, rs1, rs2, imm }.encode()
    })
}

#[derive(Clone, Debug)]
pub struct Case {
    pub words: Vec<u32>,
    pub new: Psw,
    pub timer: u32,
    pub input: Vec<u8>,
    pub pieces: Vec<u16>,
}

pub fn case() -> impl Strategy<Value = Case> {
    let handler = (
        any::<bool>(),
        prop_oneof![4 => Just(0u32), 1 => 0u32..SIZE],
        0u32..SIZE / 4,
        any::<bool>(),
        0u32..9,
    );
    let limit = prop_oneof![4 => Just(SIZE), 1 => 0u32..2 * SIZE, 1 => Just(u32::MAX)];
    let words = proptest::collection::vec(word(), 0..(SIZE / 4) as usize);
    let input = proptest::collection::vec(any::<u8>(), 0..4);
    let pieces = proptest::collection::vec(0u16..60, 1..5);
    (words, handler, limit, 0u32..9, input, pieces).prop_map(
        |(words, (user, base, pc, odd, t), limit, timer, input, pieces)| {
            let mode = if user { Mode::User } else { Mode::Supervisor };
            let pc = pc * 4 + u32::from(odd && pc % 16 == 0);
            let new = Psw { mode, base: base & !3, limit, pc, timer: t };
            Case { words, new, timer, input, pieces }
        },
    )
}

pub fn set_up(machine: &mut dyn Machine, case: &Case) {
    for (i, word) in case.words.iter().enumerate() {
        machine.write(Physical(4 * i as u32), &word.to_le_bytes());
    }
    machine.write(Physical(0x20), &case.new.to_bytes());
    machine.set_psw(Psw { timer: case.timer, ..Psw::reset(SIZE, 0x80) });
}

pub fn console(case: &Case) -> Console {
    Console::new(Arc::from(case.input.as_slice()))
}

/// Everything that must agree, as one comparable value.
pub fn observe(machine: &dyn Machine) -> (Vec<u8>, Vec<u32>, Psw, Vec<u8>, usize, bool, u64) {
    let mut storage = vec![0; SIZE as usize];
    machine.read(Physical(0), &mut storage);
    let registers = Reg::all().map(|r| machine.register(r)).collect();
    let console = machine.console();
    let (output, position) = (console.output().to_vec(), console.position());
    (storage, registers, machine.psw(), output, position, machine.halted(), machine.idle_traps())
}
