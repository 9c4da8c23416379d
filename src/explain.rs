//! `pg32 explain`.

use crate::args::ExplainArgs;
use crate::failure::{Failure, Status};

pub(crate) fn command(_: &ExplainArgs) -> Result<Status, Failure> {
    Err(Failure::usage("not built yet"))
}
