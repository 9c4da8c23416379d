//! Intel hex: the form that EPROM programmers and many loaders take.

use crate::{Image, ImageError, Segment};
use std::fmt::Write;

/// Data bytes of a record, as most tools write them.
const PER_RECORD: usize = 16;

impl Image {
    /// The image as Intel hex: data records of 16 bytes, extended linear addresses (type 04), the entry (type 05), the
    /// end. Zeros that the image only implies are not written; symbols and lines have no place in it.
    #[must_use]
    pub fn to_hex(&self) -> String {
        let mut out = String::new();
        let mut upper = 0;
        for segment in &self.segments {
            let mut at = segment.address;
            let mut rest = segment.bytes.as_slice();
            while !rest.is_empty() {
                if at >> 16 != upper {
                    upper = at >> 16;
                    record(&mut out, 0, 4, &(upper as u16).to_be_bytes());
                }
                // A record does not cross a multiple of 64 KiB.
                let room = 0x1_0000 - (at as usize & 0xffff);
                let (now, later) = rest.split_at(rest.len().min(PER_RECORD).min(room));
                record(&mut out, at as u16, 0, now);
                at = at.wrapping_add(now.len() as u32);
                rest = later;
            }
        }
        record(&mut out, 0, 5, &self.entry.to_be_bytes());
        record(&mut out, 0, 1, &[]);
        out
    }

    /// The image in Intel hex text: one segment for each run of bytes.
    ///
    /// # Errors
    /// [`ImageError::Broken`] with the line of a record that is none, whose checksum is wrong, or that writes over another.
    pub fn from_hex(text: &str) -> Result<Image, ImageError> {
        let mut image = Image { entry: crate::FLAT_ENTRY, ..Image::default() };
        let mut runs: Vec<(u32, Vec<u8>)> = Vec::new();
        let mut base = 0_u32;
        for (number, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
            let broken = |what: &str| ImageError::Broken(format!("line {}: {what}", number + 1));
            let (address, kind, data) = parse(line.trim()).map_err(broken)?;
            let word = |data: &[u8]| data.iter().fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte));
            match (kind, data.len()) {
                (0, _) => {
                    let start = base.wrapping_add(u32::from(address));
                    match runs.last_mut() {
                        Some((at, bytes)) if at.wrapping_add(bytes.len() as u32) == start => {
                            bytes.extend(data)
                        }
                        _ => runs.push((start, data)),
                    }
                }
                (1, _) => break,
                (2, 2) => base = word(&data) << 4,
                (4, 2) => base = word(&data) << 16,
                (3, 4) | (5, 4) => image.entry = word(&data),
                _ => return Err(broken("no such kind of record")),
            }
        }
        runs.sort_by_key(|(at, _)| *at);
        for (address, bytes) in runs.into_iter().filter(|(_, bytes)| !bytes.is_empty()) {
            let size = bytes.len() as u32;
            let name = ".hex".to_string();
            let segment = Segment { name, address, bytes, size, executable: true, writable: true };
            if image.segments.last().is_some_and(|s| s.end() > u64::from(address)) || segment.end() > 1 << 32
            {
                return Err(ImageError::Broken(format!("the bytes at {address:#x} are there twice")));
            }
            image.segments.push(segment);
        }
        Ok(image)
    }
}

fn record(out: &mut String, address: u16, kind: u8, data: &[u8]) {
    let [high, low] = address.to_be_bytes();
    let mut sum = 0_u8;
    out.push(':');
    for byte in [data.len() as u8, high, low, kind].iter().chain(data) {
        sum = sum.wrapping_sub(*byte);
        let _ = write!(out, "{byte:02X}");
    }
    let _ = writeln!(out, "{sum:02X}");
}

fn parse(line: &str) -> Result<(u16, u8, Vec<u8>), &'static str> {
    let digits = line.strip_prefix(':').ok_or("a record begins with `:`")?;
    if digits.len() % 2 != 0 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err("a record is pairs of hexadecimal digits");
    }
    let pair = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap_or(0);
    let bytes: Vec<u8> = (0..digits.len()).step_by(2).map(pair).collect();
    let [count, high, low, kind, data @ .., _] = bytes.as_slice() else {
        return Err("the record is too short");
    };
    if data.len() != usize::from(*count) {
        return Err("the record has another length than it says");
    }
    if bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte)) != 0 {
        return Err("the checksum is wrong");
    }
    Ok((u16::from_be_bytes([*high, *low]), *kind, data.to_vec()))
}
