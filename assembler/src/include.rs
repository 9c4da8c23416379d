//! Directives that read other files, and the include file that is built in.

use crate::assembler::{Assembler, Line};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Reported};
use crate::files::{File, FileError};
use crate::lexer::Token;
use crate::source::{Origin, SourceId, Span};
use crate::suggest;
use std::sync::Arc;

/// The name of the include file that is built in: the principles' numbers by name.
pub const BUILTIN_INCLUDE: &str = "pg32.inc";

/// The text of [`BUILTIN_INCLUDE`], generated from the architecture's table.
#[must_use]
pub fn builtin_include() -> String {
    let mut text = String::from("# The numbers of the principles of operation, by name.\n");
    for constant in pg32_isa::CONSTANTS {
        let (name, value) = (constant.name, constant.value);
        text.push_str(&format!("        .equ {name}, {value:#x}    # {}\n", constant.summary));
    }
    text
}

impl Assembler<'_, '_> {
    pub(crate) fn include(&mut self, line: &Line<'_>, tokens: &[Token]) -> Result<(), Reported> {
        let name = self.file_name(line, tokens, 1)?;
        let span = line.whole();
        if name == BUILTIN_INCLUDE {
            let text = Arc::new(builtin_include());
            let source = self.shared.sources.add(name, text, Origin::Include(span));
            self.push_file(source);
            return Ok(());
        }
        let file = self.read(line, &name, span)?;
        if self.is_open(&file.name) && self.conditions.is_empty() {
            let diagnostic = Diagnostic::new(Code::IncludeCycle, format!("`{name}` includes itself"))
                .at(span, "it is being read already")
                .help("a file that is to be read once is put between `.ifndef` and `.endif`");
            return Err(self.shared.sink.report(diagnostic));
        }
        self.shared.expanded += file.bytes.len() as u64;
        if self.shared.expanded > self.shared.options.limits.expansion_bytes {
            self.too_much(span);
            return Err(Reported);
        }
        let source = self.shared.text(file, Origin::Include(span))?;
        self.push_file(source);
        Ok(())
    }

    /// The file name that a directive's first operand is; further operands are the directive's own.
    pub(crate) fn file_name(
        &mut self,
        line: &Line<'_>,
        tokens: &[Token],
        most: usize,
    ) -> Result<String, Reported> {
        let operands = self.operands(line, tokens)?;
        let operands = operands.as_slice();
        self.count(line, tokens, operands, 1..=most)?;
        let bytes = self.string(line, operands[0])?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Reads a file that the source names.
    pub(crate) fn read(&mut self, line: &Line<'_>, name: &str, span: Span) -> Result<File, Reported> {
        let file = self.shared.sources.in_file(Span { source: line.source, start: 0, end: 0 });
        let from = self.shared.sources.get(file.source).name.clone();
        let limit = self.shared.options.limits.file_bytes;
        match self.shared.files.read(name, &from, limit) {
            Ok(file) => {
                if !self.shared.dependencies.contains(&file.name) {
                    self.shared.dependencies.push(file.name.clone());
                }
                Ok(file)
            }
            Err(error) => {
                self.incomplete = true;
                let candidates = self.shared.files.candidates();
                let nearest = suggest::nearest(name, candidates.iter().map(String::as_str));
                let help = match error {
                    FileError::NotFound => Some(match nearest {
                        Some(nearest) => format!("did you mean `{nearest}`?"),
                        None => {
                            "files are looked for beside the source and in the `-I` directories".to_string()
                        }
                    }),
                    FileError::TooLarge => Some(format!("the limit is {limit} bytes")),
                    FileError::Other(_) => None,
                };
                let diagnostic = Diagnostic::new(Code::CannotRead, format!("cannot read `{name}`: {error}"))
                    .at(span, "asked for here")
                    .maybe_help(help);
                Err(self.shared.sink.report(diagnostic))
            }
        }
    }

    /// `.file number "name"`, or `.file number "folder" "name"`; without a number it says nothing here.
    pub(crate) fn file_directive(&mut self, line: &Line<'_>, tokens: &[Token]) -> Result<(), Reported> {
        let [_, number, names @ ..] = tokens else { return Ok(()) };
        let crate::lexer::Number::Value(number) = crate::lexer::number(line.of(*number)) else {
            return Ok(());
        };
        let mut parts = Vec::new();
        for name in names.iter().filter(|t| t.kind == crate::lexer::Kind::String) {
            parts.push(String::from_utf8_lossy(&self.string(line, &[*name])?).into_owned());
        }
        // DWARF 5 adds a checksum, which is no string.
        let Some(name) = parts.pop() else { return Ok(()) };
        let name = match parts.pop() {
            Some(folder) if !name.starts_with('/') => format!("{folder}/{name}"),
            _ => name,
        };
        let source = self.shared.sources.add(name, Arc::default(), Origin::Named);
        self.files.insert(number as u32, source);
        Ok(())
    }

    /// `.loc file line …`: what follows came from there.
    pub(crate) fn loc(&mut self, line: &Line<'_>, tokens: &[Token]) -> Result<(), Reported> {
        let number = |i: usize| match tokens.get(i).map(|t| crate::lexer::number(line.of(*t))) {
            Some(crate::lexer::Number::Value(value)) => u32::try_from(value).ok(),
            _ => None,
        };
        let (Some(file), Some(at)) = (number(1), number(2)) else {
            let message = "`.loc` takes the numbers of a file and a line";
            return Err(self.shared.error(Code::OperandKind, message, line.whole(), "no numbers"));
        };
        // Line 0 is what belongs to no line.
        self.location = self.files.get(&file).filter(|_| at > 0).map(|source| (*source, at));
        Ok(())
    }

    /// `.incbin "file" [, skip [, count]]`
    pub(crate) fn incbin(&mut self, line: &Line<'_>, tokens: &[Token]) -> Result<(), Reported> {
        let name = self.file_name(line, tokens, 3)?;
        let operands = self.operands(line, tokens)?;
        let operands = operands.as_slice();
        let skip = match operands.get(1).filter(|o| !o.is_empty()) {
            Some(operand) => self.constant(line, operand)?,
            None => 0,
        };
        let count = match operands.get(2) {
            Some(operand) => self.constant(line, operand)?,
            None => i64::MAX,
        };
        let file = self.read(line, &name, line.whole())?;
        let length = file.bytes.len() as i64;
        if !(0..=length).contains(&skip) || count < 0 {
            let message = format!("`{name}` has {length} bytes; {skip} of them cannot be skipped");
            return Err(self.shared.error(Code::NegativeCount, message, line.whole(), "beyond its end"));
        }
        let end = skip.saturating_add(count).min(length);
        self.bytes(line, &file.bytes[skip as usize..end as usize])
    }
}

impl crate::assembler::Shared<'_> {
    /// Takes a file as a source; its text must be UTF-8.
    pub(crate) fn text(&mut self, file: File, origin: Origin) -> Result<SourceId, Reported> {
        match String::from_utf8(file.bytes) {
            Ok(text) => Ok(self.sources.add(file.name, Arc::new(text), origin)),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let bytes = error.into_bytes();
                let byte = bytes[at];
                // What can be shown of it is the text up to the wrong byte.
                let text = String::from_utf8_lossy(&bytes[..at]).into_owned();
                let source = self.sources.add(file.name.clone(), Arc::new(text), origin);
                let line = bytes[..at].iter().filter(|b| **b == b'\n').count() + 1;
                let span = Span { source, start: at as u32, end: at as u32 };
                let message =
                    format!("`{}` is no UTF-8 text: line {line} has the byte {byte:#04x}", file.name);
                Err(self.error(Code::NotUtf8, message, span, "the text ends here"))
            }
        }
    }
}
