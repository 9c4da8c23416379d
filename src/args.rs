//! The command line: commands, flags, examples. Help, completions and manual pages come from here. The flags of each
//! command are below, those that several share in one place.

mod image;
mod run;
mod shared;
mod suite;
mod theory;

pub(crate) use image::{AsmArgs, CheckArgs, ComposeArgs, DisArgs, Emit, ExplainArgs, FmtArgs, LspArgs};
pub(crate) use run::{CompareArgs, DebugArgs, RunArgs, VmmArgs};
pub(crate) use shared::{Color, DiagnosticFormat, MachineArgs, SourceArgs, StateFormat, StatsFormat};
pub(crate) use suite::{
    DiffArgs, DiffFormat, FuzzArgs, GradeArgs, GradeFormat, NewArgs, Template, TestArgs, TestFormat,
};
pub(crate) use theory::{ClassifyArgs, Premise, ReportFormat};

use clap::{Args, Parser, Subcommand};

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

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  pg32 completions bash > ~/.local/share/bash-completion/completions/pg32"
)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
}
