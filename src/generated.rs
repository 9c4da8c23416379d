//! `pg32 completions` and `pg32 man`: written from the command line's own definitions.

use crate::args::{Cli, CompletionsArgs};
use crate::failure::{Failure, Status};
use crate::output;
use clap::CommandFactory;

/// Completions for a shell, on stdout.
pub(crate) fn completions(args: &CompletionsArgs) -> Result<Status, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "pg32", &mut script);
    output::result(&script);
    Ok(Status::Holds)
}

/// The manual page, with a section for each command, on stdout.
pub(crate) fn man() -> Result<Status, Failure> {
    let mut command = Cli::command();
    command.build();
    let mut page = Vec::new();
    let written = render(&command, &mut page);
    written.map_err(|e| Failure::usage(format!("the manual page cannot be written: {e}")))?;
    output::result(&page);
    Ok(Status::Holds)
}

fn render(command: &clap::Command, page: &mut Vec<u8>) -> std::io::Result<()> {
    clap_mangen::Man::new(command.clone()).render(page)?;
    for command in command.get_subcommands().filter(|c| c.get_name() != "help") {
        let man = clap_mangen::Man::new(command.clone());
        let mut section = Vec::new();
        man.render_synopsis_section(&mut section)?;
        man.render_description_section(&mut section)?;
        man.render_options_section(&mut section)?;
        man.render_extra_section(&mut section)?;
        // Sections of a command are sections within its own.
        let title = format!(".SH \"PG32 {}\"\n", command.get_name().to_uppercase());
        page.extend(title.bytes());
        page.extend(String::from_utf8_lossy(&section).replace(".SH ", ".SS ").bytes());
    }
    Ok(())
}
