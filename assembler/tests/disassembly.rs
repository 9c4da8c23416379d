//! What the disassembler writes assembles to the same bytes: for every word, and for any image.

use pg32_assembler::{Input, MemoryFiles, Options, assemble, render};
use pg32_image::{Image, Segment, Symbol, SymbolKind, Symbols};
use pg32_isa::Op;

/// The image that the disassembly of `image` assembles to.
fn again(image: &Image) -> Image {
    let mut text = String::new();
    image.disassemble(&mut text).unwrap();
    let input = Input { name: "again.s".into(), bytes: text.clone().into() };
    let assembly = assemble(&[input], &MemoryFiles::new(), &Options::default());
    let messages = render::short(&assembly.diagnostics, &assembly.sources);
    assert!(!assembly.has_errors(), "{messages}\n{}", &text[..text.len().min(4000)]);
    assembly.image
}

fn check(image: &Image) {
    let again = again(image);
    assert_eq!(again.entry, image.entry);
    let limit = 1 << 26;
    assert!(again.to_flat(limit) == image.to_flat(limit), "the bytes differ");
    assert_eq!(again.extent(), image.extent());
}

/// An instruction's own text assembles to its word wherever it lies.
#[test]
fn the_text_of_an_instruction_is_its_word() {
    let mut next = random();
    let words: Vec<u32> = (0..20_000)
        .map(|round| {
            let op = Op::ALL[round % Op::ALL.len()];
            op.bits() | next() & !op.format().mask()
        })
        .collect();
    let insns = words.iter().map(|word| pg32_isa::Insn::decode(*word).expect("an instruction"));
    let text: String = insns.map(|insn| format!("{insn}\n")).collect();
    let input = Input { name: "insns.s".into(), bytes: text.into() };
    let assembly = assemble(&[input], &MemoryFiles::new(), &Options::default());
    let messages = render::short(&assembly.diagnostics, &assembly.sources);
    assert!(!assembly.has_errors(), "{messages}");
    let bytes: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
    assert!(assembly.image.segments[0].bytes == bytes);
}

/// A sequence of words that is the same every time.
fn random() -> impl FnMut() -> u32 {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 16) as u32
    }
}

fn segment(name: &str, address: u32, bytes: Vec<u8>, executable: bool) -> Segment {
    let size = bytes.len() as u32;
    Segment { name: name.into(), address, bytes, size, executable, writable: !executable }
}

#[test]
fn every_word_comes_back() {
    let mut next = random();
    let mut bytes = Vec::new();
    for op in Op::ALL {
        for _ in 0..1500 {
            bytes.extend((op.bits() | next() & !op.format().mask()).to_le_bytes());
            bytes.extend(next().to_le_bytes());
            // Words that are almost this instruction.
            bytes.extend((op.bits() ^ 1 << (next() % 32)).to_le_bytes());
        }
    }
    // Every major opcode with every funct3 and funct7; the registers' fields are zero or anything.
    const FUNCTS: u32 = 7 << 12 | 127 << 25;
    for opcode in 0..128 {
        for functs in 0..1024 {
            let word = opcode | (functs & 7) << 12 | functs >> 3 << 25;
            let others = if functs & 1 == 0 { 0 } else { next() & !FUNCTS & !127 };
            bytes.extend((word | others).to_le_bytes());
        }
    }
    check(&Image { segments: vec![segment(".text", 0x80, bytes, true)], entry: 0x80, ..Image::default() });
}

#[test]
fn any_image_comes_back() {
    let mut next = random();
    for round in 0..150 {
        let mut segments = Vec::new();
        let mut symbols = Vec::new();
        let mut at = next() % 16;
        for index in 0..next() % 6 {
            let length = next() % 90;
            let kind = next();
            let bytes = (0..length)
                .map(|_| match kind % 5 {
                    0 => next() as u8,
                    1 => b"text \"\\\n\0#;"[next() as usize % 11],
                    2 => 0,
                    3 => b'a' + (next() % 26) as u8,
                    _ => (next() % 3 * 40) as u8,
                })
                .collect();
            let name =
                [".text", ".rodata", ".data", ".bss", ".trap", "odd name", ".mine", ""][next() as usize % 8];
            let mut one = segment(name, at, bytes, next().is_multiple_of(2));
            one.writable = next().is_multiple_of(2);
            one.size += if next().is_multiple_of(3) { next() % 50 } else { 0 };
            for _ in 0..next() % 4 {
                let name =
                    ["here", "a0", "_start", "app:main", "ünï", "x y", "add", "1"][next() as usize % 8];
                symbols.push(Symbol {
                    name: if next().is_multiple_of(2) { name.into() } else { format!("{name}{index}") },
                    value: at + next() % (one.size + 1),
                    size: 0,
                    kind: SymbolKind::Label,
                    global: next().is_multiple_of(2),
                    function: false,
                });
            }
            at += one.size + next() % 20;
            if one.size > 0 {
                segments.push(one);
            }
        }
        let entry = [0x80, 0, at / 2, at + 100][round % 4];
        check(&Image { segments, entry, symbols: Symbols::new(symbols), ..Image::default() });
    }
}

#[test]
fn labels_and_lines_are_shown() {
    let source = "_start: li a0, 5\n1:      addi a0, a0, -1\n        bnez a0, loop_\nloop_:  halt\n        .data\nname:   .asciz \"hi there\"\n";
    let input = Input { name: "k.s".into(), bytes: source.into() };
    let assembly = assemble(&[input], &MemoryFiles::new(), &Options::default());
    let mut text = String::new();
    assembly.image.disassemble(&mut text).unwrap();
    for part in
        ["_start:", "loop_:", "bne a0, zero, loop_", "# k.s:4: loop_:  halt", "name:", ".asciz \"hi there\""]
    {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    check(&assembly.image);
}
