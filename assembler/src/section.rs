//! Sections while they are being filled: bytes whose place is known but for a few variable parts between them.

use crate::expr::{NodeId, Value};
use crate::source::{SourceId, Span};
use crate::symbol::{At, SymbolId};

/// A section, by position in the assembly's list.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct SectionId(pub(crate) u32);

/// What a section is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Flags {
    /// It takes storage.
    pub(crate) alloc: bool,
    pub(crate) write: bool,
    pub(crate) execute: bool,
    /// It has no bytes in a file, only a size.
    pub(crate) nobits: bool,
    /// It is the template of every thread's own storage.
    pub(crate) tls: bool,
}

/// What a [`Point`] does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum PointKind {
    /// Up to a multiple of `1 << log2`, if that takes at most `max` bytes.
    Align { log2: u8, max: u32, fill: Fill },
    /// The second half of the branch whose fixup is `fixup`, if it is far.
    Branch { fixup: u32 },
    /// `value` bytes of `fill`.
    Space { value: Value, fill: u8, span: Span },
    /// Up to `value` bytes from the section's start.
    Org { value: Value, fill: u8, span: Span },
    /// `value`, in as many bytes as LEB128 takes.
    Leb { value: Value, signed: bool },
}

/// A [`PointKind`] in four bytes: a branch by its fixup, anything else by its place in [`Section::kinds`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part(u32);

impl Part {
    const BRANCH: u32 = 1 << 31;

    fn branch(fixup: u32) -> Self {
        Part(fixup | Part::BRANCH)
    }

    /// The same part of a section to which so many fixups and kinds were added in front.
    pub(crate) fn moved(self, fixups: u32, kinds: u32) -> Self {
        Part(self.0 + if self.0 & Part::BRANCH != 0 { fixups } else { kinds })
    }
}

/// What fills an alignment's gap.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fill {
    /// Instructions that do nothing.
    Nops,
    /// The low `width` bytes of `pattern`, again and again.
    Pattern { pattern: u32, width: u8 },
}

/// A variable part between fixed bytes. A source can have a million branches, and each is one: so this is small.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Point {
    pub(crate) part: Part,
    /// Fixed bytes before it.
    pub(crate) offset: u32,
    /// Bytes it takes, as far as layout has got.
    pub(crate) size: u32,
    /// Bytes that it and every point before it take.
    pub(crate) shift: u32,
    /// Bytes that it and every point before it may take at most, saturating.
    pub(crate) worst: u32,
}

/// What a fixup puts into the bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum FixKind {
    /// A data value of one, two or four bytes; the eight-byte form sign-extends.
    Data { width: u8 },
    /// The target of a branch that is near.
    Branch,
    /// The target of a branch that a point may make far.
    Relaxable,
    /// The target of `jal`.
    Jump,
    /// An I immediate, which must fit.
    Immediate,
    /// An S immediate, which must fit.
    StoreImmediate,
    /// A shift amount.
    Shamt,
    /// A U immediate, which must fit in 20 bits.
    Upper,
    /// `%hi`.
    Hi,
    /// `%lo` in an I immediate.
    Lo,
    /// `%lo` in an S immediate.
    StoreLo,
    /// `%pcrel_hi`.
    PcrelHi,
    /// `%pcrel_lo` in an I immediate: the value is the address of the instruction with the `%pcrel_hi`.
    PcrelLo,
    /// `%pcrel_lo` in an S immediate.
    StorePcrelLo,
    /// `auipc`, then an instruction with an I immediate.
    Pair,
    /// `auipc`, then one with an S immediate.
    StorePair,
    /// `auipc`, `jalr`.
    Call,
    /// `lui`, `addi`.
    AbsolutePair,
}

/// What is to be filled in when every address is known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fixup {
    pub(crate) target: Target,
    pub(crate) offset: u32,
    pub(crate) kind: FixKind,
    pub(crate) span: Span,
}

/// The value of a fixup, in few bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    Symbol { symbol: SymbolId, addend: i32 },
    Node(NodeId),
}

/// From the bytes at this place to those of the next row: one source line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) offset: u32,
    pub(crate) point: u32,
    pub(crate) source: SourceId,
    pub(crate) line: u32,
}

/// Where execution goes behind the last thing in a section.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Flow {
    /// Nowhere that is known to be wrong: elsewhere, or there is nothing yet.
    Elsewhere,
    /// On into what follows; the instruction is at this place.
    On(Span),
}

/// A section of one unit.
#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) name: String,
    pub(crate) unit: u32,
    /// GNU as's number of a part; the parts of a section are joined in their order when the unit ends.
    pub(crate) subsection: u32,
    pub(crate) flags: Flags,
    /// What may be merged with others of its kind.
    pub(crate) mergeable: Option<crate::merge::Mergeable>,
    /// Where its last instruction leads.
    pub(crate) flow: Flow,
    /// What it begins with, if that is no instruction.
    pub(crate) text_first: Option<Span>,
    /// Whether the source said what it is for.
    pub(crate) said_flags: bool,
    /// Alignments, by their points, that wait for an instruction, and where the source has them.
    pub(crate) waiting: Vec<(u32, Span)>,
    /// Those that have waited in vain.
    pub(crate) idle: Vec<(u32, Span)>,
    /// Where the source first named it.
    pub(crate) span: Option<Span>,
    /// Its alignment, as a power of two.
    pub(crate) align: u8,
    /// Its bytes, if it has some.
    pub(crate) data: Vec<u8>,
    /// Fixed bytes; `data.len()` if it has bytes.
    pub(crate) len: u32,
    pub(crate) points: Vec<Point>,
    /// What points do that are no branches.
    pub(crate) kinds: Vec<PointKind>,
    pub(crate) fixups: Vec<Fixup>,
    pub(crate) rows: Vec<Row>,
    /// Physical address, when layout has found it.
    pub(crate) base: u32,
    /// Whether a misplaced instruction has been reported.
    pub(crate) misaligned: bool,
}

impl Section {
    pub(crate) fn new(name: &str, unit: u32, flags: Flags) -> Self {
        Section {
            name: name.to_string(),
            unit,
            subsection: 0,
            flags,
            mergeable: None,
            flow: Flow::Elsewhere,
            text_first: None,
            said_flags: false,
            waiting: Vec::new(),
            idle: Vec::new(),
            span: None,
            // What GNU as gives code without the C extension.
            align: if flags.execute { 2 } else { 0 },
            data: Vec::new(),
            len: 0,
            points: Vec::new(),
            kinds: Vec::new(),
            fixups: Vec::new(),
            rows: Vec::new(),
            base: 0,
            misaligned: false,
        }
    }

    /// Appends `bytes`; the caller has checked that the section has bytes and that the image has room.
    #[inline]
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.data.extend_from_slice(bytes);
        self.len += bytes.len() as u32;
    }

    /// Appends a variable part that takes at most `worst` bytes.
    pub(crate) fn push_point(&mut self, kind: PointKind, worst: u32) {
        let before = self.points.last().map_or(0, |p| p.worst);
        let part = match kind {
            PointKind::Branch { fixup } => Part::branch(fixup),
            kind => {
                self.kinds.push(kind);
                Part(self.kinds.len() as u32 - 1)
            }
        };
        self.points.push(Point {
            part,
            offset: self.len,
            size: 0,
            shift: 0,
            worst: before.saturating_add(worst),
        });
    }

    /// What a point of this section does.
    #[inline]
    pub(crate) fn kind(&self, point: &Point) -> PointKind {
        match point.part.0 {
            branch if branch & Part::BRANCH != 0 => PointKind::Branch { fixup: branch & !Part::BRANCH },
            index => self.kinds[index as usize],
        }
    }

    /// The greatest number of bytes that the alignment at the point may take.
    pub(crate) fn alignment_limit(&mut self, point: usize) -> Option<&mut u32> {
        match self.kinds.get_mut(self.points[point].part.0 as usize) {
            Some(PointKind::Align { max, .. }) => Some(max),
            _ => None,
        }
    }

    /// Bytes that the first `count` variable parts take.
    #[inline]
    pub(crate) fn shift(&self, count: u32) -> u32 {
        if count == 0 { 0 } else { self.points[count as usize - 1].shift }
    }

    /// Bytes that it takes with its variable parts, in 64 bits because a source can ask for any number.
    pub(crate) fn size(&self) -> u64 {
        u64::from(self.len) + u64::from(self.shift(self.points.len() as u32))
    }

    /// Bytes from its start to `at`.
    #[inline]
    pub(crate) fn offset_of(&self, at: At) -> u32 {
        at.offset.wrapping_add(self.shift(at.point))
    }
}
