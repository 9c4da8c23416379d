//! `pg32 fmt`: sources in the usual form.

use crate::args::FmtArgs;
use crate::failure::{Failure, Status};
use crate::output;
use pg32_assembler::format;
use std::path::Path;

pub(crate) fn command(args: &FmtArgs) -> Result<Status, Failure> {
    let mut status = Status::Holds;
    for file in &args.files {
        let fail = |e: std::io::Error| Failure::usage(format!("{}: {e}", file.display()));
        let standard = file == Path::new("-");
        let old =
            if standard { std::io::read_to_string(std::io::stdin()) } else { std::fs::read_to_string(file) };
        let old = old.map_err(fail)?;
        let new = format::format(&old);
        if standard {
            output::result(new.as_bytes());
        } else if new != old && args.check {
            output::result(format!("{}\n", file.display()).as_bytes());
            status = Status::No;
        } else if new != old {
            std::fs::write(file, new).map_err(fail)?;
        }
    }
    Ok(status)
}
