//! Grading: a submission against a suite, in points.
//!
//! A case that names a file of the submission holds the reference solution: the submission must end as the case's
//! own source does, with the same output and the same `a0`. Any other case runs its own source, which includes files
//! of the submission, and passes as `pg32 test` would have it. Whatever a submission does costs it that case and no
//! other.

use crate::cells::{CellResult, check_bare};
use crate::load::{LoadError, Loader};
use crate::snapshot::ending;
use crate::suite::{Case, CaseError, Ready};
use crate::{Grading, Setup, Trace};
use pg32_assembler::render;
use pg32_image::Image;
use pg32_vm::{EngineKind, Pause};
use rayon::prelude::*;
use serde::Serialize;
use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

/// Lines of the assembler's diagnostics that are shown.
const SHOWN_LINES: usize = 40;
/// Bytes of console output that are shown around the first that differs.
const SHOWN_BYTES: usize = 60;

/// One case's grade.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Grade {
    /// The case.
    pub case: String,
    /// Points to be had.
    pub points: u32,
    /// Whether they were.
    pub passed: bool,
    /// Whether nothing but the points is to be told.
    pub hidden: bool,
    /// Why they were not, and the hint.
    pub feedback: String,
}

/// A submission's grades, in order of the cases.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Grades(pub Vec<Grade>);

impl Grades {
    /// Points had, and points to be had.
    #[must_use]
    pub fn points(&self) -> (u64, u64) {
        let sum = |grades: &mut dyn Iterator<Item = &Grade>| grades.map(|g| u64::from(g.points)).sum();
        (sum(&mut self.0.iter().filter(|g| g.passed)), sum(&mut self.0.iter()))
    }

    /// The object that Gradescope reads from `results.json`.
    #[must_use]
    pub fn gradescope(&self) -> String {
        let tests = self.0.iter().map(|grade| GradescopeTest {
            name: &grade.case,
            score: if grade.passed { grade.points } else { 0 },
            max_score: grade.points,
            status: if grade.passed { "passed" } else { "failed" },
            output: &grade.feedback,
            visibility: if grade.hidden { "hidden" } else { "visible" },
        });
        let results = Gradescope { tests: tests.collect() };
        serde_json::to_string_pretty(&results).expect("our own values are JSON") + "\n"
    }
}

#[derive(Serialize)]
struct Gradescope<'a> {
    tests: Vec<GradescopeTest<'a>>,
}

#[derive(Serialize)]
struct GradescopeTest<'a> {
    name: &'a str,
    score: u32,
    max_score: u32,
    status: &'static str,
    output: &'a str,
    visibility: &'static str,
}

/// Grades the submission in `folder`. `loader` reads its sources; the cases have been found with the same.
#[must_use]
pub fn grade(cases: &[Case], folder: &Path, loader: &Loader) -> Grades {
    let grades = cases.par_iter().map(|case| {
        let run = AssertUnwindSafe(|| judge(case, folder, loader));
        let judged = catch_unwind(run)
            .unwrap_or_else(|_| Err("pg32 itself failed here; tell your teacher".to_owned()));
        let Grading { points, hint, hidden, .. } = &case.grading;
        let mut feedback = judged.as_ref().err().cloned().unwrap_or_default();
        if judged.is_err()
            && let Some(hint) = hint
        {
            let _ = write!(feedback, "\nhint: {hint}");
        }
        Grade { case: case.name.clone(), points: *points, passed: judged.is_ok(), hidden: *hidden, feedback }
    });
    Grades(grades.collect())
}

/// Whether the submission passes a case; if not, why.
fn judge(case: &Case, folder: &Path, loader: &Loader) -> Result<(), String> {
    let ready = case.ready.as_ref().map_err(problem)?;
    let expected = run(ready, &ready.image)?;
    let Some(file) = &ready.config.grading.submission else {
        return match check_bare(&expected, &ready.config) {
            CellResult::Passed { .. } => Ok(()),
            CellResult::Failed(failure) => Err(failure.reason + &output_of(&expected)),
            CellResult::NotRun => Err("it was not run".into()),
        };
    };
    if let CellResult::Failed(failure) = check_bare(&expected, &ready.config) {
        return Err(format!("the reference solution itself fails; tell your teacher: {}", failure.reason));
    }
    let loaded = loader.load(&folder.join(file)).map_err(|error| told(&error))?;
    let submitted = run(ready, &loaded.image)?;
    compare(&expected, &submitted)
}

fn run(ready: &Ready, image: &Arc<Image>) -> Result<Trace, String> {
    let setup = Setup {
        image: Arc::clone(image),
        memory: ready.config.memory as u32,
        profile: ready.config.profiles[0].clone(),
        engine: EngineKind::fastest(),
        input: Arc::clone(&ready.input),
        output_limit: ready.config.output_limit,
    };
    let machine = setup.bare().map_err(|e| e.to_string())?;
    Ok(Trace::record(machine, ready.config.steps, &|| false).expect("nobody stops it"))
}

/// Whether a submission ended as it should have.
fn compare(expected: &Trace, submitted: &Trace) -> Result<(), String> {
    let how = |trace: &Trace| ending(trace.ran.pause, trace.state.exit_status(), trace.idle_traps);
    let (wanted, got) = (how(expected), how(submitted));
    let budget = match submitted.ran.pause {
        Pause::Steps => format!(" after {} steps", submitted.state.steps),
        _ => String::new(),
    };
    if wanted != got {
        return Err(format!("expected: {wanted}; but: {got}{budget}") + &output_of(submitted));
    }
    let (wanted, got) = (&expected.state.output, &submitted.state.output);
    if wanted == got {
        return Ok(());
    }
    let same = wanted.iter().zip(got).take_while(|(a, b)| a == b).count();
    let from = same.saturating_sub(SHOWN_BYTES / 3);
    let shown = |bytes: &[u8]| {
        let end = bytes.len().min(from + SHOWN_BYTES);
        bytes[from.min(end)..end].escape_ascii().to_string()
    };
    Err(format!(
        "the output differs from byte {same} on\nexpected: \"{}\"\nbut:      \"{}\"",
        shown(wanted),
        shown(got)
    ))
}

/// The beginning of what a guest printed.
fn output_of(trace: &Trace) -> String {
    let output = &trace.state.output;
    let shown = output[..output.len().min(SHOWN_BYTES)].escape_ascii();
    let dots = if output.len() > SHOWN_BYTES { "…" } else { "" };
    format!("\noutput: \"{shown}{dots}\", {} bytes", output.len())
}

fn problem(error: &CaseError) -> String {
    match error {
        CaseError::Load(error) => told(error),
        CaseError::Config(error) => format!("the case cannot be read; tell your teacher: {error}"),
        CaseError::Other(message) => message.clone(),
    }
}

/// Why a submission cannot be loaded: the assembler's own words, as many as anyone reads.
fn told(error: &LoadError) -> String {
    match error {
        LoadError::File { file, message } => {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            format!("{name}: {message}")
        }
        LoadError::Rejected(assembly) => {
            let text = render::human(&assembly.diagnostics, &assembly.sources, render::Colour::Never);
            let mut told = String::from("the source was rejected\n");
            for line in text.lines().take(SHOWN_LINES) {
                let _ = writeln!(told, "{line}");
            }
            told.trim_end().to_owned()
        }
    }
}
