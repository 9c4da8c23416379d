//! Suites: a folder, and the cases found in it.

use crate::bless::Bless;
use crate::cells::Cell;
use crate::load::{LoadError, Loader, is_source, read_regular};
use crate::{CaseConfig, ConfigError, Contract, Grading, Input, Setup, case_config};
use pg32_assembler::FileError;
use pg32_image::Image;
use pg32_isa::Profile;
use pg32_vm::check_size;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The file with a suite's defaults.
pub const SUITE_FILE: &str = "pg32.toml";
/// The folder beside a case that holds its snapshots.
pub(crate) const SNAPSHOT_FOLDER: &str = "snapshots";
/// What an input tape, and a suite's file, may hold, bytes.
const MAX_INPUT: u64 = 1 << 30;
const MAX_CONFIG: u64 = 1 << 20;
/// Folders deeper than this below a suite are not searched.
pub(crate) const MAX_NESTING: usize = 16;

/// A case, found and understood.
pub struct Case {
    /// Its file, as the user would name it.
    pub file: PathBuf,
    /// Its name in reports: the path below the suite, without its ending.
    pub name: String,
    /// What it is worth. The default where its header cannot be read.
    pub grading: Grading,
    /// What it asks for, and its image.
    pub ready: Result<Ready, CaseError>,
}

/// A case that can be run.
pub struct Ready {
    /// What it asks for.
    pub config: CaseConfig,
    /// The image.
    pub image: Arc<Image>,
    /// Its input tape.
    pub input: Arc<[u8]>,
    /// The images of the suite's own monitors that it asks for, by their names.
    pub own_monitors: OwnImages,
}

impl Ready {
    /// What the guest starts from in a cell.
    #[must_use]
    pub fn setup(&self, cell: &Cell) -> Setup {
        Setup {
            image: Arc::clone(&self.image),
            memory: self.config.memory as u32,
            profile: self.config.profiles[cell.profile].clone(),
            engine: cell.engine,
            input: Arc::clone(&self.input),
            output_limit: self.config.output_limit,
        }
    }
}

/// Images of a suite's own monitors, by their names.
pub type OwnImages = Vec<(Arc<str>, Arc<Image>)>;

/// Why a case cannot be run.
#[derive(Debug)]
pub enum CaseError {
    /// Its header, or the suite's file.
    Config(ConfigError),
    /// Its source or image.
    Load(LoadError),
    /// Something else, in words.
    Other(String),
}

/// How to run a suite.
pub struct SuiteOptions<'a> {
    /// Reads sources and images.
    pub loader: &'a Loader,
    /// Finds a profile by name, or by file relative to the folder given.
    pub profile: &'a (dyn Fn(&str, &Path) -> Result<Profile, String> + Sync),
    /// What happens to snapshots.
    pub bless: Bless,
}

/// Finds the cases in `paths`: each file is one; each folder is searched, and files that say so or that another
/// source includes or embeds are parts and no cases.
///
/// # Errors
/// If a path cannot be read.
pub fn find_cases(paths: &[PathBuf], options: &SuiteOptions<'_>) -> Result<Vec<Case>, String> {
    let mut found: Vec<Candidate> = Vec::new();
    for path in paths {
        let fail = |e: std::io::Error| format!("{}: {e}", path.display());
        if path.is_dir() {
            let mut files = Vec::new();
            search(path, 0, &mut files).map_err(fail)?;
            files.sort();
            found.extend(files.into_iter().map(|file| Candidate { root: Some(path.clone()), file }));
        } else {
            std::fs::metadata(path).map_err(fail)?;
            found.push(Candidate { root: None, file: path.clone() });
        }
    }
    let opened: Vec<Opened> = found.into_par_iter().map(|candidate| open(candidate, options)).collect();
    let parts: BTreeSet<PathBuf> = opened.iter().flat_map(|o| o.parts.iter().cloned()).collect();
    let is_part = |o: &Opened| {
        o.in_folder && (o.is_part || canonical(&o.case.file).is_some_and(|file| parts.contains(&file)))
    };
    let mut cases: Vec<Case> = opened.into_iter().filter(|o| !is_part(o)).map(|o| o.case).collect();
    refuse_namesakes(&mut cases);
    Ok(cases)
}

/// Two cases whose files differ in their ending alone would share a snapshot.
fn refuse_namesakes(cases: &mut [Case]) {
    let mut first: BTreeMap<PathBuf, PathBuf> = BTreeMap::new();
    for case in cases {
        let namesake = first.entry(case.file.with_extension("")).or_insert_with(|| case.file.clone());
        if *namesake != case.file {
            let message = format!("{} has the same name and would share its snapshot", namesake.display());
            case.ready = Err(CaseError::Other(message));
        }
    }
}

struct Candidate {
    /// The folder that was searched, if any.
    root: Option<PathBuf>,
    file: PathBuf,
}

struct Opened {
    case: Case,
    in_folder: bool,
    /// Whether it says that it is part of another case and none itself.
    is_part: bool,
    /// Other files that the case is made of.
    parts: Vec<PathBuf>,
}

fn search(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        let skipped = hidden || ["target", SNAPSHOT_FOLDER].iter().any(|s| entry.file_name() == *s);
        if kind.is_dir() && !skipped && depth < MAX_NESTING {
            search(&path, depth + 1, files)?;
        } else if !kind.is_dir() && !hidden && is_source(&path) {
            files.push(path);
        }
    }
    Ok(())
}

fn canonical(path: &Path) -> Option<PathBuf> {
    std::fs::canonicalize(path).ok()
}

fn open(candidate: Candidate, options: &SuiteOptions<'_>) -> Opened {
    let Candidate { root, file } = candidate;
    let below = root.as_deref().and_then(|r| file.strip_prefix(r).ok()).unwrap_or(&file);
    let name = below.with_extension("").to_string_lossy().into_owned();
    let mut opened = Opened {
        case: Case { file, name, grading: Grading::default(), ready: Err(CaseError::Other(String::new())) },
        in_folder: root.is_some(),
        is_part: false,
        parts: Vec::new(),
    };
    opened.case.ready = ready(root.as_deref(), options, &mut opened);
    opened
}

fn ready(root: Option<&Path>, options: &SuiteOptions<'_>, opened: &mut Opened) -> Result<Ready, CaseError> {
    let file = opened.case.file.clone();
    let file = file.as_path();
    let unreadable = |file: &Path, error: FileError| {
        CaseError::Load(LoadError::File { file: file.to_owned(), message: error.to_string() })
    };
    let source = if is_source(file) {
        read_regular(file, options.loader.options.limits.file_bytes).map_err(|e| unreadable(file, e))?
    } else {
        Vec::new()
    };
    let suite = suite_file(file, root)?;
    let defaults = suite.as_ref().map(|(path, text)| (path.as_path(), text.as_str()));
    let source = String::from_utf8_lossy(&source);
    let config = case_config(file, &source, defaults, options.profile).map_err(CaseError::Config)?;
    opened.is_part = config.part;
    opened.case.grading = config.grading.clone();
    opened.parts.extend(config.own_monitors.iter().filter_map(|own| canonical(&own.file)));
    let loaded = options.loader.load(file).map_err(CaseError::Load)?;
    opened.parts.extend(loaded.dependencies.iter().filter_map(|path| canonical(path)));
    check_size(config.memory).map_err(|e| CaseError::Other(e.to_string()))?;
    let folder = file.parent().unwrap_or(Path::new(""));
    let input = match &config.input {
        Input::Text(text) => text.as_bytes().into(),
        Input::File(path) => {
            let path = folder.join(path);
            read_regular(&path, MAX_INPUT).map_err(|e| unreadable(&path, e))?.into()
        }
    };
    let own_monitors = own_monitors(&config, folder, options, opened)?;
    Ok(Ready { config, image: named_from(folder, loaded.image), input, own_monitors })
}

/// The suite's own monitors that a case asks for. They are no cases themselves.
fn own_monitors(
    config: &CaseConfig,
    folder: &Path,
    options: &SuiteOptions<'_>,
    opened: &mut Opened,
) -> Result<OwnImages, CaseError> {
    let mut list = Vec::new();
    for own in &config.own_monitors {
        let loaded = options.loader.load(&own.file).map_err(CaseError::Load)?;
        opened.parts.extend(loaded.dependencies.iter().filter_map(|path| canonical(path)));
        let fail = |error| CaseError::Other(format!("{}: {error}", own.file.display()));
        Contract::of(&loaded.image).map_err(fail)?;
        list.push((Arc::clone(&own.name), named_from(folder, loaded.image)));
    }
    Ok(list)
}

/// The image with its sources named from the case's folder on, so that what is said of it does not depend on where
/// the suite was started.
fn named_from(folder: &Path, mut image: Arc<Image>) -> Arc<Image> {
    for source in &mut Arc::make_mut(&mut image).lines.sources {
        if let Ok(below) = Path::new(&source.name).strip_prefix(folder) {
            source.name = below.to_string_lossy().into_owned();
        }
    }
    image
}

/// The nearest `pg32.toml` from the case's folder up to the folder that was searched.
fn suite_file(file: &Path, root: Option<&Path>) -> Result<Option<(PathBuf, String)>, CaseError> {
    let Some(folder) = file.parent() else { return Ok(None) };
    let root = root.unwrap_or(folder);
    for folder in folder.ancestors().take_while(|a| a.starts_with(root)) {
        let path = folder.join(SUITE_FILE);
        let fail =
            |message: String| CaseError::Config(ConfigError { file: path.clone(), line: None, message });
        match read_regular(&path, MAX_CONFIG) {
            Err(FileError::NotFound) => {}
            Err(error) => return Err(fail(error.to_string())),
            Ok(bytes) => {
                let text = String::from_utf8(bytes).map_err(|_| fail("it is no UTF-8 text".into()))?;
                return Ok(Some((path, text)));
            }
        }
    }
    Ok(None)
}
