//! No input makes the assembler panic, hang, or take room out of proportion; every span can be shown.

use pg32_assembler::{Assembly, Code, Input, MemoryFiles, Options, Severity, assemble, render};

fn run(text: impl Into<Vec<u8>>) -> Assembly {
    let files = MemoryFiles::new()
        .with("self.s", ".include \"self.s\"\n")
        .with("twice.s", ".application a, \"twice.s\"\n")
        .with("app.s", "x: nop\n.bss\n.space 10\n");
    let input = Input { name: "input.s".into(), bytes: text.into() };
    let assembly = assemble(&[input], &files, &Options::default());
    for diagnostic in &assembly.diagnostics {
        for label in &diagnostic.labels {
            let source = assembly.sources.get(label.span.source);
            let (start, end) = (label.span.start as usize, label.span.end as usize);
            assert!(start <= end && end <= source.text.len(), "{diagnostic:?}");
            assert!(
                source.text.is_char_boundary(start) && source.text.is_char_boundary(end),
                "{diagnostic:?}"
            );
        }
    }
    let (list, sources) = (&assembly.diagnostics, &assembly.sources);
    let shown = [
        render::human(list, sources, render::Colour::Never),
        render::short(list, sources),
        render::json(list, sources),
        render::github(list, sources),
    ];
    assert!(shown.iter().all(|text| text.is_empty() == list.is_empty()));
    assert!(render::sarif(list, sources).ends_with("}\n"));
    assembly
}

fn errors(assembly: &Assembly) -> Vec<Code> {
    let errors = assembly.diagnostics.iter().filter(|d| d.severity == Severity::Error);
    errors.map(|d| d.code).collect()
}

/// A source that asks for too much gets one clear error.
#[test]
fn what_is_too_much_is_one_error() {
    let cases: &[(&str, Code)] = &[
        (".space 0xffffffff", Code::ImageTooLarge),
        (".fill 0x7fffffff, 8, 1", Code::ImageTooLarge),
        (".fill 0x7fffffffffffffff, 8", Code::ImageTooLarge),
        (".org 0xffffffff", Code::ImageTooLarge),
        (".data\n.org 0x7fffffffffffffff", Code::ImageTooLarge),
        (".bss\n.space 0xffffffff", Code::ImageTooLarge),
        (".bss\n.space 0x7fffffff\n.space 0x7fffffff", Code::ImageTooLarge),
        ("nop\n.align 30\nnop", Code::ImageTooLarge),
        (".space x\n.set x, 0xffffffff", Code::ImageTooLarge),
        (".align 31", Code::BadAlignment),
        (".include \"self.s\"", Code::IncludeCycle),
        (".application a, \"twice.s\"", Code::IncludeCycle),
        (".macro m\nm\n.endm\nm", Code::TooDeep),
        (".macro m\nm\nm\n.endm\nm", Code::TooDeep),
        (".rept 0x7fffffffffffffff\n.endr", Code::TooMuchSource),
        (".rept 0x7fffffffffffffff\nnop\n.endr", Code::ImageTooLarge),
        (".set a, b\n.set b, c\n.set c, a\n.word a, b, c", Code::Circular),
        ("a = b + 1\nb = a + 1\n.space a", Code::Circular),
        (".comm x, 0xffffffff", Code::BadAlignment),
        (".asciz \"open", Code::OpenString),
        ("/* open", Code::OpenComment),
        (".if 1", Code::Unclosed),
        (".macro m", Code::Unclosed),
        (".loc (", Code::OperandKind),
        (".altmacro\n.irp x, <,1 2>>\n.endr\naddd", Code::UnknownInstruction),
        (".altmacro\n.macro m\nLOCAL x\nm\n.endm\nm", Code::TooDeep),
        (".altmacro\n.macro m a\n.endm\nm %(1", Code::Parenthesis),
        (".rept 3", Code::Unclosed),
        (".application a, \"app.s\", 1", Code::ApplicationSize),
        ("li a0, ((1)", Code::Parenthesis),
    ];
    for (source, code) in cases {
        let assembly = run(*source);
        let text = render::short(&assembly.diagnostics, &assembly.sources);
        assert_eq!(errors(&assembly), [*code], "{source}\n{text}");
    }
}

#[test]
fn bytes_that_are_no_text_are_one_error() {
    assert_eq!(errors(&run(vec![b'n', b'o', b'p', b'\n', 0xff, 0xfe])), [Code::NotUtf8]);
    assert_eq!(errors(&run(vec![0; 1000])), [Code::UnknownCharacter]);
    assert!(errors(&run("")).is_empty());
    assert!(errors(&run("\n\r\n\t# only a comment")).is_empty());
    assert!(errors(&run("\u{feff}nop")).is_empty());
}

#[test]
fn depth_and_length_do_no_harm() {
    let nested = format!("li a0, {}1{}\n", "(".repeat(50_000), ")".repeat(50_000));
    assert!(errors(&run(nested)).is_empty());
    assert!(errors(&run(format!("li a0, {}1\n", "-".repeat(50_000)))).is_empty());
    assert!(errors(&run(format!(".word x{}\nx: nop\n", "+x-x".repeat(50_000)))).is_empty());
    let chain: String = (0..20_000).map(|i| format!(".set n{i}, n{}\n", i + 1)).collect();
    assert!(errors(&run(format!("{chain}.set n20000, 7\n.word n0\n"))).is_empty());
    assert!(errors(&run(format!(".byte 0{}\n", ",0".repeat(500_000)))).is_empty());
    assert!(errors(&run(format!(".ascii \"{}\"\n", "x".repeat(2_000_000)))).is_empty());
    assert!(errors(&run(format!("{}: nop\n", "x".repeat(2_000_000)))).is_empty());
    assert!(!errors(&run(format!("addi a0, a0, {}\n", "é".repeat(500_000)))).is_empty());
    let ifs = format!("{}nop\n{}", ".if 1\n".repeat(20_000), ".endif\n".repeat(20_000));
    assert!(errors(&run(ifs)).is_empty());
}

#[test]
fn errors_are_bounded() {
    let assembly = run("bad operand\n".repeat(100_000));
    assert_eq!(assembly.diagnostics.len(), 101);
    assert_eq!(assembly.diagnostics.last().unwrap().code, Code::TooManyErrors);
    let assembly = run(".byte 300\n".repeat(100_000));
    assert!(assembly.diagnostics.len() <= 101);
}

/// Pieces of sources, put together at random: most are nonsense, and some are not.
#[test]
fn random_sources_do_no_harm() {
    const PIECES: &[&str] = &[
        "nop",
        "add",
        "a0",
        "a1",
        "x",
        "y:",
        "1:",
        "1b",
        "1f",
        ",",
        " ",
        "\n",
        "\n",
        "\n",
        ";",
        "(",
        ")",
        "+",
        "-",
        "*",
        "/",
        "%hi(x)",
        "%pcrel_lo(1b)",
        "%lo",
        "0x10",
        "-1",
        "4096",
        "0xffffffff",
        "99999999999999999999",
        "'a'",
        "'",
        "\"s\"",
        "\"",
        "\\x",
        "\\",
        ".word",
        ".byte",
        ".space",
        ".align",
        ".org",
        ".if",
        ".else",
        ".endif",
        ".macro m x",
        ".endm",
        "m",
        "m 1",
        ".rept 3",
        ".endr",
        ".irp x, 1, 2",
        ".set x,",
        "=",
        ".data",
        ".text",
        ".bss",
        ".section .foo, \"ax\"",
        ".previous",
        ".popsection",
        ".pushsection .data",
        ".globl",
        ".weak x",
        ".comm c, 4",
        ".include \"app.s\"",
        ".incbin \"app.s\"",
        ".application p, \"app.s\"",
        "beq a0, a1, x",
        "j 1f",
        "la a0, x",
        "lw a0, x",
        "sw a0, x, t0",
        "call x",
        "li a0, x",
        ".uleb128 x - y",
        ".fill 2, 3, 4",
        ".insn r 0x33, 0, 0, a0, a1, a2",
        "# c",
        "// c",
        "/* c */",
        "/*",
        "é",
        "\u{1F600}",
        "\0",
        "@",
        "$",
        ".",
        "..",
        "!",
        "~",
        "<<",
        "==",
        "&&",
        ".assert x",
        ".exitm",
        ".purgem m",
        ".ifdef x",
        ".ifc a, b",
        ".struct s",
        ".field a, 4",
        ".ends",
        ".enum",
        ".charmap \"a\", 1",
        ".end",
        ".float 1.5",
        ".loc 1 2 3",
        ".file 1 \"a.c\"",
        "# 1 \"f.c\"",
        ".elseif",
        ".ascii",
        ".asciz \"a\" \"b\"",
        ".balign 4",
        ".p2align 2,,1",
        ".size x, . - x",
        ".place .foo, 0x100",
    ];
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move |bound: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 20) as usize % bound
    };
    for _ in 0..4000 {
        let mut source = String::new();
        for _ in 0..next(60) {
            source.push_str(PIECES[next(PIECES.len())]);
            if next(3) > 0 {
                source.push(' ');
            }
        }
        run(source);
    }
}

/// Sources that mean something, with bytes changed, taken away and doubled.
#[test]
fn damaged_sources_do_no_harm() {
    let sources = [
        include_str!("gnu/instructions.s"),
        include_str!("gnu/directives.s"),
        include_str!("gnu/macros.s"),
        include_str!("gnu/branches.s"),
    ];
    let mut state = 0x1234_5678_9abc_def1_u64;
    let mut next = move |bound: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 20) as usize % bound
    };
    for round in 0..600 {
        let mut bytes = sources[round % sources.len()].as_bytes().to_vec();
        for _ in 0..1 + next(4) {
            let at = next(bytes.len());
            match next(4) {
                0 => bytes[at] = b"\n\" ,():#'\\-+09a.%"[next(17)],
                1 => bytes[at] ^= 1 << next(8),
                2 => drop(bytes.drain(at..(at + next(20)).min(bytes.len()))),
                _ => {
                    let copy = bytes[at..(at + next(40)).min(bytes.len())].to_vec();
                    bytes.splice(at..at, copy);
                }
            }
        }
        run(bytes);
    }
}
