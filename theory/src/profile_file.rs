//! Profiles that users write: a TOML file that says what system instructions do in user mode.
//!
//! ```toml
//! name = "m68k"                          # what reports call it
//! after = "Motorola 68000, MOVE from SR" # optional: the machine it models
//!
//! [user]                                 # in user mode; whatever is not listed traps
//! rdm = "execute"                        # "trap", "execute" or "ignore"
//! ```

use crate::did_you_mean;
use pg32_isa::{Action, Extension, Op, Profile};
use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The most bytes that a profile file may have. A profile with every instruction and a comment on each has two
/// thousand.
pub const MAX_BYTES: usize = 64 * 1024;

/// The most mistakes that are told of one file.
const MAX_ERRORS: usize = 20;

/// The most bytes of the user's own words that a message repeats.
const MAX_QUOTED: usize = 40;

/// A mistake in a profile file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProfileError {
    /// What is wrong, without a full stop.
    pub message: String,
    /// Where: bytes of the source, on character boundaries.
    pub span: Range<usize>,
    /// What to write instead, if that can be said.
    pub help: Option<String>,
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ProfileError {}

/// The profile that `source` describes.
///
/// # Errors
/// All mistakes that were found, in the order of the source, at least one. A file that is no text of a profile
/// at all gets one.
pub fn parse(source: &str) -> Result<Profile, Vec<ProfileError>> {
    if source.len() > MAX_BYTES {
        let message = format!("a profile file has at most {MAX_BYTES} bytes, and this has {}", source.len());
        return Err(vec![ProfileError { message, span: 0..0, help: None }]);
    }
    if let Some(at) = source.bytes().position(|b| b == 0) {
        let message = "a profile file is text, and this has a NUL byte".to_owned();
        return Err(vec![ProfileError { message, span: at..at + 1, help: None }]);
    }
    let (document, syntax) = DeTable::parse_recoverable(source);
    let mut reader = Reader { source, errors: Vec::new() };
    for error in syntax.into_iter().take(MAX_ERRORS) {
        reader.error(error.span().unwrap_or(0..0), error.message().to_owned(), None);
    }
    let mut errors = std::mem::take(&mut reader.errors);
    errors.dedup_by_key(|error| line_of(source, error));
    // What the recovering parser makes of the rest of a malformed line is no second mistake.
    let malformed: Vec<usize> = errors.iter().map(|error| line_of(source, error)).collect();
    let profile = reader.profile(&document);
    reader.errors.truncate(MAX_ERRORS);
    errors.extend(reader.errors.into_iter().filter(|error| !malformed.contains(&line_of(source, error))));
    if errors.is_empty() {
        return Ok(profile);
    }
    errors.sort_by_key(|e| (e.span.start, e.span.end));
    errors.truncate(MAX_ERRORS);
    Err(errors)
}

fn line_of(source: &str, error: &ProfileError) -> usize {
    source.as_bytes()[..error.span.start].iter().filter(|b| **b == b'\n').count()
}

/// What a key of the file can be.
const KEYS: [&str; 3] = ["name", "after", "user"];

struct Reader<'s> {
    source: &'s str,
    errors: Vec<ProfileError>,
}

impl Reader<'_> {
    fn error(&mut self, span: Range<usize>, message: String, help: Option<String>) {
        let snap = |at: usize| self.source.floor_char_boundary(at.min(self.source.len()));
        let start = snap(span.start);
        self.errors.push(ProfileError { message, span: start..snap(span.end).max(start), help });
    }

    fn profile(&mut self, document: &Spanned<DeTable<'_>>) -> Profile {
        let mut name = None;
        let mut actions = Vec::new();
        for (key, value) in document.get_ref() {
            match key.get_ref().as_ref() {
                "name" => name = self.name(value),
                "after" => _ = self.string(value, "the machine that the profile models"),
                "user" => actions = self.user(value),
                other => self.unknown_key(other, key.span()),
            }
        }
        if !document.get_ref().keys().any(|k| k.get_ref() == "name") {
            let help = Some("begin with `name = \"…\"`, which reports will call it".to_owned());
            self.error(0..0, "the profile has no name".to_owned(), help);
        }
        let trapping = Profile::trapping(name.unwrap_or_default());
        actions.into_iter().fold(trapping, |profile, (op, action)| profile.with(op, action))
    }

    fn name(&mut self, value: &Spanned<DeValue<'_>>) -> Option<String> {
        let name = self.string(value, "the profile's name")?;
        let plain = |c: char| c.is_alphanumeric() || "-_.+ ".contains(c);
        if name.trim().is_empty() || name.len() > MAX_QUOTED || !name.chars().all(plain) {
            let help = format!("a name has 1 to {MAX_QUOTED} bytes: letters, digits, blanks and `- _ . +`");
            self.error(value.span(), "this is no name for a profile".to_owned(), Some(help));
            return None;
        }
        Some(name)
    }

    fn string(&mut self, value: &Spanned<DeValue<'_>>, what: &str) -> Option<String> {
        let text = value.get_ref().as_str().map(str::to_owned);
        if text.is_none() {
            let found = value.get_ref().type_str();
            self.error(value.span(), format!("{what} is a string, and this is {}", article(found)), None);
        }
        text
    }

    /// The table of actions.
    fn user(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<(Op, Action)> {
        let Some(table) = value.get_ref().as_table() else {
            let found = article(value.get_ref().type_str());
            let help = Some("write `[user]` on a line of its own and the instructions below it".to_owned());
            self.error(value.span(), format!("`user` is a table, and this is {found}"), help);
            return Vec::new();
        };
        let mut actions = Vec::new();
        for (key, value) in table {
            let op = self.system_instruction(key.get_ref(), key.span());
            let action = self.action(value);
            actions.extend(op.zip(action));
        }
        actions
    }

    fn system_instruction(&mut self, name: &str, span: Range<usize>) -> Option<Op> {
        match Op::parse(name) {
            Some(op) if op.extension() == Extension::System => return Some(op),
            Some(_) => {
                let message = format!("`{name}` is no system instruction: it does the same in both modes");
                self.error(span, message, Some(format!("remove it; a profile is about {}", system_names())));
            }
            None => {
                let candidates = Extension::System.ops();
                let help = did_you_mean(name, candidates.map(Op::mnemonic))
                    .unwrap_or_else(|| format!("there are {}", system_names()));
                self.error(span, format!("there is no system instruction `{}`", quoted(name)), Some(help));
            }
        }
        None
    }

    fn action(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Action> {
        let expected = "\"trap\", \"execute\" or \"ignore\"";
        let Some(word) = value.get_ref().as_str() else {
            let found = article(value.get_ref().type_str());
            self.error(value.span(), format!("expected {expected}, found {found}"), None);
            return None;
        };
        let action = Action::parse(word);
        if action.is_none() {
            let help = did_you_mean(word, Action::ALL.into_iter().map(Action::name));
            self.error(value.span(), format!("expected {expected}, found \"{}\"", quoted(word)), help);
        }
        action
    }

    fn unknown_key(&mut self, key: &str, span: Range<usize>) {
        let help = match Op::parse(key) {
            Some(op) if op.extension() == Extension::System => {
                "instructions stand below `[user]`, on a line of its own".to_owned()
            }
            _ => did_you_mean(key, KEYS)
                .unwrap_or_else(|| "a profile has `name`, `after` and `[user]`".to_owned()),
        };
        self.error(span, format!("a profile has no `{}`", quoted(key)), Some(help));
    }
}

/// The mnemonics of the system instructions, in a row.
fn system_names() -> String {
    let all = Extension::System.ops();
    let names: Vec<_> = all.map(Op::mnemonic).collect();
    crate::theorem::listed(&names)
}

/// `a string`, `an integer`.
fn article(noun: &str) -> String {
    let vowel = noun.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {noun}", if vowel { "an" } else { "a" })
}

/// The user's word, cut where it is too long to repeat, with nothing in it that a terminal acts upon.
fn quoted(word: &str) -> Cow<'_, str> {
    if word.len() <= MAX_QUOTED && !word.chars().any(char::is_control) {
        return Cow::Borrowed(word);
    }
    let cut = &word[..word.floor_char_boundary(MAX_QUOTED)];
    let dots = if cut.len() < word.len() { "…" } else { "" };
    Cow::Owned(format!("{}{dots}", cut.escape_default()))
}
