//! Guests made for the places where an engine that derives something from storage could be caught: every
//! engine must stay with the definition in them, whatever the pieces they are run in.

mod tools;

use pg32_isa::{Insn, Op, Physical, Profile, Psw, Reg};
use pg32_vm::{Console, EngineKind, Processor, State, Tally, Until};
use tools::{engines, insn};

/// Storage of most of these guests, in bytes: two pages of whatever an engine keeps in pages of up to 16 KiB.
const SIZE: u32 = 32 << 10;
/// A border of larger pages.
const FAR: u32 = 1 << 20;

/// A machine in supervisor mode at `at`, where `code` lies; traps lead to `handler`.
fn machine(at: u32, handler: u32, code: &[Insn]) -> State {
    machine_of(SIZE, at, handler, code)
}

/// As [`machine`], with storage of `size` bytes.
fn machine_of(size: u32, at: u32, handler: u32, code: &[Insn]) -> State {
    let mut state = State::reset(size, at, Console::default());
    write_code(&mut state, at, code);
    state.write(Physical(0x20), &Psw::reset(size, handler).to_bytes());
    state
}

/// Writes `code` from `at` on.
fn write_code(state: &mut State, at: u32, code: &[Insn]) {
    for (at, insn) in (at..).step_by(4).zip(code) {
        state.write(Physical(at), &insn.encode().to_le_bytes());
    }
}

/// A machine that executes `code`, which lies at `at`, under each of `psws` by turns, the first one first: every trap
/// changes over.
fn by_turns(psws: [Psw; 2], at: u32, code: &[Insn]) -> State {
    let handler = [insn(Op::Xori, 20, 20, 0, 0x20), insn(Op::Lpsw, 0, 20, 0, 0)];
    let mut state = machine(0x80, 0x80, &handler);
    write_code(&mut state, at, code);
    for (place, psw) in [0x1800, 0x1820].into_iter().zip(psws) {
        state.write(Physical(place), &psw.to_bytes());
    }
    state.x[20] = 0x1820;
    state
}

/// Runs `start` on every engine and on the definition, in pieces of many lengths, and compares after each.
fn assert_all_engines_agree(start: &State) {
    // Under Miri a call of the interpreter takes a second.
    let pieces = if cfg!(miri) { 0..6 } else { 0..400_u64 };
    let profile = Profile::pg();
    for (name, mut engine) in engines() {
        let (mut a, mut b) = (start.clone(), start.clone());
        let mut reference = EngineKind::Reference.engine();
        let (mut tally_a, mut tally_b) = (Tally::default(), Tally::default());
        for piece in pieces.clone().map(|n| [64, 1, 2, 3, 5, 17, 333, 1000][n as usize % 8] + n / 8) {
            let pause = reference.run(&mut a, &profile, Until::Steps(piece), &mut tally_a);
            let other = engine.run(&mut b, &profile, Until::Steps(piece), &mut tally_b);
            let place = (name, a.psw, b.psw);
            assert_eq!((pause, tally_a), (other, tally_b), "{place:x?}");
            assert!(a == b, "{place:x?} at step {}", tally_a.steps);
        }
    }
}

/// A loop in which `stores`, of a word in x8 or x9 by turns, change the second of two instructions that are
/// executed one behind the other; the first lies at `first`, and x10 says where the second does.
fn pair_that_changes(first: u32, stores: &[Insn]) -> State {
    let [next, other] = [insn(Op::Add, 5, 5, 6, 0), insn(Op::Andi, 6, 5, 0, 0x155)].map(Insn::encode);
    let mut code = vec![insn(Op::Add, 12, 8, 0, 0), insn(Op::Add, 8, 9, 0, 0), insn(Op::Add, 9, 12, 0, 0)];
    code.extend(stores);
    let here = 0x80 + 4 * code.len() as i32;
    code.push(insn(Op::Jal, 0, 0, 0, first as i32 - here));
    let size = if first < SIZE - 16 { SIZE } else { first + SIZE };
    let mut state = machine_of(size, 0x80, 0x80, &code);
    let behind = insn(Op::Addi, 7, 5, 0, 9).encode();
    let back = insn(Op::Jal, 0, 0, 0, 0x80 - (first as i32 + 12)).encode();
    for (at, word) in (first..).step_by(4).zip([FIRST.encode(), next, behind, back]) {
        state.write(Physical(at), &word.to_le_bytes());
    }
    (state.x[8], state.x[9], state.x[10]) = (next, other, first + 4);
    state
}

/// The first of the pair that changes.
const FIRST: Insn = Insn { op: Op::Addi, rd: Reg::new(6), rs1: Reg::new(6), rs2: Reg::ZERO, imm: 3 };

/// Two instructions that are decoded together, of which the second changes: wherever the border of a row of
/// marks, or of a page of slots, lies between them, and however the store is made.
#[test]
fn the_second_of_a_pair_changes() {
    for first in [0x100, 0x13c, 0x17c, 0x138, 0x1ffc, 0x3ff8, 0x3ffc, 0x4000, FAR - 4] {
        let store = |op, value, imm| insn(op, 0, 10, value, imm);
        assert_all_engines_agree(&pair_that_changes(first, &[store(Op::Sw, 8, 0)]));
        assert_all_engines_agree(&pair_that_changes(first, &[store(Op::Swp, 8, 0)]));
        let shift = insn(Op::Srli, 13, 8, 0, 24);
        assert_all_engines_agree(&pair_that_changes(first, &[shift, store(Op::Sb, 13, 3)]));
        let shift = insn(Op::Srli, 13, 8, 0, 16);
        assert_all_engines_agree(&pair_that_changes(first, &[shift, store(Op::Sh, 13, 2)]));
    }
}

/// As before, by a store that begins in the first instruction and ends in the second.
#[test]
fn a_store_across_both_of_a_pair() {
    for first in [0x100, 0x13c, 0x3ffc] {
        for across in 1..4 {
            // What lies `across` bytes into the first of the pair, and from there on in the second.
            let keep = FIRST.encode() >> (8 * across);
            let stores = [
                insn(Op::Slli, 13, 8, 0, 32 - 8 * across),
                insn(Op::Or, 13, 13, 14, 0),
                insn(Op::Sw, 0, 10, 13, across - 4),
            ];
            let mut state = pair_that_changes(first, &stores);
            state.x[14] = keep;
            assert_all_engines_agree(&state);
        }
    }
}

/// A store that begins in data, where nothing was ever executed, and ends in an instruction.
#[test]
fn a_store_from_data_into_code() {
    for first in [0x140, 0x4000] {
        for across in 1..4 {
            let stores = [insn(Op::Slli, 13, 8, 0, 32 - 8 * across), insn(Op::Sw, 0, 10, 13, across - 4)];
            let mut state = pair_that_changes(first, &stores);
            // The first of the pair is what changes here.
            (state.x[8], state.x[10]) = (FIRST.encode(), first);
            assert_all_engines_agree(&state);
        }
    }
}

/// Code that changes in a segment, and the last of all code lies behind that: so where the last lies in the segment
/// is another question.
#[test]
fn the_last_of_all_code_lies_elsewhere() {
    for first in [0x100, 0x13c, 0x1ffc] {
        let mut state = pair_that_changes(first, &[insn(Op::Sw, 0, 10, 8, 0)]);
        for at in [0x20, 0x2800] {
            state.write(Physical(at), &Psw::reset(0x3000, 0x80).to_bytes());
        }
        write_code(&mut state, 0x4000, &[insn(Op::Lpsw, 0, 21, 0, 0)]);
        (state.x[21], state.psw.pc) = (0x2800, 0x4000);
        assert_all_engines_agree(&state);
    }
}

/// A PC between two instructions is no place of a program, even if the bytes there say one and the words
/// around it are executed all the time.
#[test]
fn a_misaligned_pc_is_no_place_to_translate() {
    let code = [
        insn(Op::Addi, 5, 5, 0, 1),
        insn(Op::Andi, 8, 5, 0, 1),
        insn(Op::Bne, 0, 8, 0, 8),
        insn(Op::Retu, 0, 10, 0, 0),
        insn(Op::Retu, 0, 11, 0, 0),
    ];
    let mut state = machine(0x80, 0x80, &code);
    // Read from 0x102 on: `jalr x0, 1(x14)`.
    for (at, word) in [(0x100, 0x0067_53b3_u32), (0x104, 0x0000_0017), (0x108, 0x0000_0073)] {
        state.write(Physical(at), &word.to_le_bytes());
    }
    (state.x[10], state.x[11], state.x[14]) = (0x102, 0x100, 0x80);
    assert_all_engines_agree(&state);
}

/// The last instruction of all that were ever executed changes, and the data right behind it do, too.
#[test]
fn the_last_of_all_code_changes() {
    for last in [0x100, 0x13c, 0x17c, 0x1ffc, 0x3ffc] {
        let jumps = [0x80, 0x84].map(|to| insn(Op::Jal, 0, 0, 0, to - last as i32).encode());
        // Their bytes from `from` on differ, and nothing before them does.
        for (op, from) in [(Op::Sw, 0), (Op::Sw, 1), (Op::Sw, 2), (Op::Sh, 2), (Op::Sb, 2)] {
            let code = [
                insn(Op::Addi, 5, 5, 0, 1),
                insn(Op::Add, 12, 8, 0, 0),
                insn(Op::Add, 8, 9, 0, 0),
                insn(Op::Add, 9, 12, 0, 0),
                insn(op, 0, 10, 8, from),
                insn(Op::Sw, 0, 11, 5, 0),
                insn(Op::Jal, 0, 0, 0, last as i32 - (0x80 + 4 * 6)),
            ];
            let mut state = machine(0x80, 0x80, &code);
            state.write(Physical(last), &jumps[0].to_le_bytes());
            (state.x[8], state.x[9]) = (jumps[1] >> (8 * from), jumps[0] >> (8 * from));
            (state.x[10], state.x[11]) = (last, last + 8);
            assert_all_engines_agree(&state);
        }
    }
}

/// Divisions by numbers that an engine can see in the code, and by the same ones where it cannot.
#[test]
fn divisors_known_and_not() {
    let few = [0, 1, 2, 3, 5, 7, 10, 100, 641, 0x7fff, 0x8000, 0xffff, 0x1_0001];
    let all: Vec<u32> = few
        .into_iter()
        .flat_map(|d: u32| [d, d.wrapping_neg(), 0x7fff_ffff_u32.wrapping_sub(d), 0x8000_0000 + d])
        .collect();
    for known in [true, false] {
        for divisors in all.chunks(8) {
            // x8 goes through the dividends at x5, which end at x6; x7 remembers where they begin.
            let mut code = vec![insn(Op::Lw, 8, 5, 0, 0), insn(Op::Addi, 5, 5, 0, 4)];
            for (&divisor, place) in divisors.iter().zip((0..).step_by(4)) {
                let upper = divisor.wrapping_add(0x800) & !0xfff;
                if known {
                    code.push(insn(Op::Lui, 9, 0, 0, upper as i32));
                    code.push(insn(Op::Addi, 9, 9, 0, divisor.wrapping_sub(upper) as i32));
                } else {
                    code.push(insn(Op::Lw, 9, 6, 0, place));
                }
                // A remainder before its quotient, and one behind it.
                for (op, to) in [(Op::Rem, 10), (Op::Div, 11), (Op::Divu, 12), (Op::Remu, 13)] {
                    code.push(insn(op, 14, 8, 9, 0));
                    code.push(insn(Op::Xor, to, to, 14, 0));
                    code.push(insn(Op::Slli, 15, to, 0, 1));
                    code.push(insn(Op::Add, to, to, 15, 0));
                }
            }
            let back = |from: usize| -4 * from as i32;
            code.push(insn(Op::Bne, 0, 5, 6, back(code.len())));
            code.push(insn(Op::Add, 5, 7, 0, 0));
            code.push(insn(Op::Jal, 0, 0, 0, back(code.len())));
            let mut state = machine(0x80, 0x80, &code);
            let products = divisors.iter().flat_map(|&d| [d.wrapping_mul(3), d.wrapping_mul(d)]);
            let dividends: Vec<u32> = all.iter().copied().chain(products).collect();
            let start = 0x4000;
            for (at, word) in (start..).step_by(4).zip(dividends.iter().chain(divisors)) {
                state.write(Physical(at), &word.to_le_bytes());
            }
            (state.x[5], state.x[6], state.x[7]) = (start, start + 4 * dividends.len() as u32, start);
            assert_all_engines_agree(&state);
        }
    }
}

/// Words turned by a number of bits that is in a register, the ways that a compiler writes it, and ways that only look
/// like it: sums and differences are something else where the number is 0.
#[test]
fn rotations_by_a_register() {
    // x8 is turned by x9 bits; x10 is what a word has beyond them.
    let less = [insn(Op::Sub, 10, 0, 9, 0), insn(Op::Sub, 10, 7, 9, 0)];
    let (left, right) = ([(Op::Sll, 9), (Op::Srl, 10)], [(Op::Srl, 9), (Op::Sll, 10)]);
    for less in less {
        for [(first, by), (second, rest)] in [left, right] {
            let mut code = vec![insn(Op::Addi, 7, 0, 0, 32), less];
            for (op, to) in [(Op::Or, 13), (Op::Add, 14), (Op::Xor, 15)] {
                for turned in [0, 1] {
                    let (a, b) = if turned == 0 { (11, 12) } else { (12, 11) };
                    code.push(insn(first, 11, 8, by, 0));
                    code.push(insn(second, 12, 8, rest, 0));
                    code.push(insn(op, 16, a, b, 0));
                    code.push(insn(Op::Mul, to, to, 8, 0));
                    code.push(insn(Op::Add, to, to, 16, 0));
                }
            }
            code.extend([insn(Op::Addi, 9, 9, 0, 1), insn(Op::Add, 8, 8, 13, 0), insn(Op::Xor, 8, 8, 14, 0)]);
            code.push(insn(Op::Jal, 0, 0, 0, -4 * code.len() as i32));
            let mut state = machine(0x80, 0x80, &code);
            state.x[8] = 0x8765_4321;
            assert_all_engines_agree(&state);
        }
    }
}

/// The low bits of what was loaded, as many as it has or fewer.
#[test]
fn low_bits_of_what_was_loaded() {
    for load in [Op::Lbu, Op::Lhu, Op::Lb, Op::Lh, Op::Lw] {
        for bits in [7, 8, 11, 15, 16] {
            let code = [
                insn(Op::Addi, 10, 10, 0, 3),
                insn(load, 6, 10, 0, 0),
                insn(Op::Slli, 7, 6, 0, 32 - bits),
                insn(Op::Srli, 7, 7, 0, 32 - bits),
                insn(Op::Andi, 8, 6, 0, (1 << bits.min(11)) - 1),
                insn(Op::Andi, 9, 10, 0, 0xff),
                insn(Op::Add, 5, 5, 7, 0),
                insn(Op::Xor, 5, 5, 8, 0),
                insn(Op::Bne, 0, 9, 0, -32),
                insn(Op::Andi, 10, 10, 0, 0x7ff),
                insn(Op::Add, 10, 10, 11, 0),
                insn(Op::Jal, 0, 0, 0, -44),
            ];
            let mut state = machine(0x80, 0x80, &code);
            for at in (0x1000..0x2000_u32).step_by(4) {
                state.write(Physical(at), &at.wrapping_mul(0x9e37_79b1).to_le_bytes());
            }
            (state.x[10], state.x[11]) = (0x1400, 0x1000);
            assert_all_engines_agree(&state);
        }
    }
}

/// Both words of a product, in either order, of factors in either order or lost in between, and what they are together
/// when shifted.
#[test]
fn both_words_of_a_product() {
    let highs = [Op::Mulh, Op::Mulhu, Op::Mulhsu];
    let joins = [(Op::Or, 4), (Op::Xor, 1), (Op::Add, 31), (Op::Or, 16)];
    for (high, (join, bits)) in highs.into_iter().flat_map(|high| joins.map(|join| (high, join))) {
        // The second time, the low word replaces a factor, or the high one does.
        for (low_to, high_to) in [(6, 7), (8, 7), (6, 9)] {
            for (rs1, rs2) in [(8, 9), (9, 8)] {
                let words = [insn(Op::Mul, low_to, 8, 9, 0), insn(high, high_to, rs1, rs2, 0)];
                for words in [words, [words[1], words[0]]] {
                    let mut code = vec![insn(Op::Add, 9, 9, 5, 0), insn(Op::Addi, 8, 8, 0, -0x123)];
                    code.extend(words);
                    code.extend([
                        insn(high, 12, rs2, rs1, 0),
                        insn(Op::Srli, 6, low_to, 0, bits),
                        insn(Op::Slli, 7, high_to, 0, 32 - bits),
                        insn(join, 5, 7, 6, 0),
                        insn(Op::Xor, 11, 11, 12, 0),
                        insn(Op::Add, 11, 11, 5, 0),
                        insn(Op::Jal, 0, 0, 0, -40),
                    ]);
                    let mut state = machine(0x80, 0x80, &code);
                    (state.x[8], state.x[9]) = (0x8765_4321, 0xfedc_ba98);
                    assert_all_engines_agree(&state);
                }
            }
        }
    }
}

/// A loop that is executed in segments of many lengths, ever shorter ones, each time up to the end: what holds in one
/// does not in others.
#[test]
fn a_loop_in_segments_of_many_lengths() {
    // From x10, x11 and x13 on it stores words, loads bytes and stores bytes.
    for (words, loads, bytes) in [(-200, -600, -600), (-600, -250, -600), (-600, -600, -250)] {
        let code = [
            // The handler: the next length.
            insn(Op::Addi, 20, 20, 0, -4),
            insn(Op::Andi, 21, 20, 0, 0x1fc),
            insn(Op::Add, 21, 21, 22, 0),
            insn(Op::Addi, 10, 21, 0, words),
            insn(Op::Addi, 11, 21, 0, loads),
            insn(Op::Addi, 13, 21, 0, bytes),
            insn(Op::Setr, 0, 0, 21, 0),
            insn(Op::Sw, 0, 10, 5, 0),
            insn(Op::Lw, 6, 10, 0, -4),
            insn(Op::Lbu, 8, 11, 0, 31),
            insn(Op::Sb, 0, 13, 8, 33),
            insn(Op::Addi, 10, 10, 0, 4),
            insn(Op::Addi, 11, 11, 0, 5),
            insn(Op::Addi, 13, 13, 0, 5),
            insn(Op::Add, 5, 5, 6, 0),
            insn(Op::Add, 7, 7, 8, 0),
            insn(Op::Addi, 5, 5, 0, 1),
            insn(Op::Jal, 0, 0, 0, -40),
        ];
        let mut state = machine(0x80, 0x80, &code);
        state.x[22] = 0x2000;
        assert_all_engines_agree(&state);
    }
}

/// The same code at two virtual addresses, by turns: what it links, and what it finds its own address to be, differ.
#[test]
fn a_loop_at_two_addresses() {
    let code = [
        insn(Op::Addi, 5, 5, 0, 1),
        insn(Op::Auipc, 6, 0, 0, 0),
        insn(Op::Add, 7, 7, 6, 0),
        insn(Op::Jal, 1, 0, 0, 8),
        insn(Op::Ebreak, 0, 0, 0, 0),
        insn(Op::Add, 8, 8, 1, 0),
        insn(Op::Addi, 2, 1, 0, 16),
        insn(Op::Jalr, 3, 2, 0, 0),
        insn(Op::Andi, 9, 5, 0, 31),
        insn(Op::Add, 8, 8, 3, 0),
        insn(Op::Bne, 0, 9, 0, -40),
        insn(Op::Ecall, 0, 0, 0, 0),
    ];
    // Segments of one length, and first the one from where it is further to what has not been executed.
    let psws = [0, 0x40].map(|base| Psw { base, pc: 0x200 - base, ..Psw::reset(SIZE / 2, 0) });
    let state = by_turns(psws, 0x200, &code);
    assert_all_engines_agree(&state);
}

/// Beside a loop that is worth translating one that is not, since all that it does leaves translations again: that it
/// goes on being interpreted is no reason to translate what is around it time and again.
#[test]
#[cfg(feature = "jit")]
#[cfg_attr(miri, ignore = "takes millions of steps")]
fn a_loop_not_worth_entering() {
    let code = [
        insn(Op::Addi, 5, 0, 0, 400),
        insn(Op::Addi, 5, 5, 0, -1),
        insn(Op::Add, 6, 6, 5, 0),
        insn(Op::Xor, 7, 7, 6, 0),
        insn(Op::Bne, 0, 5, 0, -12),
        insn(Op::Addi, 5, 0, 0, 400),
        insn(Op::Addi, 5, 5, 0, -1),
        insn(Op::Add, 6, 6, 5, 0),
        insn(Op::Spsw, 0, 10, 0, 0),
        insn(Op::Bne, 0, 5, 0, -12),
        insn(Op::Jal, 0, 0, 0, -40),
    ];
    let mut state = machine(0x80, 0x80, &code);
    state.x[10] = 0x1000;
    let mut engine = EngineKind::Jit.engine();
    let steps = Until::Steps(40_000_000);
    engine.run(&mut state, &Profile::pg(), steps, &mut Tally::default());
    let translations = engine.stats().translations;
    assert!((1..=8).contains(&translations), "{translations} translations");
}

/// A jump to one of twelve places, of which each calls the same function and continues behind its call: more places than
/// are compared one by one, unevenly apart, and reached with bit 0 set, too.
#[test]
fn jumps_to_many_places() {
    const FIRST: u32 = 0x200;
    const PLACES: i32 = 12;
    let at = |place: i32| 64 + 24 * place + 8 * (place / 3);
    let function = at(PLACES);
    let mut code = vec![
        insn(Op::Mul, 5, 5, 11, 0),
        insn(Op::Addi, 5, 5, 0, 1),
        insn(Op::Srli, 7, 5, 0, 28),
        insn(Op::Remu, 7, 7, 12, 0),
        insn(Op::Slli, 8, 7, 0, 2),
        insn(Op::Add, 8, 8, 10, 0),
        insn(Op::Lw, 8, 8, 0, 0),
        insn(Op::Andi, 9, 5, 0, 1),
        insn(Op::Add, 8, 8, 9, 0),
        insn(Op::Jalr, 0, 8, 0, 0),
    ];
    for place in 0..PLACES {
        code.resize(at(place) as usize / 4, insn(Op::Addi, 0, 0, 0, 0));
        let here = at(place);
        code.extend([
            insn(Op::Addi, 6, 6, 0, place + 1),
            insn(Op::Jal, 1, 0, 0, function - here - 4),
            insn(Op::Xori, 6, 6, 0, 3 * place),
            insn(Op::Jal, 0, 0, 0, -here - 12),
        ]);
    }
    code.resize(function as usize / 4, insn(Op::Addi, 0, 0, 0, 0));
    code.extend([insn(Op::Add, 6, 6, 5, 0), insn(Op::Jalr, 0, 1, 0, 0)]);
    let mut state = machine(FIRST, FIRST, &code);
    (state.x[10], state.x[11], state.x[12]) = (0x1000, 1_664_525, PLACES as u32);
    for place in 0..PLACES {
        let address = FIRST + at(place) as u32;
        state.write(Physical(0x1000 + 4 * place as u32), &address.to_le_bytes());
    }
    assert_all_engines_agree(&state);
}

/// A segment that ends in the midst of code, by turns with one that holds all of it: what is executed together there
/// is not here.
#[test]
fn a_segment_that_ends_within_code() {
    let code = [
        insn(Op::Addi, 5, 5, 0, 1),
        insn(Op::Add, 6, 6, 5, 0),
        insn(Op::Xor, 7, 7, 6, 0),
        insn(Op::Addi, 8, 7, 0, 3),
        insn(Op::Andi, 9, 5, 0, 7),
        insn(Op::Bne, 0, 9, 0, -20),
        insn(Op::Ecall, 0, 0, 0, 0),
    ];
    for first in [0x200, 0xff8, 0x1000] {
        for words in 0..code.len() as u32 {
            let psws = [SIZE, first + 4 * words].map(|limit| Psw::reset(limit, first));
            let state = by_turns(psws, first, &code);
            assert_all_engines_agree(&state);
        }
    }
}

/// Addresses that go around at the end of all, by turns with such that do not.
#[test]
fn addresses_that_go_around() {
    let code = [
        insn(Op::Xor, 10, 10, 11, 0),
        insn(Op::Addi, 5, 5, 0, 1),
        insn(Op::Lw, 6, 10, 0, 0x50),
        insn(Op::Add, 7, 7, 6, 0),
        insn(Op::Addi, 12, 10, 0, 0),
        insn(Op::Sw, 0, 12, 7, 0x54),
        insn(Op::Jal, 0, 0, 0, -24),
    ];
    let mut state = machine(0x80, 0x80, &code);
    (state.x[10], state.x[11]) = (0x2000, 0x2000 ^ 0xffff_fff8);
    assert_all_engines_agree(&state);
}

/// What a loop has been storing to for long, as data, is executed, and changes again after that.
#[test]
fn data_become_code() {
    let swap = [insn(Op::Add, 12, 8, 0, 0), insn(Op::Add, 8, 9, 0, 0), insn(Op::Add, 9, 12, 0, 0)];
    let mut code = vec![insn(Op::Addi, 5, 5, 0, 1), insn(Op::Sw, 0, 10, 8, 0)];
    code.extend(swap);
    code.extend([insn(Op::Andi, 6, 5, 0, 0x7f), insn(Op::Bne, 0, 6, 0, -24)]);
    // Another one the next time.
    code.extend(swap);
    code.push(insn(Op::Lpsw, 0, 20, 0, 0));
    for to in [0xc0, 0x1ffc, 0x2000] {
        let mut state = machine(0x80, 0x80, &code);
        state.write(Physical(to + 4), &insn(Op::Ecall, 0, 0, 0, 0).encode().to_le_bytes());
        state.write(Physical(0x1000), &Psw::reset(SIZE, to).to_bytes());
        let (one, two) = (insn(Op::Addi, 7, 7, 0, 1), insn(Op::Slli, 7, 7, 0, 1));
        (state.x[8], state.x[9]) = (one.encode(), two.encode());
        (state.x[10], state.x[20]) = (to, 0x1000);
        assert_all_engines_agree(&state);
    }
}
