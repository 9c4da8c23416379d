//! `pg32 check`.

use crate::args::CheckArgs;
use crate::failure::{Failure, Status};

pub(crate) fn command(_: &CheckArgs) -> Result<Status, Failure> {
    Err(Failure::usage("not built yet"))
}
