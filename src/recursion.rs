//! Evidence for Theorem 2: the monitor of `samples/vmm`, which is in the program itself, as its own guest.
//!
//! That it contains no timing dependency shows in this: at each depth every trap takes it several times as long as
//! at the depth before, by the count that is this machine's only time, and the innermost guest, which uses the
//! interval timer, cannot tell: its state is the bare machine's at every step compared.

use pg32_assembler::{Input, MemoryFiles, Options, assemble_owned};
use pg32_harness::{Contract, Hosted, HostedVerdict, Setup, compare_hosted};
use pg32_image::Image;
use pg32_isa::Profile;
use pg32_theory::Recursion;
use pg32_vm::EngineKind;
use std::sync::Arc;

/// The monitor, and where its source is.
const MONITOR: (&str, &str) = ("samples/vmm/vmm.s", include_str!("../samples/vmm/vmm.s"));
/// The innermost guest: a kernel that schedules two applications by the timer.
const GUEST: (&str, &str) =
    ("samples/05-preemptive/kernel.s", include_str!("../samples/05-preemptive/kernel.s"));
/// What the guest includes.
const PARTS: [(&str, &str); 3] = [
    ("../lib/kernel.inc", include_str!("../samples/lib/kernel.inc")),
    ("busy.s", include_str!("../samples/05-preemptive/busy.s")),
    ("busier.s", include_str!("../samples/05-preemptive/busier.s")),
];
/// Copies of the monitor on one another, at most.
const DEPTHS: usize = 3;
/// Storage of the innermost guest, bytes, and the steps it may take.
const MEMORY: u32 = 0x4000;
const STEPS: u64 = 1_000_000;

/// Runs the monitor on itself under `profile`, at every depth.
///
/// # Errors
/// In words, if it fails at some depth.
pub(crate) fn evidence(profile: &Profile) -> Result<Recursion, String> {
    let monitor = assembled(MONITOR);
    let setup = Setup {
        image: Arc::new(assembled(GUEST)),
        memory: MEMORY,
        profile: profile.clone(),
        engine: EngineKind::fastest(),
        input: Arc::from([]),
        output_limit: u64::MAX,
    };
    let mut steps_per_trap = Vec::new();
    for depth in 1..=DEPTHS {
        let bare = setup.bare().map_err(|e| e.to_string())?;
        let hosted = Hosted::new(&setup, &monitor, depth, &[]).map_err(|e| e.to_string())?;
        let run = compare_hosted(bare, hosted, STEPS);
        if !matches!(run.verdict, HostedVerdict::Equivalent(_)) {
            return Err(format!("{} is not equivalent as its own guest at depth {depth}", MONITOR.0));
        }
        steps_per_trap.push(run.cost.steps / run.cost.traps.max(1));
    }
    let window = Contract::of(&monitor).map_err(|e| e.to_string())?.window;
    Ok(Recursion {
        monitor: MONITOR.0.to_owned(),
        guest: GUEST.0.to_owned(),
        bytes_per_level: window.into(),
        steps_per_trap,
    })
}

/// A source of our own, which assembles.
fn assembled((name, source): (&str, &str)) -> Image {
    let files = PARTS.iter().fold(MemoryFiles::new(), |files, (name, text)| files.with(name, *text));
    let input = Input { name: name.to_owned(), bytes: source.into() };
    let assembly = assemble_owned(vec![input], &files, &Options::default());
    assert!(!assembly.has_errors(), "{name} is part of the program, and a test assembles it");
    assembly.image
}
