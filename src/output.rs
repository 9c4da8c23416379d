//! The two streams: results on stdout, talk on stderr. A reader that goes away ends the program quietly.

use std::io::{ErrorKind, Write};

/// Writes results.
pub(crate) fn result(bytes: &[u8]) {
    let mut out = std::io::stdout().lock();
    if let Err(error) = out.write_all(bytes).and_then(|()| out.flush()) {
        if error.kind() == ErrorKind::BrokenPipe {
            std::process::exit(0);
        }
        talk(&format!("error: cannot write to standard output: {error}"));
        std::process::exit(2);
    }
}

/// Writes one line of talk. That nobody listens is no failure.
pub(crate) fn talk(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", line.trim_end_matches('\n'));
}
