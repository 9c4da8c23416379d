//! Guests from files: a source, an ELF image, or a flat image, told apart as the command line promises.

use pg32_image::Image;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Reads guests.
#[derive(Clone, Debug, Default)]
pub struct Loader {
    /// Folders searched for included files.
    pub include: Vec<PathBuf>,
}

/// A guest.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// Its image.
    pub image: Arc<Image>,
    /// Other files that went into it.
    pub dependencies: Vec<PathBuf>,
}

/// Why a guest cannot be read.
#[derive(Debug)]
pub enum LoadError {
    /// Its file.
    File(String),
}

impl Loader {
    /// The guest in `file`.
    ///
    /// # Errors
    /// See [`LoadError`].
    pub fn load(&self, file: &Path) -> Result<Loaded, LoadError> {
        let bytes = std::fs::read(file).map_err(|e| LoadError::File(format!("{}: {e}", file.display())))?;
        Ok(Loaded { image: Arc::new(Image::from_flat(bytes)), dependencies: Vec::new() })
    }
}
