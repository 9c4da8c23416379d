//! Layout: how large every variable part is, and where every section lies. Redone until nothing changes; the text is
//! never read again.

use crate::assembler::{Assembler, Space};
use crate::codes::Code;
use crate::data::leb128;
use crate::diagnostic::Diagnostic;
use crate::dispatch::parent;
use crate::expr::{NoValue, Value};
use crate::section::{Point, PointKind, Section, SectionId, Target};
use crate::source::Span;
use crate::symbol::{Meaning, SymbolId};

/// A section of the image: those of the units that go by one name, one after another.
pub(crate) struct Output {
    pub(crate) name: String,
    pub(crate) parts: Vec<SectionId>,
    pub(crate) placed: Option<(u32, Option<Span>)>,
    pub(crate) base: u32,
    pub(crate) size: u64,
}

/// Where code begins: behind the trap area (principles, section 1).
pub(crate) const CODE: u32 = 0x80;

/// How often layout may be redone; real sources need three or four rounds.
const MAX_ROUNDS: u32 = 64;

/// How often a far branch may become near again.
const MAX_SHRINKS: u32 = 24;

/// The order of the sections that every image may have.
const ORDER: [&str; 5] = [".trap", ".text", ".rodata", ".data", ".bss"];

impl Assembler<'_, '_> {
    /// Finds the place of everything.
    pub(crate) fn lay_out(&mut self) -> Vec<Output> {
        let mut outputs = self.outputs();
        let mut problems = Problems::default();
        for round in 0.. {
            problems = Problems::default();
            let mut changed = self.place_sections(&mut outputs);
            for index in 0..self.sections.len() {
                changed |= self.sweep(index, round, &mut problems);
            }
            if !changed {
                break;
            }
            if round >= MAX_ROUNDS {
                let message = "the sizes of some directives depend on each other without end";
                let mut diagnostic = Diagnostic::new(Code::Unsettled, message);
                if let Some(span) = problems.unsettled {
                    diagnostic = diagnostic.at(span, "no size is right for this one");
                }
                problems.list.push(diagnostic);
                break;
            }
        }
        for problem in problems.list {
            self.shared.sink.report(problem);
        }
        for (error, span) in problems.values {
            self.no_value(error, span);
        }
        if !self.shared.sink.is_full() {
            self.check_places(&outputs);
        }
        self.far_note();
        self.idle_alignments();
        outputs
    }

    /// Warns of alignments that have no effect because GNU as leaves them out.
    fn idle_alignments(&mut self) {
        for section in &self.sections {
            for (index, span) in section.idle.iter().chain(&section.waiting) {
                let point = &section.points[*index as usize];
                let PointKind::Align { log2, .. } = section.kind(point) else { continue };
                let gap = (point.offset + section.shift(*index)) & ((1 << log2) - 1);
                if gap != 0 && point.offset < section.len {
                    let message = format!("what follows lies {gap} bytes behind a multiple of {}", 1 << log2);
                    let diagnostic = Diagnostic::new(Code::IdleAlignment, message)
                        .at(*span, "has no effect before data among code, like in GNU as")
                        .help(format!("with a fill it has one: `.p2align {log2}, 0`"));
                    self.shared.sink.report(diagnostic);
                }
            }
        }
    }

    /// The output sections in their order.
    fn outputs(&mut self) -> Vec<Output> {
        if self.space == Space::Kernel {
            for (name, address) in &self.shared.options.section_start {
                self.placed.insert(name.clone(), (*address, None));
            }
        }
        let mut outputs: Vec<Output> = Vec::new();
        for (index, section) in self.sections.iter().enumerate().filter(|(_, s)| s.flags.alloc) {
            // A section that is placed by its own name is no part of its parent.
            let own = self.placed.contains_key(&section.name);
            let name = if own { section.name.as_str() } else { parent(&section.name) };
            let id = SectionId(index as u32);
            match outputs.iter_mut().find(|o| o.name == name) {
                Some(output) => output.parts.push(id),
                None => outputs.push(Output {
                    name: name.to_string(),
                    parts: vec![id],
                    placed: self.placed.get(name).copied(),
                    base: 0,
                    size: 0,
                }),
            }
        }
        let rank = |o: &Output| ORDER.iter().position(|n| *n == o.name).unwrap_or(ORDER.len());
        outputs.sort_by_key(rank);
        // A thread's zeroed storage lies behind what is copied into its block, wherever it was named first.
        let block = |o: &Output| o.parts.iter().any(|p| self.sections[p.0 as usize].flags.tls);
        if let Some(first) = outputs.iter().position(block) {
            outputs[first..].sort_by_key(|o| if !block(o) { 2 } else { u8::from(self.is_template(o)) });
        }
        outputs
    }

    /// Gives each section its address; says whether one moved.
    fn place_sections(&mut self, outputs: &mut [Output]) -> bool {
        let mut changed = false;
        let mut cursor = if self.space == Space::Kernel { u64::from(CODE) } else { 0 };
        for output in outputs {
            let trap = output.name == ".trap" && self.space == Space::Kernel;
            let start = match output.placed {
                Some((address, _)) => u64::from(address),
                None if trap => 0,
                None => {
                    let align =
                        output.parts.iter().map(|p| self.sections[p.0 as usize].align).max().unwrap_or(0);
                    cursor.next_multiple_of(1 << align)
                }
            };
            let mut at = start;
            for part in &output.parts {
                let section = &mut self.sections[part.0 as usize];
                let size = section.size();
                // An empty part takes no padding either: it would show in what follows.
                if size > 0 {
                    at = at.next_multiple_of(1 << section.align);
                }
                let base = u32::try_from(at).unwrap_or(u32::MAX);
                changed |= section.base != base;
                section.base = base;
                at += size;
            }
            output.base = u32::try_from(start).unwrap_or(u32::MAX);
            output.size = at - start;
            // Like GNU ld: what every thread gets its own of takes no room where its size is all there is.
            if output.placed.is_none() && !trap && output.size > 0 && !self.is_template(output) {
                cursor = at;
            }
        }
        changed
    }

    /// Whether the section is the size of a thread's zeroed storage, and nothing else.
    pub(crate) fn is_template(&self, output: &Output) -> bool {
        let flags = output.parts.iter().map(|p| self.sections[p.0 as usize].flags);
        flags.into_iter().all(|f| f.tls && f.nobits)
    }

    /// Gives the variable parts of one section their sizes; says whether one changed.
    fn sweep(&mut self, index: usize, round: u32, problems: &mut Problems) -> bool {
        let mut points = std::mem::take(&mut self.sections[index].points);
        let mut shift = 0_u32;
        let mut changed = false;
        // The points are out of their section for the while, and back in it wherever a value is asked for.
        for i in 0..points.len() {
            let mut point = points[i];
            let here = u64::from(point.offset) + u64::from(shift);
            let size = match self.sections[index].kind(&point) {
                PointKind::Align { log2, max, .. } => {
                    let gap = here.next_multiple_of(1 << log2) - here;
                    if gap <= u64::from(max) { gap as u32 } else { 0 }
                }
                // Going back and forth must end.
                PointKind::Branch { .. } if round > MAX_SHRINKS && point.size > 0 => point.size,
                PointKind::Branch { fixup } => {
                    let far = self.is_far(index, round, &points, (i, fixup), shift);
                    if far { 4 } else { 0 }
                }
                kind => {
                    self.sections[index].points = points;
                    let size = self.dynamic_size(index, kind, here, problems);
                    points = std::mem::take(&mut self.sections[index].points);
                    size
                }
            };
            if size != point.size
                && let PointKind::Space { span, .. } | PointKind::Org { span, .. } =
                    self.sections[index].kind(&point)
            {
                problems.unsettled.get_or_insert(span);
            }
            shift = shift.saturating_add(size);
            changed |= size != point.size || shift != point.shift;
            point.size = size;
            point.shift = shift;
            points[i] = point;
        }
        self.sections[index].points = points;
        changed
    }

    /// Whether a branch, by its point and its fixup, does not reach its target. `shift` is what lies before it.
    ///
    /// Where a near and a far form would both fit their own consequences, GNU as's choice depends on its first guess: it
    /// takes what it has not visited yet to lie at 0. So does this.
    fn is_far(&self, index: usize, round: u32, points: &[Point], branch: (usize, u32), shift: u32) -> bool {
        let section: &Section = &self.sections[index];
        let fixup = &section.fixups[branch.1 as usize];
        let Target::Symbol { symbol, addend } = fixup.target else { return true };
        let Some((at, more)) = self.branch_target(symbol) else { return true };
        if at.section.0 as usize != index {
            return true;
        }
        let part = (at.point as usize).checked_sub(1).map(|p| &points[p]);
        let before = match part {
            None => 0,
            Some(part) if round == 0 && at.point as usize > branch.0 => -i64::from(part.offset),
            Some(part) => i64::from(part.shift),
        };
        let target = i64::from(at.offset) + before + i64::from(addend) + more;
        let distance = target - (i64::from(fixup.offset) + i64::from(shift));
        !(-4096..4096).contains(&distance)
    }

    /// The label that a branch goes to, if GNU as would count on it: not through a weak symbol.
    fn branch_target(&self, symbol: SymbolId) -> Option<(crate::symbol::At, i64)> {
        let found = &self.symbols[symbol.0 as usize];
        if found.is_weak() {
            return None;
        }
        match found.meaning {
            Meaning::Label(at) => Some((at, 0)),
            Meaning::Same(_) => None,
            _ => self.scope().label(symbol),
        }
    }

    fn dynamic_size(&mut self, index: usize, kind: PointKind, here: u64, problems: &mut Problems) -> u32 {
        let (value, span) = match kind {
            PointKind::Space { value, span, .. } | PointKind::Org { value, span, .. } => (value, Some(span)),
            PointKind::Leb { value, signed } => {
                return match self.scope().value(value) {
                    Ok(number) => leb128(number, signed).len() as u32,
                    Err(error) => {
                        problems.values.push((error, None));
                        1
                    }
                };
            }
            PointKind::Align { .. } | PointKind::Branch { .. } => return 0,
        };
        let Some(span) = span else { return 0 };
        let size = match self.scope().value(value) {
            Err(error) => {
                problems.values.push((error, Some(span)));
                return 0;
            }
            Ok(number) if matches!(kind, PointKind::Org { .. }) => {
                let base = i64::from(self.sections[index].base);
                let to = if matches!(value, Value::Const(_)) { number } else { number - base };
                if to < here as i64 {
                    let diagnostic = Diagnostic::new(
                        Code::OrgBackwards,
                        format!("`.org` to {to:#x} goes back: the section is at {here:#x} already"),
                    );
                    problems.list.push(diagnostic.at(span, "lies behind us"));
                    return 0;
                }
                to - here as i64
            }
            Ok(number) if number < 0 => {
                let message = format!("{number} bytes cannot be reserved");
                problems
                    .list
                    .push(Diagnostic::new(Code::NegativeCount, message).at(span, "a negative number"));
                return 0;
            }
            Ok(number) => number,
        };
        let room = if self.sections[index].flags.nobits {
            crate::data::MAX_SECTION
        } else {
            self.shared.options.limits.image_bytes
        };
        if size as u64 + here > room {
            let message = format!("the section would be larger than {room} bytes");
            problems
                .list
                .push(Diagnostic::new(Code::ImageTooLarge, message).at(span, format!("{size} bytes more")));
            return 0;
        }
        size as u32
    }

    /// Reports sections that do not fit where they are.
    fn check_places(&mut self, outputs: &[Output]) {
        let mut sorted: Vec<&Output> =
            outputs.iter().filter(|o| o.size > 0 && !self.is_template(o)).collect();
        sorted.sort_by_key(|o| o.base);
        for output in &sorted {
            let end = u64::from(output.base) + output.size;
            let trap = output.name == ".trap" && self.space == Space::Kernel && output.placed.is_none();
            if trap && end > u64::from(CODE) {
                let message = format!("`.trap` has {} bytes; the trap area has {CODE}", output.size);
                let mut diagnostic = Diagnostic::new(Code::TrapArea, message)
                    .help("what does not belong to the slots can lie in `.text` or `.data`");
                if let Some(span) = self.span_of(output) {
                    diagnostic = diagnostic.at(span, "too large");
                }
                self.shared.sink.report(diagnostic);
            } else if end > crate::data::MAX_SECTION {
                let message = format!("`{}` ends at {end:#x}, beyond what storage can be", output.name);
                let mut diagnostic = Diagnostic::new(Code::ImageTooLarge, message);
                if let Some(span) = self.span_of(output) {
                    diagnostic = diagnostic.at(span, "lies beyond 2 GiB");
                }
                self.shared.sink.report(diagnostic);
            }
        }
        for pair in sorted.windows(2) {
            let [low, high] = pair else { continue };
            let end = u64::from(low.base) + low.size;
            if end <= u64::from(high.base) || low.name == ".trap" && low.placed.is_none() {
                continue;
            }
            let message = format!(
                "`{}` at {:#x} overlaps `{}`, which ends at {end:#x}",
                high.name, high.base, low.name
            );
            let mut diagnostic = Diagnostic::new(Code::Overlap, message);
            let spans = [high, low].map(|o| o.placed.and_then(|(_, span)| span).or(self.span_of(o)));
            for span in spans.into_iter().flatten() {
                diagnostic = diagnostic.at(span, "one of them");
            }
            self.shared.sink.report(diagnostic);
        }
    }

    fn span_of(&self, output: &Output) -> Option<Span> {
        output.parts.iter().find_map(|p| self.sections[p.0 as usize].span)
    }

    /// Whether a target is a symbol that nobody defines, which is reported by itself.
    fn is_missing(&self, target: Target) -> bool {
        let Target::Symbol { symbol, .. } = target else { return false };
        let symbol = &self.symbols[symbol.0 as usize];
        symbol.meaning == Meaning::Undefined && !symbol.is_weak()
    }

    /// Says which branches became far ones.
    fn far_note(&mut self) {
        let mut spans = Vec::new();
        let mut count = 0_usize;
        for section in self.sections.iter().filter(|s| s.flags.alloc) {
            for point in &section.points {
                if let PointKind::Branch { fixup } = section.kind(point)
                    && point.size > 0
                    && !self.is_missing(section.fixups[fixup as usize].target)
                {
                    count += 1;
                    if spans.len() < 3 {
                        spans.push(section.fixups[fixup as usize].span);
                    }
                }
            }
        }
        let Some(first) = spans.first() else { return };
        let message = match count {
            1 => "a branch became the opposite branch around a `j`".to_string(),
            n => format!("{n} branches became the opposite branch around a `j`"),
        };
        let mut diagnostic =
            Diagnostic::new(Code::FarBranch, message).at(*first, "farther than a branch reaches");
        for span in &spans[1..] {
            diagnostic = diagnostic.at(*span, "this one too");
        }
        diagnostic = diagnostic
            .note("a branch reaches 4 KiB; like GNU as, the assembler also takes targets in other sections to be far");
        self.shared.sink.report(diagnostic);
    }
}

/// What is wrong in this round; only that of the last one counts.
#[derive(Default)]
struct Problems {
    list: Vec<Diagnostic>,
    /// Values that there are not, and where they were asked for.
    values: Vec<(NoValue, Option<Span>)>,
    /// The first directive whose size was not yet the last one.
    unsettled: Option<Span>,
}
