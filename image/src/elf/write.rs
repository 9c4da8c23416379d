//! An image as an ELF executable.

use super::{ImageError, dwarf};
use crate::{Image, Segment, Symbol, SymbolKind};
use object::Endianness;
use object::elf;
use object::write::elf::{FileHeader, ProgramHeader, SectionHeader, SectionIndex, Writer};

/// `.riscv.attributes`: which base and extensions the code is for (RISC-V ELF psABI, "Attributes"), in the order
/// that the format wants: version, length, vendor, then the tags of the file: the stack's alignment and the
/// architecture.
const ATTRIBUTES: &[u8] = b"A\x20\0\0\0riscv\0\x01\x16\0\0\0\x04\x10\x05rv32i2p1_m2p0\0";

/// A section besides those that hold the image.
struct Extra<'a> {
    name: &'static str,
    bytes: &'a [u8],
    kind: elf::SectionType,
}

impl Image {
    /// The image as an ELF executable: a section and a program header for each segment, symbols, and the source lines as
    /// DWARF. The same image gives the same bytes.
    ///
    /// # Errors
    /// [`ImageError::TooLarge`] if the file would have more than 2^32 bytes.
    pub fn to_elf(&self) -> Result<Vec<u8>, ImageError> {
        let debug = dwarf::write(&self.lines).map_err(|_| ImageError::TooLarge)?;
        let mut extras =
            vec![Extra { name: ".riscv.attributes", bytes: ATTRIBUTES, kind: elf::SHT_RISCV_ATTRIBUTES }];
        extras.extend(debug.iter().map(|(name, bytes)| Extra { name, bytes, kind: elf::SHT_PROGBITS }));
        let mut out = Vec::new();
        self.write(&extras, &mut out).map_err(|_| ImageError::TooLarge)?;
        Ok(out)
    }

    fn write(&self, extras: &[Extra<'_>], out: &mut Vec<u8>) -> object::write::Result<()> {
        let shown: Vec<Vec<u8>> = self.segments.iter().map(|segment| visible(&segment.name)).collect();
        let mut writer = Writer::new(Endianness::Little, false, out);
        writer.reserve_file_header();
        writer.reserve_program_headers(self.segments.len() as u32);
        let offsets: Vec<u64> =
            self.segments.iter().map(|segment| writer.reserve(segment.bytes.len() as u64, 4)).collect();
        writer.reserve_null_section_index();
        let names: Vec<_> = shown
            .iter()
            .map(|name| {
                let name = writer.add_section_name(name);
                (name, writer.reserve_section_index())
            })
            .collect();
        let extra_places: Vec<_> = extras
            .iter()
            .map(|extra| {
                let name = writer.add_section_name(extra.name.as_bytes());
                writer.reserve_section_index();
                (name, writer.reserve(extra.bytes.len() as u64, 1))
            })
            .collect();
        // An image may have a million symbols: their two sections are written one symbol at a time.
        let tables = [b".symtab", b".strtab"].map(|name| writer.add_section_name(name));
        let symtab_length = SYMBOL_SIZE * (1 + self.symbols.iter().count() as u64);
        let strtab_length = 1 + self.symbols.iter().map(|s| s.name.len() as u64 + 1).sum::<u64>();
        writer.reserve_section_index();
        let strtab = writer.reserve_section_index();
        let symtab_offset = writer.reserve(symtab_length, 4);
        let strtab_offset = writer.reserve(strtab_length, 1);
        writer.reserve_shstrtab_section_index();
        writer.reserve_shstrtab()?;
        writer.reserve_section_headers();

        writer.write_file_header(&self.file_header())?;
        writer.write_align_program_headers();
        for (segment, offset) in self.segments.iter().zip(&offsets) {
            writer.write_program_header(&program_header(segment, *offset));
        }
        for (segment, offset) in self.segments.iter().zip(&offsets) {
            writer.pad_until(*offset);
            writer.write(&segment.bytes);
        }
        for (extra, (_, offset)) in extras.iter().zip(&extra_places) {
            writer.pad_until(*offset);
            writer.write(extra.bytes);
        }
        let indices: Vec<_> = names.iter().map(|(_, index)| *index).collect();
        writer.pad_until(symtab_offset);
        writer.write(&[0; SYMBOL_SIZE as usize]);
        let mut name = 1;
        for symbol in self.ordered_symbols() {
            writer.write(&self.symbol(symbol, name, &indices));
            name += symbol.name.len() as u32 + 1;
        }
        writer.pad_until(strtab_offset);
        writer.write(&[0]);
        for symbol in self.ordered_symbols() {
            writer.write(&visible(&symbol.name));
            writer.write(&[0]);
        }
        writer.write_shstrtab();
        writer.write_null_section_header();
        for ((segment, offset), (name, _)) in self.segments.iter().zip(&offsets).zip(&names) {
            let name = writer.section_name_offset(Some(*name));
            writer.write_section_header(&segment_header(segment, name, *offset));
        }
        for (extra, (name, offset)) in extras.iter().zip(&extra_places) {
            let name = writer.section_name_offset(Some(*name));
            writer.write_section_header(&extra_header(extra, name, *offset));
        }
        let locals = 1 + self.symbols.iter().filter(|s| !s.global).count() as u32;
        let [symtab_name, strtab_name] = tables.map(|name| writer.section_name_offset(Some(name)));
        writer.write_section_header(&SectionHeader {
            sh_name: symtab_name,
            sh_type: elf::SHT_SYMTAB,
            sh_flags: elf::SectionFlags(0),
            sh_addr: 0,
            sh_offset: symtab_offset,
            sh_size: symtab_length,
            sh_link: strtab.0,
            sh_info: locals,
            sh_addralign: 4,
            sh_entsize: SYMBOL_SIZE,
        });
        writer.write_section_header(&SectionHeader {
            sh_name: strtab_name,
            sh_type: elf::SHT_STRTAB,
            sh_flags: elf::SectionFlags(0),
            sh_addr: 0,
            sh_offset: strtab_offset,
            sh_size: strtab_length,
            sh_link: 0,
            sh_info: 0,
            sh_addralign: 1,
            sh_entsize: 0,
        });
        writer.write_shstrtab_section_header();
        Ok(())
    }

    fn file_header(&self) -> FileHeader {
        FileHeader {
            os_abi: elf::ELFOSABI_NONE,
            abi_version: 0,
            e_type: elf::ET_EXEC,
            e_machine: elf::EM_RISCV,
            e_entry: u64::from(self.entry),
            e_flags: elf::FileFlags(0),
        }
    }

    /// The symbols with the local ones first, as ELF wants them.
    fn ordered_symbols(&self) -> impl Iterator<Item = &Symbol> {
        let of = |global: bool| self.symbols.iter().filter(move |s| s.global == global);
        of(false).chain(of(true))
    }

    /// The entry of a symbol whose name lies at `name` in the string table.
    fn symbol(&self, symbol: &Symbol, name: u32, sections: &[SectionIndex]) -> [u8; SYMBOL_SIZE as usize] {
        let inside = |s: &Segment| (u64::from(s.address)..s.end()).contains(&u64::from(symbol.value));
        // A label behind a segment's last byte belongs to it if to no other.
        let behind = |s: &Segment| s.end() == u64::from(symbol.value);
        let home = self.segments.iter().position(inside).or_else(|| self.segments.iter().position(behind));
        let home = home.filter(|_| symbol.kind == SymbolKind::Label);
        let bind = if symbol.global { elf::STB_GLOBAL } else { elf::STB_LOCAL };
        let kind = if symbol.function {
            elf::STT_FUNC
        } else if symbol.size > 0 && home.is_some() {
            elf::STT_OBJECT
        } else {
            elf::STT_NOTYPE
        };
        // Numbers from 0xff00 on mean something else.
        let number = home.and_then(|h| u16::try_from(sections[h].0).ok()).filter(|n| *n < 0xff00);
        let section = number.unwrap_or(elf::SHN_ABS.0);
        let mut entry = [0; SYMBOL_SIZE as usize];
        entry[0..4].copy_from_slice(&name.to_le_bytes());
        entry[4..8].copy_from_slice(&symbol.value.to_le_bytes());
        entry[8..12].copy_from_slice(&symbol.size.to_le_bytes());
        entry[12] = elf::SymbolInfo::new(bind, kind).0;
        entry[14..16].copy_from_slice(&section.to_le_bytes());
        entry
    }
}

/// Bytes of an entry of the symbol table (ELF32, "Symbol Table").
const SYMBOL_SIZE: u64 = 16;

/// A name as a string table can hold it: zero bytes would end it.
fn visible(name: &str) -> Vec<u8> {
    name.bytes().map(|b| if b == 0 { b'?' } else { b }).collect()
}

fn program_header(segment: &Segment, offset: u64) -> ProgramHeader {
    let execute = if segment.executable { elf::PF_X } else { elf::ProgramFlags(0) };
    let write = if segment.writable { elf::PF_W } else { elf::ProgramFlags(0) };
    ProgramHeader {
        p_type: elf::PT_LOAD,
        p_flags: elf::PF_R | execute | write,
        p_offset: offset,
        p_vaddr: u64::from(segment.address),
        p_paddr: u64::from(segment.address),
        p_filesz: segment.bytes.len() as u64,
        p_memsz: u64::from(segment.size),
        p_align: 1,
    }
}

fn segment_header(segment: &Segment, name: u32, offset: u64) -> SectionHeader {
    let execute = if segment.executable { elf::SHF_EXECINSTR } else { elf::SectionFlags(0) };
    let write = if segment.writable { elf::SHF_WRITE } else { elf::SectionFlags(0) };
    let empty = segment.bytes.is_empty();
    SectionHeader {
        sh_name: name,
        sh_type: if empty { elf::SHT_NOBITS } else { elf::SHT_PROGBITS },
        sh_flags: elf::SHF_ALLOC | execute | write,
        sh_addr: u64::from(segment.address),
        sh_offset: offset,
        sh_size: if empty { u64::from(segment.size) } else { segment.bytes.len() as u64 },
        sh_link: 0,
        sh_info: 0,
        sh_addralign: 1 << segment.address.trailing_zeros().min(2),
        sh_entsize: 0,
    }
}

fn extra_header(extra: &Extra<'_>, name: u32, offset: u64) -> SectionHeader {
    SectionHeader {
        sh_name: name,
        sh_type: extra.kind,
        sh_flags: elf::SectionFlags(0),
        sh_addr: 0,
        sh_offset: offset,
        sh_size: extra.bytes.len() as u64,
        sh_link: 0,
        sh_info: 0,
        sh_addralign: 1,
        sh_entsize: 0,
    }
}
