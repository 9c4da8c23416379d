//! From addresses back to source lines.

use std::ops::Range;
use std::sync::Arc;

/// A source of the image, by position in [`LineTable::sources`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SourceId(pub u32);

/// A source file as the tools show it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Source {
    /// The path as the user gave it or as an `.include` named it; never made absolute.
    pub name: String,
    /// Its text, where it is at hand: an image read back from a file has only names.
    pub text: Option<Arc<String>>,
}

/// One row: the bytes from `address` to the next row's address came from this line.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Line {
    /// Physical address of the first byte.
    pub address: u32,
    /// Bytes that the row covers, at least 1.
    pub length: u32,
    /// Which source.
    pub source: SourceId,
    /// Line number, from 1.
    pub line: u32,
}

/// The rows, in order of address, and the sources they speak of.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LineTable {
    /// The sources, by [`SourceId`].
    pub sources: Vec<Source>,
    /// The rows, sorted by address; they do not overlap.
    pub rows: Vec<Line>,
}

impl LineTable {
    /// The row that covers physical `address`.
    #[must_use]
    pub fn find(&self, address: u32) -> Option<&Line> {
        let index = self.rows.partition_point(|row| row.address <= address).checked_sub(1)?;
        let row = &self.rows[index];
        (address - row.address < row.length).then_some(row)
    }

    /// The source of a row.
    #[must_use]
    pub fn source(&self, row: &Line) -> &Source {
        &self.sources[row.source.0 as usize]
    }

    /// `file:line` of physical `address`, if it is known.
    #[must_use]
    pub fn describe(&self, address: u32) -> Option<String> {
        let row = self.find(address)?;
        Some(format!("{}:{}", self.source(row).name, row.line))
    }

    /// The byte range of a row's line within its source's text, without the line end.
    #[must_use]
    pub fn span(&self, row: &Line) -> Option<Range<usize>> {
        let text = self.source(row).text.as_deref()?;
        let mut start = 0;
        for _ in 1..row.line {
            start += text[start..].find('\n')? + 1;
        }
        let end = text[start..].find('\n').map_or(text.len(), |n| start + n);
        Some(start..end)
    }
}
