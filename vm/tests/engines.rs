//! Every engine takes the same steps: random machines, run in random pieces, compared whole after each.
//!
//! A case is a number; a failure prints it. `PG32_CASES=N` runs N cases per shape instead of the default,
//! `PG32_CASE=N` that one alone.

mod tools;

use pg32_isa::{BUILTIN_PROFILES, Extension, Insn, Mode, Op, Physical, Profile, Psw, Reg};
use pg32_vm::{Bare, Console, Engine, EngineKind, Machine, Pause, Processor, State, Tally, Until};
use std::sync::Arc;
use tools::Random;

/// What a random machine does most.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Shape {
    /// Any words at all.
    Noise,
    /// Any instructions, privileged ones included.
    Anything,
    /// Arithmetic, loops, calls, memory beside the code.
    Compute,
    /// Stores into the code that runs, of words that are instructions.
    SelfModifying,
    /// Traps, with handlers that return.
    Trapping,
    /// Timers of a few instructions.
    Timed,
    /// `setr`, `lpsw`, `spsw` and `retu` between segments that overlap.
    Segments,
    /// A program that goes on: nested loops, calls, valid memory, a handler that returns, now and then a
    /// store into the code.
    Loops,
}

const SHAPES: [Shape; 8] = [
    Shape::Noise,
    Shape::Anything,
    Shape::Compute,
    Shape::SelfModifying,
    Shape::Trapping,
    Shape::Timed,
    Shape::Segments,
    Shape::Loops,
];

const MEMORY: [Op; 8] = [Op::Lb, Op::Lh, Op::Lw, Op::Lbu, Op::Lhu, Op::Sb, Op::Sh, Op::Sw];
const BRANCHES: [Op; 6] = [Op::Beq, Op::Bne, Op::Blt, Op::Bge, Op::Bltu, Op::Bgeu];
const COMMON: [Op; 12] = [
    Op::Addi,
    Op::Addi,
    Op::Add,
    Op::Sub,
    Op::Slli,
    Op::Srai,
    Op::Andi,
    Op::Xor,
    Op::Lui,
    Op::Auipc,
    Op::Mul,
    Op::Sltu,
];
const TRAPS: [Op; 4] = [Op::Ecall, Op::Ebreak, Op::Halt, Op::Retu];
const SEGMENTS: [Op; 7] = [Op::Setr, Op::Lpsw, Op::Spsw, Op::Retu, Op::Setm, Op::Lwp, Op::Swp];

fn op(r: &mut Random, shape: Shape) -> Op {
    let percent = r.below(100);
    match shape {
        Shape::Noise | Shape::Anything => r.pick(&Op::ALL),
        Shape::Compute | Shape::Loops => match percent {
            0..45 => r.pick(&COMMON),
            45..60 => r.pick(&MEMORY),
            60..75 => r.pick(&BRANCHES),
            75..80 => Op::Jal,
            80..84 => Op::Jalr,
            _ => r.pick(&Op::ALL[..48]),
        },
        Shape::SelfModifying => match percent {
            0..30 => r.pick(&[Op::Sw, Op::Sw, Op::Sh, Op::Sb, Op::Swp]),
            30..60 => r.pick(&COMMON),
            60..80 => r.pick(&BRANCHES),
            80..90 => Op::Jal,
            _ => r.pick(&Op::ALL),
        },
        Shape::Trapping => match percent {
            0..20 => r.pick(&TRAPS),
            20..35 => Op::Lpsw,
            35..45 => r.pick(&Extension::System.ops().collect::<Vec<_>>()),
            45..70 => r.pick(&COMMON),
            _ => r.pick(&Op::ALL),
        },
        Shape::Timed => match percent {
            0..60 => r.pick(&COMMON),
            60..75 => r.pick(&BRANCHES),
            75..85 => Op::Lpsw,
            _ => r.pick(&Op::ALL),
        },
        Shape::Segments => match percent {
            0..35 => r.pick(&SEGMENTS),
            35..70 => r.pick(&COMMON),
            _ => r.pick(&Op::ALL),
        },
    }
}

/// A machine in an endless program: outer loop, inner loop, subroutine, handler.
fn looping(r: &mut Random) -> State {
    const DATA: Reg = Reg::new(1);
    const CODE: Reg = Reg::new(2);
    const WORD: Reg = Reg::new(3);
    const COUNT: Reg = Reg::new(4);
    const LINK: Reg = Reg::new(16);
    const TEMPORARY: Reg = Reg::new(30);
    let size = r.pick(&[8192, 65536]);
    let tape: Vec<u8> = (0..r.below(20)).map(|_| r.next() as u8).collect();
    let mut state = State::reset(size, 0, Console::new(Arc::from(tape)));
    let base = if r.chance(50) { 0 } else { 4 * r.below(300) };
    let i = |op, rd, rs1, rs2, imm| Insn { op, rd, rs1, rs2, imm };
    let zero = Reg::ZERO;
    let stores = r.pick(&[0, 1, 4, 8]);
    let body = |r: &mut Random, longest: u32| -> Vec<Insn> {
        let mut code = Vec::new();
        for _ in 0..1 + r.below(longest) {
            let [rd, rs1, rs2] = [0; 3].map(|_| Reg::new(5 + r.below(11) as u8));
            let rd = if r.chance(4) { zero } else { rd };
            match r.below(100) {
                0..50 => {
                    let op = r.pick(&Op::ALL[18..37]);
                    let imm = if op.format().immediate().is_some_and(|range| range.min < 0) { -7 } else { 5 };
                    code.push(i(op, rd, rs1, rs2, imm));
                }
                50..60 => code.push(i(r.pick(&Op::ALL[41..49]), rd, rs1, rs2, 0)),
                60..80 => code.push(i(r.pick(&MEMORY), rd, DATA, rs2, r.below(90) as i32 - 45)),
                80..90 => {
                    code.push(i(r.pick(&BRANCHES), zero, rs1, rs2, 8));
                    code.push(i(Op::Addi, rd, rs1, zero, 1));
                }
                90..92 => code.push(i(Op::Auipc, rd, zero, zero, 0x1000)),
                92..94 => code.push(i(r.pick(&[Op::Rdm, Op::Rdb, Op::In, Op::Ecall]), rd, zero, zero, 0)),
                _ if r.below(8) < stores => code.push(i(Op::Sw, zero, CODE, WORD, 4 * r.below(40) as i32)),
                _ => code.push(i(Op::Add, rd, rs1, rs2, 0)),
            }
        }
        code
    };
    let mut code = body(r, 12);
    // The word that is stored into the code says another number each time around.
    code.push(i(Op::Add, WORD, WORD, Reg::new(17), 0));
    let (inner, call) = (code.len(), code.len() + 1);
    code.push(i(Op::Addi, COUNT, zero, zero, 1 + r.below(60) as i32));
    code.push(i(Op::Jal, LINK, zero, zero, 0));
    code.extend(body(r, 12));
    code.push(i(Op::Addi, COUNT, COUNT, zero, -1));
    let back = 4 * (inner as i32 + 1 - code.len() as i32);
    code.push(i(Op::Bne, zero, COUNT, zero, back));
    code.push(i(Op::Jal, zero, zero, zero, -4 * code.len() as i32));
    code[call].imm = 4 * (code.len() - call) as i32;
    code.extend(body(r, 8));
    code.push(i(Op::Jalr, zero, LINK, zero, 0));
    for (at, insn) in (base + 0x100..).step_by(4).zip(code) {
        state.write(Physical(at), &insn.encode().to_le_bytes());
    }
    // Goes on behind what trapped, or where the timer interrupted, with a new interval.
    let timer = r.pick(&[0, 0, 7, 50, 333]);
    let handler = [
        i(Op::Lw, TEMPORARY, zero, zero, 0),
        i(Op::Srli, TEMPORARY, TEMPORARY, zero, 8),
        i(Op::Addi, TEMPORARY, TEMPORARY, zero, -7),
        i(Op::Beq, zero, TEMPORARY, zero, 16),
        i(Op::Lw, TEMPORARY, zero, zero, 12),
        i(Op::Addi, TEMPORARY, TEMPORARY, zero, 4),
        i(Op::Sw, zero, zero, TEMPORARY, 12),
        i(Op::Addi, TEMPORARY, zero, zero, timer),
        i(Op::Sw, zero, zero, TEMPORARY, 16),
        i(Op::Lpsw, zero, zero, zero, 0),
    ];
    for (at, insn) in (0x80..).step_by(4).zip(handler) {
        state.write(Physical(at), &insn.encode().to_le_bytes());
    }
    state.write(Physical(0x20), &Psw::reset(size, 0x80).to_bytes());
    for index in 5..16 {
        state.x[index] = if r.chance(30) { r.below(40) } else { r.next() as u32 };
    }
    let data = if r.chance(30) { 0x100 + 4 * r.below(80) } else { 0x800 };
    state.x[17] = 1 << 20;
    state.x[DATA.index()] = data + r.below(4);
    state.x[CODE.index()] = 0x100;
    state.x[WORD.index()] = i(Op::Addi, Reg::new(5), Reg::new(6), zero, r.below(99) as i32).encode();
    let mode = if r.chance(50) { Mode::User } else { Mode::Supervisor };
    state.psw = Psw { mode, base, limit: size - base, pc: 0x100, timer: timer as u32 };
    state
}

/// Few registers, so that values meet.
fn reg(r: &mut Random) -> Reg {
    if r.chance(5) { Reg::new(r.below(32) as u8) } else { Reg::new(r.below(9) as u8) }
}

fn instruction(r: &mut Random, shape: Shape, size: u32) -> u32 {
    if (shape == Shape::Noise && r.chance(80)) || r.chance(1) {
        return r.next() as u32;
    }
    let op = op(r, shape);
    let imm = match op.format().immediate() {
        None => 0,
        Some(range) => {
            let near = match op {
                Op::Lui | Op::Auipc => r.below(4) as i32,
                Op::Jal | Op::Beq | Op::Bne | Op::Blt | Op::Bge | Op::Bltu | Op::Bgeu => {
                    let odd = if r.chance(3) { 2 } else { 0 };
                    4 * (r.below(24) as i32 - 12) + odd
                }
                Op::Slli | Op::Srli | Op::Srai => r.below(32) as i32,
                Op::Addi if r.chance(60) => 4 * (r.below(9) as i32 - 4),
                _ if r.chance(50) => (r.below(size.min(2044)) & !3) as i32,
                _ => r.below(64) as i32 - 32,
            };
            let imm = if range.contains(i64::from(near)) { near } else { 0 };
            if matches!(op, Op::Lui | Op::Auipc) { imm << 12 } else { imm }
        }
    };
    // A halt ends the case early; most of them become something else.
    let op = if op == Op::Halt && r.chance(80) { Op::Ecall } else { op };
    Insn { op, rd: reg(r), rs1: reg(r), rs2: reg(r), imm }.encode()
}

fn psw(r: &mut Random, shape: Shape, size: u32) -> Psw {
    let base = if r.chance(60) { 0 } else { r.below(size) & !3 };
    let limit = match r.below(4) {
        0 => r.below(size + 8),
        1 => u32::MAX,
        _ => size - base,
    };
    let pc = r.below(size.min(1024)) & if r.chance(97) { !3 } else { !0 };
    let timer = match (shape, r.below(4)) {
        (Shape::Timed, _) | (_, 0) => 1 + r.below(12),
        (_, 1) => r.below(300),
        _ => 0,
    };
    let mode = if r.chance(70) { Mode::Supervisor } else { Mode::User };
    Psw { mode, base, limit, pc, timer }
}

fn state(r: &mut Random, shape: Shape) -> State {
    if shape == Shape::Loops {
        return looping(r);
    }
    let size = r.pick(&[128, 132, 256, 1024, 4096, 16384, 20000, 65536]);
    let tape: Vec<u8> = (0..r.below(20)).map(|_| r.next() as u8).collect();
    let mut console = Console::new(Arc::from(tape));
    if r.chance(30) {
        console = console.with_output_limit(u64::from(r.below(10)));
    }
    let mut state = State::reset(size, 0, console);
    let code = size.min(r.pick(&[256, 512, 1024, 4096]));
    for at in (0..code).step_by(4) {
        let word = instruction(r, shape, size);
        state.write(Physical(at), &word.to_le_bytes());
    }
    // Handlers: slot 1, and PSWs to load and return through all over the first words.
    for at in [0x20, 0x40, 0x54, 0x68].into_iter().filter(|at| at + 20 <= size) {
        let psw = psw(r, shape, size);
        state.write(Physical(at), &psw.to_bytes());
    }
    if shape == Shape::Trapping && size > 256 {
        // A handler that returns behind the instruction that trapped.
        let handler = [
            Insn { rd: Reg::new(8), imm: 12, ..Insn::new(Op::Lw) },
            Insn { rd: Reg::new(8), rs1: Reg::new(8), imm: 4, ..Insn::new(Op::Addi) },
            Insn { rs2: Reg::new(8), imm: 12, ..Insn::new(Op::Sw) },
            Insn::new(Op::Lpsw),
        ];
        for (at, insn) in (128..).step_by(4).zip(handler) {
            state.write(Physical(at), &insn.encode().to_le_bytes());
        }
        let new = Psw { timer: r.below(9), ..Psw::reset(size, 128) };
        state.write(Physical(0x20), &new.to_bytes());
    }
    for index in 1..32 {
        state.x[index] = match r.below(5) {
            0 => r.next() as u32,
            1 => instruction(r, shape, size),
            2 => r.below(size + 16),
            _ => r.below(code) & !3,
        };
    }
    state.psw = psw(r, shape, size);
    state
}

/// The longest piece, and the pieces of a case. Under Miri a call of the interpreter takes a second.
const LONGEST: u32 = if cfg!(miri) { 30 } else { 5000 };
const PIECES: u32 = if cfg!(miri) { 4 } else { 40 };

fn until(r: &mut Random) -> Until {
    let steps = match r.below(6) {
        0 => 0,
        1 => 1,
        2 => 2,
        3 => r.below(20),
        4 => r.below(200),
        _ => r.below(LONGEST),
    };
    if r.chance(50) { Until::Steps(u64::from(steps)) } else { Until::Trap { within: u64::from(steps) } }
}

/// What a monitor does to a machine between runs.
fn meddle(r: &mut Random, state: &mut State, engine: &mut dyn Engine, shape: Shape) {
    let size = state.storage_size();
    match r.below(5) {
        0 => state.psw = psw(r, shape, size),
        1 => state.x[1 + r.below(31) as usize] = r.below(size),
        2 => {
            let length = (1 + r.below(24)).min(size);
            let at = r.below((size - length).min(1024) + 1);
            let bytes: Vec<u8> = (0..length).map(|_| r.next() as u8).collect();
            state.write(Physical(at), &bytes);
            engine.storage_written(Physical(at), bytes.len());
        }
        3 => {
            let at = r.below(size.min(1024)) & !3;
            let word = instruction(r, shape, size);
            state.write(Physical(at), &word.to_le_bytes());
            engine.storage_written(Physical(at), 4);
        }
        _ => {}
    }
}

fn first_difference(a: &State, b: &State) -> String {
    if a.psw != b.psw {
        return format!("PSW {:x?} against {:x?}", a.psw, b.psw);
    }
    if let Some(i) = (0..32).find(|&i| a.x[i] != b.x[i]) {
        return format!("x{i} {:#x} against {:#x}", a.x[i], b.x[i]);
    }
    if let Some(i) = (0..a.storage.len()).find(|&i| a.storage[i] != b.storage[i]) {
        return format!("storage at {i:#x}: {:#x} against {:#x}", a.storage[i], b.storage[i]);
    }
    format!("{:?} against {:?}", a.console, b.console)
}

/// An engine under test: its name, how to make one, and its share of the cases in percent.
type Subject = (&'static str, fn() -> Box<dyn Engine>, u64);

const SUBJECTS: &[Subject] = &[
    ("fast", || EngineKind::Fast.engine(), 100),
    // Compiling takes its time.
    #[cfg(feature = "jit")]
    ("eager jit", || Box::new(pg32_vm::Jit::eager()), 20),
];

/// Runs case `number` of `shape` on an engine and on the reference, piece by piece.
/// What it had translated by the end.
fn case((name, engine, _): Subject, shape: Shape, number: u64) -> u64 {
    let mut r = Random(number.wrapping_mul(0x5851_f42d_4c95_7f2d) ^ shape as u64);
    let start = state(&mut r, shape);
    let engines = [EngineKind::Reference.engine(), engine()];
    let mut sides = engines.map(|engine| (start.clone(), engine, Tally::default()));
    let mut profile = 0;
    for piece in 0..PIECES {
        if r.chance(20) {
            profile = r.below(BUILTIN_PROFILES.len() as u32) as usize;
        }
        let profile = BUILTIN_PROFILES[profile].profile();
        let until = until(&mut r);
        let [pause, other] = sides.each_mut().map(|(state, engine, tally)| {
            if state.halted { Pause::Halted } else { engine.run(state, &profile, until, tally) }
        });
        let [(a, _, steps), (b, _, steps_b)] = &sides;
        let context = format!("{name}, {shape:?}, case {number}, piece {piece}, {until:?}");
        assert_eq!((steps, pause), (steps_b, other), "{context}: {}", first_difference(a, b));
        assert!(a == b, "{context}: {}", first_difference(a, b));
        if a.halted {
            break;
        }
        if r.chance(if shape == Shape::Loops { 4 } else { 40 }) {
            let seed = r.next();
            for (state, engine, _) in &mut sides {
                meddle(&mut Random(seed), state, engine.as_mut(), shape);
            }
        }
    }
    sides[1].1.stats().translations
}

fn number_from(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn all_cases(shape: Shape) {
    for &subject in SUBJECTS {
        match number_from("PG32_CASE") {
            Some(number) => drop(case(subject, shape, number)),
            None => {
                let cases = number_from("PG32_CASES").unwrap_or(400) * subject.2 / 100;
                let translations: u64 = (0..cases).map(|number| case(subject, shape, number)).sum();
                println!("{}: {translations} translations in {cases} cases", subject.0);
            }
        }
    }
}

#[test]
fn noise() {
    all_cases(Shape::Noise);
}

#[test]
fn anything() {
    all_cases(Shape::Anything);
}

#[test]
fn compute() {
    all_cases(Shape::Compute);
}

#[test]
fn self_modifying() {
    all_cases(Shape::SelfModifying);
}

#[test]
fn trapping() {
    all_cases(Shape::Trapping);
}

#[test]
fn timed() {
    all_cases(Shape::Timed);
}

#[test]
fn segments() {
    all_cases(Shape::Segments);
}

#[test]
fn loops() {
    all_cases(Shape::Loops);
}

/// The bare machine around the engine: forks, storms, writes from outside.
#[test]
fn bare_machines_agree() {
    for number in 0..number_from("PG32_CASES").unwrap_or(300) {
        let mut r = Random(number);
        let shape = SHAPES[number as usize % SHAPES.len()];
        let start = state(&mut r, shape);
        let profile = Profile::pg();
        let machine = |&kind: &EngineKind| -> Box<dyn Machine> {
            Box::new(Bare::from_state(start.clone(), profile.clone(), kind))
        };
        let mut machines: Vec<_> = EngineKind::ALL.iter().map(machine).collect();
        for _ in 0..PIECES / 2 {
            let until = until(&mut r);
            if r.chance(10) {
                machines = machines.iter().map(|m| m.fork()).collect();
            }
            let seen: Vec<_> = machines
                .iter_mut()
                .map(|m| {
                    let ran = m.run(until);
                    let mut storage = vec![0; m.storage_size() as usize];
                    m.read(Physical(0), &mut storage);
                    let registers: Vec<_> = Reg::all().map(|reg| m.register(reg)).collect();
                    (ran, storage, registers, m.psw(), m.console().clone(), m.halted(), m.idle_traps())
                })
                .collect();
            assert!(seen.windows(2).all(|pair| pair[0] == pair[1]), "case {number}, {until:?}");
        }
    }
}
