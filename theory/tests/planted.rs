//! Changes planted in the machine under test: the verdict must follow what the machine does, whatever a profile
//! or a table says of it.

mod common;

use common::quick;
use pg32_isa::{Action, Cause, Format, Mode, Op, Profile, Psw, Reg, Trap, Virtual};
use pg32_theory::{
    Classification, Instruction, Only, Operands, Patch, Patched, Pg32, Probe, Subject, Theorem, Verdict,
    classify,
};
use pg32_vm::{Attempt, Event, Flow, Processor, resolve};

/// What is planted below, and a few instructions that nobody touched.
const WATCHED: [&str; 16] = [
    "add", "divu", "lw", "sb", "ecall", "fence", "rdm", "setm", "rdb", "rdl", "retu", "rdt", "sub", "sw",
    "jal", "lpsw",
];

fn classified(machine: &dyn Subject) -> Classification {
    classify(&Only::named(machine, WATCHED), &quick())
}

/// The instructions because of which Theorems 1 and 3 fail.
fn faults(machine: &dyn Subject) -> [Vec<String>; 2] {
    let classification = classified(machine);
    [Theorem::Monitor, Theorem::Hybrid].map(|theorem| match Verdict::of(theorem, &classification, None) {
        Verdict::Fails(faults) => faults.iter().map(|f| f.classified.instruction.name.to_string()).collect(),
        Verdict::Holds { .. } | Verdict::Unexamined => Vec::new(),
    })
}

fn patched(op: Op, user: Action, meaning: fn(&mut Probe, Operands) -> Attempt) -> Patched<Pg32> {
    let patch = Patch { instruction: op.into(), user, meaning };
    Patched::new("planted", Pg32(Profile::pg()), vec![patch])
}

fn set(probe: &mut Probe, rd: Reg, value: u32) -> Attempt {
    probe.set_register(rd, value);
    Ok(Flow::Next)
}

#[test]
fn one_entry_of_a_profile() {
    assert_eq!(faults(&Pg32(Profile::pg())), [Vec::<String>::new(), Vec::new()]);
    let holes = Profile::pg().with(Op::Rdl, Action::Execute).with(Op::Retu, Action::Ignore);
    assert_eq!(faults(&Pg32(holes)), [vec!["rdl", "retu"], vec!["rdl"]]);
}

/// `rdm` executes on m68k; if it always read 0, nobody could mind.
#[test]
fn a_mode_that_cannot_be_told() {
    let machine = patched(Op::Rdm, Action::Execute, |p, o| set(p, o.rd, 0));
    assert_eq!(faults(&machine), [Vec::<String>::new(), Vec::new()]);
}

#[test]
fn an_addition_that_adds_the_base() {
    let machine = patched(Op::Add, Action::Execute, |p, o| {
        let value = p.register(o.rs1).wrapping_add(p.register(o.rs2)).wrapping_add(p.psw().base);
        set(p, o.rd, value)
    });
    assert_eq!(faults(&machine), [vec!["add"], vec!["add"]]);
}

/// One operand in four thousand million gives it away; it lies at a boundary.
#[test]
fn a_division_that_reads_the_size_for_one_divisor() {
    let machine = patched(Op::Divu, Action::Execute, |p, o| {
        let divisor = p.register(o.rs2);
        let value = p.register(o.rs1).checked_div(divisor).unwrap_or(u32::MAX);
        let size = p.storage_size();
        set(p, o.rd, if divisor == 0x8000_0000 { size } else { value })
    });
    assert_eq!(faults(&machine), [vec!["divu"], vec!["divu"]]);
}

#[test]
fn a_load_that_forgets_the_limit() {
    let machine = patched(Op::Lw, Action::Execute, |p, o| {
        let address = p.register(o.rs1).wrapping_add_signed(o.imm);
        let unbounded = Psw { limit: u32::MAX, ..p.psw() };
        let at = resolve(&unbounded, p.storage_size(), Virtual(address), 4)?;
        let word = p.read_word(at);
        set(p, o.rd, word)
    });
    assert_eq!(faults(&machine), [vec!["lw"], vec!["lw"]]);
}

#[test]
fn a_store_that_forgets_the_limit() {
    let machine = patched(Op::Sb, Action::Execute, |p, o| {
        let address = p.register(o.rs1).wrapping_add_signed(o.imm);
        let unbounded = Psw { limit: u32::MAX, ..p.psw() };
        let at = resolve(&unbounded, p.storage_size(), Virtual(address), 1)?;
        let byte = p.register(o.rs2) as u8;
        p.write(at, &[byte]);
        Ok(Flow::Next)
    });
    let control = classified(&machine).find("sb").unwrap().control_u.found();
    assert!(control, "a byte outside the segment changes");
    assert_eq!(faults(&machine), [vec!["sb"], vec!["sb"]]);
}

#[test]
fn an_ecall_that_enters_supervisor_mode_without_a_trap() {
    let machine = patched(Op::Ecall, Action::Execute, |p, _| {
        p.set_psw(Psw { mode: Mode::Supervisor, ..p.psw() });
        Ok(Flow::Next)
    });
    assert_eq!(faults(&machine), [vec!["ecall"], vec!["ecall"]]);
}

#[test]
fn a_fence_that_stops_the_timer() {
    let machine = patched(Op::Fence, Action::Execute, |p, _| {
        p.set_psw(Psw { timer: 0, ..p.psw() });
        Ok(Flow::Next)
    });
    assert_eq!(faults(&machine), [vec!["fence"], vec!["fence"]]);
}

/// It traps in user mode, but not as a privileged instruction does: a monitor would not know it.
#[test]
fn a_wrong_cause_is_no_privilege() {
    let machine = patched(Op::Setm, Action::Execute, |p, o| {
        if p.psw().mode == Mode::User {
            return Err(Trap::new(Cause::IllegalInstruction, 0));
        }
        let mode = Mode::from_bit(p.register(o.rs1));
        p.set_psw(Psw { mode, ..p.psw() });
        Ok(Flow::Next)
    });
    assert_eq!(faults(&machine), [vec!["setm"], vec![]]);
}

/// It is privileged, but for one register.
#[test]
fn a_hole_for_one_operand() {
    let machine = patched(Op::Rdb, Action::Execute, |p, o| {
        if p.psw().mode == Mode::User && o.rd != Reg::new(17) {
            return Err(Trap::new(Cause::PrivilegedOperation, 0));
        }
        let base = p.psw().base;
        set(p, o.rd, base)
    });
    assert_eq!(faults(&machine), [vec!["rdb"], vec!["rdb"]]);
}

/// A whole machine whose every step ignores the mode.
struct WithoutModes;

impl Subject for WithoutModes {
    fn name(&self) -> &str {
        "without modes"
    }

    fn step(&self, probe: &mut Probe) -> Event {
        let mode = probe.psw.mode;
        probe.psw.mode = Mode::Supervisor;
        let event = pg32_vm::step(probe, &Profile::pg());
        if event == Event::Retired && probe.psw.mode == Mode::Supervisor {
            probe.psw.mode = mode;
        }
        event
    }
}

#[test]
fn a_machine_without_modes_has_nothing_privileged() {
    let classification = classified(&WithoutModes);
    assert!(classification.instructions.iter().all(|c| !c.is_privileged()));
    assert!(!Verdict::of(Theorem::Hybrid, &classification, None).holds());
}

/// An instruction that the machine does not have, added in one place.
#[test]
fn an_added_instruction_is_classified() {
    let added = |user| {
        let instruction = Instruction {
            name: "rdt".into(),
            summary: "rd = T".into(),
            format: Format::Rd,
            bits: 0x0000_002b,
        };
        let meaning = |p: &mut Probe, o: Operands| {
            let timer = p.psw().timer;
            set(p, o.rd, timer)
        };
        Patched::new("with rdt", Pg32(Profile::pg()), vec![Patch { instruction, user, meaning }])
    };
    // A guest that reads the timer sees the monitor's time slice.
    assert_eq!(faults(&added(Action::Execute)), [vec!["rdt"], vec!["rdt"]]);
    assert_eq!(faults(&added(Action::Trap)), [Vec::<String>::new(), Vec::new()]);
}
