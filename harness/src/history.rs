//! A machine that goes both ways: forward by its steps, back by a checkpoint and the steps from there again. A run is
//! reproducible to the bit, and so nothing else has to be kept.

use pg32_vm::{Machine, Pause, Ran, Until};
use std::ops::Range;

/// Checkpoints that are kept at most.
const CHECKPOINTS: usize = 32;
/// Bytes of storage that checkpoints may take in all; two are kept however large they are.
const CHECKPOINT_BYTES: usize = 1 << 28;
/// Steps between the first checkpoints. The distance doubles whenever there are too many.
const FIRST_DISTANCE: u64 = 1 << 12;

/// A machine with its past.
pub struct History {
    machine: Box<dyn Machine>,
    steps: u64,
    /// In order of their steps; the first is where the past begins.
    checkpoints: Vec<Checkpoint>,
    distance: u64,
}

struct Checkpoint {
    steps: u64,
    machine: Box<dyn Machine>,
}

impl History {
    /// A machine whose past begins now.
    #[must_use]
    pub fn new(machine: Box<dyn Machine>) -> Self {
        let checkpoints = vec![Checkpoint { steps: 0, machine: machine.fork() }];
        History { machine, steps: 0, checkpoints, distance: FIRST_DISTANCE }
    }

    /// The machine as it is now.
    #[must_use]
    pub fn machine(&self) -> &dyn Machine {
        self.machine.as_ref()
    }

    /// Steps since the past began.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Takes at most `steps` steps.
    pub fn run(&mut self, steps: u64) -> Ran {
        let end = self.steps.saturating_add(steps);
        let start = self.steps;
        loop {
            let next = self.last().steps + self.distance;
            let ran = self.machine.run(Until::Steps((end - self.steps).min(next.saturating_sub(self.steps))));
            self.steps += ran.steps;
            if self.steps >= next {
                self.checkpoint();
            }
            if ran.pause != Pause::Steps || self.steps == end {
                return Ran { steps: self.steps - start, pause: ran.pause };
            }
        }
    }

    fn last(&self) -> &Checkpoint {
        self.checkpoints.last().expect("the first stays")
    }

    fn checkpoint(&mut self) {
        self.checkpoints.push(Checkpoint { steps: self.steps, machine: self.machine.fork() });
        let most = (CHECKPOINT_BYTES / self.machine.storage_size() as usize).clamp(2, CHECKPOINTS);
        if self.checkpoints.len() > most {
            self.distance *= 2;
            let mut index = 0;
            self.checkpoints.retain(|_| {
                index += 1;
                index % 2 == 1
            });
        }
    }

    /// Goes back to the state behind `steps` steps, which is not later than now.
    pub fn back_to(&mut self, steps: u64) {
        assert!(steps <= self.steps, "back is not forward");
        self.checkpoints.retain(|checkpoint| checkpoint.steps <= steps);
        let from = self.last();
        let (at, mut machine) = (from.steps, from.machine.fork());
        machine.run(Until::Steps(steps - at));
        (self.machine, self.steps) = (machine, steps);
    }

    /// The last state before now at which `holds`, by its steps; `look` is asked between states whether to give up.
    pub fn last_before(
        &self,
        mut holds: impl FnMut(&dyn Machine) -> bool,
        mut give_up: impl FnMut() -> bool,
    ) -> Found {
        let mut end = self.steps;
        for checkpoint in self.checkpoints.iter().rev() {
            let stretch = checkpoint.steps..end;
            match last_in(checkpoint.machine.fork(), stretch, &mut holds, &mut give_up) {
                Found::Nowhere => end = checkpoint.steps.min(end),
                found => return found,
            }
        }
        Found::Nowhere
    }

    /// Changes the machine by hand. What came before stays as it was; what comes now follows from the change.
    pub fn change(&mut self, change: impl FnOnce(&mut dyn Machine)) {
        change(self.machine.as_mut());
        // The first may be the present itself: the past then begins with the change.
        self.checkpoints.retain(|checkpoint| checkpoint.steps < self.steps);
        self.checkpoints.push(Checkpoint { steps: self.steps, machine: self.machine.fork() });
    }
}

/// What came of looking back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Found {
    /// Behind so many steps.
    At(u64),
    /// There is no such state.
    Nowhere,
    /// Whoever asked gave up.
    GivenUp,
}

/// States between two questions whether to give up.
const STRETCH: u64 = 1 << 14;

fn last_in(
    mut machine: Box<dyn Machine>,
    steps: Range<u64>,
    holds: &mut impl FnMut(&dyn Machine) -> bool,
    give_up: &mut impl FnMut() -> bool,
) -> Found {
    let mut found = Found::Nowhere;
    for at in steps {
        if at % STRETCH == 0 && give_up() {
            return Found::GivenUp;
        }
        if holds(machine.as_ref()) {
            found = Found::At(at);
        }
        machine.run(Until::Steps(1));
    }
    found
}
