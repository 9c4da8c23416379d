//! `pg32 dis`.

use crate::args::DisArgs;
use crate::failure::{Failure, Status};

pub(crate) fn command(_: &DisArgs) -> Result<Status, Failure> {
    Err(Failure::usage("not built yet"))
}
