//! What several commands take: sources, machines, profiles, and how values are read.

use crate::failure::Failure;
use clap::{Args, ValueEnum};
use pg32_harness::parse_size;
use pg32_vm::EngineKind;
use pg32_vmm::Monitor;
use std::path::PathBuf;

/// What a source may need to be assembled.
#[derive(Args, Debug, Clone, Default)]
pub(crate) struct SourceArgs {
    #[command(flatten)]
    pub(crate) context: ContextArgs,
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

impl SourceArgs {
    /// Nothing but a folder for included files.
    pub(crate) fn including(folder: PathBuf) -> Self {
        let context = ContextArgs { include: vec![folder], define: Vec::new() };
        SourceArgs { context, ..SourceArgs::default() }
    }
}

/// What a source finds beside it.
#[derive(Args, Debug, Clone, Default)]
pub(crate) struct ContextArgs {
    /// Search this directory for included files
    #[arg(short = 'I', value_name = "DIR")]
    pub(crate) include: Vec<PathBuf>,
    /// Define a symbol (its value is 1 unless given)
    #[arg(short = 'D', value_name = "NAME[=VALUE]")]
    pub(crate) define: Vec<String>,
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
    #[command(flatten)]
    pub(crate) profile: ProfileArgs,
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

/// The profile of every machine.
#[derive(Args, Debug, Clone)]
pub(crate) struct ProfileArgs {
    /// What system instructions do in user mode: pg, pdp10, m68k, arm, x86, unmapped, or a TOML file
    #[arg(long = "profile", id = "profile", value_name = "NAME|FILE.toml", default_value = "pg")]
    pub(crate) name: String,
}

/// How much is done at a time.
#[derive(Args, Debug, Clone, Copy)]
pub(crate) struct JobsArgs {
    /// Cells or guests run at a time; the default is the number of cores
    #[arg(short = 'j', id = "jobs", value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    number: Option<u16>,
}

impl JobsArgs {
    /// A pool of as many threads as are wanted.
    pub(crate) fn pool(self) -> Result<rayon::ThreadPool, Failure> {
        let threads = self.number.map_or(0, usize::from);
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(Failure::usage)
    }
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum StateFormat {
    /// As a snapshot shows it
    Text,
    /// One JSON object
    Json,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum StatsFormat {
    /// For people
    Table,
    /// One JSON value
    Json,
}

pub(super) fn parse_engine(name: &str) -> Result<EngineKind, String> {
    EngineKind::parse(name).ok_or_else(|| one_of(EngineKind::ALL.iter().map(|kind| kind.name())))
}

pub(super) fn parse_monitor(name: &str) -> Result<Monitor, String> {
    Monitor::parse(name).ok_or_else(|| one_of(Monitor::ALL.into_iter().map(Monitor::name)))
}

fn one_of<'a>(names: impl Iterator<Item = &'a str>) -> String {
    format!("expected one of {}", names.collect::<Vec<_>>().join(", "))
}
