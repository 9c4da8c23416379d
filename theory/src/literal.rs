//! The definitions of 1974 taken to the letter, beside the settled ones: where they part, and why.
//!
//! To the letter, a trap is a change of state like any other, so that whatever traps into supervisor mode is
//! control-sensitive; relocation moves the base and leaves the limit and the size of storage alone, so that
//! reading these betrays nothing; and what traps in supervisor mode, for whatever reason, is not privileged. The
//! paper's machine has no timer and no console: the letter is applied with `T = 0`, and once more with any `T`,
//! and with the same console on both sides.

use crate::definitions::Outcome;
use crate::{
    Classified, Instruction, Method, Pair, Patch, Patched, Probe, Subject, Theorem, classify_instruction,
    parallel, source,
};
use Mode::{Supervisor as S, User as U};
use pg32_isa::{Action, Cause, Format, Mode, Trap};
use pg32_vm::{Flow, Processor};

/// What the letter says of an instruction, and by what.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Letter {
    /// A pair of states, alike but for the mode, that speaks against its being privileged.
    pub not_privileged: Option<String>,
    /// What makes it sensitive in a supervisor-mode state.
    pub supervisor_sensitive: Option<String>,
    /// What makes it sensitive in a user-mode state.
    pub user_sensitive: Option<String>,
}

impl Letter {
    /// Whether it is privileged.
    #[must_use]
    pub fn is_privileged(&self) -> bool {
        self.not_privileged.is_none()
    }

    /// Whether it is sensitive.
    #[must_use]
    pub fn sensitive(&self) -> bool {
        self.user_sensitive.is_some() || self.supervisor_sensitive.is_some()
    }

    /// Whether it has to be privileged for the theorem's premise.
    #[must_use]
    pub fn concerned_by(&self, theorem: Theorem) -> bool {
        match theorem {
            Theorem::Monitor | Theorem::Recursion => self.sensitive(),
            Theorem::Hybrid => self.user_sensitive.is_some(),
        }
    }
}

/// One instruction by both readings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Compared {
    /// The settled reading.
    pub settled: Classified,
    /// The letter, on states whose timer is off: the paper's machine.
    pub letter: Letter,
    /// The letter, on states with any timer.
    pub with_timer: Letter,
}

impl Compared {
    /// Whether the readings agree on what the theorems ask about.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.settled.is_privileged() == self.letter.is_privileged()
            && self.settled.sensitive() == self.letter.sensitive()
            && self.settled.user_sensitive() == self.letter.user_sensitive.is_some()
    }

    /// What the letter's judgement rests on, in a clause.
    #[must_use]
    pub fn reason(&self) -> String {
        let letter = &self.letter;
        let reasons = [&letter.user_sensitive, &letter.supervisor_sensitive, &letter.not_privileged];
        match reasons.into_iter().flatten().next() {
            Some(reason) if letter.sensitive() => reason.clone(),
            _ => match self.settled.witnesses().next() {
                Some(witness) => format!("does not see that {}", witness.shows),
                None => reasons.into_iter().flatten().next().cloned().unwrap_or_default(),
            },
        }
    }
}

/// Every instruction of `subject` by both readings, and two that no PG32 program can count on, for what they
/// show: a word that is no instruction, and `rdsz`, which reads the size of storage.
#[must_use]
pub fn compare(subject: &dyn Subject, method: &Method) -> Vec<Compared> {
    let extended = Patched::new(subject.name(), subject, vec![read_size()]);
    let mut instructions = extended.instructions();
    instructions.push(illegal());
    let compared = |instruction: &Instruction| {
        let settled = classify_instruction(&extended, instruction, method);
        let (letter, with_timer) = read(&extended, instruction, method);
        Compared { settled, letter, with_timer }
    };
    parallel::map(&instructions, compared)
}

/// Not an instruction of PG32: `rdsz rd`, rd = SZ, in custom-1 and in either mode.
fn read_size() -> Patch {
    Patch {
        instruction: Instruction {
            name: "(rdsz)".into(),
            summary: "rd = SZ; no instruction of PG32".into(),
            format: Format::Rd,
            bits: 0x0000_002b,
        },
        user: Action::Execute,
        meaning: |probe, operands| {
            let size = probe.storage_size();
            probe.set_register(operands.rd, size);
            Ok(Flow::Next)
        },
    }
}

/// The word 0, which is no instruction.
fn illegal() -> Instruction {
    Instruction {
        name: "(illegal)".into(),
        summary: "no such instruction".into(),
        format: Format::Bare,
        bits: 0,
    }
}

/// Applies the letter to one instruction: with `T = 0`, and with any `T`.
fn read(subject: &dyn Subject, instruction: &Instruction, method: &Method) -> (Letter, Letter) {
    let (mut off, mut any) = (Letter::default(), Letter::default());
    source::full_width(instruction, method, &mut |pair, _| {
        let states = relocated(pair);
        let step = |state: &Probe, mode| Step::new(subject, state, mode);
        let steps = states.each_ref().map(|state| [step(state, S), step(state, U)]);
        let letters: &mut [&mut Letter] =
            if pair.small.psw.timer == 0 { &mut [&mut off, &mut any] } else { &mut [&mut any] };
        for letter in letters {
            privileged(&steps, letter);
            control(&steps, letter);
            behaviour(&steps, letter);
        }
    });
    (off, any)
}

/// The paper's pair `(e|r, m, p, r)` and `(e'|r⊕x, m, p, r⊕x)`: both of the same size, with the same limit,
/// registers, timer and console; the second's segment lies elsewhere and holds the same.
fn relocated(pair: &Pair) -> [Probe; 2] {
    let mut first = pair.large.clone();
    first.storage[..pair.small.storage.len()].copy_from_slice(&pair.small.storage);
    first.psw.base = pair.small.psw.base;
    first.psw.timer = pair.small.psw.timer;
    let mut second = pair.large.clone();
    second.psw.timer = pair.small.psw.timer;
    [first, second]
}

/// One step, by the letter: a trap is part of it.
struct Step {
    before: Probe,
    outcome: Outcome,
    after: Probe,
}

impl Step {
    fn new(subject: &dyn Subject, state: &Probe, mode: Mode) -> Self {
        let mut before = state.clone();
        before.psw.mode = mode;
        let mut after = before.clone();
        let outcome = subject.step(&mut after).into();
        Step { before, outcome, after }
    }

    fn memory_traps(&self) -> bool {
        matches!(self.outcome, Outcome::Trap(Trap { cause: Cause::Memory, .. }))
    }

    fn traps(&self) -> bool {
        matches!(self.outcome, Outcome::Trap(_))
    }

    fn mode_changed(&self) -> bool {
        self.before.psw.mode != self.after.psw.mode
    }

    fn segment_changed(&self) -> bool {
        let (old, new) = (self.before.psw, self.after.psw);
        (old.base, old.limit) != (new.base, new.limit)
    }

    /// `e|r`: the part of storage that the segment bounds, as it is behind the step.
    fn bounded(&self) -> &[u8] {
        let psw = self.before.psw;
        let start = (psw.base as usize).min(self.after.storage.len());
        let end = start + (psw.limit as usize).min(self.after.storage.len() - start);
        &self.after.storage[start..end]
    }
}

/// Privileged: for any pair of states `(e, s, p, r)` and `(e, u, p, r)` in which it does not memory-trap, it
/// traps in the second and does not trap in the first.
fn privileged(steps: &[[Step; 2]; 2], letter: &mut Letter) {
    for [supervisor, user] in steps {
        if letter.not_privileged.is_some() || supervisor.memory_traps() || user.memory_traps() {
            continue;
        }
        if !user.traps() {
            letter.not_privileged = Some("it does not trap in user mode".to_owned());
        } else if supervisor.traps() {
            letter.not_privileged = Some(format!("it {} in supervisor mode", supervisor.outcome));
        }
    }
}

/// Control-sensitive: there is a state in which it does not memory-trap and changes `m` or `r`.
fn control(steps: &[[Step; 2]; 2], letter: &mut Letter) {
    for step in steps.iter().flatten().filter(|step| !step.memory_traps()) {
        let what = match (step.mode_changed(), step.segment_changed()) {
            (false, false) => continue,
            (true, _) => format!("M changes from {} to {}", step.before.psw.mode, step.after.psw.mode),
            (false, true) => "R changes".to_owned(),
        };
        let how = match step.outcome {
            Outcome::Trap(trap) => format!("the {} trap: {what}", trap.cause),
            Outcome::Quiet | Outcome::Halt => what,
        };
        letter.sensitive_at(step.before.psw.mode).get_or_insert(how);
    }
}

/// Behaviour-sensitive: neither of two relocated states memory-traps, both keep `m` and `r`, and `e|r`, the
/// registers or `p` differ. The paper asks nothing of the two modes.
fn behaviour(steps: &[[Step; 2]; 2], letter: &mut Letter) {
    let [first, second] = steps;
    for (a, b) in first.iter().flat_map(|a| second.iter().map(move |b| (a, b))) {
        let usable = |step: &Step| !step.memory_traps() && !step.mode_changed() && !step.segment_changed();
        if !usable(a) || !usable(b) {
            continue;
        }
        let what = if a.after.x != b.after.x {
            "the registers differ"
        } else if a.after.psw.pc != b.after.psw.pc {
            "PC differs"
        } else if a.bounded() != b.bounded() {
            "the bounded storage differs"
        } else {
            continue;
        };
        let (m1, m2) = (a.before.psw.mode, b.before.psw.mode);
        for mode in [m1, m2] {
            let how = || format!("relocated, at ({m1}, {m2}), {what}");
            letter.sensitive_at(mode).get_or_insert_with(how);
        }
    }
}

impl Letter {
    fn sensitive_at(&mut self, mode: Mode) -> &mut Option<String> {
        match mode {
            S => &mut self.supervisor_sensitive,
            U => &mut self.user_sensitive,
        }
    }
}
