//! Profiles × monitors × the paper's three properties: what the classifier predicts, against what is observed over
//! the witness guests and over random images. They agree in every cell, and the book shows the table.

#[path = "matrix/observe.rs"]
mod observe;
#[path = "matrix/predict.rs"]
mod predict;

use observe::{observe, runs_innocuous_directly, share_direct};
use pg32_isa::{Action, BUILTIN_PROFILES, Extension, Op, Profile};
use pg32_theory::{Method, Only, Pg32, classify};
use pg32_vmm::Monitor;
use predict::{Properties, predict};
use std::fmt::Write as _;

/// Random images for each cell of the table.
const IMAGES: u64 = 400;

/// A profile changes system instructions alone; that no other is sensitive on any is the classifier's own test.
fn predicted(profile: &Profile) -> [Properties; Monitor::ALL.len()] {
    let machine = Only::named(Pg32(profile.clone()), system().into_iter().map(Op::mnemonic));
    let classification = classify(&machine, &Method { random: 500, ..Method::default() });
    Monitor::ALL.map(|monitor| predict(&classification, monitor))
}

fn system() -> Vec<Op> {
    Extension::System.ops().collect()
}

fn word(holds: bool) -> &'static str {
    if holds { "yes" } else { "**no**" }
}

/// Predicts and observes one profile under every monitor, and returns its rows of the table.
fn compared(profile: &Profile, images: u64) -> String {
    let mut rows = String::new();
    for (monitor, predicted) in Monitor::ALL.into_iter().zip(predicted(profile)) {
        let observed = observe(profile, monitor, images, predicted);
        assert_eq!(predicted, observed, "{} under {}", profile.name(), monitor.name());
        let _ = writeln!(
            rows,
            "| `{}` | {} | {} | {} | {} |",
            profile.name(),
            monitor.name(),
            word(observed.equivalence),
            word(observed.resource_control),
            runs_innocuous_directly(profile, monitor).phrase()
        );
    }
    rows
}

#[test]
fn predicted_and_observed_agree_and_the_book_shows_it() {
    let rows: String = BUILTIN_PROFILES.iter().map(|row| compared(&row.profile(), IMAGES)).collect();
    let heading = "| profile | monitor | equivalence | resource control | innocuous instructions run directly |\n\
                   | --- | --- | --- | --- | --- |\n";
    let table = format!("{heading}{rows}");
    let book = include_str!("../docs/theory.md");
    assert!(book.contains(&table), "the book's table is to be:\n\n{table}");
}

/// Holes that no built-in profile has, one at a time and some together.
#[test]
fn profiles_that_are_in_no_table() {
    let system = system();
    for (number, op) in system.iter().enumerate() {
        for action in [Action::Execute, Action::Ignore] {
            let name = format!("{} {}", op.mnemonic(), action.name());
            let mut profile = Profile::trapping(name).with(*op, action);
            if number % 4 == 3 {
                profile = profile.with(system[(number * 5 + 2) % system.len()], action);
            }
            compared(&profile, 100);
        }
    }
}

/// The MIPS story: the condition holds and the guest is equivalent, as the table's rows say, and most of it traps.
#[test]
fn a_kernel_that_bypasses_the_segment_is_slow() {
    let share = share_direct("08-unmapped-kernel.s", &Profile::pg(), Monitor::TrapAndEmulate);
    assert!(share < 0.5, "{share}");
}
