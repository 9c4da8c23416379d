//! The generated pages of the book are those of the tables. `PG32_BLESS=1 cargo test` writes them anew.

use pg32_assembler::reference;
use std::path::Path;

fn check(name: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name);
    if std::env::var_os("PG32_BLESS").is_some() {
        std::fs::write(&file, text).unwrap();
    }
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(found == text, "docs/{name} is not what the tables say; PG32_BLESS=1 writes it anew");
}

#[test]
fn the_pages_are_those_of_the_tables() {
    check("errors.md", &reference::errors_page());
    check("instructions.md", &reference::words_page());
    check("../editors/pg32.tmLanguage.json", &reference::textmate());
}
