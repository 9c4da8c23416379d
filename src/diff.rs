//! `pg32 diff`: what differs between two states, two snapshots, or two folders of snapshots.

use crate::args::{DiffArgs, DiffFormat};
use crate::failure::{Failure, Status};
use crate::{guests, output, run};
use pg32_harness::{
    Difference, FileDifference, Observation, StateJson, differences, html_diff, read_snapshot,
    snapshot_differences,
};
use pg32_image::Image;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What a file holds.
enum Side {
    State(Box<Observation>),
    Text(String),
}

pub(crate) fn command(args: &DiffArgs) -> Result<Status, Failure> {
    let (left, right) = (args.left.as_path(), args.right.as_path());
    let image = match &args.image {
        None => None,
        Some(file) => Some(guests::load(file, &crate::args::SourceArgs::default())?.image),
    };
    let files = match (left.is_dir(), right.is_dir()) {
        (true, true) => folders(left, right, image.as_deref())?,
        (false, false) => Files::of(left, right, image.as_deref())?,
        _ => return Err(Failure::usage("one of them is a folder and the other is not")),
    };
    let single = !left.is_dir();
    match args.format {
        DiffFormat::Json if single => {
            let list = files.differing.iter().flat_map(|file| &file.differences).collect::<Vec<_>>();
            output::result(run::json(&list).as_bytes());
        }
        DiffFormat::Json => output::result(run::json(&files.differing).as_bytes()),
        DiffFormat::Html => {
            let names = [left.display().to_string(), right.display().to_string()];
            let page = html_diff([&names[0], &names[1]], &files.differing, files.same);
            output::result(page.as_bytes());
        }
        DiffFormat::Human => human(&files, single),
    }
    if !files.trouble.is_empty() {
        return Err(Failure::usage(files.trouble.join("\nerror: ")));
    }
    Ok(if files.differing.is_empty() { Status::Holds } else { Status::No })
}

fn human(files: &Files, single: bool) {
    for file in &files.differing {
        let mut text = String::new();
        if !single {
            text += &format!("{}: {}\n", file.file, file.result);
        }
        let indent = if single { "" } else { "  " };
        for difference in &file.differences {
            text += &format!("{indent}{difference}\n");
        }
        output::result(text.as_bytes());
    }
}

/// What came of comparing files.
struct Files {
    differing: Vec<FileDifference>,
    /// How many do not differ.
    same: usize,
    /// What is said of those that cannot be compared: they do not keep the others from it.
    trouble: Vec<String>,
}

impl Files {
    fn of(left: &Path, right: &Path, image: Option<&Image>) -> Result<Self, Failure> {
        let list = compare(left, right, image)?;
        let file = format!("{} | {}", left.display(), right.display());
        let same = usize::from(list.is_empty());
        let differing = if list.is_empty() { Vec::new() } else { vec![differing(file, list)] };
        Ok(Files { differing, same, trouble: Vec::new() })
    }
}

fn differing(file: String, differences: Vec<Difference>) -> FileDifference {
    FileDifference { file, result: "differs", differences }
}

/// Every snapshot and state below both folders, by its path below them.
fn folders(left: &Path, right: &Path, image: Option<&Image>) -> Result<Files, Failure> {
    let (a, b) = (files_below(left)?, files_below(right)?);
    let mut files = Files { differing: Vec::new(), same: 0, trouble: Vec::new() };
    for below in a.union(&b) {
        let file = below.display().to_string();
        let only = |result| FileDifference { file: file.clone(), result, differences: Vec::new() };
        match (a.contains(below), b.contains(below)) {
            (true, false) => files.differing.push(only("only in A")),
            (false, _) => files.differing.push(only("only in B")),
            (true, true) => match compare(&left.join(below), &right.join(below), image) {
                Ok(list) if list.is_empty() => files.same += 1,
                Ok(list) => files.differing.push(differing(file, list)),
                Err(Failure::Usage(message)) => files.trouble.push(message),
                Err(failure) => return Err(failure),
            },
        }
    }
    if a.is_empty() && b.is_empty() {
        return Err(Failure::usage("there is no snapshot and no state in either folder"));
    }
    Ok(files)
}

/// Folders deeper than this are not searched.
const MAX_NESTING: usize = 16;

/// Snapshots (`.snap`) and states (`.json`) below a folder.
fn files_below(folder: &Path) -> Result<BTreeSet<PathBuf>, Failure> {
    fn search(
        folder: &Path,
        root: &Path,
        depth: usize,
        found: &mut BTreeSet<PathBuf>,
    ) -> std::io::Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let of_ours = path.extension().is_some_and(|e| e == "snap" || e == "json");
            if path.is_dir() && !path.is_symlink() && depth < MAX_NESTING {
                search(&path, root, depth + 1, found)?;
            } else if of_ours && let Ok(below) = path.strip_prefix(root) {
                found.insert(below.to_owned());
            }
        }
        Ok(())
    }
    let mut found = BTreeSet::new();
    let searched = search(folder, folder, 0, &mut found);
    searched.map_err(|e| Failure::usage(format!("{}: {e}", folder.display())))?;
    Ok(found)
}

fn compare(left: &Path, right: &Path, image: Option<&Image>) -> Result<Vec<Difference>, Failure> {
    match (read(left)?, read(right)?) {
        (Side::State(left), Side::State(right)) => Ok(differences(&left, &right, image)),
        (Side::Text(left), Side::Text(right)) => Ok(snapshot_differences(&left, &right)),
        _ => Err(Failure::usage(format!(
            "{} and {}: one is a state and the other a snapshot",
            left.display(),
            right.display()
        ))),
    }
}

fn read(file: &Path) -> Result<Side, Failure> {
    let fail = |message: String| Failure::usage(format!("{}: {message}", file.display()));
    let bytes = std::fs::read(file).map_err(|e| fail(e.to_string()))?;
    if bytes.starts_with(b"---") {
        let text = read_snapshot(file).map_err(Failure::usage)?;
        return Ok(Side::Text(text.unwrap_or_default()));
    }
    let json: StateJson =
        serde_json::from_slice(&bytes).map_err(|e| fail(format!("neither a snapshot nor a state: {e}")))?;
    Ok(Side::State(Box::new(Observation::try_from(json).map_err(fail)?)))
}
