//! The reference engine: the definition, step by step.

use super::{Engine, STORM_SUSPECTED, Tally};
use crate::{Event, Pause, State, Until, step};
use pg32_isa::{Physical, Profile};

/// The plainest correct engine: [`step`], again and again. It is the definition the others are held to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reference;

impl Engine for Reference {
    fn run(&mut self, state: &mut State, profile: &Profile, until: Until, tally: &mut Tally) -> Pause {
        let end = tally.steps.saturating_add(until.steps());
        while tally.steps < end {
            if state.console.over_limit() {
                return Pause::OutputLimit;
            }
            let event = step(state, profile);
            tally.count(event);
            if event == Event::Halted {
                return Pause::Halted;
            }
            let asked = matches!(until, Until::Trap { .. }) && event.trapped();
            if asked || tally.idle_traps >= STORM_SUSPECTED {
                return Pause::Trap;
            }
        }
        Pause::Steps
    }

    fn storage_written(&mut self, _: Physical, _: usize) {}

    fn profile_changed(&mut self) {}

    fn fresh(&self) -> Box<dyn Engine> {
        Box::new(Reference)
    }
}
