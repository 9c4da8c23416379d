//! From PG32 source to an image: the dialect of GNU as for RISC-V, with messages that help.
//!
//! The assembler is a function: [`assemble`] takes texts and gives an image and diagnostics. It opens no file,
//! prints nothing and never panics, whatever the source says. Files come through [`Files`]; messages are
//! [`Diagnostic`]s, which [`render`] turns into text.
//!
//! A source passes through the modules in this order: `lexer` (logos), `grammar` (chumsky), `assembler` and its
//! directives, which fill `section`s; then `layout` and `link`. The text is read once; what depends on addresses waits as
//! a fixup.

#![forbid(unsafe_code)]

mod altmacro;
pub mod analysis;
mod application;
mod arguments;
mod assembler;
mod binding;
mod codes;
mod complain;
mod condition;
mod data;
mod diagnostic;
mod directive;
mod dispatch;
mod emit;
mod evaluate;
mod expand;
mod expr;
mod extras;
mod files;
pub mod format;
mod got;
mod grammar;
mod image;
mod include;
mod insn;
mod instruction;
mod label;
mod layout;
mod lexer;
mod link;
pub mod listing;
mod literal;
mod macros;
mod merge;
mod names;
mod operand;
mod patch;
mod places;
mod pseudo;
mod reader;
pub mod reference;
pub mod render;
mod section;
mod source;
mod suggest;
mod symbol;

pub use codes::Code;
pub use diagnostic::{Diagnostic, Label, Level, Severity, Warnings};
pub use directive::DIRECTIVES;
pub use files::{File, FileError, Files, MemoryFiles};
pub use include::{BUILTIN_INCLUDE, builtin_include};
pub use pseudo::{PSEUDOS, Pseudo, Shape, Thread};
pub use source::{Location, Marker, Origin, SourceId, SourceText, Sources, Span};

use assembler::{Assembler, Shared, Space};
use diagnostic::Sink;
use pg32_image::Image;

/// A source to assemble.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Input {
    /// What it is called in messages.
    pub name: String,
    /// Its bytes, which should be UTF-8.
    pub bytes: Vec<u8>,
}

/// What no source may exceed, so that a mistake ends soon and costs little.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Errors after which the assembler stops; at least 1.
    pub errors: usize,
    /// Bytes of an image that are not implied zero.
    pub image_bytes: u64,
    /// Bytes of a single file.
    pub file_bytes: u64,
    /// Bytes of source that macros, repetitions and includes produce.
    pub expansion_bytes: u64,
    /// How deep macros and includes may nest.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            errors: 100,
            image_bytes: 64 << 20,
            file_bytes: 256 << 20,
            expansion_bytes: 64 << 20,
            depth: 128,
        }
    }
}

/// How to assemble.
#[derive(Clone, Default, Debug)]
pub struct Options {
    /// Symbols that every source finds defined (`-D`), with their values.
    pub defines: Vec<(String, i64)>,
    /// Sections placed at physical addresses, as `.place` does.
    pub section_start: Vec<(String, u32)>,
    /// Which warnings are given.
    pub warnings: Warnings,
    /// Whether [`Assembly::listing`] is filled.
    pub listing: Listing,
    /// What no source may exceed.
    pub limits: Limits,
}

/// Whether to note which line every byte came from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Listing {
    /// The image's own line table is enough.
    #[default]
    None,
    /// Also for the lines of macro expansions.
    Wanted,
}

/// A run of bytes and the line that it came from, which may be that of an expansion.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Listed {
    /// Physical address of the first byte.
    pub address: u32,
    /// Bytes, at least 1.
    pub length: u32,
    /// The source, or the expansion.
    pub source: SourceId,
    /// Its line, from 1.
    pub line: u32,
}

/// What a source came to.
#[derive(Debug)]
pub struct Assembly {
    /// The image; the best that could be made of it if there are errors.
    pub image: Image,
    /// What there is to say, in the order of the sources.
    pub diagnostics: Vec<Diagnostic>,
    /// The texts that the diagnostics speak of.
    pub sources: Sources,
    /// Files that were read beside the inputs, in the order of their first use.
    pub dependencies: Vec<String>,
    /// Which line each run of bytes came from, if the options ask for it.
    pub listing: Vec<Listed>,
}

impl Assembly {
    /// Whether the source was rejected.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|d| d.severity == Severity::Error)
    }
}

/// Assembles the inputs into one image. Each is a unit: it sees the others' global symbols only.
#[must_use]
pub fn assemble(inputs: &[Input], files: &dyn Files, options: &Options) -> Assembly {
    assemble_owned(inputs.to_vec(), files, options)
}

/// [`assemble`] for inputs that are not needed afterwards; it saves copying them.
#[must_use]
pub fn assemble_owned(inputs: Vec<Input>, files: &dyn Files, options: &Options) -> Assembly {
    let mut shared = Shared {
        files,
        options,
        sources: Sources::default(),
        sink: Sink::new(options.limits.errors, options.warnings.clone()),
        dependencies: Vec::new(),
        expanded: 0,
        image_bytes: 0,
    };
    let mut units = Vec::new();
    for input in inputs {
        let file = File { name: input.name, bytes: input.bytes };
        if file.bytes.len() as u64 > options.limits.file_bytes.min(u64::from(u32::MAX) - 1) {
            let message = format!("`{}` is larger than {} bytes", file.name, options.limits.file_bytes);
            shared.sink.report(Diagnostic::new(Code::CannotRead, message));
            continue;
        }
        if let Ok(source) = shared.text(file, Origin::Input) {
            units.push(source);
        }
    }
    let mut assembler = Assembler::new(&mut shared, Space::Kernel, 0);
    for unit in units {
        assembler.unit(unit);
    }
    let finished = assembler.finish();
    Assembly {
        image: finished.image,
        listing: finished.listing,
        diagnostics: shared.sink.finish(&shared.sources),
        sources: shared.sources,
        dependencies: shared.dependencies,
    }
}
