//! How the assembler asks for files: it opens none itself.

use std::collections::BTreeMap;
use std::fmt;

/// Why a file could not be had.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FileError {
    /// There is none under that name, anywhere on the search path.
    NotFound,
    /// It is longer than the limit, in bytes, that the assembler gave.
    TooLarge,
    /// Something else; the text is the operating system's.
    Other(String),
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FileError::NotFound => f.write_str("there is no such file"),
            FileError::TooLarge => f.write_str("the file is too large"),
            FileError::Other(text) => f.write_str(text),
        }
    }
}

/// A file that was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct File {
    /// What the file is called in messages and in the dependency list; two names that mean the same file need
    /// not be equal.
    pub name: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// Where `.include`, `.incbin` and `.application` find their files. The caller knows the search path.
pub trait Files {
    /// The file that `from`, the name of the source that asks, calls `name`; at most `limit` bytes.
    ///
    /// # Errors
    /// Says why the file cannot be had; it becomes a diagnostic at the directive.
    fn read(&self, name: &str, from: &str, limit: u64) -> Result<File, FileError>;

    /// Names that exist, for "did you mean"; may be empty.
    fn candidates(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Files in memory, for tests and editors.
#[derive(Clone, Default, Debug)]
pub struct MemoryFiles {
    files: BTreeMap<String, Vec<u8>>,
}

impl MemoryFiles {
    /// No files.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With one more file.
    #[must_use]
    pub fn with(mut self, name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.insert(name.to_string(), bytes.into());
        self
    }
}

impl Files for MemoryFiles {
    fn read(&self, name: &str, _from: &str, limit: u64) -> Result<File, FileError> {
        let bytes = self.files.get(name).ok_or(FileError::NotFound)?;
        if bytes.len() as u64 > limit {
            return Err(FileError::TooLarge);
        }
        Ok(File { name: name.to_string(), bytes: bytes.clone() })
    }

    fn candidates(&self) -> Vec<String> {
        self.files.keys().cloned().collect()
    }
}
