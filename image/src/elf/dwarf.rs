//! Source lines as DWARF: the only module that names gimli.

use crate::{Line, LineTable, Source, SourceId};
use gimli::write::{
    Address, AttributeValue, DwarfUnit, EndianVec, LineProgram, LineString, Range, RangeList, Sections,
};
use gimli::{Encoding, Format, LineEncoding, LittleEndian, SectionId};
use std::collections::HashMap;

/// Version 4: every tool reads it, and file names stand in the line table itself.
const ENCODING: Encoding = Encoding { format: Format::Dwarf32, version: 4, address_size: 4 };

/// Rows of one unit. gimli keeps a unit's rows in memory until it is written, and an image can have millions.
const ROWS_PER_UNIT: usize = 1 << 16;

/// The debug sections of `lines`, by name; none if there are no rows.
pub(super) fn write(lines: &LineTable) -> Result<Vec<(&'static str, Vec<u8>)>, gimli::write::Error> {
    let mut sections = Sections::new(EndianVec::new(LittleEndian));
    for rows in lines.rows.chunks(ROWS_PER_UNIT) {
        unit(lines, rows).write(&mut sections)?;
    }
    let mut list = Vec::new();
    sections.for_each_mut(|id, data| -> Result<(), gimli::write::Error> {
        if !data.slice().is_empty() {
            list.push((id.name(), data.take()));
        }
        Ok(())
    })?;
    Ok(list)
}

fn text(text: &str) -> Vec<u8> {
    // A name in a file ends at its first zero byte, and may not be empty.
    let text: Vec<u8> = text.bytes().filter(|b| *b != 0).collect();
    if text.is_empty() { b"?".to_vec() } else { text }
}

fn unit(lines: &LineTable, rows: &[Line]) -> DwarfUnit {
    let name = |id: SourceId| text(&lines.sources[id.0 as usize].name);
    let first = name(rows[0].source);
    let mut program = LineProgram::new(
        ENCODING,
        // Rows lie at any address, data's too.
        LineEncoding { minimum_instruction_length: 1, ..LineEncoding::default() },
        LineString::String(b".".to_vec()),
        None,
        LineString::String(first.clone()),
        None,
    );
    let directory = program.default_directory();
    let mut files = HashMap::new();
    let mut ranges = Vec::new();
    let (mut start, mut end) = (0, None);
    let mut close = |program: &mut LineProgram, start: u32, end: u64| {
        program.end_sequence(end - u64::from(start));
        ranges.push(Range::StartLength {
            begin: Address::Constant(u64::from(start)),
            length: end - u64::from(start),
        });
    };
    for row in rows {
        if end != Some(u64::from(row.address)) {
            if let Some(end) = end {
                close(&mut program, start, end);
            }
            start = row.address;
            program.begin_sequence(Some(Address::Constant(u64::from(start))));
        }
        let file = *files
            .entry(row.source)
            .or_insert_with(|| program.add_file(LineString::String(name(row.source)), directory, None));
        let entry = program.row();
        entry.address_offset = u64::from(row.address - start);
        entry.file = file;
        entry.line = u64::from(row.line);
        program.generate_row();
        end = Some(u64::from(row.address) + u64::from(row.length));
    }
    if let Some(end) = end {
        close(&mut program, start, end);
    }
    let mut dwarf = DwarfUnit::new(ENCODING);
    dwarf.unit.line_program = program;
    let ranges = dwarf.unit.ranges.add(RangeList(ranges));
    let root = dwarf.unit.root();
    let root = dwarf.unit.get_mut(root);
    let string = |bytes: &[u8]| AttributeValue::String(bytes.to_vec());
    root.set(gimli::DW_AT_producer, string(concat!("pg32 ", env!("CARGO_PKG_VERSION")).as_bytes()));
    root.set(gimli::DW_AT_language, AttributeValue::Language(gimli::DW_LANG_Mips_Assembler));
    root.set(gimli::DW_AT_name, string(&first));
    root.set(gimli::DW_AT_comp_dir, string(b"."));
    root.set(gimli::DW_AT_low_pc, AttributeValue::Address(Address::Constant(0)));
    root.set(gimli::DW_AT_ranges, AttributeValue::RangeListRef(ranges));
    dwarf
}

/// Rows that are read at most: more than any real image has, and few enough to keep.
const MAX_ROWS: usize = 1 << 24;

/// The lines that debug sections speak of; as many as can be read of broken ones.
pub(super) fn read<'d>(mut section: impl FnMut(&str) -> &'d [u8]) -> LineTable {
    let load = |id: SectionId| -> Result<_, gimli::Error> {
        Ok(gimli::EndianSlice::new(section(id.name()), LittleEndian))
    };
    let mut table = LineTable::default();
    let mut ids = HashMap::new();
    if let Ok(dwarf) = gimli::Dwarf::load(load) {
        // What is broken ends the reading, and is no error: lines are a courtesy.
        let _ = read_units(&dwarf, &mut table, &mut ids);
    }
    tidy(&mut table.rows);
    table
}

type Reader<'d> = gimli::EndianSlice<'d, LittleEndian>;

fn read_units(
    dwarf: &gimli::Dwarf<Reader<'_>>,
    table: &mut LineTable,
    ids: &mut HashMap<String, SourceId>,
) -> Result<(), gimli::Error> {
    let mut units = dwarf.units();
    while let Some(header) = units.next()? {
        let unit = dwarf.unit(header)?;
        let Some(program) = unit.line_program.clone() else { continue };
        let mut rows = program.rows();
        let mut last: Option<Line> = None;
        let mut files: HashMap<u64, SourceId> = HashMap::new();
        while let Some((header, row)) = rows.next_row()? {
            if table.rows.len() >= MAX_ROWS {
                return Ok(());
            }
            let address = u32::try_from(row.address()).unwrap_or(u32::MAX);
            if let Some(last) = last.take()
                && address > last.address
            {
                table.rows.push(Line { length: address - last.address, ..last });
            }
            if row.end_sequence() {
                continue;
            }
            let source = match files.get(&row.file_index()) {
                Some(source) => *source,
                None => {
                    let name = file_name(dwarf, &unit, header, row.file_index())?;
                    let next = SourceId(table.sources.len() as u32);
                    let source = *ids.entry(name.clone()).or_insert(next);
                    if source == next {
                        table.sources.push(Source { name, text: None });
                    }
                    files.insert(row.file_index(), source);
                    source
                }
            };
            let line = row.line().map_or(0, |l| u32::try_from(l.get()).unwrap_or(0));
            last = (line > 0).then_some(Line { address, length: 0, source, line });
        }
    }
    Ok(())
}

/// A file's name as its line table has it: with its directory, unless that is where it was compiled.
fn file_name<'d>(
    dwarf: &gimli::Dwarf<Reader<'d>>,
    unit: &gimli::Unit<Reader<'d>>,
    header: &gimli::LineProgramHeader<Reader<'d>>,
    index: u64,
) -> Result<String, gimli::Error> {
    let Some(file) = header.file(index) else { return Ok("?".to_string()) };
    let string =
        |value| Ok::<_, gimli::Error>(dwarf.attr_string(unit, value)?.to_string_lossy().into_owned());
    let name = string(file.path_name())?;
    if file.directory_index() == 0 || name.starts_with('/') {
        return Ok(name);
    }
    match file.directory(header) {
        Some(directory) => Ok(format!("{}/{name}", string(directory)?)),
        None => Ok(name),
    }
}

/// Puts rows in order and cuts off what lies under another.
fn tidy(rows: &mut Vec<Line>) {
    rows.sort_by_key(|row| row.address);
    let mut kept: Vec<Line> = Vec::with_capacity(rows.len());
    for row in rows.drain(..) {
        if let Some(last) = kept.last_mut() {
            if last.address == row.address {
                continue;
            }
            last.length = last.length.min(row.address - last.address);
        }
        kept.push(row);
    }
    *rows = kept;
}
