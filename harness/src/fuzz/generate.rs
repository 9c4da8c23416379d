//! Guests that know the architecture: a kernel with a handler, user programs with segments and timers of their own,
//! system calls, and code that changes itself.

use super::guest::{Guest, Label, Line, NewPsw, Word};
use fastrand::Rng;
use pg32_isa::{Format, Insn, Mode, Op, Reg};

/// Labels of one part of a guest are this far from those of the next.
const PART: Label = 1000;
const HANDLER: Label = PART;
const USER: Label = 2 * PART;
const DATA: Label = 3 * PART;
/// Words in a PSW.
const PSW_WORDS: Label = 5;

const STORES: [Op; 3] = [Op::Sb, Op::Sh, Op::Sw];
const LOADS: [Op; 5] = [Op::Lb, Op::Lh, Op::Lw, Op::Lbu, Op::Lhu];
const BRANCHES: [Op; 6] = [Op::Beq, Op::Bne, Op::Blt, Op::Bge, Op::Bltu, Op::Bgeu];
const SYSTEM: [Op; 13] = [
    Op::Lpsw,
    Op::Spsw,
    Op::Rdm,
    Op::Rdb,
    Op::Rdl,
    Op::Setr,
    Op::Setm,
    Op::Retu,
    Op::Lwp,
    Op::Swp,
    Op::In,
    Op::Out,
    Op::Halt,
];

/// Registers that programs use, few so that values meet.
const REGISTERS: [Reg; 8] =
    [Reg::A0, Reg::new(11), Reg::new(12), Reg::new(13), Reg::new(14), Reg::new(5), Reg::new(6), Reg::ZERO];
/// Registers of the handler, which it does not save: that is visible, and meant to be.
const STATUS: Reg = Reg::new(24);
const PC: Reg = Reg::new(25);
const COUNT: Reg = Reg::new(26);
const GOES_ON: Reg = Reg::new(27);

/// The guest of a seed.
pub(super) fn generate(seed: u64) -> Guest {
    let mut rng = Rng::with_seed(seed);
    let memory = [1024, 1024, 2048, 4096, 1020][rng.usize(..5)];
    let mut maker = Maker { rng, memory, lines: Vec::new(), next: 0 };
    let users = maker.rng.u32(1..=3);
    maker.supervisor(users);
    maker.handler();
    maker.user();
    let bases = maker.psws(users);
    debug_assert_eq!(bases, users);
    let new = maker.new_psw();
    let input = (0..maker.rng.usize(..4)).map(|_| maker.rng.alphanumeric()).collect();
    Guest { memory, new, lines: maker.lines, input }
}

struct Maker {
    rng: Rng,
    memory: u32,
    lines: Vec<Line>,
    next: Label,
}

impl Maker {
    fn push(&mut self, word: Word) {
        self.lines.push(Line { label: self.next, word });
        self.next += 1;
    }

    fn insn(&mut self, op: Op, rd: Reg, rs1: Reg, rs2: Reg, imm: i32) {
        self.push(Word::Insn(Insn { op, rd, rs1, rs2, imm }));
    }

    fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.rng.usize(..all.len())]
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.rng.u32(..100) < percent
    }

    fn reg(&mut self) -> Reg {
        self.pick(&REGISTERS)
    }

    /// What runs first: sets registers and storage up, and hands over to a user program now and then.
    fn supervisor(&mut self, users: u32) {
        for _ in 0..self.rng.u32(1..12) {
            self.something(40);
        }
        let user = DATA + PSW_WORDS * self.rng.u32(..users);
        self.push(Word::To(Insn::new(Op::Lpsw), user));
        for _ in 0..self.rng.u32(..6) {
            self.something(40);
        }
        self.push(Word::Insn(Insn::new(Op::Halt)));
    }

    /// Where traps lead: looks at the frame, counts, halts at a count, else goes on, perhaps behind the instruction
    /// that trapped, perhaps with another timer or limit.
    fn handler(&mut self) {
        self.next = HANDLER;
        self.insn(Op::Lw, STATUS, Reg::ZERO, Reg::ZERO, 0);
        self.insn(Op::Lw, PC, Reg::ZERO, Reg::ZERO, 12);
        self.insn(Op::Addi, COUNT, COUNT, Reg::ZERO, 1);
        let limit = self.rng.i32(2..40);
        self.insn(Op::Sltiu, GOES_ON, COUNT, Reg::ZERO, limit);
        let go = self.next + 2;
        self.push(Word::To(Insn { rs1: GOES_ON, ..Insn::new(Op::Bne) }, go));
        self.push(Word::Insn(Insn::new(Op::Halt)));
        if self.chance(80) {
            self.insn(Op::Addi, PC, PC, Reg::ZERO, 4);
            self.insn(Op::Sw, Reg::ZERO, Reg::ZERO, PC, 12);
        }
        if self.chance(30) {
            self.insn(Op::Out, Reg::ZERO, Reg::ZERO, STATUS, 0);
        }
        if self.chance(50) {
            let timer = self.rng.i32(0..24);
            self.insn(Op::Addi, PC, Reg::ZERO, Reg::ZERO, timer);
            self.insn(Op::Sw, Reg::ZERO, Reg::ZERO, PC, 16);
        }
        for _ in 0..self.rng.u32(..4) {
            self.something(30);
        }
        self.insn(Op::Lpsw, Reg::ZERO, Reg::ZERO, Reg::ZERO, 0);
    }

    /// Programs without privilege, which they sometimes forget.
    fn user(&mut self) {
        self.next = USER;
        for _ in 0..self.rng.u32(4..40) {
            self.something(12);
        }
        let back = USER + self.rng.u32(..4);
        self.push(Word::To(Insn::new(Op::Jal), back));
    }

    /// The PSWs of user programs: segments that reach storage's end or not, or beyond it, or wrap around.
    fn psws(&mut self, users: u32) -> u32 {
        for user in 0..users {
            self.next = DATA + PSW_WORDS * user;
            let base = match self.rng.u32(..4) {
                0 | 1 => 0,
                2 => 4 * self.rng.u32(..32),
                _ => 4 * self.rng.u32(..self.memory / 4),
            };
            let rest = self.memory - base;
            let limit = match self.rng.u32(..5) {
                0 => rest,
                1 => self.rng.u32(..rest + 8),
                2 => u32::MAX - self.rng.u32(..8),
                _ => rest.saturating_sub(self.rng.u32(..8)),
            };
            let mode = if self.chance(90) { Mode::User } else { Mode::Supervisor };
            let timer = if self.chance(50) { self.rng.u32(1..30) } else { 0 };
            let entry = USER + self.rng.u32(..6);
            self.push(Word::Number(u32::from(mode == Mode::User)));
            self.push(Word::Number(base));
            self.push(Word::Number(limit));
            self.push(Word::Address(entry, base));
            self.push(Word::Number(timer));
        }
        users
    }

    /// Mostly the handler's, all of storage, and no timer, so that handlers work; sometimes not.
    fn new_psw(&mut self) -> NewPsw {
        let limit = if self.chance(90) { self.memory } else { self.rng.u32(..self.memory + 8) };
        NewPsw {
            status: u32::from(self.chance(4)),
            base: if self.chance(96) { 0 } else { 4 * self.rng.u32(..16) },
            limit,
            handler: HANDLER,
            timer: if self.chance(20) { self.rng.u32(1..40) } else { 0 },
        }
    }

    /// An instruction or a few; `system` percent of them from the system set.
    fn something(&mut self, system: u32) {
        if self.chance(system) {
            return self.system();
        }
        match self.rng.u32(..100) {
            0..30 => self.compute(),
            30..55 => self.access(),
            55..67 => self.branch(),
            67..79 => self.pick_and_push(&[Op::Ecall, Op::Ecall, Op::Ebreak]),
            79..91 => self.modify(),
            91..95 => self.far(),
            95..98 => self.pick_and_push(&Op::ALL),
            _ => {
                let number = self.rng.u32(..);
                self.push(Word::Number(number));
            }
        }
    }

    fn pick_and_push(&mut self, ops: &[Op]) {
        let op = self.pick(ops);
        let imm = self.immediate(op);
        let (rd, rs1, rs2) = (self.reg(), self.reg(), self.reg());
        // As it would be decoded: fields that the format does not have are zero.
        let insn = Insn { op, rd, rs1, rs2, imm };
        self.push(Word::Insn(Insn::decode(insn.encode()).unwrap_or(insn)));
    }

    fn immediate(&mut self, op: Op) -> i32 {
        let near = match op.format() {
            Format::Upper => return self.rng.i32(0..4) << 12,
            Format::Branch | Format::Jump => 4 * self.rng.i32(-6..7),
            Format::Shift => self.rng.i32(0..32),
            _ => match self.rng.u32(..4) {
                0 => self.rng.i32(-4..5),
                1 => 4 * self.rng.i32(0..32),
                2 => self.memory.min(2040) as i32 - 4 * self.rng.i32(0..4),
                _ => self.rng.i32(-64..256),
            },
        };
        match op.format().immediate() {
            Some(range) if range.contains(i64::from(near)) => near,
            _ => 0,
        }
    }

    fn compute(&mut self) {
        let ops: Vec<Op> = Op::ALL
            .into_iter()
            .filter(|op| {
                matches!(op.format(), Format::RegReg | Format::RegImm | Format::Shift | Format::Upper)
            })
            .collect();
        self.pick_and_push(&ops);
    }

    /// Loads and stores around the end of the segment, the slots, and anywhere.
    fn access(&mut self) {
        let op = if self.chance(50) { self.pick(&LOADS) } else { self.pick(&STORES) };
        self.pick_and_push(&[op]);
    }

    fn branch(&mut self) {
        let op = if self.chance(80) { self.pick(&BRANCHES) } else { Op::Jal };
        let target = self.next.saturating_add_signed(self.rng.i32(-3..7));
        let (rd, rs1, rs2) = (self.reg(), self.reg(), self.reg());
        let insn = match op.format() {
            Format::Jump => Insn { rd, ..Insn::new(op) },
            _ => Insn { rs1, rs2, ..Insn::new(op) },
        };
        self.push(Word::To(insn, target));
    }

    /// Copies an instruction over another one nearby.
    fn modify(&mut self) {
        let reg = Reg::A0;
        let from = self.next.saturating_add_signed(self.rng.i32(-4..10));
        let to = self.next.saturating_add_signed(self.rng.i32(-2..8));
        self.push(Word::To(Insn { rd: reg, ..Insn::new(Op::Lw) }, from));
        self.push(Word::To(Insn { rs2: reg, ..Insn::new(Op::Sw) }, to));
    }

    /// A register with an address worth trying in it.
    fn far(&mut self) {
        let (rd, upper) = (self.reg(), self.pick(&[0x0000_1000u32, 0x8000_0000, 0xffff_f000]));
        self.insn(Op::Lui, rd, Reg::ZERO, Reg::ZERO, upper as i32);
    }

    fn system(&mut self) {
        let op = self.pick(&SYSTEM);
        // A halt ends the run: most become something else.
        let op = if op == Op::Halt && self.chance(85) { Op::Out } else { op };
        match op {
            Op::In | Op::Out if self.chance(80) => {
                let (reg, port) = (self.reg(), self.rng.i32(0..3));
                let (rd, rs2) = if op == Op::In { (reg, Reg::ZERO) } else { (Reg::ZERO, reg) };
                self.insn(op, rd, Reg::ZERO, rs2, port);
            }
            Op::Lpsw | Op::Spsw if self.chance(70) => {
                let psw = DATA + PSW_WORDS * self.rng.u32(..2);
                self.push(Word::To(Insn::new(op), psw));
            }
            Op::Retu if self.chance(70) => {
                let target = USER + self.rng.u32(..6);
                let rd = Reg::new(5);
                self.push(Word::To(Insn { rd, ..Insn::new(Op::Addi) }, target));
                self.insn(Op::Retu, Reg::ZERO, rd, Reg::ZERO, 0);
            }
            Op::Setr if self.chance(70) => {
                let (base, limit) = (Reg::ZERO, Reg::new(6));
                self.insn(Op::Rdl, limit, Reg::ZERO, Reg::ZERO, 0);
                let less = self.rng.i32(-8..1);
                self.insn(Op::Addi, limit, limit, Reg::ZERO, less);
                self.insn(Op::Setr, Reg::ZERO, base, limit, 0);
            }
            _ => self.pick_and_push(&[op]),
        }
    }
}
