//! The forms of an image: what goes out comes back, other tools agree, and broken files are refused, never believed.

use pg32_image::{
    Image, ImageError, Line, LineTable, Segment, Source, SourceId, Symbol, SymbolKind, Symbols,
};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn sample() -> Image {
    let segment = |name: &str, address, bytes: Vec<u8>, size, executable, writable| Segment {
        name: name.into(),
        address,
        bytes,
        size,
        executable,
        writable,
    };
    let label = |name: &str, value, global| Symbol {
        name: name.into(),
        value,
        size: 4,
        kind: SymbolKind::Label,
        global,
        function: name == "main",
    };
    let row = |address, length, source, line| Line { address, length, source: SourceId(source), line };
    Image {
        segments: vec![
            segment(".trap", 0, vec![1, 2, 3, 4], 4, false, true),
            segment(".text", 0x80, [0x13, 0, 0, 0].repeat(40), 160, true, false),
            segment(".data", 0x120, vec![9; 21], 40, false, true),
            segment(".bss", 0x2_0000, vec![], 1 << 20, false, true),
        ],
        entry: 0x84,
        symbols: Symbols::new(vec![
            label("_start", 0x80, true),
            label("main", 0x90, false),
            label("app:main", 0x121, false),
            label("end", 0x12_0000, true),
            Symbol { kind: SymbolKind::Constant, size: 0, ..label("SIZE", 0x1234_5678, false) },
        ]),
        lines: LineTable {
            sources: vec![
                Source { name: "dir/kernel.s".into(), text: None },
                Source { name: "app.s".into(), text: None },
            ],
            rows: vec![
                row(0, 4, 0, 1),
                row(0x80, 4, 0, 10),
                row(0x84, 8, 1, 3),
                row(0x8c, 20, 0, 500),
                row(0x120, 1, 1, 7),
                row(0x121, 3, 1, 8),
            ],
        },
    }
}

#[test]
fn an_elf_file_comes_back() {
    let image = sample();
    let bytes = image.to_elf().unwrap();
    assert_eq!(bytes, image.to_elf().unwrap(), "the same image gives the same bytes");
    let back = Image::from_elf(&bytes).unwrap();
    assert_eq!(back.segments.len(), 4);
    assert_eq!(back.to_flat(1 << 20), image.to_flat(1 << 20));
    assert_eq!((back.entry, back.extent()), (image.entry, image.extent()));
    assert_eq!(back.segments, image.segments);
    assert_eq!(back.lines, image.lines);
    let sorted = |i: &Image| {
        let mut list: Vec<_> = i.symbols.iter().cloned().collect();
        list.sort_by(|a, b| a.name.cmp(&b.name));
        list
    };
    assert_eq!(sorted(&back), sorted(&image));
}

#[test]
fn many_lines_come_back() {
    let mut image = sample();
    let row = |i: u32| Line {
        address: 0x1000 + 4 * i,
        length: 4,
        source: SourceId(i / 1000 % 2),
        line: 1 + i % 90_000,
    };
    image.segments.insert(
        3,
        Segment {
            name: ".big".into(),
            address: 0x1000,
            bytes: vec![],
            size: 0,
            executable: true,
            writable: false,
        },
    );
    image.lines.rows.extend((0..200_000).map(row));
    let back = Image::from_elf(&image.to_elf().unwrap()).unwrap();
    assert_eq!(back.lines.rows, image.lines.rows);
}

#[test]
fn intel_hex_comes_back() {
    let mut image = sample();
    image.segments[3].bytes = vec![0x55; 40];
    let text = image.to_hex();
    assert!(
        text.ends_with(":0400000500000084".to_owned().as_str().trim()) || text.contains(":0400000500000084")
    );
    let back = Image::from_hex(&text).unwrap();
    assert_eq!(back.entry, image.entry);
    assert_eq!(back.to_flat(1 << 20), image.to_flat(1 << 20));
    let wrong = text.replacen("13", "14", 1);
    assert!(matches!(Image::from_hex(&wrong), Err(ImageError::Broken(_))));
    for bad in ["x", ":", ":00", ":0100000001", ":02000000010", ":00000009F7", ":é"] {
        assert!(Image::from_hex(bad).is_err(), "{bad}");
    }
}

/// Whatever is wrong with a file, it is refused or read, in bounded time and room.
#[test]
fn damaged_elf_files_are_refused_or_read() {
    let good = sample().to_elf().unwrap();
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        (state >> 33) as usize
    };
    for length in 0..good.len() {
        let _ = Image::from_elf(&good[..length]);
    }
    for _ in 0..20_000 {
        let mut bytes = good.clone();
        for _ in 0..1 + next() % 4 {
            // Headers matter most, and stand at the start and the end.
            let at = if next() % 2 == 0 { next() % 0xb4 } else { next() % bytes.len() };
            bytes[at] = [0, 1, 0x7f, 0x80, 0xff, next() as u8][next() % 6];
        }
        if let Ok(image) = Image::from_elf(&bytes) {
            let mut end = 0;
            for segment in &image.segments {
                assert!(u64::from(segment.address) >= end && segment.bytes.len() <= segment.size as usize);
                end = segment.end();
            }
        }
    }
}

#[test]
fn files_for_other_machines_are_named() {
    let good = sample().to_elf().unwrap();
    let change = |at: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        Image::from_elf(&bytes).unwrap_err().to_string()
    };
    assert!(change(4, 2).contains("64-bit"));
    assert!(change(5, 2).contains("big-endian"));
    assert!(change(18, 3).contains("another machine"));
    assert!(change(16, 1).contains("not linked"));
    assert!(change(16, 3).contains("position-independent"));
    assert!(change(36, 1).contains("compressed"));
    assert!(Image::from_elf(b"no elf").unwrap_err().to_string().contains("no ELF"));
}

fn scratch(name: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&directory).unwrap();
    directory
}

fn tool(name: &str, arguments: &[&str]) -> Option<(String, String)> {
    match Command::new(name).args(arguments).stdin(Stdio::null()).output() {
        Ok(output) => {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            Some((text(&output.stdout), text(&output.stderr)))
        }
        Err(_) => {
            eprintln!("skipped: {name} is not installed");
            None
        }
    }
}

#[test]
fn other_tools_read_our_files_without_a_warning() {
    let file = scratch("tools").join("sample.elf");
    std::fs::write(&file, sample().to_elf().unwrap()).unwrap();
    let file = file.to_str().unwrap();
    if let Some((out, err)) = tool("readelf", &["-aW", file]) {
        assert_eq!(err, "");
        assert!(out.contains("RISC-V") && out.contains("app:main") && out.contains("rv32i2p1_m2p0"), "{out}");
    }
    if let Some((out, err)) = tool("readelf", &["-wlLi", file]) {
        assert_eq!(err, "");
        assert!(out.contains("kernel.s"), "{out}");
    }
    if let Some((out, err)) = tool("riscv64-unknown-elf-objdump", &["-dl", file]) {
        assert_eq!(err, "");
        assert!(out.contains("kernel.s:10") && out.contains("<main>:"), "{out}");
    }
    if let Some((out, err)) = tool("riscv64-unknown-elf-addr2line", &["-e", file, "0x88", "0x122"]) {
        assert_eq!(err, "");
        let lines: Vec<&str> = out.lines().collect();
        assert!(lines.len() == 2 && lines[0].ends_with("app.s:3") && lines[1].ends_with("app.s:8"), "{out}");
    }
    if let Some((out, err)) = tool("gdb-multiarch", &["-nx", "-batch", "-ex", "info line *0x84", file]) {
        assert_eq!(err, "");
        assert!(out.contains("Line 3 of \"app.s\""), "{out}");
    }
}

#[test]
fn files_of_gcc_and_ld_are_read() {
    let directory = scratch("gcc");
    let source = directory.join("main.c");
    std::fs::write(&source, "int data = 5; int zero[100]; const char text[] = \"hello\";\nint main(void) {\n  return data + text[2] + zero[3];\n}\n").unwrap();
    let (elf, flat) = (directory.join("main.elf"), directory.join("main.bin"));
    let (elf, flat) = (elf.to_str().unwrap(), flat.to_str().unwrap());
    let flags = [
        "-march=rv32im",
        "-mabi=ilp32",
        "-g",
        "-O1",
        "-nostdlib",
        "-ffreestanding",
        "-Wl,-e,main",
        "-Wl,-Ttext=0x1000",
        "-o",
        elf,
    ];
    let Some((_, err)) = tool("riscv64-unknown-elf-gcc", &[&flags[..], &[source.to_str().unwrap()]].concat())
    else {
        return;
    };
    assert!(!err.contains("error"), "{err}");
    let Some((_, err)) = tool("riscv64-unknown-elf-objcopy", &["-O", "binary", elf, flat]) else { return };
    assert_eq!(err, "");
    let image = Image::from_elf(&std::fs::read(elf).unwrap()).unwrap();
    let flat = std::fs::read(flat).unwrap();
    let ours = image.to_flat(1 << 24).unwrap();
    assert_eq!(ours[0x1000..0x1000 + flat.len()], flat);
    let main = image.symbols.find("main").unwrap();
    assert!(main.function && main.global && main.value == image.entry);
    assert!(
        image.lines.describe(main.value).unwrap().contains("main.c:"),
        "{:?}",
        image.lines.describe(main.value)
    );
    assert_eq!(image.symbols.find("zero").unwrap().size, 400);
    let text = image.segments.iter().find(|s| s.name == ".text").unwrap();
    assert!(text.executable && text.address == 0x1000);
}

/// A name in a string table ends at its first zero byte; a source can write one in quotes.
#[test]
fn names_with_zero_bytes_are_shown_without() {
    let mut image = sample();
    image.segments[2].name = "da\0ta".into();
    let odd = Symbol { name: "ma\0in".into(), ..image.symbols.iter().next().unwrap().clone() };
    image.symbols = Symbols::new(vec![odd]);
    let back = Image::from_elf(&image.to_elf().unwrap()).unwrap();
    assert!(back.symbols.find("ma?in").is_some());
    assert_eq!(back.to_flat(1 << 22), image.to_flat(1 << 22));
}
