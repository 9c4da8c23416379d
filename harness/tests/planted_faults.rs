//! The check can fail: faults planted in the monitor of `samples/vmm` are caught, by the comparison with the bare
//! machine or by the watch over what the guest is given.

mod common;

use common::{assembled, compare, complaint, flat, hostile, monitor, monitor_source};
use pg32_harness::{
    Contestant, Contract, Fuzz, Hosted, HostedVerdict, Kind, MonitorFailure, Setup, Watched, assemble_guest,
};
use pg32_image::Image;
use pg32_isa::{Action, Op, Profile, Reg};
use pg32_vm::{Pause, Until};
use rayon::prelude::*;

/// The first complaint about a monitor: of a hostile guest, or of the checks below, which no guest can make.
fn caught(monitor: &Image) -> Option<String> {
    let guests = hostile();
    let complaints = guests.iter().map(|guest| {
        let run = compare(&guest.setup, monitor, 1, &[], guest.steps);
        complaint(&run, &guest.setup).map(|text| format!("{}: {text}", guest.name))
    });
    let checks = [stops_when_a_guest_escapes, passes_the_exit_status, wants_room, resumes_at_once];
    complaints.chain(checks.into_iter().map(|check| check(monitor).err())).find_map(|found| found)
}

/// What a monitor answers for, beyond what its guest can see.
type Checked = Result<(), String>;

/// Where a guest can get behind its monitor, the monitor notices that the old mode is not u, and stops.
fn stops_when_a_guest_escapes(monitor: &Image) -> Checked {
    // Virtual user mode sets itself to s, which this profile lets it do in truth; then it traps.
    let guest = assembled(
        "_start: li t0, 1\n setm t0\n setm zero\n ecall\n .section .trap\n .org 0x20\n .word 0, 0, 0x400, 0xf0, 0",
    );
    let profile = Profile::trapping("leaky").with(Op::Setm, Action::Execute);
    let setup = Setup { image: guest.into(), profile, ..flat(&[], 0x400, b"") };
    let expected = MonitorFailure::Stopped { level: 1, a0: 0x702 };
    match compare(&setup, monitor, 1, &[], 100).verdict {
        HostedVerdict::Failed(fault) if fault.failure == expected => Ok(()),
        other => Err(format!("a guest escaped: {other:?}")),
    }
}

/// The machine halts with the guest's `a0`.
fn passes_the_exit_status(monitor: &Image) -> Checked {
    let guest = assembled("_start: li a0, 77\n halt");
    let setup = Setup { image: guest.into(), ..flat(&[], 0x400, b"") };
    let mut watched = watch(&setup, monitor)?;
    watched.run(10).map_err(|e| e.to_string())?;
    match watched.machine().register(Reg::A0) {
        77 => Ok(()),
        other => Err(format!("the guest's exit status is 77, the machine's {other}")),
    }
}

/// In storage too short for a guest the monitor says so, and touches nothing that is not there.
fn wants_room(monitor: &Image) -> Checked {
    for missing in [4, 0x80] {
        let memory = Contract::of(monitor).map_err(|e| e.to_string())?.window + 0x80 - missing;
        let setup = Setup { image: monitor.clone().into(), ..flat(&[], memory, b"") };
        let mut machine = setup.bare().map_err(|e| e.to_string())?;
        let ran = machine.run(Until::Steps(1000));
        let status = machine.register(Reg::A0);
        if ran.pause != Pause::Halted || status != 0x701 {
            return Err(format!("{missing} bytes too few: {:?}, status {status:#x}", ran.pause));
        }
    }
    Ok(())
}

/// The `lpsw` with which a kernel resumes takes the short way.
fn resumes_at_once(monitor: &Image) -> Checked {
    let guest =
        assembled("_start: lpsw 0x40(zero)\n .section .trap\n .org 0x40\n .word 0, 0, 0x400, 0x80, 0");
    let setup = Setup { image: guest.into(), ..flat(&[], 0x400, b"") };
    let mut watched = watch(&setup, monitor)?;
    watched.run(100).map_err(|e| e.to_string())?;
    let most = watched.cost().most;
    if most <= 70 { Ok(()) } else { Err(format!("resuming costs {most} steps")) }
}

fn watch(setup: &Setup, monitor: &Image) -> Result<Watched, String> {
    let hosted = Hosted::new(setup, monitor, 1, &[]).map_err(|e| e.to_string())?;
    Watched::start(hosted).map_err(|e| e.to_string())
}

/// The monitor with pieces of its source replaced; each is found exactly once.
fn with(changes: &[(&str, &str)]) -> Image {
    let mut source = monitor_source();
    for (from, to) in changes {
        assert_eq!(source.matches(from).count(), 1, "`{from}` is there once");
        source = source.replace(from, to);
    }
    assembled(&source)
}

const UNCHECKED_MODE: (&str, &str) = ("        beqz    t1, fault ", "        nop     # ");
const WIDE_WINDOW: (&str, &str) = ("addi    t2, t2, -4\n        bltu", "nop\n        bltu");

/// Faults by name, and what makes them.
const FAULTS: &[(&str, &[(&str, &str)])] = &[
    ("the old mode unchecked", &[UNCHECKED_MODE]),
    ("a window check that is too wide", &[WIDE_WINDOW]),
    ("a wide window, and the old mode unchecked", &[WIDE_WINDOW, UNCHECKED_MODE]),
    ("no clamp of L to the window", &[("mv      t2, t0 ", "nop     # ")]),
    ("vB > w is not noticed", &[("li      t0, 0                           # vB", "nop     # vB")]),
    ("B unmasked when a PSW is loaded", &[("andi    t1, t1, -4 ", "nop     # ")]),
    ("B unmasked by setr", &[("andi    a0, a0, -4", "nop")]),
    ("M unmasked", &[("andi    t0, t0, MODE_U ", "nop     # ")]),
    (
        "interpreted instructions do not count down vT",
        &[("addi    t4, t4, -1\n        sw      t4, vmm_psw+PSW_T(zero)\n        bnez", "bnez")],
    ),
    (
        "direct execution does not count down vT",
        &[("sw      t3, vmm_psw+PSW_T(zero)\n        lw      t4, vmm", "lw      t4, vmm")],
    ),
    (
        "lpsw counts",
        &[(
            "j       load_virtual_psw",
            "lw t0, 16(t5)\n addi t0, t0, -1\n sw t0, 16(t5)\n j load_virtual_psw",
        )],
    ),
    ("halt does not count", &[("beqz    t4, halted", "j       halted")]),
    (
        "spsw is not checked",
        &[(
            "        mv      t4, t5\n        psw_operand",
            "        lw t0, real_psw+PSW_B(zero)\n        add t5, t5, t0",
        )],
    ),
    ("swp is not checked", &[("        mv      t4, t5\n        physical_operand", "        mv      t4, t5")]),
    (
        "rdl shows the clamp",
        &[(
            "lw      t0, vmm_psw+PSW_L(zero)\n        j       write_rd",
            "lw      t0, real_psw+PSW_L(zero)\n        j       write_rd",
        )],
    ),
    ("x0 keeps what is written to it", &[("sw      zero, vmm_registers(zero)", "nop")]),
    ("interpreted in virtual user mode", &[("bnez    t4, reflect", "nop")]),
];

/// No guest can see this one on a machine on which every sensitive instruction is privileged.
const UNSEEN: &str = "the old mode unchecked";

#[test]
fn named_faults_are_caught() {
    assert_eq!(caught(&monitor()), None);
    FAULTS.par_iter().for_each(|(name, changes)| {
        let complaint = caught(&with(changes));
        println!("{name}: {}", complaint.as_deref().unwrap_or("NOT CAUGHT"));
        assert!(complaint.is_some(), "{name} is not caught");
    });
}

/// The fuzzer knows none of the guests that catch them above, and finds them all the same.
#[test]
fn fuzzing_finds_what_a_guest_can_see() {
    for (name, changes) in FAULTS.iter().filter(|(name, _)| *name != UNSEEN) {
        let kind = Kind::SelfHosted(with(changes).into(), 1);
        let contestant = Contestant { name: (*name).into(), header: String::new(), kind };
        let fuzz = Fuzz {
            seed: 0,
            cases: 20_000,
            deadline: None,
            profile: Profile::pg(),
            profile_name: "pg".into(),
            contestants: vec![contestant],
            assembler: &assemble_guest,
            stop: &|| false,
        };
        let finding = fuzz.run().finding.unwrap_or_else(|| panic!("{name} is not found"));
        println!("{name}: seed {}, {:?} words", finding.seed, finding.words);
        assert!(finding.words[1] <= 12 && finding.failure.is_some(), "{name}: {}", finding.source);
    }
}

/// Every instruction of the monitor is there for a reason: without it, some hostile guest complains.
#[test]
fn every_instruction_matters() {
    let monitor = monitor();
    let segment = monitor.segments.iter().position(|s| s.executable).expect("there is code");
    let count = monitor.segments[segment].bytes.len() / 4;
    let unnoticed: Vec<String> = (0..count)
        .into_par_iter()
        .filter_map(|index| {
            let mut image = monitor.clone();
            let at = image.segments[segment].address + 4 * index as u32;
            image.segments[segment].bytes[4 * index..4 * index + 4].copy_from_slice(&NOP.to_le_bytes());
            caught(&image).is_none().then(|| {
                let line = monitor.lines.find(at).expect("code has lines").line as usize;
                let source = monitor_source();
                let text = source.lines().nth(line - 1).unwrap_or("").trim();
                let label = monitor.symbols.place(at).map_or("", |place| &place.symbol.name);
                format!("{label}: {text}")
            })
        })
        .collect();
    assert_eq!(unnoticed, EQUIVALENT);
}

/// What changes nothing if it is left out: behind `v_setr` comes `v_setm`, with a register whose bit 0 is 0 by then, and
/// M is s already.
const EQUIVALENT: [&str; 1] = ["v_setr: j       retire"];

/// `addi x0, x0, 0`.
const NOP: u32 = 0x0000_0013;
