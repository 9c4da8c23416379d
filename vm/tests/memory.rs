//! What an engine keeps beside storage, as the host counts it: one test, alone in its process.

#![cfg(target_os = "linux")]

mod tools;

use pg32_isa::{Insn, Op, Physical, Profile};
use pg32_vm::{Console, EngineKind, Pause, Processor, State, Tally, Until};
use tools::insn;

const MIB: u64 = 1 << 20;

/// Bytes that this process has in memory.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a process has memory");
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().expect("a number of KiB");
    kib << 10
}

/// By how much the process grows while `kind` runs a machine with `size` bytes of storage, which holds `code` once every
/// `stride` bytes up to its end, `halt` behind the last. Storage itself is touched before.
fn growth(kind: EngineKind, size: u32, code: Insn, end: u32, stride: u32) -> u64 {
    let mut state = State::reset(size, 0, Console::default());
    for at in (0..end).step_by(stride as usize) {
        state.write(Physical(at), &code.encode().to_le_bytes());
    }
    state.write(Physical(end), &insn(Op::Halt, 0, 0, 0, 0).encode().to_le_bytes());
    let mut engine = kind.engine();
    let before = resident();
    let pause = engine.run(&mut state, &Profile::pg(), Until::Steps(1 << 30), &mut Tally::default());
    assert_eq!(pause, Pause::Halted);
    resident().saturating_sub(before)
}

#[test]
fn an_engine_keeps_little_beside_storage() {
    let one_more = insn(Op::Addi, 0, 0, 0, 1);
    // What all runs share is not what is measured.
    growth(EngineKind::Fast, 1 << 20, one_more, 0x1000, 4);
    // In these builds, slots come by less, and what they lie in takes more.
    let (pages, words) = if cfg!(debug_assertions) { (10, 40) } else { (2, 20) };

    // Before the host's allocator has anything to give that was written before.
    let sparse = growth(EngineKind::Fast, 16 << 20, insn(Op::Jal, 0, 0, 0, 4096), 15 << 20, 4096);
    assert!(sparse < words * MIB, "{sparse} bytes for a word of code in each of 3840 pages");

    // Eight bytes a word; marks, and what the host rounds up to, besides.
    let dense = growth(EngineKind::Fast, 16 << 20, one_more, 4 << 20, 4);
    assert!(dense < 12 * MIB, "{dense} bytes for 4 MiB of code");

    for kind in [EngineKind::Fast, EngineKind::fastest()] {
        let large = growth(kind, 1 << 31, one_more, 0x1000, 4);
        assert!(large < pages * MIB, "{}: {large} bytes for a page of code in 2 GiB", kind.name());
    }
}
