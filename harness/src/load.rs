//! Guests from files: a source, an ELF image, or a flat image, told apart as the command line promises.

use pg32_assembler::{Assembly, File, FileError, Files, Input, Options, assemble_owned};
use pg32_image::Image;
use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Endings of a source.
const SOURCE_ENDINGS: [&str; 3] = ["s", "S", "asm"];
/// What a file that is an image may hold, bytes: as much as storage at most, and something for symbols.
const IMAGE_LIMIT: u64 = (1 << 31) + (1 << 28);
/// The path that stands for standard input, and what messages call it.
const STDIN: &str = "-";
const STDIN_NAME: &str = "<stdin>";

/// Whether `path` is a source by its name; standard input is one.
#[must_use]
pub fn is_source(path: &Path) -> bool {
    path == Path::new(STDIN) || path.extension().is_some_and(|e| SOURCE_ENDINGS.iter().any(|s| e == *s))
}

/// Reads guests.
#[derive(Clone, Debug, Default)]
pub struct Loader {
    /// Folders searched for included files.
    pub include: Vec<PathBuf>,
    /// How sources are assembled.
    pub options: Options,
    /// A folder whose files are not trusted: they are given nothing from outside it.
    pub fenced: Option<Fence>,
}

/// A folder out of which its own files do not reach, by whatever links.
#[derive(Clone, Debug)]
pub struct Fence {
    /// The folder as it is named.
    named: PathBuf,
    /// The folder as it is, without links.
    real: PathBuf,
}

impl Fence {
    /// A fence around `folder`.
    ///
    /// # Errors
    /// If there is no such folder.
    pub fn around(folder: &Path) -> std::io::Result<Self> {
        Ok(Fence { named: folder.to_owned(), real: std::fs::canonicalize(folder)? })
    }

    /// Whether `file`, which another file of the folder may ask for if `asked_from_inside`, may be read.
    fn allows(&self, file: &Path, asked_from_inside: bool) -> bool {
        let inside = |path: &Path| std::fs::canonicalize(path).is_ok_and(|real| real.starts_with(&self.real));
        !(asked_from_inside || file.starts_with(&self.named)) || inside(file)
    }

    /// Whether a file that has been read is one of the folder's.
    fn holds(&self, file: &Path) -> bool {
        std::fs::canonicalize(file).is_ok_and(|real| real.starts_with(&self.real))
    }
}

/// A guest.
#[derive(Debug)]
pub struct Loaded {
    /// Its image.
    pub image: Arc<Image>,
    /// Other files that went into it.
    pub dependencies: Vec<PathBuf>,
    /// What the assembler made of it, if it was a source; its image has been moved to `image`.
    pub assembly: Option<Box<Assembly>>,
}

/// Why a guest cannot be read.
#[derive(Debug)]
pub enum LoadError {
    /// Its file: it cannot be read, or is no image.
    File {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// Its source was rejected.
    Rejected(Box<Assembly>),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadError::File { file, message } => write!(f, "{}: {message}", file.display()),
            LoadError::Rejected(_) => f.write_str("the source was rejected"),
        }
    }
}

impl std::error::Error for LoadError {}

impl Loader {
    /// The guest in `file`, which may be `-` for a source on standard input.
    ///
    /// # Errors
    /// See [`LoadError`]. An image that defines no storage at all is an error: there is nothing to run.
    pub fn load(&self, file: &Path) -> Result<Loaded, LoadError> {
        let fail = |message: String| LoadError::File { file: file.to_owned(), message };
        if self.fenced.as_ref().is_some_and(|fence| file.starts_with(&fence.named)) {
            // Whatever stands there has to be a file, and no way out.
            regular(file).map_err(|e| fail(e.to_string()))?;
            if !self.fenced.as_ref().is_some_and(|fence| fence.holds(file)) {
                return Err(fail(OUTSIDE.into()));
            }
        }
        if is_source(file) {
            let assembly = self.assemble(&[file])?;
            let loaded = if assembly.has_errors() {
                return Err(LoadError::Rejected(Box::new(assembly)));
            } else {
                loaded(assembly)
            };
            return if loaded.image.is_empty() { Err(fail(EMPTY.into())) } else { Ok(loaded) };
        }
        let bytes = read(file, IMAGE_LIMIT).map_err(|e| fail(e.to_string()))?;
        let image = if Image::is_elf(&bytes) {
            Image::from_elf(&bytes).map_err(|e| fail(e.to_string()))?
        } else {
            Image::from_flat(bytes)
        };
        if image.is_empty() {
            return Err(fail(EMPTY.into()));
        }
        Ok(Loaded { image: Arc::new(image), dependencies: Vec::new(), assembly: None })
    }

    /// Assembles `files` into one image, whatever the assembler has to say about them.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn assemble(&self, files: &[&Path]) -> Result<Assembly, LoadError> {
        let inputs = files.iter().map(|file| {
            let limit = self.options.limits.file_bytes;
            let bytes = read(file, limit);
            let bytes =
                bytes.map_err(|e| LoadError::File { file: (*file).to_owned(), message: e.to_string() })?;
            let name = if *file == Path::new(STDIN) { STDIN_NAME.into() } else { file.display().to_string() };
            Ok(Input { name, bytes })
        });
        let inputs = inputs.collect::<Result<_, _>>()?;
        Ok(assemble_owned(inputs, &DiskFiles { loader: self }, &self.options))
    }
}

const OUTSIDE: &str = "it lies outside the folder that was handed in";
const EMPTY: &str = "the image is empty: there is nothing to run";

fn loaded(mut assembly: Assembly) -> Loaded {
    let image = Arc::new(std::mem::take(&mut assembly.image));
    let dependencies = assembly.dependencies.iter().map(PathBuf::from).collect();
    Loaded { image, dependencies, assembly: Some(Box::new(assembly)) }
}

/// Reads a file, or standard input, of at most `limit` bytes.
fn read(file: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
    let other = |e: std::io::Error| match e.kind() {
        std::io::ErrorKind::NotFound => FileError::NotFound,
        _ => FileError::Other(e.to_string()),
    };
    let mut bytes = Vec::new();
    if file == Path::new(STDIN) {
        std::io::stdin().lock().take(limit + 1).read_to_end(&mut bytes).map_err(other)?;
    } else {
        let opened = std::fs::File::open(file).map_err(other)?;
        if opened.metadata().is_ok_and(|m| m.is_dir()) {
            return Err(FileError::Other("it is a folder".into()));
        }
        opened.take(limit + 1).read_to_end(&mut bytes).map_err(other)?;
    }
    if bytes.len() as u64 > limit { Err(FileError::TooLarge) } else { Ok(bytes) }
}

/// Says no to what is there and is no regular file: a pipe may never end, nor a device.
fn regular(file: &Path) -> Result<(), FileError> {
    match std::fs::metadata(file) {
        Ok(about) if about.is_file() => Ok(()),
        Ok(about) if about.is_dir() => Err(FileError::Other("it is a folder".into())),
        Ok(_) => Err(FileError::Other("it is no regular file".into())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(FileError::NotFound),
        Err(error) => Err(FileError::Other(error.to_string())),
    }
}

/// Reads a file that has to be a regular one, of at most `limit` bytes.
pub(crate) fn read_regular(file: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
    regular(file)?;
    read(file, limit)
}

/// Files on disk: looked for beside the file that asks, then along the include path, then as named.
struct DiskFiles<'a> {
    loader: &'a Loader,
}

impl Files for DiskFiles<'_> {
    fn read(&self, name: &str, from: &str, limit: u64) -> Result<File, FileError> {
        let beside = Path::new(from).parent().unwrap_or(Path::new(""));
        let fence = self.loader.fenced.as_ref();
        let from_inside = fence.is_some_and(|fence| fence.holds(Path::new(from)));
        let folders = std::iter::once(beside).chain(self.loader.include.iter().map(PathBuf::as_path));
        for folder in folders.chain([Path::new("")]) {
            let path = folder.join(name);
            match regular(&path) {
                Err(FileError::NotFound) => continue,
                _ if fence.is_some_and(|fence| !fence.allows(&path, from_inside)) => {
                    return Err(FileError::Other(OUTSIDE.into()));
                }
                Err(error) => return Err(error),
                Ok(()) => {}
            }
            match read(&path, limit) {
                Err(FileError::NotFound) => {}
                Err(error) => return Err(error),
                Ok(bytes) => return Ok(File { name: path.display().to_string(), bytes }),
            }
        }
        Err(FileError::NotFound)
    }
}
