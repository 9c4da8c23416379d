//! What is observed of a machine: the state that bare and virtual must agree on, and nothing else.
//!
//! States are compared through the left inverse of the map f (theory, "Equivalence"): storage, registers,
//! (virtual) PSW, console, halted, at equal step counts.

use pg32_isa::{Physical, Psw, Reg};
use pg32_vm::Machine;

/// Bytes that are read from a machine at a time.
const BLOCK: u32 = 1 << 16;

/// A state, copied out of a machine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Observation {
    /// Steps taken since reset.
    pub steps: u64,
    /// Whether `halt` has retired.
    pub halted: bool,
    /// The PSW, or the virtual PSW.
    pub psw: Psw,
    /// `x0..x31`.
    pub x: [u32; 32],
    /// Everything written to the console.
    pub output: Vec<u8>,
    /// Bytes of input consumed.
    pub input_position: usize,
    /// All of storage.
    pub storage: Vec<u8>,
}

impl Observation {
    /// The state of `machine` after `steps` steps.
    #[must_use]
    pub fn of(machine: &dyn Machine, steps: u64) -> Self {
        let mut storage = vec![0; machine.storage_size() as usize];
        for (index, block) in storage.chunks_mut(BLOCK as usize).enumerate() {
            // Untouched storage reads as zero; leaving the copy untouched too keeps large machines small.
            let mut bytes = [0; BLOCK as usize];
            let bytes = &mut bytes[..block.len()];
            machine.read(Physical(index as u32 * BLOCK), bytes);
            if bytes.iter().any(|b| *b != 0) {
                block.copy_from_slice(bytes);
            }
        }
        Observation {
            steps,
            halted: machine.halted(),
            psw: machine.psw(),
            x: registers(machine),
            output: machine.console().output().to_vec(),
            input_position: machine.console().position(),
            storage,
        }
    }

    /// The value of `a0`: by convention the exit status of a machine that has halted.
    #[must_use]
    pub fn exit_status(&self) -> u32 {
        self.x[Reg::A0.index()]
    }
}

fn registers(machine: &dyn Machine) -> [u32; 32] {
    let mut x = [0; 32];
    for reg in Reg::all() {
        x[reg.index()] = machine.register(reg);
    }
    x
}

/// Whether two machines are in the same observable state just now.
#[must_use]
pub fn same_state(a: &dyn Machine, b: &dyn Machine) -> bool {
    a.halted() == b.halted()
        && a.psw() == b.psw()
        && registers(a) == registers(b)
        && a.console().position() == b.console().position()
        && a.console().output() == b.console().output()
        && same_storage(a, b)
}

fn same_storage(a: &dyn Machine, b: &dyn Machine) -> bool {
    let size = a.storage_size();
    if size != b.storage_size() {
        return false;
    }
    let (mut left, mut right) = ([0; BLOCK as usize], [0; BLOCK as usize]);
    (0..size).step_by(BLOCK as usize).all(|start| {
        let length = BLOCK.min(size - start) as usize;
        a.read(Physical(start), &mut left[..length]);
        b.read(Physical(start), &mut right[..length]);
        left[..length] == right[..length]
    })
}
