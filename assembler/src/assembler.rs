//! The assembly in progress: what is known so far, and how a statement finds its way to what it does.

use crate::codes::Code;
use crate::condition::Condition;
use crate::diagnostic::{Diagnostic, Reported, Sink};
use crate::directive::Directive;
use crate::expr::{Node, Scope, Value};
use crate::files::Files;
use crate::grammar;
use crate::lexer::{Kind, Token};
use crate::macros::Macro;
use crate::names::{NameId, Names, Word};
use crate::reader::Frame;
use crate::section::{Section, SectionId};
use crate::source::{SourceId, Sources, Span};
use crate::symbol::{Again, At, Binding, Meaning, Symbol, SymbolId};
use crate::{Options, application};
use std::collections::HashMap;
use std::rc::Rc;

/// What an assembly shares with those of the applications in it.
pub(crate) struct Shared<'f> {
    pub(crate) files: &'f dyn Files,
    pub(crate) options: &'f Options,
    pub(crate) sources: Sources,
    pub(crate) sink: Sink,
    /// Files read, beside the inputs.
    pub(crate) dependencies: Vec<String>,
    /// Bytes of macro expansions and included files so far.
    pub(crate) expanded: u64,
    /// Bytes of all images so far.
    pub(crate) image_bytes: u64,
}

impl Shared<'_> {
    pub(crate) fn error(
        &mut self,
        code: Code,
        message: impl Into<String>,
        span: Span,
        label: &str,
    ) -> Reported {
        self.sink.report(Diagnostic::new(code, message).at(span, label))
    }
}

/// What kind of address space is being filled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Space {
    /// The machine's, with a trap area.
    Kernel,
    /// An application's own.
    Application,
}

/// What `1f` and `1b` mean for one number.
#[derive(Clone, Copy, Default)]
pub(crate) struct Numeric {
    pub(crate) last: Option<SymbolId>,
    pub(crate) next: Option<SymbolId>,
}

/// An expression to be checked when all is known.
pub(crate) struct Assertion {
    pub(crate) value: Value,
    pub(crate) message: Option<String>,
    pub(crate) span: Span,
}

/// A statement's surroundings.
#[derive(Clone, Copy)]
pub(crate) struct Line<'t> {
    pub(crate) text: &'t str,
    pub(crate) source: SourceId,
    /// Offset of the statement's first token.
    pub(crate) start: u32,
    /// Offset behind its last one.
    pub(crate) end: u32,
    /// Offset of its terminator.
    pub(crate) stop: u32,
    /// Line that bytes come from.
    pub(crate) row: (SourceId, u32),
}

impl<'t> Line<'t> {
    #[inline]
    pub(crate) fn of(&self, token: Token) -> &'t str {
        &self.text[token.start as usize..token.end as usize]
    }

    /// The name that a word is, or a string: quotes around a name let it hold any character.
    #[inline]
    pub(crate) fn name(&self, token: Token) -> &'t str {
        let text = self.of(token);
        if token.kind == Kind::String { &text[1..text.len() - 1] } else { text }
    }

    #[inline]
    pub(crate) fn span(&self, token: Token) -> Span {
        Span { source: self.source, start: token.start, end: token.end }
    }

    /// From the first token to the last; where the statement ends if there is none.
    pub(crate) fn span_of(&self, tokens: &[Token]) -> Span {
        match (tokens.first(), tokens.last()) {
            (Some(first), Some(last)) => Span { source: self.source, start: first.start, end: last.end },
            _ => self.whole().behind(),
        }
    }

    /// The whole statement.
    pub(crate) fn whole(&self) -> Span {
        Span { source: self.source, start: self.start, end: self.end }
    }
}

/// No symbol has this number: their count is bounded by the bytes of sources.
const NOBODY: SymbolId = SymbolId(u32::MAX);

/// Stands in the names of labels like `1$` before the number of their scope; no source can write it.
pub(crate) const SCOPE: char = '\u{1}';

/// An assembly: the units of one address space.
pub(crate) struct Assembler<'s, 'f> {
    pub(crate) shared: &'s mut Shared<'f>,
    pub(crate) space: Space,
    /// How many applications this one lies in.
    pub(crate) depth: u32,
    pub(crate) names: Names,
    pub(crate) symbols: Vec<Symbol>,
    /// The symbol of each name in this unit; [`NOBODY`] if it has none.
    by_name: Vec<SymbolId>,
    /// Symbols of this unit are those from here on.
    pub(crate) unit_symbols: usize,
    pub(crate) unit: u32,
    pub(crate) sections: Vec<Section>,
    pub(crate) current: SectionId,
    pub(crate) previous: SectionId,
    pub(crate) stack: Vec<(SectionId, SectionId)>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) frames: Vec<Frame>,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) macros: HashMap<NameId, Rc<Macro>>,
    pub(crate) calls: u64,
    pub(crate) numeric: HashMap<u32, Numeric>,
    /// How many named labels came before: labels like `1$` live from one to the next.
    pub(crate) dollar_scope: u32,
    pub(crate) asserts: Vec<Assertion>,
    /// The layout or enumeration that is open.
    pub(crate) table: Option<crate::extras::Table>,
    /// What bytes the characters of strings become.
    pub(crate) characters: HashMap<char, u8>,
    /// The files that `.loc` speaks of, by their numbers.
    pub(crate) files: HashMap<u32, SourceId>,
    /// The line that `.loc` named last.
    pub(crate) location: Option<(SourceId, u32)>,
    pub(crate) sizes: Vec<(SymbolId, Value)>,
    /// Aliases by `.weakref`: the symbols that they stand for.
    pub(crate) weak_references: Vec<SymbolId>,
    pub(crate) modes: Vec<crate::got::Mode>,
    pub(crate) mode: crate::got::Mode,
    /// Whether the next instruction decides something: see `watched`.
    pub(crate) watch: bool,
    /// Whether instructions under `.option rvc` have been reported.
    pub(crate) said_rvc: bool,
    pub(crate) altmacro: crate::directive::Altmacro,
    /// How many names `LOCAL` has made.
    pub(crate) locals: u32,
    /// What the table of addresses is to hold.
    pub(crate) got: crate::got::Table,
    pub(crate) applications: Vec<application::Embedded>,
    /// The labels of applications, by the addresses that they have in the image.
    pub(crate) application_symbols: Vec<pg32_image::Symbol>,
    /// Sections with an address of their own, and the `.place` that said so.
    pub(crate) placed: HashMap<String, (u32, Option<Span>)>,
    /// Which line each run of bytes came from, expansions included, if that was asked for.
    pub(crate) listing: Vec<crate::Listed>,
    /// A file is missing, so that what else is missing may have been in it.
    pub(crate) incomplete: bool,
    pub(crate) buffers: crate::evaluate::Buffers,
}

impl<'s, 'f> Assembler<'s, 'f> {
    pub(crate) fn new(shared: &'s mut Shared<'f>, space: Space, depth: u32) -> Self {
        Assembler {
            shared,
            space,
            depth,
            names: Names::new(),
            symbols: Vec::new(),
            by_name: Vec::new(),
            unit_symbols: 0,
            unit: 0,
            sections: Vec::new(),
            current: SectionId(0),
            previous: SectionId(0),
            stack: Vec::new(),
            nodes: Vec::new(),
            frames: Vec::new(),
            conditions: Vec::new(),
            macros: HashMap::new(),
            calls: 0,
            numeric: HashMap::new(),
            dollar_scope: 0,
            asserts: Vec::new(),
            table: None,
            characters: HashMap::new(),
            files: HashMap::new(),
            location: None,
            sizes: Vec::new(),
            weak_references: Vec::new(),
            modes: Vec::new(),
            mode: Default::default(),
            watch: false,
            said_rvc: false,
            altmacro: Default::default(),
            locals: 0,
            got: HashMap::new(),
            applications: Vec::new(),
            application_symbols: Vec::new(),
            placed: HashMap::new(),
            listing: Vec::new(),
            incomplete: false,
            buffers: Default::default(),
        }
    }

    /// Reads one unit: a source with its own local symbols, sections and macros.
    pub(crate) fn unit(&mut self, source: SourceId) {
        self.unit = self.unit.saturating_add(1);
        self.by_name.clear();
        self.unit_symbols = self.symbols.len();
        self.macros.clear();
        self.numeric.clear();
        self.stack.clear();
        self.characters.clear();
        self.files.clear();
        self.location = None;
        self.modes.clear();
        self.mode = Default::default();
        self.altmacro = Default::default();
        let first = self.sections.len();
        for name in [".text", ".data", ".bss"] {
            self.section_named(name, None);
        }
        self.current = SectionId(first as u32);
        self.previous = self.current;
        self.predefine(source);
        self.push_file(source);
        self.run();
        self.finish_unit();
    }

    fn predefine(&mut self, source: SourceId) {
        let options = self.shared.options;
        for (name, value) in &options.defines {
            let id = self.names.intern(name);
            let symbol = self.symbol(id, Span { source, start: 0, end: 0 });
            self.symbols[symbol.0 as usize].meaning = Meaning::Set(Value::Const(*value), Again::Allowed);
        }
    }

    /// What a unit leaves behind when its text ends.
    fn finish_unit(&mut self) {
        self.unclosed();
        let mut pending: Vec<(u32, SymbolId)> =
            self.numeric.iter().filter_map(|(n, numeric)| Some((*n, numeric.next?))).collect();
        pending.sort_unstable();
        for (number, symbol) in pending {
            let span = self.symbols[symbol.0 as usize].span;
            let message = format!("there is no label `{number}:` further on");
            self.shared.error(Code::NumericLabel, message, span, "nothing follows that this could mean");
            self.symbols[symbol.0 as usize].meaning = Meaning::Set(Value::Const(0), Again::Allowed);
        }
        self.section_symbols();
        self.weak_references();
        self.commons();
        self.join_subsections();
        self.pad_code();
    }

    /// The symbol called `name` in this unit; `span` is where it was met if it is new.
    #[inline]
    pub(crate) fn symbol(&mut self, name: NameId, span: Span) -> SymbolId {
        let index = name.0 as usize;
        if let Some(id) = self.by_name.get(index).filter(|id| **id != NOBODY) {
            return *id;
        }
        if index >= self.by_name.len() {
            self.by_name.resize(self.names.len(), NOBODY);
        }
        let id = self.new_symbol(name, Meaning::Undefined, true, span);
        self.by_name[index] = id;
        id
    }

    /// The symbol called `name` in this unit, if it has been met.
    pub(crate) fn known_symbol(&self, name: NameId) -> Option<SymbolId> {
        self.by_name.get(name.0 as usize).copied().filter(|id| *id != NOBODY)
    }

    pub(crate) fn new_symbol(&mut self, name: NameId, meaning: Meaning, named: bool, span: Span) -> SymbolId {
        let id = SymbolId(self.symbols.len() as u32);
        let binding = Binding::Default;
        self.symbols.push(Symbol { name, meaning, binding, function: false, named, used: false, span });
        id
    }

    /// A symbol that no source can name.
    pub(crate) fn anonymous(&mut self, meaning: Meaning, span: Span) -> SymbolId {
        let name = self.names.intern(".");
        self.new_symbol(name, meaning, false, span)
    }

    /// The place behind everything that the current section has so far.
    pub(crate) fn here(&self) -> At {
        let section = &self.sections[self.current.0 as usize];
        At { section: self.current, offset: section.len, point: section.points.len() as u32 }
    }

    pub(crate) fn section(&mut self) -> &mut Section {
        &mut self.sections[self.current.0 as usize]
    }

    pub(crate) fn scope(&self) -> Scope<'_> {
        Scope { nodes: &self.nodes, symbols: &self.symbols, sections: &self.sections }
    }

    /// Does what the statement says.
    pub(crate) fn statement(&mut self, line: &Line<'_>, mut tokens: &[Token]) {
        while let [name, Token { kind: Kind::Colon, .. }, rest @ ..] = tokens {
            match name.kind {
                Kind::Word | Kind::String => self.label(line, *name),
                Kind::Number => self.numeric_label(line, *name),
                _ => break,
            }
            tokens = rest;
        }
        let Some(head) = tokens.first() else { return };
        if let Some(second) = tokens.get(1)
            && matches!(second.kind, Kind::Equals | Kind::EqualTo)
            && matches!(head.kind, Kind::Word | Kind::String)
        {
            self.assign(line, tokens);
            return;
        }
        if head.kind != Kind::Word {
            let _ = self.syntax(line, tokens);
            return;
        }
        let name = self.names.intern(line.of(*head));
        let word = self.names.word(name);
        if !self.macros.is_empty()
            && !matches!(word, Some(Word::Directive(_)))
            && let Some(called) = self.macros.get(&name)
        {
            let called = Rc::clone(called);
            self.call(line, tokens, &called);
            return;
        }
        let _ = match word {
            Some(Word::Op(op)) => self.instruction(line, tokens, op),
            Some(Word::Pseudo(pseudo)) => self.pseudo(line, tokens, pseudo),
            Some(Word::Directive(directive)) => self.directive(line, tokens, directive),
            None => self.unknown(line, tokens),
        };
    }

    /// The operands of a statement, or a message about its shape.
    #[inline]
    pub(crate) fn operands<'t>(
        &mut self,
        line: &Line<'_>,
        tokens: &'t [Token],
    ) -> Result<grammar::Operands<'t>, Reported> {
        match grammar::parse(tokens) {
            Ok(operands) => Ok(operands),
            Err(_) => Err(self.syntax(line, tokens)),
        }
    }

    /// The directive that a statement's head is, if it is one.
    pub(crate) fn head_directive(&self, line: &Line<'_>, tokens: &[Token]) -> Option<(usize, Directive)> {
        let mut i = 0;
        while tokens.get(i + 1).is_some_and(|t| t.kind == Kind::Colon) {
            i += 2;
        }
        let head = tokens.get(i).filter(|t| t.kind == Kind::Word)?;
        let text = line.of(*head);
        if !text.starts_with('.') {
            return None;
        }
        match self.names.find(text).and_then(|n| self.names.word(n)) {
            Some(Word::Directive(directive)) => Some((i, directive)),
            _ => None,
        }
    }
}
