//! The story of one instruction, in prose, with its witnesses.

use super::Report;
use super::text::{capitalised, grouped, state};
use crate::classify::Privilege;
use crate::{Classified, Finding, Scope, Side, Theorem, Verdict, Witness};
use std::fmt::Write as _;

/// Why `classified` is what it is, and what that means for the theorems. Lines end in a newline.
#[must_use]
pub fn why(report: &Report<'_>, classified: &Classified) -> String {
    let name = &classified.instruction.name;
    let mut out =
        format!("{name} ({}), on {}\n\n", classified.instruction.summary, report.classification.machine);
    out.push_str(&privilege(classified));
    let mut in_vain = String::new();
    for (finding, description) in findings(classified) {
        match finding {
            Finding::Yes(witness) => out.push_str(&told(classified, witness)),
            Finding::No(Scope { examined, live }) => {
                let (examined, live) = (grouped(*examined), grouped(*live));
                let _ = writeln!(in_vain, "  {description}: {examined}, {live} of them without a trap");
            }
        }
    }
    if !in_vain.is_empty() {
        let _ = writeln!(out, "Looked for in vain, over so many states or pairs of states:\n{in_vain}");
    }
    out.push_str(&conclusion(classified));
    for theorem in [Theorem::Monitor, Theorem::Hybrid] {
        out.push_str(&consequence(report, classified, theorem));
    }
    out
}

fn findings(c: &Classified) -> [(&Finding, &'static str); 5] {
    [
        (&c.control_s, "control-sensitive at s"),
        (&c.control_u, "control-sensitive at u"),
        (&c.behaviour_su, "mode-sensitive at (s, u)"),
        (&c.behaviour_uu, "location-sensitive at (u, u)"),
        (&c.behaviour_ss, "location-sensitive at (s, s)"),
    ]
}

fn privilege(c: &Classified) -> String {
    match &c.privilege {
        Privilege::Privileged { user_states, .. } => format!(
            "Privileged: it took the privileged-operation trap in all of {} user-mode states that did not \
             memory-trap,\nand it executes in supervisor mode.\n\n",
            grouped(*user_states)
        ),
        Privilege::NeverExecutes { supervisor_states } => format!(
            "Not privileged: it traps in user mode, but it trapped in all of {} supervisor-mode states as well.\n\n",
            grouped(*supervisor_states)
        ),
        Privilege::Refuted(witness) => told(c, witness),
    }
}

/// A witness with its states.
fn told(c: &Classified, witness: &Witness) -> String {
    let property = capitalised(&witness.shows.property());
    let mut out = format!("{property}: one step of `{}`.\n", c.instruction.text(witness.word));
    for (side, mode) in witness.states() {
        let probe = witness.pair.state(side);
        let (name, role) = match side {
            Side::Small => ("S1", String::new()),
            Side::Large => ("S2", format!(", around S1's storage at {:#x}", witness.pair.at)),
        };
        let _ = writeln!(out, "  {name}: {}{role}", state(probe, mode));
    }
    let _ = writeln!(out, "  {}.\n", capitalised(&witness.shows.to_string()));
    out
}

fn conclusion(c: &Classified) -> String {
    let mut is = Vec::new();
    if c.user_sensitive() {
        is.push("user-sensitive");
    }
    if c.supervisor_sensitive() {
        is.push("supervisor-sensitive");
    }
    if c.innocuous() {
        is.push("innocuous");
    }
    format!("So it is {}.\n", crate::theorem::listed(&is))
}

fn consequence(report: &Report<'_>, c: &Classified, theorem: Theorem) -> String {
    let n = theorem.number();
    let concerned = theorem.concerns(c);
    match (concerned, c.is_privileged()) {
        (false, _) => format!("Theorem {n} asks nothing of it.\n"),
        (true, true) => format!("Theorem {n} asks that it be privileged, and it is.\n"),
        (true, false) => {
            let others = match report.verdict(theorem) {
                Verdict::Fails(faults) if faults.len() > 1 => {
                    format!(", one of {}", faults.len())
                }
                _ => String::new(),
            };
            let loss = match theorem {
                Theorem::Monitor | Theorem::Recursion => {
                    "a monitor that runs its guest in user mode never sees it, or sees it too late"
                }
                Theorem::Hybrid => {
                    "even a guest's user mode, which a hybrid monitor runs directly, goes wrong"
                }
            };
            format!("Theorem {n}'s condition fails because of it{others}: {loss}.\n")
        }
    }
}
