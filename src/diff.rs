//! `pg32 diff`: what differs between two states or snapshots.

use crate::args::{DiffArgs, DiffFormat};
use crate::failure::{Failure, Status};
use crate::{output, run};
use pg32_harness::{Difference, Observation, StateJson, differences, read_snapshot, text_differences};
use std::path::Path;

/// What a file holds.
enum Side {
    State(Box<Observation>),
    Text(String),
}

pub(crate) fn command(args: &DiffArgs) -> Result<Status, Failure> {
    let list = match (read(&args.left)?, read(&args.right)?) {
        (Side::State(left), Side::State(right)) => differences(&left, &right, None),
        (Side::Text(left), Side::Text(right)) => text_differences(&left, &right),
        _ => return Err(Failure::usage("one of the files is a state and the other a snapshot")),
    };
    show(&list, args.format);
    Ok(if list.is_empty() { Status::Holds } else { Status::No })
}

fn read(file: &Path) -> Result<Side, Failure> {
    let fail = |message: String| Failure::usage(format!("{}: {message}", file.display()));
    let bytes = std::fs::read(file).map_err(|e| fail(e.to_string()))?;
    if bytes.starts_with(b"---") {
        let text = read_snapshot(file).map_err(Failure::usage)?;
        return Ok(Side::Text(text.unwrap_or_default()));
    }
    let json: StateJson =
        serde_json::from_slice(&bytes).map_err(|e| fail(format!("neither a snapshot nor a state: {e}")))?;
    Ok(Side::State(Box::new(Observation::try_from(json).map_err(fail)?)))
}

fn show(list: &[Difference], format: DiffFormat) {
    match format {
        DiffFormat::Json => output::result(run::json(&list).as_bytes()),
        DiffFormat::Human => {
            for difference in list {
                output::result(format!("{difference}\n").as_bytes());
            }
        }
    }
}
