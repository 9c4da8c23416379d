//! From arguments to guests: files loaded, profiles found, machines set up.

use crate::args::{MachineArgs, SourceArgs};
use crate::diagnostics;
use crate::failure::Failure;
use crate::profile;
use pg32_assembler::{Code, Level, Options, Severity, Warnings};
use pg32_harness::{LoadError, Loaded, Loader, Replay, Setup};
use pg32_isa::Profile;
use pg32_vm::{EngineKind, check_size};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The loader that the source flags ask for.
pub(crate) fn loader(args: &SourceArgs) -> Result<Loader, Failure> {
    let defines = args.context.define.iter().map(|text| define(text)).collect::<Result<_, _>>()?;
    let options = Options { defines, warnings: warnings(&args.warnings)?, ..Options::default() };
    Ok(Loader { include: args.context.include.clone(), options, fenced: None })
}

/// Levels of warnings, as `-W` gives them.
fn warnings(flags: &[String]) -> Result<Warnings, Failure> {
    let mut warnings = Warnings::default();
    for flag in flags {
        let (level, name) = if let Some(name) = flag.strip_prefix("no-") {
            (Level::Allow, name)
        } else if let Some(name) = flag.strip_prefix("error=") {
            (Level::Deny, name)
        } else if flag == "error" {
            (Level::Deny, "all")
        } else {
            (Level::Warn, flag.as_str())
        };
        match Code::parse(name) {
            _ if name == "all" => warnings.all = Some(level),
            Some(code) if code.severity() == Severity::Warning => {
                warnings.levels.insert(code.name().to_owned(), level);
            }
            _ => {
                let names = Code::ALL.iter().filter(|c| c.severity() == Severity::Warning).map(|c| c.name());
                let names: Vec<_> = names.collect();
                return Err(Failure::usage(format!("`-W {flag}`: the warnings are {}", names.join(", "))));
            }
        }
    }
    Ok(warnings)
}

/// `NAME` or `NAME=VALUE`; the value is decimal, or hexadecimal with `0x`.
fn define(text: &str) -> Result<(String, i64), Failure> {
    let (name, value) = text.split_once('=').unwrap_or((text, "1"));
    let (sign, digits) = value.strip_prefix('-').map_or((1, value), |digits| (-1, digits));
    let number = match digits.strip_prefix("0x") {
        Some(hex) => i64::from_str_radix(hex, 16),
        None => digits.parse::<i64>(),
    };
    let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '.');
    match number {
        Ok(number) if starts_well && digits.starts_with(|c: char| c.is_ascii_digit()) => {
            Ok((name.to_owned(), sign * number))
        }
        _ => Err(Failure::usage(format!("`-D {text}`: expected NAME or NAME=NUMBER"))),
    }
}

/// Loads a guest; a source's diagnostics are shown.
pub(crate) fn load(file: &Path, args: &SourceArgs) -> Result<Loaded, Failure> {
    let loaded = loader(args)?.load(file).map_err(|error| load_failure(error, args))?;
    if let Some(assembly) = &loaded.assembly {
        diagnostics::show(assembly, args);
    }
    Ok(loaded)
}

/// What a guest that cannot be loaded ends the command with.
fn load_failure(error: LoadError, args: &SourceArgs) -> Failure {
    match error {
        LoadError::File { .. } => Failure::usage(error),
        LoadError::Rejected(assembly) => {
            diagnostics::show(&assembly, args);
            Failure::Rejected
        }
    }
}

/// A guest set up as the machine flags ask for.
pub(crate) fn setup(loaded: &Loaded, args: &MachineArgs) -> Result<Setup, Failure> {
    let memory = check_size(args.memory).map_err(Failure::usage)?;
    Ok(Setup {
        image: Arc::clone(&loaded.image),
        memory,
        profile: profile(&args.profile.name)?,
        engine: args.engine.unwrap_or_else(EngineKind::fastest),
        input: input(args.input.as_ref())?,
        output_limit: args.output_limit,
    })
}

fn input(file: Option<&PathBuf>) -> Result<Arc<[u8]>, Failure> {
    match file {
        None => Ok(Arc::from([])),
        Some(path) => {
            let bytes = std::fs::read(path);
            Ok(bytes.map_err(|e| Failure::usage(format!("{}: {e}", path.display())))?.into())
        }
    }
}

/// The profile called `name`, or in the file of that name.
pub(crate) fn profile(name: &str) -> Result<Profile, Failure> {
    profile::find(name, Path::new("")).map_err(Failure::Usage)
}

/// The replay in a file.
pub(crate) fn replay(file: &Path) -> Result<Replay, Failure> {
    let fail = |message: String| Failure::usage(format!("{}: {message}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|e| fail(e.to_string()))?;
    Replay::from_json(&text).map_err(fail)
}
