//! Runs a flat image on an engine and prints the speed: `flat ENGINE IMAGE [MEMORY]`.

use pg32_isa::{Physical, Profile, Psw, Reg};
use pg32_vm::{Bare, Console, EngineKind, Machine, Until};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let kind = EngineKind::parse(&arguments[1]).expect("an engine");
    let image = std::fs::read(&arguments[2]).expect("an image");
    let size = arguments.get(3).map_or(16 << 20, |m| m.parse().expect("bytes"));
    let mut machine = Bare::new(size, Profile::pg(), kind, Console::default());
    machine.write(Physical(0), &image);
    machine.set_psw(Psw::reset(size, 0x80));
    let start = cpu_seconds();
    let ran = machine.run(Until::Steps(u64::MAX));
    let seconds = cpu_seconds() - start;
    let a0 = machine.register(Reg::A0);
    println!(
        "{:?} a0 {a0} steps {} in {seconds:.3} s, {:.0} MIPS",
        ran.pause,
        ran.steps,
        ran.steps as f64 / seconds / 1e6
    );
}

/// CPU time of this thread so far.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    text.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).expect("nanoseconds") / 1e9
}
