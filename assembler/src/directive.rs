//! The directives: one row each, with the syntax and the sentence that the manual and editors show.

macro_rules! directives {
    ($($name:literal $variant:ident $(($($argument:expr),+))? $syntax:literal $summary:literal;)*) => {
        impl Directive {
            /// Every directive by name.
            pub(crate) const ALL: &'static [(&'static str, Directive)] = &[
                $(($name, Directive::$variant $(($($argument),+))?)),*
            ];
        }

        /// What the manual says about each directive: name, operands, meaning.
        pub const DIRECTIVES: &[(&str, &str, &str)] = &[$(($name, $syntax, $summary)),*];
    };
}

/// What a directive does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Directive {
    /// Values of so many bytes.
    Data(u8),
    /// Strings, with or without a zero behind each; characters of so many bytes.
    Text(Zero, u8),
    /// Room for so many units of so many bytes.
    Space(u8),
    /// A count, and a value of so many bytes.
    Repeated(u8),
    /// Values of 16 bytes.
    Octa,
    /// The offset of a thread's variable as debuggers want it.
    Dtprel,
    Fill,
    Align(Unit),
    Org,
    Leb(Sign),
    /// Numbers of IEEE 754.
    Float(u8),
    Table(TableKind),
    Member(TableKind),
    EndTable(TableKind),
    Charmap,
    /// Goes on in the section of this name.
    Standard(&'static str),
    Section,
    Subsection,
    /// Counts without bytes: labels become numbers.
    Struct,
    Push,
    Pop,
    Previous,
    Place,
    Global,
    Weak,
    Weakref,
    Local,
    Set,
    Equiv,
    Comm,
    Lcomm,
    Size,
    Type,
    Insn,
    Option,
    Include,
    Incbin,
    Application,
    Assert,
    Error,
    Warning,
    Print,
    Reloc,
    Altmacro(Altmacro),
    If(Condition),
    Else,
    Elseif,
    Endif,
    Macro,
    Endm,
    Exitm,
    Purgem,
    Rept,
    Irp,
    Irpc,
    Endr,
    File,
    Loc,
    /// Accepted, and without effect on the bytes.
    Ignored,
    End,
}

/// Whether a string ends with a zero byte.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Zero {
    None,
    Terminated,
}

/// Whether macros are read in GNU as's alternate way.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Altmacro {
    On,
    #[default]
    Off,
}

impl Altmacro {
    pub(crate) fn is_on(self) -> bool {
        self == Altmacro::On
    }
}

/// How an alignment is given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Unit {
    /// As a power of two; the fill has so many bytes.
    Power(u8),
    /// In bytes; the fill has so many bytes.
    Bytes(u8),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Sign {
    Signed,
    Unsigned,
}

/// What an `.if` asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Condition {
    NotZero,
    Zero,
    Greater,
    GreaterEqual,
    Less,
    LessEqual,
    Defined,
    NotDefined,
    Blank,
    NotBlank,
    /// The texts are the same.
    Same,
    Different,
}

use crate::extras::TableKind::{self, Enumeration, Layout};
use Condition as C;
use Sign::{Signed, Unsigned};
use Unit::{Bytes, Power};
use Zero::Terminated;

directives! {
    // Data
    ".byte" Data(1) "expression, …" "bytes";
    ".2byte" Data(2) "expression, …" "halfwords, at any address";
    ".half" Data(2) "expression, …" "halfwords, at any address";
    ".hword" Data(2) "expression, …" "halfwords, at any address";
    ".short" Data(2) "expression, …" "halfwords, at any address";
    ".4byte" Data(4) "expression, …" "words, at any address";
    ".word" Data(4) "expression, …" "words, at any address";
    ".long" Data(4) "expression, …" "words, at any address";
    ".int" Data(4) "expression, …" "words, at any address";
    ".8byte" Data(8) "expression, …" "double words, at any address";
    ".dword" Data(8) "expression, …" "double words, at any address";
    ".quad" Data(8) "expression, …" "double words, at any address";
    ".ascii" Text(Zero::None, 1) "\"text\", …" "the characters of each string";
    ".asciz" Text(Terminated, 1) "\"text\", …" "the characters of each string, and a zero byte behind each";
    ".string" Text(Terminated, 1) "\"text\", …" "the characters of each string, and a zero byte behind each";
    ".string8" Text(Terminated, 1) "\"text\", …" "like `.string`";
    ".string16" Text(Terminated, 2) "\"text\", …" "like `.string`; each byte takes 2";
    ".string32" Text(Terminated, 4) "\"text\", …" "like `.string`; each byte takes 4";
    ".string64" Text(Terminated, 8) "\"text\", …" "like `.string`; each byte takes 8";
    ".octa" Octa "number, …" "numbers of 16 bytes";
    ".dc" Data(2) "expression, …" "halfwords";
    ".dc.b" Data(1) "expression, …" "bytes";
    ".dc.w" Data(2) "expression, …" "halfwords";
    ".dc.l" Data(4) "expression, …" "words";
    ".dc.a" Data(4) "expression, …" "words";
    ".dc.s" Float(4) "number, …" "numbers of IEEE 754, 4 bytes";
    ".dc.d" Float(8) "number, …" "numbers of IEEE 754, 8 bytes";
    ".dcb" Repeated(2) "count, value" "a halfword, so many times";
    ".dcb.b" Repeated(1) "count, value" "a byte, so many times";
    ".dcb.w" Repeated(2) "count, value" "a halfword, so many times";
    ".dcb.l" Repeated(4) "count, value" "a word, so many times";
    ".ds" Space(2) "count [, fill]" "room for so many halfwords";
    ".ds.b" Space(1) "count [, fill]" "room for so many bytes";
    ".ds.w" Space(2) "count [, fill]" "room for so many halfwords";
    ".ds.l" Space(4) "count [, fill]" "room for so many words";
    ".ds.s" Space(4) "count [, fill]" "room for so many numbers of 4 bytes";
    ".ds.d" Space(8) "count [, fill]" "room for so many numbers of 8 bytes";
    ".ds.p" Space(12) "count [, fill]" "room for so many numbers of 12 bytes";
    ".ds.x" Space(12) "count [, fill]" "room for so many numbers of 12 bytes";
    ".rva" Data(4) "expression, …" "words";
    ".dtprelword" Dtprel "symbol" "where a thread's variable lies in its block, for debuggers";
    ".space" Space(1) "bytes [, fill]" "so many bytes, zero or `fill`";
    ".skip" Space(1) "bytes [, fill]" "so many bytes, zero or `fill`";
    ".zero" Space(1) "bytes [, fill]" "so many bytes, zero or `fill`";
    ".fill" Fill "count [, size [, value]]" "`count` times a value of `size` bytes";
    ".align" Align(Power(1)) "power [, fill [, most]]" "up to a multiple of 2 to the `power`";
    ".p2align" Align(Power(1)) "power [, fill [, most]]" "up to a multiple of 2 to the `power`";
    ".p2alignw" Align(Power(2)) "power [, fill [, most]]" "like `.p2align`; the fill is a halfword";
    ".p2alignl" Align(Power(4)) "power [, fill [, most]]" "like `.p2align`; the fill is a word";
    ".balign" Align(Bytes(1)) "bytes [, fill [, most]]" "up to a multiple of `bytes`, a power of two";
    ".balignw" Align(Bytes(2)) "bytes [, fill [, most]]" "like `.balign`; the fill is a halfword";
    ".balignl" Align(Bytes(4)) "bytes [, fill [, most]]" "like `.balign`; the fill is a word";
    ".org" Org "offset [, fill]" "up to this offset from the section's start";
    ".uleb128" Leb(Unsigned) "expression, …" "numbers in the variable-length code of DWARF";
    ".sleb128" Leb(Signed) "expression, …" "signed numbers in the variable-length code of DWARF";
    ".float" Float(4) "number, …" "numbers of IEEE 754, 4 bytes";
    ".single" Float(4) "number, …" "numbers of IEEE 754, 4 bytes";
    ".double" Float(8) "number, …" "numbers of IEEE 754, 8 bytes";
    ".charmap" Charmap "[\"characters\", value]" "what bytes the characters of strings become";
    // Layouts and enumerations
    ".layout" Table(Layout) "name [, first]" "name the offsets of what follows up to `.endlayout`";
    ".field" Member(Layout) "name, bytes [, align]" "a field: `layout.name` is its offset";
    ".endlayout" EndTable(Layout) "" "the end of a layout: `layout.size` is its size";
    ".enum" Table(Enumeration) "name [, first]" "name the numbers of what follows up to `.endenum`";
    ".item" Member(Enumeration) "name [, value]" "an item: `enum.name` is its number";
    ".endenum" EndTable(Enumeration) "" "the end of an enumeration: `enum.end` is the number behind the last";
    // Sections
    ".text" Standard(".text") "[subsection]" "go on in `.text`";
    ".data" Standard(".data") "[subsection]" "go on in `.data`";
    ".rodata" Standard(".rodata") "[subsection]" "go on in `.rodata`";
    ".bss" Standard(".bss") "[subsection]" "go on in `.bss`";
    ".sdata" Standard(".sdata") "[subsection]" "go on in `.sdata`";
    ".sbss" Standard(".sbss") "[subsection]" "go on in `.sbss`";
    ".trap" Standard(".trap") "" "go on in `.trap`, the trap area at physical 0";
    ".section" Section "name [, \"flags\" [, @type]]" "go on in the section `name`";
    ".subsection" Subsection "number" "go on in this part of the section; parts are joined by their numbers";
    ".sect" Section "name [, \"flags\" [, @type]]" "like `.section`";
    ".pushsection" Push "name [, subsection] [, \"flags\" [, @type]]" "like `.section`; `.popsection` comes back";
    ".popsection" Pop "" "back to where `.pushsection` was";
    ".previous" Previous "" "back to the section before this one";
    ".struct" Struct "offset" "labels up to the next section are numbers: offsets, from this one on";
    ".offset" Struct "offset" "labels up to the next section are numbers: offsets, from this one on";
    ".place" Place "section, address" "put `section` at this address instead of where it would come";
    // Symbols
    ".globl" Global "symbol, …" "other sources see the symbols";
    ".global" Global "symbol, …" "other sources see the symbols";
    ".xdef" Global "symbol, …" "other sources see the symbols";
    ".extern" Ignored "symbol, …" "accepted, without effect: what a source does not define is looked for in the others";
    ".xref" Ignored "symbol, …" "accepted, without effect, like `.extern`";
    ".weak" Weak "symbol, …" "another definition goes before this one; without any, the value is 0";
    ".weakref" Weakref "alias, symbol" "the alias is the symbol, which need not exist if only the alias is used";
    ".local" Local "symbol, …" "other sources do not see the symbols";
    ".hidden" Ignored "symbol, …" "accepted, without effect";
    ".internal" Ignored "symbol, …" "accepted, without effect";
    ".protected" Ignored "symbol, …" "accepted, without effect";
    ".set" Set "symbol, expression" "give the symbol a value; it may get another later";
    ".equ" Set "symbol, expression" "give the symbol a value; it may get another later";
    ".equiv" Equiv "symbol, expression" "give the symbol a value; it must not have one";
    ".eqv" Equiv "symbol, expression" "give the symbol a value; it must not have one";
    ".comm" Comm "symbol, bytes [, align]" "storage in `.bss` that several sources may ask for";
    ".common" Comm "symbol, bytes [, align]" "storage in `.bss` that several sources may ask for";
    ".lcomm" Lcomm "symbol, bytes [, align]" "storage in `.bss`";
    ".size" Size "symbol, expression" "how many bytes the symbol covers";
    ".type" Type "symbol, @function|@object" "what the symbol is";
    // Instructions
    ".insn" Insn "r|i|s|b|u|j|word, operands" "an instruction by its fields, or by its word";
    ".option" Option "push|pop|pic|nopic|norelax|…" "what RISC-V assemblers understand; `pic` makes `la` load from a table of addresses";
    ".reloc" Reloc "offset, type" "only types that mean nothing here: `R_RISCV_NONE`, `R_RISCV_RELAX`, `R_RISCV_ALIGN`";
    // Sources
    ".include" Include "\"file\"" "the file, here";
    ".incbin" Incbin "\"file\" [, skip [, count]]" "the file's bytes";
    ".application" Application "name, \"file\" [, bytes]" "a source with an address space of its own";
    ".file" File "[number] \"name\"" "which file `.loc` speaks of";
    ".loc" Loc "file line …" "which line of which file this came from";
    ".end" End "" "ignore the rest of the source";
    // Checks
    ".assert" Assert "expression [, \"message\"]" "reject the source unless the expression, when all is known, is not 0";
    ".error" Error "\"message\"" "reject the source";
    ".err" Error "" "reject the source";
    ".abort" Error "" "reject the source";
    ".print" Print "\"message\"" "a note";
    ".warning" Warning "\"message\"" "warn";
    // Conditions
    ".if" If(C::NotZero) "expression" "assemble what follows only if this is not 0";
    ".ifne" If(C::NotZero) "expression" "assemble what follows only if this is not 0";
    ".ifeq" If(C::Zero) "expression" "assemble what follows only if this is 0";
    ".ifgt" If(C::Greater) "expression" "assemble what follows only if this is above 0";
    ".ifge" If(C::GreaterEqual) "expression" "assemble what follows only if this is at least 0";
    ".iflt" If(C::Less) "expression" "assemble what follows only if this is below 0";
    ".ifle" If(C::LessEqual) "expression" "assemble what follows only if this is at most 0";
    ".ifdef" If(C::Defined) "symbol" "assemble what follows only if the symbol is defined so far";
    ".ifndef" If(C::NotDefined) "symbol" "assemble what follows only if the symbol is not defined so far";
    ".ifnotdef" If(C::NotDefined) "symbol" "assemble what follows only if the symbol is not defined so far";
    ".ifb" If(C::Blank) "text" "assemble what follows only if there is no text";
    ".ifnb" If(C::NotBlank) "text" "assemble what follows only if there is text";
    ".ifc" If(C::Same) "text, text" "assemble what follows only if the texts are the same";
    ".ifnc" If(C::Different) "text, text" "assemble what follows only if the texts differ";
    ".ifeqs" If(C::Same) "\"text\", \"text\"" "assemble what follows only if the texts are the same";
    ".ifnes" If(C::Different) "\"text\", \"text\"" "assemble what follows only if the texts differ";
    ".elsec" Else "" "like `.else`";
    ".endc" Endif "" "like `.endif`";
    ".else" Else "" "assemble what follows only if the condition did not hold";
    ".elseif" Elseif "expression" "assemble what follows if no condition held so far and this is not 0";
    ".endif" Endif "" "the end of the condition";
    // Macros
    ".macro" Macro "name [parameter[:req|:vararg][=default], …]" "give the lines up to `.endm` a name";
    ".endm" Endm "" "the end of a macro";
    ".endmacro" Endm "" "the end of a macro";
    ".exitm" Exitm "" "leave the macro";
    ".altmacro" Altmacro(Altmacro::On) "" "from here on macros have `LOCAL`, `<text>`, `%expression` and bare parameters";
    ".noaltmacro" Altmacro(Altmacro::Off) "" "the end of `.altmacro`";
    ".mexit" Exitm "" "leave the macro";
    ".purgem" Purgem "name, …" "forget the macros";
    ".rept" Rept "count" "the lines up to `.endr`, so many times";
    ".irp" Irp "symbol, value, …" "the lines up to `.endr`, once per value";
    ".irpc" Irpc "symbol, characters" "the lines up to `.endr`, once per character";
    ".rep" Rept "count" "like `.rept`";
    ".irep" Irp "symbol, value, …" "like `.irp`";
    ".irepc" Irpc "symbol, characters" "like `.irpc`";
    ".endr" Endr "" "the end of a repetition";
    // What compilers emit and an image does not need
    ".ident" Ignored "\"text\"" "accepted, without effect";
    ".attribute" Ignored "tag, value" "accepted, without effect";
    ".addrsig" Ignored "" "accepted, without effect";
    ".addrsig_sym" Ignored "symbol" "accepted, without effect";
    ".cfi_startproc" Ignored "" "accepted, without effect";
    ".cfi_endproc" Ignored "" "accepted, without effect";
    ".cfi_sections" Ignored "…" "accepted, without effect";
    ".cfi_def_cfa" Ignored "…" "accepted, without effect";
    ".cfi_def_cfa_offset" Ignored "…" "accepted, without effect";
    ".cfi_def_cfa_register" Ignored "…" "accepted, without effect";
    ".cfi_adjust_cfa_offset" Ignored "…" "accepted, without effect";
    ".cfi_offset" Ignored "…" "accepted, without effect";
    ".cfi_rel_offset" Ignored "…" "accepted, without effect";
    ".cfi_restore" Ignored "…" "accepted, without effect";
    ".cfi_undefined" Ignored "…" "accepted, without effect";
    ".cfi_same_value" Ignored "…" "accepted, without effect";
    ".cfi_remember_state" Ignored "" "accepted, without effect";
    ".cfi_restore_state" Ignored "" "accepted, without effect";
    ".cfi_return_column" Ignored "…" "accepted, without effect";
    ".cfi_register" Ignored "…" "accepted, without effect";
    ".cfi_escape" Ignored "…" "accepted, without effect";
    ".cfi_signal_frame" Ignored "" "accepted, without effect";
    ".cfi_personality" Ignored "…" "accepted, without effect";
    ".cfi_lsda" Ignored "…" "accepted, without effect";
    ".cfi_val_offset" Ignored "…" "accepted, without effect";
    ".cfi_label" Ignored "…" "accepted, without effect";
    ".cfi_inline_lsda" Ignored "…" "accepted, without effect";
    ".cfi_personality_id" Ignored "…" "accepted, without effect";
    ".cfi_fde_data" Ignored "…" "accepted, without effect";
    ".cfi_window_save" Ignored "" "accepted, without effect";
    ".list" Ignored "" "accepted, without effect";
    ".nolist" Ignored "" "accepted, without effect";
    ".title" Ignored "\"text\"" "accepted, without effect";
    ".sbttl" Ignored "\"text\"" "accepted, without effect";
    ".eject" Ignored "" "accepted, without effect";
    ".psize" Ignored "…" "accepted, without effect";
    ".symver" Ignored "…" "accepted, without effect";
    ".gnu_attribute" Ignored "tag, value" "accepted, without effect";
    ".variant_cc" Ignored "symbol" "accepted, without effect";
    ".linkonce" Ignored "[type]" "accepted, without effect";
    ".line" Ignored "…" "accepted, without effect";
    ".linefile" Ignored "…" "accepted, without effect";
    ".func" Ignored "…" "accepted, without effect";
    ".endfunc" Ignored "" "accepted, without effect";
    ".stabs" Ignored "…" "accepted, without effect";
    ".stabn" Ignored "…" "accepted, without effect";
    ".stabd" Ignored "…" "accepted, without effect";
    ".llen" Ignored "…" "accepted, without effect";
    ".lflags" Ignored "…" "accepted, without effect";
    ".ttl" Ignored "\"text\"" "accepted, without effect";
    ".name" Ignored "\"text\"" "accepted, without effect";
    ".page" Ignored "" "accepted, without effect";
    ".nopage" Ignored "" "accepted, without effect";
    ".plen" Ignored "…" "accepted, without effect";
    ".format" Ignored "" "accepted, without effect";
    ".noformat" Ignored "" "accepted, without effect";
    ".debug" Ignored "" "accepted, without effect";
    ".appfile" Ignored "…" "accepted, without effect";
    ".appline" Ignored "…" "accepted, without effect";
    ".loc_mark_labels" Ignored "…" "accepted, without effect";
    ".vtable_inherit" Ignored "…" "accepted, without effect";
    ".vtable_entry" Ignored "…" "accepted, without effect";
    ".version" Ignored "\"text\"" "accepted, without effect";
}
