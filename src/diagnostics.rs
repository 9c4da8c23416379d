//! Diagnostics shown, in the format asked for.

use crate::args::{Color, DiagnosticFormat, SourceArgs};
use crate::output;
use pg32_assembler::{Assembly, render};
use std::io::IsTerminal;

/// Shows what the assembler has to say, on stderr.
pub(crate) fn show(assembly: &Assembly, args: &SourceArgs) {
    let text = render(assembly, args);
    if !text.is_empty() {
        output::talk(&text);
    }
}

/// What the assembler has to say, in the format asked for.
pub(crate) fn render(assembly: &Assembly, args: &SourceArgs) -> String {
    let (diagnostics, sources) = (&assembly.diagnostics, &assembly.sources);
    match args.format {
        DiagnosticFormat::Human => {
            render::human(diagnostics, sources, colour(args.color, &std::io::stderr()))
        }
        DiagnosticFormat::Short => render::short(diagnostics, sources),
        DiagnosticFormat::Json => render::json(diagnostics, sources),
        DiagnosticFormat::Sarif => render::sarif(diagnostics, sources),
        DiagnosticFormat::Github => render::github(diagnostics, sources),
    }
}

/// Whether what goes to `stream` is to be coloured.
pub(crate) fn colour(wanted: Color, stream: &impl IsTerminal) -> render::Colour {
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
    let on = match wanted {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => !no_color && stream.is_terminal(),
    };
    if on { render::Colour::Always } else { render::Colour::Never }
}
