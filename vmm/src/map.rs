//! The map f: where a virtual machine's state lies in the real one's (principles, section 8).

use pg32_isa::{Mode, Physical, Psw};

/// An address in the storage of the machine that a monitor runs on. It is that machine's physical address;
/// the guest's own physical addresses are [`Physical`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct HostPhysical(pub u32);

impl HostPhysical {
    /// The address as the host machine itself calls it.
    #[must_use]
    pub fn on_host(self) -> Physical {
        Physical(self.0)
    }
}

/// The storage of one virtual machine: host-physical `[k, k + w)`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Window {
    /// `k`, a multiple of 4.
    pub start: HostPhysical,
    /// `w`, bytes: the guest's `SZ`.
    pub size: u32,
}

impl Window {
    /// Where guest-physical `at` lies, for an access of `length` bytes.
    ///
    /// # Panics
    /// If the access leaves the window: every guest access has been checked against `w` before it gets here,
    /// so that this would be the monitor's own fault.
    #[must_use]
    #[inline]
    pub fn locate(self, at: Physical, length: usize) -> HostPhysical {
        if u64::from(at.0) + length as u64 > u64::from(self.size) {
            leaves(at, length);
        }
        HostPhysical(self.start.0 + at.0)
    }

    /// The PSW with which a guest whose virtual PSW is `psw` runs directly; `slice` is what is left of its time
    /// slice, if there is one.
    #[must_use]
    #[inline]
    pub fn real_psw(self, psw: &Psw, slice: Option<u32>) -> Psw {
        Psw {
            mode: Mode::User,
            base: self.start.0.wrapping_add(psw.base),
            limit: psw.limit.min(self.size.saturating_sub(psw.base)),
            pc: psw.pc,
            timer: real_timer(psw.timer, slice),
        }
    }
}

#[cold]
#[inline(never)]
fn leaves(at: Physical, length: usize) -> ! {
    panic!("an access of {length} bytes at {at} leaves the window");
}

/// `T' = vT`, or the rest of the slice if that is smaller or `vT` is 0; 0 if both are off.
fn real_timer(timer: u32, slice: Option<u32>) -> u32 {
    match (timer, slice) {
        (timer, None) => timer,
        (0, Some(slice)) => slice,
        (timer, Some(slice)) => timer.min(slice),
    }
}

/// What direct execution did to the virtual PSW, read back from the real one: the left inverse of
/// [`Window::real_psw`]. `started` is the real timer with which execution began.
///
/// `M`, `B` and `L` are not read: what runs in user mode cannot change them, if Theorem 1's premise holds.
#[must_use]
#[inline]
pub fn virtual_psw(before: &Psw, started: u32, real: &Psw) -> Psw {
    let elapsed = started.saturating_sub(real.timer);
    Psw { pc: real.pc, timer: before.timer.saturating_sub(elapsed), ..*before }
}
