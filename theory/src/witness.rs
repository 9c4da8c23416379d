//! What the classifier found, with its evidence: a witness that anyone can replay, or the number of states that
//! were examined in vain.

use crate::definitions::{
    Difference, Effect, Outcome, Run, Sharing, Testimony, behaviour, control, privilege,
};
use crate::{Pair, Probe, Side, Subject};
use pg32_isa::Mode;
use std::fmt;

/// Over what a negative finding was established.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Scope {
    /// States, or pairs of states, in which the instruction was attempted.
    pub examined: u64,
    /// Those of them that could have shown the property: the step (of a pair, the embedding side's) did not trap.
    pub live: u64,
}

/// Whether an instruction has a property that one state or one pair of states is enough to show.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Finding {
    /// It has, and this shows it.
    Yes(Box<Witness>),
    /// None of so many states showed it.
    No(Scope),
}

impl Finding {
    /// The witness, if there is one.
    #[must_use]
    pub fn witness(&self) -> Option<&Witness> {
        match self {
            Finding::Yes(witness) => Some(witness),
            Finding::No(_) => None,
        }
    }

    /// Whether the property was found.
    #[must_use]
    pub fn found(&self) -> bool {
        self.witness().is_some()
    }
}

/// Concrete states from which one step shows a property.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Witness {
    /// The instruction's word.
    pub word: u32,
    /// The states, or the pair that the one state is taken from.
    pub pair: Pair,
    /// What they show.
    pub shows: Shows,
}

/// What a witness shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shows {
    /// From one state, a change of resources without a trap.
    Control {
        /// Which state of the pair.
        side: Side,
        /// Its mode.
        mode: Mode,
        /// What changed.
        effect: Effect,
    },
    /// From both states, a difference.
    Behaviour {
        /// The mode of the embedded state.
        small: Mode,
        /// The mode of the state that embeds it.
        large: Mode,
        /// What differed.
        difference: Difference,
    },
    /// From one user-mode state, something else than the privileged-operation trap.
    NotPrivileged {
        /// Which state of the pair.
        side: Side,
        /// What happened.
        outcome: Outcome,
        /// Whether it left a trace.
        trace: Trace,
    },
    /// From one supervisor-mode state, the instruction executes.
    Executes {
        /// Which state of the pair.
        side: Side,
        /// What happened.
        outcome: Outcome,
    },
}

/// Whether a step changed anything beside the PC and the count of the timer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trace {
    /// Nothing: if it retired, it did so in silence.
    None,
    /// Something.
    Some,
}

impl Trace {
    /// The trace of `run`.
    #[must_use]
    pub fn of(run: &Run<'_>) -> Self {
        let (before, after) = (run.before, run.after);
        let psw = (before.psw.base, before.psw.limit) == (after.psw.base, after.psw.limit)
            && run.mode == after.psw.mode;
        let rest = before.x == after.x && before.storage == after.storage && after.has_console_of(before);
        if psw && rest { Trace::None } else { Trace::Some }
    }
}

impl Shows {
    /// The property, by the name that the definitions give it.
    #[must_use]
    pub fn property(&self) -> String {
        match self {
            Shows::Control { mode, .. } => format!("control-sensitive at {mode}"),
            Shows::Behaviour { small, large, .. } => {
                let kind = if small == large { "location" } else { "mode" };
                format!("{kind}-sensitive at ({small}, {large})")
            }
            Shows::NotPrivileged { .. } => "not privileged".to_owned(),
            Shows::Executes { .. } => "executes in supervisor mode".to_owned(),
        }
    }
}

impl Witness {
    /// The states that the steps start from, with their modes.
    #[must_use]
    pub fn states(&self) -> Vec<(Side, Mode)> {
        match self.shows {
            Shows::Control { side, mode, .. } => vec![(side, mode)],
            Shows::Behaviour { small, large, .. } => vec![(Side::Small, small), (Side::Large, large)],
            Shows::NotPrivileged { side, .. } => vec![(side, Mode::User)],
            Shows::Executes { side, .. } => vec![(side, Mode::Supervisor)],
        }
    }

    /// Takes the steps again on `subject` and tells whether they show the same. `sharing` is that of the
    /// classification.
    #[must_use]
    pub fn replay(&self, subject: &dyn Subject, sharing: Sharing) -> bool {
        let pair = &self.pair;
        if pair.word() != self.word || !pair.embeds() {
            return false;
        }
        match self.shows {
            Shows::Control { side, mode, effect } => {
                let step = Replayed::new(subject, pair.state(side), mode);
                control(&step.run(), sharing) == Some(effect)
            }
            Shows::Behaviour { small, large, difference } => {
                let small = Replayed::new(subject, &pair.small, small);
                let large = Replayed::new(subject, &pair.large, large);
                behaviour(&small.run(), &large.run(), pair.at) == Some(difference)
            }
            Shows::NotPrivileged { side, .. } => {
                let step = Replayed::new(subject, pair.state(side), Mode::User);
                privilege(&step.run()) == Testimony::Refuted
            }
            Shows::Executes { side, .. } => {
                let step = Replayed::new(subject, pair.state(side), Mode::Supervisor);
                privilege(&step.run()) == Testimony::Executed
            }
        }
    }
}

/// A step taken again.
struct Replayed<'a> {
    before: &'a Probe,
    mode: Mode,
    outcome: Outcome,
    after: Probe,
}

impl<'a> Replayed<'a> {
    fn new(subject: &dyn Subject, before: &'a Probe, mode: Mode) -> Self {
        let mut after = before.clone();
        after.psw.mode = mode;
        let outcome = subject.step(&mut after).into();
        Replayed { before, mode, outcome, after }
    }

    fn run(&self) -> Run<'_> {
        Run { before: self.before, mode: self.mode, outcome: self.outcome, after: &self.after }
    }
}

/// What happens from the states, in a clause.
impl fmt::Display for Shows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Shows::Control { effect, .. } => effect.fmt(f),
            Shows::Behaviour { difference, .. } => difference.fmt(f),
            Shows::NotPrivileged { outcome: Outcome::Quiet, trace: Trace::None, .. } => {
                f.write_str("in user mode it retires, neither trapping nor changing anything but PC")
            }
            Shows::NotPrivileged { outcome, .. } => write!(f, "it {outcome} in user mode"),
            Shows::Executes { outcome, .. } => write!(f, "it {outcome} in supervisor mode"),
        }
    }
}
