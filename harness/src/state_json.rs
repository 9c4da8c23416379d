//! The state as JSON: the form that `run --state json` prints and `diff` reads.

use crate::Observation;
use pg32_isa::{Mode, Psw};
use serde::{Deserialize, Serialize};

/// The version of the form.
const SCHEMA: u32 = 1;
/// Bytes in a row of `storage.nonzero`.
const ROW: usize = 16;

/// A state as one JSON object.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct StateJson {
    schema: u32,
    halted: bool,
    steps: u64,
    psw: PswJson,
    x: Vec<u32>,
    console: ConsoleJson,
    storage: StorageJson,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct PswJson {
    m: ModeJson,
    b: u32,
    l: u32,
    pc: u32,
    t: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[serde(rename_all = "lowercase")]
enum ModeJson {
    S,
    U,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct ConsoleJson {
    output: String,
    input_position: u64,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct StorageJson {
    size: u32,
    nonzero: Vec<(u32, String)>,
}

impl From<&Observation> for StateJson {
    fn from(state: &Observation) -> Self {
        let Psw { mode, base, limit, pc, timer } = state.psw;
        let m = match mode {
            Mode::Supervisor => ModeJson::S,
            Mode::User => ModeJson::U,
        };
        StateJson {
            schema: SCHEMA,
            halted: state.halted,
            steps: state.steps,
            psw: PswJson { m, b: base, l: limit, pc, t: timer },
            x: state.x.to_vec(),
            console: ConsoleJson {
                output: to_hex(&state.output),
                input_position: state.input_position as u64,
            },
            storage: StorageJson {
                size: state.storage.len() as u32,
                nonzero: nonzero_ranges(&state.storage)
                    .map(|range| (range.start as u32, to_hex(&state.storage[range])))
                    .collect(),
            },
        }
    }
}

/// The 16-byte rows that hold a byte other than zero, neighbours merged, in order.
pub(crate) fn nonzero_ranges(storage: &[u8]) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
    let mut next = 0;
    std::iter::from_fn(move || {
        let is_zero = |at: usize| storage[at..storage.len().min(at + ROW)].iter().all(|b| *b == 0);
        while next < storage.len() && is_zero(next) {
            next += ROW;
        }
        let start = next;
        while next < storage.len() && !is_zero(next) {
            next += ROW;
        }
        let end = next.min(storage.len());
        (start < end).then_some(start..end)
    })
}

impl TryFrom<StateJson> for Observation {
    type Error = String;

    /// # Errors
    /// If the object's numbers contradict each other; the message says how.
    fn try_from(json: StateJson) -> Result<Self, String> {
        if json.schema != SCHEMA {
            return Err(format!("schema {} is not {SCHEMA}, the one this program knows", json.schema));
        }
        let size = pg32_vm::check_size(u64::from(json.storage.size)).map_err(|e| e.to_string())?;
        let x = json.x.try_into().map_err(|_| "`x` must hold 32 numbers".to_owned())?;
        let mut storage = vec![0; size as usize];
        for (address, hex) in &json.storage.nonzero {
            let bytes = from_hex(hex).ok_or_else(|| format!("bytes at {address} are not hexadecimal"))?;
            let start = *address as usize;
            let target = storage.get_mut(start..start + bytes.len());
            target.ok_or_else(|| format!("bytes at {address} lie outside storage"))?.copy_from_slice(&bytes);
        }
        let mode = match json.psw.m {
            ModeJson::S => Mode::Supervisor,
            ModeJson::U => Mode::User,
        };
        let PswJson { b, l, pc, t, .. } = json.psw;
        Ok(Observation {
            steps: json.steps,
            halted: json.halted,
            psw: Psw { mode, base: b, limit: l, pc, timer: t },
            x,
            output: from_hex(&json.console.output).ok_or("console output is not hexadecimal")?,
            input_position: usize::try_from(json.console.input_position).map_err(|e| e.to_string())?,
            storage,
        })
    }
}

/// Lower-case hexadecimal.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|b| [b >> 4, b & 15]).map(|nibble| char::from(DIGITS[nibble as usize])).collect()
}

/// The bytes of hexadecimal text; none if it is not.
pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).ok()).collect()
}
