//! Profiles by name or by file, for every command that takes one.

use pg32_isa::{BUILTIN_PROFILES, Profile};
use pg32_theory::did_you_mean;
use pg32_theory::profile_file::{self, ProfileError};
use std::fmt::Write as _;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The profile called `name`; or, if `name` is a path (it ends in `.toml` or has a `/` in it), the one in that
/// file, relative to `folder`.
///
/// # Errors
/// In words; of a file, with every mistake in it and where.
pub(crate) fn find(name: &str, folder: &Path) -> Result<Profile, String> {
    if let Some(profile) = Profile::builtin(name) {
        return Ok(profile);
    }
    if name.ends_with(".toml") || name.contains('/') {
        return read(&folder.join(name)).map_err(|message| format!("{name}: {message}"));
    }
    let known: Vec<_> = BUILTIN_PROFILES.iter().map(|p| p.name).collect();
    let help = did_you_mean(name, known.iter().copied())
        .unwrap_or_else(|| format!("there are {}, and files whose names end in .toml", known.join(", ")));
    Err(format!("`{name}` is no profile; {help}"))
}

fn read(path: &Path) -> Result<Profile, String> {
    let mut bytes = Vec::new();
    // One byte more than is allowed, so that a longer file is found out without being read.
    let limit = profile_file::MAX_BYTES as u64 + 1;
    let file = File::open(path).map_err(|e| e.to_string())?;
    file.take(limit).read_to_end(&mut bytes).map_err(|e| e.to_string())?;
    let source =
        String::from_utf8(bytes).map_err(|_| "a profile file is UTF-8 text, and this is not".to_owned())?;
    profile_file::parse(&source).map_err(|errors| show(&source, &errors))
}

/// Every mistake with its line and what to do about it.
fn show(source: &str, errors: &[ProfileError]) -> String {
    let mut out = match errors {
        [_] => "not a profile".to_owned(),
        many => format!("not a profile: {} mistakes", many.len()),
    };
    for error in errors {
        let before = &source[..error.span.start];
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = source[start..].lines().next().unwrap_or_default();
        let (row, column) = (before.matches('\n').count() + 1, before[start..].chars().count());
        let _ = write!(out, "\n  line {row}, column {}: {error}", column + 1);
        // A line that would fill the screen, or speak to the terminal, is not shown.
        if line.chars().count() <= 120 && !line.chars().any(|c| c.is_control() && c != '\t') {
            let length = source[error.span.clone()].lines().next().unwrap_or_default().chars().count().max(1);
            let indent: String = line.chars().take(column).map(|c| if c == '\t' { c } else { ' ' }).collect();
            let _ = write!(out, "\n    {line}\n    {indent}{}", "^".repeat(length));
        }
        if let Some(help) = &error.help {
            let _ = write!(out, "\n    help: {help}");
        }
    }
    out
}
