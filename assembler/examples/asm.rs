//! Assembles files: `asm FILE… OUT.bin`; messages on stderr.

use pg32_assembler::{File, FileError, Files, Input, Options, assemble_owned, render};

struct Disk;

impl Files for Disk {
    fn read(&self, name: &str, from: &str, _limit: u64) -> Result<File, FileError> {
        let beside = std::path::Path::new(from).parent().unwrap_or("".as_ref()).join(name);
        let name = beside.to_string_lossy().into_owned();
        match std::fs::read(&beside) {
            Ok(bytes) => Ok(File { name, bytes }),
            Err(_) => Err(FileError::NotFound),
        }
    }
}

fn main() {
    let mut names: Vec<String> = std::env::args().skip(1).collect();
    let out = names.pop().expect("an output file");
    let inputs = names
        .into_iter()
        .map(|name| Input { bytes: std::fs::read(&name).expect("a readable file"), name })
        .collect();
    let assembly = assemble_owned(inputs, &Disk, &Options::default());
    eprint!("{}", render::human(&assembly.diagnostics, &assembly.sources, render::Colour::Never));
    eprintln!(
        "{:?}",
        assembly.image.segments.iter().map(|s| (&s.name, s.address, s.size)).collect::<Vec<_>>()
    );
    if !assembly.has_errors() {
        let image = &assembly.image;
        let flat = out.ends_with(".bin");
        let bytes = if flat { image.to_flat(1 << 30) } else { image.to_elf().ok() };
        std::fs::write(out, bytes.expect("a small image")).expect("a writable file");
    }
}
