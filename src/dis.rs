//! `pg32 dis`: an image as source text that assembles to the same bytes.

use crate::args::DisArgs;
use crate::failure::{Failure, Status};
use crate::{guests, output};

pub(crate) fn command(args: &DisArgs) -> Result<Status, Failure> {
    let loaded = guests::load(&args.file, &args.source)?;
    let mut text = String::new();
    loaded.image.disassemble(&mut text).map_err(Failure::usage)?;
    output::result(text.as_bytes());
    Ok(Status::Holds)
}
