//! The verdicts on the six profiles, and that every finding can be replayed.

mod common;

use common::{quick, system_only};
use pg32_isa::{BUILTIN_PROFILES, Mode};
use pg32_theory::definitions::{Outcome, Sharing};
use pg32_theory::report::{Form, Report, literal, why};
use pg32_theory::{
    Classification, Finding, Method, Only, Pg32, Privilege, Probe, Recursion, Side, Subject, Theorem,
    Verdict, Witness, classify,
};
use pg32_vm::{Console, State};
use std::sync::LazyLock;

/// Principles, section 7: Theorem 1, Theorem 3.
const EXPECTED: [(&str, bool, bool); 6] = [
    ("pg", true, true),
    ("pdp10", false, true),
    ("m68k", false, true),
    ("arm", false, true),
    ("x86", false, false),
    ("unmapped", false, false),
];

static CLASSIFIED: LazyLock<Vec<(Pg32, Classification)>> = LazyLock::new(|| {
    let method = Method { random: 1000, ..Method::default() };
    let classified = BUILTIN_PROFILES.iter().map(|builtin| {
        let machine = Pg32(builtin.profile());
        let classification = classify(&machine, &method);
        (machine, classification)
    });
    classified.collect()
});

fn of(name: &str) -> &'static (Pg32, Classification) {
    CLASSIFIED.iter().find(|(machine, _)| machine.name() == name).expect("a built-in profile")
}

#[test]
fn the_profiles_meet_the_premises_that_the_principles_say() {
    assert_eq!(EXPECTED.len(), CLASSIFIED.len());
    for (name, first, third) in EXPECTED {
        let classification = &of(name).1;
        let holds = |theorem| Verdict::of(theorem, classification, None).holds();
        assert_eq!((holds(Theorem::Monitor), holds(Theorem::Hybrid)), (first, third), "{name}");
    }
}

#[test]
fn no_base_instruction_is_sensitive_or_privileged() {
    for (machine, classification) in CLASSIFIED.iter() {
        for c in classification.instructions.iter().filter(|c| c.instruction.bits & 0x7f != 0x0b) {
            let name = &c.instruction.name;
            assert!(c.innocuous() && !c.is_privileged(), "{name} on {}", machine.name());
        }
    }
}

/// A negative finding is worth what was looked at: of an instruction that executes, thousands of live states.
#[test]
fn negative_findings_are_not_vacuous() {
    let classification = &of("pg").1;
    for name in ["add", "lw", "sw", "jalr", "fence", "div"] {
        let c = classification.find(name).unwrap();
        for finding in [&c.control_s, &c.control_u, &c.behaviour_su, &c.behaviour_uu, &c.behaviour_ss] {
            let Finding::No(scope) = finding else { panic!("{name} is innocuous") };
            assert!(scope.live > 1000 && scope.live <= scope.examined, "{name}: {scope:?}");
        }
    }
}

fn all_witnesses(classification: &Classification) -> Vec<&Witness> {
    let mut all = Vec::new();
    for c in &classification.instructions {
        all.extend(c.witnesses());
        match &c.privilege {
            Privilege::Privileged { executes: witness, .. } | Privilege::Refuted(witness) => {
                all.push(witness)
            }
            Privilege::NeverExecutes { .. } => {}
        }
    }
    all
}

#[test]
fn every_witness_replays_on_its_machine() {
    for (machine, classification) in CLASSIFIED.iter() {
        for witness in all_witnesses(classification) {
            assert!(witness.replay(machine, Sharing::Several), "{}: {witness:?}", machine.name());
        }
    }
}

#[test]
fn a_witness_does_not_replay_where_the_instruction_traps() {
    let pg = &of("pg").0;
    for (name, _, _) in EXPECTED.into_iter().filter(|(name, _, third)| *name != "pg" && !third) {
        let Verdict::Fails(faults) = Verdict::of(Theorem::Hybrid, &of(name).1, None) else {
            panic!("{name} fails")
        };
        for fault in faults {
            assert!(!fault.witness.replay(pg, Sharing::Several), "{:?}", fault.witness);
        }
    }
}

/// The states of a witness mean the same to the machine that everything else runs on.
#[test]
fn the_bare_machine_takes_the_witnesses_steps() {
    let real = |probe: &Probe| State {
        storage: probe.storage.clone(),
        x: probe.x.into(),
        psw: probe.psw,
        console: probe.console.clone(),
        halted: probe.halted,
    };
    for (machine, classification) in CLASSIFIED.iter() {
        for witness in all_witnesses(classification) {
            for side in [Side::Small, Side::Large] {
                for mode in [Mode::Supervisor, Mode::User] {
                    let mut probe = witness.pair.state_in(side, mode);
                    if probe.storage.len() < 128 {
                        continue;
                    }
                    let mut state = real(&probe);
                    let expected = pg32_vm::step(&mut state, &machine.0);
                    assert_eq!(machine.step(&mut probe), expected);
                    assert_eq!(real(&probe), state);
                }
            }
        }
    }
}

#[test]
fn halt_is_sensitive_where_the_processor_is_shared() {
    let halt = |sharing| {
        let method = Method { random: 200, sharing, ..Method::default() };
        let profile = pg32_isa::Profile::pg().with(pg32_isa::Op::Halt, pg32_isa::Action::Execute);
        classify(&Only::named(Pg32(profile), ["halt"]), &method).find("halt").unwrap().clone()
    };
    assert!(halt(Sharing::Several).user_sensitive());
    let alone = halt(Sharing::Single);
    assert!(alone.innocuous());
    let Privilege::Refuted(witness) = alone.privilege else { panic!("it executes in user mode") };
    assert!(matches!(witness.shows, pg32_theory::Shows::NotPrivileged { outcome: Outcome::Halt, .. }));
}

#[test]
fn the_same_method_gives_the_same_classification() {
    let machine = system_only(Pg32(pg32_isa::Profile::builtin("x86").unwrap()));
    let first = classify(&machine, &quick());
    assert_eq!(classify(&machine, &quick()), first);
    let other = Method { seed: 7, ..quick() };
    let verdict = |c: &Classification| Theorem::ALL.map(|t| Verdict::of(t, c, None).sentence(t));
    assert_eq!(verdict(&classify(&machine, &other)), verdict(&first));
}

#[test]
fn theorem_2_needs_evidence_that_no_classification_gives() {
    let evidence = Recursion {
        monitor: "vmm.s".to_owned(),
        guest: "kernel.s".to_owned(),
        bytes_per_level: 4096,
        steps_per_trap: vec![70, 200, 500],
    };
    let pg = &of("pg").1;
    assert_eq!(Verdict::of(Theorem::Recursion, pg, None), Verdict::Unexamined);
    let verdict = Verdict::of(Theorem::Recursion, pg, Some(&evidence));
    assert!(verdict.holds());
    insta::assert_snapshot!(verdict.sentence(Theorem::Recursion), @"the condition of Theorem 2 holds: that of Theorem 1 does, and vmm.s passed equivalence as its own guest at depths 1 to 3, at 4096 bytes a level; kernel.s could not tell, although a trap took 70, 200, 500 steps");
    let m68k = Verdict::of(Theorem::Recursion, &of("m68k").1, Some(&evidence));
    assert!(matches!(m68k, Verdict::Fails(_)));
}

#[test]
fn reports() {
    let recursion = None;
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(|| {
        for (name, _, _) in EXPECTED {
            let report = Report { classification: &of(name).1, recursion };
            insta::assert_snapshot!(format!("table {name}"), report.human());
        }
        let report = Report { classification: &of("m68k").1, recursion };
        let arm = Report { classification: &of("arm").1, recursion };
        let told = why(&arm, arm.classification.find("setm").unwrap());
        assert!(told.contains("neither trapping nor changing anything"), "{told}");
        insta::assert_snapshot!("why arm setm", told);
        for insn in ["rdm", "ecall", "setm"] {
            let told = why(&report, report.classification.find(insn).unwrap());
            insta::assert_snapshot!(format!("why m68k {insn}"), told);
        }
        insta::assert_snapshot!(
            "markdown unmapped",
            Report { classification: &of("unmapped").1, recursion }.markdown()
        );
    });
}

#[test]
fn json_has_every_instruction_and_a_replayable_witness() {
    let report = Report { classification: &of("x86").1, recursion: None };
    let value = serde_json::to_value(report.json()).unwrap();
    let instructions = value["instructions"].as_array().unwrap();
    assert_eq!(instructions.len(), report.classification.instructions.len());
    let rdl = instructions.iter().find(|i| i["name"] == "rdl").unwrap();
    assert_eq!(rdl["user_sensitive"], true);
    let witness = &rdl["findings"][3]["witness"];
    assert_eq!(witness["states"].as_array().unwrap().len(), 2);
    assert_eq!(witness["states"][1]["psw"]["m"], "u");
    assert_eq!(value["theorems"][2]["holds"], false);
    let because: Vec<_> = value["theorems"][2]["because"].as_array().unwrap().iter().collect();
    assert_eq!(because.len(), 3);
    assert!(value["theorems"][1]["holds"] == false);
}

#[test]
fn the_letter_of_1974_misjudges() {
    let method = Method { random: 1000, ..Method::default() };
    let compared = pg32_theory::literal::compare(&of("x86").0, &method);
    let by_name = |name: &str| compared.iter().find(|c| c.settled.instruction.name == name).unwrap();
    // A trap into supervisor mode is a change of mode.
    for name in ["ecall", "ebreak", "jal", "beq", "(illegal)"] {
        assert!(by_name(name).settled.innocuous() && by_name(name).letter.sensitive(), "{name}");
    }
    // Relocation moves the base only, in storage of the same size.
    for name in ["rdl", "(rdsz)"] {
        let c = by_name(name);
        assert!(c.settled.user_sensitive() && !c.letter.sensitive(), "{name}");
    }
    // What may trap in supervisor mode is not privileged; with T = 0, nothing here does but memory traps.
    assert!(by_name("setr").letter.is_privileged() && !by_name("setr").with_timer.is_privileged());
    // Where they agree, they agree.
    for name in ["add", "lw", "sw", "lui", "fence"] {
        assert!(by_name(name).agrees(), "{name}");
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(|| insta::assert_snapshot!("literal x86", literal("x86", &compared, Form::Text)));
}

/// A console's tape is the only part of a state that a step cannot copy; both sides of a pair have their own.
#[test]
fn the_real_machines_console_is_not_the_virtual_machines() {
    let classification = &of("pg").1;
    let input = classification.find("in").unwrap().behaviour_ss.witness().unwrap();
    let tape = |side| -> &Console { &input.pair.state(side).console };
    assert_ne!(tape(Side::Small).input(), tape(Side::Large).input());
}
