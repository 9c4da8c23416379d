//! Two states of which one holds the other: the paper's map f, with its clamp, surroundings and size explicit.

use crate::Probe;
use pg32_isa::{Mode, Psw, Virtual};
use pg32_vm::{Processor, resolve};

/// `S1`, a machine of `w` bytes, and `S2`, a machine of `q` bytes that *embeds* it at `k`: `k + w <= q`,
/// `E2[k..k+w) = E1` and the rest of `E2` arbitrary, `G` and `P` equal, `l2 = l1 + k`,
/// `b2 = min(b1, max(0, w - l1))`, any mode.
///
/// Two things that the paper's machine does not have are settled here. `S2`'s *timer* is the map's: equal to
/// `S1`'s, or the shorter rest of a time slice. `S2`'s *console* is arbitrary, because the real machine's
/// console is the monitor's and not the virtual machine's.
///
/// The modes of the two states are not used; [`Pair::state`] asks for one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pair {
    /// `S1`, the virtual machine as it would be by itself.
    pub small: Probe,
    /// `S2`, the real machine that holds it.
    pub large: Probe,
    /// `k`, where in `S2`'s storage; a multiple of 4, bytes.
    pub at: u32,
}

/// One of the two states of a pair.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// `S1`, the state that is embedded.
    Small,
    /// `S2`, the state that embeds it.
    Large,
}

impl Pair {
    /// The pair of `small` and a machine that has it at `at`, with `large`'s storage around it and `large`'s
    /// console and timer. Everything else of `large` is replaced.
    ///
    /// # Panics
    /// If `small` does not fit there, or the timer is not what the map makes of `small`'s.
    #[must_use]
    pub fn embed(small: Probe, at: u32, large: Probe) -> Self {
        let mut pair = Pair { small, large, at };
        let window = at as usize..at as usize + pair.small.storage.len();
        pair.large.storage[window].copy_from_slice(&pair.small.storage);
        pair.large.x = pair.small.x;
        let Psw { base, limit, pc, mode, .. } = pair.small.psw;
        let room = pair.small.storage_size().saturating_sub(base);
        let segment = (base.wrapping_add(at), limit.min(room));
        pair.large.psw = Psw { mode, pc, ..pair.large.psw.with_segment(segment.0, segment.1) };
        assert!(pair.embeds(), "the map f makes embeddings");
        pair
    }

    /// Whether `S2` embeds `S1`, by the definition.
    #[must_use]
    pub fn embeds(&self) -> bool {
        let (s1, s2) = (&self.small, &self.large);
        let (w, k) = (s1.storage.len(), self.at as usize);
        let room = s1.storage_size().saturating_sub(s1.psw.base);
        let slice = s1.psw.timer == 0 || (1..=s1.psw.timer).contains(&s2.psw.timer);
        s2.storage.get(k..k + w) == Some(&s1.storage[..])
            && k.is_multiple_of(4)
            && s1.x == s2.x
            && s1.psw.pc == s2.psw.pc
            && s2.psw.base == s1.psw.base.wrapping_add(self.at)
            && s2.psw.limit == s1.psw.limit.min(room)
            && slice
    }

    /// One of the states.
    #[must_use]
    pub fn state(&self, side: Side) -> &Probe {
        match side {
            Side::Small => &self.small,
            Side::Large => &self.large,
        }
    }

    /// One of the states, in `mode`.
    #[must_use]
    pub fn state_in(&self, side: Side, mode: Mode) -> Probe {
        let mut probe = self.state(side).clone();
        probe.psw.mode = mode;
        probe
    }

    /// Sets a register in both states.
    pub(crate) fn set_register(&mut self, reg: pg32_isa::Reg, value: u32) {
        self.small.set_register(reg, value);
        self.large.set_register(reg, value);
    }

    /// Puts `word` where both states fetch next, which is the same place in the window.
    ///
    /// # Panics
    /// If `S1` cannot fetch: then no instruction is attempted and the pair says nothing about any.
    pub(crate) fn set_word(&mut self, word: u32) {
        let s1 = &mut self.small;
        let at = resolve(&s1.psw, s1.storage_size(), Virtual(s1.psw.pc), 4)
            .expect("sources make states that fetch");
        s1.write(at, &word.to_le_bytes());
        self.large.write(at.offset(self.at), &word.to_le_bytes());
    }

    /// The word that `S1` fetches next; 0 if it cannot.
    #[must_use]
    pub fn word(&self) -> u32 {
        let s1 = &self.small;
        resolve(&s1.psw, s1.storage_size(), Virtual(s1.psw.pc), 4).map_or(0, |at| s1.read_word(at))
    }
}
