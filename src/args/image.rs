//! Flags of the commands about sources and images: asm, check, dis, compose, fmt, lsp, explain.

use super::shared::SourceArgs;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  pg32 asm kernel.s -o kernel.elf\n  pg32 asm kernel.s lib.s -o kernel.bin --list kernel.lst\n  \
pg32 asm kernel.s -o kernel.hex -D SIZE=0x1000 -I include"
)]
pub(crate) struct AsmArgs {
    /// Sources; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) image: ImageArgs,
    /// Write a listing: every source line with its addresses and bytes
    #[arg(long, value_name = "FILE")]
    pub(crate) list: Option<PathBuf>,
    /// Write a map: segments and symbols by address
    #[arg(long, value_name = "FILE")]
    pub(crate) map: Option<PathBuf>,
    /// Write the files that the image depends on, as a rule for make
    #[arg(long, value_name = "FILE")]
    pub(crate) dep: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

/// The image that is made.
#[derive(Args, Debug)]
pub(crate) struct ImageArgs {
    /// The image to write
    #[arg(short = 'o', value_name = "IMAGE")]
    pub(crate) output: PathBuf,
    /// The form of the image; by default what the name ends in says: .bin, .hex, else ELF
    #[arg(long, value_enum)]
    pub(crate) emit: Option<Emit>,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Emit {
    /// ELF executable with symbols and source lines
    Elf,
    /// Flat binary from address 0, entered at 0x80
    Bin,
    /// Intel hex
    Hex,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  pg32 check kernel.s app.s\n  pg32 check --format short kernel.s")]
pub(crate) struct CheckArgs {
    /// Sources; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  pg32 dis kernel.elf\n  pg32 dis kernel.elf > again.s && pg32 asm again.s -o again.elf"
)]
pub(crate) struct DisArgs {
    /// A source, an ELF image, or a flat image
    #[arg(value_name = "IMAGE")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  pg32 compose --vmm samples/vmm/vmm.s kernel.s -o composed.elf && pg32 run composed.elf\n  \
pg32 compose --vmm my_vmm.s kernel.s --depth 3 -o composed.elf"
)]
pub(crate) struct ComposeArgs {
    /// The guest: a source, an ELF image or a flat image
    #[arg(value_name = "GUEST")]
    pub(crate) guest: PathBuf,
    /// The monitor
    #[arg(long, value_name = "MONITOR")]
    pub(crate) vmm: PathBuf,
    /// Copies of the monitor, one on the other
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=16))]
    pub(crate) depth: u32,
    #[command(flatten)]
    pub(crate) image: ImageArgs,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  pg32 fmt kernel.s\n  pg32 fmt --check *.s\n  pg32 fmt - < kernel.s")]
pub(crate) struct FmtArgs {
    /// Sources, changed in place; `-` from standard input to standard output
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Only list the files that would change, and exit with 1 if there are some
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  pg32 lsp -I include   (as the command that an editor starts)")]
pub(crate) struct LspArgs {
    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  pg32 explain E0001\n  pg32 explain --list")]
pub(crate) struct ExplainArgs {
    /// The code of a diagnostic
    #[arg(value_name = "CODE", required_unless_present = "list")]
    pub(crate) code: Option<String>,
    /// List every code with its title
    #[arg(long)]
    pub(crate) list: bool,
}
