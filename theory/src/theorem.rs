//! The theorems' premises, judged on a classification. The paper's conditions are sufficient ones: where one
//! fails, no theorem says that a monitor is impossible, and nothing here does.

use crate::{Classification, Classified, Witness};
use serde::Serialize;

/// One of the paper's three theorems.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Theorem {
    /// Theorem 1: a virtual machine monitor.
    Monitor,
    /// Theorem 2: recursion.
    Recursion,
    /// Theorem 3: a hybrid monitor.
    Hybrid,
}

impl Theorem {
    /// All three, by number.
    pub const ALL: [Theorem; 3] = [Theorem::Monitor, Theorem::Recursion, Theorem::Hybrid];

    /// Its number in the paper.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Theorem::Monitor => 1,
            Theorem::Recursion => 2,
            Theorem::Hybrid => 3,
        }
    }

    /// The theorem, as the paper states it.
    #[must_use]
    pub const fn statement(self) -> &'static str {
        match self {
            Theorem::Monitor => {
                "For any conventional third generation computer, a virtual machine monitor may be constructed if \
                 the set of sensitive instructions for that computer is a subset of the set of privileged \
                 instructions."
            }
            Theorem::Recursion => {
                "A conventional third generation computer is recursively virtualizable if it is (a) \
                 virtualizable, and (b) a VMM without any timing dependencies can be constructed for it."
            }
            Theorem::Hybrid => {
                "A hybrid virtual machine monitor may be constructed for any conventional third generation \
                 machine in which the set of user sensitive instructions are a subset of the set of privileged \
                 instructions."
            }
        }
    }

    /// Whether `classified` has to be privileged for the theorem's premise, by what was seen of it.
    #[must_use]
    pub fn concerns(self, classified: &Classified) -> bool {
        match self {
            Theorem::Monitor | Theorem::Recursion => classified.sensitive(),
            Theorem::Hybrid => classified.user_sensitive(),
        }
    }
}

/// Evidence for Theorem 2's second premise, which no classification of instructions can give: a monitor written
/// in the machine's own instructions that passed equivalence as its own guest. It has no timing dependency if that
/// holds at every depth, although at each everything takes it longer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Recursion {
    /// The monitor.
    pub monitor: String,
    /// The innermost guest.
    pub guest: String,
    /// Storage that a level costs, bytes.
    pub bytes_per_level: u64,
    /// For each depth from 1 on at which it passed: the steps that a trap of the guest took the monitors, on average.
    pub steps_per_trap: Vec<u64>,
}

/// An instruction because of which a premise fails: sensitive, as its witness shows, and not privileged.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault<'a> {
    /// The instruction.
    pub classified: &'a Classified,
    /// The states that show the sensitivity the theorem is about.
    pub witness: &'a Witness,
}

/// What can be said of a theorem's condition on one machine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict<'a> {
    /// The condition holds. With the number of instructions that it is about.
    Holds {
        /// Instructions that had to be privileged, and are.
        privileged: usize,
        /// For Theorem 2, what shows its second part.
        evidence: Option<&'a Recursion>,
    },
    /// The part of Theorem 2's condition that is Theorem 1's holds; nobody has shown the other part.
    Unexamined,
    /// The condition fails, because of these.
    Fails(Vec<Fault<'a>>),
}

impl<'a> Verdict<'a> {
    /// Judges `theorem`'s premise on `classification`.
    #[must_use]
    pub fn of(theorem: Theorem, classification: &'a Classification, evidence: Option<&'a Recursion>) -> Self {
        let concerned = || classification.instructions.iter().filter(|c| theorem.concerns(c));
        let faults: Vec<_> = concerned().filter(|c| !c.is_privileged()).filter_map(fault).collect();
        if !faults.is_empty() {
            return Verdict::Fails(faults);
        }
        match (theorem, evidence) {
            (Theorem::Recursion, None) => Verdict::Unexamined,
            (Theorem::Recursion, Some(_)) => Verdict::Holds { privileged: concerned().count(), evidence },
            (Theorem::Monitor | Theorem::Hybrid, _) => {
                Verdict::Holds { privileged: concerned().count(), evidence: None }
            }
        }
    }

    /// Whether the condition holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        matches!(self, Verdict::Holds { .. })
    }

    /// The verdict in a sentence, without the witnesses.
    #[must_use]
    pub fn sentence(&self, theorem: Theorem) -> String {
        let n = theorem.number();
        match self {
            Verdict::Holds { privileged, evidence: None } => {
                let which = if theorem == Theorem::Hybrid { "user sensitive" } else { "sensitive" };
                match privileged {
                    0 => format!("the condition of Theorem {n} holds: no instruction is {which}"),
                    1 => format!("the condition of Theorem {n} holds: the {which} instruction is privileged"),
                    all => format!(
                        "the condition of Theorem {n} holds: all {all} {which} instructions are privileged"
                    ),
                }
            }
            Verdict::Holds { evidence: Some(e), .. } => format!(
                "the condition of Theorem {n} holds: that of Theorem 1 does, and {} passed equivalence as its own \
                 guest at depths 1 to {}, at {} bytes a level; {} could not tell, although a trap took {} steps",
                e.monitor,
                e.steps_per_trap.len(),
                e.bytes_per_level,
                e.guest,
                e.steps_per_trap.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")
            ),
            Verdict::Unexamined => format!(
                "the condition of Theorem {n} was not examined in full: that of Theorem 1 holds; a monitor \
                 without timing dependencies is for a run of the self-hosted monitor to show"
            ),
            Verdict::Fails(faults) => {
                let names: Vec<_> = faults.iter().map(|f| f.classified.instruction.name.as_ref()).collect();
                format!("the condition of Theorem {n} fails, because of {}", listed(&names))
            }
        }
    }
}

/// The witness for a theorem's complaint about an instruction: of user-sensitivity if there is one.
fn fault(classified: &Classified) -> Option<Fault<'_>> {
    let witness = classified.witnesses().next()?;
    Some(Fault { classified, witness })
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}
