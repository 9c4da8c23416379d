//! What a monitor keeps of one virtual machine beside its storage: the paper's VM map.

use crate::map::Window;
use crate::{Policy, Stats};
use pg32_isa::{Insn, Op, Profile, Psw};
use pg32_vm::{Console, Tally, Translation};
use std::sync::Arc;

/// Which guest of a monitor; an index that stays valid until the guest is destroyed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct GuestId(pub(crate) usize);

/// What a virtual machine is to be.
#[derive(Clone, Debug)]
pub struct GuestSpec {
    /// `w`, bytes of storage: a size that [`pg32_vm::check_size`] accepts.
    pub size: u32,
    /// How the monitor runs it.
    pub policy: &'static Policy,
    /// The profile of the virtual machine, which is the real machine's (principles, section 8, last line).
    pub profile: Profile,
    /// Its console.
    pub console: Console,
}

/// One virtual machine.
#[derive(Clone, Debug)]
pub struct Guest {
    pub(crate) window: Window,
    /// The virtual PSW: `vM`, `vB`, `vL`, `vPC`, `vT`.
    pub(crate) psw: Psw,
    pub(crate) console: Console,
    pub(crate) halted: bool,
    /// Its registers while another guest's are in the real machine.
    pub(crate) saved: [u32; 32],
    pub(crate) policy: &'static Policy,
    /// The virtual machine's own profile, and the one in which every system instruction traps.
    pub(crate) profile: Arc<Profile>,
    pub(crate) trapping: Arc<Profile>,
    /// What a monitor that runs on this virtual machine chose.
    pub(crate) translation: Translation,
    /// The last privileged operation that trapped, and its word: the next is often the same.
    pub(crate) privileged: (u32, Insn),
    pub(crate) tally: Tally,
    pub(crate) stats: Stats,
}

impl Guest {
    pub(crate) fn new(spec: GuestSpec, window: Window) -> Self {
        Guest {
            window,
            psw: Psw::reset(spec.size, 0),
            console: spec.console,
            halted: false,
            saved: [0; 32],
            policy: spec.policy,
            profile: Arc::new(spec.profile),
            trapping: Arc::new(Profile::trapping("translated")),
            translation: Translation::Off,
            privileged: (Op::Halt.bits(), Insn::new(Op::Halt)),
            tally: Tally::default(),
            stats: Stats::default(),
        }
    }

    /// The profile that steps of this virtual machine obey just now.
    pub(crate) fn effective_profile(&self) -> &Arc<Profile> {
        match self.translation {
            Translation::Off => &self.profile,
            Translation::On => &self.trapping,
        }
    }

    /// The virtual PSW.
    #[must_use]
    pub fn psw(&self) -> Psw {
        self.psw
    }

    /// Its storage in the real machine.
    #[must_use]
    pub fn window(&self) -> Window {
        self.window
    }

    /// Its console.
    #[must_use]
    pub fn console(&self) -> &Console {
        &self.console
    }

    /// Whether it has executed `halt`.
    #[must_use]
    pub fn halted(&self) -> bool {
        self.halted
    }

    /// What running it took.
    #[must_use]
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// Steps that trapped since an instruction last retired; see [`pg32_vm::Machine::idle_traps`].
    #[must_use]
    pub fn idle_traps(&self) -> u64 {
        self.tally.idle_traps
    }

    /// Guest steps taken since reset.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.tally.steps
    }
}
