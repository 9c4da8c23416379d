//! Every diagnostic's example triggers it, and its row is in order.

use pg32_assembler::{Code, Input, MemoryFiles, Options, assemble, render};
use std::collections::HashSet;

fn files() -> MemoryFiles {
    MemoryFiles::new()
        .with("latin1.s", b"# caf\xe9\n".to_vec())
        .with("cycle.s", ".include \"cycle.s\"\n")
        .with("app.s", "        nop\n")
}

#[test]
fn every_example_triggers_its_code() {
    for &code in Code::ALL {
        let input = Input { name: "example.s".into(), bytes: code.example().into() };
        let assembly = assemble(&[input], &files(), &Options::default());
        let found: HashSet<&str> = assembly.diagnostics.iter().map(|d| d.code.id()).collect();
        let text = render::short(&assembly.diagnostics, &assembly.sources);
        assert!(found.contains(code.id()), "{} is not among:\n{text}", code.id());
    }
}

#[test]
fn codes_are_unique_and_found_by_id_and_name() {
    let mut seen = HashSet::new();
    for &code in Code::ALL {
        assert!(seen.insert(code.id()) && seen.insert(code.name()), "{}", code.id());
        assert_eq!(Code::parse(&code.id().to_lowercase()), Some(code));
        assert_eq!(Code::parse(code.name()), Some(code));
        assert_eq!(&code.id()[..1], &code.severity().name()[..1].to_uppercase());
        assert!(code.explain().contains(code.explanation()));
    }
    assert_eq!(Code::parse("E9999"), None);
}
