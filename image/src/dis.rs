//! An image as source text: with labels and source lines, and so that it assembles to the same bytes.

use crate::{Image, Segment, Symbol};
use pg32_isa::{Format, Insn, Op};
use std::collections::{HashMap, HashSet};
use std::fmt::{self, Write};

/// Zero bytes from which on they are written as one `.zero`.
const ZEROS: usize = 16;

/// Characters of text from which on data are shown as text.
const TEXT: usize = 4;

impl Image {
    /// Writes the image as source text, piece by piece.
    ///
    /// Executable segments are instructions; words that are none, and other segments, are data. Labels that a source
    /// could not have written are comments.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn disassemble(&self, out: &mut impl Write) -> fmt::Result {
        let names = Names::new(self);
        if let Some(address) = names.entry {
            // An entry outside every segment is a number.
            if !self.segments.iter().any(|s| (u64::from(s.address)..s.end()).contains(&u64::from(address))) {
                writeln!(out, "        .set _start, {address:#x}")?;
            }
        }
        for (index, segment) in self.segments.iter().enumerate() {
            Text { image: self, names: &names, segment, index, row: None, out }.segment()?;
        }
        Ok(())
    }
}

/// What the labels are called.
struct Names<'i> {
    /// Labels by address: what stands before the colon, and those that can only be comments.
    at: HashMap<u32, Vec<(&'i str, Kind)>>,
    /// Where `_start` has to be, if the entry is not where an image without it is entered.
    entry: Option<u32>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Local,
    Global,
    Comment,
}

impl<'i> Names<'i> {
    fn new(image: &'i Image) -> Self {
        let start = image.symbols.find("_start").map(|s| s.value);
        let entry = (image.entry != crate::FLAT_ENTRY || start.is_some()).then_some(image.entry);
        let mut at: HashMap<u32, Vec<(&str, Kind)>> = HashMap::new();
        let mut used = HashSet::new();
        if let Some(address) = entry {
            let global = image.symbols.find("_start").is_some_and(|s| s.global && s.value == address);
            at.entry(address).or_default().push(("_start", if global { Kind::Global } else { Kind::Local }));
            used.insert("_start");
        }
        for Symbol { name, value, global, .. } in image.symbols.labels() {
            let kind = match (is_word(name) && used.insert(name), global) {
                (false, _) if entry == Some(*value) && name == "_start" => continue,
                (false, _) => Kind::Comment,
                (true, true) => Kind::Global,
                (true, false) => Kind::Local,
            };
            at.entry(*value).or_default().push((name, kind));
        }
        Names { at, entry }
    }

    fn here(&self, address: u32) -> &[(&'i str, Kind)] {
        self.at.get(&address).map_or(&[], Vec::as_slice)
    }

    /// A name that a jump to `address` can use.
    fn target(&self, address: u32) -> Option<&'i str> {
        self.here(address).iter().find(|(_, kind)| *kind != Kind::Comment).map(|(name, _)| *name)
    }
}

/// Whether a source can have this as a label.
fn is_word(name: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '$');
    name != "." && name.starts_with(|c: char| inner(c) && !c.is_ascii_digit()) && name.chars().all(inner)
}

/// One segment being written.
struct Text<'a, 'i, W> {
    image: &'i Image,
    names: &'a Names<'i>,
    segment: &'i Segment,
    index: usize,
    /// The source line shown last.
    row: Option<(u32, u32)>,
    out: &'a mut W,
}

impl<W: Write> Text<'_, '_, W> {
    fn segment(&mut self) -> fmt::Result {
        let Segment { address, bytes, size, executable, writable, .. } = self.segment;
        // Code is padded to whole words by every assembler: a segment that is not made of them is data.
        let whole = address % 4 == 0 && bytes.len() % 4 == 0;
        let tail = *size as usize - bytes.len();
        let code = *executable && whole;
        let name = self.section_name(code);
        if !bytes.is_empty() {
            let flags = if code { "ax" } else { "a" };
            let write = if *writable { "w" } else { "" };
            writeln!(self.out, "\n        .place {name}, {address:#x}")?;
            writeln!(self.out, "        .section {name}, \"{flags}{write}\", @progbits")?;
            if code { self.code()? } else { self.data(0, bytes.len())? }
        }
        if tail > 0 {
            let start = address + bytes.len() as u32;
            writeln!(self.out, "\n        .place .zero.{}, {start:#x}", self.index)?;
            writeln!(self.out, "        .section .zero.{}, \"aw\", @nobits", self.index)?;
            let mut labels: Vec<u32> = self.names.at.keys().copied().collect();
            labels.retain(|a| (u64::from(start)..self.segment.end()).contains(&u64::from(*a)));
            labels.sort_unstable();
            let mut at = start;
            for label in labels.into_iter().chain([start.wrapping_add(tail as u32)]) {
                if label != at {
                    writeln!(self.out, "        .zero {}", label.wrapping_sub(at))?;
                }
                at = label;
                if u64::from(label) < self.segment.end() {
                    self.labels(label)?;
                }
            }
        }
        if !self.image.segments[self.index + 1..].iter().any(|s| u64::from(s.address) == self.segment.end()) {
            self.labels(self.segment.end() as u32)?;
        }
        Ok(())
    }

    /// The segment's own name if it has flags of its own there; a standard one would bring others.
    fn section_name(&self, code: bool) -> String {
        let name = &self.segment.name;
        let unique = self.image.segments.iter().filter(|s| s.name == *name).count() == 1;
        let standard = match name.as_str() {
            ".text" => code,
            ".rodata" => !code && !self.segment.writable,
            ".data" => !code,
            _ => ![".bss", ".sbss", ".trap"].contains(&name.as_str()) && !name.starts_with(".bss."),
        };
        if unique && is_word(name) && standard && !name.starts_with(".zero.") {
            name.clone()
        } else {
            format!(".segment.{}", self.index)
        }
    }

    fn labels(&mut self, address: u32) -> fmt::Result {
        for (name, kind) in self.names.here(address) {
            match kind {
                Kind::Comment => writeln!(self.out, "# {}:", name.escape_debug())?,
                Kind::Global => writeln!(self.out, "        .globl {name}\n{name}:")?,
                Kind::Local => writeln!(self.out, "{name}:")?,
            }
        }
        Ok(())
    }

    /// Labels within a word, which are no places between words.
    fn inner_labels(&mut self, address: u32) -> fmt::Result {
        for inside in 1..4 {
            for (name, kind) in self.names.here(address.wrapping_add(inside)) {
                match kind {
                    Kind::Comment => writeln!(self.out, "# {} = . + {inside}", name.escape_debug())?,
                    Kind::Global => writeln!(self.out, "        .globl {name}\n{name} = . + {inside}")?,
                    Kind::Local => writeln!(self.out, "{name} = . + {inside}")?,
                }
            }
        }
        Ok(())
    }

    /// The source line of `address`, if it is another than the last one.
    fn source(&mut self, address: u32) -> fmt::Result {
        let lines = &self.image.lines;
        let Some(row) = lines.find(address) else { return Ok(()) };
        if self.row == Some((row.source.0, row.line)) {
            return Ok(());
        }
        self.row = Some((row.source.0, row.line));
        let source = lines.source(row);
        write!(self.out, "# {}:{}", source.name.escape_debug(), row.line)?;
        if let (Some(text), Some(span)) = (&source.text, lines.span(row)) {
            write!(self.out, ": {}", text[span].trim().escape_debug())?;
        }
        writeln!(self.out)
    }

    fn code(&mut self) -> fmt::Result {
        let bytes = &self.segment.bytes;
        let mut at = 0;
        while at < bytes.len() {
            let address = self.segment.address + at as u32;
            self.labels(address)?;
            self.source(address)?;
            let zeros = self.zeros(at, bytes.len()) & !3;
            if zeros >= ZEROS {
                writeln!(self.out, "        .zero {zeros}")?;
                at += zeros;
                continue;
            }
            self.inner_labels(address)?;
            let word = u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
            let text = self.instruction(word, address);
            writeln!(self.out, "        {text:<32}# {address:08x}: {word:08x}")?;
            at += 4;
        }
        Ok(())
    }

    fn instruction(&self, word: u32, address: u32) -> String {
        let Some(insn) = Insn::decode(word) else { return format!(".word {word:#010x}") };
        let target = address.wrapping_add_signed(insn.imm);
        // A branch to another section would be taken to be far.
        let inside = (u64::from(self.segment.address)..self.segment.end()).contains(&u64::from(target));
        let name = self.names.target(target).filter(|_| inside);
        match (insn.op.format(), name) {
            (Format::Branch, Some(name)) => {
                format!("{} {}, {}, {name}", insn.op.mnemonic(), insn.rs1, insn.rs2)
            }
            (Format::Jump, Some(name)) => format!("{} {}, {name}", Op::Jal.mnemonic(), insn.rd),
            _ => insn.to_string(),
        }
    }

    /// How many zero bytes there are from `at` on, up to `end` or the next label.
    fn zeros(&self, at: usize, end: usize) -> usize {
        let zeros = self.segment.bytes[at..end].iter().take_while(|b| **b == 0).count();
        self.until_label(at, at + zeros) - at
    }

    /// The first label behind `at`, at most `end`.
    fn until_label(&self, at: usize, end: usize) -> usize {
        let address = |offset: usize| self.segment.address + offset as u32;
        (at + 1..end).find(|o| !self.names.here(address(*o)).is_empty()).unwrap_or(end)
    }

    fn data(&mut self, start: usize, end: usize) -> fmt::Result {
        let mut at = start;
        while at < end {
            let address = self.segment.address + at as u32;
            self.labels(address)?;
            self.source(address)?;
            let zeros = self.zeros(at, end);
            if zeros >= ZEROS {
                writeln!(self.out, "        .zero {zeros}")?;
                at += zeros;
                continue;
            }
            let chunk = &self.segment.bytes[at..self.until_label(at, end.min(at + 64))];
            let text = chunk.iter().take_while(|b| matches!(b, b' '..=b'~' | b'\n' | b'\t')).count();
            at += if text >= TEXT { self.text(chunk, text)? } else { self.words(chunk, address)? };
        }
        Ok(())
    }

    /// A string of `length` characters at the start of `chunk`; gives how many bytes it takes.
    fn text(&mut self, chunk: &[u8], length: usize) -> Result<usize, fmt::Error> {
        let terminated = chunk.get(length) == Some(&0);
        self.out.write_str(if terminated { "        .asciz \"" } else { "        .ascii \"" })?;
        for byte in &chunk[..length] {
            match byte {
                b'\n' => self.out.write_str("\\n")?,
                b'\t' => self.out.write_str("\\t")?,
                b'"' | b'\\' => write!(self.out, "\\{}", *byte as char)?,
                _ => self.out.write_char(*byte as char)?,
            }
        }
        self.out.write_str("\"\n")?;
        Ok(length + usize::from(terminated))
    }

    /// A word, or the bytes up to the next one; gives how many bytes it takes.
    fn words(&mut self, chunk: &[u8], address: u32) -> Result<usize, fmt::Error> {
        if let ([a, b, c, d, ..], 0) = (chunk, address % 4) {
            let word = u32::from_le_bytes([*a, *b, *c, *d]);
            writeln!(self.out, "        .word {word:#010x}{:13}# {address:08x}", "")?;
            return Ok(4);
        }
        let count = chunk.len().min(4 - (address % 4) as usize);
        let list: Vec<String> = chunk[..count].iter().map(|b| format!("{b:#04x}")).collect();
        writeln!(self.out, "        .byte {:<26}# {address:08x}", list.join(", "))?;
        Ok(count)
    }
}
