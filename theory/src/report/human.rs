//! The table for a terminal.

use super::Report;
use super::text::{capitalised, grouped, line};
use crate::{Theorem, Verdict, source};
use std::fmt::Write as _;

pub(super) fn render(report: &Report<'_>) -> String {
    let classification = report.classification;
    let (special, plain) = report.split();
    let mut out = format!(
        "{}: {} instructions over {} pairs of states:\n{}\n\n",
        classification.machine,
        classification.instructions.len(),
        grouped(classification.pairs),
        source::describe(&classification.method)
    );
    out.push_str(&super::instructions(&special).text());
    let names: Vec<_> = plain.iter().map(|c| c.instruction.name.as_ref()).collect();
    let _ = writeln!(out, "\ninnocuous and not privileged, {} others:", plain.len());
    out.push_str(&wrapped(&names));
    for theorem in Theorem::ALL {
        let verdict = report.verdict(theorem);
        let _ = writeln!(out, "\n{}", capitalised(&verdict.sentence(theorem)));
        // Theorem 2's first premise is Theorem 1's, whose witnesses stand above.
        if let (Verdict::Fails(faults), false) = (&verdict, theorem == Theorem::Recursion) {
            for fault in faults {
                let _ = writeln!(out, "  {}", line(fault.classified, fault.witness));
            }
        }
    }
    out
}

/// Names in indented lines of at most 100 columns.
fn wrapped(names: &[&str]) -> String {
    let mut out = String::new();
    let mut column = 0;
    for name in names {
        if column == 0 || column + name.len() + 1 > 100 {
            out.push_str(if column == 0 { "  " } else { "\n  " });
            column = 2;
        } else {
            out.push(' ');
            column += 1;
        }
        out.push_str(name);
        column += name.len();
    }
    if column > 0 {
        out.push('\n');
    }
    out
}
