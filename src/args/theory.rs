//! Flags of classify.

use super::shared::ProfileArgs;
use clap::{Args, ValueEnum};

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  pg32 classify --profile m68k\n  pg32 classify --profile m68k --why rdm\n  \
pg32 classify --profile mine.toml --require 3\n  pg32 classify --literal --format markdown"
)]
pub(crate) struct ClassifyArgs {
    #[command(flatten)]
    pub(crate) profile: ProfileArgs,
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
