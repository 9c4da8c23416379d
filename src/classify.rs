//! `pg32 classify`: what each instruction is seen to do, and what the theorems say to that.

use crate::args::{ClassifyArgs, Premise, ReportFormat};
use crate::failure::{Failure, Status};
use crate::run::json;
use crate::{guests, output};
use pg32_theory::report::{Form, InstructionReport, Report, literal, literal_json, why};
use pg32_theory::{Method, Pg32, Subject, Theorem, Verdict, classify, literal as letter};

pub(crate) fn command(args: &ClassifyArgs) -> Result<Status, Failure> {
    let machine = Pg32(guests::profile(&args.profile)?);
    let method = Method::default();
    if args.literal {
        let compared = letter::compare(&machine, &method);
        let text = match args.format {
            ReportFormat::Human => literal(machine.name(), &compared, Form::Text),
            ReportFormat::Markdown => literal(machine.name(), &compared, Form::Markdown),
            ReportFormat::Json => json(&literal_json(machine.name(), &compared)),
        };
        output::result(text.as_bytes());
        return Ok(Status::Holds);
    }
    let classification = classify(&machine, &method);
    let report = Report { classification: &classification, recursion: None };
    let text = match &args.why {
        Some(insn) => story(&report, insn, args.format)?,
        None => match args.format {
            ReportFormat::Human => report.human(),
            ReportFormat::Markdown => report.markdown(),
            ReportFormat::Json => json(&report.json()),
        },
    };
    output::result(text.as_bytes());
    if args.why.is_none() && args.format == ReportFormat::Human {
        suggest(args, &report.verdict(Theorem::Monitor));
    }
    Ok(answer(&report, args.require))
}

fn story(report: &Report<'_>, insn: &str, format: ReportFormat) -> Result<String, Failure> {
    let classified = report.classification.find(&insn.to_lowercase()).ok_or_else(|| {
        Failure::usage(format!("there is no instruction `{insn}`; `pg32 classify` lists them all"))
    })?;
    Ok(match format {
        ReportFormat::Human | ReportFormat::Markdown => why(report, classified),
        ReportFormat::Json => json(&InstructionReport::from(classified)),
    })
}

/// Names the command that tells more about the first instruction at fault.
fn suggest(args: &ClassifyArgs, verdict: &Verdict<'_>) {
    if let Verdict::Fails(faults) = verdict
        && let Some(fault) = faults.first()
    {
        let insn = &fault.classified.instruction.name;
        output::talk(&format!("for the whole story: pg32 classify --profile {} --why {insn}", args.profile));
    }
}

/// Whether the premise asked for holds.
fn answer(report: &Report<'_>, require: Option<Premise>) -> Status {
    let theorem = match require {
        None => return Status::Holds,
        Some(Premise::Monitor) => Theorem::Monitor,
        Some(Premise::Hybrid) => Theorem::Hybrid,
    };
    if report.verdict(theorem).holds() { Status::Holds } else { Status::No }
}
