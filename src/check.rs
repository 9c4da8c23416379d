//! `pg32 check`: diagnostics only.

use crate::args::CheckArgs;
use crate::diagnostics;
use crate::failure::{Failure, Status};
use crate::{guests, output};

pub(crate) fn command(args: &CheckArgs) -> Result<Status, Failure> {
    let loader = guests::loader(&args.source)?;
    let mut rejected = false;
    for file in &args.files {
        let assembly = loader.assemble(&[file]).map_err(Failure::usage)?;
        // Diagnostics are what was asked for: they are the result.
        output::result(diagnostics::render(&assembly, &args.source).as_bytes());
        rejected |= assembly.has_errors();
    }
    if rejected { Err(Failure::Rejected) } else { Ok(Status::Holds) }
}
