//! One guest for each sentence of the principles that is easily overlooked, with what it foretells.

use super::case::{Case, SIZE, STOP, case};
use super::encode::*;

/// All ones: a limit, a PC or a timer is any 32-bit value.
const ALL: u32 = u32::MAX;

/// Every directed case, in the order of the principles.
pub(crate) fn cases() -> Vec<Case> {
    [
        state(),
        addressing(),
        order_of_checks(),
        traps(),
        timer(),
        timer_on_system(),
        system(),
        ports(),
        profiles(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A program that loads the PSW at 0x100.
const LOAD: [u32; 1] = [lpsw(0x100, 0)];

/// The program `code` at 0x90, entered through an `lpsw` that sets a mode and a running timer.
fn timed(sentence: &'static str, steps: u64, mode: u32, t: u32, code: &[u32]) -> Case {
    case(sentence, steps, &LOAD).at(0x90, code).at(0x100, &[mode, 0, SIZE, 0x90, t])
}

fn state() -> Vec<Case> {
    vec![
        case("B's low two bits are dropped when it is loaded (lpsw)", 2, &LOAD)
            .at(0x100, &[0, 0x43, ALL, 0x50, 0])
            .at(0x90, &[spsw(0x120, 0)])
            .psw("s", 0x40, ALL, 0x54, 0)
            .word(0x164, 0x40),
        case(
            "B's low two bits are dropped when it is loaded (setr)",
            4,
            &[addi(5, 0, 7), rdl(6), setr(5, 6), rdb(7)],
        )
        .at(0x90, &[rdb(7)])
        .psw("s", 4, SIZE, 0x90, 0)
        .x(7, 4),
        case("B's low two bits are dropped when it is loaded (trap)", 1, &[ECALL])
            .at(0x20, &[0, ALL, ALL, ALL, ALL])
            .psw("s", ALL - 3, ALL, ALL, ALL),
        case("A kernel learns SZ by reading L", 1, &[rdl(5)]).x(5, SIZE).psw("s", 0, SIZE, 0x84, 0),
        case("x0 is always 0", 3, &[addi(0, 0, 5), lw(0, 0x80, 0), rdl(0)])
            .x(0, 0)
            .psw("s", 0, SIZE, 0x8c, 0),
        case("entry is 0x80, here outside the smallest storage", 2, &[])
            .memory(128)
            .slot(5, [0, 0, 128, 0x80, 0], 0x80)
            .at(0x28, &[128])
            .halts_after(2),
        case("halted: cleared by reset alone; a halted machine takes no steps", 9, &[HALT]).halts_after(1),
    ]
}

fn addressing() -> Vec<Case> {
    let past_the_end =
        |b, pc| case("B + a + w <= SZ, in 64-bit arithmetic", 3, &LOAD).at(0x100, &[1, b, ALL, pc, 0]);
    let [high, low] = li(5, ALL - 1);
    vec![
        past_the_end(ALL, 0x88).slot(5, [1, ALL - 3, ALL, 0x88, 0], 0x88).halts_after(3),
        past_the_end(SIZE - 4, 4).slot(5, [1, SIZE - 4, ALL, 4, 0], 4).halts_after(3),
        past_the_end(SIZE - 4, 0)
            .at(SIZE - 4, &[ECALL])
            .slot(1, [1, SIZE - 4, ALL, 0, 0], ECALL)
            .halts_after(3),
        case("a + w <= L, in 64-bit arithmetic", 3, &LOAD)
            .at(0x100, &[0, 0, ALL, 0x90, 0])
            .at(0x90, &[lw(6, -1, 0)])
            .slot(5, [0, 0, ALL, 0x90, 0], ALL)
            .halts_after(3),
        case("an access that lies partly outside does nothing at all", 4, &[high, low, sw(5, 0x1fe, 0)])
            .word(0x1fc, 0)
            .slot(5, [0, 0, SIZE, 0x88, 0], 0x1fe)
            .halts_after(4),
        case("Effective addresses are (rs1 + imm) mod 2^32", 3, &[high, low, lw(6, 0x82, 5)]).x(6, high),
        case("Data need no alignment", 2, &[lw(6, 0x85, 0), sw(6, 0x1b1, 0)])
            .word(0x1b0, sw(6, 0x1b1, 0) & !0xff),
        case("An instruction fetch is a 4-byte access at PC", 3, &LOAD)
            .at(0x90, &[NOP])
            .at(0x100, &[1, 0, 0x92, 0x90, 0])
            .slot(5, [1, 0, 0x92, 0x90, 0], 0x90)
            .halts_after(3),
        case("the segment's last word is fetched, the next is not", 4, &LOAD)
            .at(0x90, &[NOP])
            .at(0x100, &[1, 0, 0x94, 0x90, 0])
            .slot(5, [1, 0, 0x94, 0x94, 0], 0x94)
            .halts_after(4),
        case(
            "a store is seen by the very next fetch",
            5,
            &[li(5, ECALL)[0], li(5, ECALL)[1], sw(5, 0x8c, 0), HALT],
        )
        .slot(1, [0, 0, SIZE, 0x8c, 0], ECALL)
        .halts_after(5),
        case("a store is seen by the very next trap", 4, &[addi(5, 0, 0x60), sw(5, 0x2c, 0), ECALL])
            .at(0x60, &[HALT])
            .psw("s", 0, SIZE, 0x60, 0)
            .halts_after(4),
        case(
            "fence and fence.i (whatever their other fields) retire",
            3,
            &[ALL << 20 | FENCE | 0xf8f80, 0x7ff9_9f8f],
        )
        .psw("s", 0, SIZE, STOP, 0)
        .slot(3, [0, 0, SIZE, 0x88, 0], 0),
    ]
}

fn order_of_checks() -> Vec<Case> {
    let in_user = |code: u32| timed("the first check that fails decides", 3, 1, 0, &[code]);
    let fails = |case: Case, cause, info| case.slot(cause, [1, 0, SIZE, 0x90, 0], info).halts_after(3);
    let jump = |sentence, code: u32| {
        case(sentence, 4, &[addi(5, 0, 0x93), addi(1, 0, 7), code]).x(1, 7).halts_after(4)
    };
    let retires = |sentence, code: u32| case(sentence, 1, &[code]).psw("s", 0, SIZE, 0x84, 0);
    vec![
        case("1 before 2: a misaligned PC that cannot be fetched either", 3, &LOAD)
            .at(0x100, &[1, 0, SIZE, ALL, 9])
            .slot(6, [1, 0, SIZE, ALL, 9], ALL)
            .halts_after(3),
        fails(in_user(HALT | 1 << 7), 3, HALT | 1 << 7),
        fails(in_user(lpsw(0, 0) | 1 << 11), 3, lpsw(0, 0) | 1 << 11),
        fails(in_user(spsw(0, 0) | 1 << 20), 3, spsw(0, 0) | 1 << 20),
        fails(in_user(setr(0, 0) | 1 << 7), 3, setr(0, 0) | 1 << 7),
        fails(in_user(setm(0) | 1 << 24), 3, setm(0) | 1 << 24),
        fails(in_user(lpsw(-1, 0)), 4, lpsw(-1, 0)),
        fails(in_user(swp(0, -1, 0)), 4, swp(0, -1, 0)),
        fails(in_user(HALT), 4, HALT),
        fails(in_user(retu(0)), 4, retu(0)),
        retires("a branch that is not taken may have any target", branch(1, 0, 0, 6)),
        jump("jal to a misaligned target links nothing", jal(1, 6)).slot(6, [0, 0, SIZE, 0x88, 0], 0x8e),
        jump("jalr to a misaligned target links nothing", jalr(1, 5, 0)).slot(6, [0, 0, SIZE, 0x88, 0], 0x92),
        jump("jalr clears bit 0 of its target alone", jalr(2, 5, -3))
            .psw("s", 0, SIZE, 0x90, 0)
            .at(0x90, &[HALT]),
        jump("jalr's link may be its base", jalr(5, 5, -3)).x(5, 0x8c).at(0x90, &[HALT]),
        jump("a taken branch to a misaligned target", branch(0, 0, 0, -2)).slot(
            6,
            [0, 0, SIZE, 0x88, 0],
            0x86,
        ),
        retires("HINT encodings execute as the plain instructions they are", lui(0, ALL)),
        case("a load into x0 is checked all the same", 2, &[lw(0, -1, 0)]).slot(
            5,
            [0, 0, SIZE, 0x80, 0],
            ALL,
        ),
        no_such_instruction(),
    ]
}

/// Words that are no instruction, each skipped by a handler that counts them in `a0`.
fn no_such_instruction() -> Case {
    let words = [
        0x0010_2073,      // csrrs: no Zicsr
        0xc000_2073,      // rdcycle
        0x1050_0073,      // wfi
        0x3020_0073,      // mret
        ECALL | 1 << 7,   // ecall with a register
        EBREAK | 1 << 15, // ebreak with a register
        0x0000_200f,      // MISC-MEM, funct3 2
        0x0200_1013,      // slli by 32
        0x4000_1013,      // slli, funct7 of srai
        0x0200_5013,      // srli by 32
        0x4000_1033,      // sll, funct7 of sub
        0x0400_0033,      // funct7 2
        0x0000_1067,      // jalr, funct3 1
        0x0000_2063,      // branch, funct3 2
        0x0000_3003,      // ld
        0x0000_3023,      // sd
        0x0000_7003,      // load, funct3 7
        0x0000_002f,      // atomic
        0x0000_700b,      // custom-0, funct3 7
        r(7, 0, 0, 2, 0, CUSTOM_0),
        r(1, 0, 1, 2, 5, CUSTOM_0), // rdm with rs1
        r(1, 1, 0, 2, 5, CUSTOM_0), // rdm with rs2
        r(6, 0, 1, 2, 1, CUSTOM_0), // retu with rd
        r(0x40, 0, 0, 2, 0, CUSTOM_0),
        0,
        ALL,
        0x0000_0001, // c.nop
    ];
    let mut code = words.to_vec();
    code.push(HALT);
    let handler = [lwp(31, 12, 0), addi(31, 31, 4), swp(31, 12, 0), addi(10, 10, 1), lpsw(0, 0)];
    let count = words.len() as u32;
    let steps = u64::from(count) * 6 + 1;
    case("any other encoding is illegal", steps, &code)
        .at(STOP, &handler)
        .x(10, count)
        .halts_after(steps)
        .slot(3, [0, 0, SIZE, 0x80 + 4 * count, 0], 1)
}

fn traps() -> Vec<Case> {
    let slot_1 =
        |status| case("slot 1's status: bit 0 is M, the rest ignored", 1, &[EBREAK]).at(0x20, &[status]);
    vec![
        slot_1(ALL - 1).psw("s", 0, SIZE, STOP, 0).slot(2, [0, 0, SIZE, 0x80, 0], EBREAK),
        slot_1(ALL).psw("u", 0, SIZE, STOP, 0),
        case("words the machine does not use are software's own", 1, &[ECALL])
            .at(0x00, &[ALL; 8])
            .at(0x34, &[7, 8, 9])
            .slot(1, [0, 0, SIZE, 0x80, 0], ECALL)
            .word(0x18, ALL)
            .word(0x1c, ALL)
            .word(0x34, 7),
        case("No check, no relocation: the slots are physical", 4, &[addi(5, 0, 0x80), setr(5, 0)])
            .slot(5, [0, 0x80, 0, 0x88, 0], 0x88)
            .halts_after(4),
        case("There is no double fault: a trap storm", 4, &[ECALL])
            .at(0x20, &[1, 4, 5, 6, 7])
            .slot(6, [1, 4, 5, 6, 7], 6)
            .psw("u", 4, 5, 6, 7),
        case("a trap does not decrement what it loads, and does not count", 1, &[ECALL])
            .at(0x30, &[1])
            .psw("s", 0, SIZE, STOP, 1),
        timed("An instruction that traps does not count", 2, 0, 1, &[ECALL])
            .slot(1, [0, 0, SIZE, 0x90, 1], ECALL)
            .psw("s", 0, SIZE, STOP, 0),
        timed("for a failed fetch, the address that could not be fetched", 3, 1, 5, &[jal(0, 0x7fffc)]).slot(
            5,
            [1, 0, SIZE, 0x8008c, 4],
            0x8008c,
        ),
    ]
}

fn timer() -> Vec<Case> {
    let fires =
        |code: u32| timed("when that makes it 0, the same step takes the timer trap", 2, 1, 1, &[code]);
    vec![
        fires(NOP).slot(7, [1, 0, SIZE, 0x94, 0], 0).psw("s", 0, SIZE, STOP, 0),
        fires(jal(5, -0x10)).slot(7, [1, 0, SIZE, 0x80, 0], 0).x(5, 0x94),
        fires(branch(0, 0, 0, 8)).slot(7, [1, 0, SIZE, 0x98, 0], 0),
        fires(FENCE_I).slot(7, [1, 0, SIZE, 0x94, 0], 0),
        fires(jal(5, 2)).slot(6, [1, 0, SIZE, 0x90, 1], 0x92).x(5, 0),
        fires(lw(5, -4, 0)).slot(5, [1, 0, SIZE, 0x90, 1], ALL - 3),
        fires(jal(0, 0x7fffc)).slot(7, [1, 0, SIZE, 0x8008c, 0], 0),
        timed(
            "the instruction's stores, into slot 1 too, come before the trap",
            3,
            0,
            2,
            &[addi(5, 0, 0x60), sw(5, 0x2c, 0)],
        )
        .psw("s", 0, SIZE, 0x60, 0)
        .slot(7, [0, 0, SIZE, 0x98, 0], 0),
        timed("stores into slot 0 come before the trap too", 2, 0, 1, &[sw(4, 0, 0)]).slot(
            7,
            [0, 0, SIZE, 0x94, 0],
            0,
        ),
        timed("the T that an lpsw replaces is discarded, even if it was 1", 3, 0, 1, &[lpsw(0x120, 0)])
            .at(0x120, &[0, 0, SIZE, 0xa0, 5])
            .at(0xa0, &[NOP])
            .psw("s", 0, SIZE, 0xa4, 4)
            .word(0, 0),
        timed("the T that an lpsw replaces is discarded: off", 4, 0, 1, &[lpsw(0x120, 0)])
            .at(0x120, &[0, 0, SIZE, 0xa0, 0])
            .at(0xa0, &[NOP, NOP])
            .psw("s", 0, SIZE, 0xa8, 0),
        timed("an lpsw that traps does not count", 2, 0, 1, &[lpsw(-8, 0)]).slot(
            5,
            [0, 0, SIZE, 0x90, 1],
            ALL - 7,
        ),
        timed("halt decrements T; when that makes it 0, no trap follows", 3, 0, 1, &[HALT])
            .psw("s", 0, SIZE, 0x90, 0)
            .word(0, 0)
            .halts_after(2),
        timed("halt decrements T", 3, 0, 3, &[HALT]).psw("s", 0, SIZE, 0x90, 2).halts_after(2),
        timed("a timer trap may load a running T: nothing is ever pending", 3, 1, 1, &[NOP])
            .at(0x30, &[1])
            .at(STOP, &[NOP, HALT])
            .slot(7, [0, 0, SIZE, STOP + 4, 0], 0)
            .psw("s", 0, SIZE, STOP, 1),
        timed("T = 2^32 - 1 counts down", 2, 1, ALL, &[NOP]).psw("u", 0, SIZE, 0x94, ALL - 1),
    ]
}

/// `T` runs out on each system instruction that can retire with it.
fn timer_on_system() -> Vec<Case> {
    let on = |code: u32| timed("T runs out on a system instruction", 3, 0, 2, &[addi(5, 0, 0x92), code]);
    let plain = |code: u32| on(code).slot(7, [0, 0, SIZE, 0x98, 0], 0).psw("s", 0, SIZE, STOP, 0);
    vec![
        plain(rdm(5)).x(5, 0),
        plain(rdb(5)).x(5, 0),
        plain(rdl(5)).x(5, SIZE),
        plain(lwp(5, 0x90, 0)).x(5, addi(5, 0, 0x92)),
        plain(swp(5, 0x1c0, 0)).word(0x1c0, 0x92),
        plain(port_in(5, 0, 0)).x(5, ALL),
        plain(port_out(5, 0, 0)).output("92"),
        on(setm(5)).slot(7, [0, 0, SIZE, 0x98, 0], 0),
        on(setm(6)).slot(7, [0, 0, SIZE, 0x98, 0], 0),
        on(setr(5, 0)).slot(7, [0, 0x90, 0, 0x98, 0], 0),
        on(retu(5)).slot(7, [1, 0, SIZE, 0x92, 0], 0),
        // T as it stands before the instruction's own decrement; the timer trap then saves 0.
        plain(spsw(0x1c0, 0)).word(0x1c0, 0).word(0x1cc, 0x94).word(0x1d0, 1),
        plain(spsw(0, 0)),
        on(spsw(0x20, 0)).psw("s", 0, SIZE, 0x94, 1).slot(7, [0, 0, SIZE, 0x98, 0], 0),
        on(swp(5, 0x2c, 0)).psw("s", 0, SIZE, 0x92, 0),
        timed("T runs out on setm into mode u", 3, 0, 2, &[addi(5, 0, 3), setm(5)]).slot(
            7,
            [1, 0, SIZE, 0x98, 0],
            0,
        ),
        on(swp(5, -4, 0)).slot(5, [0, 0, SIZE, 0x94, 1], ALL - 3),
        on(spsw(0x1f0, 0)).slot(5, [0, 0, SIZE, 0x94, 1], 0x1f0).word(0x1f0, 0),
    ]
}

fn system() -> Vec<Case> {
    let [high, low] = li(5, ALL - 2);
    vec![
        case("spsw: PC = this instruction; cause 0", 1, &[spsw(0x100, 0)])
            .at(0x100, &[ALL; 6])
            .word(0x100, 0)
            .word(0x108, SIZE)
            .word(0x10c, 0x80)
            .word(0x110, 0)
            .word(0x114, ALL),
        case("lpsw and spsw make one access of 20 bytes: up to the end", 1, &[lpsw(SIZE as i32 - 20, 0)])
            .at(SIZE - 20, &[1, 0, 0x100, 0x90, 3])
            .psw("u", 0, 0x100, 0x90, 3),
        case("lpsw that straddles the end loads nothing", 2, &[lpsw(SIZE as i32 - 16, 0)])
            .slot(5, [0, 0, SIZE, 0x80, 0], SIZE - 16)
            .halts_after(2),
        case(
            "lpsw that straddles the limit, within storage",
            4,
            &[addi(6, 0, 0x111), setr(0, 6), lpsw(0x100, 0)],
        )
        .slot(5, [0, 0, 0x111, 0x88, 0], 0x100)
        .halts_after(4),
        case("lpsw and spsw need no alignment", 2, &[spsw(0x101, 0), lpsw(0x101, 0)])
            .psw("s", 0, SIZE, 0x80, 0)
            .word(0x110, 0),
        case("lpsw from its own slot", 1, &[lpsw(0x20, 0)]).psw("s", 0, SIZE, STOP, 0).word(0, 0),
        case("lpsw: execution goes on at the new PC, checked at the next step", 2, &LOAD)
            .at(0x100, &[ALL; 5])
            .slot(6, [1, ALL - 3, ALL, ALL, ALL], ALL)
            .psw("s", 0, SIZE, STOP, 0),
        case(
            "setr goes on at PC+4 of the new segment",
            5,
            &[addi(5, 0, 0x40), addi(6, 0, 0x90), setr(5, 6), HALT],
        )
        .at(0xcc, &[addi(7, 0, 1)])
        .x(7, 1)
        .slot(5, [0, 0x40, 0x90, 0x90, 0], 0x90),
        case("setr with one register for both", 2, &[addi(5, 0, 0x93), setr(5, 5)])
            .psw("s", 0x90, 0x93, 0x88, 0),
        case("setm: M = bit 0 of rs1", 2, &[addi(5, 0, 2), setm(5)]).psw("s", 0, SIZE, 0x88, 0),
        case("retu: PC = rs1 with bit 0 cleared, in mode u", 4, &[addi(5, 0, 0x93), retu(5)])
            .slot(6, [1, 0, SIZE, 0x92, 0], 0x92)
            .halts_after(4),
        case("lwp and swp bypass B and L", 5, &[addi(5, 0, 0x8c), setr(0, 5), lwp(6, 0x1fc, 0)])
            .at(0x1fc, &[0x1234_5678])
            .x(6, 0x1234_5678)
            .slot(5, [0, 0, 0x8c, 0x8c, 0], 0x8c),
        case("lwp: valid iff a + 4 <= SZ", 2, &[lwp(6, 0x1fd, 0)]).slot(5, [0, 0, SIZE, 0x80, 0], 0x1fd),
        case("lwp: in 64-bit arithmetic", 4, &[high, low, lwp(6, 1, 5)]).slot(
            5,
            [0, 0, SIZE, 0x88, 0],
            ALL - 1,
        ),
        case("lwp: (rs1 + imm) mod 2^32, and no alignment", 3, &[high, low, lwp(6, 0x84, 5)])
            .x(6, high >> 8 | low << 24),
        case("swp needs no alignment, and the next fetch sees it", 5, &[high, low, swp(5, 0x8a, 0), NOP])
            .slot(3, [0, 0, SIZE, 0x8c, 0], 0xffff),
    ]
}

fn ports() -> Vec<Case> {
    let [high, low] = li(5, 1 << 16);
    vec![
        case("in x0 from port 0 consumes a byte", 3, &[port_in(0, 0, 0), port_in(5, 0, 0), port_in(6, 1, 0)])
            .input(b"\xfe\xfd\x00")
            .x(0, 0)
            .x(5, 0xfd)
            .x(6, 1),
        case(
            "0xFFFF_FFFF at the end of the tape",
            3,
            &[port_in(5, 0, 0), port_in(6, 0, 0), port_in(7, 1, 0)],
        )
        .input(b"\xff")
        .x(5, 0xff)
        .x(6, ALL)
        .x(7, 0),
        case(
            "Port numbers are compared in all 32 bits",
            6,
            &[high, low, port_in(6, 0, 5), port_out(5, 0x41, 5), port_in(7, 1, 5), port_in(8, 0x100, 0)],
        )
        .input(b"a")
        .x(6, 0)
        .x(7, 0)
        .x(8, 0)
        .output(""),
        case(
            "a port's number wraps like an address",
            3,
            &[addi(5, 0, -1), port_in(6, 1, 5), port_out(5, 1, 5)],
        )
        .input(b"a")
        .x(6, 0x61)
        .output("ff"),
        case(
            "append the low byte to the output; other ports take nothing",
            4,
            &[addi(5, 0, 0x141), port_out(5, 0, 0), port_out(5, 1, 0), port_out(5, 2, 0)],
        )
        .output("41"),
        case(
            "the run stops behind the step that exceeds the output limit",
            9,
            &[port_out(5, 0, 0), jal(0, -4)],
        )
        .output_limit(2)
        .output("000000")
        .psw("s", 0, SIZE, 0x84, 0),
        case("in may have its address register as target", 2, &[addi(5, 0, 1), port_in(5, 0, 5)])
            .input(b"abc")
            .x(5, 3),
    ]
}

fn profiles() -> Vec<Case> {
    let user = |profile, sentence, t, code: &[u32]| timed(sentence, 3, 1, t, code).profile(profile);
    vec![
        user("arm", "ignore: no effect, PC + 4, and it counts", 2, &[setr(0, 0), setm(0)])
            .slot(7, [1, 0, SIZE, 0x98, 0], 0)
            .psw("s", 0, SIZE, STOP, 0),
        user("arm", "ignore: behind check 3", 2, &[setm(0) | 1 << 7]).slot(
            3,
            [1, 0, SIZE, 0x90, 2],
            setm(0) | 1 << 7,
        ),
        user("arm", "the others stay privileged", 2, &[setm(0), rdm(5)]).slot(
            4,
            [1, 0, SIZE, 0x94, 1],
            rdm(5),
        ),
        timed("In supervisor mode all profiles are alike", 3, 0, 0, &[addi(5, 0, 1), setm(5)])
            .profile("arm")
            .psw("u", 0, SIZE, 0x98, 0),
        user("x86", "spsw then stores M = 1", 9, &[spsw(0x100, 0), rdm(5)])
            .word(0x100, 1)
            .word(0x110, 9)
            .x(5, 1)
            .psw("u", 0, SIZE, 0x98, 7),
        user("x86", "with supervisor mode's checks", 9, &[setm(0), spsw(-1, 0)]).slot(
            5,
            [1, 0, SIZE, 0x94, 8],
            ALL,
        ),
        user("x86", "rdb and rdl execute", 2, &[rdb(5), rdl(6)]).x(6, SIZE).slot(7, [1, 0, SIZE, 0x98, 0], 0),
        user("x86", "setr stays privileged", 2, &[setr(0, 0)]).slot(4, [1, 0, SIZE, 0x90, 2], setr(0, 0)),
        user("pdp10", "retu executes", 2, &[addi(5, 0, 0x97), retu(5)])
            .slot(7, [1, 0, SIZE, 0x96, 0], 0)
            .psw("s", 0, SIZE, STOP, 0),
        user("m68k", "rdm executes", 2, &[addi(5, 0, 9), rdm(5)]).x(5, 1).slot(7, [1, 0, SIZE, 0x98, 0], 0),
        user("unmapped", "lwp executes", 0, &[lwp(5, 0x100, 0), swp(5, 0x1fc, 0)]).word(0x1fc, 1),
        user("unmapped", "with supervisor mode's checks: SZ", 0, &[swp(5, 0x1fd, 0)]).slot(
            5,
            [1, 0, SIZE, 0x90, 0],
            0x1fd,
        ),
    ]
}
