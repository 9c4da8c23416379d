//! The report as values to serialise. Keys are a contract: they are added to, not changed.

use super::Report;
use crate::definitions::Sharing;
use crate::{Classified, Finding, Probe, Recursion, Side, Theorem, Verdict, Witness, source};
use pg32_isa::Mode;
use serde::Serialize;

#[derive(Serialize)]
struct Whole {
    schema: u32,
    machine: String,
    seed: u64,
    random_pairs: u32,
    shared_processor: bool,
    pairs: u64,
    established_over: String,
    instructions: Vec<InstructionReport>,
    theorems: Vec<TheoremReport>,
}

/// One instruction.
#[derive(Clone, Debug, Serialize)]
pub struct InstructionReport {
    name: String,
    summary: String,
    privileged: bool,
    control_sensitive: bool,
    behaviour_sensitive: bool,
    location_sensitive: bool,
    mode_sensitive: bool,
    sensitive: bool,
    user_sensitive: bool,
    supervisor_sensitive: bool,
    innocuous: bool,
    /// By property; each with a witness, or with what was examined in vain.
    findings: Vec<FindingReport>,
}

#[derive(Clone, Debug, Serialize)]
struct FindingReport {
    property: &'static str,
    at: &'static [&'static str],
    found: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    examined: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    without_trap: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    witness: Option<WitnessReport>,
}

/// A witness, ready to be replayed.
#[derive(Clone, Debug, Serialize)]
pub struct WitnessReport {
    property: String,
    instruction: String,
    word: u32,
    shows: String,
    /// Where the second state holds the first, bytes; absent where there is one state.
    #[serde(skip_serializing_if = "Option::is_none")]
    embedded_at: Option<u32>,
    states: Vec<StateReport>,
}

/// A state, in the form in which `pg32 run --state json` prints one.
#[derive(Clone, Debug, Serialize)]
pub struct StateReport {
    psw: PswReport,
    x: [u32; 32],
    console: ConsoleReport,
    storage: StorageReport,
}

#[derive(Clone, Debug, Serialize)]
struct PswReport {
    m: &'static str,
    b: u32,
    l: u32,
    pc: u32,
    t: u32,
}

#[derive(Clone, Debug, Serialize)]
struct ConsoleReport {
    input: String,
    input_position: usize,
}

#[derive(Clone, Debug, Serialize)]
struct StorageReport {
    size: usize,
    nonzero: Vec<(usize, String)>,
}

/// A theorem's verdict.
#[derive(Clone, Debug, Serialize)]
pub struct TheoremReport {
    theorem: u8,
    statement: &'static str,
    /// Absent where it was not examined in full.
    holds: Option<bool>,
    verdict: String,
    because: Vec<BecauseReport>,
    /// For Theorem 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<Recursion>,
}

#[derive(Clone, Debug, Serialize)]
struct BecauseReport {
    instruction: String,
    property: String,
    shows: String,
}

pub(super) fn report(report: &Report<'_>) -> impl Serialize + use<> {
    let classification = report.classification;
    Whole {
        schema: 1,
        machine: classification.machine.clone(),
        seed: classification.method.seed,
        random_pairs: classification.method.random,
        shared_processor: classification.method.sharing == Sharing::Several,
        pairs: classification.pairs,
        established_over: source::describe(&classification.method),
        instructions: classification.instructions.iter().map(InstructionReport::from).collect(),
        theorems: Theorem::ALL.map(|t| TheoremReport::new(t, &report.verdict(t))).into(),
    }
}

impl From<&Classified> for InstructionReport {
    fn from(c: &Classified) -> Self {
        let finding = |property, at, finding: &Finding| FindingReport::new(c, property, at, finding);
        InstructionReport {
            name: c.instruction.name.to_string(),
            summary: c.instruction.summary.to_string(),
            privileged: c.is_privileged(),
            control_sensitive: c.control_sensitive(),
            behaviour_sensitive: c.behaviour_sensitive(),
            location_sensitive: c.location_sensitive(),
            mode_sensitive: c.mode_sensitive(),
            sensitive: c.sensitive(),
            user_sensitive: c.user_sensitive(),
            supervisor_sensitive: c.supervisor_sensitive(),
            innocuous: c.innocuous(),
            findings: vec![
                finding("control-sensitive", &["s"], &c.control_s),
                finding("control-sensitive", &["u"], &c.control_u),
                finding("behaviour-sensitive", &["s", "u"], &c.behaviour_su),
                finding("behaviour-sensitive", &["u", "u"], &c.behaviour_uu),
                finding("behaviour-sensitive", &["s", "s"], &c.behaviour_ss),
            ],
        }
    }
}

impl FindingReport {
    fn new(c: &Classified, property: &'static str, at: &'static [&'static str], finding: &Finding) -> Self {
        let scope = match finding {
            Finding::Yes(_) => None,
            Finding::No(scope) => Some(scope),
        };
        FindingReport {
            property,
            at,
            found: finding.found(),
            examined: scope.map(|s| s.examined),
            without_trap: scope.map(|s| s.live),
            witness: finding.witness().map(|w| WitnessReport::new(c, w)),
        }
    }
}

impl WitnessReport {
    /// A witness that was found for `classified`.
    #[must_use]
    pub fn new(classified: &Classified, witness: &Witness) -> Self {
        let sides = witness.states();
        let state = |(side, mode): &(Side, Mode)| StateReport::new(witness.pair.state(*side), *mode);
        WitnessReport {
            property: witness.shows.property(),
            instruction: classified.instruction.text(witness.word),
            word: witness.word,
            shows: witness.shows.to_string(),
            embedded_at: (sides.len() == 2).then_some(witness.pair.at),
            states: sides.iter().map(state).collect(),
        }
    }
}

impl StateReport {
    /// `probe` in `mode`.
    #[must_use]
    pub fn new(probe: &Probe, mode: Mode) -> Self {
        let psw = probe.psw;
        StateReport {
            psw: PswReport { m: mode.letter(), b: psw.base, l: psw.limit, pc: psw.pc, t: psw.timer },
            x: probe.x,
            console: ConsoleReport {
                input: hex(probe.console.input()),
                input_position: probe.console.position(),
            },
            storage: StorageReport { size: probe.storage.len(), nonzero: rows(&probe.storage) },
        }
    }
}

impl TheoremReport {
    fn new(theorem: Theorem, verdict: &Verdict<'_>) -> Self {
        let because = match verdict {
            Verdict::Fails(faults) => faults
                .iter()
                .map(|fault| BecauseReport {
                    instruction: fault.classified.instruction.name.to_string(),
                    property: fault.witness.shows.property(),
                    shows: fault.witness.shows.to_string(),
                })
                .collect(),
            Verdict::Holds { .. } | Verdict::Unexamined => Vec::new(),
        };
        let evidence = match verdict {
            Verdict::Holds { evidence, .. } => evidence.cloned(),
            Verdict::Fails(_) | Verdict::Unexamined => None,
        };
        let holds = if matches!(verdict, Verdict::Unexamined) { None } else { Some(verdict.holds()) };
        TheoremReport {
            theorem: theorem.number(),
            statement: theorem.statement(),
            holds,
            verdict: verdict.sentence(theorem),
            because,
            evidence,
        }
    }
}

/// The rows of 16 bytes that hold a byte other than zero, neighbours merged.
fn rows(storage: &[u8]) -> Vec<(usize, String)> {
    let mut merged: Vec<(usize, String)> = Vec::new();
    let mut next = None;
    for (index, row) in storage.chunks(16).enumerate().filter(|(_, row)| row.iter().any(|b| *b != 0)) {
        match merged.last_mut() {
            Some((_, text)) if next == Some(index) => text.push_str(&hex(row)),
            _ => merged.push((16 * index, hex(row))),
        }
        next = Some(index + 1);
    }
    merged
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
