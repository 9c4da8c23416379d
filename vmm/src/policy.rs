//! Policies: which steps of a guest run directly, and from what. One file each; one row in [`Monitor::ALL`].

mod hybrid;
mod interpret;
mod translate;
mod trap_and_emulate;

use pg32_isa::Mode;
use std::fmt;

/// How the next steps of a guest are taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// By the real processor, in user mode, until it traps.
    Direct,
    /// By the real processor, from translations in which every system instruction is a call to the monitor.
    Translated,
    /// By the monitor, instruction by instruction.
    Software,
}

/// A policy: all that distinguishes one kind of monitor from another.
pub struct Policy {
    /// Its name on the command line.
    pub name: &'static str,
    /// One line: how it works.
    pub summary: &'static str,
    /// How virtual supervisor mode is run.
    pub supervisor: Way,
    /// How virtual user mode is run.
    pub user: Way,
}

impl Policy {
    /// The way to run a guest whose virtual mode is `mode`.
    #[must_use]
    #[inline]
    pub fn way(&self, mode: Mode) -> Way {
        match mode {
            Mode::Supervisor => self.supervisor,
            Mode::User => self.user,
        }
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// The kinds of monitor there are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Monitor {
    /// Everything runs in user mode; privileged instructions trap and are interpreted. Theorem 1.
    TrapAndEmulate,
    /// Virtual supervisor mode is interpreted, virtual user mode runs directly. Theorem 3.
    Hybrid,
    /// Code runs from translations in which system instructions are calls.
    Translate,
    /// Complete software interpretation: the paper's "not a VMM", as a yardstick.
    Interpret,
}

impl Monitor {
    /// Every kind, the paper's own first.
    pub const ALL: [Monitor; 4] =
        [Monitor::TrapAndEmulate, Monitor::Hybrid, Monitor::Translate, Monitor::Interpret];

    /// Its policy.
    #[must_use]
    pub fn policy(self) -> &'static Policy {
        match self {
            Monitor::TrapAndEmulate => &trap_and_emulate::POLICY,
            Monitor::Hybrid => &hybrid::POLICY,
            Monitor::Translate => &translate::POLICY,
            Monitor::Interpret => &interpret::POLICY,
        }
    }

    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.policy().name
    }

    /// The kind called `name`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}
