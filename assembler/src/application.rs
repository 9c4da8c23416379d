//! Applications: sources with an address space of their own, inside the image of a kernel.

use crate::assembler::{Assembler, Line, Shared, Space};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Reported};
use crate::expr::Value;
use crate::lexer::Token;
use crate::link::Finished;
use crate::source::Origin;
use crate::symbol::{Again, At, Meaning};
use pg32_image::Image;

/// An application in its place.
pub(crate) struct Embedded {
    pub(crate) name: String,
    /// Where its address 0 lies.
    pub(crate) at: At,
    pub(crate) image: Image,
    pub(crate) listing: Vec<crate::Listed>,
}

/// How deep applications may lie in one another.
const MAX_DEPTH: u32 = 8;

impl Assembler<'_, '_> {
    /// `.application name, "file" [, bytes]`
    pub(crate) fn application(&mut self, line: &Line<'_>, tokens: &[Token]) -> Result<(), Reported> {
        let operands = self.operands(line, tokens)?;
        let operands = operands.as_slice();
        let count = self.count(line, tokens, operands, 2..=3)?;
        let token = self.name_operand(line, tokens[0], operands[0])?;
        let name = line.name(token).to_string();
        let file = self.string(line, operands[1])?;
        let file = String::from_utf8_lossy(&file).into_owned();
        let span = line.whole();
        let wanted = if count == 3 { Some(self.constant(line, operands[2])?) } else { None };
        if self.depth >= MAX_DEPTH {
            let diagnostic =
                Diagnostic::new(Code::IncludeCycle, format!("`{file}` is embedded {MAX_DEPTH} deep"))
                    .at(span, "this goes one deeper")
                    .help("does an application embed itself?");
            return Err(self.shared.sink.report(diagnostic));
        }
        let file = self.read(line, &file, span)?;
        let shown = file.name.clone();
        let source = self.shared.text(file, Origin::Application(span))?;
        let Finished { image, listing } = assemble(self.shared, source, self.depth + 1);
        let length = match self.length(line, &shown, &image, wanted, operands.get(2).copied()) {
            Ok(length) => length,
            // It gets its symbols all the same: their uses are no mistakes.
            Err(Reported) => u32::try_from(image.extent()).unwrap_or(0),
        };
        self.align_to(2, None, u32::MAX);
        let mut bytes = image.to_flat(u64::from(length)).unwrap_or_default();
        self.room(line, u64::from(length))?;
        bytes.resize(length as usize, 0);
        let at = self.here();
        self.section().push(&bytes);
        let entry = i64::from(image.entry);
        self.define_part(line, token, "base", Meaning::Label(at));
        self.define_part(line, token, "length", Meaning::Set(Value::Const(i64::from(length)), Again::Never));
        self.define_part(line, token, "entry", Meaning::Set(Value::Const(entry), Again::Never));
        self.applications.push(Embedded { name, at, image, listing });
        Ok(())
    }

    fn define_part(&mut self, line: &Line<'_>, token: Token, part: &str, meaning: Meaning) {
        let name = format!("{}.{part}", line.name(token));
        let name = self.names.intern(&name);
        let span = line.span(token);
        let symbol = self.symbol(name, span);
        self.define(symbol, meaning, span);
    }

    /// Bytes of the segment: what the image takes with all that is zero, or as many as were asked for.
    fn length(
        &mut self,
        line: &Line<'_>,
        file: &str,
        image: &Image,
        wanted: Option<i64>,
        operand: Option<&[Token]>,
    ) -> Result<u32, Reported> {
        // A segment is a whole number of words, as its base is.
        let least = image.extent().next_multiple_of(4);
        let span = operand.map_or(line.whole(), |o| line.span_of(o));
        let length = match wanted {
            None => least,
            Some(bytes) if bytes < 0 || (bytes as u64) < image.extent() => {
                let message = format!("`{file}` takes {} bytes, more than {bytes}", image.extent());
                let diagnostic = Diagnostic::new(Code::ApplicationSize, message)
                    .at(span, "too small")
                    .help("without a number the segment is as long as the application needs");
                return Err(self.shared.sink.report(diagnostic));
            }
            Some(bytes) => bytes as u64,
        };
        u32::try_from(length).map_err(|_| {
            let message = format!("{length} bytes are more than storage can have");
            self.shared.error(Code::ImageTooLarge, message, span, "too large")
        })
    }
}

/// Assembles an application.
fn assemble(shared: &mut Shared<'_>, source: crate::SourceId, depth: u32) -> Finished {
    let mut assembler = Assembler::new(shared, Space::Application, depth);
    assembler.unit(source);
    assembler.finish()
}
