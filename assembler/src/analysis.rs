//! What an editor asks about a source: which word is here, what it means, where it is defined and used, what could
//! stand here.

use crate::lexer::{self, Kind, Token};
use crate::names::Names;
use crate::{Assembly, Origin, SourceId, Span, reference};
use pg32_image::SymbolKind;
use pg32_isa::{Op, Reg};
use std::fmt::Write;

/// What a definition defines.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Defines {
    /// A label.
    Label,
    /// A symbol with a value: `.set`, `=`, `.comm`, a field or an item.
    Value,
    /// A macro.
    Macro,
}

/// A place where a name gets its meaning, or is used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Occurrence {
    /// The name.
    pub name: String,
    /// Where it stands.
    pub span: Span,
    /// What it defines; `None` for a use.
    pub defines: Option<Defines>,
}

/// Every name that is no instruction, directive or register, wherever it stands in the files of the assembly.
#[must_use]
pub fn occurrences(assembly: &Assembly) -> Vec<Occurrence> {
    let names = Names::new();
    let mut list = Vec::new();
    for (id, source) in assembly.sources.iter() {
        if !matches!(source.origin, Origin::Macro(..) | Origin::Repeat(_) | Origin::Named) {
            in_source(&names, id, &source.text, &mut list);
        }
    }
    list
}

fn in_source(names: &Names, source: SourceId, text: &str, list: &mut Vec<Occurrence>) {
    let mut tokens = Vec::new();
    let mut position = 0;
    while position < text.len() {
        let scanned = lexer::statement(text, position, &mut tokens);
        position = scanned.next;
        let of = |token: &Token| &text[token.start as usize..token.end as usize];
        let first = first_word(&tokens);
        for (index, token) in tokens.iter().enumerate().filter(|(_, t)| t.kind == Kind::Word) {
            let name = of(token);
            let builtin =
                names.find(name).is_some_and(|n| names.word(n).is_some() || names.register(n).is_some());
            let next = tokens.get(index + 1).map(|t| t.kind);
            let head = first.map(|f| of(&tokens[f])).unwrap_or_default();
            let defines = if next == Some(Kind::Colon) && first.is_none_or(|f| index < f) {
                Some(Defines::Label)
            } else if next == Some(Kind::Equals) && first == Some(index) {
                Some(Defines::Value)
            } else if first.is_some_and(|f| index == f + 1) {
                match head {
                    ".macro" => Some(Defines::Macro),
                    ".set" | ".equ" | ".equiv" | ".eqv" | ".weakref" | ".comm" | ".lcomm" | ".field"
                    | ".item" | ".application" => Some(Defines::Value),
                    _ => None,
                }
            } else {
                None
            };
            if name == "." || builtin && defines.is_none() {
                continue;
            }
            let span = Span { source, start: token.start, end: token.end };
            list.push(Occurrence { name: name.to_string(), span, defines });
        }
    }
}

/// The word at the head of a statement, by position: behind the labels.
fn first_word(tokens: &[Token]) -> Option<usize> {
    let mut at = 0;
    while tokens.get(at + 1).is_some_and(|t| t.kind == Kind::Colon) {
        at += 2;
    }
    tokens.get(at).filter(|t| t.kind == Kind::Word).map(|_| at)
}

/// The word, number or function under byte `offset` of `text`: where it lies.
#[must_use]
pub fn word_at(text: &str, offset: usize) -> Option<std::ops::Range<usize>> {
    let offset = offset.min(text.len());
    let start = text.as_bytes()[..offset].iter().rposition(|b| *b == b'\n').map_or(0, |n| n + 1);
    let mut tokens = Vec::new();
    let mut position = start;
    while position < text.len() && position <= offset {
        let scanned = lexer::statement(text, position, &mut tokens);
        let here = |t: &&Token| (t.start as usize..=t.end as usize).contains(&offset);
        let word = |t: &&Token| matches!(t.kind, Kind::Word | Kind::Percent | Kind::Number);
        if let Some(token) = tokens.iter().filter(here).find(word) {
            return Some(token.start as usize..token.end as usize);
        }
        position = scanned.next;
    }
    None
}

/// What a word means, in Markdown: an instruction with its encoding, a directive, a register, a symbol with its value.
#[must_use]
pub fn hover(word: &str, assembly: &Assembly) -> Option<String> {
    let mut text = String::new();
    if let Some(syntax) = reference::syntax(word) {
        let _ = writeln!(text, "```\n{}\n```", format!("{word} {syntax}").trim_end());
        let _ = writeln!(text, "{}", reference::summary(word).unwrap_or_default());
        if let Some(op) = Op::parse(word) {
            let _ = writeln!(text, "\n`{:#010x}` under the mask `{:#010x}`", op.bits(), op.format().mask());
        }
    } else if let Some(register) = Reg::parse(word) {
        let _ = writeln!(text, "register `x{}`, `{}`", register.number(), register.name());
    }
    if let Some(constant) = pg32_isa::CONSTANTS.iter().find(|c| c.name == word) {
        let _ = writeln!(text, "`{word}` = {:#x}: {}", constant.value, constant.summary);
    } else if let Some(symbol) = assembly.image.symbols.find(word) {
        let kind = if symbol.kind == SymbolKind::Label { "label" } else { "constant" };
        let _ = writeln!(text, "{kind} `{word}` = {:#x} ({})", symbol.value, symbol.value.cast_signed());
    }
    (!text.is_empty()).then_some(text)
}

/// What kind of word is proposed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Proposed {
    /// An instruction, pseudo-instruction, or directive.
    Word,
    /// A register.
    Register,
    /// A symbol.
    Symbol,
    /// A macro.
    Macro,
}

/// What could stand at byte `offset` of `text`: words at the head of a statement, else registers and symbols.
#[must_use]
pub fn completion(text: &str, offset: usize, assembly: &Assembly) -> Vec<(String, Proposed, String)> {
    let offset = offset.min(text.len());
    let start = text.as_bytes()[..offset].iter().rposition(|b| *b == b'\n').map_or(0, |n| n + 1);
    let Some(before) = text.get(start..offset) else { return Vec::new() };
    let statement = before.rsplit([';', ':']).next().unwrap_or_default().trim_start();
    let head = !statement.contains(char::is_whitespace);
    let names = Names::new();
    let mut list = Vec::new();
    if head {
        for word in names.words() {
            let summary = reference::summary(word).unwrap_or_default();
            list.push((word.to_string(), Proposed::Word, summary.to_string()));
        }
    } else {
        list.extend(
            Reg::all().map(|r| (r.name().to_string(), Proposed::Register, format!("x{}", r.number()))),
        );
        for constant in pg32_isa::CONSTANTS {
            list.push((constant.name.to_string(), Proposed::Symbol, constant.summary.to_string()));
        }
    }
    for found in occurrences(assembly) {
        let kind = match found.defines {
            Some(Defines::Macro) if head => Proposed::Macro,
            Some(Defines::Label | Defines::Value) if !head => Proposed::Symbol,
            _ => continue,
        };
        if !list.iter().any(|(name, ..)| *name == found.name) {
            let value = assembly.image.symbols.find(&found.name).map(|s| format!("{:#x}", s.value));
            list.push((found.name, kind, value.unwrap_or_default()));
        }
    }
    list
}
