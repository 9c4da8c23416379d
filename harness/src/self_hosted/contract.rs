//! The contract: the symbols by which a monitor tells where it keeps its guest.

use super::GUEST_PREFIX;
use pg32_image::{Image, SymbolKind};
use pg32_isa::PSW_BYTES;
use std::fmt;

/// Where a monitor keeps its guest: addresses in the storage of the machine that the monitor runs on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Contract {
    /// `vmm_window`: the first byte of the guest's storage, which goes on to the end of the monitor's own.
    pub window: u32,
    /// `vmm_psw`: the virtual PSW, five words in the layout of `lpsw`. Its `M` is valid whenever the monitor
    /// does not have the processor; all of it whenever the monitor gives the guest the processor, and from the
    /// guest's `halt` on.
    pub psw: u32,
    /// `vmm_registers`: `x0..x31`, valid from the guest's `halt` on.
    pub registers: u32,
    /// `vmm_halted`: a word that is other than 0 from the guest's `halt` on.
    pub halted: u32,
    /// `vmm_entry`: the word from which the monitor takes the guest's entry at reset. A monitor without it
    /// enters guests at 0x80.
    pub entry: Option<u32>,
}

/// An image that does not keep the contract.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ContractError {
    /// A symbol is missing.
    Missing(&'static str),
    /// A symbol is a number and no place in storage.
    NotALabel(&'static str),
    /// The window does not begin at a multiple of 4.
    Misaligned(u32),
    /// The window begins before the monitor ends.
    Overlap {
        /// Where the window begins.
        window: u32,
        /// Where the monitor ends.
        end: u64,
    },
    /// What a symbol names does not lie in the monitor's own storage.
    Outside(&'static str),
}

impl fmt::Display for ContractError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ContractError::Missing(name) => write!(f, "a monitor has a label `{name}`, and this one has not"),
            ContractError::NotALabel(name) => write!(f, "`{name}` is a number; it has to be a label"),
            ContractError::Misaligned(at) => {
                write!(f, "`{WINDOW}` is {at:#x}; a window begins at a multiple of 4")
            }
            ContractError::Overlap { window, end } => {
                write!(f, "`{WINDOW}` is {window:#x}, but the monitor itself goes on to {end:#x}")
            }
            ContractError::Outside(name) => {
                write!(f, "what `{name}` names does not lie before `{WINDOW}`, in the monitor's own storage")
            }
        }
    }
}

impl std::error::Error for ContractError {}

const WINDOW: &str = "vmm_window";
const PSW: &str = "vmm_psw";
const REGISTERS: &str = "vmm_registers";
const HALTED: &str = "vmm_halted";
const ENTRY: &str = "vmm_entry";

impl Contract {
    /// The contract of a monitor.
    ///
    /// # Errors
    /// If a symbol is missing, or names a place where it cannot be.
    pub fn of(monitor: &Image) -> Result<Self, ContractError> {
        let contract = Contract::named(monitor, "")?;
        if u64::from(contract.window) < monitor.extent() {
            return Err(ContractError::Overlap { window: contract.window, end: monitor.extent() });
        }
        Ok(contract)
    }

    /// The contract whose symbols begin with `prefix`.
    fn named(image: &Image, prefix: &str) -> Result<Self, ContractError> {
        let find = |name: &'static str| match image.symbols.find(&format!("{prefix}{name}")) {
            None => Err(ContractError::Missing(name)),
            Some(symbol) if symbol.kind == SymbolKind::Label => Ok(symbol.value),
            Some(_) => Err(ContractError::NotALabel(name)),
        };
        let window = find(WINDOW)?;
        if !window.is_multiple_of(4) {
            return Err(ContractError::Misaligned(window));
        }
        let own = |name, bytes: u32| {
            let at = find(name)?;
            let inside = u64::from(at) + u64::from(bytes) <= u64::from(window);
            if inside { Ok(at) } else { Err(ContractError::Outside(name)) }
        };
        Ok(Contract {
            window,
            psw: own(PSW, PSW_BYTES)?,
            registers: own(REGISTERS, 4 * 32)?,
            halted: own(HALTED, 4)?,
            entry: match own(ENTRY, 4) {
                Err(ContractError::Missing(_)) => None,
                found => Some(found?),
            },
        })
    }

    /// This contract for a monitor that runs in storage from `start` on.
    fn at(self, start: u32) -> Option<Self> {
        let shift = |address: u32| address.checked_add(start);
        Some(Contract {
            window: shift(self.window)?,
            psw: shift(self.psw)?,
            registers: shift(self.registers)?,
            halted: shift(self.halted)?,
            entry: self.entry.and_then(shift),
        })
    }

    /// The contracts of `monitors` stacked on one another, the outermost first, with every address counted from
    /// the start of the outermost machine. `None` if there is no such address.
    #[must_use]
    pub fn stack(monitors: &[Contract]) -> Option<Vec<Contract>> {
        let mut start = 0;
        let place = |contract: &Contract| {
            let placed = contract.at(start)?;
            start = placed.window;
            Some(placed)
        };
        monitors.iter().map(place).collect()
    }
}

/// The contracts of all monitors in a composed image, the outermost first, every address counted from the start
/// of the machine. Empty if the image is no monitor.
#[must_use]
pub fn contracts(image: &Image) -> Vec<Contract> {
    let mut prefix = String::new();
    let mut found = Vec::new();
    while let Ok(contract) = Contract::named(image, &prefix) {
        found.push(contract);
        prefix.push_str(GUEST_PREFIX);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use pg32_image::{Symbol, Symbols};

    fn monitor(labels: &[(&str, u32)]) -> Image {
        let symbol = |(name, value): &(&str, u32)| Symbol {
            name: (*name).into(),
            value: *value,
            size: 0,
            kind: SymbolKind::Label,
            global: true,
            function: false,
        };
        let symbols = Symbols::new(labels.iter().map(symbol).collect());
        Image { symbols, ..Image::from_flat(vec![0; 0x400]) }
    }

    const GOOD: [(&str, u32); 4] = [(WINDOW, 0x400), (PSW, 0x80), (REGISTERS, 0x100), (HALTED, 0x94)];

    #[test]
    fn what_is_missing_or_misplaced_is_named() {
        assert!(Contract::of(&monitor(&GOOD)).is_ok_and(|c| c.entry.is_none()));
        assert_eq!(Contract::of(&monitor(&GOOD[1..])), Err(ContractError::Missing(WINDOW)));
        let with = |index: usize, value| {
            let mut labels = GOOD;
            labels[index].1 = value;
            Contract::of(&monitor(&labels)).unwrap_err()
        };
        assert_eq!(with(0, 0x402), ContractError::Misaligned(0x402));
        assert_eq!(with(0, 0x3fc), ContractError::Overlap { window: 0x3fc, end: 0x400 });
        assert_eq!(with(1, 0x3f0), ContractError::Outside(PSW));
        assert_eq!(with(2, u32::MAX), ContractError::Outside(REGISTERS));
        assert_eq!(with(3, 0x400), ContractError::Outside(HALTED));
    }

    #[test]
    fn a_stack_counts_from_the_outermost_machine() {
        let one = Contract::of(&monitor(&GOOD)).expect("it keeps the contract");
        let stack = Contract::stack(&[one, one]).expect("the addresses exist");
        assert_eq!((stack[0].psw, stack[1].psw, stack[1].window), (0x80, 0x480, 0x800));
        let far = Contract { window: 0xffff_fffc, ..one };
        assert_eq!(Contract::stack(&[far, one]), None);
    }
}
