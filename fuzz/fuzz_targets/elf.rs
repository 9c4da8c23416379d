//! Any bytes as an ELF file: refused or read, never believed.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pg32_image::Image;

fuzz_target!(|data: &[u8]| {
    if let Ok(image) = Image::from_elf(data) {
        let mut end = 0;
        for segment in &image.segments {
            assert!(u64::from(segment.address) >= end && segment.bytes.len() as u64 <= u64::from(segment.size));
            end = segment.end();
        }
    }
});
