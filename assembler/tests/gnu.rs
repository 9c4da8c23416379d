//! The bytes are those of GNU as and ld: over hand-written sources, and over what gcc makes of C programs.
//!
//! Every `gnu/*.s` and `gnu/*.c` is a case. Without the GNU tools there is nothing to compare with, and the tests say
//! so.

use pg32_assembler::{File, FileError, Files, Input, Options, assemble, render};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const AS: &str = "riscv64-unknown-elf-as";
const LD: &str = "riscv64-unknown-elf-ld";
const GCC: &str = "riscv64-unknown-elf-gcc";
const OBJCOPY: &str = "riscv64-unknown-elf-objcopy";

/// The default layout, for ld.
const SCRIPT: &str = "ENTRY(_start)
SECTIONS {
  .trap 0 : { *(.trap) }
  . = 0x80;
  .text : { *(.text .text.*) }
  .rodata : { *(.rodata .rodata.* .srodata .srodata.*) }
  .data : { *(.data .data.* .sdata .sdata.*) }
  .bss : { *(.bss .bss.* .sbss .sbss.* COMMON) }
  .mine : { *(.mine) }
  .tdata : { *(.tdata .tdata.*) }
  .tbss : { *(.tbss .tbss.*) }
  .init_array : { *(.init_array) }
  .fini_array : { *(.fini_array) }
  .got : { *(.got) }
  .got.plt : { *(.got.plt) }
  /DISCARD/ : { *(.riscv.attributes .comment .note.* .eh_frame) }
}
";

struct Disk;

impl Files for Disk {
    fn read(&self, name: &str, from: &str, _limit: u64) -> Result<File, FileError> {
        let path = Path::new(from).parent().unwrap().join(name);
        let bytes = std::fs::read(&path).map_err(|e| FileError::Other(e.to_string()))?;
        Ok(File { name: path.to_string_lossy().into_owned(), bytes })
    }
}

fn missing_tool(tools: &[&str]) -> bool {
    for tool in tools {
        let found = Command::new(tool).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        if found.is_err() {
            eprintln!("skipped: {tool} is not installed");
            return true;
        }
    }
    false
}

fn run(command: &mut Command) {
    let output = command.output().expect("the tool runs");
    assert!(output.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
}

fn cases(extension: &str) -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gnu");
    let mut cases: Vec<PathBuf> =
        std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|path| path.extension().is_some_and(|e| e == extension));
    cases.sort();
    assert!(!cases.is_empty());
    cases
}

/// A directory for a test's files, named after the test.
fn scratch(name: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&directory).unwrap();
    std::fs::write(directory.join("layout.ld"), SCRIPT).unwrap();
    directory
}

/// The flat image that the GNU tools make of the sources.
fn gnu(sources: &[PathBuf], directory: &Path) -> Vec<u8> {
    let mut ld = Command::new(LD);
    ld.args(["-melf32lriscv", "--no-relax", "--no-warn-rwx-segments", "-T"]).arg(directory.join("layout.ld"));
    for (i, source) in sources.iter().enumerate() {
        let object = directory.join(format!("{i}.o"));
        run(Command::new(AS)
            .args(["-march=rv32im_zifencei", "-mabi=ilp32", "-mno-relax", "-o"])
            .arg(&object)
            .arg("-I")
            .arg(source.parent().unwrap())
            .arg(source));
        ld.arg(&object);
    }
    let (linked, flat) = (directory.join("linked"), directory.join("flat"));
    run(ld.arg("-o").arg(&linked));
    // What a dynamic linker would use is no part of an image. Nothing lies at 0 but the trap area; a flat image begins there all the same.
    run(Command::new(OBJCOPY).args(["-O", "binary", "-R", ".got.plt"]).arg(&linked).arg(&flat));
    let bytes = std::fs::read(&flat).unwrap();
    let headers = Command::new("riscv64-unknown-elf-objdump").arg("-h").arg(&linked).output().unwrap();
    let headers = String::from_utf8_lossy(&headers.stdout).into_owned();
    let first = headers.lines().filter_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let loads = fields.len() == 7
            && fields[1].starts_with('.')
            && !fields[1].starts_with(".debug")
            && fields[2] != "00000000"
            && fields[1] != ".bss";
        loads.then(|| usize::from_str_radix(fields[3], 16).unwrap())
    });
    let mut image = vec![0; first.min().unwrap_or(0)];
    image.extend(bytes);
    image
}

fn ours(sources: &[PathBuf]) -> Vec<u8> {
    let inputs: Vec<Input> = sources
        .iter()
        .map(|path| Input { name: path.to_string_lossy().into_owned(), bytes: std::fs::read(path).unwrap() })
        .collect();
    let assembly = assemble(&inputs, &Disk, &Options::default());
    let text = render::short(&assembly.diagnostics, &assembly.sources);
    assert!(!assembly.has_errors(), "{text}");
    assembly.image.to_flat(1 << 24).unwrap()
}

fn trimmed(mut bytes: Vec<u8>) -> Vec<u8> {
    while bytes.last() == Some(&0) {
        bytes.pop();
    }
    bytes
}

fn compare(sources: &[PathBuf], directory: &Path) {
    let (ours, gnu) = (trimmed(ours(sources)), trimmed(gnu(sources, directory)));
    if ours == gnu {
        return;
    }
    let at = ours.iter().zip(&gnu).position(|(a, b)| a != b).unwrap_or(ours.len().min(gnu.len()));
    let row = at & !15;
    let show = |bytes: &[u8]| {
        let end = bytes.len().min(row + 32);
        bytes.get(row..end).map(|b| b.iter().map(|b| format!("{b:02x} ")).collect::<String>())
    };
    panic!(
        "{sources:?}: {} and {} bytes differ first at {at:#x}\nours {:?}\nGNU  {:?}",
        ours.len(),
        gnu.len(),
        show(&ours),
        show(&gnu)
    );
}

#[test]
fn hand_written_sources_assemble_as_gnu_as_has_them() {
    if missing_tool(&[AS, LD, OBJCOPY]) {
        return;
    }
    for case in cases("s") {
        compare(&[case], &scratch("hand"));
    }
}

#[test]
fn compiler_output_assembles_as_gnu_as_has_it() {
    if missing_tool(&[AS, LD, OBJCOPY, GCC]) {
        return;
    }
    let directory = scratch("compiled");
    for case in cases("c") {
        for level in ["-O0", "-O1", "-O2", "-O3", "-Os", "-Og"] {
            for extra in [
                &[][..],
                &["-g"],
                &["-ffunction-sections", "-fdata-sections"],
                &["-fcommon", "-msmall-data-limit=0"],
            ] {
                let assembly = directory.join("compiled.s");
                run(Command::new(GCC)
                    .args(["-march=rv32im", "-mabi=ilp32", "-ffreestanding", "-S", level])
                    .args(extra)
                    .arg("-o")
                    .arg(&assembly)
                    .arg(&case));
                compare(&[assembly], &directory);
            }
        }
    }
}
