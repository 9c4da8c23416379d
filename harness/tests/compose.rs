//! A monitor and a guest as one image: what is where in it, and that it simply runs.

mod common;

use common::{assembled, compare, complaint, flat, monitor, monitor_source, samples};
use pg32_harness::{ComposeError, Contract, ContractError, Hosted, HostedError, Setup, compose, contracts};
use pg32_image::{Image, Symbol, SymbolKind, Symbols};
use pg32_isa::{Insn, Op, Reg};
use pg32_vm::{Pause, Until};
use proptest::prelude::*;

const GUEST: &str = "        .text\n        ebreak\n        .globl _start\n_start: li a0, 7\nhere:   halt\n";

#[test]
fn a_composed_image_simply_runs() {
    let mut image = assembled(GUEST);
    assert_eq!(image.entry, 0x84, "the guest is not entered where its code begins");
    for depth in 0..4 {
        let setup = Setup { image: image.clone().into(), ..flat(&[], 0x4000, b"") };
        let mut machine = setup.bare().expect("it fits");
        assert_eq!(machine.run(Until::Steps(100_000)).pause, Pause::Halted, "depth {depth}");
        assert_eq!(machine.register(Reg::A0), 7, "depth {depth}");
        image = compose(&monitor(), &image).expect("they go together");
    }
}

#[test]
fn symbols_and_source_lines_move_with_the_guest() {
    let (monitor, guest) = (monitor(), assembled(GUEST));
    let contract = Contract::of(&monitor).expect("it keeps the contract");
    let twice = compose(&monitor, &compose(&monitor, &guest).expect("once")).expect("twice");
    let here = twice.symbols.find("guest:guest:here").expect("the innermost guest's label").value;
    assert_eq!(here, 2 * contract.window + guest.symbols.find("here").expect("its own label").value);
    assert_eq!(twice.lines.describe(here).as_deref(), Some("source:5"));
    let constant = twice.symbols.find("guest:STATUS_FAULT").expect("the inner monitor's constant");
    assert_eq!(constant.value, 0x702);
}

#[test]
fn the_contracts_of_all_levels_survive_an_elf_file() {
    let monitor = monitor();
    let contract = Contract::of(&monitor).expect("it keeps the contract");
    let mut image = assembled(GUEST);
    for depth in 1..4 {
        image = compose(&monitor, &image).expect("they go together");
        let read = Image::from_elf(&image.to_elf().expect("an ELF file")).expect("it is one");
        assert_eq!(Some(contracts(&read)), Contract::stack(&vec![contract; depth]));
    }
    assert!(contracts(&assembled(GUEST)).is_empty());
}

#[test]
fn what_does_not_go_together_is_refused() {
    let guest = assembled(GUEST);
    let missing = ComposeError::Contract(ContractError::Missing("vmm_window"));
    assert_eq!(compose(&guest, &guest), Err(missing.clone()));
    let without_entry = assembled(&monitor_source().replace("vmm_entry", "entry"));
    assert_eq!(compose(&without_entry, &guest), Err(ComposeError::Entry(0x84)));
    assert!(compose(&without_entry, &assembled("halt")).is_ok());
    let in_bss = monitor_source()
        .replace("vmm_entry:", "other:")
        .replace("vmm_halted:  ", "vmm_entry: .space 4\nvmm_halted:");
    assert_eq!(compose(&assembled(&in_bss), &guest), Err(ComposeError::NoEntryWord));
    let huge = assembled("halt\n .bss\n .space 0x7fffff00");
    assert!(matches!(compose(&monitor(), &huge), Err(ComposeError::TooLarge { .. })));

    let setup = Setup { image: guest.clone().into(), ..flat(&[], 0x400, b"") };
    assert_eq!(Hosted::new(&setup, &guest, 1, &[]).err(), Some(HostedError::Compose(missing)));
    let large = Setup { memory: 1 << 31, ..setup };
    assert!(matches!(Hosted::new(&large, &monitor(), 1, &[]), Err(HostedError::Setup(_))));
}

/// Nothing is known of a monitor but its contract: one that lies elsewhere, and one that gives its guest the
/// processor for 7 steps at a time, are watched as well.
#[test]
fn other_monitors_keep_the_contract_their_own_way() {
    let elsewhere = monitor_source().replace("vmm_window:  ", ".space 0x100\nvmm_window:");
    let sliced = monitor_source()
        .replace(
            "        sw      t3, vmm_psw+PSW_T(zero)\n        lw      t4, vmm_psw+PSW_STATUS",
            "        lw      t4, vmm_psw+PSW_T(zero)
                 beqz    t4, own_slice
                 lw      t5, real_psw+PSW_T(zero)
                 sub     t5, t5, t3
                 sub     t4, t4, t5
                 sw      t4, vmm_psw+PSW_T(zero)
                 beqz    t4, of_the_guest
         own_slice:
                 li      t5, CAUSE_TIMER
                 beq     t0, t5, resume
         of_the_guest:
                 lw      t4, vmm_psw+PSW_STATUS",
        )
        .replace(
            "        sw      t4, real_psw+PSW_T(zero)",
            "        li      t0, 7
                 beqz    t4, granted
                 bltu    t0, t4, granted
                 mv      t0, t4
         granted:
                 sw      t0, real_psw+PSW_T(zero)",
        );
    for source in [elsewhere, sliced] {
        assert_ne!(source, monitor_source());
        let other = assembled(&source);
        for guest in &samples() {
            for depth in 1..=2 {
                let run = compare(&guest.setup, &other, depth, &[], guest.steps);
                assert_eq!(complaint(&run, &guest.setup), None, "{} at depth {depth}", guest.name);
            }
        }
    }
}

/// A monitor of which nothing is true but its labels.
fn nonsense() -> impl Strategy<Value = Image> {
    let system = (0u32..13, any::<u32>()).prop_map(|(n, bits)| {
        let op = Op::ALL[Op::ALL.len() - 13 + n as usize];
        let reg = |shift: u32| Reg::new((bits >> shift & 31) as u8);
        let imm = (bits >> 20 & 0x3ff) as i32;
        Insn { op, rd: reg(0), rs1: reg(5), rs2: reg(10), imm }.encode()
    });
    let word = prop_oneof![3 => system, 2 => any::<u32>(), 2 => 0u32..0x400, 1 => Just(1u32)];
    proptest::collection::vec(word, 0x100).prop_map(|words| {
        let bytes = words.iter().flat_map(|w| w.to_le_bytes()).collect();
        let labels =
            [("vmm_window", 0x400), ("vmm_psw", 0x300), ("vmm_registers", 0x320), ("vmm_halted", 0x318)];
        let symbol = |(name, value): (&str, u32)| {
            let (name, kind) = (name.into(), SymbolKind::Label);
            Symbol { name, value, size: 0, kind, global: true, function: false }
        };
        let symbols = Symbols::new(labels.into_iter().map(symbol).collect());
        Image { symbols, ..Image::from_flat(bytes) }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 50, failure_persistence: None, ..ProptestConfig::default() })]

    /// A monitor may do anything: the comparison ends, and says what it is worth.
    #[test]
    fn monitors_may_be_nonsense(monitor in nonsense(), depth in 1usize..4) {
        let setup = Setup { image: assembled("li a0, 1\n halt").into(), ..flat(&[], 0x400, b"x") };
        let run = compare(&setup, &monitor, depth, &[], 1000);
        prop_assert!(complaint(&run, &setup).is_some());
    }
}
