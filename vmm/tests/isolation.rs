//! Resource control: guests that try every way out, eight at a time. No byte outside a guest's window changes, no
//! neighbour's outcome does, and the monitor gets the processor back.

mod common;

use common::{Case, SIZE, case, console, observe, set_up};
use pg32_isa::{Action, Insn, Mode, Op, Physical, Profile, Psw, Reg};
use pg32_vm::{Bare, Console, EngineKind, Machine, Pause, Until};
use pg32_vmm::{GuestId, GuestSpec, Host, Monitor, Vmm};
use proptest::prelude::*;

const A0: Reg = Reg::A0;
const A1: Reg = Reg::new(11);
const A2: Reg = Reg::new(12);
/// Bytes between the windows and the end of real storage, for a guest that looks behind the last one.
const SPARE: u32 = 64;
/// What those bytes hold.
const MARK: u8 = 0xa5;

fn bare(size: u32, profile: &Profile, console: Console) -> Bare {
    Bare::new(size, profile.clone(), EngineKind::fastest(), console)
}

/// A monitor with a guest for each case, and marked bytes behind the last window.
fn crowd(cases: &[Case], profile: &Profile, monitor: Monitor) -> (Vmm, Vec<GuestId>) {
    let windows = SIZE * cases.len() as u32;
    let mut real = bare(Vmm::OVERHEAD + windows + SPARE, profile, Console::default());
    real.write(Physical(Vmm::OVERHEAD + windows), &[MARK; SPARE as usize]);
    let mut vmm = Vmm::new(Host::Real(Box::new(real)));
    let ids = cases.iter().map(|case| {
        let policy = monitor.policy();
        let spec = GuestSpec { size: SIZE, policy, profile: profile.clone(), console: console(case) };
        let id = vmm.create(spec).expect("there is room for all");
        set_up(&mut vmm.machine(id), case);
        id
    });
    let ids = ids.collect();
    (vmm, ids)
}

/// Everything in real storage that is no guest's: the monitor's own words but for slot 0, which every real trap
/// writes, and the bytes behind the last window.
fn outside(vmm: &Vmm) -> (Vec<u8>, Vec<u8>) {
    let host = vmm.host().machine();
    let mut own = vec![0; (Vmm::OVERHEAD - 0x20) as usize];
    host.read(Physical(0x20), &mut own);
    let mut spare = vec![0; SPARE as usize];
    host.read(Physical(host.storage_size() - SPARE), &mut spare);
    (own, spare)
}

/// Runs the cases together and each alone, and compares.
fn check(cases: &[Case], slice: u64, monitor: Monitor) -> Result<(), TestCaseError> {
    let profile = Profile::pg();
    let budget = 300;
    let (mut vmm, ids) = crowd(cases, &profile, monitor);
    let before = outside(&vmm);
    let runs = vmm.run_all(budget, slice);
    prop_assert_eq!(before, outside(&vmm), "a byte outside every window has changed");
    for ((case, id), (_, ran)) in cases.iter().zip(ids).zip(runs) {
        let mut alone = bare(SIZE, &profile, console(case));
        set_up(&mut alone, case);
        prop_assert_eq!(alone.run(Until::Steps(budget)), ran, "{:?}", monitor);
        prop_assert_eq!(
            observe(&alone),
            observe(&vmm.machine(id)),
            "a neighbour was felt under {:?}",
            monitor
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn eight_random_guests_do_not_feel_each_other(
        cases in proptest::collection::vec(case(), 8),
        slice in 1u64..40,
        monitor in 0usize..4,
    ) {
        check(&cases, slice, Monitor::ALL[monitor])?;
    }
}

fn i(op: Op, rd: Reg, rs1: Reg, rs2: Reg, imm: i32) -> Insn {
    Insn { op, rd, rs1, rs2, imm }
}

/// A guest that runs `attack` with a0 holding an address that is not its own, A1 a value to leave there, and then
/// again and again, whatever traps it takes.
fn attacker(address: u32, value: u32, attack: &[Insn]) -> Case {
    let z = Reg::ZERO;
    let mut code = Vec::new();
    for (reg, value) in [(A0, address), (A1, value)] {
        let low = (value as i32) << 20 >> 20;
        code.push(i(Op::Lui, reg, z, z, value.wrapping_sub(low as u32) as i32));
        code.push(i(Op::Addi, reg, reg, z, low));
    }
    code.extend_from_slice(attack);
    code.push(i(Op::Jal, z, z, z, -4 * attack.len() as i32));
    let mut words = vec![0; 0x20];
    words.extend(code.into_iter().map(Insn::encode));
    // A trap leads on to the instruction behind the first of the attack.
    let new = Psw { mode: Mode::Supervisor, base: 0, limit: SIZE, pc: 0x80 + 4 * 5, timer: 0 };
    Case { words, new, timer: 0, input: Vec::new(), pieces: Vec::new() }
}

/// Every way out that the instruction set offers, at every address that might belong to somebody else.
fn attacks() -> Vec<Case> {
    let z = Reg::ZERO;
    let addresses = [
        SIZE - 4,
        SIZE - 3,
        SIZE,
        SIZE + 4,
        2 * SIZE,
        0u32.wrapping_sub(4),
        0u32.wrapping_sub(SIZE),
        1 << 31,
        0x20,
        0u32.wrapping_sub(Vmm::OVERHEAD),
        8 * SIZE,
        8 * SIZE + Vmm::OVERHEAD,
    ];
    let spins = i(Op::Jal, z, z, z, 0);
    let ways: [&[Insn]; 10] = [
        &[i(Op::Sw, z, A0, A1, 0), i(Op::Sb, z, A0, A1, 3)],
        &[i(Op::Swp, z, A0, A1, 0), i(Op::Lwp, A2, A0, z, 0)],
        // Segments that wrap, or reach over the edge, from either end.
        &[i(Op::Setr, z, A0, A1, 0), i(Op::Sw, z, z, A1, 0)],
        &[i(Op::Setr, z, z, A0, 0), i(Op::Sw, z, A0, A1, -4), i(Op::Sw, z, A0, A1, 0)],
        &[i(Op::Addi, A2, z, z, -1), i(Op::Setr, z, z, A2, 0), i(Op::Sw, z, A0, A1, 0)],
        &[i(Op::Spsw, z, A0, z, 0), i(Op::Lpsw, z, A0, z, 0)],
        // A PSW with every bit set, then one that claims everything.
        &[
            i(Op::Addi, A2, z, z, -1),
            i(Op::Sw, z, z, A2, 0x64),
            i(Op::Sw, z, z, A2, 0x68),
            i(Op::Lpsw, z, z, z, 0x60),
        ],
        &[i(Op::Setm, z, z, z, 0), i(Op::Retu, z, A0, z, 0)],
        // Keeping the processor for ever.
        &[spins, spins],
        &[i(Op::Sw, z, z, A0, 0x2c), i(Op::Sw, z, z, A1, 0x30), i(Op::Ecall, z, z, z, 0)],
    ];
    let address_and_way = addresses.iter().flat_map(|a| ways.iter().map(move |w| (*a, *w)));
    address_and_way.map(|(address, way)| attacker(address, 0xdead_beef, way)).collect()
}

#[test]
fn no_way_out_works_eight_at_a_time() {
    for (number, eight) in attacks().chunks(8).enumerate() {
        for monitor in Monitor::ALL {
            let slice = 1 + number as u64 % 13;
            check(eight, slice, monitor).unwrap_or_else(|e| panic!("attacks {number}, {monitor:?}: {e}"));
        }
    }
}

#[test]
fn a_guest_that_never_traps_gives_the_processor_back_in_time() {
    let spin = attacker(0, 0, &[i(Op::Jal, Reg::ZERO, Reg::ZERO, Reg::ZERO, 0)]);
    for monitor in Monitor::ALL {
        let (mut vmm, ids) = crowd(&[spin.clone(), spin.clone()], &Profile::pg(), monitor);
        vmm.run_all(1000, 10);
        for id in &ids {
            assert_eq!(vmm.guest(*id).steps(), 1000, "{monitor:?}");
        }
        let timer = vmm.guest(ids[0]).stats().exits[7];
        let software = vmm.guest(ids[0]).stats().interpreted;
        assert!(
            timer >= 100 || software == 1000,
            "{monitor:?}: the timer brought the processor back {timer} times"
        );
    }
}

/// A profile that lets a guest enter supervisor mode for real: no monitor can hold it, and it must say so.
#[test]
fn a_monitor_that_has_lost_control_stops() {
    let profile = Profile::trapping("hole").with(Op::Setm, Action::Execute);
    let z = Reg::ZERO;
    let escape = attacker(0, 0, &[i(Op::Setm, z, z, z, 0), i(Op::Ecall, z, z, z, 0)]);
    let (mut vmm, _) = crowd(&[escape], &profile, Monitor::TrapAndEmulate);
    assert_eq!(vmm.run_all(1000, 100)[0].1.pause, Pause::ControlLost);
}

/// On a profile with an unprivileged store to physical storage a guest reaches the monitor's new PSW; the next
/// trap then loads the guest's choice, and the monitor notices.
#[test]
fn a_monitor_whose_new_psw_was_overwritten_stops() {
    let profile = Profile::builtin("unmapped").expect("it is built in");
    let z = Reg::ZERO;
    let overwrite = attacker(0, 0x80, &[i(Op::Swp, z, z, A1, 0x2c), i(Op::Ecall, z, z, z, 0)]);
    let (mut vmm, _) = crowd(&[overwrite], &profile, Monitor::TrapAndEmulate);
    assert_eq!(vmm.run_all(1000, 100)[0].1.pause, Pause::ControlLost);
}

/// A word that has run, and that the monitor then writes for the guest, is another word when it runs again: where
/// `swp` is privileged, it is the monitor that stores.
#[test]
fn what_the_monitor_stores_is_seen_by_the_next_fetch() {
    let z = Reg::ZERO;
    let word = i(Op::Addi, A2, A2, z, 100).encode();
    let patched = i(Op::Addi, A2, A2, z, 1);
    // The attack lies behind the four instructions that set a0 and a1; each turn runs the word, then stores it.
    let case = attacker(0x80 + 4 * 4, word, &[patched, i(Op::Swp, z, A0, A1, 0)]);
    for monitor in Monitor::ALL {
        check(std::slice::from_ref(&case), 1000, monitor).unwrap_or_else(|e| panic!("{monitor:?}: {e}"));
    }
}

#[test]
fn windows_are_disjoint_reused_and_refused_when_storage_is_short() {
    let real = bare(Vmm::OVERHEAD + 3 * SIZE, &Profile::pg(), Console::default());
    let mut vmm = Vmm::new(Host::Real(Box::new(real)));
    let spec = |size| GuestSpec {
        size,
        policy: Monitor::TrapAndEmulate.policy(),
        profile: Profile::pg(),
        console: Console::default(),
    };
    let ids: Vec<GuestId> =
        (0..3).map(|_| vmm.create(spec(SIZE)).expect("there is room for three")).collect();
    assert!(vmm.create(spec(128)).is_err(), "storage is full");
    let middle = vmm.guest(ids[1]).window();
    vmm.machine(ids[1]).write(Physical(0x100), &[1; 16]);
    vmm.destroy(ids[1]);
    assert!(vmm.create(spec(SIZE + 4)).is_err(), "the gap is too small");
    let again = vmm.create(spec(SIZE)).expect("the gap is free again");
    assert_eq!(vmm.guest(again).window(), middle);
    let mut bytes = [1; 16];
    vmm.machine(again).read(Physical(0x100), &mut bytes);
    assert_eq!(bytes, [0; 16], "a new guest finds nothing of the old one");
    let windows = [ids[0], again, ids[2]].map(|id| vmm.guest(id).window());
    for pair in windows.windows(2) {
        assert!(pair[0].start.0 + pair[0].size <= pair[1].start.0);
    }
}
