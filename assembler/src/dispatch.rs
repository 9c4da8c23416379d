//! From a directive to what does it, and the directives about symbols, sections and sources.

use crate::assembler::{Assembler, Assertion, Line};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Reported};
use crate::directive::Directive;
use crate::lexer::{Kind, Token};
use crate::section::{Flags, Section, SectionId};
use crate::source::Span;
use crate::symbol::{Again, Binding};

impl Assembler<'_, '_> {
    pub(crate) fn directive(
        &mut self,
        line: &Line<'_>,
        tokens: &[Token],
        directive: Directive,
    ) -> Result<(), Reported> {
        match directive {
            Directive::Data(width) => self.data(line, tokens, width),
            Directive::Text(zero, width) => self.text(line, tokens, zero, width),
            Directive::Space(unit) => self.space(line, tokens, unit),
            Directive::Repeated(width) => self.repeated(line, tokens, width),
            Directive::Octa => self.octa(line, tokens),
            Directive::Dtprel => self.dtprel(line, tokens),
            Directive::Fill => self.fill(line, tokens),
            Directive::Align(unit) => self.align(line, tokens, unit),
            Directive::Org => self.org_directive(line, tokens),
            Directive::Leb(sign) => self.leb(line, tokens, sign),
            Directive::Float(width) => self.floats(line, tokens, width),
            Directive::Table(kind) => self.table(line, tokens, kind),
            Directive::Member(kind) => self.member(line, tokens, kind),
            Directive::EndTable(kind) => self.end_table(line, tokens, kind),
            Directive::Charmap => self.charmap(line, tokens),
            Directive::Standard(name) => self.standard(line, tokens, name),
            Directive::Section => self.section_directive(line, tokens),
            Directive::Subsection => self.subsection(line, tokens),
            Directive::Struct => self.structure(line, tokens),
            Directive::Push => self.push_section(line, tokens),
            Directive::Pop => self.pop_section(line),
            Directive::Previous => {
                std::mem::swap(&mut self.current, &mut self.previous);
                Ok(())
            }
            Directive::Place => self.place(line, tokens),
            Directive::Global => self.bind(line, tokens, Binding::Global),
            Directive::Weak => self.bind(line, tokens, Binding::Weak),
            Directive::Weakref => self.weak_reference(line, tokens),
            Directive::Local => self.bind(line, tokens, Binding::Local),
            Directive::Set => self.set_directive(line, tokens, Again::Allowed),
            Directive::Equiv => self.set_directive(line, tokens, Again::Never),
            Directive::Comm => self.comm(line, tokens, Binding::Global),
            Directive::Lcomm => self.comm(line, tokens, Binding::Local),
            Directive::Size => self.size(line, tokens),
            Directive::Type => self.type_of(line, tokens),
            Directive::Insn => self.insn(line, tokens),
            Directive::Include => self.include(line, tokens),
            Directive::Incbin => self.incbin(line, tokens),
            Directive::Application => self.application(line, tokens),
            Directive::Assert => self.assert(line, tokens),
            Directive::Error | Directive::Warning | Directive::Print => {
                self.user_message(line, tokens, directive)
            }
            Directive::If(asks) => self.condition(line, tokens, asks),
            Directive::Else | Directive::Elseif | Directive::Endif => self.branch(line, tokens, directive),
            Directive::Macro => self.define_macro(line, tokens),
            Directive::Purgem => self.purge(line, tokens),
            Directive::Exitm => self.exit_macro(line.whole()),
            Directive::Rept => self.rept(line, tokens),
            Directive::Irp | Directive::Irpc => self.irp(line, tokens, directive),
            Directive::Endm | Directive::Endr => self.ends_nothing(line, tokens[0]),
            Directive::End => {
                self.frames.clear();
                Ok(())
            }
            Directive::File => self.file_directive(line, tokens),
            Directive::Loc => self.loc(line, tokens),
            Directive::Option => self.option(line, tokens),
            Directive::Reloc => self.reloc(line, tokens),
            Directive::Altmacro(state) => self.set_altmacro(state),
            Directive::Ignored => Ok(()),
        }
    }

    /// `.endm` and `.endr` by themselves.
    fn ends_nothing(&mut self, line: &Line<'_>, head: Token) -> Result<(), Reported> {
        let message = format!("`{}` ends nothing", line.of(head));
        Err(self.shared.error(Code::Unopened, message, line.span(head), "nothing is open here"))
    }

    /// The one name that a directive takes.
    pub(crate) fn one_name(
        &mut self,
        line: &Line<'_>,
        tokens: &[Token],
        operands: &[&[Token]],
    ) -> Result<Token, Reported> {
        self.count(line, tokens, operands, 1..=1)?;
        self.name_operand(line, tokens[0], operands[0])
    }

    pub(crate) fn name_operand(
        &mut self,
        line: &Line<'_>,
        head: Token,
        operand: &[Token],
    ) -> Result<Token, Reported> {
        match operand {
            [token] if matches!(token.kind, Kind::Word | Kind::String) => Ok(*token),
            [] => Err(self.empty_operand(line, head, "a symbol")),
            _ => {
                let message = format!("`{}` takes the name of a symbol", line.of(head));
                Err(self.shared.error(Code::OperandKind, message, line.span_of(operand), "no name"))
            }
        }
    }

    /// `.text` and its like, perhaps with the number of a subsection.
    fn standard(&mut self, line: &Line<'_>, tokens: &[Token], name: &str) -> Result<(), Reported> {
        let operands = self.operands(line, tokens)?;
        let operands = operands.as_slice();
        let number = match self.count(line, tokens, operands, 0..=1)? {
            0 => 0,
            _ => self.subsection_number(line, operands[0])?,
        };
        self.enter((name, number), None, line.whole())
    }

    /// Goes on in a section, by its name and the number of its part.
    pub(crate) fn enter(
        &mut self,
        (name, subsection): (&str, u32),
        flags: Option<Flags>,
        span: Span,
    ) -> Result<(), Reported> {
        let whole = self.section_named(name, flags);
        let id = self.subsection_of(whole, subsection);
        let section = &mut self.sections[id.0 as usize];
        section.span.get_or_insert(span);
        section.said_flags |= flags.is_some();
        let known = section.flags;
        self.previous = std::mem::replace(&mut self.current, id);
        if let Some(flags) = flags
            && flags != known
        {
            let diagnostic = Diagnostic::new(Code::SectionFlags, format!("`{name}` has other flags already"))
                .at(span, "these are ignored")
                .maybe_help(None);
            self.shared.sink.report(diagnostic);
        }
        Ok(())
    }

    /// The section of this unit called `name`, with the flags that are usual for it unless others are given.
    pub(crate) fn section_named(&mut self, name: &str, flags: Option<Flags>) -> SectionId {
        let unit = self.unit;
        let known = |s: &Section| s.unit == unit && s.subsection == 0 && s.name == name;
        if let Some(id) = self.sections.iter().position(known) {
            return SectionId(id as u32);
        }
        let id = SectionId(self.sections.len() as u32);
        self.sections.push(Section::new(name, unit, flags.unwrap_or_else(|| usual_flags(name))));
        id
    }

    /// `.section name [, "flags" [, @type [, …]]]`
    pub(crate) fn section_directive(&mut self, line: &Line<'_>, tokens: &[Token]) -> Result<(), Reported> {
        let (name, rest) = self.section_name(line, tokens)?;
        if rest.is_empty() {
            return self.enter((&name, 0), None, line.whole());
        }
        // What is left begins with a comma; the grammar wants a word before the operands.
        let mut shifted = vec![tokens[0]];
        // `%progbits` is `@progbits`; and a type may be a bare number, which means nothing here.
        shifted.extend(
            rest[1..]
                .iter()
                .map(|t| Token { kind: if t.kind == Kind::Percent { Kind::At } else { t.kind }, ..*t }),
        );
        let operands = self.operands(line, &shifted)?;
        let operands = operands.as_slice();
        let [token] = operands[0] else { return Err(self.bad_flags(line, operands[0])) };
        let mut flags = Flags {
            alloc: false,
            write: false,
            execute: false,
            tls: false,
            nobits: usual_flags(&name).nobits,
        };
        if token.kind != Kind::String {
            return Err(self.bad_flags(line, operands[0]));
        }
        let text = line.of(*token);
        let letters = &text[1..text.len() - 1];
        for letter in letters.chars() {
            match letter {
                'a' => flags.alloc = true,
                'w' => flags.write = true,
                'x' => flags.execute = true,
                'T' => flags.tls = true,
                'M' | 'S' | 'G' | 'o' | 'R' | 'e' | '?' | 'd' | '0'..='9' => {}
                _ => return Err(self.bad_flags(line, operands[0])),
            }
        }
        if let Some([kind, ..]) = operands.get(1) {
            match line.of(*kind).trim_start_matches(['@', '%', '"']).trim_end_matches('"') {
                "nobits" => flags.nobits = true,
                "progbits" => flags.nobits = false,
                _ => {}
            }
        }
        // Standard sections are what they are, whatever is said of them.
        let flags =
            if is_standard(&name) { Flags { nobits: flags.nobits, ..usual_flags(&name) } } else { flags };
        let size = match operands.get(2) {
            Some(operand) if letters.contains('M') => u32::try_from(self.constant(line, operand)?).ok(),
            _ => None,
        };
        self.enter((&name, 0), Some(flags), line.whole())?;
        if let Some(size) = size {
            let strings = letters.contains('S');
            self.section().mergeable.get_or_insert(crate::merge::Mergeable { size, strings });
        }
        Ok(())
    }

    fn bad_flags(&mut self, line: &Line<'_>, operand: &[Token]) -> Reported {
        let diagnostic = Diagnostic::new(Code::BadFlags, "these are no flags of a section")
            .at(line.span_of(operand), "expected some of the letters `awx` in quotes")
            .help("`a` takes storage, `w` is written, `x` holds instructions");
        self.shared.sink.report(diagnostic)
    }

    /// The name that follows `.section`: a word, a string, or words joined by `-`; and the tokens behind it.
    pub(crate) fn section_name<'t>(
        &mut self,
        line: &Line<'_>,
        tokens: &'t [Token],
    ) -> Result<(String, &'t [Token]), Reported> {
        let end = tokens.iter().position(|t| t.kind == Kind::Comma).unwrap_or(tokens.len());
        let name = &tokens[1..end.max(1)];
        match name {
            [] => Err(self.empty_operand(line, tokens[0], "the name of a section")),
            [string] if string.kind == Kind::String => {
                let text = line.of(*string);
                Ok((text[1..text.len() - 1].to_string(), &tokens[end..]))
            }
            [first, .., last] | [first @ last] if first.kind == Kind::Word => {
                let text = &line.text[first.start as usize..last.end as usize];
                if text.contains(char::is_whitespace) {
                    return Err(self.syntax(line, tokens));
                }
                Ok((text.to_string(), &tokens[end..]))
            }
            _ => {
                let message = "expected the name of a section";
                Err(self.shared.error(Code::OperandKind, message, line.span_of(name), "no name"))
            }
        }
    }

    /// `.place section, address`
    fn place(&mut self, line: &Line<'_>, tokens: &[Token]) -> Result<(), Reported> {
        let (name, rest) = self.section_name(line, tokens)?;
        let mut shifted = vec![tokens[0]];
        shifted.extend(rest.iter().skip(1));
        let operands = self.operands(line, &shifted)?;
        if rest.is_empty() {
            return Err(self.empty_operand(line, tokens[0], "a section and an address"));
        }
        self.count(line, tokens, operands.as_slice(), 1..=1)?;
        let operand = operands.as_slice()[0];
        let value = self.constant(line, operand)?;
        let span = line.span_of(operand);
        let Ok(address) = u32::try_from(value) else {
            let message = format!("{value} is no address: the range is 0 to {}", u32::MAX);
            return Err(self.shared.error(Code::BadAddress, message, span, "out of range"));
        };
        self.placed.insert(name, (address, Some(line.whole())));
        Ok(())
    }

    fn assert(&mut self, line: &Line<'_>, tokens: &[Token]) -> Result<(), Reported> {
        let operands = self.operands(line, tokens)?;
        let operands = operands.as_slice();
        let count = self.count(line, tokens, operands, 1..=2)?;
        let value = self.expression(line, operands[0])?;
        let message = if count == 2 { Some(self.string(line, operands[1])?) } else { None };
        let message = message.map(|m| String::from_utf8_lossy(&m).into_owned());
        self.asserts.push(Assertion { value, message, span: line.span_of(operands[0]) });
        Ok(())
    }

    fn user_message(
        &mut self,
        line: &Line<'_>,
        tokens: &[Token],
        directive: Directive,
    ) -> Result<(), Reported> {
        let operands = self.operands(line, tokens)?;
        let text = match operands.as_slice() {
            [[string]] if string.kind == Kind::String => {
                String::from_utf8_lossy(&self.string(line, &[*string])?).into_owned()
            }
            _ => format!("`{}` was assembled", line.of(tokens[0])),
        };
        let code = match directive {
            Directive::Warning => Code::UserWarning,
            Directive::Print => Code::UserNote,
            _ => Code::UserError,
        };
        self.shared.error(code, text, line.whole(), "said so here");
        Ok(())
    }
}

/// The section that a name is one of: `.text.main` is one of `.text`.
pub(crate) fn parent(name: &str) -> &str {
    const PARENTS: [(&str, &str); 11] = [
        (".trap", ".trap"),
        (".text", ".text"),
        (".rodata", ".rodata"),
        (".srodata", ".rodata"),
        (".data", ".data"),
        (".sdata", ".data"),
        (".bss", ".bss"),
        (".sbss", ".bss"),
        ("COMMON", ".bss"),
        (".tdata", ".tdata"),
        (".tbss", ".tbss"),
    ];
    let joins =
        |prefix: &str| name == prefix || name.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('.'));
    PARENTS.iter().find(|(prefix, _)| joins(prefix)).map_or(name, |(_, parent)| parent)
}

fn is_standard(name: &str) -> bool {
    [".text", ".data", ".bss", ".rodata"].contains(&name)
}

/// What a section is for if the source does not say (binutils `bfd/elf.c`, `special_sections`).
fn usual_flags(name: &str) -> Flags {
    let flags = Flags { alloc: true, write: false, execute: false, nobits: false, tls: false };
    let is = |wanted: &str| name == wanted || name.strip_prefix(wanted).is_some_and(|n| n.starts_with('.'));
    match parent(name) {
        ".text" => Flags { execute: true, ..flags },
        ".rodata" => flags,
        ".data" | ".trap" => Flags { write: true, ..flags },
        ".bss" => Flags { write: true, nobits: true, ..flags },
        ".init" | ".fini" | ".plt" => Flags { execute: true, ..flags },
        ".data1" | ".got" => Flags { write: true, ..flags },
        ".rodata1" => flags,
        _ if is(".init_array") || is(".fini_array") || is(".preinit_array") => Flags { write: true, ..flags },
        _ if is(".tdata") => Flags { write: true, tls: true, ..flags },
        _ if is(".tbss") => Flags { write: true, nobits: true, tls: true, ..flags },
        _ => Flags { alloc: false, ..flags },
    }
}
