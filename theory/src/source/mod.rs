//! Where the pairs of states come from: a few plain ones at full width, all of two tiny instances, and many
//! random ones. In this order, so that the first witness of anything is the one that reads best.
//!
//! In every pair the instruction can be fetched: elsewhere it is not attempted, and nothing is learnt of it.

mod plain;
mod random;
mod tiny;

use crate::{Instruction, Method, Pair};
use pg32_vm::Console;
use std::sync::Arc;

/// What takes a pair whose next instruction is the word.
pub(crate) type Examiner<'a> = &'a mut dyn FnMut(&Pair, u32);

/// Every pair for `instruction`.
pub(crate) fn all(instruction: &Instruction, method: &Method, examine: Examiner<'_>) {
    plain::pairs(instruction, examine);
    tiny::pairs(instruction, examine);
    random::pairs(instruction, method.seed, method.random, examine);
}

/// The plain and the random pairs: those whose machines have their trap slots.
pub(crate) fn full_width(instruction: &Instruction, method: &Method, examine: Examiner<'_>) {
    plain::pairs(instruction, examine);
    random::pairs(instruction, method.seed, method.random, examine);
}

/// What the classifier says of its sources.
pub(crate) fn describe(method: &Method) -> String {
    format!(
        "plain pairs at full width, all pairs of two tiny instances ({}), {} random pairs at full width (seed {})",
        tiny::describe(),
        method.random,
        method.seed
    )
}

/// A byte for storage that is not the virtual machine's.
const ELSEWHERE: u8 = 0xee;

/// The console of the virtual machine, and the one of the real machine around it.
fn consoles() -> (Console, Console) {
    (Console::new(Arc::from(*b"guest")), Console::new(Arc::from(*b"host")))
}
