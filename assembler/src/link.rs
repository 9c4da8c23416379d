//! The end of an assembly: units find each other's symbols, fixups get their values, and the image is put together.

use crate::assembler::{Assembler, Space};
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::expr::{NoValue, Node, Value};
use crate::layout::CODE;
use crate::source::Span;
use crate::symbol::{Binding, Meaning, SymbolId};
use pg32_image::Image;
use std::collections::HashMap;

/// What an assembly comes to.
pub(crate) struct Finished {
    pub(crate) image: Image,
    pub(crate) listing: Vec<crate::Listed>,
}

impl Assembler<'_, '_> {
    /// Lays out what the units have brought, and makes the image.
    pub(crate) fn finish(mut self) -> Finished {
        self.join_units();
        self.merge_sections();
        let outputs = self.lay_out();
        self.report_symbols();
        let segments = self.segments(&outputs);
        self.check_asserts();
        self.check_loaded();
        self.check_start(&outputs);
        let lines = self.image_lines(&outputs);
        let entry = self.entry();
        let symbols = self.image_symbols();
        Finished { image: Image { segments, entry, symbols, lines }, listing: self.listing }
    }

    fn entry(&self) -> u32 {
        let start = self
            .symbols
            .iter()
            .position(|s| s.named && self.names.text(s.name) == "_start" && is_defined(s.meaning));
        let value = start.map(|id| self.scope().value(Value::Symbol(SymbolId(id as u32), 0)));
        match value {
            Some(Ok(value)) => value as u32,
            _ if self.space == Space::Kernel => CODE,
            _ => 0,
        }
    }

    /// Undefined symbols of one unit become the global ones of another; common symbols get their places.
    fn join_units(&mut self) {
        let mut globals: HashMap<crate::names::NameId, SymbolId> = HashMap::new();
        for index in 0..self.symbols.len() {
            let symbol = &self.symbols[index];
            if !symbol.named || !symbol.is_global() || !is_defined(symbol.meaning) {
                continue;
            }
            let id = SymbolId(index as u32);
            let Some(&old) = globals.get(&symbol.name) else {
                globals.insert(symbol.name, id);
                continue;
            };
            self.rival(old, id, &mut globals);
        }
        for index in 0..self.symbols.len() {
            let symbol = &self.symbols[index];
            let open =
                symbol.named && symbol.meaning == Meaning::Undefined && symbol.binding != Binding::Local;
            if let Some(&global) = globals.get(&symbol.name).filter(|g| open && g.0 as usize != index) {
                self.symbols[index].meaning = Meaning::Same(global);
            }
        }
        let mut commons: Vec<_> = (0..self.symbols.len())
            .filter_map(|index| match self.symbols[index].meaning {
                Meaning::Common { size, align } => Some((index, size, align)),
                _ => None,
            })
            .collect();
        commons.sort_by_key(|(index, ..)| ld_order(self.names.text(self.symbols[*index].name)));
        for (index, size, align) in commons {
            self.place_common(index, ("COMMON", 0), size, align);
        }
        self.build_got();
        for index in 0..self.symbols.len() {
            self.shorten(SymbolId(index as u32));
        }
    }

    /// Makes every symbol on the way from `id` to what it finally is speak of that directly.
    fn shorten(&mut self, id: SymbolId) {
        let mut path = Vec::new();
        let mut at = id;
        let end = loop {
            let next = match self.symbols[at.0 as usize].meaning {
                Meaning::Set(Value::Symbol(next, _), _) if path.len() < self.symbols.len() => next,
                meaning => break meaning,
            };
            path.push(at);
            at = next;
        };
        // What is defined through itself has no end; it is reported where its value is asked for.
        if matches!(end, Meaning::Set(Value::Symbol(..), _))
            || path.len() < 2 && !matches!(end, Meaning::Set(..))
        {
            return;
        }
        let mut whole = match end {
            Meaning::Set(value, _) => value,
            _ => Value::Symbol(at, 0),
        };
        for id in path.into_iter().rev() {
            let Meaning::Set(Value::Symbol(_, more), again) = self.symbols[id.0 as usize].meaning else {
                return;
            };
            whole = match whole {
                Value::Const(value) => Value::Const(value.wrapping_add(more)),
                Value::Symbol(root, addend) => Value::Symbol(root, addend.wrapping_add(more)),
                // Sums of larger expressions stay as they are.
                Value::Node(_) => return,
            };
            self.symbols[id.0 as usize].meaning = Meaning::Set(whole, again);
        }
    }

    /// Two units define the same global symbol: which counts?
    fn rival(&mut self, old: SymbolId, new: SymbolId, globals: &mut HashMap<crate::names::NameId, SymbolId>) {
        let (a, b) = (&self.symbols[old.0 as usize], &self.symbols[new.0 as usize]);
        let name = b.name;
        match (a.meaning, b.meaning) {
            (Meaning::Common { size: x, align: p }, Meaning::Common { size: y, align: q }) => {
                self.symbols[old.0 as usize].meaning = Meaning::Common { size: x.max(y), align: p.max(q) };
                self.symbols[new.0 as usize].meaning = Meaning::Same(old);
            }
            (_, Meaning::Common { .. }) => self.symbols[new.0 as usize].meaning = Meaning::Same(old),
            (Meaning::Common { .. }, _) => {
                self.symbols[old.0 as usize].meaning = Meaning::Same(new);
                globals.insert(name, new);
            }
            _ if b.is_weak() => self.symbols[new.0 as usize].meaning = Meaning::Same(old),
            _ if a.is_weak() => {
                self.symbols[old.0 as usize].meaning = Meaning::Same(new);
                globals.insert(name, new);
            }
            _ => {
                let text = self.names.text(name).to_string();
                let diagnostic = Diagnostic::new(
                    Code::DuplicateSymbol,
                    format!("the global symbol `{text}` is defined twice"),
                )
                .at(b.span, "defined again here")
                .at(a.span, "first defined here")
                .help("without `.globl` each source has its own");
                self.shared.sink.report(diagnostic);
            }
        }
    }

    /// Reports symbols that are used and defined nowhere, or through themselves.
    fn report_symbols(&mut self) {
        // From the last to the first: values mostly speak of what is defined behind them, and are then known.
        for index in (0..self.symbols.len()).rev() {
            let symbol = &self.symbols[index];
            let id = SymbolId(index as u32);
            match symbol.meaning {
                Meaning::Undefined
                    if symbol.named && symbol.used && !symbol.is_weak() && !self.incomplete =>
                {
                    self.undefined(id);
                }
                Meaning::Undefined if symbol.named && symbol.binding == Binding::Global && !symbol.used => {
                    let text = self.names.text(symbol.name);
                    let defined =
                        self.symbols.iter().filter(|s| s.named && is_defined(s.meaning)).take(MAX_CANDIDATES);
                    let nearest = crate::suggest::nearest(text, defined.map(|s| self.names.text(s.name)));
                    let diagnostic =
                        Diagnostic::new(Code::GlobalUndefined, format!("nobody defines `{text}`"))
                            .at(symbol.span, "made global here")
                            .maybe_help(nearest.map(|n| format!("did you mean `{n}`?")));
                    self.shared.sink.report(diagnostic);
                }
                Meaning::Set(Value::Const(_), _) => {}
                Meaning::Set(value, again) => {
                    let result = self.scope().value(value);
                    let span = symbol.span;
                    match result {
                        Ok(number) if matches!(value, Value::Node(_)) => {
                            self.symbols[index].meaning = Meaning::Set(Value::Const(number), again);
                        }
                        Err(NoValue::Undefined(_)) | Ok(_) => {}
                        Err(error) => {
                            self.no_value(error, Some(span));
                            // Said once; its uses are no mistakes.
                            self.symbols[index].meaning = Meaning::Set(Value::Const(0), again);
                        }
                    }
                }
                _ => {}
            }
            if self.shared.sink.is_full() {
                return;
            }
        }
    }

    fn undefined(&mut self, id: SymbolId) {
        let symbol = &self.symbols[id.0 as usize];
        let text = self.names.text(symbol.name);
        if self.names.register(symbol.name).is_some() {
            let (text, span) = (text.to_string(), symbol.span);
            self.register_as_value(&text, span);
            return;
        }
        if self.shared.sources.slice(symbol.span).starts_with('"') {
            let diagnostic = Diagnostic::new(Code::NotValue, "a number or symbol is expected, not a string")
                .at(symbol.span, "a string")
                .help("characters are put down by `.ascii`, or by `.asciz` with a zero byte behind them")
                .note("quotes around the name of a symbol are allowed; this is the name of none");
            self.shared.sink.report(diagnostic);
            return;
        }
        let text = text.split(crate::assembler::SCOPE).next().unwrap_or_default();
        let hidden = self.symbols.iter().find(|s| s.named && s.name == symbol.name && is_defined(s.meaning));
        let defined = self.symbols.iter().filter(|s| s.named && is_defined(s.meaning)).take(MAX_CANDIDATES);
        let help = match hidden {
            Some(_) => Some(format!(
                "another source defines `{text}`, and keeps it to itself: `.globl {text}` there"
            )),
            None => crate::suggest::nearest(text, defined.map(|s| self.names.text(s.name)))
                .map(|n| format!("did you mean `{n}`?")),
        };
        let mut diagnostic =
            Diagnostic::new(Code::UndefinedSymbol, format!("the symbol `{text}` is not defined"))
                .at(symbol.span, "first used here")
                .maybe_help(help);
        if let Some(other) = hidden {
            diagnostic = diagnostic.at(other.span, "defined here, for its own source");
        }
        self.shared.sink.report(diagnostic);
    }

    /// Reports why a value is none; undefined symbols are reported by themselves.
    pub(crate) fn no_value(&mut self, error: NoValue, span: Option<Span>) {
        let (code, message) = match error {
            NoValue::Undefined(_) => return,
            NoValue::Circular(id) => {
                // Said once; the uses of this symbol are no mistakes.
                self.symbols[id.0 as usize].meaning =
                    Meaning::Set(Value::Const(0), crate::symbol::Again::Never);
                let text = self.names.text(self.symbols[id.0 as usize].name);
                (Code::Circular, format!("the value of `{text}` depends on itself"))
            }
            NoValue::DivisionByZero => (Code::DivisionByZero, "division by zero".to_string()),
            NoValue::Misplaced => (
                Code::WrongFunction,
                "`%pcrel_hi` and `%pcrel_lo` stand only for a whole operand".to_string(),
            ),
            NoValue::TooLong => (Code::TooLong, "this value takes too many steps".to_string()),
        };
        let mut diagnostic = Diagnostic::new(code, message);
        if let Some(span) = span {
            diagnostic = diagnostic.at(span, "here");
        }
        self.shared.sink.report(diagnostic);
    }

    /// Checks what `.assert` demanded.
    fn check_asserts(&mut self) {
        for assertion in std::mem::take(&mut self.asserts) {
            match self.scope().value(assertion.value) {
                Ok(0) => {
                    let message =
                        assertion.message.unwrap_or_else(|| "the assertion does not hold".to_string());
                    let mut diagnostic =
                        Diagnostic::new(Code::AssertFailed, message).at(assertion.span, "this is 0");
                    if let Value::Node(node) = assertion.value
                        && let Node::Binary(op, a, b) = self.nodes[node.0 as usize]
                        && let (Ok(a), Ok(b)) = (self.scope().value(a), self.scope().value(b))
                    {
                        let number = crate::instruction::number;
                        diagnostic = diagnostic.note(format!("{} {} {}", number(a), op.symbol(), number(b)));
                    }
                    self.shared.sink.report(diagnostic);
                }
                Ok(_) => {}
                Err(error) => self.no_value(error, Some(assertion.span)),
            }
        }
    }
}

fn is_defined(meaning: Meaning) -> bool {
    !matches!(meaning, Meaning::Undefined | Meaning::Same(_))
}

/// Where GNU ld comes to a common symbol: it walks its hash table (binutils `bfd/hash.c`).
pub(crate) fn ld_order(name: &str) -> u64 {
    const BUCKETS: u64 = 4051;
    let stir = |hash: u64, value: u64| {
        let hash = hash.wrapping_add(value.wrapping_add(value << 17));
        hash ^ hash >> 2
    };
    let hash = name.bytes().fold(0, |hash, byte| stir(hash, u64::from(byte)));
    stir(hash, name.len() as u64) % BUCKETS
}

/// How many symbols are compared with a misspelt one.
const MAX_CANDIDATES: usize = 10_000;
