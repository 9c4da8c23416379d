//! What GNU as lacks: layouts of frames and tables, enumerations, character maps.

use crate::assembler::{Assembler, Line};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Reported};
use crate::expr::Value;
use crate::lexer::Token;
use crate::source::Span;
use crate::symbol::{Again, Meaning};

/// A layout or an enumeration that is being defined.
pub(crate) struct Table {
    name: String,
    pub(crate) kind: TableKind,
    /// The value of the next name.
    next: i64,
    /// For a layout, the greatest alignment so far, in bytes.
    align: i64,
    pub(crate) span: Span,
}

/// What a [`Table`] lists.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum TableKind {
    /// Fields, one behind the other.
    Layout,
    /// Numbers, counted up.
    Enumeration,
}

impl TableKind {
    const fn directive(self) -> &'static str {
        match self {
            TableKind::Layout => ".layout",
            TableKind::Enumeration => ".enum",
        }
    }
}

impl Assembler<'_, '_> {
    /// `.layout name [, first]` and `.enum name [, first]`
    pub(crate) fn table(
        &mut self,
        line: &Line<'_>,
        tokens: &[Token],
        kind: TableKind,
    ) -> Result<(), Reported> {
        let operands = self.operands(line, tokens)?;
        let operands = operands.as_slice();
        let count = self.count(line, tokens, operands, 1..=2)?;
        let name = self.name_operand(line, tokens[0], operands[0])?;
        let next = if count == 2 { self.constant(line, operands[1])? } else { 0 };
        let name = line.name(name).to_string();
        if let Some(open) = &self.table {
            let diagnostic =
                Diagnostic::new(Code::Unclosed, format!("`{}` is not closed yet", open.kind.directive()))
                    .at(line.whole(), "begins here")
                    .at(open.span, "within this one");
            return Err(self.shared.sink.report(diagnostic));
        }
        self.table = Some(Table { name, kind, next, align: 1, span: line.whole() });
        Ok(())
    }

    /// `.field name, bytes [, align]` and `.item name [, value]`
    pub(crate) fn member(
        &mut self,
        line: &Line<'_>,
        tokens: &[Token],
        kind: TableKind,
    ) -> Result<(), Reported> {
        let operands = self.operands(line, tokens)?;
        let operands = operands.as_slice();
        let allowed = if kind == TableKind::Layout { 2..=3 } else { 1..=2 };
        let count = self.count(line, tokens, operands, allowed)?;
        let token = self.name_operand(line, tokens[0], operands[0])?;
        let number = if count >= 2 { Some(self.constant(line, operands[1])?) } else { None };
        let align = if count == 3 { self.constant(line, operands[2])? } else { 1 };
        let span = line.span(token);
        let Some(table) = self.table.as_mut().filter(|t| t.kind == kind) else {
            let message = format!("`{}` outside of `{}`", line.of(tokens[0]), kind.directive());
            return Err(self.shared.error(Code::Unopened, message, line.whole(), "nothing is open here"));
        };
        let value = match kind {
            TableKind::Layout => {
                let bytes = number.unwrap_or(0);
                if bytes < 0 || align.count_ones() != 1 || align <= 0 {
                    let message =
                        "a field has a size that is not negative, and an alignment that is a power of two";
                    return Err(self.shared.error(
                        Code::BadAlignment,
                        message,
                        line.whole(),
                        "no such field",
                    ));
                }
                table.align = table.align.max(align);
                let start = table.next.saturating_add(align - 1) & !(align - 1);
                table.next = start.saturating_add(bytes);
                start
            }
            TableKind::Enumeration => {
                let value = number.unwrap_or(table.next);
                table.next = value.saturating_add(1);
                value
            }
        };
        let name = format!("{}.{}", table.name, line.name(token));
        self.constant_symbol(&name, value, span);
        Ok(())
    }

    /// `.endlayout` and `.endenum`: `name.size`, rounded up to the fields' alignment, or `name.count`.
    pub(crate) fn end_table(
        &mut self,
        line: &Line<'_>,
        tokens: &[Token],
        kind: TableKind,
    ) -> Result<(), Reported> {
        let Some(table) = self.table.take_if(|t| t.kind == kind) else {
            let message = format!("`{}` without `{}`", line.of(tokens[0]), kind.directive());
            return Err(self.shared.error(Code::Unopened, message, line.whole(), "nothing is open here"));
        };
        let (part, value) = match kind {
            TableKind::Layout => ("size", table.next.saturating_add(table.align - 1) & !(table.align - 1)),
            TableKind::Enumeration => ("end", table.next),
        };
        self.constant_symbol(&format!("{}.{part}", table.name), value, line.whole());
        Ok(())
    }

    fn constant_symbol(&mut self, name: &str, value: i64, span: Span) {
        let name = self.names.intern(name);
        let symbol = self.symbol(name, span);
        self.define(symbol, Meaning::Set(Value::Const(value), Again::Never), span);
    }

    /// `.charmap "characters", value`: the first of them becomes `value`, the next one more, and so on; without
    /// operands characters are themselves again.
    pub(crate) fn charmap(&mut self, line: &Line<'_>, tokens: &[Token]) -> Result<(), Reported> {
        if tokens.len() == 1 {
            self.characters.clear();
            return Ok(());
        }
        let operands = self.operands(line, tokens)?;
        let operands = operands.as_slice();
        self.count(line, tokens, operands, 2..=2)?;
        let text = String::from_utf8_lossy(&self.string(line, operands[0])?).into_owned();
        let first = self.constant(line, operands[1])?;
        for (value, character) in (first..).zip(text.chars()) {
            let Ok(byte) = u8::try_from(value) else {
                let span = line.span_of(operands[1]);
                let message =
                    format!("`{}` would become {value}: the range is 0 to 255", character.escape_debug());
                return Err(self.shared.error(Code::ImmediateRange, message, span, "no byte"));
            };
            self.characters.insert(character, byte);
        }
        Ok(())
    }

    /// The bytes of a text as the character map has them.
    pub(crate) fn mapped(&self, bytes: Vec<u8>) -> Vec<u8> {
        if self.characters.is_empty() {
            return bytes;
        }
        let mut out = Vec::with_capacity(bytes.len());
        for chunk in bytes.utf8_chunks() {
            for character in chunk.valid().chars() {
                match self.characters.get(&character) {
                    Some(byte) => out.push(*byte),
                    None => out.extend(character.encode_utf8(&mut [0; 4]).bytes()),
                }
            }
            out.extend_from_slice(chunk.invalid());
        }
        out
    }

    /// `.float` and `.double`: numbers of IEEE 754, in so many bytes.
    pub(crate) fn floats(&mut self, line: &Line<'_>, tokens: &[Token], width: u8) -> Result<(), Reported> {
        // A fraction is no token of its own: the text between the commas is read whole.
        let text = &line.text[tokens[0].end as usize..line.end as usize];
        for part in text.split(',') {
            let part = part.trim();
            let digits = part.strip_prefix("0f").or_else(|| part.strip_prefix("0d")).unwrap_or(part);
            let bytes = match width {
                4 => digits.parse::<f32>().map(|f| f.to_le_bytes().to_vec()),
                _ => digits.parse::<f64>().map(|f| f.to_le_bytes().to_vec()),
            };
            match bytes {
                Ok(bytes) => self.bytes(line, &bytes)?,
                Err(_) => {
                    let message = format!("`{part}` is no number");
                    return Err(self.shared.error(
                        Code::BadNumber,
                        message,
                        line.whole(),
                        "expected numbers",
                    ));
                }
            }
        }
        Ok(())
    }
}
