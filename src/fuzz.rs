//! `pg32 fuzz`: look for guests that tell a monitor or an engine from the bare machine.

use crate::args::{Color, FuzzArgs, SourceArgs};
use crate::failure::{Failure, Status};
use crate::{guests, output, profile};
use pg32_harness::{Contestant, Contract, Finding, Fuzz, Kind, Setup, assemble_guest, write_file};
use pg32_isa::Profile;
use pg32_vm::EngineKind;
use pg32_vmm::Monitor;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Guests tried where neither their number nor a time is given.
const CASES: u64 = 10_000;

pub(crate) fn command(args: &FuzzArgs) -> Result<Status, Failure> {
    let pool = args.jobs.pool()?;
    let interrupted = crate::interrupt::flag();
    let stop = || interrupted.is_set();
    let unbounded = if args.time.is_some() { u64::MAX } else { CASES };
    let fuzz = Fuzz {
        seed: args.seed,
        cases: args.cases.unwrap_or(unbounded),
        deadline: args.time.and_then(|seconds| Instant::now().checked_add(Duration::from_secs(seconds))),
        profile: profile::find(&args.profile.name, Path::new("")).map_err(Failure::usage)?,
        profile_name: match Profile::builtin(&args.profile.name) {
            Some(_) => args.profile.name.clone(),
            None => seen_from(&args.out, Path::new(&args.profile.name))?,
        },
        contestants: match &args.vmm {
            None => contestants(args),
            Some(vmm) => self_hosted(vmm, args)?,
        },
        assembler: &assemble_guest,
        stop: &stop,
    };
    let report = pool.install(|| fuzz.run());
    let names: Vec<&str> = fuzz.contestants.iter().map(|c| c.name.as_str()).collect();
    let Some(finding) = report.finding else {
        if report.cases == 0 {
            output::talk("no guest was tried");
            return Ok(Status::NothingMatched);
        }
        let (cases, steps, who) = (report.cases, report.steps, names.join(", "));
        output::result(format!("no divergence in {cases} guests, {steps} steps in all: {who}\n").as_bytes());
        return Ok(Status::Holds);
    };
    let file = args.out.join(format!("fuzz-{}.s", finding.seed));
    std::fs::create_dir_all(&args.out)
        .and_then(|()| write_file(&file, finding.source.as_bytes()))
        .map_err(|e| Failure::usage(format!("{}: {e}", file.display())))?;
    tell(&finding, &names, report.cases, &file);
    Ok(Status::No)
}

fn tell(finding: &Finding, names: &[&str], cases: u64, file: &Path) {
    let who = finding.contestant.map_or("the assembler", |index| names[index]);
    let [before, after] = finding.words;
    output::result(
        format!(
            "seed {}, guest {cases}: {who} differs; made small, from {before} words to {after}:\n\n{}\n",
            finding.seed, finding.source
        )
        .as_bytes(),
    );
    let colour = crate::diagnostics::colour(Color::Auto, &std::io::stdout());
    let story = finding.failure.as_ref().and_then(|f| f.story(&finding.image, ["bare", who], colour));
    output::result(story.unwrap_or_default().as_bytes());
    output::talk(&format!("written to {0}; next: pg32 test {0}", file.display()));
}

/// Engines against the reference, then every monitor at every depth.
fn contestants(args: &FuzzArgs) -> Vec<Contestant<'static>> {
    let all = || EngineKind::ALL.to_vec();
    let engines = if args.engine.is_empty() { all() } else { args.engine.clone() };
    let depths = if args.depth.is_empty() { vec![1, 2] } else { args.depth.clone() };
    let monitors = if args.monitor.is_empty() { Monitor::ALL.to_vec() } else { args.monitor.clone() };
    // Whoever asks for a monitor alone does not ask for engines.
    let bare = args.monitor.is_empty() || !args.engine.is_empty();
    let mut list: Vec<Contestant<'static>> = Vec::new();
    if bare {
        let others = engines.iter().filter(|engine| **engine != EngineKind::Reference);
        list.extend(others.map(|engine| engine_contestant(*engine)));
    }
    // Monitors run on the fastest engine unless one is asked for.
    let hosts = if args.engine.is_empty() { vec![EngineKind::fastest()] } else { engines };
    for engine in hosts {
        for monitor in &monitors {
            list.extend(depths.iter().map(|depth| monitor_contestant(engine, *monitor, *depth)));
        }
    }
    list
}

/// A monitor that is a PG32 program itself, at every depth.
fn self_hosted(vmm: &Path, args: &FuzzArgs) -> Result<Vec<Contestant<'static>>, Failure> {
    let monitor = guests::load(vmm, &SourceArgs::default())?.image;
    Contract::of(&monitor).map_err(|e| Failure::usage(format!("{}: {e}", vmm.display())))?;
    let depths = if args.depth.is_empty() { vec![1] } else { args.depth.clone() };
    // A JSON string is a TOML string.
    let from_the_case = serde_json::to_string(&seen_from(&args.out, vmm)?).expect("a string is JSON");
    let contestant = |depth: u32| {
        let name = if depth == 1 { vmm.display().to_string() } else { format!("{} x{depth}", vmm.display()) };
        let engine = EngineKind::Reference.name();
        let header = format!(
            "#: engines = [\"{engine}\"]\n#: monitors = []\n#: vmm = {from_the_case}\n#: depths = [{depth}]\n"
        );
        Contestant { name, header, kind: Kind::SelfHosted(Arc::clone(&monitor), depth as usize) }
    };
    Ok(depths.into_iter().map(contestant).collect())
}

/// The path of `file` as a case in `folder` names it.
fn seen_from(folder: &Path, file: &Path) -> Result<String, Failure> {
    let fail = |e: std::io::Error| Failure::usage(format!("{}: {e}", file.display()));
    let (folder, file) =
        (std::path::absolute(folder).map_err(fail)?, std::fs::canonicalize(file).map_err(fail)?);
    // The folder may not be there yet; as much of it as is there is named as the file is.
    let there = folder.ancestors().find_map(|a| Some((a, std::fs::canonicalize(a).ok()?)));
    let folder = there.map_or(folder.clone(), |(a, real)| match folder.strip_prefix(a) {
        Ok(rest) => real.join(rest),
        Err(_) => real,
    });
    let shared = folder.components().zip(file.components()).take_while(|(a, b)| a == b).count();
    let up = folder.components().skip(shared).map(|_| "..".into());
    let down = file.components().skip(shared).map(|c| c.as_os_str().to_string_lossy().into_owned());
    Ok(up.chain(down).collect::<Vec<String>>().join("/"))
}

fn engine_contestant(engine: EngineKind) -> Contestant<'static> {
    let name = engine.name();
    Contestant {
        name: name.to_owned(),
        header: format!("#: engines = [\"reference\", \"{name}\"]\n#: monitors = []\n"),
        kind: Kind::Machine(Box::new(move |setup| Setup { engine, ..setup.clone() }.bare())),
    }
}

fn monitor_contestant(engine: EngineKind, monitor: Monitor, depth: u32) -> Contestant<'static> {
    let (kind, on) = (monitor.name(), engine.name());
    let tower = if depth == 1 { kind.to_owned() } else { format!("{kind} x{depth}") };
    Contestant {
        name: format!("{tower} on {on}"),
        header: format!("#: engines = [\"{on}\"]\n#: monitors = [\"{kind}\"]\n#: depths = [{depth}]\n"),
        kind: Kind::Machine(Box::new(move |setup| {
            Setup { engine, ..setup.clone() }.tower(&vec![monitor; depth as usize])
        })),
    }
}
