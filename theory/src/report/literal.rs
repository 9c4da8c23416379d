//! The report on the letter of 1974: where it parts from the settled definitions.

use super::Form;
use super::table::Table;
use super::text::mark;
use crate::Theorem;
use crate::literal::{Compared, Letter};
use crate::theorem::listed;
use serde::Serialize;
use std::fmt::Write as _;

/// The instructions on which the readings part, with both judgements, and the theorems by the letter. Lines end
/// in a newline.
#[must_use]
pub fn literal(machine: &str, compared: &[Compared], form: Form) -> String {
    let mut table = Table::new(["instruction", "reading", "privileged", "sensitive", "user", "because"]);
    let parted: Vec<_> = compared.iter().filter(|c| !c.agrees()).collect();
    for c in &parted {
        let (settled, letter) = (&c.settled, &c.letter);
        table.push([
            &settled.instruction.name,
            "settled",
            mark(settled.is_privileged()),
            mark(settled.sensitive()),
            mark(settled.user_sensitive()),
            "",
        ]);
        table.push([
            &settled.instruction.name,
            "letter",
            mark(letter.is_privileged()),
            mark(letter.sensitive()),
            mark(letter.user_sensitive.is_some()),
            &c.reason(),
        ]);
    }
    let mut out = heading(machine, form);
    let _ = writeln!(
        out,
        "The letter, with T = 0, parts from the settled reading on {} of {}.\n",
        parted.len(),
        compared.len()
    );
    out.push_str(&match form {
        Form::Text => table.text(),
        Form::Markdown => table.markdown(),
    });
    for theorem in [Theorem::Monitor, Theorem::Hybrid] {
        let _ = writeln!(out, "\n{}", by_the_letter(compared, theorem));
    }
    let _ = writeln!(out, "\n{}", with_timer(compared));
    out
}

fn heading(machine: &str, form: Form) -> String {
    let mark = match form {
        Form::Text => "",
        Form::Markdown => "# ",
    };
    format!("{mark}{machine}: the definitions of 1974, taken to the letter\n\n")
}

/// The names of PG32's own instructions that fulfil a condition by the letter.
fn names(compared: &[Compared], keep: impl Fn(&Compared) -> bool) -> Vec<&str> {
    let own = compared.iter().filter(|c| !c.settled.instruction.name.starts_with('('));
    own.filter(|c| keep(c)).map(|c| c.settled.instruction.name.as_ref()).collect()
}

fn by_the_letter(compared: &[Compared], theorem: Theorem) -> String {
    let n = theorem.number();
    let guilty = names(compared, |c| c.letter.concerned_by(theorem) && !c.letter.is_privileged());
    if guilty.is_empty() {
        format!("By the letter the condition of Theorem {n} holds.")
    } else {
        format!("By the letter the condition of Theorem {n} fails, because of {}.", listed(&guilty))
    }
}

fn with_timer(compared: &[Compared]) -> String {
    let count = |keep: &dyn Fn(&Letter) -> bool| names(compared, |c| keep(&c.with_timer)).len();
    let sensitive = count(&|letter| letter.sensitive());
    let privileged = names(compared, |c| c.with_timer.is_privileged());
    let lost = names(compared, |c| c.letter.is_privileged() && !c.with_timer.is_privileged());
    format!(
        "With the timer on, whose trap follows any instruction that lets it run out, {sensitive} of {} are \
         sensitive to the letter; {} are still privileged ({}), and {} no longer ({}).",
        names(compared, |_| true).len(),
        privileged.len(),
        listed(&privileged),
        lost.len(),
        listed(&lost)
    )
}

#[derive(Serialize)]
struct Row {
    instruction: String,
    agrees: bool,
    settled: Judgement,
    letter: Judgement,
    letter_with_timer: Judgement,
    because: String,
}

#[derive(Serialize)]
struct Judgement {
    privileged: bool,
    sensitive: bool,
    user_sensitive: bool,
}

impl From<&Letter> for Judgement {
    fn from(letter: &Letter) -> Self {
        Judgement {
            privileged: letter.is_privileged(),
            sensitive: letter.sensitive(),
            user_sensitive: letter.user_sensitive.is_some(),
        }
    }
}

/// Both judgements on every instruction, as a value to serialise.
#[must_use]
pub fn literal_json(machine: &str, compared: &[Compared]) -> impl Serialize + use<> {
    #[derive(Serialize)]
    struct Whole {
        schema: u32,
        machine: String,
        instructions: Vec<Row>,
    }
    let row = |c: &Compared| Row {
        instruction: c.settled.instruction.name.to_string(),
        agrees: c.agrees(),
        settled: Judgement {
            privileged: c.settled.is_privileged(),
            sensitive: c.settled.sensitive(),
            user_sensitive: c.settled.user_sensitive(),
        },
        letter: Judgement::from(&c.letter),
        letter_with_timer: Judgement::from(&c.with_timer),
        because: c.reason(),
    };
    Whole { schema: 1, machine: machine.to_owned(), instructions: compared.iter().map(row).collect() }
}
