//! An image from an ELF executable, whoever wrote it.

use super::{ELF_MAGIC, ImageError, dwarf};
use crate::{Image, Segment, Symbol, SymbolKind, Symbols};
use object::elf;
use object::read::elf::{FileHeader, ProgramHeader, SectionHeader, SectionTable, Sym};
use object::{LittleEndian, SymbolIndex};

type Header = elf::FileHeader32<LittleEndian>;
const ENDIAN: LittleEndian = LittleEndian;

fn broken(what: &str) -> ImageError {
    ImageError::Broken(what.to_string())
}

fn unsuitable(what: impl Into<String>) -> ImageError {
    ImageError::Unsuitable(what.into())
}

impl Image {
    /// Whether `bytes` claims to be an ELF file.
    #[must_use]
    pub fn is_elf(bytes: &[u8]) -> bool {
        bytes.starts_with(ELF_MAGIC)
    }

    /// The image in an ELF executable: what its program headers load, at their physical addresses; symbols and source
    /// lines where it has them.
    ///
    /// # Errors
    /// [`ImageError::Unsuitable`] for a file that is no executable for RV32 without compressed instructions,
    /// [`ImageError::Broken`] for one that is damaged. Damage in symbols and lines only costs these.
    pub fn from_elf(bytes: &[u8]) -> Result<Image, ImageError> {
        let header = check(bytes)?;
        let sections = header.sections(ENDIAN, bytes).unwrap_or_default();
        let segments = segments(header, bytes, &sections)?;
        let symbols = symbols(bytes, &sections).unwrap_or_default();
        let lines = dwarf::read(|name| {
            let section = sections.section_by_name(ENDIAN, name.as_bytes());
            section.and_then(|(_, s)| s.data(ENDIAN, bytes).ok()).unwrap_or_default()
        });
        Ok(Image { segments, entry: header.e_entry(ENDIAN), symbols: Symbols::new(symbols), lines })
    }
}

fn check(bytes: &[u8]) -> Result<&Header, ImageError> {
    if !Image::is_elf(bytes) {
        return Err(unsuitable("this is no ELF file"));
    }
    match (bytes.get(4), bytes.get(5)) {
        (Some(1), Some(1)) => {}
        (Some(2), _) => {
            return Err(unsuitable(
                "this is a 64-bit ELF file; PG32 takes 32-bit ones (-march=rv32im -mabi=ilp32)",
            ));
        }
        (_, Some(2)) => return Err(unsuitable("this is a big-endian ELF file; PG32 is little-endian")),
        _ => return Err(broken("its ELF header is")),
    }
    let header = Header::parse(bytes).map_err(|_| broken("its ELF header is"))?;
    let machine = header.e_machine(ENDIAN);
    if machine != elf::EM_RISCV {
        return Err(unsuitable(format!("this ELF file is for another machine (number {})", machine.0)));
    }
    match header.e_type(ENDIAN) {
        elf::ET_EXEC => {}
        elf::ET_REL => {
            return Err(unsuitable("this is an object file that is not linked yet; link it with `ld`"));
        }
        elf::ET_DYN => {
            return Err(unsuitable(
                "this is position-independent; link it with `-no-pie`, without shared libraries",
            ));
        }
        kind => return Err(unsuitable(format!("this ELF file is no executable (type {})", kind.0))),
    }
    if header.e_flags(ENDIAN).0 & elf::EF_RISCV_RVC.0 != 0 {
        return Err(unsuitable(
            "this was compiled with compressed instructions, which PG32 has not; use -march=rv32im",
        ));
    }
    Ok(header)
}

/// What the program headers load, cut where sections begin, so that code and data keep apart.
fn segments(
    header: &Header,
    bytes: &[u8],
    sections: &SectionTable<'_, Header>,
) -> Result<Vec<Segment>, ImageError> {
    let headers = header
        .program_headers(ENDIAN, bytes)
        .map_err(|_| broken("its program headers lie outside the file"))?;
    let mut pieces = Vec::new();
    for load in headers.iter().filter(|h| h.p_type(ENDIAN) == elf::PT_LOAD) {
        let data = load
            .data(ENDIAN, bytes)
            .map_err(|()| broken("a program header speaks of bytes outside the file"))?;
        let (address, size) = (load.p_paddr(ENDIAN), load.p_memsz(ENDIAN));
        if data.len() as u64 > u64::from(size) {
            return Err(broken("a segment has more bytes in the file than in storage"));
        }
        if u64::from(address) + u64::from(size) > 1 << 32 {
            return Err(broken("a segment reaches beyond the address space"));
        }
        if size == 0 {
            continue;
        }
        pieces.extend(split(load, data, sections));
    }
    pieces.sort_by_key(|s| s.address);
    for pair in pieces.windows(2) {
        if pair[0].end() > u64::from(pair[1].address) {
            return Err(broken("two segments overlap"));
        }
    }
    if pieces.is_empty() {
        return Err(unsuitable("this ELF file loads nothing"));
    }
    Ok(pieces)
}

/// One loaded range, in pieces that begin where a section does.
fn split(
    load: &elf::ProgramHeader32<LittleEndian>,
    data: &[u8],
    sections: &SectionTable<'_, Header>,
) -> Vec<Segment> {
    let (address, size, virtual_address) = (load.p_paddr(ENDIAN), load.p_memsz(ENDIAN), load.p_vaddr(ENDIAN));
    let flags = load.p_flags(ENDIAN);
    let mut cuts: Vec<(u32, String, bool, bool)> = Vec::new();
    for section in sections.iter() {
        let offset = section.sh_addr(ENDIAN).wrapping_sub(virtual_address);
        let section_flags = section.sh_flags(ENDIAN);
        if section_flags & elf::SHF_ALLOC == elf::SectionFlags(0)
            || offset >= size
            || section.sh_size(ENDIAN) == 0
        {
            continue;
        }
        let name = sections.section_name(ENDIAN, section).unwrap_or_default();
        let name = String::from_utf8_lossy(name).into_owned();
        let has = |flag| section_flags & flag != elf::SectionFlags(0);
        cuts.push((offset, name, has(elf::SHF_EXECINSTR), has(elf::SHF_WRITE)));
    }
    cuts.sort_by_key(|c| c.0);
    cuts.dedup_by_key(|c| c.0);
    if cuts.first().is_none_or(|c| c.0 > 0) {
        let has = |flag| flags & flag != elf::ProgramFlags(0);
        // What lies before every section is the file's own headers, no code.
        let execute = cuts.is_empty() && has(elf::PF_X);
        cuts.insert(0, (0, ".load".to_string(), execute, has(elf::PF_W)));
    }
    let mut pieces = Vec::with_capacity(cuts.len());
    for (i, (start, name, executable, writable)) in cuts.iter().enumerate() {
        let end = cuts.get(i + 1).map_or(size, |c| c.0);
        let within = |at: u32| (at as usize).min(data.len());
        pieces.push(Segment {
            name: name.clone(),
            address: address + start,
            bytes: data[within(*start)..within(end)].to_vec(),
            size: end - start,
            executable: *executable,
            writable: *writable,
        });
    }
    pieces
}

fn symbols(bytes: &[u8], sections: &SectionTable<'_, Header>) -> object::read::Result<Vec<Symbol>> {
    let table = sections.symbols(ENDIAN, bytes, elf::SHT_SYMTAB)?;
    let mut list = Vec::new();
    for index in 1..table.len() {
        let symbol = table.symbol(SymbolIndex(index))?;
        let name = table.symbol_name(ENDIAN, symbol).unwrap_or_default();
        let name = String::from_utf8_lossy(name).into_owned();
        let kind = symbol.st_type();
        let place = symbol.st_shndx(ENDIAN);
        // Section and file names, the linker's marks of code and data, and compilers' own labels are no names.
        let mark = name.starts_with("$x") || name.starts_with("$d") || name.starts_with(".L");
        if name.is_empty()
            || mark
            || kind == elf::STT_FILE
            || kind == elf::STT_SECTION
            || place == elf::SHN_UNDEF
        {
            continue;
        }
        list.push(Symbol {
            name,
            value: symbol.st_value(ENDIAN),
            size: symbol.st_size(ENDIAN),
            kind: if place == elf::SHN_ABS { SymbolKind::Constant } else { SymbolKind::Label },
            global: symbol.st_bind() != elf::STB_LOCAL,
            function: kind == elf::STT_FUNC,
        });
    }
    Ok(list)
}
