//! ELF executables: ELF32, little-endian, RISC-V, with symbols and DWARF lines. Written for readelf, objdump, addr2line and
//! gdb; read as the assembler, gcc and GNU ld write them.

mod dwarf;
mod read;
mod write;

use std::fmt;

/// What an ELF file begins with.
pub const ELF_MAGIC: &[u8; 4] = b"\x7fELF";

/// Why a file is no image.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ImageError {
    /// It is an ELF file for another machine or purpose; the text says what is wrong and what would be right.
    Unsuitable(String),
    /// It is broken: a header speaks of bytes that are not there, or of impossible places.
    Broken(String),
    /// It cannot be written: it does not fit the form asked for.
    TooLarge,
}

impl fmt::Display for ImageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ImageError::Unsuitable(text) => f.write_str(text),
            ImageError::Broken(text) => write!(f, "the image is broken: {text}"),
            ImageError::TooLarge => f.write_str("the image is too large for this form"),
        }
    }
}

impl std::error::Error for ImageError {}
