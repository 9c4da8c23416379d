//! The bytes of sections, complete: gaps filled, and every value that waited for its address put in.

use crate::assembler::Assembler;
use crate::codes::Code;
use crate::data::leb128;
use crate::diagnostic::Diagnostic;
use crate::expr::{NoValue, Value};
use crate::layout::Output;
use crate::section::{Fill, FixKind, Fixup, PointKind, Target};
use crate::symbol::Meaning;
use pg32_image::Segment;
use pg32_isa::{Format, Insn, Op};
use std::collections::HashSet;

impl Assembler<'_, '_> {
    /// The bytes of every output section, complete.
    pub(crate) fn segments(&mut self, outputs: &[Output]) -> Vec<Segment> {
        let mut segments = Vec::new();
        let mut failed = HashSet::new();
        let limit = self.shared.options.limits.image_bytes;
        for output in outputs.iter().filter(|o| o.size > 0) {
            if self.is_template(output) {
                continue;
            }
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
            match self.sections[index].kind(point) {
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

fn set(bytes: &mut [u8], word: u32) {
    bytes[..4].copy_from_slice(&word.to_le_bytes());
}

fn merge(bytes: &mut [u8], bits: u32) {
    let word = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    set(bytes, word | bits);
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
