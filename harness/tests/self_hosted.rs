//! The monitor in `samples/vmm`, held to the bare machine: samples, hostile guests and random images, by itself
//! and stacked; and what it costs.

mod common;

use common::{Guest, compare, complaint, flat, hostile, monitor, samples};
use pg32_harness::{Hosted, HostedVerdict, Observation, Setup, Watched};
use pg32_isa::{BUILTIN_PROFILES, Extension, Format, Insn, Op, Psw, Reg};
use pg32_vm::{Pause, Until};
use pg32_vmm::Monitor;
use proptest::prelude::*;

/// Copies of the monitor on one another that are tried.
const DEPTHS: std::ops::RangeInclusive<usize> = 1..=4;

#[test]
fn samples_and_hostile_guests_are_equivalent_at_every_depth() {
    let monitor = monitor();
    for Guest { name, setup, steps } in samples() {
        for depth in DEPTHS {
            let run = compare(&setup, &monitor, depth, &[], steps);
            assert_eq!(complaint(&run, &setup), None, "{name} at depth {depth}");
            let storm = matches!(&run.verdict, HostedVerdict::NoDivergence(agreement) if agreement.storm);
            let halted = matches!(run.verdict, HostedVerdict::Equivalent(_));
            assert_eq!((halted, storm), (!name.contains("storm"), name.contains("storm")), "{name}");
        }
    }
}

#[test]
fn it_runs_on_every_rust_monitor() {
    let monitor = monitor();
    for Guest { name, setup, steps } in samples() {
        for below in Monitor::ALL {
            let run = compare(&setup, &monitor, 2, &[below, Monitor::TrapAndEmulate], steps);
            assert_eq!(complaint(&run, &setup), None, "{name} on {below:?}");
        }
    }
}

/// The Rust monitors that are exact on a profile are exact on it below this one, too, which is exact on `pg`.
#[test]
fn it_is_exact_where_theorem_1_holds_and_nowhere_else() {
    let monitor = monitor();
    let guest = hostile().into_iter().find(|g| g.name.contains("modes")).expect("it is there");
    for row in BUILTIN_PROFILES {
        let setup = Setup { profile: row.profile(), ..guest.setup.clone() };
        let exact = complaint(&compare(&setup, &monitor, 1, &[], guest.steps), &setup).is_none();
        assert_eq!(exact, row.name == "pg", "{}", row.name);
    }
}

#[test]
fn it_has_at_most_400_instructions() {
    let monitor = monitor();
    let code: u32 = monitor.segments.iter().filter(|s| s.executable).map(|s| s.size).sum();
    assert!((100 * 4..=400 * 4).contains(&code), "{} instructions", code / 4);
}

/// What each trap of a guest cost at some depth, in the machine's steps.
fn costs(guest: &Guest, depth: usize) -> Vec<u64> {
    let hosted = Hosted::new(&guest.setup, &monitor(), depth, &[]).expect("it fits");
    let mut watched = Watched::start(hosted).expect("the guest gets the processor");
    let mut costs = Vec::new();
    while costs.len() < 1000 {
        let before = watched.cost();
        let ran = watched.run_to_boundary(guest.steps).expect("the monitor does not fail");
        let after = watched.cost();
        costs.extend((after.traps > before.traps).then_some(after.steps - before.steps));
        if ran.pause != Pause::Trap {
            break;
        }
    }
    costs
}

#[test]
fn a_level_costs_no_more_than_twice_the_one_below_and_250() {
    for guest in samples() {
        let mut inner = costs(&guest, 1);
        assert!(inner.iter().all(|cost| *cost <= 250), "{}: {:?}", guest.name, inner.iter().max());
        for depth in 2..=4 {
            let outer = costs(&guest, depth);
            assert_eq!(inner.len(), outer.len(), "{}: the same traps at every depth", guest.name);
            for (trap, (below, cost)) in inner.iter().zip(&outer).enumerate() {
                assert!(
                    *cost <= 2 * below + 250,
                    "{}, trap {trap}: {below} steps, one level on {cost}",
                    guest.name
                );
            }
            inner = outer;
        }
    }
}

/// Bytes of a random guest's storage.
const SIZE: u32 = 0x400;

/// A value that means something to a monitor more often than chance would have it.
fn value() -> impl Strategy<Value = u32> {
    prop_oneof![
        3 => (0u32..SIZE / 4).prop_map(|n| 4 * n),
        3 => 0u32..SIZE + 16,
        2 => 0u32..4,
        2 => SIZE - 24..SIZE + 4,
        2 => (0u32..0x1800).prop_map(|n| n.wrapping_neg()),
        1 => Just(0x8000_0000u32),
        1 => any::<u32>(),
    ]
}

fn instruction(extension: Option<Extension>) -> impl Strategy<Value = u32> {
    let wanted = |op: &Op| extension.is_none_or(|e| op.extension() == e);
    let ops: Vec<Op> = Op::ALL.into_iter().filter(wanted).collect();
    let reg = || prop_oneof![2 => Just(0u8), 6 => 1u8..8, 1 => 0u8..32].prop_map(Reg::new);
    let imm = prop_oneof![4 => (0i32..32).prop_map(|i| i * 4), 2 => 0i32..0x400, 1 => -64i32..64];
    (proptest::sample::select(ops), reg(), reg(), reg(), imm).prop_map(|(op, rd, rs1, rs2, imm)| {
        let imm = if op.format() == Format::Upper { imm << 12 } else { imm };
        Insn { op, rd, rs1, rs2, imm }.encode()
    })
}

fn word() -> impl Strategy<Value = u32> {
    prop_oneof![4 => instruction(None), 6 => instruction(Some(Extension::System)), 2 => value(), 1 => any::<u32>()]
}

/// `lui` and `addi` that set a register.
fn load(reg: u8, value: u32) -> [u32; 2] {
    let low = (value << 20) as i32 >> 20;
    let rd = Reg::new(reg);
    let insn = |op, rs1, imm| Insn { op, rd, rs1: Reg::new(rs1), rs2: Reg::new(0), imm }.encode();
    [insn(Op::Lui, 0, value.wrapping_add_signed(-low) as i32), insn(Op::Addi, reg, low)]
}

/// A machine in which anything may happen: slot 1 leads somewhere, x1 to x7 hold values worth trying, and words
/// that are instructions more often than not follow.
fn image() -> impl Strategy<Value = Vec<u32>> {
    let new = (value(), value(), prop_oneof![3 => Just(SIZE), 1 => value()], 0x20u32..SIZE / 4, 0u32..9);
    let registers = proptest::collection::vec(value(), 7);
    let start = proptest::option::of((value(), 0u32..12));
    let body = proptest::collection::vec(word(), 16..(SIZE / 4 - 64) as usize);
    (new, registers, start, body).prop_map(|((status, base, limit, pc, t), registers, start, body)| {
        let base = if base < SIZE { base } else { base & 0xc };
        let mut words = vec![0; 0x20];
        words[8..13].copy_from_slice(&[status, base, limit, 4 * pc, t]);
        for (reg, value) in (1..).zip(&registers) {
            words.extend(load(reg, *value));
        }
        // Some go on with a timer, by the `lpsw` of words that are software's own.
        if let Some((status, t)) = start {
            let next = 4 * (words.len() as u32 + 1);
            words[0x10..0x15].copy_from_slice(&[status, 0, SIZE, next, t]);
            let rs1 = Reg::new(0);
            words.push(Insn { op: Op::Lpsw, rd: rs1, rs1, rs2: rs1, imm: 0x40 }.encode());
        }
        words.extend(body);
        words
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_images_are_equivalent_at_every_depth(words in image(), input in "[a-c]{0,3}") {
        let monitor = monitor();
        let setup = flat(&words, SIZE, input.as_bytes());
        for depth in DEPTHS {
            let run = compare(&setup, &monitor, depth, &[], 150);
            prop_assert_eq!(complaint(&run, &setup), None, "depth {}", depth);
        }
    }

    /// Not at boundaries only: wherever one looks, and however the run is cut into pieces.
    #[test]
    fn the_state_is_exact_behind_every_step(
        words in image(),
        depth in 1usize..3,
        pieces in proptest::collection::vec(0u64..40, 1..6),
    ) {
        let setup = flat(&words, SIZE, b"in");
        let mut bare = setup.bare().expect("it fits");
        let mut watched = Watched::start(Hosted::new(&setup, &monitor(), depth, &[]).expect("it fits"))
            .expect("the guest gets the processor");
        let mut steps = 0;
        for piece in pieces {
            let ran = watched.run(piece);
            let expected = bare.run(Until::Steps(piece));
            prop_assert_eq!(ran, Ok(expected));
            steps += expected.steps;
            prop_assert_eq!(watched.observe(), Observation::of(bare.as_ref(), steps));
        }
    }
}

/// The reset state is the bare machine's, too: nothing of the monitor shows in a register.
#[test]
fn the_guest_starts_from_reset() {
    let setup = flat(&[0; 0x20], SIZE, b"");
    for depth in DEPTHS {
        let watched = Watched::start(Hosted::new(&setup, &monitor(), depth, &[]).expect("it fits"))
            .expect("the guest gets the processor");
        let state = watched.observe();
        assert_eq!(state.psw, Psw::reset(SIZE, 0x80));
        assert_eq!(state, Observation::of(setup.bare().expect("it fits").as_ref(), 0));
    }
}
