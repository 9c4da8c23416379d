//! Symbols of the source: what each is known to be so far.

use crate::expr::Value;
use crate::names::NameId;
use crate::section::SectionId;
use crate::source::Span;

/// A symbol, by position in the assembly's list.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct SymbolId(pub(crate) u32);

/// A place in a section: `offset` bytes of its fixed part, behind the first `point` variable parts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct At {
    pub(crate) section: SectionId,
    pub(crate) offset: u32,
    pub(crate) point: u32,
}

/// What a symbol stands for.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Meaning {
    /// Used, but not defined (yet).
    Undefined,
    /// A label.
    Label(At),
    /// `.set`, `.equ`, `=`; the flag says whether it may be set again.
    Set(Value, Again),
    /// `.comm`: storage that this unit shares with whoever else asks for it.
    Common { size: u32, align: u32 },
    /// The same as another unit's global symbol.
    Same(SymbolId),
}

/// Whether a `.set` symbol may get another value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Again {
    Allowed,
    /// `.equiv`.
    Never,
}

/// Who sees a symbol.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Binding {
    /// Its own unit, because nobody said otherwise.
    #[default]
    Default,
    /// Its own unit, by `.local`.
    Local,
    /// Every unit.
    Global,
    /// Every unit; another definition goes before it, and without any it is 0.
    Weak,
}

/// A symbol.
#[derive(Clone, Debug)]
pub(crate) struct Symbol {
    pub(crate) name: NameId,
    pub(crate) meaning: Meaning,
    pub(crate) binding: Binding,
    /// `.type` said that it is a function.
    pub(crate) function: bool,
    /// Named by the source, not made up for `.` or a numeric label.
    pub(crate) named: bool,
    /// Whether anything but its definition speaks of it.
    pub(crate) used: bool,
    /// Where it is defined; where it was first used while it is not.
    pub(crate) span: Span,
}

impl Symbol {
    pub(crate) fn is_weak(&self) -> bool {
        self.binding == Binding::Weak
    }

    /// Whether other units see it.
    pub(crate) fn is_global(&self) -> bool {
        matches!(self.binding, Binding::Global | Binding::Weak)
    }
}
