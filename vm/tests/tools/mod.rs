//! Foreign tools that tests ask for a second opinion, random numbers, and what guests are made of.
#![allow(dead_code)] // Each test uses its part.

use pg32_isa::{Insn, Op, Reg};
use pg32_vm::{Engine, EngineKind};
use std::path::PathBuf;
use std::process::Command;

/// SplitMix64: the same numbers everywhere.
pub(crate) struct Random(pub u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, n: u32) -> u32 {
        (self.next() >> 33) as u32 % n
    }

    pub(crate) fn chance(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u32) as usize]
    }
}

/// An instruction whose operands are register numbers.
pub(crate) fn insn(op: Op, rd: u8, rs1: u8, rs2: u8, imm: i32) -> Insn {
    Insn { op, rd: Reg::new(rd), rs1: Reg::new(rs1), rs2: Reg::new(rs2), imm }
}

/// Every engine, and the compiled one in a hurry: by itself it would translate little of what tests run.
pub(crate) fn engines() -> Vec<(&'static str, Box<dyn Engine>)> {
    let engines = EngineKind::ALL.iter().map(|kind| (kind.name(), kind.engine()));
    #[cfg(feature = "jit")]
    let engines = engines.chain([("eager jit", Box::new(pg32_vm::Jit::eager()) as Box<dyn Engine>)]);
    engines.collect()
}

/// Whether every one of `tools` can be started; prints a notice if not, for the test to end there.
pub(crate) fn available(tools: &[&str]) -> bool {
    let missing = tools.iter().find(|tool| Command::new(tool).arg("--version").output().is_err());
    if let Some(tool) = missing {
        println!("skipped: {tool} is not installed");
    }
    missing.is_none()
}

/// A file of the test called `test`, in a directory that cargo keeps for tests.
pub(crate) fn scratch(test: &str, file: &str) -> PathBuf {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test);
    std::fs::create_dir_all(&directory).expect("a directory for scratch files");
    directory.join(file)
}

/// Runs `tool` to its end and returns its standard output.
pub(crate) fn output(tool: &str, arguments: &[&str]) -> Vec<u8> {
    let result = Command::new(tool).args(arguments).output().expect("the tool was there before");
    let errors = String::from_utf8_lossy(&result.stderr);
    assert!(result.status.success(), "{tool} {arguments:?}: {errors}");
    result.stdout
}
