//! The book names code and tests; they exist.

use std::fs::read_to_string;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies in the workspace").to_owned()
}

/// The `code` spans of a line.
fn spans(line: &str) -> Vec<&str> {
    line.split('`').skip(1).step_by(2).collect()
}

#[test]
fn every_definition_names_its_code_and_its_test() {
    let book = read_to_string(root().join("docs/theory.md")).expect("the chapter");
    let start = "| definition | is | held by |";
    let rows: Vec<_> =
        book.lines().skip_while(|l| *l != start).skip(2).take_while(|l| l.starts_with('|')).collect();
    assert!(rows.len() > 10);
    for row in rows {
        let [item, code, test, file] = spans(row)[..] else { panic!("not two names and two files: {row}") };
        let code = read_to_string(root().join(code)).expect(code);
        let defined =
            ["fn", "struct", "enum"].iter().any(|kind| code.contains(&format!("pub {kind} {item}")));
        assert!(defined, "{item} is not there: {row}");
        let tests = read_to_string(root().join(file)).expect(file);
        assert!(tests.contains(&format!("fn {test}()")), "{test} is not there: {row}");
    }
}

#[test]
fn every_choice_names_its_test() {
    let book = read_to_string(root().join("docs/theory.md")).expect("the chapter");
    let all: String = ["verdicts", "planted", "brute_force"]
        .map(|name| read_to_string(root().join(format!("theory/tests/{name}.rs"))).expect(name))
        .concat();
    let (_, choices) = book.split_once("## Three choices").expect("the section");
    let (choices, _) = choices.split_once("## Over what").expect("the next section");
    let named: Vec<_> = spans(choices).into_iter().filter(|s| s.matches('_').count() > 2).collect();
    assert_eq!(named.len(), 4);
    for test in named {
        assert!(all.contains(&format!("fn {test}()")), "{test}");
    }
}

#[test]
fn every_witness_guest_is_in_the_book_and_the_other_way_round() {
    let book = read_to_string(root().join("docs/theory.md")).expect("the chapter");
    let folder = std::fs::read_dir(root().join("samples/theory")).expect("the guests");
    let guests: Vec<String> = folder
        .map(|entry| entry.expect("a file").file_name().into_string().expect("a plain name"))
        .filter(|name| name.ends_with(".s"))
        .collect();
    let rows: Vec<_> = book.lines().filter(|l| l.starts_with("| `0")).collect();
    assert_eq!(rows.len(), guests.len());
    for guest in guests {
        assert!(rows.iter().any(|row| row.contains(&format!("`{guest}`"))), "{guest}");
    }
}
