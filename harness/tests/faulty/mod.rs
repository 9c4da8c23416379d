//! A machine with a fault planted in it, for tests of what is to find faults.

use pg32_isa::{Insn, Mode, Op, Physical, Psw, Reg, SLOT_OLD, Virtual};
use pg32_vm::{Console, Machine, Pause, Ran, Translation, Until, resolve};
use std::collections::BTreeMap;

/// What is wrong, and in which layer it would be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fault {
    /// The step: a store does not count for the timer.
    StoresTakeNoTime,
    /// The step: `halt` in user mode is a halt.
    AnyoneMayHalt,
    /// Relocation: the last four bytes in front of the limit count as outside.
    LimitTooSmall,
    /// Relocation: four bytes behind the limit count as inside.
    LimitTooWide,
    /// An instruction's meaning: `mulhsu` takes both for unsigned.
    Mulhsu,
    /// An instruction's meaning: `jalr` does not clear bit 0.
    Jalr,
    /// An engine: what was once executed is executed again, whatever has been stored there since.
    StaleDecode,
    /// The trap: the saved T is one too high.
    TimerSavedTooHigh,
    /// The trap: the PC of a supervisor call is the next instruction's.
    CallSavesNextPc,
    /// A monitor: the low bits of a base are kept.
    BaseKeepsLowBits,
    /// A monitor: `rdm` in virtual supervisor mode tells the real mode.
    ModeShows,
    /// A monitor: it forgets the timer when it interprets `out`.
    OutTakesNoTime,
    /// The console: reading at the end of the tape yields 0.
    TapeEndsWithZero,
    /// Nothing but a step count: behind this step, `s11` is other than it should be.
    AtStep(u64),
}

/// Every fault that a guest can meet at any time.
pub(crate) const FAULTS: [Fault; 13] = [
    Fault::StoresTakeNoTime,
    Fault::AnyoneMayHalt,
    Fault::LimitTooSmall,
    Fault::LimitTooWide,
    Fault::Mulhsu,
    Fault::Jalr,
    Fault::StaleDecode,
    Fault::TimerSavedTooHigh,
    Fault::CallSavesNextPc,
    Fault::BaseKeepsLowBits,
    Fault::ModeShows,
    Fault::OutTakesNoTime,
    Fault::TapeEndsWithZero,
];

/// A machine that is right but for one fault.
pub(crate) struct Faulty {
    inner: Box<dyn Machine>,
    fault: Fault,
    steps: u64,
    /// Words once executed, for [`Fault::StaleDecode`].
    decoded: BTreeMap<u32, u32>,
    halted: bool,
}

impl Faulty {
    pub(crate) fn new(inner: Box<dyn Machine>, fault: Fault) -> Self {
        Faulty { inner, fault, steps: 0, decoded: BTreeMap::new(), halted: false }
    }

    /// Where the next instruction lies, and its word.
    fn next(&self) -> Option<(Physical, u32)> {
        let psw = self.inner.psw();
        let at = resolve(&psw, self.inner.storage_size(), Virtual(psw.pc), 4).ok()?;
        psw.pc.is_multiple_of(4).then(|| (at, self.inner.read_word(at)))
    }

    fn plain(&mut self) -> Ran {
        self.inner.run(Until::Trap { within: 1 })
    }

    /// A step with another limit, where the segment is the guest's own affair.
    fn with_limit(&mut self, change: i32, insn: Option<Insn>) -> Ran {
        let touches = insn.is_some_and(|i| {
            matches!(i.op, Op::Lw | Op::Sw | Op::Lb | Op::Sb | Op::Lbu | Op::Lh | Op::Sh | Op::Lhu)
        });
        if !touches {
            return self.plain();
        }
        let before = self.inner.psw();
        self.inner.set_psw(Psw { limit: before.limit.saturating_add_signed(change), ..before });
        let ran = self.plain();
        if ran.pause == Pause::Trap {
            // The frame has the changed limit in it.
            self.inner.write(SLOT_OLD.offset(8), &before.limit.to_le_bytes());
        } else {
            let after = self.inner.psw();
            self.inner.set_psw(Psw { limit: before.limit, ..after });
        }
        ran
    }

    /// A step for which the timer does not count.
    fn without_time(&mut self) -> Ran {
        let timer = self.inner.psw().timer;
        if timer > 1 {
            let ran = self.plain();
            if ran.pause == Pause::Steps {
                let after = self.inner.psw();
                self.inner.set_psw(Psw { timer, ..after });
            }
            return ran;
        }
        self.plain()
    }

    fn frame_word(&mut self, offset: u32, change: impl Fn(u32) -> u32) {
        let at = SLOT_OLD.offset(offset);
        let word = change(self.inner.read_word(at));
        self.inner.write(at, &word.to_le_bytes());
    }

    fn cause(&self) -> u32 {
        self.inner.read_word(SLOT_OLD) >> 8 & 0xff
    }

    fn stale(&mut self) -> Ran {
        let Some((at, word)) = self.next() else { return self.plain() };
        let old = *self.decoded.entry(at.0).or_insert(word);
        if old == word {
            return self.plain();
        }
        self.inner.write(at, &old.to_le_bytes());
        let ran = self.plain();
        if self.inner.read_word(at) == old {
            self.inner.write(at, &word.to_le_bytes());
        }
        ran
    }

    /// One step, with the fault in it.
    fn step(&mut self) -> Ran {
        let insn = self.next().and_then(|(_, word)| Insn::decode(word));
        let is = |op: Op| insn.is_some_and(|i| i.op == op);
        let user = self.inner.psw().mode == Mode::User;
        let x = |machine: &dyn Machine, reg: Reg| machine.register(reg);
        match self.fault {
            Fault::StoresTakeNoTime if is(Op::Sw) || is(Op::Sh) || is(Op::Sb) => self.without_time(),
            Fault::OutTakesNoTime if is(Op::Out) => self.without_time(),
            Fault::AnyoneMayHalt if is(Op::Halt) && user => {
                self.halted = true;
                Ran { steps: 1, pause: Pause::Halted }
            }
            Fault::LimitTooSmall => self.with_limit(-4, insn),
            Fault::LimitTooWide => self.with_limit(4, insn),
            Fault::StaleDecode => self.stale(),
            _ => {
                let before = insn.map(|i| {
                    (x(self.inner.as_ref(), i.rs1), x(self.inner.as_ref(), i.rs2), self.inner.psw())
                });
                let ran = self.plain();
                if let Some((insn, before)) = insn.zip(before) {
                    self.behind(insn, before, ran);
                }
                ran
            }
        }
    }

    /// What the fault changes behind a step of `insn`.
    fn behind(&mut self, insn: Insn, (a, b, before): (u32, u32, Psw), ran: Ran) {
        let trapped = ran.pause == Pause::Trap;
        let after = self.inner.psw();
        match (self.fault, insn.op) {
            (Fault::Mulhsu, Op::Mulhsu) if !trapped => {
                let product = (u64::from(a) * u64::from(b)) >> 32;
                self.inner.set_register(insn.rd, product as u32);
            }
            (Fault::Jalr, Op::Jalr) if !trapped && a.wrapping_add_signed(insn.imm) & 1 == 1 => {
                self.inner.set_psw(Psw { pc: after.pc | 1, ..after });
            }
            (Fault::TimerSavedTooHigh, _) if trapped && before.timer > 1 && self.cause() != 7 => {
                self.frame_word(16, |timer| timer + 1);
            }
            (Fault::CallSavesNextPc, Op::Ecall) if trapped => self.frame_word(12, |pc| pc.wrapping_add(4)),
            (Fault::BaseKeepsLowBits, Op::Rdb) if !trapped && before.base > 0 => {
                self.inner.set_register(insn.rd, before.base | 1);
            }
            (Fault::ModeShows, Op::Rdm) if !trapped => self.inner.set_register(insn.rd, 1),
            (Fault::TapeEndsWithZero, Op::In) if !trapped && self.inner.register(insn.rd) == u32::MAX => {
                self.inner.set_register(insn.rd, 0);
            }
            (Fault::AtStep(step), _) if self.steps + 1 == step => {
                self.inner.set_register(Reg::new(27), 0xbad);
            }
            _ => {}
        }
    }

    /// Steps that may be taken at once because the fault lies behind them.
    fn at_once(&self, left: u64) -> u64 {
        match self.fault {
            Fault::AtStep(step) if self.steps + 1 < step => left.min(step - 1 - self.steps),
            Fault::AtStep(step) if self.steps >= step => left,
            _ => 0,
        }
    }
}

impl Machine for Faulty {
    fn run(&mut self, until: Until) -> Ran {
        let mut steps = 0;
        while steps < until.steps() && !self.halted {
            let many = self.at_once(until.steps() - steps);
            let ran = match (many, until) {
                (0, _) => self.step(),
                (_, Until::Steps(_)) => self.inner.run(Until::Steps(many)),
                (_, Until::Trap { .. }) => self.inner.run(Until::Trap { within: many }),
            };
            steps += ran.steps;
            self.steps += ran.steps;
            match (ran.pause, until) {
                (Pause::Steps, _) | (Pause::Trap, Until::Steps(_)) => {}
                (pause, _) => return Ran { steps, pause },
            }
        }
        let pause = if self.halted() { Pause::Halted } else { Pause::Steps };
        Ran { steps, pause }
    }

    fn halted(&self) -> bool {
        self.halted || self.inner.halted()
    }

    fn fork(&self) -> Box<dyn Machine> {
        let Faulty { inner, fault, steps, decoded, halted } = self;
        let (decoded, inner) = (decoded.clone(), inner.fork());
        Box::new(Faulty { inner, fault: *fault, steps: *steps, decoded, halted: *halted })
    }

    fn storage_size(&self) -> u32 {
        self.inner.storage_size()
    }

    fn storage(&self, at: Physical, length: usize) -> &[u8] {
        self.inner.storage(at, length)
    }

    fn storage_mut(&mut self, at: Physical, length: usize) -> &mut [u8] {
        self.inner.storage_mut(at, length)
    }

    fn register(&self, reg: Reg) -> u32 {
        self.inner.register(reg)
    }

    fn set_register(&mut self, reg: Reg, value: u32) {
        self.inner.set_register(reg, value);
    }

    fn psw(&self) -> Psw {
        self.inner.psw()
    }

    fn psw_mut(&mut self) -> &mut Psw {
        self.inner.psw_mut()
    }

    fn set_translation(&mut self, translation: Translation) {
        self.inner.set_translation(translation);
    }

    fn console(&self) -> &Console {
        self.inner.console()
    }

    fn idle_traps(&self) -> u64 {
        self.inner.idle_traps()
    }
}
