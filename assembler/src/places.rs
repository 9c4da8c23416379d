//! Places that are no whole section: numbered subsections, the absolute section of `.struct`, and names that stand for
//! sections or for symbols elsewhere.

use crate::assembler::{Assembler, Line, Space};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Reported};
use crate::expr::Value;
use crate::lexer::{Kind, Token};
use crate::section::{Flags, Section, SectionId};
use crate::symbol::{Again, At, Binding, Meaning, SymbolId};
use std::collections::HashMap;

/// The section of `.struct`: no storage, and labels that are numbers.
pub(crate) const ABSOLUTE: &str = "*ABS*";

/// GNU as's highest number of a subsection.
const MAX_SUBSECTION: i64 = 8192;

impl Assembler<'_, '_> {
    /// The number behind `.text` and `.subsection`.
    pub(crate) fn subsection_number(&mut self, line: &Line<'_>, operand: &[Token]) -> Result<u32, Reported> {
        let number = self.constant(line, operand)?;
        if (0..=MAX_SUBSECTION).contains(&number) {
            return Ok(number as u32);
        }
        let message = format!("{number} is no subsection: the range is 0 to {MAX_SUBSECTION}");
        let span = line.span_of(operand);
        Err(self.shared.error(Code::ImmediateRange, message, span, "out of range"))
    }

    /// `.subsection number`
    pub(crate) fn subsection(&mut self, line: &Line<'_>, tokens: &[Token]) -> Result<(), Reported> {
        let operands = self.operands(line, tokens)?;
        let operands = operands.as_slice();
        self.count(line, tokens, operands, 1..=1)?;
        let number = self.subsection_number(line, operands[0])?;
        let name = self.section().name.clone();
        self.enter((&name, number), None, line.whole())
    }

    /// `.pushsection name [, subsection] [, "flags" …]`
    pub(crate) fn push_section(&mut self, line: &Line<'_>, tokens: &[Token]) -> Result<(), Reported> {
        let saved = (self.current, self.previous);
        let comma = tokens.iter().position(|t| t.kind == Kind::Comma);
        let numbered = comma.filter(|c| {
            tokens.get(c + 1).is_some_and(|t| !matches!(t.kind, Kind::String | Kind::At | Kind::Percent))
        });
        match numbered {
            None => self.section_directive(line, tokens)?,
            Some(comma) => {
                let rest = &tokens[comma + 1..];
                let end = rest.iter().position(|t| t.kind == Kind::Comma).unwrap_or(rest.len());
                let number = self.subsection_number(line, &rest[..end])?;
                let mut without = tokens[..comma].to_vec();
                without.extend(&rest[end..]);
                self.section_directive(line, &without)?;
                self.current = self.subsection_of(self.current, number);
            }
        }
        self.stack.push(saved);
        Ok(())
    }

    /// `.popsection`
    pub(crate) fn pop_section(&mut self, line: &Line<'_>) -> Result<(), Reported> {
        let Some(saved) = self.stack.pop() else {
            let message = "`.popsection` without `.pushsection`";
            return Err(self.shared.error(Code::Unopened, message, line.whole(), "nothing to go back to"));
        };
        (self.current, self.previous) = saved;
        Ok(())
    }

    /// Part `number` of a section.
    pub(crate) fn subsection_of(&mut self, whole: SectionId, number: u32) -> SectionId {
        if number == 0 {
            return whole;
        }
        let (unit, section) = (self.unit, &self.sections[whole.0 as usize]);
        let known = |s: &Section| s.unit == unit && s.subsection == number && s.name == section.name;
        if let Some(index) = self.sections.iter().position(known) {
            return SectionId(index as u32);
        }
        let mut part = Section::new(&section.name, unit, section.flags);
        part.subsection = number;
        part.mergeable = section.mergeable;
        self.sections.push(part);
        SectionId(self.sections.len() as u32 - 1)
    }

    /// Joins the subsections of this unit, in the order of their numbers.
    pub(crate) fn join_subsections(&mut self) {
        let unit = self.unit;
        let mut parts: Vec<usize> = (0..self.sections.len())
            .filter(|i| self.sections[*i].unit == unit && self.sections[*i].subsection > 0)
            .collect();
        if parts.is_empty() {
            return;
        }
        parts.sort_by_key(|i| self.sections[*i].subsection);
        let mut moved: HashMap<SectionId, At> = HashMap::new();
        for part in parts {
            let flags = self.sections[part].flags;
            let empty = Section::new("", unit, flags);
            let part_id = SectionId(part as u32);
            let mut part = std::mem::replace(&mut self.sections[part], empty);
            self.sections[part_id.0 as usize].flags.alloc = false;
            let whole_id = self.section_named(&part.name, None);
            let whole = &mut self.sections[whole_id.0 as usize];
            let base = At { section: whole_id, offset: whole.len, point: whole.points.len() as u32 };
            moved.insert(part_id, base);
            append(whole, &mut part, base);
        }
        for symbol in &mut self.symbols[self.unit_symbols..] {
            if let Meaning::Label(at) = &mut symbol.meaning
                && let Some(base) = moved.get(&at.section)
            {
                *at = joined(*at, *base);
            }
        }
        for embedded in &mut self.applications {
            if let Some(base) = moved.get(&embedded.at.section) {
                embedded.at = joined(embedded.at, *base);
            }
        }
        for id in [&mut self.current, &mut self.previous] {
            *id = moved.get(id).map_or(*id, |base| base.section);
        }
    }

    /// The offset in the section of `.struct`, if that is the current one.
    #[inline]
    pub(crate) fn absolute(&self) -> Option<i64> {
        let section = &self.sections[self.current.0 as usize];
        (section.name == ABSOLUTE).then_some(i64::from(section.len))
    }

    /// `.struct offset`
    pub(crate) fn structure(&mut self, line: &Line<'_>, tokens: &[Token]) -> Result<(), Reported> {
        let offset = self.one_constant(line, tokens)?;
        let Some(offset) = u32::try_from(offset).ok().filter(|o| u64::from(*o) <= crate::data::MAX_SECTION)
        else {
            let message = format!("{offset} is no offset: the range is 0 to {}", crate::data::MAX_SECTION);
            return Err(self.shared.error(Code::BadAddress, message, line.whole(), "out of range"));
        };
        let flags = Flags { alloc: false, write: false, execute: false, nobits: true, tls: false };
        self.enter((ABSOLUTE, 0), Some(flags), line.whole())?;
        self.section().len = offset;
        Ok(())
    }

    /// The name of a section that no symbol has stands for where this unit's part of it begins.
    pub(crate) fn section_symbols(&mut self) {
        for index in self.unit_symbols..self.symbols.len() {
            let symbol = &self.symbols[index];
            if symbol.meaning != Meaning::Undefined || !symbol.named {
                continue;
            }
            let name = self.names.text(symbol.name);
            let own = |s: &Section| s.unit == self.unit && s.subsection == 0 && s.name == name;
            if name.starts_with('.')
                && let Some(section) = self.sections.iter().position(own)
            {
                let start = At { section: SectionId(section as u32), offset: 0, point: 0 };
                self.symbols[index].meaning = Meaning::Label(start);
            }
        }
    }

    /// `.weakref alias, symbol`
    pub(crate) fn weak_reference(&mut self, line: &Line<'_>, tokens: &[Token]) -> Result<(), Reported> {
        let operands = self.operands(line, tokens)?;
        let operands = operands.as_slice();
        self.count(line, tokens, operands, 2..=2)?;
        let alias = self.name_operand(line, tokens[0], operands[0])?;
        let target = self.name_operand(line, tokens[0], operands[1])?;
        let name = self.names.intern(line.name(target));
        let symbol = self.symbol(name, line.span(target));
        let name = self.names.intern(line.name(alias));
        let id = self.symbol(name, line.span(alias));
        self.define(id, Meaning::Set(Value::Symbol(symbol, 0), Again::Allowed), line.span(alias));
        self.weak_references.push(symbol);
        Ok(())
    }

    /// What is spoken of through aliases only need not exist.
    pub(crate) fn weak_references(&mut self) {
        for SymbolId(id) in std::mem::take(&mut self.weak_references) {
            let symbol = &mut self.symbols[id as usize];
            if symbol.meaning == Meaning::Undefined && !symbol.used {
                symbol.binding = Binding::Weak;
            }
        }
    }

    /// Warns of an image that starts in a text.
    pub(crate) fn check_start(&mut self, outputs: &[crate::layout::Output]) {
        let named = self.names.find("_start").is_some_and(|n| {
            self.symbols.iter().any(|s| s.named && s.name == n && s.meaning != Meaning::Undefined)
        });
        let first = outputs.iter().find(|o| o.base == crate::layout::CODE && o.size > 0);
        let part =
            first.and_then(|o| o.parts.iter().map(|p| &self.sections[p.0 as usize]).find(|s| s.size() > 0));
        if self.space == Space::Kernel
            && !named
            && let Some(span) = part.and_then(|s| s.text_first)
        {
            let diagnostic = Diagnostic::new(Code::RunsIntoData, "the machine starts in data")
                .at(span, "these bytes would be executed first")
                .help(
                    "mark where to start with the label `_start`, or put the data into `.rodata` or `.data`",
                );
            self.shared.sink.report(diagnostic);
        }
    }

    /// Warns of sections with bytes that no image has, because the source did not ask for storage.
    pub(crate) fn check_loaded(&mut self) {
        for section in &self.sections {
            let known = [".debug", ".zdebug", ".comment", ".note", ".stab", ".gnu", ".riscv.attributes"];
            if section.flags.alloc
                || section.data.is_empty()
                || section.said_flags
                || known.iter().any(|k| section.name.starts_with(k))
            {
                continue;
            }
            let Some(span) = section.span else { continue };
            let (name, size) = (&section.name, section.data.len());
            let message = format!("the {size} bytes of `{name}` are not in the image");
            let diagnostic = Diagnostic::new(Code::NotLoaded, message)
                .at(span, "this section has no flags, so it takes no storage")
                .help(format!(
                    "write `.section {name}, \"a\"`, with `w` if it is written and `x` if it holds code"
                ));
            self.shared.sink.report(diagnostic);
        }
    }
}

/// A place in a part, as one in the whole that the part was appended to at `base`.
fn joined(at: At, base: At) -> At {
    At { section: base.section, offset: base.offset + at.offset, point: base.point + at.point }
}

/// Appends `part` to `whole`, whose end is `base`.
fn append(whole: &mut Section, part: &mut Section, base: At) {
    part.idle.append(&mut part.waiting);
    whole.idle.extend(part.idle.drain(..).map(|(point, span)| (point + base.point, span)));
    let (fixups, kinds) = (whole.fixups.len() as u32, whole.kinds.len() as u32);
    let worst = whole.points.last().map_or(0, |p| p.worst);
    whole.align = whole.align.max(part.align);
    whole.data.append(&mut part.data);
    whole.len = whole.len.saturating_add(part.len);
    whole.fixups.extend(part.fixups.drain(..).map(|mut fixup| {
        fixup.offset += base.offset;
        fixup
    }));
    whole.points.extend(part.points.drain(..).map(|mut point| {
        point.offset += base.offset;
        point.worst = point.worst.saturating_add(worst);
        point.part = point.part.moved(fixups, kinds);
        point
    }));
    whole.kinds.append(&mut part.kinds);
    whole.rows.extend(part.rows.drain(..).map(|mut row| {
        row.offset += base.offset;
        row.point += base.point;
        row
    }));
}
