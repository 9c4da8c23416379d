//! Embeddings: what the map makes fulfils the definition, and what differs from it in anything does not.

mod common;

use common::quick;
use pg32_isa::{Mode, Psw, Reg};
use pg32_theory::{Only, Pair, Pg32, Probe, Subject, classify};
use pg32_vm::Event;
use proptest::prelude::*;
use std::sync::Mutex;

/// A machine that looks at every state it is given.
struct Watched {
    machine: Pg32,
    /// Steps whose instruction could not be fetched.
    unfetched: Mutex<u64>,
}

impl Subject for Watched {
    fn name(&self) -> &str {
        "watched"
    }

    fn step(&self, probe: &mut Probe) -> Event {
        let psw = probe.psw;
        let fetched =
            pg32_vm::resolve(&psw, probe.storage.len() as u32, pg32_isa::Virtual(psw.pc), 4).is_ok();
        if !fetched || !psw.pc.is_multiple_of(4) {
            *self.unfetched.lock().expect("no test panics here") += 1;
        }
        self.machine.step(probe)
    }
}

/// `Pair::embed` asserts the definition for every pair that a source makes; and every state fetches.
#[test]
fn every_source_makes_embeddings() {
    let watched = Watched { machine: Pg32(pg32_isa::Profile::pg()), unfetched: Mutex::new(0) };
    let few = Only::named(&watched, ["add", "sw", "jalr", "lpsw", "ecall", "out"]);
    assert!(classify(&few, &quick()).pairs > 100_000);
    assert_eq!(*watched.unfetched.lock().expect("no test panics here"), 0);
}

prop_compose! {
    fn pair()(
        words in 2..40_u32,
        around in 0..40_u32,
        k in 0..40_u32,
        base in prop_oneof![0..200_u32, any::<u32>()],
        limit in prop_oneof![0..200_u32, any::<u32>()],
        pc in any::<u32>(),
        timer in 0..4_u32,
        fill in any::<u8>(),
        x5 in any::<u32>(),
    ) -> Pair {
        let mut small = Probe::new(4 * words);
        small.storage.fill(fill);
        small.x[5] = x5;
        small.psw = Psw { mode: Mode::User, base: base & !3, limit, pc, timer };
        let mut large = Probe::new(4 * (words + around));
        large.storage.fill(!fill);
        large.psw.timer = timer.min(1);
        Pair::embed(small, 4 * k.min(around), large)
    }
}

proptest! {
    #[test]
    fn the_map_makes_embeddings_and_nothing_beside_it_is_one(pair in pair(), choice in 0..8_usize, bit in 0..32_u32) {
        prop_assert!(pair.embeds());
        let (w, k) = (pair.small.storage.len(), pair.at as usize);
        let mut other = pair;
        let flip = 1 << bit;
        match choice {
            0 => other.large.x[7] ^= flip,
            1 => other.large.psw.pc ^= flip,
            2 => other.large.psw.base ^= flip,
            3 => other.large.psw.limit ^= flip,
            4 => other.large.storage[k + bit as usize % w] ^= 1,
            5 => other.small.storage[bit as usize % w] ^= 1,
            6 => other.at += 4,
            _ => other.large.storage.truncate(k + w - 1),
        }
        prop_assert!(!other.embeds());
    }

    #[test]
    fn mode_surroundings_and_console_are_free(pair in pair(), byte in any::<u8>()) {
        let mut other = pair;
        let (w, k) = (other.small.storage.len(), other.at as usize);
        other.large.psw.mode = Mode::Supervisor;
        other.large.storage[..k].fill(byte);
        other.large.storage[k + w..].fill(byte);
        other.large.console = pg32_vm::Console::new(std::sync::Arc::from([byte]));
        prop_assert!(other.embeds());
        prop_assert_eq!(other.small.x[Reg::T1.index()], 0);
    }
}
