//! `pg32 fuzz`: look for guests that tell a monitor or an engine from the bare machine.

use crate::args::{FuzzArgs, SourceArgs};
use crate::failure::{Failure, Status};
use crate::{guests, output, profile};
use pg32_harness::{Contestant, Contract, Finding, Fuzz, Kind, Setup, describe_divergence, write_file};
use pg32_vm::EngineKind;
use pg32_vmm::Monitor;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Guests tried where neither their number nor a time is given.
const CASES: u64 = 10_000;

pub(crate) fn command(args: &FuzzArgs) -> Result<Status, Failure> {
    let jobs = args.jobs.map_or(0, usize::from);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs).build().map_err(Failure::usage)?;
    let interrupted = crate::interrupt::flag();
    let stop = || interrupted.is_set();
    let unbounded = if args.time.is_some() { u64::MAX } else { CASES };
    let fuzz = Fuzz {
        seed: args.seed,
        cases: args.cases.unwrap_or(unbounded),
        deadline: args.time.and_then(|seconds| Instant::now().checked_add(Duration::from_secs(seconds))),
        profile: profile::find(&args.profile, Path::new("")).map_err(Failure::usage)?,
        contestants: match &args.vmm {
            None => contestants(args),
            Some(vmm) => self_hosted(vmm, args)?,
        },
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
    if let Some(divergence) = &finding.divergence {
        output::result(describe_divergence(divergence, &finding.image, ["bare", who]).as_bytes());
    }
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
    let contestant = |depth: u32| {
        let name = if depth == 1 { vmm.display().to_string() } else { format!("{} x{depth}", vmm.display()) };
        // No cell of a suite is a monitor of one's own; the case says how to see it fail.
        let header = format!(
            "#: monitors = []\n# To see it: pg32 compare THIS --vmm {} --depth {depth} --memory and --steps as above\n",
            vmm.display()
        );
        Contestant { name, header, kind: Kind::SelfHosted(Arc::clone(&monitor), depth as usize) }
    };
    Ok(depths.into_iter().map(contestant).collect())
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
