//! `pg32 grade`: a submission against a suite, in points.

use crate::args::{GradeArgs, GradeFormat, SourceArgs};
use crate::failure::{Failure, Status};
use crate::{guests, output, profile};
use pg32_harness::{Bless, Fence, Grade, Grades, Loader, SuiteOptions, find_cases, grade};
use std::fmt::Write;

pub(crate) fn command(args: &GradeArgs) -> Result<Status, Failure> {
    if !args.submission.is_dir() {
        return Err(Failure::usage(format!("{}: there is no such folder", args.submission.display())));
    }
    // Cases may include files of the submission.
    let source = SourceArgs::including(args.submission.clone());
    let fence = Fence::around(&args.submission)
        .map_err(|e| Failure::usage(format!("{}: {e}", args.submission.display())))?;
    let loader = Loader { fenced: Some(fence), ..guests::loader(&source)? };
    let options = SuiteOptions { loader: &loader, profile: &profile::find, bless: Bless::No };
    let cases = find_cases(std::slice::from_ref(&args.suite), &options).map_err(Failure::usage)?;
    if cases.is_empty() {
        output::talk("there is no case in the suite");
        return Ok(Status::NothingMatched);
    }
    let grades = grade(&cases, &args.submission, &loader);
    let text = match args.format {
        GradeFormat::Human => human(&grades),
        GradeFormat::Gradescope => grades.gradescope(),
    };
    output::result(text.as_bytes());
    let (had, all) = grades.points();
    Ok(if had == all && grades.0.iter().all(|g| g.passed) { Status::Holds } else { Status::No })
}

fn human(grades: &Grades) -> String {
    let width = grades.0.iter().map(|grade| grade.case.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for Grade { case, points, passed, hidden, feedback } in &grades.0 {
        let had = if *passed { *points } else { 0 };
        // Writing to a string does not fail.
        let _ = writeln!(text, "{case:<width$}  {had:>3} of {points}");
        let told = feedback.lines().filter(|_| !hidden && !passed);
        told.for_each(|line| {
            let _ = writeln!(text, "    {line}");
        });
    }
    let (had, all) = grades.points();
    let _ = writeln!(text, "\n{had} of {all} points");
    text
}
