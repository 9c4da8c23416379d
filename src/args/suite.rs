//! Flags of the commands about suites and courses: test, fuzz, diff, grade, new.

use super::shared::{ContextArgs, JobsArgs, ProfileArgs, SourceArgs, parse_engine, parse_monitor};
use clap::{Args, ValueEnum};
use pg32_harness::Shard;
use pg32_vm::EngineKind;
use pg32_vmm::Monitor;
use std::path::PathBuf;

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
    #[command(flatten)]
    pub(crate) jobs: JobsArgs,
    /// Run the K-th of N parts of the suite
    #[arg(long, value_name = "K/N", value_parser = Shard::parse)]
    pub(crate) shard: Option<Shard>,
    /// Write the results as JUnit XML, too
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Write a replay of each parting from the bare machine to this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) save_replays: Option<PathBuf>,
    /// Write the results as one self-contained page, too
    #[arg(long, value_name = "FILE.html")]
    pub(crate) report: Option<PathBuf>,
    /// How results are shown
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: TestFormat,
    #[command(flatten)]
    pub(crate) context: ContextArgs,
}

impl TestArgs {
    /// What the cases' sources need.
    pub(crate) fn source(&self) -> SourceArgs {
        SourceArgs { context: self.context.clone(), ..SourceArgs::default() }
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
    #[command(flatten)]
    pub(crate) profile: ProfileArgs,
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
    #[command(flatten)]
    pub(crate) jobs: JobsArgs,
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
