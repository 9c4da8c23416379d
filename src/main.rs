//! The `pg32` program: one command over assembler, machine, monitors and harness. The only code that prints.

#![forbid(unsafe_code)]

mod args;
mod asm;
mod check;
mod classify;
mod compare;
mod compose;
mod debug;
mod diagnostics;
mod diff;
mod dis;
mod explain;
mod failure;
mod fmt;
mod fuzz;
mod generated;
mod grade;
mod guests;
mod hosted;
mod interrupt;
mod lsp;
mod new;
mod output;
mod profile;
mod recursion;
mod run;
mod stats;
mod test;
mod vmm;

use args::{Cli, Command};
use clap::Parser;
use failure::Failure;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match std::panic::catch_unwind(|| dispatch(cli)) {
        Ok(Ok(status)) => status.into(),
        Ok(Err(failure)) => failure.report(),
        // The message of the panic has been printed where it happened.
        Err(_) => {
            output::talk("pg32: this is a bug in pg32, not in your input; please report it with the input");
            ExitCode::from(failure::BUG)
        }
    }
}

/// Runs one command. Every command answers with a status (cli, "exit status") or fails.
fn dispatch(cli: Cli) -> Result<failure::Status, Failure> {
    match cli.command {
        Command::Asm(args) => asm::command(&args),
        Command::Check(args) => check::command(&args),
        Command::Dis(args) => dis::command(&args),
        Command::Run(args) => run::command(&args),
        Command::Vmm(args) => vmm::command(&args),
        Command::Compare(args) => compare::command(&args),
        Command::Compose(args) => compose::command(&args),
        Command::Classify(args) => classify::command(&args),
        Command::Test(args) => test::command(&args),
        Command::Fuzz(args) => fuzz::command(&args),
        Command::Diff(args) => diff::command(&args),
        Command::Debug(args) => debug::command(&args),
        Command::Grade(args) => grade::command(&args),
        Command::New(args) => new::command(&args),
        Command::Explain(args) => explain::command(&args),
        Command::Fmt(args) => fmt::command(&args),
        Command::Lsp(args) => lsp::command(&args),
        Command::Completions(args) => generated::completions(&args),
        Command::Man => generated::man(),
    }
}
