//! What an image says beside its bytes: symbols, and the source lines with those of the applications in their place.

use crate::assembler::{Assembler, SCOPE};
use crate::expr::Value;
use crate::layout::Output;
use crate::names::NameId;
use crate::source::SourceId;
use crate::symbol::{Meaning, SymbolId};
use crate::{Listed, Listing};
use pg32_image::{Line, LineTable, Source, SymbolKind, Symbols};
use std::collections::HashMap;
use std::sync::Arc;

impl Assembler<'_, '_> {
    /// The symbols of the image. Called last: what is known about them and their sections is dropped before their names
    /// are written out, since there may be a million of them.
    pub(crate) fn image_symbols(&mut self) -> Symbols {
        let mut found = self.found_symbols();
        let mut list = std::mem::take(&mut self.application_symbols);
        (self.symbols, self.sections, self.nodes) = Default::default();
        found.shrink_to_fit();
        list.reserve_exact(found.len());
        let own = found.into_iter().map(|f| pg32_image::Symbol {
            name: self.names.text(f.name).to_string(),
            value: f.value,
            size: f.size,
            kind: f.kind,
            global: f.global,
            function: f.function,
        });
        list.splice(0..0, own);
        Symbols::new(list)
    }

    fn found_symbols(&self) -> Vec<Found> {
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
            if !symbol.named || text.starts_with(".L") || text.contains(SCOPE) {
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
            list.push(Found {
                name: symbol.name,
                value: value as u32,
                size: sizes.get(&id).copied().unwrap_or(0),
                kind,
                global: symbol.is_global(),
                function: symbol.function,
            });
        }
        list
    }

    /// The rows of the image: those of the sections, with those of the applications in their place.
    pub(crate) fn image_lines(&mut self, outputs: &[Output]) -> LineTable {
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
            let labels = embedded.image.symbols.labels().iter().map(|label| pg32_image::Symbol {
                name: format!("{}:{}", embedded.name, label.name),
                value: base.wrapping_add(label.value),
                global: false,
                ..label.clone()
            });
            self.application_symbols.extend(labels);
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

/// What an image says about a symbol, but for the text of its name.
struct Found {
    name: NameId,
    value: u32,
    size: u32,
    kind: SymbolKind,
    global: bool,
    function: bool,
}

/// The sources that rows speak of.
#[derive(Default)]
pub(crate) struct FileTable {
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
