//! The diagnostics: one row each, with the long text that `explain` prints and an example that must trigger it.

use crate::diagnostic::Severity;

macro_rules! codes {
    ($($variant:ident $id:literal $severity:ident $name:literal $title:literal $explanation:literal $example:literal;)*) => {
        /// A kind of diagnostic. Its code never changes its meaning.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Code {
            $(#[doc = concat!($id, ": ", $title)] $variant,)*
        }

        impl Code {
            /// Every code, in order.
            pub const ALL: &'static [Code] = &[$(Code::$variant),*];

            const ROWS: &'static [Row] = &[
                $(Row {
                    id: $id,
                    severity: Severity::$severity,
                    name: $name,
                    title: $title,
                    explanation: $explanation,
                    example: $example,
                }),*
            ];
        }
    };
}

struct Row {
    id: &'static str,
    severity: Severity,
    name: &'static str,
    title: &'static str,
    explanation: &'static str,
    example: &'static str,
}

impl Code {
    fn row(self) -> &'static Row {
        &Code::ROWS[self as usize]
    }

    /// The code as it is printed: `E0101`.
    #[must_use]
    pub fn id(self) -> &'static str {
        self.row().id
    }

    /// Its name in words joined by `-`; warnings are switched by it.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// How bad it is if the options do not say otherwise.
    #[must_use]
    pub fn severity(self) -> Severity {
        self.row().severity
    }

    /// What it is about, in one line.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.row().title
    }

    /// The long text.
    #[must_use]
    pub fn explanation(self) -> &'static str {
        self.row().explanation
    }

    /// A source that it is reported for.
    #[must_use]
    pub fn example(self) -> &'static str {
        self.row().example
    }

    /// The code written `text`, as an id or as a name, in either case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Code> {
        let wanted = |c: &&Code| c.id().eq_ignore_ascii_case(text) || c.name().eq_ignore_ascii_case(text);
        Code::ALL.iter().find(wanted).copied()
    }

    /// The code nearest to a misspelt one.
    #[must_use]
    pub fn nearest(text: &str) -> Option<Code> {
        let names = Code::ALL.iter().flat_map(|c| [c.id(), c.name()]);
        crate::suggest::nearest(text, names).and_then(Code::parse)
    }

    /// What `explain` prints.
    #[must_use]
    pub fn explain(self) -> String {
        let example: String = self.example().lines().map(|l| format!("    {l}\n")).collect();
        let Row { id, severity, name, title, explanation, .. } = self.row();
        let switch = if *severity == Severity::Warning {
            format!("\nIts name is `{name}`: by it the warning is switched off or made an error.\n")
        } else {
            String::new()
        };
        format!("{} {id}: {title}\n\n{explanation}\n{switch}\nFor example:\n\n{example}", severity.name())
    }
}

codes! {
    // Characters and shapes
    UnknownCharacter "E0101" Error "unknown-character" "a character that begins nothing"
        "A statement is made of names, numbers, strings, operators and punctuation. This character begins none of them. A `\\` stands only in the body of a macro, where it marks a parameter."
        "        addi a0, a0, ?1\n";
    OpenString "E0102" Error "open-string" "a string without its end"
        "A string ends on the line on which it begins, with a double quote. A quote within it is written `\\\"`, a line end `\\n`."
        "        .asciz \"hello\n";
    OpenComment "E0103" Error "open-comment" "a comment without its end"
        "A comment that begins with `/*` goes on to the next `*/`; there is none in the rest of the source."
        "        nop /* to the end\n";
    BadNumber "E0104" Error "bad-number" "digits that are no number"
        "Numbers are decimal, hexadecimal (`0x1f`), binary (`0b101`) or octal (`017`), and have at most 64 bits. `1f` and `1b` are no numbers but the next and the last label `1:`."
        "        li a0, 0x12g4\n";
    BadEscape "E0105" Error "bad-escape" "an unknown escape in a string"
        "In strings and characters a backslash begins an escape: \\n \\t \\r \\b \\f \\\\ \\\" \\' , up to three octal digits, or \\x and hexadecimal digits. A backslash itself is written \\\\."
        "        .ascii \"50\\% off\"\n";
    Syntax "E0106" Error "syntax" "a statement of the wrong shape"
        "A statement is: labels, each with a colon; then an instruction, directive or macro; then its operands, separated by commas. The message says what would have fitted at this place."
        "        add a0 a1, a2\n";
    Parenthesis "E0107" Error "parenthesis" "parentheses that do not match"
        "Every `(` of an expression has its `)` on the same line."
        "        li a0, (1 + 2\n";
    NotUtf8 "E0108" Error "not-utf8" "a source that is no UTF-8 text"
        "Sources are UTF-8. Bytes that are no text are put down with `.byte`, or taken from a file with `.incbin`."
        "        .include \"latin1.s\"\n";

    // Names
    UnknownInstruction "E0201" Error "unknown-instruction" "no such instruction"
        "The name at the head of a statement is none of PG32's instructions (RV32I, M and the system layer), no pseudo-instruction, and no macro defined before this line. The manual lists them all."
        "        addd a0, a1, a2\n";
    UnknownDirective "E0202" Error "unknown-directive" "no such directive"
        "A name that begins with a dot at the head of a statement is a directive, and there is none of this name. The manual lists them all."
        "        .algin 2\n";
    UnknownRegister "E0203" Error "unknown-register" "no such register"
        "The registers are x0 to x31, or by their use: zero ra sp gp tp t0-t6 s0-s11 a0-a7, and fp for s0."
        "        add a0, a1, a9\n";
    UndefinedSymbol "E0204" Error "undefined-symbol" "a symbol that nothing defines"
        "A symbol is defined by a label (`name:`), by `.set`, `.equ` or `=`, or by another source that says `.globl name`. `.weak name` makes it 0 where nobody does."
        "        j nowhere\n";
    DuplicateSymbol "E0205" Error "duplicate-symbol" "a symbol defined twice"
        "A name stands for one place. Numeric labels (`1:`, referred to by `1b` and `1f`) may be used again and again; `.set` may give a symbol that `.set` defined another value."
        "again:  nop\nagain:  nop\n";
    RegisterAsValue "E0206" Error "register-as-value" "a register where a value is expected"
        "This operand is encoded in the instruction, so it must be a number or a symbol. Some instructions have a form with a register: `add` for `addi`, `sll` for `slli`, `jr` for `j`."
        "        addi a0, a1, a2\n";
    Circular "E0207" Error "circular" "a value that depends on itself"
        "The value of this symbol is defined, through others or directly, by itself."
        "        .set a, b + 1\n        .set b, a + 1\n        .word a\n";
    NoCsr "E0208" Error "no-csr" "PG32 has no control and status registers"
        "Of RISC-V, PG32 has the unprivileged base and M only. Its own system layer is Popek and Goldberg's: the mode, the segment, the program counter and the timer are read and set by instructions of their own."
        "        csrr a0, mstatus\n";
    NumericLabel "E0209" Error "numeric-label" "a numeric label that is not there"
        "`1f` means the next `1:` in the source, `1b` the last one before. There is none in that direction."
        "        j 1f\n1:      j 2b\n";
    UnknownFunction "E0210" Error "unknown-function" "no such %function"
        "The parts of an address are %hi and %lo, and relative to the program counter %pcrel_hi and %pcrel_lo."
        "        lui a0, %high(0x12345678)\n";

    // Operands
    OperandCount "E0301" Error "operand-count" "too few or too many operands"
        "The help says how the instruction or directive is written."
        "        add a0, a1\n";
    NotRegister "E0302" Error "not-register" "a register is expected"
        "This operand of the instruction is a register."
        "        sub a0, a1, 3\n";
    ImmediateRange "E0303" Error "immediate-range" "a number that does not fit its field"
        "Instructions have 32 bits, and only some of them are left for a number. `addi` and loads have 12 bits with a sign, -2048 to 2047; shifts 5; `lui` the upper 20. `li` loads any number, in two instructions if need be."
        "        addi a0, a0, 5000\n";
    TargetRange "E0304" Error "target-range" "a target out of reach"
        "`jal` and `j` reach 1 MiB in either direction; `call` and `tail` reach everything. Branches are made far ones by the assembler, except in `.insn`."
        "        j far\n        .space 0x200000\nfar:    nop\n";
    NotConstant "E0306" Error "not-constant" "a value that is not known in time"
        "Sizes, counts and conditions must be known when the assembler reads them: they may speak of numbers, of symbols defined before, and of distances between labels with nothing variable between them."
        "        .if later\n        .endif\nlater:  nop\n";
    DivisionByZero "E0307" Error "division-by-zero" "a division by zero"
        "The right side of `/` or `%` is 0."
        "        .word 1 / (2 - 2)\n";
    NoPcrelHi "E0308" Error "no-pcrel-hi" "a %pcrel_lo without its %pcrel_hi"
        "The two halves of a distance belong together: `1: auipc a0, %pcrel_hi(x)`, then `addi a0, a0, %pcrel_lo(1b)`. The operand of %pcrel_lo is the label of the `auipc`."
        "        addi a0, a0, %pcrel_lo(x)\nx:      nop\n";
    WrongFunction "E0309" Error "wrong-function" "a %function where it does not fit"
        "`lui` takes %hi, `auipc` %pcrel_hi; immediates of 12 bits take %lo and %pcrel_lo."
        "x:      addi a0, a0, %hi(x)\n";
    NoBase "E0310" Error "no-base" "an address without a base register"
        "Loads and stores take a number and a register, `8(sp)`. A symbol alone works too: `lw a0, x`, and with a register for the address `sw a0, x, t0`."
        "        lw a0, 8\n";
    OperandKind "E0311" Error "operand-kind" "an operand of the wrong kind"
        "The help or the manual says what this operand may be."
        "        fence wr, wr\n";
    NotValue "E0312" Error "not-value" "a number or symbol is expected"
        "This operand is an expression of numbers and symbols."
        "        .word \"text\"\n";
    NotString "E0313" Error "not-string" "a string is expected"
        "This operand is text in double quotes."
        "        .ascii 65\n";
    TooLong "E0314" Error "too-long" "a value that takes too many steps"
        "Symbols whose values double each other take a time without bound; the assembler stops at about a million steps."
        "        .set a0_, x * y\n        .set b, a0_ * a0_ * a0_ * a0_ * a0_ * a0_ * a0_ * a0_\n        .set c, b * b * b * b * b * b * b * b\n        .set d, c * c * c * c * c * c * c * c\n        .set e, d * d * d * d * d * d * d * d\n        .set f, e * e * e * e * e * e * e * e\n        .set g, f * f * f * f * f * f * f * f\n        .set h, g * g * g * g * g * g * g * g\n        .word h\nx:      nop\n        .set y, x + 4\n";

    // Directives and sections
    BadAlignment "E0401" Error "bad-alignment" "an alignment that is none"
        "`.align` and `.p2align` take the power of two, as on every RISC-V: `.align 2` is a word. `.balign` takes bytes, a power of two."
        "        .balign 6\n";
    OrgBackwards "E0402" Error "org-backwards" "`.org` cannot go back"
        "`.org` moves on to an offset from the section's start. The section is longer than that already."
        "        nop\n        .org 2\n";
    TrapArea "E0403" Error "trap-area" "the trap area is too small"
        "`.trap` lies at physical 0 and has 0x80 bytes: slot 0, slot 1, and 64 bytes of software's own. Code begins behind it."
        "        .section .trap\n        .space 0x84\n";
    Overlap "E0404" Error "overlap" "sections that overlap"
        "Two sections were placed so that they would share storage. See `.place`."
        "        nop\n        .place .mine, 0x80\n        .section .mine, \"a\"\n        .word 1\n";
    BytesInBss "E0405" Error "bytes-in-bss" "bytes in a section that has none"
        "`.bss` takes no bytes in an image: its storage is zero at the start."
        "        .bss\n        .word 1\n";
    BadFlags "E0406" Error "bad-flags" "a section's flags that are none"
        "`.section name, \"flags\"`: `a` takes storage, `w` is written, `x` holds instructions; GNU as's other letters are accepted."
        "        .section .mine, \"rw\"\n";
    Unopened "E0407" Error "unopened" "an end without its beginning"
        "`.endif`, `.else`, `.endm`, `.endr`, `.popsection` close or continue something, and nothing is open."
        "        .endif\n";
    Unclosed "E0408" Error "unclosed" "a beginning without its end"
        "`.if` needs its `.endif`, `.macro` its `.endm`, and `.rept`, `.irp`, `.irpc` their `.endr`, in the same file."
        "        .if 1\n        nop\n";
    NegativeCount "E0409" Error "negative-count" "a count that is none"
        "Sizes and repetitions are not negative."
        "        .space -1\n";
    BadAddress "E0410" Error "bad-address" "a number that is no address"
        "Addresses have 32 bits."
        "        .place .text, 0x100000000\n";
    Unsettled "E0411" Error "unsettled" "sizes that depend on each other"
        "The size of a directive depends on an address that depends on that size, and no size is right."
        "a:      .space 16 - (b - a)\nb:      nop\n";
    AssertFailed "E0412" Error "assert-failed" "an assertion that does not hold"
        "`.assert` is evaluated when every address is known."
        "        .assert end - start == 8, \"the stub must have two instructions\"\nstart:  nop\nend:    nop\n";
    UserError "E0413" Error "user-error" "`.error` was assembled"
        "The source says so itself; mostly because of a condition around the directive."
        "        .error \"define SIZE first\"\n";
    BadParameter "E0414" Error "bad-parameter" "a macro's head that makes no sense"
        "`.macro name a, b=default, c:req, rest:vararg`"
        "        .macro twice a:required\n        .endm\n";
    MacroArguments "E0415" Error "macro-arguments" "a macro's arguments"
        "A call gives a value to each parameter that is `:req`, and no more values than there are parameters. Arguments may be named: `name=value`."
        "        .macro one a\n        nop\n        .endm\n        one 1, 2\n";
    DuplicateMacro "E0416" Error "duplicate-macro" "a macro defined twice"
        "`.purgem name` forgets a macro, so that it can be defined anew."
        "        .macro m\n        .endm\n        .macro m\n        .endm\n";

    // Files and limits
    CannotRead "E0501" Error "cannot-read" "a file that cannot be read"
        "Files are looked for beside the source that names them, then in the `-I` directories in their order."
        "        .include \"missing.inc\"\n";
    IncludeCycle "E0502" Error "include-cycle" "a file that includes itself"
        "An include that leads back to a file that is being read would never end."
        "        .include \"cycle.s\"\n";
    TooDeep "E0503" Error "too-deep" "macros or includes nested too deep"
        "A macro that calls itself needs a condition that ends it."
        "        .macro again\n        again\n        .endm\n        again\n";
    TooMuchSource "E0504" Error "too-much-source" "macros that produce too much"
        "The text that macros, repetitions and includes produce is bounded, so that a mistake ends soon."
        "        .rept 1000000000\n        .rept 1000000000\n        .endr\n        .endr\n";
    ImageTooLarge "E0505" Error "image-too-large" "an image that is too large"
        "The bytes of an image are bounded, and so is storage: 2 GiB. Room that begins as zero belongs into `.bss`, where it takes no bytes."
        "        .space 0xffffffff\n";
    TooManyErrors "E0506" Error "too-many-errors" "more errors than are shown"
        "The first errors are mostly the ones to look at."
        "        .rept 1000\n        .error\n        .endr\n";
    ApplicationSize "E0507" Error "application-size" "an application that is larger than its segment"
        "The third operand of `.application` is the size of the segment, in bytes: at least what the application takes with its `.bss`."
        "        .application app, \"app.s\", 1\n";

    // Warnings
    Truncated "W0601" Warning "truncated" "a value that loses bits"
        "The value has more bits than the directive puts down. Both signed and unsigned readings are allowed for: `.byte` takes -128 to 255."
        "        .byte 300\n";
    FarBranch "N0602" Note "far-branch" "branches that became far ones"
        "A branch reaches 4 KiB. Like GNU as, the assembler makes one that does not reach its target the opposite branch around a `j`, which takes 8 bytes; likewise one to another section, to a weak symbol, or to a number, because these may lie anywhere."
        "        beq a0, a1, far\n        .space 5000\nfar:    nop\n";
    MisalignedCode "W0603" Warning "misaligned-code" "an instruction that cannot be fetched"
        "Instructions lie at multiples of 4; data of another length before them moved this one."
        "        .byte 1\n        nop\n";
    UserWarning "W0604" Warning "user-warning" "`.warning` was assembled"
        "The source says so itself."
        "        .warning \"untested\"\n";
    SectionFlags "W0605" Warning "section-flags" "a section's flags"
        "A section has the flags that it first got: `a` takes storage, `w` is written, `x` holds instructions. Other flags later are ignored."
        "        .section .mine, \"a\"\n        .section .mine, \"aw\"\n";
    UserNote "N0607" Note "user-note" "`.print` was assembled"
        "The source says so itself."
        "        .print \"assembling for 4 processes\"\n";
    OptionIgnored "W0608" Warning "option-ignored" "an option that changes nothing"
        "`.option rvc` asks for compressed instructions, which PG32 does not have: instructions keep their four bytes. Other options are those that no RISC-V assembler knows."
        "        .option rvc\n        nop\n";
    NotLoaded "W0609" Warning "not-loaded" "a section that is not in the image"
        "A section whose name is none of the usual ones takes storage only if its flags say so: `.section name, \"a\"`, with `w` if it is written and `x` if it holds instructions. Without `a` its bytes are left out, as GNU as and ld do it."
        "        .section .vectors\n        .word 1\n";
    IdleAlignment "W0610" Warning "idle-alignment" "an alignment that has no effect"
        "In a section with instructions GNU as leaves out alignments to 2 or 4 bytes that say nothing about the fill, because instructions are aligned anyway; so data that follow such an alignment may lie anywhere. PG32 loads and stores at any address, but a table that counts on its place needs a fill, `.align 2, 0`, or belongs into `.rodata`. Where an instruction follows, the alignment is made: an instruction elsewhere could not be fetched."
        "        .ascii \"odd\"\n        .align 2\n        .word 1\n";
    RunsIntoData "W0611" Warning "runs-into-data" "code that runs into data"
        "A text lies behind an instruction that does not lead elsewhere, so that its bytes would be executed; or the image starts with one, and there is no `_start`. Code ends with `j`, `ret`, `halt`, `lpsw` or the like. Texts belong into `.rodata`."
        "        li      a0, 1\ntext:   .asciz  \"hello\"\n";
    LargeAlignment "W0612" Warning "large-alignment" "a very large alignment"
        "`.align` and `.p2align` take a power of two, so that `.align 16` is 65536 bytes. `.balign 16` is 16 bytes."
        "        .align 16\n";
    GlobalUndefined "W0613" Warning "global-undefined" "a global symbol that nobody defines or uses"
        "`.globl` makes a symbol visible to other sources. This one is defined by none of them, and used by none: perhaps its name is misspelt where it is defined."
        "        .globl _strat\n_start: nop\n";
    NoRelocation "E0417" Error "no-relocation" "a relocation that cannot be asked for"
        "The image is complete: no linker comes behind the assembler. Only relocations that mean nothing are accepted; write an expression or a %function where the value belongs."
        "x:      .word 0\n        .reloc x, R_RISCV_32, x\n";
    MisalignedTarget "W0606" Warning "misaligned-target" "a target that cannot be fetched"
        "Instructions lie at multiples of 4. A jump or taken branch to any other address is an alignment trap (principles, section 3)."
        "        j . + 6\n        nop\n        nop\n";
}
