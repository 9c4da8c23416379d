//! What sources mean, beyond what GNU as can be asked about.

use pg32_assembler::{
    Assembly, Code, Input, Level, MemoryFiles, Options, Severity, assemble, listing, render,
};

fn files() -> MemoryFiles {
    MemoryFiles::new()
        .with("app.s", "_start: nop\nmain:   la a0, var\n        ecall\n        .data\nvar:    .word main\n        .bss\n        .space 10\n")
        .with("data.bin", vec![1, 2, 3, 4, 5])
        .with("inc.s", "        .ifndef SEEN\n        .set SEEN, 1\n        .include \"inc.s\"\n        .word 7\n        .endif\n")
}

fn with(sources: &[(&str, &str)], options: &Options) -> Assembly {
    let inputs: Vec<Input> =
        sources.iter().map(|(name, text)| Input { name: (*name).into(), bytes: (*text).into() }).collect();
    assemble(&inputs, &files(), options)
}

fn good(source: &str) -> Assembly {
    let assembly = with(&[("k.s", source)], &Options::default());
    assert!(!assembly.has_errors(), "{}", render::short(&assembly.diagnostics, &assembly.sources));
    assembly
}

fn value(assembly: &Assembly, name: &str) -> u32 {
    assembly.image.symbols.find(name).unwrap_or_else(|| panic!("{name}")).value
}

fn word(assembly: &Assembly, address: u32) -> u32 {
    u32::from_le_bytes([0, 1, 2, 3].map(|i| assembly.image.byte(address + i)))
}

#[test]
fn sections_lie_where_the_contract_says() {
    let a = good(
        ".bss\nz: .space 5\n.data\nd: .byte 1\n.section .other, \"aw\"\no: .byte 2\n.section .rodata.x, \"a\"\nr: .byte 3\n\
         .text\n nop\n.section .text.more, \"ax\"\nt: nop\n.section .trap\np: .word 9\n.section .sdata\n.align 3\ns: .byte 4\n.section .note, \"\"\n.word 5\n",
    );
    let at = |name| value(&a, name);
    assert_eq!((at("p"), at("t"), at("r"), at("d"), at("s")), (0, 0x84, 0x88, 0x90, 0x98));
    assert_eq!((at("z"), at("o")), (0x99, 0x9e));
    assert_eq!(a.image.extent(), 0x9f);
    assert_eq!(a.image.entry, 0x80);
    let names: Vec<&str> = a.image.segments.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, [".trap", ".text", ".rodata", ".data", ".bss", ".other"]);
    assert!(a.image.segments[4].bytes.is_empty());
}

#[test]
fn the_entry_is_start_wherever_it_is() {
    assert_eq!(good("nop\n_start: nop\n").image.entry, 0x84);
    assert_eq!(good("nop\n.set _start, 0x1234\n").image.entry, 0x1234);
    assert_eq!(good("nop\n").image.entry, 0x80);
}

#[test]
fn a_section_can_be_placed() {
    let a = good(
        ".place .text, 0x1000\nx: nop\n.data\ny: .word 1\n.place .far, 0x2000\n.section .far, \"a\"\nz: .word 2\n",
    );
    assert_eq!((value(&a, "x"), value(&a, "y"), value(&a, "z")), (0x1000, 0x80, 0x2000));
    let options = Options { section_start: vec![(".data".into(), 0x400)], ..Options::default() };
    let a = with(&[("k.s", "nop\n.data\ny: .word 1\n")], &options);
    assert_eq!(value(&a, "y"), 0x400);
}

#[test]
fn an_application_has_its_own_space() {
    let a = good(
        "_start: nop\n.data\n.byte 1\n.application app, \"app.s\"\nend: .word app.base, app.length, app.entry\n.application big, \"app.s\", 0x100\nlast:\n",
    );
    let base = value(&a, "app.base");
    assert_eq!(base % 4, 0);
    assert_eq!((value(&a, "app.length"), value(&a, "app.entry")), (32, 0));
    assert_eq!((value(&a, "app:main"), value(&a, "app:var")), (base + 4, base + 16));
    assert_eq!((word(&a, base + 16), word(&a, base + 20)), (4, 0), "addresses count from its own 0");
    let end = value(&a, "end");
    assert_eq!((end, word(&a, end), word(&a, end + 4)), (base + 32, base, 32));
    assert_eq!(a.image.lines.describe(base + 12).unwrap(), "app.s:3");
    assert_eq!(a.image.lines.describe(0x80).unwrap(), "k.s:1");
    assert_eq!(a.image.lines.describe(end).unwrap(), "k.s:5");
    assert_eq!(value(&a, "last") - value(&a, "big.base"), 0x100);
    assert_eq!(a.dependencies, ["app.s"]);
}

#[test]
fn files_see_each_others_globals_only() {
    let one = (
        ".globl f\nf: call g\nlocal: ret\n.weak w\nw: nop\n.comm c, 4, 4\n",
        ".globl g\ng: call f\nlocal: ret\n.globl w\nw: ret\n.comm c, 8, 4\nla a0, c\n",
    );
    let a = with(&[("a.s", one.0), ("b.s", one.1)], &Options::default());
    assert!(!a.has_errors(), "{}", render::short(&a.diagnostics, &a.sources));
    assert_eq!(a.image.symbols.iter().filter(|s| s.name == "local").count(), 2);
    assert_eq!(
        a.image.symbols.iter().filter(|s| s.name == "w").map(|s| s.value).max(),
        Some(value(&a, "g") + 12)
    );
    let b = with(&[("a.s", "x: nop\n"), ("b.s", " j x\n")], &Options::default());
    assert_eq!(b.diagnostics[0].code, Code::UndefinedSymbol);
    assert!(b.diagnostics[0].help.as_ref().unwrap().contains(".globl x"));
    let c = with(&[("a.s", ".globl x\nx: nop\n"), ("b.s", ".globl x\nx: nop\n")], &Options::default());
    assert_eq!(c.diagnostics[0].code, Code::DuplicateSymbol);
}

#[test]
fn options_define_symbols_and_switch_warnings() {
    let options = Options { defines: vec![("SIZE".into(), 12)], ..Options::default() };
    assert_eq!(word(&with(&[("k.s", ".word SIZE\n")], &options), 0x80), 12);
    let severity = |level| {
        let mut options = Options::default();
        options.warnings.levels.insert("truncated".into(), level);
        with(&[("k.s", ".byte 300\n")], &options).diagnostics.first().map(|d| d.severity)
    };
    assert_eq!(severity(Level::Allow), None);
    assert_eq!(severity(Level::Warn), Some(Severity::Warning));
    assert_eq!(severity(Level::Deny), Some(Severity::Error));
}

#[test]
fn layouts_enumerations_and_characters() {
    let a = good(
        ".layout frame\n.field ra, 4\n.field buffer, 13\n.field count, 4, 4\n.endlayout\n.enum state\n.item idle\n.item ready\n.item dead, 9\n.endenum\n\
         .word frame.buffer, frame.count, frame.size, state.ready, state.dead, state.end\n.charmap \"abc\", 1\n.ascii \"cabz\"\n.charmap\n.ascii \"abcd\"\n",
    );
    let words: Vec<u32> = (0..8).map(|i| word(&a, 0x80 + 4 * i)).collect();
    assert_eq!(
        words,
        [4, 20, 24, 1, 9, 10, u32::from_le_bytes([3, 1, 2, b'z']), u32::from_le_bytes(*b"abcd")]
    );
}

#[test]
fn floats_files_and_includes() {
    let a = good(
        ".float 1.5, -2e3\n.double 0.1\n.incbin \"data.bin\"\n.incbin \"data.bin\", 1, 2\n.balign 4, 0\n.include \"inc.s\"\n",
    );
    assert_eq!(word(&a, 0x80), 1.5_f32.to_bits());
    assert_eq!(word(&a, 0x84), (-2e3_f32).to_bits());
    assert_eq!(word(&a, 0x90), u32::from_le_bytes([1, 2, 3, 4]));
    assert_eq!(word(&a, 0x94), u32::from_le_bytes([5, 2, 3, 0]));
    assert_eq!(word(&a, 0x98), 7);
}

#[test]
fn lines_come_from_where_the_source_says() {
    let a = good("# 10 \"main.c\"\nnop\n\n# 1 \"other.h\" 1\nnop\n# 14 \"main.c\" 2\nnop\n");
    let lines: Vec<_> = (0..3).map(|i| a.image.lines.describe(0x80 + 4 * i).unwrap()).collect();
    assert_eq!(lines, ["main.c:10", "other.h:1", "main.c:14"]);
    let a = good(".file 1 \"dir\" \"x.c\"\n.loc 1 5 3\nnop\n.loc 1 6\nnop\nnop\n");
    assert_eq!(a.image.lines.describe(0x88).unwrap(), "dir/x.c:6");
    let a = with(&[("k.s", "# 7 \"main.c\"\n bad\n")], &Options::default());
    assert!(render::short(&a.diagnostics, &a.sources).starts_with("main.c:7:2: error[E0201]"));
    let a = good(".macro two\nnop\nnop\n.endm\nnop\ntwo\n");
    assert_eq!(a.image.lines.describe(0x88).unwrap(), "k.s:6");
}

#[test]
fn assertions_see_final_addresses() {
    good(
        ".assert after - before == 4\nbefore: beq a0, a1, after\n.section .text.x, \"ax\"\n nop\n.text\nafter: .assert . == 0x84\n.assert after == 0x84\n",
    );
}

#[test]
fn the_listing_shows_bytes_and_expansions() {
    let options = Options { listing: pg32_assembler::Listing::Wanted, ..Options::default() };
    let a = with(&[("k.s", ".macro two r\n li \\r, 5\n nop\n.endm\n two a0\n .word 1\n")], &options);
    let text = listing::listing(&a);
    for line in [
        "00000080  13055000               +   li a0, 5",
        "00000084  13000000               +   nop",
        "00000088  01000000               6   .word 1",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(listing::map(&a.image).contains("0x00000080         12  .text"));
}

/// Formatting changes no byte, and a second time changes nothing.
#[test]
fn formatted_sources_mean_the_same() {
    let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gnu");
    let mut count = 0;
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "s") {
            continue;
        }
        count += 1;
        let source = std::fs::read_to_string(&path).unwrap();
        let formatted = pg32_assembler::format::format(&source);
        assert_eq!(pg32_assembler::format::format(&formatted), formatted, "{path:?}");
        let bytes = |text: &str| good(text).image.to_flat(1 << 20);
        assert!(bytes(&source) == bytes(&formatted), "{path:?}");
    }
    assert!(count > 0);
}

#[test]
fn warnings_are_about_mistakes_only() {
    let warnings = |source: &str| -> Vec<&str> {
        let assembly = good(source);
        assembly.diagnostics.iter().map(|d| d.code.name()).collect()
    };
    for leaves in [
        "j .",
        "ret",
        "tail x",
        "jr a0",
        "halt",
        "ecall",
        "ebreak",
        "call x",
        "lpsw 0(a0)",
        "retu a0",
        ".word 0x6f",
    ] {
        let source = format!("x: nop\n{leaves}\n.asciz \"abc\"\n");
        assert!(warnings(&source).is_empty(), "{source}");
    }
    for goes_on in ["nop", "li a0, 1", "beqz a0, x", "la a0, x", "lw a0, 0(a0)", "y:"] {
        let source = format!("x: nop\n{goes_on}\n.align 3\nz: .asciz \"abc\"\n");
        assert_eq!(warnings(&source), ["runs-into-data"], "{source}");
    }
    assert_eq!(warnings(".asciz \"abc\"\nnop\n"), ["runs-into-data"]);
    assert!(warnings("text: .asciz \"abc\"\n_start: nop\n").is_empty());
    assert!(
        warnings(
            ".rodata\n.asciz \"abc\"\n.align 12\n.section .debug_x\n.word 1\n.section .y, \"\"\n.word 2\n"
        )
        .is_empty()
    );
    assert_eq!(warnings(".section .y\n.word 2\n"), ["not-loaded"]);
    assert!(warnings(".globl used, given\ngiven: nop\n.weak used\ncall used\n").is_empty());
    assert_eq!(warnings(".globl nobody\nnop\n"), ["global-undefined"]);
    assert!(warnings(".option rvc\n.align 2\n.option norvc\nnop\n").is_empty());
    assert_eq!(warnings(".option rvc\nnop\nnop\n"), ["option-ignored"]);
}

#[test]
fn code_is_aligned_where_it_could_not_be_fetched() {
    let a = good(
        ".globl _start\n_start: j x\n.byte 1\n.align 2\ny: .byte 2\n.align 2\nx: nop\n.byte 3\n.align 2\nz: .byte 4\n",
    );
    // The first alignment has waited for `x` too; the last one has nothing to wait for.
    assert_eq!((value(&a, "y"), value(&a, "x"), value(&a, "z")), (0x88, 0x8c, 0x91));
}
