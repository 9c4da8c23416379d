//! Loops that walk through storage: copies, fills and sums with pointers that go up or down, into the code that
//! walks them, across the end of the segment, around the end of the address space; on every engine as the
//! definition says, in pieces of any length.
//!
//! `PG32_CASES=N` runs N cases instead of the default, `PG32_CASE=N` that one alone.

mod tools;

use pg32_isa::{Insn, Mode, Op, Physical, Profile, Psw};
use pg32_vm::{Console, EngineKind, Processor, State, Tally, Until};
use tools::{Random, engines, insn};

const SIZE: u32 = 16 << 10;
/// Physical address of the loops' code; the segment begins at or before it.
const CODE: u32 = 0x400;
/// Registers: pointers, the end of a loop, its counter, and what is computed with.
const POINTERS: [u8; 3] = [10, 11, 12];
const END: u8 = 13;
const COUNT: u8 = 14;
const WORK: [u8; 4] = [15, 16, 17, 18];
const HANDLER: u8 = 30;

const LOADS: [Op; 5] = [Op::Lb, Op::Lh, Op::Lw, Op::Lbu, Op::Lhu];
const STORES: [Op; 3] = [Op::Sb, Op::Sh, Op::Sw];

/// A branch over a few instructions that only compute, most often: a minimum, an absolute value, a pointer that moves
/// or does not.
fn choice(r: &mut Random) -> Vec<Insn> {
    let mut skipped: Vec<Insn> = (0..1 + r.below(4))
        .map(|_| {
            let (a, b) = (r.pick(&WORK), r.pick(&WORK));
            let pointer = r.pick(&POINTERS);
            match r.below(8) {
                0 => insn(Op::Addi, a, b, 0, 0),
                1 => insn(Op::Sub, a, 0, b, 0),
                2 => insn(Op::Addi, pointer, pointer, 0, 4),
                3 => insn(Op::Auipc, a, 0, 0, 0x1000),
                4 => insn(Op::Srli, a, b, 0, 7),
                5 => insn(Op::Mul, 0, a, b, 0),
                6 => insn(Op::Sltu, a, a, b, 0),
                _ => insn(Op::Lui, a, 0, 0, 0x5000),
            }
        })
        .collect();
    if r.chance(10) {
        skipped.push(insn(Op::Lw, r.pick(&WORK), r.pick(&POINTERS), 0, 0));
    }
    let over = 4 * (skipped.len() as i32 + 1);
    let branches = [Op::Beq, Op::Bne, Op::Blt, Op::Bge, Op::Bltu, Op::Bgeu];
    skipped.insert(0, insn(r.pick(&branches), 0, r.pick(&WORK), r.pick(&WORK), over));
    skipped
}

/// The body of a loop and its end: accesses off pointers, pointers that move, a branch back.
fn inner_loop(r: &mut Random) -> Vec<Insn> {
    let stride = r.pick(&[1, 2, 3, 4, 4, 4, 8, 12, 16, 64, 100, -1, -2, -4, -4, -8]);
    let mut code = Vec::new();
    for _ in 0..1 + r.below(6) {
        let (pointer, a, b) = (r.pick(&POINTERS), r.pick(&WORK), r.pick(&WORK));
        let offset = r.pick(&[0, 0, 0, 1, 3, 4, 8, 12, -4, -3, 60, 64, 2047, -2048]);
        if r.chance(25) {
            code.extend(choice(r));
            continue;
        }
        code.push(match r.below(8) {
            0 | 1 => insn(r.pick(&LOADS), a, pointer, 0, offset),
            2..=4 => insn(r.pick(&STORES), 0, pointer, a, offset),
            5 => insn(Op::Add, a, a, b, 0),
            6 => insn(Op::Xori, a, b, 0, 0x155),
            _ => insn(Op::Addi, pointer, pointer, 0, stride),
        });
    }
    let moved = r.pick(&POINTERS);
    code.push(insn(Op::Addi, moved, moved, 0, stride));
    if r.chance(70) {
        // A second pointer, as a copy has.
        code.push(insn(Op::Addi, POINTERS[1], POINTERS[1], 0, r.pick(&[stride, stride, 4])));
    }
    let back = -4 * code.len() as i32;
    match r.below(5) {
        0 => code.push(insn(Op::Bne, 0, moved, END, back)),
        1 => code.push(insn(Op::Bltu, 0, moved, END, back)),
        2 => code.push(insn(Op::Bgeu, 0, END, moved, back)),
        _ => {
            code.push(insn(Op::Addi, COUNT, COUNT, 0, -1));
            let counts = [insn(Op::Bne, 0, COUNT, 0, back - 4), insn(Op::Blt, 0, 0, COUNT, back - 4)];
            code.push(r.pick(&counts));
        }
    }
    code
}

/// Two loops in an endless one that sets pointers, ends and counts anew.
fn machine(r: &mut Random) -> State {
    let mut state = State::reset(SIZE, 0, Console::default());
    let base = r.pick(&[0, 0, 0x100, 0x3c4]);
    let limit = if r.chance(50) { SIZE - base } else { (CODE - base) + 0x400 + r.below(0x800) };
    let mut code = Vec::new();
    for _ in 0..2 {
        for register in POINTERS.into_iter().chain([END]) {
            // Near the code, near the end of the segment, anywhere, or around the end of the address space.
            let near = match r.below(8) {
                0 | 1 => CODE - base + r.below(0x100),
                2 => limit.wrapping_sub(r.below(0x100)),
                3 => 0_u32.wrapping_sub(r.below(64)),
                _ => r.below(limit + 8),
            };
            let near = if r.chance(70) { near & !3 } else { near };
            code.push(insn(Op::Lui, register, 0, 0, (near.wrapping_add(0x800) & 0xffff_f000) as i32));
            code.push(insn(Op::Addi, register, register, 0, (near << 20) as i32 >> 20));
        }
        let most = r.pick(&[8, 100, 700]);
        code.push(insn(Op::Addi, COUNT, 0, 0, 1 + r.below(most) as i32));
        code.extend(inner_loop(r));
    }
    code.push(insn(Op::Jal, 0, 0, 0, -4 * code.len() as i32));
    // Words of the code are stored here and there, so that what is written over code is often code.
    for (place, register) in WORK.into_iter().enumerate() {
        state.x[usize::from(register)] = code[(place * 5) % code.len()].encode();
    }
    for (at, insn) in (CODE..).step_by(4).zip(&code) {
        state.write(Physical(at), &insn.encode().to_le_bytes());
    }
    for at in (CODE + 0x400..SIZE - 4).step_by(4) {
        state.write(Physical(at), &code[r.below(code.len() as u32) as usize].encode().to_le_bytes());
    }
    // Goes on behind what trapped, if it was data; begins anew where the code was spoilt.
    let handler = [
        insn(Op::Lw, HANDLER, 0, 0, 12),
        insn(Op::Addi, HANDLER, HANDLER, 0, 4),
        insn(Op::Sw, 0, 0, HANDLER, 12),
        insn(Op::Lpsw, 0, 0, 0, 0),
    ];
    for (at, insn) in (0x80..).step_by(4).zip(handler) {
        state.write(Physical(at), &insn.encode().to_le_bytes());
    }
    state.write(Physical(0x20), &Psw::reset(SIZE, 0x80).to_bytes());
    let mode = r.pick(&[Mode::Supervisor, Mode::User]);
    let timer = r.pick(&[0, 0, 0, 1000, 77]);
    state.psw = Psw { mode, base, limit, pc: CODE - base, timer };
    state
}

/// Runs case `number` on every engine. What they had translated by the end.
fn case(number: u64) -> u64 {
    let mut r = Random(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let start = machine(&mut r);
    let profile = Profile::pg();
    let pieces: Vec<u64> = (0..if cfg!(miri) { 3 } else { 30 })
        .map(|_| match r.below(5) {
            0 => u64::from(r.below(8)),
            1 => u64::from(r.below(100)),
            _ => u64::from(r.below(if cfg!(miri) { 30 } else { 3000 })),
        })
        .collect();
    let mut reference = EngineKind::Reference.engine();
    let (mut a, mut tally) = (start.clone(), Tally::default());
    let run = |&steps: &u64| {
        let pause = reference.run(&mut a, &profile, Until::Steps(steps), &mut tally);
        (pause, tally, a.clone())
    };
    let expected: Vec<_> = pieces.iter().map(run).collect();
    let mut translations = 0;
    for (name, mut engine) in engines() {
        let (mut b, mut tally) = (start.clone(), Tally::default());
        for (piece, (steps, (pause, count, a))) in pieces.iter().zip(&expected).enumerate() {
            let other = engine.run(&mut b, &profile, Until::Steps(*steps), &mut tally);
            let place = format!("{name}, case {number}, piece {piece}: {:x?} and {:x?}", a.psw, b.psw);
            assert_eq!((*pause, *count), (other, tally), "{place}");
            assert_eq!(a.x, b.x, "{place}");
            assert!(*a == b, "{place}");
        }
        translations += engine.stats().translations;
    }
    translations
}

#[test]
fn loops_through_storage() {
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse().ok());
    match number("PG32_CASE") {
        Some(number) => drop(case(number)),
        None => {
            let cases = number("PG32_CASES").unwrap_or(300);
            let translations: u64 = (0..cases).map(case).sum();
            println!("{translations} translations in {cases} cases");
        }
    }
}
