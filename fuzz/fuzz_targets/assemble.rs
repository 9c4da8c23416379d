//! Any bytes as a source: no panic, spans on character boundaries; the image comes back from its ELF form, and what is
//! disassembled assembles to the same bytes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pg32_assembler::{Input, MemoryFiles, Options, assemble, render};
use pg32_image::Image;

fuzz_target!(|data: &[u8]| {
    let files = MemoryFiles::new().with("a.s", "x: nop\n").with("self.s", ".include \"self.s\"\n");
    let source = |bytes: &[u8]| Input { name: "fuzz.s".into(), bytes: bytes.to_vec() };
    let assembly = assemble(&[source(data)], &files, &Options::default());
    let _ = render::human(&assembly.diagnostics, &assembly.sources, render::Colour::Never);
    for label in assembly.diagnostics.iter().flat_map(|d| &d.labels) {
        let text = &assembly.sources.get(label.span.source).text;
        assert!(text.is_char_boundary(label.span.start as usize) && text.is_char_boundary(label.span.end as usize));
    }
    let Some(bytes) = assembly.image.to_flat(1 << 20).filter(|_| !assembly.has_errors()) else { return };
    let elf = assembly.image.to_elf().expect("a small image");
    let back = Image::from_elf(&elf).expect("our own file");
    assert_eq!(back.to_flat(1 << 20).as_deref(), Some(bytes.as_slice()));
    let mut text = String::new();
    assembly.image.disassemble(&mut text).expect("a string takes everything");
    let again = assemble(&[source(text.as_bytes())], &files, &Options::default());
    assert!(!again.has_errors(), "{text}");
    assert_eq!(again.image.to_flat(1 << 20).as_deref(), Some(bytes.as_slice()));
});
