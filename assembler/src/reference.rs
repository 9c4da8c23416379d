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

/// The page of all diagnostics, in Markdown: what `explain` says, one after the other.
#[must_use]
pub fn errors_page() -> String {
    let mut page = String::from(
        "# Diagnostics\n\nGenerated from the assembler's table; `pg32 explain CODE` prints the same.\n",
    );
    for code in crate::Code::ALL {
        page.push_str(&format!(
            "\n## {}: {}\n\n{}, `{}`. {}\n\n```\n{}```\n",
            code.id(),
            code.title(),
            code.severity().name(),
            code.name(),
            code.explanation(),
            code.example()
        ));
    }
    page
}

/// The page of all words at the head of a statement, in Markdown.
#[must_use]
pub fn words_page() -> String {
    let cell = |text: &str| text.replace('|', "\\|");
    let mut page = String::from(
        "# Instructions and directives\n\nGenerated from the tables that the assembler itself uses.\n",
    );
    let mut table = |title: &str, rows: &mut dyn Iterator<Item = (&str, &str, &str)>| {
        page.push_str(&format!("\n## {title}\n\n| word | operands | meaning |\n| --- | --- | --- |\n"));
        for (word, operands, meaning) in rows {
            let operands = if operands.is_empty() { String::new() } else { format!("`{}`", cell(operands)) };
            page.push_str(&format!("| `{word}` | {operands} | {} |\n", cell(meaning)));
        }
    };
    let row = |op: &Op| (op.mnemonic(), syntax(op.mnemonic()).unwrap_or_default(), op.summary());
    table("Instructions", &mut Op::ALL.iter().map(row));
    table("Pseudo-instructions", &mut PSEUDOS.iter().map(|p| (p.name, p.shape.syntax(), p.summary)));
    table("Directives", &mut DIRECTIVES.iter().copied());
    page
}
