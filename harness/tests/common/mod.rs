//! What the tests of self-hosted monitors share: the monitor, guests, and a comparison.

#![allow(dead_code)]

use pg32_assembler::render::Colour;
use pg32_assembler::{Input, MemoryFiles, Options, assemble};
use pg32_harness::{
    Bless, Hosted, HostedRun, HostedVerdict, Loader, Ready, Setup, SuiteOptions, compare_hosted,
    describe_divergence, find_cases,
};
use pg32_image::Image;
use pg32_isa::Profile;
use pg32_vm::{EngineKind, check_size};
use pg32_vmm::Monitor;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(crate) fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The source of the monitor.
pub(crate) fn monitor_source() -> String {
    std::fs::read_to_string(folder("../samples/vmm/vmm.s")).expect("the sample is there")
}

/// A source that includes nothing but what is built in.
pub(crate) fn assembled(source: &str) -> Image {
    let input = Input { name: "source".into(), bytes: source.into() };
    let assembly = assemble(&[input], &MemoryFiles::default(), &Options::default());
    assert!(!assembly.has_errors(), "{:?}", assembly.diagnostics);
    assembly.image
}

pub(crate) fn monitor() -> Image {
    assembled(&monitor_source())
}

/// A guest with its name and the steps it may take.
pub(crate) struct Guest {
    pub(crate) name: String,
    pub(crate) setup: Setup,
    pub(crate) steps: u64,
}

fn guests_in(path: &str) -> Vec<Guest> {
    let loader = Loader::default();
    let profile = |name: &str, _: &Path| Profile::builtin(name).ok_or_else(|| name.to_owned());
    let options = SuiteOptions { loader: &loader, profile: &profile, bless: Bless::No };
    let cases = find_cases(&[folder(path)], &options).expect("the folder can be read");
    let guest = |case: pg32_harness::Case| {
        let Ok(Ready { config, image, input, .. }) = case.ready else { panic!("{} is rejected", case.name) };
        let setup = Setup {
            image,
            memory: check_size(config.memory).expect("a size"),
            profile: Profile::pg(),
            engine: EngineKind::fastest(),
            input,
            output_limit: config.output_limit,
        };
        Guest { name: case.name, setup, steps: config.steps }
    };
    cases.into_iter().map(guest).collect()
}

/// The samples, hostile guests among them.
pub(crate) fn samples() -> Vec<Guest> {
    guests_in("../samples")
}

/// Guests that look for the edges of what a monitor must do.
pub(crate) fn hostile() -> Vec<Guest> {
    guests_in("../samples/vmm/guests")
}

/// A guest of `words` from physical 0 on.
pub(crate) fn flat(words: &[u32], memory: u32, input: &[u8]) -> Setup {
    let bytes = words.iter().flat_map(|w| w.to_le_bytes()).collect();
    Setup {
        image: Arc::new(Image::from_flat(bytes)),
        memory,
        profile: Profile::pg(),
        engine: EngineKind::fastest(),
        input: Arc::from(input),
        output_limit: 1 << 20,
    }
}

/// The comparison of a guest at some depth, on the bare machine or above Rust monitors.
pub(crate) fn compare(
    setup: &Setup,
    monitor: &Image,
    depth: usize,
    below: &[Monitor],
    steps: u64,
) -> HostedRun {
    let hosted = Hosted::new(setup, monitor, depth, below).expect("it fits");
    compare_hosted(setup.bare().expect("it fits"), hosted, steps)
}

/// What is wrong with a comparison, in words; `None` if nothing is.
pub(crate) fn complaint(run: &HostedRun, setup: &Setup) -> Option<String> {
    match &run.verdict {
        HostedVerdict::Equivalent(_) | HostedVerdict::NoDivergence(_) => None,
        HostedVerdict::Diverged(at) => {
            Some(describe_divergence(at, &setup.image, ["bare", "hosted"], Colour::Never))
        }
        HostedVerdict::Failed(fault) => Some(format!("after {} steps: {}", fault.step, fault.failure)),
    }
}
