//! `pg32 classify`: what each instruction is seen to do, and what the theorems say to that.

use crate::args::{ClassifyArgs, Premise, ReportFormat};
use crate::failure::{Failure, Status};
use crate::recursion::evidence;
use crate::run::json;
use crate::{guests, output};
use pg32_isa::Profile;
use pg32_theory::report::{Form, InstructionReport, Report, literal, literal_json, why};
use pg32_theory::{
    Classification, Method, Pg32, Recursion, Subject, Theorem, Verdict, classify, did_you_mean,
    literal as letter,
};

pub(crate) fn command(args: &ClassifyArgs) -> Result<Status, Failure> {
    let machine = Pg32(guests::profile(&args.profile.name)?);
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
    let recursion = recursion(&classification, &machine.0);
    let report = Report { classification: &classification, recursion: recursion.as_ref() };
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

/// What a monitor that hosts itself shows, where the rest of Theorem 2's condition holds.
fn recursion(classification: &Classification, profile: &Profile) -> Option<Recursion> {
    if !Verdict::of(Theorem::Monitor, classification, None).holds() {
        return None;
    }
    evidence(profile).inspect_err(|failure| output::talk(&format!("note: {failure}"))).ok()
}

fn story(report: &Report<'_>, insn: &str, format: ReportFormat) -> Result<String, Failure> {
    let classified = report.classification.find(&insn.to_lowercase()).ok_or_else(|| {
        let names = report.classification.instructions.iter().map(|c| c.instruction.name.as_ref());
        let help = did_you_mean(insn, names).unwrap_or_else(|| "`pg32 classify` lists them all".to_owned());
        Failure::usage(format!("there is no instruction `{insn}`; {help}"))
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
        output::talk(&format!(
            "for the whole story: pg32 classify --profile {} --why {insn}",
            args.profile.name
        ));
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
