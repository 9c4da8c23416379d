//! How a command ends: the exit statuses, and failures that are one clear message.

use crate::output;
use std::fmt;
use std::process::ExitCode;

/// How a command that ran to its end answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Status {
    /// Done, and what was asked holds.
    Holds,
    /// The answer is no.
    No,
    /// Nothing matched.
    NothingMatched,
    /// The step or output budget ran out.
    Inconclusive,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        ExitCode::from(match status {
            Status::Holds => 0,
            Status::No => 1,
            Status::NothingMatched => 4,
            Status::Inconclusive => 5,
        })
    }
}

/// The status of a bug of ours.
pub(crate) const BUG: u8 = 70;

/// Why a command could not do what it was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Usage or configuration: arguments, files, images. Exit status 2.
    Usage(String),
    /// The source was rejected; its diagnostics have been shown. Exit status 3.
    Rejected,
}

impl Failure {
    /// A failure of usage or configuration.
    pub(crate) fn usage(message: impl fmt::Display) -> Self {
        Failure::Usage(message.to_string())
    }

    /// Prints what is still to be said, and gives the status.
    pub(crate) fn report(self) -> ExitCode {
        match self {
            Failure::Usage(message) => {
                output::talk(&format!("error: {message}"));
                ExitCode::from(2)
            }
            Failure::Rejected => ExitCode::from(3),
        }
    }
}
