//! From arguments to guests: files loaded, profiles found, machines set up.

use crate::args::{MachineArgs, SourceArgs};
use crate::failure::Failure;
use crate::profile;
use pg32_harness::{LoadError, Loaded, Loader, Setup};
use pg32_isa::Profile;
use pg32_vm::{EngineKind, check_size};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The loader that the source flags ask for.
pub(crate) fn loader(args: &SourceArgs) -> Loader {
    Loader { include: args.include.clone() }
}

/// Loads a guest; a source's diagnostics are shown.
pub(crate) fn load(file: &Path, args: &SourceArgs) -> Result<Loaded, Failure> {
    loader(args).load(file).map_err(|error| load_failure(&error))
}

/// What a guest that cannot be loaded ends the command with.
pub(crate) fn load_failure(error: &LoadError) -> Failure {
    match error {
        LoadError::File(message) => Failure::usage(message),
    }
}

/// A guest set up as the machine flags ask for.
pub(crate) fn setup(loaded: &Loaded, args: &MachineArgs) -> Result<Setup, Failure> {
    let memory = check_size(args.memory).map_err(Failure::usage)?;
    Ok(Setup {
        image: Arc::clone(&loaded.image),
        memory,
        profile: profile(&args.profile)?,
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

/// Shows why a guest of a suite cannot be loaded.
pub(crate) fn show_load_error(error: &LoadError, args: &SourceArgs) {
    if let Failure::Usage(message) = load_failure(error) {
        crate::output::talk(&message);
    }
    let _ = args;
}
