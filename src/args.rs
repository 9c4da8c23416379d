//! The command line: commands, flags, examples. Help, completions and manual pages come from here.

use clap::{Args, Parser, Subcommand, ValueEnum};
use pg32_harness::{Shard, parse_size};
use pg32_vm::EngineKind;
use pg32_vmm::Monitor;
use std::path::PathBuf;

/// Assembler, machine, virtual machine monitor and test harness for the Popek-Goldberg model architecture.
#[derive(Parser, Debug)]
#[command(name = "pg32", version, propagate_version = true, max_term_width = 100)]
#[command(
    after_help = "Exit status: 0 what was asked holds, 1 it does not, 2 usage, 3 the source was rejected, \
4 nothing matched, 5 inconclusive, 70 a bug in pg32."
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Assemble sources into an image
    Asm(AsmArgs),
    /// Check sources: diagnostics only
    Check(CheckArgs),
    /// Disassemble an image, with labels and source lines
    Dis(DisArgs),
    /// Run a guest on the bare machine
    Run(RunArgs),
    /// Run guests as virtual machines under a monitor
    Vmm(VmmArgs),
    /// Compare a guest bare and under monitors, to the bit
    Compare(CompareArgs),
    /// Put a guest into the window of a monitor that is a PG32 program: one image that runs
    Compose(ComposeArgs),
    /// Classify each instruction by experiment; judge the theorems' conditions
    Classify(ClassifyArgs),
    /// Run a suite: every case in every cell of its matrix
    Test(TestArgs),
    /// Look for guests that tell a monitor or an engine from the bare machine
    Fuzz(FuzzArgs),
    /// Show what differs between two states or snapshots
    Diff(DiffArgs),
    /// Debug a guest with gdb, forwards and backwards
    Debug(DebugArgs),
    /// Grade a submission against a suite
    Grade(GradeArgs),
    /// Start a project that builds and passes its first test
    New(NewArgs),
    /// Explain a diagnostic
    Explain(ExplainArgs),
    /// Put sources into the usual form
    Fmt(FmtArgs),
    /// Serve editors: the language server protocol on standard input and output
    Lsp(LspArgs),
    /// Print completions for a shell
    Completions(CompletionsArgs),
    /// Print the manual page
    #[command(after_help = "Examples:\n  pg32 man | man -l -")]
    Man,
}

/// What a source may need to be assembled.
#[derive(Args, Debug, Clone, Default)]
pub(crate) struct SourceArgs {
    /// Search this directory for included files
    #[arg(short = 'I', value_name = "DIR")]
    pub(crate) include: Vec<PathBuf>,
    /// Define a symbol (its value is 1 unless given)
    #[arg(short = 'D', value_name = "NAME[=VALUE]")]
    pub(crate) define: Vec<String>,
    /// Allow, warn of or reject what a warning is about: NAME, no-NAME, error=NAME; `all` is every name
    #[arg(short = 'W', value_name = "[no-|error=]NAME")]
    pub(crate) warnings: Vec<String>,
    /// How diagnostics are shown
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: DiagnosticFormat,
    /// When to use colour
    #[arg(long, value_enum, default_value = "auto", global = true)]
    pub(crate) color: Color,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum DiagnosticFormat {
    /// With the source and arrows
    #[default]
    Human,
    /// One line each
    Short,
    /// One JSON object each
    Json,
    /// A SARIF log
    Sarif,
    /// GitHub workflow commands
    Github,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    Always,
    Never,
}

/// The machine that a guest runs on.
#[derive(Args, Debug, Clone)]
pub(crate) struct MachineArgs {
    /// What system instructions do in user mode: pg, pdp10, m68k, arm, x86, unmapped, or a TOML file
    #[arg(long, value_name = "NAME|FILE.toml", default_value = "pg")]
    pub(crate) profile: String,
    /// Storage of the guest: bytes, or K, M, G as powers of 1024
    #[arg(long, value_name = "SIZE", default_value = "1M", value_parser = parse_size)]
    pub(crate) memory: u64,
    /// Budget in steps
    #[arg(long, value_name = "N", default_value_t = 1_000_000_000, allow_negative_numbers = true)]
    pub(crate) steps: u64,
    /// The console's input tape; without it the tape is empty
    #[arg(long, value_name = "FILE")]
    pub(crate) input: Option<PathBuf>,
    /// Console output beyond which the run stops: bytes, or K, M, G
    #[arg(long, value_name = "SIZE", default_value = "16M", value_parser = parse_size)]
    pub(crate) output_limit: u64,
    /// How steps are taken; the default is the fastest engine there is
    #[arg(long, value_name = "NAME", value_parser = parse_engine)]
    pub(crate) engine: Option<EngineKind>,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  pg32 asm kernel.s -o kernel.elf\n  pg32 asm kernel.s lib.s -o kernel.bin --list kernel.lst\n  \
pg32 asm kernel.s -o kernel.hex -D SIZE=0x1000 -I include"
)]
pub(crate) struct AsmArgs {
    /// Sources; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// The image to write
    #[arg(short = 'o', value_name = "IMAGE")]
    pub(crate) output: PathBuf,
    /// The form of the image; by default what the name ends in says: .bin, .hex, else ELF
    #[arg(long, value_enum)]
    pub(crate) emit: Option<Emit>,
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

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum StatsFormat {
    /// For people
    Table,
    /// One JSON value
    Json,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum StateFormat {
    /// As a snapshot shows it
    Text,
    /// One JSON object
    Json,
}

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
    /// The image to write
    #[arg(short = 'o', value_name = "IMAGE")]
    pub(crate) output: PathBuf,
    /// The form of the image; by default what the name ends in says: .bin, .hex, else ELF
    #[arg(long, value_enum)]
    pub(crate) emit: Option<Emit>,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  pg32 classify --profile m68k\n  pg32 classify --profile m68k --why rdm\n  \
pg32 classify --profile mine.toml --require 3\n  pg32 classify --literal --format markdown"
)]
pub(crate) struct ClassifyArgs {
    /// What system instructions do in user mode: pg, pdp10, m68k, arm, x86, unmapped, or a TOML file
    #[arg(long, value_name = "NAME|FILE.toml", default_value = "pg")]
    pub(crate) profile: String,
    /// Tell the story of one instruction, with its witnesses
    #[arg(long, value_name = "INSN")]
    pub(crate) why: Option<String>,
    /// Exit with 1 unless this theorem's condition holds
    #[arg(long, value_enum, value_name = "THEOREM")]
    pub(crate) require: Option<Premise>,
    /// How the report is written
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: ReportFormat,
    /// Apply the definitions of 1974 to the letter, beside the settled ones
    #[arg(long, conflicts_with_all = ["why", "require"])]
    pub(crate) literal: bool,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Premise {
    /// Every sensitive instruction is privileged
    #[value(name = "1")]
    Monitor,
    /// Every user-sensitive instruction is privileged
    #[value(name = "3")]
    Hybrid,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ReportFormat {
    /// A table and sentences
    Human,
    /// A Markdown page
    Markdown,
    /// One JSON object, with every witness's states
    Json,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  pg32 test samples\n  pg32 test samples timer\n  pg32 test samples --accept\n  \
pg32 test samples --shard 1/4 --junit junit.xml --report report.html"
)]
pub(crate) struct TestArgs {
    /// Suites (directories), cases (files); words that are neither filter cases by name
    #[arg(value_name = "DIR|FILE|FILTER")]
    pub(crate) what: Vec<String>,
    /// Take the bare runs' states as the new snapshots
    #[arg(long)]
    pub(crate) accept: bool,
    /// Cells run at a time; the default is the number of cores
    #[arg(short = 'j', value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) jobs: Option<u16>,
    /// Run the K-th of N parts of the suite
    #[arg(long, value_name = "K/N", value_parser = Shard::parse)]
    pub(crate) shard: Option<Shard>,
    /// Write the results as JUnit XML, too
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Write the results as one self-contained page, too
    #[arg(long, value_name = "FILE.html")]
    pub(crate) report: Option<PathBuf>,
    /// How results are shown
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: TestFormat,
    /// Search this directory for included files
    #[arg(short = 'I', value_name = "DIR")]
    pub(crate) include: Vec<PathBuf>,
    /// Define a symbol (its value is 1 unless given)
    #[arg(short = 'D', value_name = "NAME[=VALUE]")]
    pub(crate) define: Vec<String>,
}

impl TestArgs {
    /// What the cases' sources need.
    pub(crate) fn source(&self) -> SourceArgs {
        let (include, define) = (self.include.clone(), self.define.clone());
        SourceArgs { include, define, ..SourceArgs::default() }
    }
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum TestFormat {
    /// A table, and what failed
    Human,
    /// One JSON object a line: the suite, each case with its cells as it comes to its end, the counts
    Json,
    /// The same as human, and GitHub's annotations
    Github,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  pg32 fuzz --time 60\n  pg32 fuzz --seed 7 --cases 100000 --monitor hybrid --profile m68k\n  \
pg32 fuzz --profile x86 --monitor trap-and-emulate --out found && pg32 test found"
)]
pub(crate) struct FuzzArgs {
    /// The seed of the first guest; those after it have the next ones
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
    /// Guests to try; 10000 unless a time is given
    #[arg(long, value_name = "N")]
    pub(crate) cases: Option<u64>,
    /// Seconds to try for
    #[arg(long, value_name = "SECONDS")]
    pub(crate) time: Option<u64>,
    /// What system instructions do in user mode: pg, pdp10, m68k, arm, x86, unmapped, or a TOML file
    #[arg(long, value_name = "NAME|FILE.toml", default_value = "pg")]
    pub(crate) profile: String,
    /// Try this kind of monitor only; may be given several times
    #[arg(long, value_name = "KIND", value_parser = parse_monitor)]
    pub(crate) monitor: Vec<Monitor>,
    /// Stack so many monitors; may be given several times [default: 1 2]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=16))]
    pub(crate) depth: Vec<u32>,
    /// Try this engine only, and run monitors on it; may be given several times
    #[arg(long, value_name = "NAME", value_parser = parse_engine)]
    pub(crate) engine: Vec<EngineKind>,
    /// Try this monitor, which is a PG32 program itself, in place of the built-in ones
    #[arg(long, value_name = "FILE", conflicts_with_all = ["monitor", "engine"])]
    pub(crate) vmm: Option<PathBuf>,
    /// The folder for the case that is found
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(crate) out: PathBuf,
    /// Guests run at a time; the default is the number of cores
    #[arg(short = 'j', value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) jobs: Option<u16>,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  pg32 run kernel.s --state json > a.json; pg32 vmm kernel.s --state json > b.json; pg32 diff a.json b.json --image kernel.s\n  \
pg32 diff before/snapshots after/snapshots --format html > diff.html"
)]
pub(crate) struct DiffArgs {
    /// A state (JSON), a snapshot, or a folder of them
    #[arg(value_name = "A")]
    pub(crate) left: PathBuf,
    /// Another one
    #[arg(value_name = "B")]
    pub(crate) right: PathBuf,
    /// Name places in states by this guest's symbols
    #[arg(long, value_name = "FILE")]
    pub(crate) image: Option<PathBuf>,
    /// How differences are shown
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: DiffFormat,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum DiffFormat {
    /// One line each
    Human,
    /// A JSON array
    Json,
    /// A page
    Html,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  pg32 grade course/week3 --submission handed-in/ada\n  \
pg32 grade course/week3 --submission /autograder/submission --format gradescope > /autograder/results/results.json")]
pub(crate) struct GradeArgs {
    /// The suite: a folder of cases, or one case
    #[arg(value_name = "SUITE")]
    pub(crate) suite: PathBuf,
    /// The folder that was handed in
    #[arg(long, value_name = "DIR")]
    pub(crate) submission: PathBuf,
    /// How grades are shown
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: GradeFormat,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum GradeFormat {
    /// Points, and why they were lost
    Human,
    /// The object that Gradescope reads
    Gradescope,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  pg32 new mykernel && cd mykernel && pg32 test\n  pg32 new mymonitor --template vmm"
)]
pub(crate) struct NewArgs {
    /// The folder to make
    #[arg(value_name = "NAME")]
    pub(crate) name: PathBuf,
    /// What to start from
    #[arg(long, value_enum, default_value = "kernel")]
    pub(crate) template: Template,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Template {
    /// A kernel with a program in user mode
    Kernel,
    /// An application with the kernel that runs it
    App,
    /// A monitor in the machine's own instructions, with a guest
    Vmm,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  pg32 completions bash > ~/.local/share/bash-completion/completions/pg32"
)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
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

fn parse_engine(name: &str) -> Result<EngineKind, String> {
    EngineKind::parse(name).ok_or_else(|| one_of(EngineKind::ALL.iter().map(|kind| kind.name())))
}

fn parse_monitor(name: &str) -> Result<Monitor, String> {
    Monitor::parse(name).ok_or_else(|| one_of(Monitor::ALL.into_iter().map(Monitor::name)))
}

fn one_of<'a>(names: impl Iterator<Item = &'a str>) -> String {
    format!("expected one of {}", names.collect::<Vec<_>>().join(", "))
}
