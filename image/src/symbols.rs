//! Symbols: names for addresses and for numbers.

/// What a symbol names.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SymbolKind {
    /// A place in storage: its value is a physical address.
    Label,
    /// A number (`.equ`); it names no place.
    Constant,
}

/// A name and its value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Symbol {
    /// The name; labels of an embedded application are `application:label`.
    pub name: String,
    /// Physical address of a label; the value of a constant.
    pub value: u32,
    /// Bytes that it covers (`.size`); 0 where nobody said.
    pub size: u32,
    /// Label or constant.
    pub kind: SymbolKind,
    /// Whether other objects see it (`.globl`).
    pub global: bool,
    /// Whether `.type` called it a function.
    pub function: bool,
}

/// The symbols of an image.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Symbols {
    /// Labels in order of address, then constants in order of definition.
    list: Vec<Symbol>,
    /// How many of `list` are labels.
    labels: usize,
}

/// A place in words: the nearest label at or before an address, and the distance in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place<'a> {
    /// The label.
    pub symbol: &'a Symbol,
    /// Bytes from the label to the address.
    pub offset: u32,
}

impl std::fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.offset {
            0 => f.write_str(&self.symbol.name),
            offset => write!(f, "{}+{offset:#x}", self.symbol.name),
        }
    }
}

impl Symbols {
    /// The symbols in `list`, put in order; among labels at one address the order given is kept.
    #[must_use]
    pub fn new(mut list: Vec<Symbol>) -> Self {
        list.sort_by_key(|s| match s.kind {
            SymbolKind::Label => (0, s.value),
            SymbolKind::Constant => (1, 0),
        });
        let labels = list.partition_point(|s| s.kind == SymbolKind::Label);
        Symbols { list, labels }
    }

    /// Labels in order of address, then constants.
    pub fn iter(&self) -> impl Iterator<Item = &Symbol> {
        self.list.iter()
    }

    /// The labels, in order of address.
    #[must_use]
    pub fn labels(&self) -> &[Symbol] {
        &self.list[..self.labels]
    }

    /// The symbol called `name`; the first if several objects have one.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Symbol> {
        self.list.iter().find(|s| s.name == name)
    }

    /// The nearest label at or before physical `address`; of several at one address, the first.
    #[must_use]
    pub fn place(&self, address: u32) -> Option<Place<'_>> {
        let labels = self.labels();
        let last = labels.partition_point(|s| s.value <= address).checked_sub(1)?;
        let first = labels.partition_point(|s| s.value < labels[last].value);
        let symbol = &labels[first];
        Some(Place { symbol, offset: address - symbol.value })
    }
}
