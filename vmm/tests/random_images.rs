//! Random storage as code: bare against virtual, compared at random step counts, storage and all.

mod common;

use common::{Case, SIZE, case, console, observe, set_up};
use pg32_isa::{BUILTIN_PROFILES, Profile};
use pg32_vm::{Bare, Console, EngineKind, Machine, Until};
use pg32_vmm::{GuestSpec, Host, Monitor, VirtualMachine, Vmm};
use proptest::prelude::*;

fn bare(size: u32, profile: &Profile, console: Console) -> Box<dyn Machine> {
    Box::new(Bare::new(size, profile.clone(), EngineKind::fastest(), console))
}

/// A tower of monitors, outermost first, the innermost one hosting `SIZE` bytes.
fn tower(monitors: &[Monitor], profile: &Profile, case: &Case) -> Box<dyn Machine> {
    let overhead = Vmm::OVERHEAD;
    let real = bare(SIZE + overhead * monitors.len() as u32, profile, Console::default());
    let mut machine = Host::Real(real);
    for (level, monitor) in monitors.iter().enumerate() {
        let size = SIZE + overhead * (monitors.len() - 1 - level) as u32;
        let policy = monitor.policy();
        let spec = GuestSpec { size, policy, profile: profile.clone(), console: console(case) };
        machine =
            Host::Virtual(Box::new(VirtualMachine::new(machine, spec).expect("the size was made to fit")));
    }
    match machine {
        Host::Real(machine) => machine,
        Host::Virtual(machine) => machine,
    }
}

fn agree(case: &Case, profile: &Profile, monitors: &[Monitor]) -> Result<(), TestCaseError> {
    let mut real = bare(SIZE, profile, console(case));
    let mut virt = tower(monitors, profile, case);
    set_up(real.as_mut(), case);
    set_up(virt.as_mut(), case);
    for (index, piece) in case.pieces.iter().enumerate() {
        let steps = u64::from(*piece);
        let until = if index % 2 == 0 { Until::Steps(steps) } else { Until::Trap { within: steps } };
        let (a, b) = (real.run(until), virt.run(until));
        prop_assert_eq!(a, b, "{:?} on {}", monitors, profile.name());
        prop_assert_eq!(
            observe(real.as_ref()),
            observe(virt.as_ref()),
            "{:?} on {}",
            monitors,
            profile.name()
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    /// Theorem 1's premise holds for `pg`: every monitor is exact on it, also on top of others.
    #[test]
    fn every_monitor_is_exact_on_pg(case in case(), a in 0usize..4, b in 0usize..4, c in 0usize..4) {
        let pg = Profile::pg();
        for monitor in Monitor::ALL {
            agree(&case, &pg, &[monitor])?;
        }
        let [a, b, c] = [a, b, c].map(|i| Monitor::ALL[i]);
        agree(&case, &pg, &[a, b])?;
        agree(&case, &pg, &[a, b, c])?;
    }

    /// Two policies are exact on every profile, and the hybrid one where Theorem 3's premise holds.
    #[test]
    fn the_others_are_exact_where_the_theory_says(case in case(), a in 0usize..2, b in 0usize..2) {
        let exact = [Monitor::Translate, Monitor::Interpret];
        for row in BUILTIN_PROFILES {
            let profile = row.profile();
            for monitor in exact {
                agree(&case, &profile, &[monitor])?;
            }
            agree(&case, &profile, &[exact[a], exact[b]])?;
            if ["pg", "pdp10", "m68k", "arm"].contains(&row.name) {
                agree(&case, &profile, &[Monitor::Hybrid])?;
                agree(&case, &profile, &[Monitor::Hybrid, Monitor::Hybrid])?;
            }
        }
    }
}

/// The check can fail: on a profile that breaks Theorem 1's premise, trap-and-emulate parts from the bare
/// machine on some image.
#[test]
fn trap_and_emulate_parts_where_its_theorem_fails() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    for name in ["pdp10", "m68k", "arm", "x86", "unmapped"] {
        let profile = Profile::builtin(name).expect("it is built in");
        let mut runner = TestRunner::deterministic();
        let parts = (0..4000).any(|_| {
            let case = case().new_tree(&mut runner).expect("cases are not filtered").current();
            agree(&case, &profile, &[Monitor::TrapAndEmulate]).is_err()
        });
        assert!(parts, "no image of 4000 told the monitor from the machine on {name}");
    }
}
