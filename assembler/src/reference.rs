//! What is known about every word at the head of a statement: for help, editors and the manual.

use crate::directive::DIRECTIVES;
use crate::pseudo::PSEUDOS;
use pg32_isa::{Format, Op};

/// The operands of an instruction, pseudo-instruction or directive, as the manual shows them.
#[must_use]
pub fn syntax(word: &str) -> Option<&'static str> {
    if let Some(op) = Op::parse(word) {
        return Some(match (op.format(), op) {
            (Format::Jump, _) => "[rd,] target",
            (Format::JumpReg, _) => "[rd,] imm(rs1)",
            _ => op.format().syntax(),
        });
    }
    if let Some(pseudo) = PSEUDOS.iter().find(|p| p.name == word) {
        return Some(pseudo.shape.syntax());
    }
    DIRECTIVES.iter().find(|(name, _, _)| *name == word).map(|(_, syntax, _)| *syntax)
}

/// What an instruction, pseudo-instruction or directive does, in one line.
#[must_use]
pub fn summary(word: &str) -> Option<&'static str> {
    if let Some(op) = Op::parse(word) {
        return Some(op.summary());
    }
    if let Some(pseudo) = PSEUDOS.iter().find(|p| p.name == word) {
        return Some(pseudo.summary);
    }
    DIRECTIVES.iter().find(|(name, _, _)| *name == word).map(|(_, _, summary)| *summary)
}
