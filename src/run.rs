//! `pg32 run`: a guest on the bare machine.

use crate::args::{RunArgs, StateFormat};
use crate::failure::{Failure, Status};
use crate::{guests, output, stats};
use pg32_harness::{Finished, Logged, Observation, Setup, StateJson, TrapLog, ending, snapshot};
use pg32_isa::{Insn, Virtual};
use pg32_vm::{Machine, Pause, Ran, Until, resolve};
use std::time::Instant;

/// Steps between two looks at what the console has to show.
const SLICE: u64 = 1 << 24;

pub(crate) fn command(args: &RunArgs) -> Result<Status, Failure> {
    let (setup, steps) = match (&args.file, &args.replay) {
        (Some(file), _) => {
            let loaded = guests::load(file, &args.source)?;
            (guests::setup(&loaded, &args.machine)?, args.machine.steps)
        }
        (None, replay) => {
            let replay = guests::replay(replay.as_deref().expect("a guest or a replay is required"))?;
            let steps = replay.steps.min(args.machine.steps);
            (replay.setup, steps)
        }
    };
    let mut machine = setup.bare().map_err(Failure::usage)?;
    let started = Instant::now();
    let (ran, log) = match (args.state, args.trace) {
        (_, true) => (trace(machine.as_mut(), &setup, steps, args.state.is_none()), None),
        (Some(StateFormat::Text), false) => {
            let mut logged = Logged::new(machine);
            let ran = logged.run(steps);
            machine = logged.machine;
            (ran, Some(logged.log))
        }
        (state, false) => (run(machine.as_mut(), steps, state.is_none()), None),
    };
    let time = started.elapsed();
    let end = End { setup: &setup, machine: machine.as_ref(), ran, log: log.as_ref() };
    if let Some(format) = args.state {
        output::result(show_state(&end, format).as_bytes());
    }
    if let Some(format) = args.stats {
        output::talk(&stats::of_run(ran.steps, time, machine.engine_stats(), format));
    }
    Ok(conclude(machine.as_ref(), ran))
}

/// A machine at the end of its run.
pub(crate) struct End<'a> {
    pub(crate) setup: &'a Setup,
    pub(crate) machine: &'a dyn Machine,
    pub(crate) ran: Ran,
    pub(crate) log: Option<&'a TrapLog>,
}

/// The final state in the form asked for.
pub(crate) fn show_state(end: &End<'_>, format: StateFormat) -> String {
    let state = Observation::of(end.machine, end.ran.steps);
    match format {
        StateFormat::Json => json(&StateJson::from(&state)),
        StateFormat::Text => {
            let idle_traps = end.machine.idle_traps();
            snapshot(&Finished { setup: end.setup, state: &state, ran: end.ran, idle_traps, log: end.log })
        }
    }
}

/// A value as one line of JSON.
pub(crate) fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("our own values are JSON") + "\n"
}

/// Says how a run ended, and with which status that is answered.
pub(crate) fn conclude(machine: &dyn Machine, ran: Ran) -> Status {
    let a0 = machine.register(pg32_isa::Reg::A0);
    let how = ending(ran.pause, a0, machine.idle_traps());
    output::talk(&format!("{how}; {} steps", ran.steps));
    status(ran.pause, a0)
}

/// The status that answers a run.
pub(crate) fn status(pause: Pause, a0: u32) -> Status {
    match pause {
        Pause::Halted if a0 == 0 => Status::Holds,
        Pause::Halted | Pause::ControlLost => Status::No,
        Pause::Steps | Pause::Trap | Pause::OutputLimit => Status::Inconclusive,
    }
}

/// Runs to the end, showing the console as it is written if asked to.
pub(crate) fn run(machine: &mut dyn Machine, budget: u64, show_console: bool) -> Ran {
    let mut total = 0;
    let mut shown = 0;
    loop {
        // Nothing is written in a trap storm, and all of it can be skipped at once.
        let slice = if machine.idle_traps() >= 2 { budget - total } else { SLICE.min(budget - total) };
        let ran = machine.run(Until::Steps(slice));
        total += ran.steps;
        if show_console {
            shown = show_new(machine, shown);
        }
        if ran.pause != Pause::Steps || total == budget {
            return Ran { steps: total, pause: ran.pause };
        }
    }
}

fn show_new(machine: &dyn Machine, shown: usize) -> usize {
    let all = machine.console().output();
    if all.len() > shown {
        output::result(&all[shown..]);
    }
    all.len()
}

/// Runs step by step, telling each on stderr: its number, mode, PC, instruction, and place.
fn trace(machine: &mut dyn Machine, setup: &Setup, budget: u64, show_console: bool) -> Ran {
    let mut total = 0;
    let mut shown = 0;
    loop {
        let before = describe(machine, setup);
        let ran = machine.run(Until::Trap { within: 1.min(budget - total) });
        total += ran.steps;
        if ran.steps > 0 {
            let trapped = if ran.pause == Pause::Trap { trap(machine) } else { String::new() };
            output::talk(&format!("{total:>8} {before}{trapped}"));
        }
        if show_console {
            shown = show_new(machine, shown);
        }
        let goes_on = matches!(ran.pause, Pause::Steps | Pause::Trap);
        if !goes_on || total == budget {
            let pause = if ran.pause == Pause::Trap { Pause::Steps } else { ran.pause };
            return Ran { steps: total, pause };
        }
    }
}

fn describe(machine: &dyn Machine, setup: &Setup) -> String {
    let psw = machine.psw();
    let at = resolve(&psw, machine.storage_size(), Virtual(psw.pc), 4);
    let text = match at {
        Err(_) => "(cannot be fetched)".to_owned(),
        Ok(at) => {
            let word = machine.read_word(at);
            Insn::decode(word)
                .map_or_else(|| format!(".word {word:#010x}"), |i| i.display_at(psw.pc).to_string())
        }
    };
    let place = at.ok().and_then(|at| setup.image.lines.describe(at.0)).map(|p| format!("  # {p}"));
    format!("{} {:#010x}  {text:<28}{}", psw.mode, psw.pc, place.unwrap_or_default())
}

fn trap(machine: &dyn Machine) -> String {
    let (_, trap) = machine.last_trap().expect("a trap stores one of the causes");
    format!("  -> {} trap, info {:#x}, to {:#010x}", trap.cause, trap.info, machine.psw().pc)
}
