//! `pg32 asm`: sources into an image.

use crate::args::{AsmArgs, Emit};
use crate::failure::{Failure, Status};
use crate::{diagnostics, guests};
use pg32_assembler::{Assembly, Listing, listing};
use pg32_image::{FLAT_ENTRY, Image};
use std::io::Write;
use std::path::Path;

/// Bytes that a flat image may have: no machine has more storage.
const FLAT_LIMIT: u64 = 1 << 31;

pub(crate) fn command(args: &AsmArgs) -> Result<Status, Failure> {
    let mut loader = guests::loader(&args.source)?;
    if args.list.is_some() {
        loader.options.listing = Listing::Wanted;
    }
    let files: Vec<&Path> = args.files.iter().map(AsRef::as_ref).collect();
    let assembly = loader.assemble(&files).map_err(Failure::usage)?;
    diagnostics::show(&assembly, &args.source);
    if assembly.has_errors() {
        return Err(Failure::Rejected);
    }
    if let Some(file) = &args.list {
        write(file, listing::listing(&assembly).as_bytes())?;
    }
    if let Some(file) = &args.map {
        write(file, listing::map(&assembly.image).as_bytes())?;
    }
    if let Some(file) = &args.dep {
        write(file, dependencies(args, &assembly).as_bytes())?;
    }
    write_image(&assembly.image, &args.image.output, args.image.emit)?;
    Ok(Status::Holds)
}

/// The rule for make: the image depends on every file that was read.
fn dependencies(args: &AsmArgs, assembly: &Assembly) -> String {
    let escape = |name: String| name.replace('$', "$$").replace(' ', "\\ ").replace('#', "\\#");
    let inputs = args.files.iter().map(|f| f.display().to_string());
    let files = inputs.chain(assembly.dependencies.iter().cloned()).map(escape);
    let files: Vec<String> = files.collect();
    format!("{}: {}\n", escape(args.image.output.display().to_string()), files.join(" "))
}

/// Writes an image in the form asked for, or the one that the file's name says.
pub(crate) fn write_image(image: &Image, output: &Path, form: Option<Emit>) -> Result<(), Failure> {
    let form = form.unwrap_or_else(|| match output.extension().and_then(|e| e.to_str()) {
        Some("bin") => Emit::Bin,
        Some("hex" | "ihex") => Emit::Hex,
        _ => Emit::Elf,
    });
    write(output, &emit(image, form)?)
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
