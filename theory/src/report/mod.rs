//! Reports on a classification: a table to read, Markdown, JSON, and the story of one instruction. All of them
//! are strings or serialisable values; nothing here prints.

mod human;
mod json;
mod literal;
mod markdown;
mod table;
mod text;
mod why;

pub use json::{InstructionReport, StateReport, TheoremReport, WitnessReport};
pub use literal::{literal, literal_json};
pub use why::why;

use crate::{Classification, Classified, Recursion, Theorem, Verdict};
use serde::Serialize;
use table::Table;
use text::{mark, modes};

/// How a page is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// For a terminal.
    Text,
    /// As Markdown.
    Markdown,
}

/// A classification with the verdicts that follow from it.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// What was measured.
    pub classification: &'a Classification,
    /// What is known beside it of Theorem 2.
    pub recursion: Option<&'a Recursion>,
}

impl<'a> Report<'a> {
    /// The verdict on `theorem`.
    #[must_use]
    pub fn verdict(&self, theorem: Theorem) -> Verdict<'a> {
        Verdict::of(theorem, self.classification, self.recursion)
    }

    /// A table of the instructions that are not plain, the names of the others, and the verdicts. Lines end in a
    /// newline.
    #[must_use]
    pub fn human(&self) -> String {
        human::render(self)
    }

    /// A Markdown page: every instruction, the verdicts with their witnesses, and how it was measured.
    #[must_use]
    pub fn markdown(&self) -> String {
        markdown::render(self)
    }

    /// The whole report as a value to serialise, witnesses with their states included.
    #[must_use]
    pub fn json(&self) -> impl Serialize + use<> {
        json::report(self)
    }

    /// Instructions worth a row of their own: sensitive or privileged; and the rest.
    fn split(&self) -> (Vec<&'a Classified>, Vec<&'a Classified>) {
        self.classification.instructions.iter().partition(|c| c.sensitive() || c.is_privileged())
    }
}

/// The instructions with what was found of each.
fn instructions(rows: &[&Classified]) -> Table<8> {
    let headings =
        ["instruction", "privileged", "control", "location", "mode", "user", "supervisor", "innocuous"];
    let mut table = Table::new(headings);
    for c in rows {
        table.push([
            &c.instruction.name,
            mark(c.is_privileged()),
            modes(c.control_s.found(), c.control_u.found()),
            modes(c.behaviour_ss.found(), c.behaviour_uu.found()),
            mark(c.mode_sensitive()),
            mark(c.user_sensitive()),
            mark(c.supervisor_sensitive()),
            mark(c.innocuous()),
        ]);
    }
    table
}
