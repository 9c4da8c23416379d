//! What the next step of a machine would read and write, by taking it on paper: the definition of a step over a
//! processor that notes what it is asked, and changes nothing.

use pg32_isa::{Physical, Profile, Psw, Reg};
use pg32_vm::{Console, Machine, Processor, step};
use std::cell::RefCell;
use std::ops::Range;

/// The storage that a step touches, as ranges of physical addresses: the instruction's own operand, and the slots if it
/// traps. Its fetch is left out.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Accesses {
    /// What it reads.
    pub reads: Vec<Range<u64>>,
    /// What it writes.
    pub writes: Vec<Range<u64>>,
}

impl Accesses {
    /// What the next step of `machine` touches, under `profile`. Nothing if it has halted.
    #[must_use]
    pub fn of_next_step(machine: &dyn Machine, profile: &Profile) -> Self {
        if machine.halted() {
            return Accesses::default();
        }
        let mut paper = Paper {
            machine,
            psw: machine.psw(),
            registers: Vec::new(),
            written: Vec::new(),
            console: Console::default(),
            accesses: RefCell::default(),
        };
        step(&mut paper, profile);
        let mut accesses = paper.accesses.into_inner();
        let fetch = u64::from(machine.psw().base) + u64::from(machine.psw().pc);
        if accesses.reads.first() == Some(&(fetch..fetch + 4)) {
            accesses.reads.remove(0);
        }
        accesses
    }
}

/// A machine on which a step is taken without taking it.
struct Paper<'a> {
    machine: &'a dyn Machine,
    psw: Psw,
    /// What it would have set.
    registers: Vec<(Reg, u32)>,
    written: Vec<(u32, Vec<u8>)>,
    /// What `in` reads is no address: any console will do.
    console: Console,
    accesses: RefCell<Accesses>,
}

fn range(at: Physical, bytes: &[u8]) -> Range<u64> {
    let start = u64::from(at.0);
    start..start + bytes.len() as u64
}

impl Processor for Paper<'_> {
    fn storage_size(&self) -> u32 {
        self.machine.storage_size()
    }

    fn read(&self, at: Physical, bytes: &mut [u8]) {
        self.accesses.borrow_mut().reads.push(range(at, bytes));
        self.machine.read(at, bytes);
        // A timer trap comes behind the instruction's stores, into slot 1 too.
        for (start, written) in &self.written {
            for (offset, byte) in written.iter().enumerate() {
                let index = (u64::from(*start) + offset as u64).checked_sub(u64::from(at.0));
                if let Some(there) = index.and_then(|index| bytes.get_mut(index as usize)) {
                    *there = *byte;
                }
            }
        }
    }

    fn write(&mut self, at: Physical, bytes: &[u8]) {
        self.accesses.borrow_mut().writes.push(range(at, bytes));
        self.written.push((at.0, bytes.to_vec()));
    }

    fn register(&self, reg: Reg) -> u32 {
        let set = self.registers.iter().rev().find(|(other, _)| *other == reg && reg != Reg::ZERO);
        set.map_or_else(|| self.machine.register(reg), |(_, value)| *value)
    }

    fn set_register(&mut self, reg: Reg, value: u32) {
        self.registers.push((reg, value));
    }

    fn psw(&self) -> Psw {
        self.psw
    }

    fn set_psw(&mut self, psw: Psw) {
        self.psw = psw;
    }

    fn console_mut(&mut self) -> &mut Console {
        &mut self.console
    }

    fn set_halted(&mut self) {}
}
