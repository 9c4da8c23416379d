//! Profiles: what each system instruction does in user mode (principles, section 7).
//!
//! Profiles are data. The interpreters ask [`Profile::action_in`]; nothing else in the system may, least of all the
//! classifier.

use crate::{Extension, Mode, Op};
use std::borrow::Cow;

/// What a system instruction does when `M = u`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Action {
    /// It takes the privileged-operation trap.
    #[default]
    Trap,
    /// It executes as in supervisor mode, with supervisor mode's checks.
    Execute,
    /// It does nothing, is not checked, and counts; execution goes on at PC + 4.
    Ignore,
}

impl Action {
    /// All actions.
    pub const ALL: [Action; 3] = [Action::Trap, Action::Execute, Action::Ignore];

    /// The word used in profile files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Action::Trap => "trap",
            Action::Execute => "execute",
            Action::Ignore => "ignore",
        }
    }

    /// The action called `name`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.name() == name)
    }
}

/// A profile: a name and an action for each system instruction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Profile {
    name: Cow<'static, str>,
    /// By `Op`; the entries of instructions that are not system instructions are never read.
    actions: [Action; Op::ALL.len()],
}

impl Profile {
    /// A profile in which every system instruction is privileged.
    #[must_use]
    pub fn trapping(name: impl Into<Cow<'static, str>>) -> Self {
        Profile { name: name.into(), actions: [Action::Trap; Op::ALL.len()] }
    }

    /// This profile with the action of one system instruction replaced.
    ///
    /// # Panics
    /// If `op` is not a system instruction: profiles say nothing about the others.
    #[must_use]
    pub fn with(mut self, op: Op, action: Action) -> Self {
        assert!(op.extension() == Extension::System, "profiles are about system instructions");
        self.actions[op as usize] = action;
        self
    }

    /// The profile's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What `op` does in user mode: its entry for a system instruction, [`Action::Execute`] for any other.
    #[must_use]
    #[inline]
    pub fn action(&self, op: Op) -> Action {
        match op.extension() {
            Extension::System => self.actions[op as usize],
            Extension::Rv32i | Extension::M => Action::Execute,
        }
    }

    /// What `op` does in `mode`: check 4 of section 3 of the principles.
    #[must_use]
    #[inline]
    pub fn action_in(&self, mode: Mode, op: Op) -> Action {
        match mode {
            Mode::Supervisor => Action::Execute,
            Mode::User => self.action(op),
        }
    }

    /// The built-in profile called `name`.
    #[must_use]
    pub fn builtin(name: &str) -> Option<Self> {
        BUILTIN_PROFILES.iter().find(|p| p.name == name).map(BuiltinProfile::profile)
    }

    /// The default: every sensitive instruction is privileged.
    #[must_use]
    pub fn pg() -> Self {
        Self::trapping("pg")
    }
}

/// A row of [`BUILTIN_PROFILES`].
#[derive(Clone, Copy, Debug)]
pub struct BuiltinProfile {
    /// Its name on the command line.
    pub name: &'static str,
    /// The machine whose behaviour it models.
    pub after: &'static str,
    /// What differs from `trap`.
    pub exceptions: &'static [(Op, Action)],
}

impl BuiltinProfile {
    /// The profile that this row describes.
    #[must_use]
    pub fn profile(&self) -> Profile {
        let trapping = Profile::trapping(self.name);
        self.exceptions.iter().fold(trapping, |profile, &(op, action)| profile.with(op, action))
    }
}

use Action::{Execute, Ignore};

/// The six profiles of section 7, `pg` first.
pub const BUILTIN_PROFILES: &[BuiltinProfile] = &[
    BuiltinProfile {
        name: "pg",
        after: "IBM System/370: every sensitive instruction is privileged",
        exceptions: &[],
    },
    BuiltinProfile { name: "pdp10", after: "DEC PDP-10, JRST 1", exceptions: &[(Op::Retu, Execute)] },
    BuiltinProfile { name: "m68k", after: "Motorola 68000, MOVE from SR", exceptions: &[(Op::Rdm, Execute)] },
    BuiltinProfile {
        name: "arm",
        after: "ARMv7, CPS and MSR ignored in user mode",
        exceptions: &[(Op::Setm, Ignore), (Op::Setr, Ignore)],
    },
    BuiltinProfile {
        name: "x86",
        after: "IA-32, POPF; SMSW, SIDT, PUSHF",
        exceptions: &[
            (Op::Setm, Ignore),
            (Op::Rdm, Execute),
            (Op::Rdb, Execute),
            (Op::Rdl, Execute),
            (Op::Spsw, Execute),
        ],
    },
    BuiltinProfile {
        name: "unmapped",
        after: "instructions that bypass virtual memory",
        exceptions: &[(Op::Lwp, Execute), (Op::Swp, Execute)],
    },
];
