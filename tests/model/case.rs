//! A directed guest: an image put together by hand, and what a sentence of the principles foretells of it.

use super::Guest;
use super::encode::HALT;
use serde_json::{Value, json};

/// `SZ` of a case that does not say otherwise, bytes.
pub(crate) const SIZE: u32 = 0x200;
/// Where a trap goes in a case that does not say otherwise: to a `halt`.
pub(crate) const STOP: u32 = 0x40;

/// A guest with a forecast.
pub(crate) struct Case {
    sentence: &'static str,
    words: Vec<u32>,
    memory: u32,
    profile: &'static str,
    input: &'static [u8],
    output_limit: u64,
    steps: u64,
    foretold: Vec<(String, Value)>,
}

/// A case whose program, at the entry, is `code`, and that takes `steps` steps. Its traps lead to a `halt`.
pub(crate) fn case(sentence: &'static str, steps: u64, code: &[u32]) -> Case {
    let new = Case {
        sentence,
        words: Vec::new(),
        memory: SIZE,
        profile: "pg",
        input: b"",
        output_limit: 1 << 20,
        steps,
        foretold: Vec::new(),
    };
    new.at(0x20, &[0, 0, SIZE, STOP, 0]).at(STOP, &[HALT]).at(0x80, code)
}

impl Case {
    /// Puts `words` at `address`, a multiple of 4.
    pub(crate) fn at(mut self, address: u32, words: &[u32]) -> Self {
        let start = address as usize / 4;
        self.words.resize(self.words.len().max(start + words.len()), 0);
        self.words[start..start + words.len()].copy_from_slice(words);
        self
    }

    pub(crate) fn memory(self, bytes: u32) -> Self {
        Case { memory: bytes, ..self }
    }

    pub(crate) fn profile(self, name: &'static str) -> Self {
        Case { profile: name, ..self }
    }

    pub(crate) fn input(self, tape: &'static [u8]) -> Self {
        Case { input: tape, ..self }
    }

    pub(crate) fn output_limit(self, bytes: u64) -> Self {
        Case { output_limit: bytes, ..self }
    }

    fn foretell(mut self, what: impl Into<String>, value: Value) -> Self {
        self.foretold.push((what.into(), value));
        self
    }

    /// The last state is that of a halted machine, after exactly so many steps.
    pub(crate) fn halts_after(self, steps: u64) -> Self {
        self.foretell("/halted", json!(true)).foretell("/steps", json!(steps))
    }

    /// The PSW of the last state.
    pub(crate) fn psw(self, m: &str, b: u32, l: u32, pc: u32, t: u32) -> Self {
        self.foretell("/psw", json!({"m": m, "b": b, "l": l, "pc": pc, "t": t}))
    }

    /// The PSW in slot 0, and the cause and the info.
    pub(crate) fn slot(self, cause: u32, old: [u32; 5], info: u32) -> Self {
        let words = [old[0] | cause << 8, old[1], old[2], old[3], old[4], info];
        words.iter().zip(0..).fold(self, |case, (word, n)| case.word(4 * n, *word))
    }

    pub(crate) fn x(self, register: u32, value: u32) -> Self {
        self.foretell(format!("/x/{register}"), json!(value))
    }

    /// A word of storage, at a multiple of 4.
    pub(crate) fn word(self, address: u32, value: u32) -> Self {
        self.foretell(address.to_string(), json!(value))
    }

    pub(crate) fn output(self, hex: &str) -> Self {
        self.foretell("/console/output", json!(hex))
    }

    /// The case as a guest that is looked at before and after every step.
    pub(crate) fn guest(&self, number: usize) -> Guest {
        Guest {
            name: format!("directed-{number}"),
            image: self.words.iter().flat_map(|w| w.to_le_bytes()).collect(),
            memory: self.memory,
            profile: json!(self.profile),
            input: self.input.to_vec(),
            output_limit: self.output_limit,
            counts: (0..=self.steps).collect(),
        }
    }

    /// Fails unless `state`, the last one, is as foretold.
    pub(crate) fn assert_foretold(&self, state: &str) {
        let state: Value = serde_json::from_str(state).expect("a state is JSON");
        assert!(!self.foretold.is_empty(), "nothing is foretold of \"{}\"", self.sentence);
        for (what, expected) in &self.foretold {
            let got = match what.parse() {
                Ok(address) => json!(word_at(&state, address)),
                Err(_) => state.pointer(what).expect("a part of a state").clone(),
            };
            assert_eq!(got, *expected, "\"{}\" foretells {what} of {state}", self.sentence);
        }
    }
}

/// The word at `address`, a multiple of 4, of a state's storage.
fn word_at(state: &Value, address: u64) -> u64 {
    let rows = state["storage"]["nonzero"].as_array().expect("a list of rows");
    let mut rows =
        rows.iter().map(|row| (row[0].as_u64().expect("an address"), row[1].as_str().expect("hex")));
    let found = rows.rfind(|(start, _)| *start <= address);
    let text = found.and_then(|(start, hex)| hex.get(2 * (address - start) as usize..)?.get(..8));
    let word = text.map_or(0, |hex| u32::from_str_radix(hex, 16).expect("hex"));
    u64::from(word.swap_bytes())
}
