//! The classifier: every instruction of a machine through all sources of states, and what was seen of it.

use crate::definitions::Sharing;
use crate::search::Search;
use crate::{Finding, Instruction, Subject, Witness, parallel, source};
use pg32_isa::Mode;

/// How to search. The same method gives the same classification, witnesses included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Method {
    /// Seed of the random pairs.
    pub seed: u64,
    /// Random pairs of states for each instruction.
    pub random: u32,
    /// Whether the processor is shared, which decides on an instruction that stops it.
    pub sharing: Sharing,
}

impl Default for Method {
    fn default() -> Self {
        Method { seed: 1974, random: 4000, sharing: Sharing::Several }
    }
}

/// Whether an instruction is privileged, and how that is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Privilege {
    /// It is.
    Privileged {
        /// The user-mode states in all of which it took the privileged-operation trap.
        user_states: u64,
        /// A supervisor-mode state in which it executes.
        executes: Box<Witness>,
    },
    /// It is not: a user-mode state in which it does something else.
    Refuted(Box<Witness>),
    /// It is not: it executes in none of so many supervisor-mode states.
    NeverExecutes {
        /// The states.
        supervisor_states: u64,
    },
}

/// One instruction, classified.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Classified {
    /// The instruction.
    pub instruction: Instruction,
    /// Whether it is privileged.
    pub privilege: Privilege,
    /// Control-sensitive at s.
    pub control_s: Finding,
    /// Control-sensitive at u.
    pub control_u: Finding,
    /// Behaviour-sensitive at (s, u): the virtual machine in supervisor mode, the real one in user mode.
    pub behaviour_su: Finding,
    /// Behaviour-sensitive at (u, u).
    pub behaviour_uu: Finding,
    /// Behaviour-sensitive at (s, s).
    pub behaviour_ss: Finding,
}

impl Classified {
    /// Traps in user mode, executes in supervisor mode.
    #[must_use]
    pub fn is_privileged(&self) -> bool {
        matches!(self.privilege, Privilege::Privileged { .. })
    }

    /// Control-sensitive in `mode`.
    #[must_use]
    pub fn control(&self, mode: Mode) -> &Finding {
        match mode {
            Mode::Supervisor => &self.control_s,
            Mode::User => &self.control_u,
        }
    }

    /// Control-sensitive in some mode.
    #[must_use]
    pub fn control_sensitive(&self) -> bool {
        self.control_s.found() || self.control_u.found()
    }

    /// Behaviour-sensitive with both states in the same mode.
    #[must_use]
    pub fn location_sensitive(&self) -> bool {
        self.behaviour_uu.found() || self.behaviour_ss.found()
    }

    /// Behaviour-sensitive at (s, u).
    #[must_use]
    pub fn mode_sensitive(&self) -> bool {
        self.behaviour_su.found()
    }

    /// Behaviour-sensitive: depends on where, or in which mode, it runs.
    #[must_use]
    pub fn behaviour_sensitive(&self) -> bool {
        self.location_sensitive() || self.mode_sensitive()
    }

    /// Control- or behaviour-sensitive.
    #[must_use]
    pub fn sensitive(&self) -> bool {
        self.control_sensitive() || self.behaviour_sensitive()
    }

    /// Control-sensitive at u, or behaviour-sensitive at (u, u).
    #[must_use]
    pub fn user_sensitive(&self) -> bool {
        self.control_u.found() || self.behaviour_uu.found()
    }

    /// Control-sensitive at s, or behaviour-sensitive at (s, u) or (s, s).
    #[must_use]
    pub fn supervisor_sensitive(&self) -> bool {
        self.control_s.found() || self.behaviour_su.found() || self.behaviour_ss.found()
    }

    /// Not sensitive.
    #[must_use]
    pub fn innocuous(&self) -> bool {
        !self.sensitive()
    }

    /// The witnesses of user-sensitivity, then the others of sensitivity.
    pub fn witnesses(&self) -> impl Iterator<Item = &Witness> {
        let [first, second, rest @ ..] =
            [&self.control_u, &self.behaviour_uu, &self.behaviour_su, &self.control_s, &self.behaviour_ss];
        [first, second].into_iter().chain(rest).filter_map(Finding::witness)
    }
}

/// All instructions of a machine, classified.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Classification {
    /// What the machine is called.
    pub machine: String,
    /// How the states were found.
    pub method: Method,
    /// Its instructions, in the order in which the machine names them.
    pub instructions: Vec<Classified>,
    /// Pairs of states examined, all instructions together; each pair is four states.
    pub pairs: u64,
}

impl Classification {
    /// The instruction called `name`.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Classified> {
        self.instructions.iter().find(|c| c.instruction.name == name)
    }
}

/// Classifies every instruction of `subject`, on all processors there are.
#[must_use]
pub fn classify(subject: &dyn Subject, method: &Method) -> Classification {
    let instructions = subject.instructions();
    let searches = parallel::map(&instructions, |instruction| search(subject, instruction, method));
    let pairs = searches.iter().map(Search::pairs).sum();
    let classified = instructions.into_iter().zip(searches).map(|(i, search)| search.finish(i));
    Classification {
        machine: subject.name().to_owned(),
        method: *method,
        instructions: classified.collect(),
        pairs,
    }
}

/// Classifies one instruction of `subject`.
#[must_use]
pub fn classify_instruction(subject: &dyn Subject, instruction: &Instruction, method: &Method) -> Classified {
    search(subject, instruction, method).finish(instruction.clone())
}

fn search(subject: &dyn Subject, instruction: &Instruction, method: &Method) -> Search {
    let mut search = Search::new(method.sharing);
    source::all(instruction, method, &mut |pair, word| search.examine(subject, pair, word));
    search
}
