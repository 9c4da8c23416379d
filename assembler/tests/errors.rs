//! What the messages look like: every `errors/*.s` is a source with mistakes, and its snapshot holds it and them.

use pg32_assembler::{Input, MemoryFiles, Options, assemble, render};
use std::path::Path;

#[test]
fn messages() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors");
    let mut cases: Vec<_> =
        std::fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|path| path.extension().is_some_and(|e| e == "s"));
    cases.sort();
    assert!(!cases.is_empty());
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(directory.join("snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for case in cases {
        let source = std::fs::read_to_string(&case).unwrap();
        let name = case.file_name().unwrap().to_str().unwrap();
        let files = MemoryFiles::new().with("broken.inc", "        nop\n        nopp\n");
        let input = Input { name: name.into(), bytes: source.clone().into() };
        let assembly = assemble(&[input], &files, &Options::default());
        assert!(assembly.has_errors(), "{name}");
        let messages = render::human(&assembly.diagnostics, &assembly.sources, render::Colour::Never);
        let messages: Vec<&str> = messages.lines().map(str::trim_end).collect();
        let text = format!("{source}\n{}", messages.join("\n"));
        settings.bind(|| insta::assert_snapshot!(name.trim_end_matches(".s"), text));
    }
}
