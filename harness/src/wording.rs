//! How states are put into words: places, bytes, console text. Shared by snapshots, diffs and reports.

use pg32_image::Image;
use pg32_isa::{Insn, Psw};

/// ` (symbol+0x4)` for a physical address whose symbol is known, else nothing.
pub(crate) fn place(image: Option<&Image>, address: u32) -> String {
    image.and_then(|i| place_in(i, address)).map(|p| format!(" ({p})")).unwrap_or_default()
}

/// `symbol+0x4`, if the address lies in or behind a labelled part of the image.
pub(crate) fn place_in(image: &Image, address: u32) -> Option<String> {
    let place = image.symbols.place(address)?;
    // A label says nothing about storage far behind the last thing that it labels.
    (u64::from(address) < image.extent()).then(|| place.to_string())
}

/// The physical address that a PSW's PC stands for, if it is one.
pub(crate) fn physical_pc(psw: &Psw) -> Option<u32> {
    psw.base.checked_add(psw.pc)
}

/// ` (symbol+0x4, file:line)` for what a PSW is about to execute.
pub(crate) fn code_place(image: &Image, psw: &Psw) -> String {
    let Some(at) = physical_pc(psw) else { return String::new() };
    let known: Vec<String> = place_in(image, at).into_iter().chain(image.lines.describe(at)).collect();
    if known.is_empty() { String::new() } else { format!(" ({})", known.join(", ")) }
}

/// What a PSW's field says, for those who do not think in its letters: the mode, and a timer that is off.
pub(crate) fn psw_field(field: &str, value: &str) -> String {
    match (field, value) {
        ("M", "s") => "supervisor".into(),
        ("M", "u") => "user".into(),
        ("T", "0") => "0 (off)".into(),
        _ => value.to_owned(),
    }
}

/// Bytes as hexadecimal, grouped in fours, in the order in which they lie in storage.
pub(crate) fn bytes_in_words(bytes: &[u8]) -> String {
    let groups: Vec<String> = bytes.chunks(4).map(crate::state_json::to_hex).collect();
    groups.join(" ")
}

/// Console bytes as a quoted text: what is not printable ASCII becomes an escape.
pub(crate) fn console_text(bytes: &[u8]) -> String {
    format!("\"{}\"", bytes.escape_ascii())
}

/// Whether an address lies in a part of the image that is code.
pub(crate) fn in_code(image: &Image, address: u32) -> bool {
    image.segments.iter().any(|s| {
        s.executable
            && s.address <= address
            && u64::from(address) < u64::from(s.address) + s.bytes.len() as u64
    })
}

/// The instructions that bytes are, one for each whole word.
pub(crate) fn instructions(bytes: &[u8]) -> String {
    let insns = bytes.chunks_exact(4).map(|word| {
        let word = u32::from_le_bytes(word.try_into().expect("chunks of four"));
        Insn::decode(word).map_or_else(|| "—".to_owned(), |insn| insn.to_string())
    });
    insns.collect::<Vec<_>>().join("; ")
}
