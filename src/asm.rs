//! `pg32 asm`.

use crate::args::AsmArgs;
use crate::failure::{Failure, Status};

pub(crate) fn command(_: &AsmArgs) -> Result<Status, Failure> {
    Err(Failure::usage("not built yet"))
}
