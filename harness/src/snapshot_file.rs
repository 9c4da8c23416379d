//! Snapshots as files, in insta's form, so that `cargo insta review` shows and accepts them.

use crate::load::read_regular;
use crate::whole_file::write_file;
use pg32_assembler::FileError;
use std::fmt;
use std::path::{Path, PathBuf};

/// What a snapshot may hold, bytes: its sources are the most of it.
const MAX_BYTES: u64 = 1 << 30;

/// How a text compares with the snapshot on file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Comparison {
    /// They are the same.
    Same,
    /// There is no snapshot yet.
    Missing,
    /// They differ; the text on file.
    Differs(String),
}

/// A snapshot that cannot be read or written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SnapshotError {
    /// The file.
    pub file: PathBuf,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file.display(), self.message)
    }
}

impl std::error::Error for SnapshotError {}

/// The text of the snapshot in `file`, or `None` if there is no such file.
///
/// # Errors
/// If the file is there and is no snapshot.
pub fn read_snapshot(file: &Path) -> Result<Option<String>, SnapshotError> {
    let fail = |message: String| SnapshotError { file: file.to_owned(), message };
    match read_regular(file, MAX_BYTES) {
        Err(FileError::NotFound) => return Ok(None),
        Err(error) => return Err(fail(error.to_string())),
        // insta takes anything for its legacy form; ours always has a header.
        Ok(bytes) if !bytes.starts_with(b"---") => return Err(fail("this is no snapshot".into())),
        Ok(_) => {}
    }
    let snapshot = insta::Snapshot::from_file(file).map_err(|e| fail(format!("no snapshot: {e}")))?;
    match snapshot.as_text() {
        Some(text) => Ok(Some(text.to_string())),
        None => Err(fail("a binary snapshot, where a text was expected".into())),
    }
}

/// Compares `text` with the snapshot in `file`.
///
/// # Errors
/// If the file is there and is no snapshot.
pub fn compare_snapshot(file: &Path, text: &str) -> Result<Comparison, SnapshotError> {
    let normal = |text: &str| text.trim_end().replace("\r\n", "\n");
    Ok(match read_snapshot(file)? {
        None => Comparison::Missing,
        Some(old) if normal(&old) == normal(text) => Comparison::Same,
        Some(old) => Comparison::Differs(old),
    })
}

/// Writes `text` as the snapshot `file`; `source` is the case, named as the user named it.
///
/// # Errors
/// If the folder cannot be made or written to.
pub fn write_snapshot(file: &Path, source: &str, text: &str) -> Result<(), SnapshotError> {
    let fail = |error: std::io::Error| SnapshotError { file: file.to_owned(), message: error.to_string() };
    let folder = file.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(fail)?;
    // A JSON string is a YAML string.
    let source = serde_json::to_string(source).expect("a string is JSON");
    let text = format!("---\nsource: {source}\nexpression: the bare run\n---\n{}\n", text.trim_end());
    write_file(file, text.as_bytes()).map_err(fail)
}

/// The pending form of a snapshot's name, which `cargo insta review` looks for.
#[must_use]
pub fn pending(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".new");
    PathBuf::from(name)
}
