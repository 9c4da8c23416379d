//! Directives that put data into a section, and those that move on in it.

use crate::assembler::{Assembler, Line};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Reported};
use crate::directive::{Sign, Unit, Zero};
use crate::expr::Value;
use crate::instruction::number;
use crate::lexer::{Kind, Token};
use crate::section::{Fill, FixKind, Flow, PointKind};
use crate::source::Span;

impl Assembler<'_, '_> {
    /// `.byte`, `.word` and the like.
    pub(crate) fn data(&mut self, line: &Line<'_>, tokens: &[Token], width: u8) -> Result<(), Reported> {
        let operands = self.operands(line, tokens)?;
        let operands = operands.as_slice();
        if let [[]] = operands {
            return Ok(());
        }
        // They may be instructions in numbers.
        self.section().flow = Flow::Elsewhere;
        for operand in operands {
            if operand.is_empty() {
                return Err(self.empty_operand(line, tokens[0], "a value"));
            }
            // A wrong value takes its room all the same, so that what follows keeps its place.
            let value = self.expression(line, operand).unwrap_or(Value::Const(0));
            self.datum(line, value, width, line.span_of(operand))?;
        }
        Ok(())
    }

    fn datum(&mut self, line: &Line<'_>, value: Value, width: u8, span: Span) -> Result<(), Reported> {
        self.check_bits(line, value, u64::from(width))?;
        let offset = self.section().len;
        let bytes = match value {
            Value::Const(value) => {
                self.check_width(value, width, span);
                value.to_le_bytes()
            }
            _ => [0; 8],
        };
        self.section().push(&bytes[..usize::from(width)]);
        if !matches!(value, Value::Const(_)) {
            self.fixup(offset, FixKind::Data { width }, value, span);
        }
        Ok(())
    }

    /// Room for data; a section without bytes takes zeros.
    fn check_bits(&mut self, line: &Line<'_>, value: Value, bytes: u64) -> Result<(), Reported> {
        if self.section().flags.nobits && value == Value::Const(0) {
            self.reserve(line, bytes)?;
            return Err(Reported);
        }
        self.room(line, bytes)
    }

    /// Warns of a value that loses bits.
    pub(crate) fn check_width(&mut self, value: i64, width: u8, span: Span) {
        let bits = u32::from(width) * 8;
        if bits >= 64 || (-(1_i64 << (bits - 1))..1_i64 << bits).contains(&value) {
            return;
        }
        let kept = value & ((1_i64 << bits) - 1);
        let message =
            format!("{} does not fit {width} byte{}", number(value), if width == 1 { "" } else { "s" });
        let diagnostic = Diagnostic::new(Code::Truncated, message)
            .at(span, format!("becomes {}", number(kept)))
            .note(format!("the range is {} to {}", -(1_i64 << (bits - 1)), (1_i64 << bits) - 1));
        self.shared.sink.report(diagnostic);
    }

    /// `.ascii` and its like; each byte takes `width`.
    pub(crate) fn text(
        &mut self,
        line: &Line<'_>,
        tokens: &[Token],
        zero: Zero,
        width: u8,
    ) -> Result<(), Reported> {
        let mut rest = &tokens[1..];
        if rest.is_empty() {
            return Ok(());
        }
        if self.section().flags.execute {
            self.characters_in_code(line);
        }
        loop {
            let strings = rest.iter().take_while(|t| t.kind == Kind::String).count();
            if strings == 0 {
                let wrong = &rest[..rest.len().min(1)];
                return Err(self.no_string(line, wrong));
            }
            // Strings side by side are one, as in C.
            let mut bytes = Vec::new();
            for token in &rest[..strings] {
                let text = line.of(*token);
                self.unescape(line, *token, &text[1..text.len() - 1], &mut bytes)?;
            }
            let mut bytes = self.mapped(bytes);
            if zero == Zero::Terminated {
                bytes.push(0);
            }
            if width > 1 {
                let wide = |b: u8| u64::from(b).to_le_bytes().into_iter().take(usize::from(width));
                bytes = bytes.into_iter().flat_map(wide).collect();
            }
            self.bytes(line, &bytes)?;
            match &rest[strings..] {
                [] => return Ok(()),
                [comma, more @ ..] if comma.kind == Kind::Comma => rest = more,
                [wrong, ..] => return Err(self.no_string(line, std::slice::from_ref(wrong))),
            }
        }
    }

    /// Appends bytes.
    pub(crate) fn bytes(&mut self, line: &Line<'_>, bytes: &[u8]) -> Result<(), Reported> {
        self.room(line, bytes.len() as u64)?;
        self.section().push(bytes);
        Ok(())
    }

    /// `.space count [, fill]`, in units of so many bytes
    pub(crate) fn space(&mut self, line: &Line<'_>, tokens: &[Token], unit: u8) -> Result<(), Reported> {
        let operands = self.operands(line, tokens)?;
        let operands = operands.as_slice();
        let count = self.count(line, tokens, operands, 1..=2)?;
        let value = match self.expression(line, operands[0])? {
            Value::Const(count) => Value::Const(count.saturating_mul(i64::from(unit))),
            value if unit == 1 => value,
            value => return Err(self.not_constant(line, operands[0], value)),
        };
        let span = line.span_of(operands[0]);
        let fill = if count == 2 { self.constant(line, operands[1])? } else { 0 };
        match value {
            Value::Const(bytes) if bytes < 0 => {
                let message = format!("{bytes} bytes cannot be reserved");
                Err(self.shared.error(Code::NegativeCount, message, span, "a negative number"))
            }
            Value::Const(bytes) if unit > 1 && unit <= 8 && fill != 0 => {
                let count = bytes as u64 / u64::from(unit);
                self.repeat(line, count, &fill.to_le_bytes()[..usize::from(unit)])
            }
            Value::Const(bytes) => self.fill_bytes(line, bytes as u64, fill as u8),
            value => {
                self.room(line, 0)?;
                let kind = PointKind::Space { value, fill: fill as u8, span };
                self.section().push_point(kind, u32::MAX);
                Ok(())
            }
        }
    }

    fn fill_bytes(&mut self, line: &Line<'_>, count: u64, fill: u8) -> Result<(), Reported> {
        if self.section().flags.nobits && fill == 0 {
            return self.reserve(line, count);
        }
        self.room(line, count)?;
        let section = self.section();
        section.data.resize(section.data.len() + count as usize, fill);
        section.len += count as u32;
        Ok(())
    }

    /// `.dcb count, value`: the value, so many times.
    pub(crate) fn repeated(&mut self, line: &Line<'_>, tokens: &[Token], width: u8) -> Result<(), Reported> {
        let operands = self.operands(line, tokens)?;
        let operands = operands.as_slice();
        self.count(line, tokens, operands, 2..=2)?;
        let (count, value) = (self.constant(line, operands[0])?, self.constant(line, operands[1])?);
        let Ok(count) = u64::try_from(count) else {
            let span = line.span_of(operands[0]);
            let message = format!("nothing can be put down {count} times");
            return Err(self.shared.error(Code::NegativeCount, message, span, "a negative number"));
        };
        self.check_width(value, width, line.span_of(operands[1]));
        self.repeat(line, count, &value.to_le_bytes()[..usize::from(width)])
    }

    fn repeat(&mut self, line: &Line<'_>, count: u64, bytes: &[u8]) -> Result<(), Reported> {
        self.room(line, count.saturating_mul(bytes.len() as u64))?;
        for _ in 0..count {
            self.section().push(bytes);
        }
        Ok(())
    }

    /// `.octa`: numbers of 16 bytes.
    pub(crate) fn octa(&mut self, line: &Line<'_>, tokens: &[Token]) -> Result<(), Reported> {
        let operands = self.operands(line, tokens)?;
        for operand in operands.as_slice() {
            let text = match operand {
                [token] if token.kind == Kind::Number => line.of(*token),
                _ => "",
            };
            let hexadecimal = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
            let value = match hexadecimal {
                Some(digits) => u128::from_str_radix(digits, 16).ok(),
                None => text.parse::<u128>().ok().filter(|_| !text.starts_with('0')),
            };
            let value = match value {
                Some(value) => value,
                None => i128::from(self.constant(line, operand)?).cast_unsigned(),
            };
            self.bytes(line, &value.to_le_bytes())?;
        }
        Ok(())
    }

    /// Takes room that has no bytes.
    pub(crate) fn reserve(&mut self, line: &Line<'_>, count: u64) -> Result<(), Reported> {
        let section = self.section();
        let len = u64::from(section.len) + count;
        if len <= MAX_SECTION {
            section.len = len as u32;
            return Ok(());
        }
        let name = section.name.clone();
        if self.shared.sink.stop() {
            let message = format!("`{name}` would be larger than storage can be, {MAX_SECTION} bytes");
            self.shared.error(Code::ImageTooLarge, message, line.whole(), "reaches beyond");
        }
        Err(Reported)
    }

    /// `.fill count [, size [, value]]`
    pub(crate) fn fill(&mut self, line: &Line<'_>, tokens: &[Token]) -> Result<(), Reported> {
        let operands = self.operands(line, tokens)?;
        let operands = operands.as_slice();
        let given = self.count(line, tokens, operands, 1..=3)?;
        let count = self.constant(line, operands[0])?;
        let optional = |i: usize| operands.get(i).filter(|o| i < given && !o.is_empty());
        let size = match optional(1) {
            Some(operand) => self.constant(line, operand)?,
            None => 1,
        };
        let value = match optional(2) {
            Some(operand) => self.constant(line, operand)?,
            None => 0,
        };
        let span = line.span_of(operands[0]);
        if count < 0 || size < 0 {
            let message = format!("{} values of {} bytes cannot be put down", number(count), number(size));
            return Err(self.shared.error(Code::NegativeCount, message, span, "a negative number"));
        }
        let size = size.min(8) as u64;
        let bytes = (count as u64).saturating_mul(size);
        if value == 0 {
            return self.fill_bytes(line, bytes, 0);
        }
        self.room(line, bytes)?;
        // Like GNU as: at most four bytes come from the value, the others are zero.
        let pattern = (u64::from(value as u32)).to_le_bytes();
        let section = self.section();
        for _ in 0..count {
            section.push(&pattern[..size as usize]);
        }
        Ok(())
    }

    /// `.align` and its like.
    pub(crate) fn align(&mut self, line: &Line<'_>, tokens: &[Token], unit: Unit) -> Result<(), Reported> {
        let operands = self.operands(line, tokens)?;
        let operands = operands.as_slice();
        let given = self.count(line, tokens, operands, 0..=3)?;
        let optional = |i: usize| operands.get(i).filter(|o| i < given && !o.is_empty());
        let value = match optional(0) {
            Some(operand) => self.constant(line, operand)?,
            None => 0,
        };
        let (log2, width) = match unit {
            Unit::Power(width) => (value, width),
            Unit::Bytes(width) if value == 0 => (0, width),
            Unit::Bytes(width) if value > 0 && value.count_ones() == 1 => {
                (i64::from(value.trailing_zeros()), width)
            }
            Unit::Bytes(_) => {
                let span = line.span_of(operands[0]);
                let message = format!("{} is no power of two", number(value));
                return Err(self.shared.error(Code::BadAlignment, message, span, "an alignment is one"));
            }
        };
        if matches!(unit, Unit::Power(_)) && (SURPRISING..=MAX_ALIGN).contains(&log2) {
            let diagnostic =
                Diagnostic::new(Code::LargeAlignment, format!("this aligns to {} bytes", 1_i64 << log2))
                    .at(line.span_of(operands[0]), format!("2 to the {log2}"))
                    .help(format!("`.balign {log2}` takes bytes, if those are meant and a power of two"));
            self.shared.sink.report(diagnostic);
        }
        if !(0..=MAX_ALIGN).contains(&log2) {
            let span = line.span_of(operands[0]);
            let diagnostic = Diagnostic::new(
                Code::BadAlignment,
                format!("an alignment of 2 to the {log2} is out of range: 0 to {MAX_ALIGN}"),
            )
            .at(span, "a power of two, as on every RISC-V")
            .help("`.balign` takes bytes");
            return Err(self.shared.sink.report(diagnostic));
        }
        let fill = match optional(1) {
            Some(operand) => Some(self.constant(line, operand)? as u32),
            None => None,
        };
        let most = match optional(2) {
            Some(operand) => u32::try_from(self.constant(line, operand)?.max(0)).unwrap_or(u32::MAX),
            None => u32::MAX,
        };
        self.align_to(log2 as u8, fill.map(|pattern| Fill::Pattern { pattern, width }), most);
        // GNU as takes code to be aligned to its instructions: before data it leaves such an alignment out. Before an
        // instruction that would make one that cannot be fetched.
        let plain = fill.is_none() && most == u32::MAX && self.section().flags.execute;
        if plain && matches!(log2, 1 | 2) && self.mode.length == crate::got::Length::Four {
            self.await_instruction(line.whole());
        } else {
            let section = self.section();
            section.idle.append(&mut section.waiting);
        }
        Ok(())
    }

    /// Leaves the alignment that has just been made without effect until an instruction follows.
    fn await_instruction(&mut self, span: Span) {
        let section = self.section();
        let here = section.len;
        let Some(last) = section.points.last().filter(|p| p.offset == here) else { return };
        if matches!(section.kind(last), PointKind::Align { .. })
            && let Some(limit) = section.alignment_limit(section.points.len() - 1)
        {
            *limit = 0;
            section.waiting.push((section.points.len() as u32 - 1, span));
            self.watch = true;
        }
    }

    /// Moves on to a multiple of `1 << log2`.
    pub(crate) fn align_to(&mut self, log2: u8, fill: Option<Fill>, max: u32) {
        let section = self.section();
        section.align = section.align.max(log2);
        if log2 == 0 {
            return;
        }
        if section.name == crate::places::ABSOLUTE {
            section.len = section.len.next_multiple_of(1 << log2);
            return;
        }
        let standard =
            if section.flags.execute { Fill::Nops } else { Fill::Pattern { pattern: 0, width: 1 } };
        let fill = fill.unwrap_or(standard);
        let worst = ((1_u32 << log2) - 1).min(max);
        // Where nothing before it can change and nothing is missing, there is nothing to decide later. Subsections get
        // what lies before them when the unit ends.
        if section.points.is_empty() && section.subsection == 0 && section.len & ((1 << log2) - 1) == 0 {
            return;
        }
        section.push_point(PointKind::Align { log2, max, fill }, worst);
    }

    /// `.org offset [, fill]`
    pub(crate) fn org_directive(&mut self, line: &Line<'_>, tokens: &[Token]) -> Result<(), Reported> {
        let operands = self.operands(line, tokens)?;
        let operands = operands.as_slice();
        let count = self.count(line, tokens, operands, 1..=2)?;
        let value = self.expression(line, operands[0])?;
        let fill = if count == 2 { self.constant(line, operands[1])? } else { 0 };
        self.org(line, value, fill, line.span_of(operands[0]));
        Ok(())
    }

    /// Moves on to the place `value`.
    pub(crate) fn org(&mut self, line: &Line<'_>, value: Value, fill: i64, span: Span) {
        if self.section().points.is_empty()
            && let Value::Const(to) = value
            && let Some(bytes) = to.checked_sub(i64::from(self.section().len)).filter(|b| *b >= 0)
        {
            let _ = self.fill_bytes(line, bytes as u64, fill as u8);
            return;
        }
        self.section().push_point(PointKind::Org { value, fill: fill as u8, span }, u32::MAX);
    }

    /// `.uleb128` and `.sleb128`.
    pub(crate) fn leb(&mut self, line: &Line<'_>, tokens: &[Token], sign: Sign) -> Result<(), Reported> {
        let operands = self.operands(line, tokens)?;
        let operands = operands.as_slice();
        self.count(line, tokens, operands, 1..=usize::MAX)?;
        for operand in operands {
            let value = self.expression(line, operand)?;
            let signed = sign == Sign::Signed;
            self.room(line, 0)?;
            match value {
                Value::Const(value) => self.bytes(line, &leb128(value, signed))?,
                value => self.section().push_point(PointKind::Leb { value, signed }, 10),
            }
        }
        Ok(())
    }

    /// Pads code to its alignment, as GNU as does at the end of a source.
    pub(crate) fn pad_code(&mut self) {
        let last = self.current;
        for index in 0..self.sections.len() {
            let section = &self.sections[index];
            if section.unit == self.unit
                && section.flags.execute
                && section.size() + u64::from(section.len) > 0
            {
                self.current = crate::section::SectionId(index as u32);
                let align = self.sections[index].align;
                self.align_to(align, None, u32::MAX);
            }
        }
        self.current = last;
    }
}

/// The greatest size of storage, in bytes (principles, section 1).
pub(crate) const MAX_SECTION: u64 = 1 << 31;

/// The greatest alignment, as a power of two: that of storage itself.
const MAX_ALIGN: i64 = 30;

/// The least alignment, as a power of two, that one looks at twice: 16 KiB, more than any page.
const SURPRISING: i64 = 14;

/// `value` in the variable-length code of DWARF.
pub(crate) fn leb128(mut value: i64, signed: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let byte = (value & 0x7f) as u8;
        value = if signed { value >> 7 } else { (value as u64 >> 7) as i64 };
        let done = if signed { value == if byte & 0x40 != 0 { -1 } else { 0 } } else { value == 0 };
        if done {
            bytes.push(byte);
            return bytes;
        }
        bytes.push(byte | 0x80);
    }
}
