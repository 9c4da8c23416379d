//! Suites: a folder of cases, run in every cell of their matrix, in parallel, reported in a fixed order.

use crate::cells::{BareRun, Cell, CellResult, Host, bare_run, cells, check_bare, compare_cell};
use crate::load::{LoadError, Loader, is_source};
use crate::snapshot_file::{Comparison, compare_snapshot, pending, write_snapshot};
use crate::{CaseConfig, ConfigError, Input, Setup, case_config};
use pg32_image::Image;
use pg32_isa::Profile;
use pg32_vm::check_size;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The file with a suite's defaults.
pub const SUITE_FILE: &str = "pg32.toml";
/// The folder beside a case that holds its snapshots.
const SNAPSHOT_FOLDER: &str = "snapshots";
/// Folders deeper than this below a suite are not searched.
const MAX_NESTING: usize = 16;

/// A case, found and understood.
pub struct Case {
    /// Its file, as the user would name it.
    pub file: PathBuf,
    /// Its name in reports: the path below the suite, without its ending.
    pub name: String,
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
}

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

/// What happens to snapshots that are missing or differ.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bless {
    /// Nothing: the cell fails.
    No,
    /// The cell fails, and the new text is left beside the old for review.
    Pending,
    /// The bare run's text becomes the snapshot.
    Accept,
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

/// A case's results.
pub struct CaseReport {
    /// The case.
    pub case: Case,
    /// Its cells in order; empty if it could not be run.
    pub cells: Vec<(Cell, CellResult)>,
}

impl CaseReport {
    /// Whether every cell came out as expected.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.case.ready.is_ok() && self.cells.iter().all(|(_, r)| matches!(r, CellResult::Passed { .. }))
    }
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
    Ok(opened.into_iter().filter(|o| !is_part(o)).map(|o| o.case).collect())
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
        case: Case { file, name, ready: Err(CaseError::Other(String::new())) },
        in_folder: root.is_some(),
        is_part: false,
        parts: Vec::new(),
    };
    opened.case.ready = ready(root.as_deref(), options, &mut opened);
    opened
}

fn ready(root: Option<&Path>, options: &SuiteOptions<'_>, opened: &mut Opened) -> Result<Ready, CaseError> {
    let file = opened.case.file.as_path();
    let source = if is_source(file) { std::fs::read(file).unwrap_or_default() } else { Vec::new() };
    let suite = suite_file(file, root);
    let defaults = suite.as_ref().map(|(path, text)| (path.as_path(), text.as_str()));
    let source = String::from_utf8_lossy(&source);
    let config = case_config(file, &source, defaults, options.profile).map_err(CaseError::Config)?;
    opened.is_part = config.part;
    let loaded = options.loader.load(file).map_err(CaseError::Load)?;
    opened.parts.extend(loaded.dependencies.iter().filter_map(|path| canonical(path)));
    check_size(config.memory).map_err(|e| CaseError::Other(e.to_string()))?;
    let folder = file.parent().unwrap_or(Path::new(""));
    let input = match &config.input {
        Input::Text(text) => text.as_bytes().into(),
        Input::File(path) => {
            let path = folder.join(path);
            let bytes = std::fs::read(&path);
            bytes.map_err(|e| CaseError::Other(format!("{}: {e}", path.display())))?.into()
        }
    };
    Ok(Ready { config, image: named_from(folder, loaded.image), input })
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
fn suite_file(file: &Path, root: Option<&Path>) -> Option<(PathBuf, String)> {
    let folder = file.parent()?;
    let root = root.unwrap_or(folder);
    folder
        .ancestors()
        .take_while(|a| a.starts_with(root))
        .map(|a| a.join(SUITE_FILE))
        .find_map(|path| std::fs::read_to_string(&path).ok().map(|text| (path, text)))
}

/// Runs the cases in all their cells whose label passes `wanted`. The order of the reports is the order of the
/// cases, however many run at a time.
pub fn run_cases(
    cases: Vec<Case>,
    options: &SuiteOptions<'_>,
    wanted: &(dyn Fn(&Case) -> bool + Sync),
) -> Vec<CaseReport> {
    let wanted_cases: Vec<Case> = cases.into_iter().filter(|case| wanted(case)).collect();
    wanted_cases
        .into_par_iter()
        .map(|case| {
            let cells = match &case.ready {
                Ok(ready) => run_case(&case, ready, options),
                Err(_) => Vec::new(),
            };
            CaseReport { case, cells }
        })
        .collect()
}

fn run_case(case: &Case, ready: &Ready, options: &SuiteOptions<'_>) -> Vec<(Cell, CellResult)> {
    let all = cells(&ready.config);
    let results: Vec<CellResult> = all
        .par_iter()
        .map(|cell| {
            let run = AssertUnwindSafe(|| run_cell(case, ready, cell, options));
            // A broken case never takes the suite down; a panic here is ours, and is told.
            catch_unwind(run).unwrap_or_else(|_| failed("pg32 itself failed here; this is a bug in pg32"))
        })
        .collect();
    all.into_iter().zip(results).collect()
}

fn failed(reason: impl Into<String>) -> CellResult {
    CellResult::Failed { reason: reason.into(), divergence: None }
}

fn run_cell(case: &Case, ready: &Ready, cell: &Cell, options: &SuiteOptions<'_>) -> CellResult {
    let setup = setup(ready, cell);
    if cell.host != Host::Bare {
        return compare_cell(&setup, &ready.config, cell);
    }
    let first = cell.engine == ready.config.engines[0];
    if !first {
        // Every other engine is held to the reference, state by state, not only to the snapshot.
        let result = compare_cell(&setup, &ready.config, cell);
        if matches!(result, CellResult::Failed { .. }) {
            return result;
        }
    }
    let run = match bare_run(&setup, ready.config.steps) {
        Ok(run) => run,
        Err(reason) => return failed(reason),
    };
    match check_bare(&run, &ready.config) {
        Err(reason) => failed(reason),
        Ok(result) => match check_snapshot(case, ready, cell, &run, first, options) {
            Ok(()) => result,
            Err(reason) => failed(reason),
        },
    }
}

fn setup(ready: &Ready, cell: &Cell) -> Setup {
    Setup {
        image: Arc::clone(&ready.image),
        memory: ready.config.memory as u32,
        profile: ready.config.profiles[cell.profile].clone(),
        engine: cell.engine,
        input: Arc::clone(&ready.input),
        output_limit: ready.config.output_limit,
    }
}

/// Where the snapshot of a case on one of its profiles lies.
#[must_use]
pub fn snapshot_path(case: &Path, profile: &Profile) -> PathBuf {
    let stem = case.file_stem().unwrap_or_default().to_string_lossy();
    let name = if profile.name() == "pg" {
        format!("{stem}.snap")
    } else {
        format!("{stem}@{}.snap", profile.name())
    };
    case.parent().unwrap_or(Path::new("")).join(SNAPSHOT_FOLDER).join(name)
}

fn check_snapshot(
    case: &Case,
    ready: &Ready,
    cell: &Cell,
    run: &BareRun,
    may_bless: bool,
    options: &SuiteOptions<'_>,
) -> Result<(), String> {
    let file = snapshot_path(&case.file, &ready.config.profiles[cell.profile]);
    let comparison = compare_snapshot(&file, &run.text);
    if comparison == Ok(Comparison::Same) {
        return Ok(());
    }
    let source = case.file.file_name().unwrap_or_default().to_string_lossy();
    if options.bless == Bless::Accept {
        if may_bless {
            write_snapshot(&file, &source, &run.text).map_err(|e| e.to_string())?;
            let _ = std::fs::remove_file(pending(&file));
        }
        return Ok(());
    }
    if may_bless && options.bless == Bless::Pending {
        write_snapshot(&pending(&file), &source, &run.text).map_err(|e| e.to_string())?;
    }
    match comparison {
        Ok(Comparison::Missing) => Err("no snapshot yet; `--accept` takes this run's state as one".into()),
        Ok(_) => Err(first_changed_line(&file, &run.text)),
        Err(error) => Err(error.to_string()),
    }
}

/// One line about how a text differs from the snapshot on file.
fn first_changed_line(file: &Path, text: &str) -> String {
    let old = crate::read_snapshot(file).ok().flatten().unwrap_or_default();
    let pairs = old.lines().zip(text.lines()).enumerate();
    let changed = pairs.into_iter().find(|(_, (a, b))| a != b);
    match changed {
        Some((index, (a, b))) => format!(
            "the state differs from the snapshot, first in line {}: `{}` has become `{}`",
            index + 1,
            a.trim(),
            b.trim()
        ),
        None => "the state differs from the snapshot in length".into(),
    }
}

/// Snapshots below `folders` that none of `cases` refers to.
#[must_use]
pub fn unreferenced_snapshots(folders: &[PathBuf], cases: &[&Case]) -> Vec<PathBuf> {
    let referenced: BTreeSet<PathBuf> = cases
        .iter()
        .flat_map(|case| {
            let profiles = case.ready.as_ref().map_or(&[][..], |ready| &ready.config.profiles);
            profiles.iter().map(|profile| snapshot_path(&case.file, profile))
        })
        .collect();
    let mut found = Vec::new();
    for folder in folders {
        snapshots_below(folder, 0, &mut found);
    }
    found.retain(|path| !referenced.contains(path));
    found.sort();
    found
}

fn snapshots_below(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let is_dir = entry.file_type().is_ok_and(|t| t.is_dir());
        let in_snapshots = folder.file_name().is_some_and(|n| n == SNAPSHOT_FOLDER);
        if is_dir && depth < MAX_NESTING && entry.file_name() != "target" {
            snapshots_below(&path, depth + 1, found);
        } else if in_snapshots && path.extension().is_some_and(|e| e == "snap") {
            found.push(path);
        }
    }
}
