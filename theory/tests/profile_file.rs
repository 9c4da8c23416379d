//! Profile files: what they mean, and what is said of those that mean nothing.

use pg32_isa::{Action, Extension, Profile};
use pg32_theory::profile_file::{MAX_BYTES, parse};
use proptest::prelude::*;

#[test]
fn a_file_says_what_the_built_in_row_says() {
    let source = "\
name = \"x86\"
after = \"IA-32\"  # as the principles have it

[user]
setm = \"ignore\"
rdm = \"execute\"
rdb = \"execute\"
rdl = \"execute\"
spsw = \"execute\"
halt = \"trap\"
";
    assert_eq!(parse(source), Ok(Profile::builtin("x86").unwrap()));
    assert_eq!(parse("name = \"pg\""), Ok(Profile::pg()));
}

#[test]
fn every_instruction_takes_every_action() {
    for op in Extension::System.ops() {
        for action in Action::ALL {
            let source = format!("name = \"one\"\nuser.{} = \"{}\"", op.mnemonic(), action.name());
            assert_eq!(parse(&source), Ok(Profile::trapping("one").with(op, action)), "{source}");
        }
    }
}

/// Every error with the text it points at, and its help.
fn told(source: &str) -> String {
    let mut out = format!("{source}\n---\n");
    for error in parse(source).expect_err("the file is wrong") {
        out += &format!("`{}`: {error}\n", &source[error.span.clone()]);
        out.extend(error.help.map(|help| format!("    help: {help}\n")));
    }
    out
}

#[test]
fn mistakes() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let cases = [
        (
            "five at once",
            "name = 7\nafer = \"x\"\n\n[user]\nrdn = \"execute\"\nrdm = \"exceute\"\nadd = \"trap\"\nsetm = true\n",
        ),
        ("nothing", ""),
        ("no name", "after = \"nobody\"\n[user]\nrdm = \"execute\"\n"),
        ("no table", "name = \"flat\"\nrdm = \"execute\"\nuser = \"rdm\"\n"),
        ("syntax and more", "name = \"broken\n[user]\nrdm = execute\nsetm = \"ignroe\"\n"),
        ("twice", "name = \"twice\"\n[user]\nrdm = \"execute\"\nrdm = \"trap\"\n"),
        ("case", "name = \"case\"\n[user]\nRDM = \"Execute\"\n"),
        ("far off", "name = \"far\"\n[user]\nmret = \"forbid\"\n"),
        ("arrays", "name = [\"a\"]\n[[user]]\nrdm = \"execute\"\n"),
        ("empty name", "name = \" \"\n"),
        ("an escape", "name = \"\\u001b[31m\"\n[user]\n\"\\u001b[31mred\" = \"\\u0007\"\n"),
    ];
    settings.bind(|| {
        for (name, source) in cases {
            insta::assert_snapshot!(format!("profile file, {name}"), told(source));
        }
    });
}

#[test]
fn hostile_files_get_one_error() {
    let one = |source: &str| assert_eq!(parse(source).expect_err("hostile").len(), 1, "{:.40}", source);
    one(&"x".repeat(MAX_BYTES + 1));
    one(&"\0".repeat(1000));
    one(&format!("name = \"n\"\na = {}1", "[".repeat(30_000)));
    one(&format!("name = \"n\"\n{}x = 1", "a.".repeat(20_000)));
    one(&format!("name = \"{}\"", "é".repeat(30_000)));
    one("\u{1b}[2J");
}

#[test]
fn a_hundred_mistakes_are_cut_short() {
    let source: String = (0..1000).map(|n| format!("k{n} = {n}\n")).collect();
    let errors = parse(&source).expect_err("nothing is right");
    assert!((2..=20).contains(&errors.len()), "{}", errors.len());
}

proptest! {
    #[test]
    fn no_text_panics_and_every_span_can_be_shown(source in "(?s)[a-z=\"\\[\\]{}.,#'\\n é\u{1F600}\\\\0-9]{0,80}") {
        if let Err(errors) = parse(&source) {
            prop_assert!(!errors.is_empty());
            for error in errors {
                prop_assert!(source.get(error.span).is_some());
            }
        }
    }

    #[test]
    fn near_profiles_do_not_panic(
        keys in prop::collection::vec(("(name|after|user|rdm|rdn|setm|lpswx|[a-z]{1,8})", "(\"trap\"|\"ignor\"|7|true|\\[\\]|\"é\"|)"), 0..8),
    ) {
        let source: String = keys.iter().map(|(key, value)| format!("{key} = {value}\n")).collect();
        if let Err(errors) = parse(&source) {
            prop_assert!(errors.iter().all(|e| source.get(e.span.clone()).is_some()));
        }
    }
}
