//! What editors are told.

use pg32_assembler::analysis::{Defines, Proposed, completion, hover, occurrences, word_at};
use pg32_assembler::{Assembly, Input, MemoryFiles, Options, assemble};

const SOURCE: &str = "\
        .include \"lib.s\"
        .macro  twice what
        \\what
        \\what
        .endm
        .set    SIZE, 12
_start: li      a0, SIZE
        call    helper
        twice   nop
1:      bnez    a0, 1b
        halt
";

fn assembly() -> Assembly {
    let files = MemoryFiles::new().with("lib.s", "helper: ret\n");
    let input = Input { name: "k.s".into(), bytes: SOURCE.into() };
    assemble(&[input], &files, &Options::default())
}

#[test]
fn definitions_and_uses_are_found_across_files() {
    let assembly = assembly();
    let all = occurrences(&assembly);
    let of = |name: &str| -> Vec<(String, Option<Defines>)> {
        let found = all.iter().filter(|o| o.name == name);
        found.map(|o| (assembly.sources.get(o.span.source).name.clone(), o.defines)).collect()
    };
    assert_eq!(of("helper"), [("k.s".into(), None), ("lib.s".into(), Some(Defines::Label))]);
    assert_eq!(of("SIZE"), [("k.s".into(), Some(Defines::Value)), ("k.s".into(), None)]);
    assert_eq!(of("twice"), [("k.s".into(), Some(Defines::Macro)), ("k.s".into(), None)]);
    assert!(of("a0").is_empty() && of("nop").is_empty());
    for occurrence in &all {
        assert_eq!(assembly.sources.text(occurrence.span), occurrence.name);
    }
}

#[test]
fn hover_says_what_a_word_means() {
    let assembly = assembly();
    let says = |word, part: &str| hover(word, &assembly).unwrap_or_default().contains(part);
    assert!(says("addi", "rd, rs1, imm") && says("addi", "0x00000013"));
    assert!(says("beqz", "rs, target") && says(".align", "multiple of 2") && says("setr", "B = rs1"));
    assert!(
        says("a0", "x10") && says("SIZE", "0xc") && says("helper", "label") && says("CAUSE_TIMER", "timer")
    );
    assert_eq!(hover("nonsense", &assembly), None);
}

#[test]
fn the_word_under_the_cursor() {
    let at = |part: &str, inside: usize| {
        let offset = SOURCE.find(part).unwrap() + inside;
        word_at(SOURCE, offset).map(|r| &SOURCE[r])
    };
    assert_eq!(at("helper", 0), Some("helper"));
    assert_eq!(at("helper", 3), Some("helper"));
    assert_eq!(at("helper", 6), Some("helper"));
    assert_eq!(at("a0, SIZE", 5), Some("SIZE"));
    assert_eq!(word_at("  ", 1), None);
    assert_eq!(word_at("", 10), None);
}

#[test]
fn completion_knows_where_it_is() {
    let assembly = assembly();
    let has = |text: &str, name: &str, kind| {
        completion(text, text.len(), &assembly).iter().any(|(n, k, _)| n == name && *k == kind)
    };
    assert!(has("        ad", "addi", Proposed::Word) && has("x: ", "twice", Proposed::Macro));
    assert!(
        has("        li a", "a0", Proposed::Register) && has("        li a0, S", "SIZE", Proposed::Symbol)
    );
    assert!(
        has("        call ", "helper", Proposed::Symbol) && !has("        call ", "addi", Proposed::Word)
    );
}
