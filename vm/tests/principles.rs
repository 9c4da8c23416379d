//! The principles' odd corners, each as a machine set up by hand and stepped.

use pg32_isa::{Cause, Insn, Mode, Op, Physical, Profile, Psw, Reg};
use pg32_vm::{Bare, Console, EngineKind, Machine, Pause, Ran, Until};
use std::sync::Arc;

const A0: Reg = Reg::A0;
const A1: Reg = Reg::new(11);
/// Where the programs lie, and where slot 1 leads unless a test says otherwise.
const CODE: u32 = 0x100;
const HANDLER: u32 = 0x200;
const SIZE: u32 = 0x1000;

fn insn(op: Op) -> Insn {
    Insn::new(op)
}

fn machine(profile: &str, code: &[Insn]) -> Bare {
    let console = Console::new(Arc::from(*b"ab"));
    let mut m = Bare::new(SIZE, Profile::builtin(profile).unwrap(), EngineKind::Reference, console);
    for (index, insn) in code.iter().enumerate() {
        m.write(Physical(CODE + 4 * index as u32), &insn.encode().to_le_bytes());
    }
    let handler = Psw { mode: Mode::Supervisor, base: 0, limit: SIZE, pc: HANDLER, timer: 0 };
    m.write(Physical(0x20), &handler.to_bytes());
    m.set_psw(Psw { pc: CODE, ..Psw::reset(SIZE, 0) });
    m
}

fn steps(m: &mut Bare, n: u64) {
    assert_eq!(m.run(Until::Steps(n)).steps, n);
}

/// Slot 0 as (status, B, L, PC, T, info).
fn frame(m: &Bare) -> [u32; 6] {
    std::array::from_fn(|i| m.read_word(Physical(4 * i as u32)))
}

#[test]
fn the_operand_is_checked_in_64_bits() {
    let lw = Insn { rd: A0, rs1: A1, ..insn(Op::Lw) };
    for (a, limit, base, valid) in [
        (SIZE - 4, SIZE, 0, true),
        (SIZE - 3, SIZE, 0, false),
        (SIZE - 3, u32::MAX, 0, false),
        (0xffff_fffc, u32::MAX, 0, false),
        (0xffff_ffff, u32::MAX, 4, false),
        (1, 5, 0, true),
        (2, 5, 0, false),
    ] {
        let mut m = machine("pg", &[]);
        m.write(Physical(base + CODE), &lw.encode().to_le_bytes());
        // The fetch needs room below the limit as well, so a small limit runs from a small PC.
        let pc = if limit < CODE { 0 } else { CODE };
        m.write(Physical(base + pc), &lw.encode().to_le_bytes());
        m.set_psw(Psw { mode: Mode::Supervisor, base, limit, pc, timer: 0 });
        m.set_register(A1, a);
        steps(&mut m, 1);
        if valid {
            assert_eq!(m.psw().pc, pc + 4, "{a:#x} in {limit:#x}");
        } else {
            assert_eq!(
                frame(&m),
                [Cause::Memory.number() << 8, base, limit, pc, 0, a],
                "{a:#x} in {limit:#x}"
            );
            assert_eq!(m.register(A0), 0);
        }
    }
}

#[test]
fn a_misaligned_target_traps_before_the_link() {
    let mut m = machine("pg", &[Insn { rd: Reg::RA, rs1: A1, imm: 3, ..insn(Op::Jalr) }]);
    m.set_register(A1, 0x300);
    steps(&mut m, 1);
    assert_eq!(frame(&m)[0] >> 8, Cause::Alignment.number());
    assert_eq!(frame(&m)[5], 0x302);
    assert_eq!(m.register(Reg::RA), 0);
}

#[test]
fn spsw_stores_the_timer_before_its_own_decrement() {
    let mut m = machine("pg", &[Insn { imm: 0x400, ..insn(Op::Spsw) }]);
    m.set_psw(Psw { timer: 1, ..m.psw() });
    steps(&mut m, 1);
    assert_eq!(m.read_word(Physical(0x410)), 1);
    assert_eq!(frame(&m), [Cause::Timer.number() << 8, 0, SIZE, CODE + 4, 0, 0]);
    assert_eq!(m.psw().pc, HANDLER);
}

#[test]
fn a_store_into_slot_1_comes_before_the_timer_trap_reads_it() {
    let mut m = machine("pg", &[Insn { rs2: A1, imm: 0x2c, ..insn(Op::Sw) }]);
    m.set_register(A1, 0x340);
    m.set_psw(Psw { timer: 1, ..m.psw() });
    steps(&mut m, 1);
    assert_eq!(m.psw().pc, 0x340);
}

#[test]
fn lpsw_does_not_count_and_discards_the_timer_it_replaces() {
    let mut m = machine("pg", &[Insn { imm: 0x400, ..insn(Op::Lpsw) }]);
    let loaded = Psw { mode: Mode::User, base: 0x80, limit: 0x333, pc: 0x7d, timer: 9 };
    m.write(Physical(0x400), &loaded.to_bytes());
    m.write(Physical(0x400), &0xffff_ffff_u32.to_le_bytes());
    m.write(Physical(0x404), &0x83_u32.to_le_bytes());
    m.set_psw(Psw { timer: 1, ..m.psw() });
    steps(&mut m, 1);
    assert_eq!(m.psw(), loaded);
    steps(&mut m, 1);
    assert_eq!(frame(&m), [Cause::Alignment.number() << 8 | 1, 0x80, 0x333, 0x7d, 9, 0x7d]);
}

#[test]
fn halt_counts_but_never_times_out() {
    let mut m = machine("pg", &[insn(Op::Halt)]);
    m.set_psw(Psw { timer: 1, ..m.psw() });
    assert_eq!(m.run(Until::Steps(5)), Ran { steps: 1, pause: Pause::Halted });
    assert_eq!(m.psw(), Psw { pc: CODE, timer: 0, ..m.psw() });
    assert!(m.halted());
    assert_eq!(m.run(Until::Steps(5)), Ran { steps: 0, pause: Pause::Halted });
}

#[test]
fn setr_that_ends_the_timer_saves_the_new_segment() {
    let mut m = machine("pg", &[Insn { rs1: A0, rs2: A1, ..insn(Op::Setr) }]);
    m.set_register(A0, 0x27);
    m.set_register(A1, 0xffff_ffff);
    m.set_psw(Psw { timer: 1, ..m.psw() });
    steps(&mut m, 1);
    assert_eq!(frame(&m), [Cause::Timer.number() << 8, 0x24, u32::MAX, CODE + 4, 0, 0]);
}

#[test]
fn retu_clears_bit_0_only() {
    let mut m = machine("pg", &[Insn { rs1: A0, ..insn(Op::Retu) }]);
    m.set_register(A0, 0x303);
    steps(&mut m, 1);
    assert_eq!(m.psw(), Psw { mode: Mode::User, pc: 0x302, ..Psw::reset(SIZE, 0) });
}

#[test]
fn profiles_decide_in_user_mode_alone() {
    let out = |profile, op, rs1| {
        let mut m = machine(profile, &[Insn { rs1, rd: Reg::ZERO, ..insn(op) }]);
        m.set_psw(Psw { mode: Mode::User, ..m.psw() });
        steps(&mut m, 1);
        (m.psw(), frame(&m)[0] >> 8)
    };
    let user = Psw { mode: Mode::User, ..Psw::reset(SIZE, CODE + 4) };
    assert_eq!(out("arm", Op::Setm, A0), (user, 0), "ignored");
    assert_eq!(out("pdp10", Op::Retu, A0), (Psw { pc: 0, ..user }, 0), "executed");
    assert_eq!(out("pg", Op::Setm, A0).1, Cause::PrivilegedOperation.number());
    assert_eq!(out("x86", Op::Spsw, Reg::ZERO), (user, 0), "executed: M = 1 at 0");
}

#[test]
fn ports_are_whole_words_and_the_tape_ends() {
    let read = Insn { rd: A0, ..insn(Op::In) };
    let left = Insn { rd: A0, imm: 1, ..insn(Op::In) };
    let nowhere = Insn { rd: A0, rs1: A1, ..insn(Op::In) };
    let mut m = machine("pg", &[left, Insn { rd: Reg::ZERO, ..read }, read, left, read, nowhere]);
    m.set_register(A1, 0x100);
    let seen: Vec<u32> = (0..6)
        .map(|_| {
            steps(&mut m, 1);
            m.register(A0)
        })
        .collect();
    assert_eq!(seen, [2, 2, u32::from(b'b'), 0, u32::MAX, 0]);
    assert_eq!(m.console().position(), 2);
}

#[test]
fn a_store_is_seen_by_the_very_next_fetch() {
    let mut m = machine("pg", &[Insn { rs2: A1, imm: CODE as i32 + 4, ..insn(Op::Sw) }]);
    m.set_register(A1, Insn { rd: A0, imm: 77, ..insn(Op::Addi) }.encode());
    steps(&mut m, 2);
    assert_eq!(m.register(A0), 77);
}

#[test]
fn a_trap_storm_is_counted_to_the_last_step_without_taking_each() {
    let mut m = machine("pg", &[insn(Op::Ecall)]);
    m.write(Physical(0x20), &[0xff; 20]);
    let ran = m.run(Until::Steps(1 << 60));
    assert_eq!(ran, Ran { steps: 1 << 60, pause: Pause::Steps });
    assert_eq!(m.idle_traps(), 1 << 60);
    assert_eq!(frame(&m)[0], 1 | Cause::Alignment.number() << 8);
}

/// A new PSW that runs inside slot 0 executes the frame that its own traps write: no fixed point at first.
#[test]
fn a_storm_in_slot_0_is_stepped_until_it_repeats() {
    let start = |m: &mut Bare| m.write(Physical(0x20), &Psw { pc: 0x14, ..Psw::reset(SIZE, 0) }.to_bytes());
    let mut whole = machine("pg", &[insn(Op::Ecall)]);
    start(&mut whole);
    let mut pieces = machine("pg", &[insn(Op::Ecall)]);
    start(&mut pieces);
    whole.run(Until::Steps(1000));
    for _ in 0..1000 {
        pieces.run(Until::Steps(1));
    }
    assert_eq!(whole.state(), pieces.state());
}
