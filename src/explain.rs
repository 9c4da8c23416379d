//! `pg32 explain`: the long text of a diagnostic.

use crate::args::ExplainArgs;
use crate::failure::{Failure, Status};
use crate::output;
use pg32_assembler::Code;

pub(crate) fn command(args: &ExplainArgs) -> Result<Status, Failure> {
    let Some(text) = &args.code else {
        for code in Code::ALL {
            output::result(
                format!("{}  {:<9} {}\n", code.id(), code.severity().name(), code.title()).as_bytes(),
            );
        }
        return Ok(Status::Holds);
    };
    let code = Code::parse(text).ok_or_else(|| {
        let hint =
            Code::nearest(text).map(|code| format!("; did you mean {}?", code.id())).unwrap_or_default();
        Failure::usage(format!("there is no diagnostic {text}{hint} (--list shows them all)"))
    })?;
    output::result(code.explain().as_bytes());
    Ok(Status::Holds)
}
