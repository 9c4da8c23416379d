//! `pg32 asm`: sources into an image.

use crate::args::{AsmArgs, Emit};
use crate::failure::{Failure, Status};
use crate::{diagnostics, guests};
use pg32_image::{FLAT_ENTRY, Image};
use std::io::Write;
use std::path::Path;

/// Bytes that a flat image may have: no machine has more storage.
const FLAT_LIMIT: u64 = 1 << 31;

pub(crate) fn command(args: &AsmArgs) -> Result<Status, Failure> {
    let loader = guests::loader(&args.source)?;
    let files: Vec<&Path> = args.files.iter().map(AsRef::as_ref).collect();
    let assembly = loader.assemble(&files).map_err(Failure::usage)?;
    diagnostics::show(&assembly, &args.source);
    if assembly.has_errors() {
        return Err(Failure::Rejected);
    }
    write(&args.output, &emit(&assembly.image, form(args))?)?;
    Ok(Status::Holds)
}

/// The form asked for, or the one that the file's name says.
fn form(args: &AsmArgs) -> Emit {
    args.emit.unwrap_or_else(|| match args.output.extension().and_then(|e| e.to_str()) {
        Some("bin") => Emit::Bin,
        Some("hex" | "ihex") => Emit::Hex,
        _ => Emit::Elf,
    })
}

fn emit(image: &Image, form: Emit) -> Result<Vec<u8>, Failure> {
    match form {
        Emit::Elf => image.to_elf().map_err(Failure::usage),
        Emit::Hex => Ok(image.to_hex().into_bytes()),
        Emit::Bin if image.entry != FLAT_ENTRY => Err(Failure::usage(format!(
            "a flat image is entered at {FLAT_ENTRY:#x}, and this one's entry is {:#x}; use --emit elf",
            image.entry
        ))),
        Emit::Bin => {
            image.to_flat(FLAT_LIMIT).ok_or_else(|| Failure::usage("the image is too long to be flat"))
        }
    }
}

/// Writes a file whole or not at all.
fn write(file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let fail = |e: std::io::Error| Failure::usage(format!("{}: {e}", file.display()));
    let folder = file.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut temporary = tempfile::NamedTempFile::new_in(folder).map_err(fail)?;
    temporary.write_all(bytes).map_err(fail)?;
    temporary.persist(file).map_err(|e| fail(e.error))?;
    Ok(())
}
