//! Composing: a monitor's image and a guest's image become one image that simply runs.

use super::{Contract, ContractError};
use pg32_image::{FLAT_ENTRY, Image, Line, LineTable, Segment, SourceId, Symbol, SymbolKind, Symbols};
use std::fmt;

/// What the names of the guest's symbols and segments begin with in a composed image.
pub const GUEST_PREFIX: &str = "guest:";
/// Bytes of storage that a machine can have at most.
const MAX_STORAGE: u64 = 1 << 31;

/// Two images that do not go together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ComposeError {
    /// The monitor does not say where its guest is.
    Contract(ContractError),
    /// The guest's entry is not 0x80, and the monitor has no `vmm_entry` to be told.
    Entry(u32),
    /// The monitor's `vmm_entry` does not name four bytes that the image spells out.
    NoEntryWord,
    /// No machine has so much storage.
    TooLarge {
        /// Bytes needed.
        needed: u64,
    },
}

impl fmt::Display for ComposeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ComposeError::Contract(error) => error.fmt(f),
            ComposeError::Entry(entry) => write!(
                f,
                "the guest is entered at {entry:#x}; a monitor without a label `vmm_entry` enters its guest at \
                 {FLAT_ENTRY:#x}"
            ),
            ComposeError::NoEntryWord => f.write_str(
                "`vmm_entry` has to name a word that the image defines, as `.word` in `.data` does",
            ),
            ComposeError::TooLarge { needed } => {
                write!(f, "monitor and guest take {needed} bytes of storage, more than a machine can have")
            }
        }
    }
}

impl std::error::Error for ComposeError {}

/// The image of `monitor` with `guest` in its window. The result is an image like any other, and may be the guest
/// of another monitor.
///
/// The guest's entry is written into the word `vmm_entry` of the monitor. The guest's symbols get the prefix
/// [`GUEST_PREFIX`]; its labels and source lines move with it.
///
/// # Errors
/// If the monitor does not keep its contract, or the two do not go together.
pub fn compose(monitor: &Image, guest: &Image) -> Result<Image, ComposeError> {
    let contract = Contract::of(monitor).map_err(ComposeError::Contract)?;
    let needed = u64::from(contract.window) + guest.extent();
    if needed > MAX_STORAGE {
        return Err(ComposeError::TooLarge { needed });
    }
    let mut image = monitor.clone();
    match contract.entry {
        Some(at) => set_word(&mut image.segments, at, guest.entry).ok_or(ComposeError::NoEntryWord)?,
        None if guest.entry == FLAT_ENTRY => {}
        None => return Err(ComposeError::Entry(guest.entry)),
    }
    image.segments.extend(guest.segments.iter().map(|segment| Segment {
        name: format!("{GUEST_PREFIX}{}", segment.name),
        address: segment.address + contract.window,
        ..segment.clone()
    }));
    let moved = guest.symbols.iter().map(|symbol| moved(symbol, contract.window));
    image.symbols = Symbols::new(monitor.symbols.iter().cloned().chain(moved).collect());
    append_lines(&mut image.lines, &guest.lines, contract.window);
    Ok(image)
}

fn moved(symbol: &Symbol, by: u32) -> Symbol {
    let value = match symbol.kind {
        SymbolKind::Label => symbol.value.wrapping_add(by),
        SymbolKind::Constant => symbol.value,
    };
    Symbol { name: format!("{GUEST_PREFIX}{}", symbol.name), value, ..symbol.clone() }
}

fn append_lines(lines: &mut LineTable, guest: &LineTable, by: u32) {
    let sources = lines.sources.len() as u32;
    lines.sources.extend(guest.sources.iter().cloned());
    lines.rows.extend(guest.rows.iter().map(|row| Line {
        address: row.address.wrapping_add(by),
        source: SourceId(row.source.0 + sources),
        ..*row
    }));
}

/// Sets the word at `at`, which lies in bytes that a segment spells out.
fn set_word(segments: &mut [Segment], at: u32, word: u32) -> Option<()> {
    let segment = segments.iter_mut().rev().find(|s| s.address <= at)?;
    let offset = (at - segment.address) as usize;
    segment.bytes.get_mut(offset..offset + 4)?.copy_from_slice(&word.to_le_bytes());
    Some(())
}
