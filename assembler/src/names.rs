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
    keys: Vec<u64>,
    table: HashTable<u32>,
    /// By [`NameId`], for the names that the language has.
    builtins: Vec<Builtin>,
}

/// A name as it is compared and hashed: up to eight bytes as they are, longer ones folded into 64 bits.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Key {
    bits: u64,
    /// Whether `bits` is the whole name.
    whole: bool,
}

const MULTIPLIER: u64 = 0x517c_c1b7_2722_0a95;

impl Key {
    #[inline]
    fn of(text: &[u8]) -> Self {
        let quad = |at: usize| u64::from_le_bytes(text[at..at + 8].try_into().expect("eight bytes"));
        let double =
            |at: usize| u64::from(u32::from_le_bytes(text[at..at + 4].try_into().expect("four bytes")));
        let byte = |at: usize| u64::from(text[at]);
        let length = text.len();
        // Overlapping loads: most names are short, and a loop over their bytes is what costs.
        let bits = match length {
            0 => 0,
            1..4 => byte(0) | byte(length / 2) << (8 * (length / 2)) | byte(length - 1) << (8 * (length - 1)),
            4..=8 => double(0) | double(length - 4) << (8 * (length - 4)),
            _ => {
                let mut bits = length as u64;
                let mut at = 0;
                while at + 8 < length {
                    bits = (bits.rotate_left(5) ^ quad(at)).wrapping_mul(MULTIPLIER);
                    at += 8;
                }
                (bits.rotate_left(5) ^ quad(length - 8)).wrapping_mul(MULTIPLIER) | 1 << 63
            }
        };
        // The top bit tells folded names from whole ones, which mostly end in ASCII.
        Key { bits, whole: length <= 8 && bits >> 63 == 0 }
    }

    /// Names are short and nobody's enemy: a source that attacks the table slows down only itself.
    #[inline]
    fn hash(self) -> u64 {
        let hash = self.bits.wrapping_mul(MULTIPLIER);
        // The table uses the low bits for the place and the high ones as a tag.
        hash ^ hash >> 32
    }
}

impl Names {
    pub(crate) fn new() -> Self {
        let mut names = Names {
            pool: String::new(),
            ends: Vec::new(),
            keys: Vec::new(),
            table: HashTable::new(),
            builtins: Vec::new(),
        };
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
        let Names { pool, ends, keys, table, .. } = self;
        let slice = |id: u32| {
            let start = if id == 0 { 0 } else { ends[id as usize - 1] as usize };
            &pool.as_bytes()[start..ends[id as usize] as usize]
        };
        let key = Key::of(text.as_bytes());
        let same = |id: &u32| keys[*id as usize] == key.bits && (key.whole || slice(*id) == text.as_bytes());
        if let Some(id) = table.find(key.hash(), same) {
            return NameId(*id);
        }
        let id = ends.len() as u32;
        table.insert_unique(key.hash(), id, |id| Key { bits: keys[*id as usize], whole: false }.hash());
        keys.push(key.bits);
        pool.push_str(text);
        ends.push(pool.len() as u32);
        NameId(id)
    }

    /// The number of a name that has one.
    pub(crate) fn find(&self, text: &str) -> Option<NameId> {
        self.table
            .find(Key::of(text.as_bytes()).hash(), |id| self.text(NameId(*id)) == text)
            .map(|id| NameId(*id))
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

    /// No name will be looked for any more, only texts.
    pub(crate) fn freeze(&mut self) {
        (self.keys, self.table) = Default::default();
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }
}
