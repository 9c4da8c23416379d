//! The end of an assembly: units find each other's symbols, fixups get their values, and the image is put together.

use crate::assembler::{Assembler, Space};
use crate::codes::Code;
use crate::data::leb128;
use crate::diagnostic::Diagnostic;
use crate::expr::{NoValue, Node, Value};
use crate::layout::{CODE, Output};
use crate::section::{Fill, FixKind, Fixup, PointKind, Target};
use crate::source::{SourceId, Span};
use crate::symbol::{Binding, Meaning, SymbolId};
use crate::{Listed, Listing};
use pg32_image::{Image, Line, LineTable, Segment, Source, SymbolKind, Symbols};
use pg32_isa::{Format, Insn, Op};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What an assembly comes to.
pub(crate) struct Finished {
    pub(crate) image: Image,
    pub(crate) listing: Vec<crate::Listed>,
}

/// Values being filled in.
struct Patch<'a> {
    fixup: Fixup,
    bytes: &'a mut [u8],
    /// Address of the first of them.
    at: u32,
    /// Size of the variable part right behind a branch.
    far: bool,
}

impl Assembler<'_, '_> {
    /// Lays out what the units have brought, and makes the image.
    pub(crate) fn finish(mut self) -> Finished {
        self.join_units();
        self.merge_sections();
        let outputs = self.lay_out();
        self.report_symbols();
        let segments = self.segments(&outputs);
        self.check_asserts();
        let symbols = self.image_symbols();
        let lines = self.image_lines(&outputs);
        let entry = self.entry();
        Finished { image: Image { segments, entry, symbols, lines }, listing: self.listing }
    }

    fn entry(&self) -> u32 {
        let start = self
            .symbols
            .iter()
            .position(|s| s.named && self.names.text(s.name) == "_start" && is_defined(s.meaning));
        let value = start.map(|id| self.scope().value(Value::Symbol(SymbolId(id as u32), 0)));
        match value {
            Some(Ok(value)) => value as u32,
            _ if self.space == Space::Kernel => CODE,
            _ => 0,
        }
    }

    /// Undefined symbols of one unit become the global ones of another; common symbols get their places.
    fn join_units(&mut self) {
        let mut globals: HashMap<crate::names::NameId, SymbolId> = HashMap::new();
        for index in 0..self.symbols.len() {
            let symbol = &self.symbols[index];
            if !symbol.named || !symbol.is_global() || !is_defined(symbol.meaning) {
                continue;
            }
            let id = SymbolId(index as u32);
            let Some(&old) = globals.get(&symbol.name) else {
                globals.insert(symbol.name, id);
                continue;
            };
            self.rival(old, id, &mut globals);
        }
        for index in 0..self.symbols.len() {
            let symbol = &self.symbols[index];
            let open =
                symbol.named && symbol.meaning == Meaning::Undefined && symbol.binding != Binding::Local;
            if let Some(&global) = globals.get(&symbol.name).filter(|g| open && g.0 as usize != index) {
                self.symbols[index].meaning = Meaning::Same(global);
            }
        }
        let mut commons: Vec<_> = (0..self.symbols.len())
            .filter_map(|index| match self.symbols[index].meaning {
                Meaning::Common { size, align } => Some((index, size, align)),
                _ => None,
            })
            .collect();
        commons.sort_by_key(|(index, ..)| ld_order(self.names.text(self.symbols[*index].name)));
        for (index, size, align) in commons {
            self.place_common(index, "COMMON", size, align);
        }
        for index in 0..self.symbols.len() {
            self.shorten(SymbolId(index as u32));
        }
    }

    /// Makes every symbol on the way from `id` to what it finally is speak of that directly.
    fn shorten(&mut self, id: SymbolId) {
        let mut path = Vec::new();
        let mut at = id;
        let end = loop {
            let next = match self.symbols[at.0 as usize].meaning {
                Meaning::Set(Value::Symbol(next, _), _) if path.len() < self.symbols.len() => next,
                meaning => break meaning,
            };
            path.push(at);
            at = next;
        };
        // What is defined through itself has no end; it is reported where its value is asked for.
        if matches!(end, Meaning::Set(Value::Symbol(..), _))
            || path.len() < 2 && !matches!(end, Meaning::Set(..))
        {
            return;
        }
        let mut whole = match end {
            Meaning::Set(value, _) => value,
            _ => Value::Symbol(at, 0),
        };
        for id in path.into_iter().rev() {
            let Meaning::Set(Value::Symbol(_, more), again) = self.symbols[id.0 as usize].meaning else {
                return;
            };
            whole = match whole {
                Value::Const(value) => Value::Const(value.wrapping_add(more)),
                Value::Symbol(root, addend) => Value::Symbol(root, addend.wrapping_add(more)),
                // Sums of larger expressions stay as they are.
                Value::Node(_) => return,
            };
            self.symbols[id.0 as usize].meaning = Meaning::Set(whole, again);
        }
    }

    /// Two units define the same global symbol: which counts?
    fn rival(&mut self, old: SymbolId, new: SymbolId, globals: &mut HashMap<crate::names::NameId, SymbolId>) {
        let (a, b) = (&self.symbols[old.0 as usize], &self.symbols[new.0 as usize]);
        let name = b.name;
        match (a.meaning, b.meaning) {
            (Meaning::Common { size: x, align: p }, Meaning::Common { size: y, align: q }) => {
                self.symbols[old.0 as usize].meaning = Meaning::Common { size: x.max(y), align: p.max(q) };
                self.symbols[new.0 as usize].meaning = Meaning::Same(old);
            }
            (_, Meaning::Common { .. }) => self.symbols[new.0 as usize].meaning = Meaning::Same(old),
            (Meaning::Common { .. }, _) => {
                self.symbols[old.0 as usize].meaning = Meaning::Same(new);
                globals.insert(name, new);
            }
            _ if b.is_weak() => self.symbols[new.0 as usize].meaning = Meaning::Same(old),
            _ if a.is_weak() => {
                self.symbols[old.0 as usize].meaning = Meaning::Same(new);
                globals.insert(name, new);
            }
            _ => {
                let text = self.names.text(name).to_string();
                let diagnostic = Diagnostic::new(
                    Code::DuplicateSymbol,
                    format!("the global symbol `{text}` is defined twice"),
                )
                .at(b.span, "defined again here")
                .at(a.span, "first defined here")
                .help("without `.globl` each source has its own");
                self.shared.sink.report(diagnostic);
            }
        }
    }

    /// Reports symbols that are used and defined nowhere, or through themselves.
    fn report_symbols(&mut self) {
        // From the last to the first: values mostly speak of what is defined behind them, and are then known.
        for index in (0..self.symbols.len()).rev() {
            let symbol = &self.symbols[index];
            let id = SymbolId(index as u32);
            match symbol.meaning {
                Meaning::Undefined
                    if symbol.named && symbol.used && !symbol.is_weak() && !self.incomplete =>
                {
                    self.undefined(id);
                }
                Meaning::Set(Value::Const(_), _) => {}
                Meaning::Set(value, again) => {
                    let result = self.scope().value(value);
                    let span = symbol.span;
                    match result {
                        Ok(number) if matches!(value, Value::Node(_)) => {
                            self.symbols[index].meaning = Meaning::Set(Value::Const(number), again);
                        }
                        Err(NoValue::Undefined(_)) | Ok(_) => {}
                        Err(error) => {
                            self.no_value(error, Some(span));
                            // Said once; its uses are no mistakes.
                            self.symbols[index].meaning = Meaning::Set(Value::Const(0), again);
                        }
                    }
                }
                _ => {}
            }
            if self.shared.sink.is_full() {
                return;
            }
        }
    }

    fn undefined(&mut self, id: SymbolId) {
        let symbol = &self.symbols[id.0 as usize];
        let text = self.names.text(symbol.name);
        let hidden = self.symbols.iter().find(|s| s.named && s.name == symbol.name && is_defined(s.meaning));
        let defined = self.symbols.iter().filter(|s| s.named && is_defined(s.meaning)).take(MAX_CANDIDATES);
        let help = match hidden {
            Some(_) => Some(format!(
                "another source defines `{text}`, and keeps it to itself: `.globl {text}` there"
            )),
            None => crate::suggest::nearest(text, defined.map(|s| self.names.text(s.name)))
                .map(|n| format!("did you mean `{n}`?")),
        };
        let mut diagnostic =
            Diagnostic::new(Code::UndefinedSymbol, format!("the symbol `{text}` is not defined"))
                .at(symbol.span, "first used here")
                .maybe_help(help);
        if let Some(other) = hidden {
            diagnostic = diagnostic.at(other.span, "defined here, for its own source");
        }
        self.shared.sink.report(diagnostic);
    }

    /// Reports why a value is none; undefined symbols are reported by themselves.
    pub(crate) fn no_value(&mut self, error: NoValue, span: Option<Span>) {
        let (code, message) = match error {
            NoValue::Undefined(_) => return,
            NoValue::Circular(id) => {
                // Said once; the uses of this symbol are no mistakes.
                self.symbols[id.0 as usize].meaning =
                    Meaning::Set(Value::Const(0), crate::symbol::Again::Never);
                let text = self.names.text(self.symbols[id.0 as usize].name);
                (Code::Circular, format!("the value of `{text}` depends on itself"))
            }
            NoValue::DivisionByZero => (Code::DivisionByZero, "division by zero".to_string()),
            NoValue::Misplaced => (
                Code::WrongFunction,
                "`%pcrel_hi` and `%pcrel_lo` stand only for a whole operand".to_string(),
            ),
            NoValue::TooLong => (Code::TooLong, "this value takes too many steps".to_string()),
        };
        let mut diagnostic = Diagnostic::new(code, message);
        if let Some(span) = span {
            diagnostic = diagnostic.at(span, "here");
        }
        self.shared.sink.report(diagnostic);
    }

    /// The bytes of every output section, complete.
    fn segments(&mut self, outputs: &[Output]) -> Vec<Segment> {
        let mut segments = Vec::new();
        let mut failed = HashSet::new();
        let limit = self.shared.options.limits.image_bytes;
        for output in outputs.iter().filter(|o| o.size > 0) {
            let parts = output.parts.iter().map(|p| &self.sections[p.0 as usize]);
            let flags = parts.clone().map(|s| s.flags);
            let (execute, write) = (flags.clone().any(|f| f.execute), flags.clone().any(|f| f.write));
            let filled: u64 = parts
                .filter(|s| !s.flags.nobits && s.size() > 0)
                .map(|s| u64::from(s.base - output.base) + s.size())
                .max()
                .unwrap_or(0);
            if filled > limit || output.size > crate::data::MAX_SECTION {
                continue;
            }
            let mut bytes = Vec::with_capacity(filled as usize);
            for part in &output.parts {
                let section = &self.sections[part.0 as usize];
                if section.flags.nobits || section.size() == 0 {
                    continue;
                }
                bytes.resize((section.base - output.base) as usize, 0);
                self.section_bytes(part.0 as usize, &mut bytes, &mut failed);
            }
            segments.push(Segment {
                name: output.name.clone(),
                address: output.base,
                bytes,
                size: output.size as u32,
                executable: execute,
                writable: write,
            });
        }
        segments.sort_by_key(|s| s.address);
        segments
    }

    /// Appends a section's bytes with everything filled in.
    fn section_bytes(&mut self, index: usize, out: &mut Vec<u8>, failed: &mut HashSet<(u32, u32)>) {
        let data = std::mem::take(&mut self.sections[index].data);
        let fixups = std::mem::take(&mut self.sections[index].fixups);
        let points = std::mem::take(&mut self.sections[index].points);
        let begin = out.len();
        let mut copied = 0;
        for point in &points {
            out.extend_from_slice(&data[copied..point.offset as usize]);
            copied = point.offset as usize;
            let size = point.size as usize;
            match point.kind {
                PointKind::Align { fill, .. } => fill_gap(out, size, fill),
                PointKind::Branch { .. } => out.resize(out.len() + size, 0),
                PointKind::Space { fill, .. } | PointKind::Org { fill, .. } => {
                    out.resize(out.len() + size, fill)
                }
                PointKind::Leb { value, signed } => {
                    // Places in this section are needed, so its points are.
                    self.sections[index].points = points.clone();
                    let number = self.scope().value(value).unwrap_or(0);
                    self.sections[index].points = Vec::new();
                    let mut bytes = leb128(number, signed);
                    bytes.resize(size, 0);
                    out.extend_from_slice(&bytes);
                }
            }
        }
        out.extend_from_slice(&data[copied..]);
        drop(data);
        self.sections[index].points = points;
        let mut point = 0;
        for fixup in &fixups {
            let section = &self.sections[index];
            let points = &section.points;
            while point < points.len() && points[point].offset <= fixup.offset {
                point += 1;
            }
            let offset = fixup.offset + section.shift(point as u32);
            let far = fixup.kind == FixKind::Relaxable && points.get(point).is_some_and(|p| p.size > 0);
            let at = section.base.wrapping_add(offset);
            let patch = Patch { fixup: *fixup, bytes: &mut out[begin + offset as usize..], at, far };
            if let Err(error) = self.patch(patch, &fixups, index) {
                let span = fixup.span;
                if failed.insert((span.source.0, span.start)) {
                    self.no_value(error, Some(span));
                }
            }
        }
    }

    fn target_value(&self, target: Target) -> Result<i64, NoValue> {
        self.scope().value(match target {
            Target::Symbol { symbol, addend } => Value::Symbol(symbol, i64::from(addend)),
            Target::Node(node) => Value::Node(node),
        })
    }

    fn patch(&mut self, patch: Patch<'_>, fixups: &[Fixup], index: usize) -> Result<(), NoValue> {
        let Patch { fixup, bytes, at, far } = patch;
        let value = match fixup.kind {
            FixKind::PcrelLo | FixKind::StorePcrelLo => self.pcrel_low(&fixup, fixups, index)?,
            _ => self.target_value(fixup.target)?,
        };
        let distance = (value as u32).wrapping_sub(at) as i32;
        let high = |value: i32| Format::Upper.encode_immediate(value.wrapping_add(0x800) & !0xfff);
        let low = |value: i32, format: Format| format.encode_immediate(value << 20 >> 20);
        match fixup.kind {
            FixKind::Data { width } => {
                self.check_width(value, width, fixup.span);
                bytes[..usize::from(width)].copy_from_slice(&value.to_le_bytes()[..usize::from(width)]);
            }
            FixKind::Relaxable if far => {
                let word = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
                // The opposite condition differs in one bit.
                set(bytes, (word ^ 0x1000) | Format::Branch.encode_immediate(8));
                let distance = distance.wrapping_sub(4);
                self.check_target(&fixup, Op::Jal, value, distance);
                let jump = Insn { imm: distance, ..Insn::new(Op::Jal) };
                set(&mut bytes[4..], jump.encode());
            }
            FixKind::Branch | FixKind::Relaxable => {
                self.check_target(&fixup, Op::Beq, value, distance);
                merge(bytes, Format::Branch.encode_immediate(distance));
            }
            FixKind::Jump => {
                self.check_target(&fixup, Op::Jal, value, distance);
                merge(bytes, Format::Jump.encode_immediate(distance));
            }
            FixKind::Immediate | FixKind::StoreImmediate | FixKind::Shamt => {
                let word = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
                let store = fixup.kind == FixKind::StoreImmediate;
                let op = Op::decode(word).unwrap_or(if store { Op::Sw } else { Op::Addi });
                if let Ok(imm) = self.fit(op, value, fixup.span) {
                    let format = if store { Format::Store } else { Format::RegImm };
                    merge(bytes, format.encode_immediate(imm));
                }
            }
            FixKind::Upper if (0..1 << 20).contains(&value) => merge(bytes, (value as u32) << 12),
            FixKind::Upper => {
                self.out_of_range(Op::Lui, value, fixup.span);
            }
            FixKind::Hi => merge(bytes, high(value as i32)),
            FixKind::Lo | FixKind::PcrelLo => merge(bytes, low(value as i32, Format::RegImm)),
            FixKind::StoreLo | FixKind::StorePcrelLo => merge(bytes, low(value as i32, Format::Store)),
            FixKind::PcrelHi => merge(bytes, high(distance)),
            FixKind::Pair | FixKind::StorePair | FixKind::Call => {
                // Like GNU ld: a call of a weak symbol that nobody defines goes to 0, without its base.
                let nowhere = fixup.kind == FixKind::Call && self.is_nowhere(fixup.target);
                let distance = if nowhere { 0 } else { distance };
                if nowhere {
                    let word = u32::from_le_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]);
                    set(&mut bytes[4..], word & !(31 << 15));
                }
                let format = if fixup.kind == FixKind::StorePair { Format::Store } else { Format::RegImm };
                merge(bytes, high(distance));
                merge(&mut bytes[4..], low(distance, format));
            }
            FixKind::AbsolutePair => {
                merge(bytes, high(value as i32));
                merge(&mut bytes[4..], low(value as i32, Format::RegImm));
            }
        }
        Ok(())
    }

    fn is_nowhere(&self, target: Target) -> bool {
        let Target::Symbol { symbol, .. } = target else { return false };
        let symbol = &self.symbols[symbol.0 as usize];
        symbol.is_weak() && symbol.meaning == Meaning::Undefined
    }

    /// `%pcrel_lo(label)`: the distance that the `%pcrel_hi` at the label is about.
    fn pcrel_low(&mut self, fixup: &Fixup, fixups: &[Fixup], index: usize) -> Result<i64, NoValue> {
        let (label, at) = match fixup.target {
            Target::Symbol { symbol, .. } => match self.scope().label(symbol) {
                Some((at, _)) => (at, self.scope().address(at)),
                None => {
                    self.target_value(fixup.target)?;
                    return self.no_high(fixup);
                }
            },
            Target::Node(_) => return self.no_high(fixup),
        };
        let section = &self.sections[label.section.0 as usize];
        let list = if label.section.0 as usize == index { fixups } else { &section.fixups };
        let first = list.partition_point(|f| f.offset < label.offset);
        let high = list[first..].iter().take_while(|f| f.offset == label.offset);
        match high.clone().find(|f| f.kind == FixKind::PcrelHi) {
            Some(high) => Ok(self.target_value(high.target)?.wrapping_sub(i64::from(at))),
            None => self.no_high(fixup),
        }
    }

    fn no_high(&mut self, fixup: &Fixup) -> Result<i64, NoValue> {
        let diagnostic = Diagnostic::new(Code::NoPcrelHi, "`%pcrel_lo` has no `%pcrel_hi`")
            .at(fixup.span, "this label marks no `auipc` with `%pcrel_hi`")
            .help("the operand of `%pcrel_lo` is a label at the `auipc`, not the symbol itself");
        self.shared.sink.report(diagnostic);
        Ok(0)
    }

    /// Checks that a jump or branch reaches its target, and that the target can be fetched.
    fn check_target(&mut self, fixup: &Fixup, op: Op, value: i64, distance: i32) {
        let Some(range) = op.format().immediate() else { return };
        if distance % 4 != 0 {
            let message = format!("the target {:#x} is no multiple of 4", value as u32);
            let diagnostic = Diagnostic::new(Code::MisalignedTarget, message)
                .at(fixup.span, "cannot be jumped to")
                .note("a jump to it is an alignment trap");
            self.shared.sink.report(diagnostic);
        }
        let even = i64::from(distance & !1);
        if range.contains(even) {
            return;
        }
        let far = distance.unsigned_abs();
        let message = format!(
            "the target is {far} bytes away; `{}` reaches {} back and {} on",
            op.mnemonic(),
            -range.min,
            range.max
        );
        let help = match op {
            Op::Jal => "`call` reaches everything, and so does `tail`, which clobbers `t1`",
            _ => "use the opposite branch around a `j`",
        };
        let diagnostic = Diagnostic::new(Code::TargetRange, message).at(fixup.span, "too far").help(help);
        self.shared.sink.report(diagnostic);
    }

    /// Checks what `.assert` demanded.
    fn check_asserts(&mut self) {
        for assertion in std::mem::take(&mut self.asserts) {
            match self.scope().value(assertion.value) {
                Ok(0) => {
                    let message =
                        assertion.message.unwrap_or_else(|| "the assertion does not hold".to_string());
                    let mut diagnostic =
                        Diagnostic::new(Code::AssertFailed, message).at(assertion.span, "this is 0");
                    if let Value::Node(node) = assertion.value
                        && let Node::Binary(op, a, b) = self.nodes[node.0 as usize]
                        && let (Ok(a), Ok(b)) = (self.scope().value(a), self.scope().value(b))
                    {
                        let number = crate::instruction::number;
                        diagnostic = diagnostic.note(format!("{} {} {}", number(a), op.symbol(), number(b)));
                    }
                    self.shared.sink.report(diagnostic);
                }
                Ok(_) => {}
                Err(error) => self.no_value(error, Some(assertion.span)),
            }
        }
    }

    fn image_symbols(&mut self) -> Symbols {
        let mut sizes: HashMap<SymbolId, u32> = HashMap::new();
        for (symbol, value) in &self.sizes {
            if let Ok(size) = self.scope().value(*value) {
                sizes.insert(*symbol, size as u32);
            }
        }
        let mut list = Vec::new();
        for (index, symbol) in self.symbols.iter().enumerate() {
            let text = self.names.text(symbol.name);
            // Compilers' own labels say nothing to people.
            if !symbol.named || text.starts_with(".L") {
                continue;
            }
            let id = SymbolId(index as u32);
            let scope = self.scope();
            let (kind, section) = match symbol.meaning {
                Meaning::Label(at) => (SymbolKind::Label, Some(at.section)),
                Meaning::Set(..) => match scope.label(id) {
                    Some((at, _)) => (SymbolKind::Label, Some(at.section)),
                    None => (SymbolKind::Constant, None),
                },
                _ => continue,
            };
            if section.is_some_and(|s| !self.sections[s.0 as usize].flags.alloc) {
                continue;
            }
            let Ok(value) = scope.value(Value::Symbol(id, 0)) else { continue };
            list.push(pg32_image::Symbol {
                name: text.to_string(),
                value: value as u32,
                size: sizes.get(&id).copied().unwrap_or(0),
                kind,
                global: symbol.is_global(),
                function: symbol.function,
            });
        }
        for embedded in &self.applications {
            let base = self.scope().address(embedded.at);
            list.extend(embedded.image.symbols.labels().iter().map(|label| pg32_image::Symbol {
                name: format!("{}:{}", embedded.name, label.name),
                value: base.wrapping_add(label.value),
                global: false,
                ..label.clone()
            }));
        }
        Symbols::new(list)
    }

    /// The rows of the image: those of the sections, with those of the applications in their place.
    fn image_lines(&mut self, outputs: &[Output]) -> LineTable {
        let mut files = FileTable::default();
        let mut rows = Vec::new();
        let parts: Vec<_> = outputs.iter().flat_map(|o| o.parts.iter().map(|p| p.0 as usize)).collect();
        for part in parts {
            let raw = std::mem::take(&mut self.sections[part].rows);
            let section = &self.sections[part];
            let end = section.size() as u32;
            let start = |row: &crate::section::Row| row.offset + section.shift(row.point);
            for (i, row) in raw.iter().enumerate() {
                let at = start(row);
                let length = raw.get(i + 1).map_or(end, start).saturating_sub(at);
                if length == 0 {
                    continue;
                }
                let address = section.base.wrapping_add(at);
                if self.shared.options.listing == Listing::Wanted {
                    self.listing.push(Listed { address, length, source: row.source, line: row.line });
                }
                let (source, line) = self.shared.sources.row_in_file(row.source, row.line);
                let (source, line) = files.place(&self.shared.sources, source, line);
                match rows.last_mut() {
                    Some(Line { address: last, length: so_far, source: same, line: number })
                        if (*same, *number) == (source, line) && *last + *so_far == address =>
                    {
                        *so_far += length;
                    }
                    _ => rows.push(Line { address, length, source, line }),
                }
            }
        }
        rows.sort_unstable_by_key(|r| r.address);
        for embedded in std::mem::take(&mut self.applications) {
            let base = self.scope().address(embedded.at);
            self.listing.extend(
                embedded.listing.iter().map(|l| Listed { address: base.wrapping_add(l.address), ..*l }),
            );
            let length = embedded.image.extent() as u32;
            let inner = embedded.image.lines;
            let ids: Vec<_> = inner.sources.into_iter().map(|s| files.adopt(s)).collect();
            let at = rows.partition_point(|r| r.address < base);
            let behind = rows[at..].iter().take_while(|r| r.address < base.saturating_add(length)).count();
            let own: Vec<Line> = inner
                .rows
                .iter()
                .map(|r| Line { address: base + r.address, source: ids[r.source.0 as usize], ..*r })
                .collect();
            rows.splice(at..at + behind, own);
        }
        LineTable { sources: files.list, rows }
    }
}

/// The sources that rows speak of.
#[derive(Default)]
struct FileTable {
    list: Vec<Source>,
    /// By assembler source and line marker.
    known: HashMap<(SourceId, usize), pg32_image::SourceId>,
    last: Option<((SourceId, usize), pg32_image::SourceId)>,
    /// Per source, the offsets at which its line markers' lines begin, as line numbers.
    markers: HashMap<SourceId, Vec<(u32, u32)>>,
}

impl FileTable {
    /// The file and line that line `line` of `source` is, line markers considered.
    fn place(
        &mut self,
        sources: &crate::Sources,
        source: SourceId,
        line: u32,
    ) -> (pg32_image::SourceId, u32) {
        let text = sources.get(source);
        if text.markers.is_empty() {
            let known = text.origin != crate::Origin::Named;
            let text = || (text.name.clone(), known.then(|| Arc::clone(&text.text)));
            return (self.file((source, 0), text), line);
        }
        let starts = self.markers.entry(source).or_insert_with(|| {
            let mut starts = Vec::new();
            let (mut at, mut number) = (0, 1);
            for marker in &text.markers {
                let end = marker.offset as usize;
                number += text.text.as_bytes()[at..end].iter().filter(|b| **b == b'\n').count() as u32;
                at = end;
                starts.push((number, marker.line));
            }
            starts
        });
        let index = starts.partition_point(|(first, _)| *first <= line);
        let Some(&(first, named)) = index.checked_sub(1).and_then(|i| starts.get(i)) else {
            return (self.file((source, 0), || (text.name.clone(), Some(Arc::clone(&text.text)))), line);
        };
        let id = self.file((source, index), || (text.markers[index - 1].name.clone(), None));
        (id, named.saturating_add(line - first))
    }

    fn file(
        &mut self,
        key: (SourceId, usize),
        describe: impl FnOnce() -> (String, Option<Arc<String>>),
    ) -> pg32_image::SourceId {
        if let Some((last, id)) = self.last
            && last == key
        {
            return id;
        }
        let id = match self.known.get(&key) {
            Some(id) => *id,
            None => {
                let (name, text) = describe();
                let id = self.adopt(Source { name, text });
                self.known.insert(key, id);
                id
            }
        };
        self.last = Some((key, id));
        id
    }

    /// The number of this source, new or known.
    fn adopt(&mut self, source: Source) -> pg32_image::SourceId {
        let same = |s: &Source| s.name == source.name && s.text.is_some() == source.text.is_some();
        if let Some(index) = self.list.iter().position(same) {
            return pg32_image::SourceId(index as u32);
        }
        self.list.push(source);
        pg32_image::SourceId(self.list.len() as u32 - 1)
    }
}

fn is_defined(meaning: Meaning) -> bool {
    !matches!(meaning, Meaning::Undefined | Meaning::Same(_))
}

fn set(bytes: &mut [u8], word: u32) {
    bytes[..4].copy_from_slice(&word.to_le_bytes());
}

fn merge(bytes: &mut [u8], bits: u32) {
    let word = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    set(bytes, word | bits);
}

/// Where GNU ld comes to a common symbol: it walks its hash table (binutils `bfd/hash.c`).
fn ld_order(name: &str) -> u64 {
    const BUCKETS: u64 = 4051;
    let stir = |hash: u64, value: u64| {
        let hash = hash.wrapping_add(value.wrapping_add(value << 17));
        hash ^ hash >> 2
    };
    let hash = name.bytes().fold(0, |hash, byte| stir(hash, u64::from(byte)));
    stir(hash, name.len() as u64) % BUCKETS
}

/// Fills an alignment's gap as GNU as does.
fn fill_gap(out: &mut Vec<u8>, size: usize, fill: Fill) {
    let end = out.len() + size;
    match fill {
        Fill::Nops => {
            // What is no whole instruction comes first: a zero byte, then the compressed no-operation that GNU as
            // puts there whether or not there are compressed instructions.
            if size & 1 != 0 {
                out.push(0);
            }
            if size & 2 != 0 {
                out.extend_from_slice(&[1, 0]);
            }
            while out.len() < end {
                out.extend_from_slice(&Insn::new(Op::Addi).encode().to_le_bytes());
            }
        }
        Fill::Pattern { pattern, width } => {
            let width = usize::from(width);
            out.resize(out.len() + size % width, 0);
            while out.len() < end {
                out.extend_from_slice(&pattern.to_le_bytes()[..width]);
            }
        }
    }
}

/// How many symbols are compared with a misspelt one.
const MAX_CANDIDATES: usize = 10_000;
