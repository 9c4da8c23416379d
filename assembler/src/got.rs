//! What position-independent and thread-local code asks a linker for: a table of addresses, `.got`, and offsets into a
//! thread's block. The entries are known when every unit has been read.

use crate::assembler::{Assembler, Line};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Reported};
use crate::expr::{Binary, Function, Node, NodeId, Unary, Value};
use crate::lexer::{Kind, Token};
use crate::link::ld_order;
use crate::section::{FixKind, Fixup, Flags, Target};
use crate::symbol::{At, Meaning, SymbolId};
use std::collections::HashMap;

/// What `.option` says, as far as it matters here.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Mode {
    pub(crate) addresses: Addresses,
    pub(crate) length: Length,
}

/// How `la` finds an address.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Addresses {
    /// By its distance.
    #[default]
    Near,
    /// In the table of addresses.
    Pic,
}

/// What lengths of instructions the source allows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Length {
    #[default]
    Four,
    /// `.option rvc`: two bytes too, which PG32 does not have.
    Two,
}

/// What an entry of the table holds.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Wanted {
    /// The symbol's address.
    Address,
    /// Its offset in a thread's block.
    ThreadOffset,
    /// The number of its module, 1, and its offset as `__tls_get_addr` wants it.
    ThreadPair,
}

/// The entries that units asked for, each with the symbol that is to be its place.
pub(crate) type Table = HashMap<(SymbolId, Wanted), SymbolId>;

/// What the RISC-V ABI takes off the offsets that `__tls_get_addr` and debuggers are given.
const DTP_OFFSET: i64 = 0x800;

impl Assembler<'_, '_> {
    /// `.option`
    pub(crate) fn option(&mut self, line: &Line<'_>, tokens: &[Token]) -> Result<(), Reported> {
        let Some(word) = tokens.get(1) else {
            return Err(self.empty_operand(line, tokens[0], "the name of an option"));
        };
        let text = line.of(*word);
        let message = match text {
            "push" => {
                self.modes.push(self.mode);
                return Ok(());
            }
            "pop" => {
                let Some(mode) = self.modes.pop() else {
                    let message = "`.option pop` without `.option push`";
                    return Err(self.shared.error(
                        Code::Unopened,
                        message,
                        line.whole(),
                        "nothing to go back to",
                    ));
                };
                return self.set_mode(mode);
            }
            "pic" => return self.set_mode(Mode { addresses: Addresses::Pic, ..self.mode }),
            "nopic" => return self.set_mode(Mode { addresses: Addresses::Near, ..self.mode }),
            "rvc" => return self.set_mode(Mode { length: Length::Two, ..self.mode }),
            "norvc" => return self.set_mode(Mode { length: Length::Four, ..self.mode }),
            "relax" | "norelax" | "arch" | "csr" | "no" => return Ok(()),
            _ => format!("there is no option `{text}`"),
        };
        let diagnostic = Diagnostic::new(Code::OptionIgnored, message).at(line.whole(), "changes nothing");
        self.shared.sink.report(diagnostic);
        Ok(())
    }

    fn set_mode(&mut self, mode: Mode) -> Result<(), Reported> {
        self.mode = mode;
        self.watch |= mode.length == Length::Two;
        Ok(())
    }

    /// `.reloc offset, type [, expression]`
    pub(crate) fn reloc(&mut self, line: &Line<'_>, tokens: &[Token]) -> Result<(), Reported> {
        let operands = self.operands(line, tokens)?;
        let operands = operands.as_slice();
        self.count(line, tokens, operands, 2..=3)?;
        let wanted = operands[1];
        let harmless = ["R_RISCV_NONE", "R_RISCV_RELAX", "R_RISCV_ALIGN", "BFD_RELOC_NONE"];
        if matches!(wanted, [token] if token.kind == Kind::Word && harmless.contains(&line.of(*token))) {
            return Ok(());
        }
        let diagnostic = Diagnostic::new(Code::NoRelocation, "no linker comes behind the assembler")
            .at(line.span_of(wanted), "cannot be asked for")
            .help("write an expression, or `%hi`, `%lo`, `%pcrel_hi`, `%pcrel_lo`, where the value belongs");
        Err(self.shared.sink.report(diagnostic))
    }

    /// What a function that needs the table or a thread's block comes down to: a part of an address, and that address.
    pub(crate) fn linked(
        &mut self,
        line: &Line<'_>,
        operand: &[Token],
        function: Function,
        value: Value,
    ) -> Result<(Function, Value), Reported> {
        Ok(match function {
            Function::TprelHi => (Function::Hi, self.thread_offset(value)),
            Function::TprelLo => (Function::Lo, self.thread_offset(value)),
            Function::GotPcrelHi => (Function::PcrelHi, self.slot(line, operand, value, Wanted::Address)?),
            Function::TlsIePcrelHi => {
                (Function::PcrelHi, self.slot(line, operand, value, Wanted::ThreadOffset)?)
            }
            Function::TlsGdPcrelHi => {
                (Function::PcrelHi, self.slot(line, operand, value, Wanted::ThreadPair)?)
            }
            other => (other, value),
        })
    }

    fn thread_offset(&mut self, value: Value) -> Value {
        let id = NodeId(self.nodes.len() as u32);
        self.nodes.push(Node::Unary(Unary::Function(Function::Tprel), value));
        Value::Node(id)
    }

    /// `.dtprelword symbol`
    pub(crate) fn dtprel(&mut self, line: &Line<'_>, tokens: &[Token]) -> Result<(), Reported> {
        let operands = self.operands(line, tokens)?;
        let operands = operands.as_slice();
        self.count(line, tokens, operands, 1..=1)?;
        let value = self.expression(line, operands[0])?;
        let offset = self.thread_offset(value);
        let value = self.biased(offset);
        self.room(line, 4)?;
        let at = self.section().len;
        self.section().push(&[0; 4]);
        self.fixup(at, FixKind::Data { width: 4 }, value, line.span_of(operands[0]));
        Ok(())
    }

    fn biased(&mut self, offset: Value) -> Value {
        let id = NodeId(self.nodes.len() as u32);
        self.nodes.push(Node::Binary(Binary::Subtract, offset, Value::Const(DTP_OFFSET)));
        Value::Node(id)
    }

    /// The place of a symbol's entry in the table.
    pub(crate) fn slot(
        &mut self,
        line: &Line<'_>,
        operand: &[Token],
        value: Value,
        wanted: Wanted,
    ) -> Result<Value, Reported> {
        let span = line.span_of(operand);
        let Value::Symbol(symbol, 0) = value else {
            let message = "the table of addresses has entries for symbols only, with nothing added";
            return Err(self.shared.error(Code::WrongFunction, message, span, "no symbol"));
        };
        let slot = match self.got.get(&(symbol, wanted)) {
            Some(slot) => *slot,
            None => {
                let slot = self.anonymous(Meaning::Undefined, span);
                self.got.insert((symbol, wanted), slot);
                slot
            }
        };
        Ok(Value::Symbol(slot, 0))
    }

    /// Makes the table of what the units asked for. As in GNU ld, a word of its own comes first, then the local symbols, then the
    /// global ones in the order of its hash table.
    pub(crate) fn build_got(&mut self) {
        if self.got.is_empty() {
            return;
        }
        let resolved = |(mut symbol, wanted): (SymbolId, Wanted), slot| {
            while let Meaning::Same(other) = self.symbols[symbol.0 as usize].meaning {
                symbol = other;
            }
            (symbol, wanted, slot)
        };
        let mut entries: Vec<_> = self.got.iter().map(|(key, slot)| resolved(*key, *slot)).collect();
        entries.sort_by_key(|(id, _, slot)| {
            let symbol = &self.symbols[id.0 as usize];
            let global = symbol.is_global() || symbol.meaning == Meaning::Undefined;
            let order = if global { ld_order(self.names.text(symbol.name)) } else { u64::from(id.0) };
            (global, order, *slot)
        });
        let flags = Flags { alloc: true, write: true, execute: false, nobits: false, tls: false };
        let id = self.section_named(".got", Some(flags));
        self.current = id;
        let section = self.section();
        section.align = section.align.max(2);
        section.push(&[0; 4]);
        let mut known: HashMap<(SymbolId, Wanted), At> = HashMap::new();
        for (symbol, wanted, slot) in entries {
            let at = match known.get(&(symbol, wanted)) {
                Some(at) => *at,
                None => self.table_entry(symbol, wanted),
            };
            known.insert((symbol, wanted), at);
            self.symbols[slot.0 as usize].meaning = Meaning::Label(at);
        }
    }

    fn table_entry(&mut self, symbol: SymbolId, wanted: Wanted) -> At {
        let at = self.here();
        let span = self.symbols[symbol.0 as usize].span;
        let mut offset = at.offset;
        let target = match wanted {
            Wanted::Address => Target::Symbol { symbol, addend: 0 },
            Wanted::ThreadOffset | Wanted::ThreadPair => {
                let mut value = self.thread_offset(Value::Symbol(symbol, 0));
                if wanted == Wanted::ThreadPair {
                    value = self.biased(value);
                    self.section().push(&1_u32.to_le_bytes());
                    offset += 4;
                }
                match value {
                    Value::Node(node) => Target::Node(node),
                    _ => Target::Symbol { symbol, addend: 0 },
                }
            }
        };
        let section = self.section();
        section.push(&[0; 4]);
        section.fixups.push(Fixup { target, offset, kind: FixKind::Data { width: 4 }, span });
        at
    }
}
