//! The report as a Markdown page.

use super::Report;
use super::text::{grouped, line, state};
use crate::{Pair, Side, Theorem, Verdict, source};
use std::fmt::Write as _;

pub(super) fn render(report: &Report<'_>) -> String {
    let classification = report.classification;
    let mut out = format!("# `{}`, classified\n\n", classification.machine);
    let _ = writeln!(
        out,
        "{} instructions over {} pairs of states: {}.\n",
        classification.instructions.len(),
        grouped(classification.pairs),
        source::describe(&classification.method)
    );
    let all: Vec<_> = classification.instructions.iter().collect();
    out.push_str(&super::instructions(&all).markdown());
    for theorem in Theorem::ALL {
        let verdict = report.verdict(theorem);
        let _ = writeln!(out, "\n## Theorem {}\n\n> {}\n", theorem.number(), theorem.statement());
        let _ = writeln!(out, "On `{}`, {}.", classification.machine, verdict.sentence(theorem));
        if let (Verdict::Fails(faults), false) = (&verdict, theorem == Theorem::Recursion) {
            out.push('\n');
            for fault in faults {
                let _ = writeln!(out, "- {}.", line(fault.classified, fault.witness));
                for (side, mode) in fault.witness.states() {
                    let _ = writeln!(
                        out,
                        "  - {}: {}",
                        name(side, &fault.witness.pair),
                        state(fault.witness.pair.state(side), mode)
                    );
                }
            }
        }
    }
    out
}

fn name(side: Side, pair: &Pair) -> String {
    match side {
        Side::Small => "S1".to_owned(),
        Side::Large => format!("S2, with S1 at {:#x}", pair.at),
    }
}
