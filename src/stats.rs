//! `--stats`: what a run cost, as a table for people or as one JSON object. It is talk, and goes to stderr.

use crate::args::StatsFormat;
use pg32_isa::Cause;
use pg32_vm::Stats as EngineStats;
use pg32_vmm::Stats;
use serde_json::{Map, Value, json};
use std::fmt::Write;
use std::time::Duration;

/// The cost of a run on the bare machine.
pub(crate) fn of_run(steps: u64, time: Duration, engine: EngineStats, format: StatsFormat) -> String {
    let mips = steps as f64 / time.as_secs_f64().max(1e-9) / 1e6;
    let EngineStats { translations, invalidations } = engine;
    match format {
        StatsFormat::Table => {
            format!(
                "{steps} steps, {mips:.0} MIPS, {translations} translations, {invalidations} invalidations"
            )
        }
        StatsFormat::Json => {
            let counts = json!({
                "steps": steps, "mips": mips.round(), "translations": translations, "invalidations": invalidations,
            });
            counts.to_string()
        }
    }
}

/// The cost of each guest, or of each level of a stack: its name, its counts, its guest steps.
pub(crate) fn of_guests(guests: &[(String, &Stats, u64)], format: StatsFormat) -> String {
    match format {
        StatsFormat::Table => guests.iter().map(|(name, stats, steps)| table(name, stats, *steps)).collect(),
        StatsFormat::Json => {
            let list = guests.iter().map(|(name, stats, steps)| object(name, stats, *steps));
            Value::Array(list.collect()).to_string()
        }
    }
}

fn table(name: &str, stats: &Stats, steps: u64) -> String {
    let share = 100.0 * stats.share_direct(steps);
    let mut text = format!("{name}: {steps} guest steps, {} executed directly ({share:.2}%)\n", stats.direct);
    // Writing to a string does not fail.
    if stats.interpreted > 0 {
        let _ = writeln!(text, "  interpreted in software {:>12}", stats.interpreted);
    }
    for cause in Cause::ALL {
        let (exits, reflected) = (stats.exits_for(cause), stats.reflected[cause.number() as usize]);
        if exits + reflected > 0 {
            let _ = writeln!(text, "  {:<24}{exits:>12} exits {reflected:>12} reflected", cause.name());
        }
    }
    for (op, count) in stats.emulated_instructions() {
        let _ = writeln!(text, "  emulated {:<15}{count:>12}", op.mnemonic());
    }
    text
}

fn object(name: &str, stats: &Stats, steps: u64) -> Value {
    let by_cause = |counts: &[u64; 8]| -> Map<String, Value> {
        let counted = Cause::ALL.into_iter().map(|c| (c.name().to_owned(), counts[c.number() as usize]));
        counted.filter(|(_, n)| *n > 0).map(|(name, n)| (name, n.into())).collect()
    };
    let emulated: Map<String, Value> =
        stats.emulated_instructions().map(|(op, n)| (op.mnemonic().to_owned(), n.into())).collect();
    json!({
        "name": name,
        "steps": steps,
        "direct": stats.direct,
        "share_direct": stats.share_direct(steps),
        "interpreted": stats.interpreted,
        "exits": by_cause(&stats.exits),
        "reflected": by_cause(&stats.reflected),
        "emulated": emulated,
    })
}
