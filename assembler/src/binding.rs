//! Directives about symbols: who sees them, what they are worth, and the storage that several sources may share.

use crate::assembler::{Assembler, Line};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Reported};
use crate::lexer::{Kind, Token};
use crate::symbol::{Again, Binding, Meaning};

impl Assembler<'_, '_> {
    pub(crate) fn bind(
        &mut self,
        line: &Line<'_>,
        tokens: &[Token],
        binding: Binding,
    ) -> Result<(), Reported> {
        let operands = self.operands(line, tokens)?;
        let operands = operands.as_slice();
        self.count(line, tokens, operands, 1..=usize::MAX)?;
        for operand in operands {
            let token = self.name_operand(line, tokens[0], operand)?;
            let name = self.names.intern(line.name(token));
            let symbol = self.symbol(name, line.span(token));
            let symbol = &mut self.symbols[symbol.0 as usize];
            // `.weak` is the stronger statement, whatever the order.
            if !(symbol.is_weak() && binding == Binding::Global) {
                symbol.binding = binding;
            }
        }
        Ok(())
    }

    pub(crate) fn set_directive(
        &mut self,
        line: &Line<'_>,
        tokens: &[Token],
        again: Again,
    ) -> Result<(), Reported> {
        match tokens {
            [_, name, comma, value @ ..]
                if matches!(name.kind, Kind::Word | Kind::String) && comma.kind == Kind::Comma =>
            {
                self.set(line, *name, value, again);
                Ok(())
            }
            _ => {
                let diagnostic =
                    Diagnostic::new(Code::OperandCount, "expected a symbol, a comma and an expression")
                        .at(line.whole(), "here")
                        .maybe_help(self.usage(line.of(tokens[0])));
                Err(self.shared.sink.report(diagnostic))
            }
        }
    }

    pub(crate) fn comm(
        &mut self,
        line: &Line<'_>,
        tokens: &[Token],
        binding: Binding,
    ) -> Result<(), Reported> {
        let operands = self.operands(line, tokens)?;
        let operands = operands.as_slice();
        let count = self.count(line, tokens, operands, 2..=3)?;
        let token = self.name_operand(line, tokens[0], operands[0])?;
        let size = self.constant(line, operands[1])?;
        let name = self.names.intern(line.name(token));
        let local =
            self.known_symbol(name).is_some_and(|s| self.symbols[s.0 as usize].binding == Binding::Local);
        let align = match count {
            3 => self.constant(line, operands[2])?,
            _ if binding == Binding::Local => local_align(size),
            _ if local => 1,
            _ => default_align(size),
        };
        let span = line.span(token);
        if !(0..=crate::data::MAX_SECTION as i64).contains(&size)
            || align.count_ones() != 1
            || align > 1 << 30
        {
            let message = "no such storage can be reserved";
            let span = line.span_of(operands[1]);
            return Err(self.shared.error(Code::BadAlignment, message, span, "bytes, and a power of two"));
        }
        let id = self.symbol(name, span);
        let symbol = &mut self.symbols[id.0 as usize];
        if binding == Binding::Local || symbol.binding == Binding::Local {
            symbol.binding = Binding::Local;
        } else if symbol.binding == Binding::Default {
            symbol.binding = Binding::Global;
        }
        let meaning = Meaning::Common { size: size as u32, align: align as u32 };
        let local = symbol.binding == Binding::Local;
        if let Meaning::Common { size: old, .. } = symbol.meaning {
            if size as u32 > old {
                symbol.meaning = meaning;
            }
            return Ok(());
        }
        let open = symbol.meaning == Meaning::Undefined;
        self.define(id, meaning, span);
        if local && open {
            self.place_common(id.0 as usize, LOCAL_COMMON, size as u32, align as u32);
        }
        Ok(())
    }

    /// Gives this unit's local common symbols their places, in `.bss`; global ones wait for the other units.
    pub(crate) fn commons(&mut self) {
        for index in 0..self.symbols.len() {
            let symbol = &self.symbols[index];
            if let Meaning::Common { size, align } = symbol.meaning
                && symbol.binding == Binding::Local
            {
                self.place_common(index, LOCAL_COMMON, size, align);
            }
        }
    }

    /// Gives a common symbol its place at the end of `section`.
    pub(crate) fn place_common(&mut self, index: usize, place: (&str, u32), size: u32, align: u32) {
        let last = self.current;
        let section = self.section_named(place.0, None);
        self.current = self.subsection_of(section, place.1);
        self.align_to(align.trailing_zeros() as u8, None, u32::MAX);
        self.symbols[index].meaning = Meaning::Label(self.here());
        let section = self.section();
        section.len = section.len.saturating_add(size);
        self.current = last;
        let id = crate::symbol::SymbolId(index as u32);
        self.sizes.push((id, crate::expr::Value::Const(i64::from(size))));
    }

    pub(crate) fn size(&mut self, line: &Line<'_>, tokens: &[Token]) -> Result<(), Reported> {
        let operands = self.operands(line, tokens)?;
        let operands = operands.as_slice();
        self.count(line, tokens, operands, 2..=2)?;
        let token = self.name_operand(line, tokens[0], operands[0])?;
        let value = self.expression(line, operands[1])?;
        let name = self.names.intern(line.name(token));
        let symbol = self.symbol(name, line.span(token));
        self.sizes.push((symbol, value));
        Ok(())
    }

    pub(crate) fn type_of(&mut self, line: &Line<'_>, tokens: &[Token]) -> Result<(), Reported> {
        // `@function`, `%function`, `STT_FUNC` or `"function"`.
        let [_, name, .., kind] = tokens else {
            return Err(self.empty_operand(line, tokens[0], "a symbol and its type"));
        };
        let function = matches!(line.of(*kind).trim_matches(['@', '%', '"']), "function" | "STT_FUNC");
        let name = self.name_operand(line, tokens[0], std::slice::from_ref(name))?;
        let span = line.span(name);
        let name = self.names.intern(line.name(name));
        let symbol = self.symbol(name, span);
        self.symbols[symbol.0 as usize].function = function;
        Ok(())
    }
}

/// Where GNU as puts common symbols that no other source can ask for: a subsection of `.bss`.
const LOCAL_COMMON: (&str, u32) = (".bss", 1);

/// What GNU as aligns the storage of `.lcomm` to.
fn local_align(size: i64) -> i64 {
    match size {
        8.. => 8,
        4.. => 4,
        2.. => 2,
        _ => 1,
    }
}

/// What GNU as and ld align a common symbol of `size` bytes to.
fn default_align(size: i64) -> i64 {
    match size {
        9.. => 16,
        5.. => 8,
        3.. => 4,
        2.. => 2,
        _ => 1,
    }
}
