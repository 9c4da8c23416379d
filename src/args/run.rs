//! Flags of the commands that run a guest: run, vmm, compare, debug.

use super::shared::{MachineArgs, SourceArgs, StateFormat, StatsFormat, parse_monitor};
use clap::Args;
use pg32_vmm::Monitor;
use std::path::PathBuf;

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  pg32 run kernel.s\n  pg32 run kernel.s --input tape.txt --state text\n  \
pg32 run kernel.s --steps 40 --trace"
)]
pub(crate) struct RunArgs {
    /// A source, an ELF image, or a flat image; `-` is a source on standard input
    #[arg(value_name = "FILE", required_unless_present = "replay")]
    pub(crate) file: Option<PathBuf>,
    /// Run the guest of a replay, on its machine, as far as the step at which the runs part
    #[arg(long, value_name = "REPLAY", conflicts_with = "file")]
    pub(crate) replay: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) machine: MachineArgs,
    /// Print the final state on stdout, in place of the console
    #[arg(long, value_enum)]
    pub(crate) state: Option<StateFormat>,
    /// Print every step on stderr
    #[arg(long)]
    pub(crate) trace: bool,
    /// Print steps, MIPS, translations and invalidations on stderr
    #[arg(long, value_enum, value_name = "FORMAT", num_args = 0..=1, require_equals = true, default_missing_value = "table")]
    pub(crate) stats: Option<StatsFormat>,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  pg32 vmm kernel.s --stats\n  pg32 vmm kernel.s --monitor hybrid --depth 3\n  \
pg32 vmm a.s b.s --slice 1000\n  pg32 vmm --vmm samples/vmm/vmm.s kernel.s --depth 2 --stats"
)]
pub(crate) struct VmmArgs {
    /// Guests: sources, ELF images or flat images
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// The kind of monitor: trap-and-emulate, hybrid, translate, interpret
    #[arg(long, value_name = "KIND", default_value = "trap-and-emulate", value_parser = parse_monitor)]
    pub(crate) monitor: Monitor,
    /// A monitor that is itself a PG32 program, on the bare machine, in place of --monitor; one guest
    #[arg(long, value_name = "FILE", conflicts_with = "monitor")]
    pub(crate) vmm: Option<PathBuf>,
    /// Monitors stacked on one another
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub(crate) depth: u32,
    /// Steps that each of several guests gets in turn
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) slice: u64,
    #[command(flatten)]
    pub(crate) machine: MachineArgs,
    /// Print the guests' final states on stdout, in place of their consoles
    #[arg(long, value_enum)]
    pub(crate) state: Option<StateFormat>,
    /// Print exits by cause and the share of steps executed directly, on stderr
    #[arg(long, value_enum, value_name = "FORMAT", num_args = 0..=1, require_equals = true, default_missing_value = "table")]
    pub(crate) stats: Option<StatsFormat>,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  pg32 compare kernel.s\n  pg32 compare kernel.s --monitor hybrid --depth 2 --profile m68k\n  \
pg32 compare --vmm samples/vmm/vmm.s kernel.s --depth 3"
)]
pub(crate) struct CompareArgs {
    /// Guests: sources, ELF images or flat images, each compared by itself
    #[arg(required_unless_present = "replay", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Where the runs part, write all that they started from to this file
    #[arg(long, value_name = "REPLAY")]
    pub(crate) save_replay: Option<PathBuf>,
    /// Compare again what a replay says
    #[arg(long, value_name = "REPLAY", conflicts_with_all = ["files", "vmm", "save_replay"])]
    pub(crate) replay: Option<PathBuf>,
    /// Compare with this kind of monitor only; may be given several times
    #[arg(long, value_name = "KIND", value_parser = parse_monitor)]
    pub(crate) monitor: Vec<Monitor>,
    /// Compare with a monitor that is itself a PG32 program, on the bare machine or on each --monitor
    #[arg(long, value_name = "FILE")]
    pub(crate) vmm: Option<PathBuf>,
    /// Monitors stacked on one another
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub(crate) depth: u32,
    #[command(flatten)]
    pub(crate) machine: MachineArgs,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  pg32 debug kernel.s\n  pg32 debug kernel.s --gdb 4444 --monitor trap-and-emulate\n\n\
In gdb:\n  break trap_handler, watch *(int *)0x400, continue, stepi\n  reverse-continue, reverse-stepi\n  \
info registers system (the PSW)\n  monitor steps, monitor trap, monitor state"
)]
pub(crate) struct DebugArgs {
    /// A source, an ELF image, or a flat image; `-` is a source on standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Where gdb finds the machine: a port of this computer, or HOST:PORT
    #[arg(long, value_name = "ADDR", num_args = 0..=1, default_value = "127.0.0.1:1234", default_missing_value = "127.0.0.1:1234")]
    pub(crate) gdb: String,
    /// Debug the guest as a virtual machine under this kind of monitor
    #[arg(long, value_name = "KIND", value_parser = parse_monitor)]
    pub(crate) monitor: Option<Monitor>,
    /// Monitors stacked on one another
    #[arg(long, value_name = "N", default_value_t = 1, requires = "monitor", value_parser = clap::value_parser!(u32).range(1..=64))]
    pub(crate) depth: u32,
    #[command(flatten)]
    pub(crate) machine: MachineArgs,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
}
