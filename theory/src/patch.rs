//! A machine with instructions added or changed, each in one place: words, meaning, and what user mode does.

use crate::{Instruction, Operands, Probe, Subject};
use pg32_isa::{Action, Cause, Mode, Trap, Virtual};
use pg32_vm::{Attempt, Event, Flow, Processor, conclude, resolve};

/// One instruction that the machine's table does not have, or has with another meaning.
///
/// ```
/// use pg32_isa::{Action, Format, Profile};
/// use pg32_theory::{Instruction, Method, Patch, Patched, Pg32, classify_instruction};
/// use pg32_vm::{Flow, Processor};
///
/// // `rdsz rd`: rd = SZ, in either mode. In custom-1, where PG32 has nothing.
/// let rdsz = Patch {
///     instruction: Instruction {
///         name: "rdsz".into(),
///         summary: "rd = SZ".into(),
///         format: Format::Rd,
///         bits: 0x0000_002b,
///     },
///     user: Action::Execute,
///     meaning: |probe, operands| {
///         let size = probe.storage_size();
///         probe.set_register(operands.rd, size);
///         Ok(Flow::Next)
///     },
/// };
/// let instruction = rdsz.instruction.clone();
/// let machine = Patched::new("pg with rdsz", Pg32(Profile::pg()), vec![rdsz]);
/// let rdsz = classify_instruction(&machine, &instruction, &Method::default());
/// assert!(rdsz.location_sensitive() && !rdsz.is_privileged());
/// ```
#[derive(Clone, Debug)]
pub struct Patch {
    /// Its words. Where the base machine has an instruction with the same words, this one hides it.
    pub instruction: Instruction,
    /// What it does when `M = u`.
    pub user: Action,
    /// What it does otherwise: its own checks first, then its effect. PC and timer are counted behind it.
    pub meaning: fn(&mut Probe, Operands) -> Attempt,
}

/// A machine with patches. What is not patched is the base machine's.
#[derive(Clone, Debug)]
pub struct Patched<S> {
    name: String,
    base: S,
    patches: Vec<Patch>,
}

impl<S: Subject> Patched<S> {
    /// `base` with `patches`, called `name` in reports.
    #[must_use]
    pub fn new(name: impl Into<String>, base: S, patches: Vec<Patch>) -> Self {
        Patched { name: name.into(), base, patches }
    }
}

impl<S: Subject> Subject for Patched<S> {
    fn name(&self) -> &str {
        &self.name
    }

    fn instructions(&self) -> Vec<Instruction> {
        let mut all = self.base.instructions();
        for patch in &self.patches {
            match all.iter_mut().find(|i| i.name == patch.instruction.name) {
                Some(hidden) => hidden.clone_from(&patch.instruction),
                None => all.push(patch.instruction.clone()),
            }
        }
        all
    }

    fn step(&self, probe: &mut Probe) -> Event {
        let Some((patch, word)) = self.patch_at_pc(probe) else { return self.base.step(probe) };
        let outcome = attempt(patch, word, probe);
        conclude(probe, outcome)
    }
}

impl<S> Patched<S> {
    /// The patch whose instruction lies at the PC, if the fetch succeeds (principles, section 3, checks 1 to 3).
    fn patch_at_pc(&self, probe: &Probe) -> Option<(&Patch, u32)> {
        let psw = probe.psw;
        let at = resolve(&psw, probe.storage_size(), Virtual(psw.pc), 4).ok()?;
        let word = probe.read_word(at);
        let patch = self.patches.iter().find(|p| p.instruction.matches(word))?;
        psw.pc.is_multiple_of(4).then_some((patch, word))
    }
}

/// Check 4 of section 3, then the instruction.
fn attempt(patch: &Patch, word: u32, probe: &mut Probe) -> Attempt {
    match (probe.psw.mode, patch.user) {
        (Mode::User, Action::Trap) => Err(Trap::new(Cause::PrivilegedOperation, word)),
        (Mode::User, Action::Ignore) => Ok(Flow::Next),
        (Mode::User, Action::Execute) | (Mode::Supervisor, _) => {
            (patch.meaning)(probe, patch.instruction.operands(word))
        }
    }
}
