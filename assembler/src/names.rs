//! Identifiers as numbers: each is hashed once, and what the language gives it is found by index.

use crate::directive::Directive;
use crate::pseudo::{PSEUDOS, Pseudo};
use hashbrown::HashTable;
use pg32_isa::{Op, Reg};

/// An identifier.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct NameId(pub(crate) u32);

/// What a word at the head of a statement means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Word {
    Op(Op),
    Pseudo(&'static Pseudo),
    Directive(Directive),
}

#[derive(Clone, Copy, Default)]
struct Builtin {
    word: Option<Word>,
    register: Option<Reg>,
}

/// The identifiers of an assembly.
pub(crate) struct Names {
    pool: String,
    /// Where each name ends in `pool`; it begins where the one before it ends.
    ends: Vec<u32>,
    table: HashTable<u32>,
    /// By [`NameId`], for the names that the language has.
    builtins: Vec<Builtin>,
}

/// Folds eight bytes at a time, as rustc's own tables do: identifiers are short and nobody's enemy. A source that
/// attacks the table slows down only itself.
#[inline]
fn hash(text: &[u8]) -> u64 {
    const K: u64 = 0x517c_c1b7_2722_0a95;
    let mut hash = text.len() as u64;
    let mut chunks = text.chunks_exact(8);
    for chunk in &mut chunks {
        let word = u64::from_le_bytes(chunk.try_into().expect("a chunk has eight bytes"));
        hash = (hash.rotate_left(5) ^ word).wrapping_mul(K);
    }
    let mut rest = [0; 8];
    rest[..chunks.remainder().len()].copy_from_slice(chunks.remainder());
    hash = (hash.rotate_left(5) ^ u64::from_le_bytes(rest)).wrapping_mul(K);
    // The table uses the low bits for the place and the high ones as a tag.
    hash ^ hash >> 29
}

impl Names {
    pub(crate) fn new() -> Self {
        let mut names =
            Names { pool: String::new(), ends: Vec::new(), table: HashTable::new(), builtins: Vec::new() };
        for op in Op::ALL {
            names.builtin(op.mnemonic()).word = Some(Word::Op(op));
        }
        for pseudo in PSEUDOS {
            names.builtin(pseudo.name).word = Some(Word::Pseudo(pseudo));
        }
        for (name, directive) in Directive::ALL {
            names.builtin(name).word = Some(Word::Directive(*directive));
        }
        for register in Reg::all() {
            names.builtin(register.name()).register = Some(register);
            names.builtin(&format!("x{}", register.number())).register = Some(register);
        }
        names.builtin("fp").register = Reg::parse("fp");
        names
    }

    fn builtin(&mut self, name: &str) -> &mut Builtin {
        let id = self.intern(name).0 as usize;
        if id >= self.builtins.len() {
            self.builtins.resize(id + 1, Builtin::default());
        }
        &mut self.builtins[id]
    }

    /// The name's number, the same for the same text.
    #[inline]
    pub(crate) fn intern(&mut self, text: &str) -> NameId {
        let Names { pool, ends, table, .. } = self;
        let slice = |id: u32| {
            let start = if id == 0 { 0 } else { ends[id as usize - 1] as usize };
            &pool.as_bytes()[start..ends[id as usize] as usize]
        };
        let hash_of = hash(text.as_bytes());
        if let Some(id) = table.find(hash_of, |id| slice(*id) == text.as_bytes()) {
            return NameId(*id);
        }
        let id = ends.len() as u32;
        table.insert_unique(hash_of, id, |id| hash(slice(*id)));
        pool.push_str(text);
        ends.push(pool.len() as u32);
        NameId(id)
    }

    /// The number of a name that has one.
    pub(crate) fn find(&self, text: &str) -> Option<NameId> {
        self.table.find(hash(text.as_bytes()), |id| self.text(NameId(*id)) == text).map(|id| NameId(*id))
    }

    pub(crate) fn text(&self, id: NameId) -> &str {
        let id = id.0 as usize;
        let start = if id == 0 { 0 } else { self.ends[id - 1] as usize };
        &self.pool[start..self.ends[id] as usize]
    }

    #[inline]
    pub(crate) fn word(&self, id: NameId) -> Option<Word> {
        self.builtins.get(id.0 as usize).and_then(|b| b.word)
    }

    #[inline]
    pub(crate) fn register(&self, id: NameId) -> Option<Reg> {
        self.builtins.get(id.0 as usize).and_then(|b| b.register)
    }

    /// Every mnemonic, pseudo-instruction and directive.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        let words = self.builtins.iter().enumerate().filter(|(_, b)| b.word.is_some());
        words.map(|(i, _)| self.text(NameId(i as u32)))
    }

    /// Every name of a register.
    pub(crate) fn registers(&self) -> impl Iterator<Item = &str> {
        let registers = self.builtins.iter().enumerate().filter(|(_, b)| b.register.is_some());
        registers.map(|(i, _)| self.text(NameId(i as u32)))
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }
}
