//! A bare run's state against its snapshot, and who may change the snapshot.

use crate::cells::Failure;
use crate::snapshot_file::{Comparison, compare_snapshot, pending, write_snapshot};
use crate::suite::{Case, MAX_NESTING, SNAPSHOT_FOLDER};
use crate::text_diff::unified;
use crate::whole_file::is_leftover;
use pg32_isa::Profile;
use std::collections::BTreeSet;
use std::fs::DirEntry;
use std::path::{Path, PathBuf};

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

/// Compares a state's text with the snapshot in `file`. With [`Bless::Accept`] the text becomes the snapshot; with
/// [`Bless::Pending`] it is left beside it; a caller whose run may not bless says [`Bless::No`].
pub(crate) fn check_snapshot(case: &Case, file: &Path, text: &str, bless: Bless) -> Result<(), Box<Failure>> {
    let source = case.file.file_name().unwrap_or_default().to_string_lossy();
    let fail = |reason: String| Box::new(Failure { reason, ..Failure::default() });
    let comparison = compare_snapshot(file, text);
    if comparison == Ok(Comparison::Same) {
        if bless != Bless::No {
            // What was left for review by an earlier run has been settled.
            let _ = std::fs::remove_file(pending(file));
        }
        return Ok(());
    }
    if bless == Bless::Accept {
        write_snapshot(file, &source, text)
            .map_err(|e| fail(format!("the snapshot cannot be written: {e}")))?;
        let _ = std::fs::remove_file(pending(file));
        return Ok(());
    }
    let mut failure = match comparison {
        Err(error) => fail(format!("{error}; `--accept` replaces it")),
        Ok(Comparison::Differs(old)) => {
            let mut failure = fail(first_changed_line(&old, text));
            failure.changes = Some(unified(&old, text));
            failure
        }
        Ok(Comparison::Missing | Comparison::Same) => {
            fail("no snapshot yet; `--accept` takes this run's state as one".into())
        }
    };
    if bless == Bless::Pending
        && let Err(error) = write_snapshot(&pending(file), &source, text)
    {
        failure.reason += &format!("; the new one cannot be left for review: {error}");
    }
    Err(failure)
}

/// One line about how a text differs from the snapshot on file.
fn first_changed_line(old: &str, text: &str) -> String {
    let changed = old.lines().zip(text.lines()).enumerate().find(|(_, (a, b))| a != b);
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
    let ready = cases.iter().filter_map(|case| Some((case, case.ready.as_ref().ok()?)));
    let referenced: BTreeSet<PathBuf> = ready
        .flat_map(|(case, ready)| ready.config.profiles.iter().map(|p| snapshot_path(&case.file, p)))
        .collect();
    // Nobody knows which snapshots a case has that cannot be read: any of its name.
    let broken = cases.iter().filter(|case| case.ready.is_err());
    let broken: Vec<PathBuf> = broken.map(|case| snapshot_path(&case.file, &Profile::pg())).collect();
    let of_broken = |path: &Path| {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let name = stem.split('@').next().unwrap_or_default();
        broken.contains(&path.with_file_name(format!("{name}.snap")))
    };
    let mut found = Vec::new();
    in_snapshot_folders(folders, &mut |entry| {
        let path = entry.path();
        if path.extension().is_some_and(|e| e == "snap") {
            found.push(path);
        }
    });
    found.retain(|path| !referenced.contains(path) && !of_broken(path));
    found.sort();
    found
}

/// Removes what runs that were killed left unfinished in the snapshot folders below `folders`.
pub fn remove_leftovers(folders: &[PathBuf]) {
    in_snapshot_folders(folders, &mut |entry| {
        if is_leftover(entry) {
            // Another run may have been faster, and a folder that cannot be written to is told elsewhere.
            let _ = std::fs::remove_file(entry.path());
        }
    });
}

/// Tells every file in every snapshot folder below `folders`.
fn in_snapshot_folders(folders: &[PathBuf], tell: &mut dyn FnMut(&DirEntry)) {
    fn search(folder: &Path, depth: usize, tell: &mut dyn FnMut(&DirEntry)) {
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        let in_snapshots = folder.file_name().is_some_and(|n| n == SNAPSHOT_FOLDER);
        for entry in entries.flatten() {
            let is_dir = entry.file_type().is_ok_and(|t| t.is_dir());
            if is_dir && depth < MAX_NESTING && entry.file_name() != "target" {
                search(&entry.path(), depth + 1, tell);
            } else if in_snapshots {
                tell(&entry);
            }
        }
    }
    for folder in folders {
        search(folder, 0, tell);
    }
}
