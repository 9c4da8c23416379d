//! The monitor in `samples/vmm`, held to the bare machine.

use pg32_harness::{Bless, Hosted, HostedVerdict, Loader, Setup, SuiteOptions, compare_hosted, find_cases};
use pg32_image::Image;
use pg32_isa::Profile;
use pg32_vm::{EngineKind, check_size};
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples")
}

fn monitor() -> Arc<Image> {
    Loader::default().load(&samples().join("vmm/vmm.s")).expect("the monitor assembles").image
}

#[test]
fn samples_are_equivalent_at_every_depth() {
    let loader = Loader::default();
    let profile = |name: &str, _: &Path| Profile::builtin(name).ok_or_else(|| name.to_owned());
    let options = SuiteOptions { loader: &loader, profile: &profile, bless: Bless::No };
    let cases = find_cases(&[samples()], &options).expect("the samples can be read");
    let monitor = monitor();
    for case in cases {
        let ready = case.ready.expect("samples are good");
        let setup = Setup {
            image: ready.image,
            memory: check_size(ready.config.memory).expect("a size"),
            profile: Profile::pg(),
            engine: EngineKind::fastest(),
            input: ready.input,
            output_limit: ready.config.output_limit,
        };
        for depth in 1..=4 {
            let hosted = Hosted::new(&setup, &monitor, depth, &[]).expect("it fits");
            let run = compare_hosted(setup.bare().expect("it fits"), hosted, ready.config.steps);
            eprintln!(
                "{} x{depth}: {:?} {:?}",
                case.name,
                run.cost,
                match &run.verdict {
                    HostedVerdict::Diverged(d) =>
                        pg32_harness::describe_divergence(d, &setup.image, ["bare", "hosted"]),
                    v => format!("{v:?}"),
                }
            );
            assert!(matches!(run.verdict, HostedVerdict::Equivalent(_) | HostedVerdict::NoDivergence(_)));
        }
    }
}
