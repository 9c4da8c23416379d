//! What is to find faults finds those that are planted: the fuzzer in every layer, the search at any step.

mod faulty;

use faulty::{FAULTS, Fault, Faulty};
use pg32_harness::{
    Assemble, Contestant, Finding, Fuzz, Kind, Loader, Setup, Verdict, assemble_guest, lockstep,
};
use pg32_image::Image;
use pg32_isa::{Insn, Op, Profile, Reg};
use pg32_vm::{EngineKind, Machine};
use pg32_vmm::Monitor;
use std::sync::Arc;

/// Guests within which each fault is to be found: some seconds' worth.
const CASES: u64 = 20_000;

fn contestant(fault: Fault, monitors: &'static [Monitor]) -> Contestant<'static> {
    Contestant {
        name: format!("{fault:?}"),
        header: String::new(),
        kind: Kind::Machine(Box::new(move |setup| {
            let setup = Setup { engine: EngineKind::fastest(), ..setup.clone() };
            Ok(Box::new(Faulty::new(setup.tower(monitors)?, fault)))
        })),
    }
}

fn find(contestant: Contestant<'_>, seed: u64) -> Option<Finding> {
    fuzz(vec![contestant], seed, &assemble_guest).run().finding
}

fn fuzz<'a>(contestants: Vec<Contestant<'a>>, seed: u64, assembler: &'a Assemble<'a>) -> Fuzz<'a> {
    let profile = Profile::pg();
    let profile_name = profile.name().to_owned();
    let (cases, deadline, stop) = (CASES, None, &|| false);
    Fuzz { seed, cases, deadline, profile, profile_name, contestants, assembler, stop }
}

/// The assembler is held to what the guest was meant to be.
#[test]
fn a_fault_of_the_assembler_is_found() {
    let faults: [(&str, &Assemble<'_>); 3] = [
        ("a wrong register", &|source| assemble_guest(&source.replace("mulhsu a", "mulhu a"))),
        ("a branch that is one word off", &|source| {
            let mut image = assemble_guest(source)?;
            for word in
                image.segments.iter_mut().filter(|s| s.executable).flat_map(|s| s.bytes.chunks_exact_mut(4))
            {
                let insn = Insn::decode(u32::from_le_bytes((&*word).try_into().ok()?));
                if let Some(insn) = insn.filter(|i| i.op == Op::Bgeu && i.imm < 0) {
                    word.copy_from_slice(&Insn { imm: insn.imm - 4, ..insn }.encode().to_le_bytes());
                }
            }
            Some(image)
        }),
        ("a source that is rejected", &|source| assemble_guest(source).filter(|_| !source.contains("remu"))),
    ];
    for (name, assembler) in faults {
        let finding = fuzz(Vec::new(), 1, assembler).run().finding;
        let finding = finding.unwrap_or_else(|| panic!("{name} is not found"));
        println!("{name}: seed {}, {:?} words", finding.seed, finding.words);
        assert!(finding.contestant.is_none() && finding.failure.is_none(), "{name}");
        assert!(finding.words[1] <= 2, "{name}: {}", finding.source);
    }
}

#[test]
fn a_fault_in_each_layer_is_found_and_made_small() {
    for fault in FAULTS {
        for monitors in [&[][..], &[Monitor::TrapAndEmulate]] {
            let finding =
                find(contestant(fault, monitors), 1).unwrap_or_else(|| panic!("{fault:?} is not found"));
            let [before, after] = finding.words;
            println!("{fault:?} {}: seed {}, {before} words became {after}", monitors.len(), finding.seed);
            assert!(
                after <= 16 && after < before,
                "{fault:?}: {before} words became {after}:\n{}",
                finding.source
            );
            let step = finding.failure.and_then(|failure| failure.step()).expect("the runs part on it");
            assert!(step < 1500, "{fault:?}");
        }
    }
}

/// The case that is written is a source that the program's own loader takes, and on it the runs part as was told.
#[test]
fn what_is_found_is_a_case_that_fails() {
    let finding = find(contestant(Fault::LimitTooWide, &[]), 7).expect("it is found");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("found.s");
    std::fs::write(&file, &finding.source).expect("a file");
    let loaded = Loader::default().load(&file).expect("it assembles without an error");
    let memory: u32 = header_value(&finding.source, "memory").parse().expect("a number");
    let setup = setup(loaded.image, memory);
    let steps = header_value(&finding.source, "steps").parse().expect("a number");
    let faulty = |fault| Box::new(Faulty::new(setup.bare().expect("it fits"), fault));
    let verdict = lockstep(setup.bare().expect("it fits"), faulty(Fault::LimitTooWide), steps);
    let Verdict::Diverged(again) = verdict else { panic!("they agree") };
    assert_eq!(Some(again.step), finding.failure.and_then(|failure| failure.step()));
}

fn header_value<'a>(source: &'a str, key: &str) -> &'a str {
    let prefix = format!("#: {key} = ");
    source.lines().find_map(|line| line.strip_prefix(&prefix)).expect("the header has it")
}

#[test]
fn a_seed_finds_the_same_again() {
    let find = || find(contestant(Fault::StaleDecode, &[]), 3).expect("it is found");
    let (a, b) = (find(), find());
    assert_eq!((a.seed, a.source), (b.seed, b.source));
}

#[test]
fn nothing_is_found_where_nothing_is_wrong() {
    let right = Contestant {
        name: "hybrid".into(),
        header: String::new(),
        kind: Kind::Machine(Box::new(|setup| setup.tower(&[Monitor::Hybrid]))),
    };
    assert!(find(right, 0).is_none());
}

fn setup(image: Arc<Image>, memory: u32) -> Setup {
    let engine = EngineKind::fastest();
    let profile = Profile::pg();
    Setup { image, memory, profile, engine, input: Arc::from([]), output_limit: 1 << 20 }
}

/// Counts for ever.
fn counter() -> Setup {
    let words = [
        Insn { rd: Reg::A0, rs1: Reg::A0, imm: 1, ..Insn::new(Op::Addi) },
        Insn { imm: -4, ..Insn::new(Op::Jal) },
    ];
    let mut bytes = vec![0; 0x80];
    bytes.extend(words.iter().flat_map(|insn| insn.encode().to_le_bytes()));
    setup(Arc::new(Image::from_flat(bytes)), 1 << 20)
}

/// The first step that differs is found to the step, wherever it lies: around the points where runs are compared, and
/// far out.
#[test]
fn the_step_is_found_wherever_it_lies() {
    let near = [1, 2, 3, 15, 16, 17, 18, 34, 1000, 131_071, 131_072, 131_073];
    let steps = near.into_iter().chain([1_000_000, 30_000_000, 1_000_000_000]);
    for step in steps {
        let start = counter();
        let bare: Box<dyn Machine> = start.bare().expect("it fits");
        let faulty = Box::new(Faulty::new(start.bare().expect("it fits"), Fault::AtStep(step)));
        let Verdict::Diverged(at) = lockstep(bare, faulty, 2 * step + 10) else {
            panic!("missed step {step}")
        };
        assert_eq!(at.step + 1, step);
        assert_eq!(at.right.state.x[27], 0xbad);
        assert_eq!(at.common.expect("they begin alike").x[27], 0);
    }
}
