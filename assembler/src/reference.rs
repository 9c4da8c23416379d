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

/// A TextMate grammar of the dialect, as JSON, for editors that colour by one.
#[must_use]
pub fn textmate() -> String {
    let words = |list: &mut dyn Iterator<Item = &str>| {
        let escaped: Vec<String> = list.map(|w| w.replace('.', "\\\\.")).collect();
        escaped.join("|")
    };
    let instructions = words(&mut Op::ALL.iter().map(|o| o.mnemonic()).chain(PSEUDOS.iter().map(|p| p.name)));
    let directives = words(&mut DIRECTIVES.iter().map(|d| d.0));
    format!(
        r##"{{
  "name": "PG32 assembly",
  "scopeName": "source.pg32",
  "fileTypes": ["s", "S", "asm"],
  "patterns": [
    {{"name": "comment.line.number-sign.pg32", "match": "(#|//).*$"}},
    {{"name": "comment.block.pg32", "begin": "/\\*", "end": "\\*/"}},
    {{"name": "string.quoted.double.pg32", "begin": "\"", "end": "\"|$",
      "patterns": [{{"name": "constant.character.escape.pg32", "match": "\\\\."}}]}},
    {{"name": "constant.character.pg32", "match": "'(\\\\.|[^\\\\])'?"}},
    {{"name": "entity.name.function.pg32", "match": "(?<![\\w.$])[\\w.$]+(?=:)"}},
    {{"name": "keyword.control.directive.pg32", "match": "(?<![\\w.$])({directives})(?![\\w.$])"}},
    {{"name": "keyword.mnemonic.pg32", "match": "(?<![\\w.$])({instructions})(?![\\w.$])"}},
    {{"name": "variable.language.register.pg32", "match": "(?<![\\w.$])({})(?![\\w.$])"}},
    {{"name": "support.function.pg32", "match": "%[a-z_]+(?=\\()"}},
    {{"name": "constant.numeric.pg32", "match": "(?<![\\w.$])(0[xX][0-9a-fA-F]+|0[bB][01]+|[0-9]+[fb]?)(?![\\w.$])"}}
  ]
}}
"##,
        REGISTERS.join("|")
    )
}

/// The names of registers, as patterns.
const REGISTERS: [&str; 8] =
    ["x([0-9]|[12][0-9]|3[01])", "zero", "ra|sp|gp|tp", "t[0-6]", "s[0-9]", "s1[01]", "a[0-7]", "fp"];
