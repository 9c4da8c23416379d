//! The search for one instruction: every pair that comes along is stepped in all modes and put before the
//! definitions; the first witness of each property is kept.

use crate::classify::Privilege;
use crate::definitions::{Outcome, Run, Sharing, Testimony, behaviour, control, privilege};
use crate::witness::{Shows, Trace};
use crate::{Classified, Finding, Instruction, Pair, Probe, Scope, Side, Subject, Witness};
use Mode::{Supervisor as S, User as U};
use pg32_isa::Mode;

/// What has been seen of an instruction so far.
pub(crate) struct Search {
    sharing: Sharing,
    pairs: u64,
    trapped_in_user: u64,
    supervisor_states: u64,
    refuted: Option<Box<Witness>>,
    executes: Option<Box<Witness>>,
    control: [Finding; 2],
    behaviour: [Finding; 3],
    work: [Work; 4],
}

/// What a step made of a state, in storage that is used again for the next.
struct Work {
    after: Probe,
    outcome: Outcome,
}

/// The states in which each pair is stepped: `S1` and `S2`, in both modes.
const STATES: [(Side, Mode); 4] = [(Side::Small, S), (Side::Small, U), (Side::Large, S), (Side::Large, U)];
/// The pairs of modes of the definitions, each as two indices into [`STATES`].
const BEHAVIOUR: [(usize, usize); 3] = [(0, 3), (1, 3), (0, 2)];

impl Search {
    pub(crate) fn new(sharing: Sharing) -> Self {
        let nothing = || Finding::No(Scope::default());
        let empty = || Work { after: Probe::new(0), outcome: Outcome::Quiet };
        Search {
            sharing,
            pairs: 0,
            trapped_in_user: 0,
            supervisor_states: 0,
            refuted: None,
            executes: None,
            control: [nothing(), nothing()],
            behaviour: [nothing(), nothing(), nothing()],
            work: [empty(), empty(), empty(), empty()],
        }
    }

    /// Pairs examined so far.
    pub(crate) fn pairs(&self) -> u64 {
        self.pairs
    }

    /// Steps both states of `pair`, whose next instruction is `word`, in both modes, and judges what came out.
    pub(crate) fn examine(&mut self, subject: &dyn Subject, pair: &Pair, word: u32) {
        self.pairs += 1;
        for ((side, mode), work) in STATES.into_iter().zip(&mut self.work) {
            work.after.copy(pair.state(side));
            work.after.psw.mode = mode;
            work.outcome = subject.step(&mut work.after).into();
        }
        let witness = |shows| Box::new(Witness { word, pair: pair.clone(), shows });
        let run = |index: usize| {
            let ((side, mode), work) = (STATES[index], &self.work[index]);
            Run { before: pair.state(side), mode, outcome: work.outcome, after: &work.after }
        };
        let runs = [run(0), run(1), run(2), run(3)];
        for ((side, mode), run) in STATES.into_iter().zip(&runs) {
            let quiet = !matches!(run.outcome, Outcome::Trap(_));
            let finding = &mut self.control[mode.bit() as usize];
            if let Finding::No(scope) = finding {
                scope.examined += 1;
                scope.live += u64::from(quiet);
                if let Some(effect) = control(run, self.sharing) {
                    *finding = Finding::Yes(witness(Shows::Control { side, mode, effect }));
                }
            }
            let outcome = run.outcome;
            self.supervisor_states += u64::from(mode == S);
            match privilege(run) {
                Testimony::Nothing => {}
                Testimony::Trapped => self.trapped_in_user += 1,
                Testimony::Refuted if self.refuted.is_none() => {
                    self.refuted =
                        Some(witness(Shows::NotPrivileged { side, outcome, trace: Trace::of(run) }));
                }
                Testimony::Executed if self.executes.is_none() => {
                    self.executes = Some(witness(Shows::Executes { side, outcome }));
                }
                Testimony::Refuted | Testimony::Executed => {}
            }
        }
        for ((small, large), finding) in BEHAVIOUR.into_iter().zip(&mut self.behaviour) {
            let Finding::No(scope) = finding else { continue };
            scope.examined += 1;
            scope.live += u64::from(!matches!(runs[large].outcome, Outcome::Trap(_)));
            if let Some(difference) = behaviour(&runs[small], &runs[large], pair.at) {
                let (small, large) = (STATES[small].1, STATES[large].1);
                *finding = Finding::Yes(witness(Shows::Behaviour { small, large, difference }));
            }
        }
    }

    /// What was found.
    pub(crate) fn finish(self, instruction: Instruction) -> Classified {
        let [control_s, control_u] = self.control;
        let [behaviour_su, behaviour_uu, behaviour_ss] = self.behaviour;
        let privilege = match (self.refuted, self.executes) {
            (Some(witness), _) => Privilege::Refuted(witness),
            (None, None) => Privilege::NeverExecutes { supervisor_states: self.supervisor_states },
            (None, Some(executes)) => Privilege::Privileged { user_states: self.trapped_in_user, executes },
        };
        Classified { instruction, privilege, control_s, control_u, behaviour_su, behaviour_uu, behaviour_ss }
    }
}
