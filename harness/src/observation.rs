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
        Observation {
            steps,
            halted: machine.halted(),
            psw: machine.psw(),
            x: registers(machine),
            output: machine.console().output().to_vec(),
            input_position: machine.console().position(),
            storage: storage_from(machine, Physical(0)),
        }
    }

    /// Whether `machine` is in this state just now, steps not considered.
    pub(crate) fn is_state_of(&self, machine: &dyn Machine) -> bool {
        self.halted == machine.halted()
            && self.psw == machine.psw()
            && self.x == registers(machine)
            && self.input_position == machine.console().position()
            && self.output == machine.console().output()
            && self.storage.len() == machine.storage_size() as usize
            && every_block(machine, |start, bytes| self.storage[start..start + bytes.len()] == *bytes)
    }

    /// The value of `a0`: by convention the exit status of a machine that has halted.
    #[must_use]
    pub fn exit_status(&self) -> u32 {
        self.x[Reg::A0.index()]
    }
}

/// The registers of `machine`.
pub(crate) fn registers(machine: &dyn Machine) -> [u32; 32] {
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

/// Whether `holds` is true of every block of storage, given its address and bytes.
fn every_block(machine: &dyn Machine, mut holds: impl FnMut(usize, &[u8]) -> bool) -> bool {
    let size = machine.storage_size();
    let mut bytes = [0; BLOCK as usize];
    (0..size).step_by(BLOCK as usize).all(|start| {
        let length = BLOCK.min(size - start) as usize;
        machine.read(Physical(start), &mut bytes[..length]);
        holds(start as usize, &bytes[..length])
    })
}

/// A digest of all of storage: four lanes of multiplication and rotation, as fast as storage can be read. For
/// telling accidents apart; whoever shows states keeps the states.
pub(crate) fn storage_digest(machine: &dyn Machine) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut lanes = [1u64, 2, 3, 4];
    every_block(machine, |_, bytes| {
        for group in bytes.chunks(32) {
            for (lane, word) in lanes.iter_mut().zip(group.chunks(8)) {
                let mut whole = [0; 8];
                whole[..word.len()].copy_from_slice(word);
                *lane = (*lane ^ u64::from_le_bytes(whole)).wrapping_mul(FACTOR).rotate_left(29);
            }
        }
        true
    });
    lanes.iter().fold(0, |all, lane| (all ^ lane).wrapping_mul(FACTOR).rotate_left(31))
}

fn same_storage(a: &dyn Machine, b: &dyn Machine) -> bool {
    same_storage_from((a, Physical(0)), (b, Physical(0)))
}

/// Whether two machines have the same bytes in storage from the addresses given to the end.
pub(crate) fn same_storage_from(a: (&dyn Machine, Physical), b: (&dyn Machine, Physical)) -> bool {
    let size = a.0.storage_size() - a.1.0;
    if size != b.0.storage_size() - b.1.0 {
        return false;
    }
    let (mut left, mut right) = ([0; BLOCK as usize], [0; BLOCK as usize]);
    (0..size).step_by(BLOCK as usize).all(|start| {
        let length = BLOCK.min(size - start) as usize;
        a.0.read(a.1.offset(start), &mut left[..length]);
        b.0.read(b.1.offset(start), &mut right[..length]);
        left[..length] == right[..length]
    })
}

/// A copy of storage from `start` to the end.
pub(crate) fn storage_from(machine: &dyn Machine, start: Physical) -> Vec<u8> {
    let mut storage = vec![0; (machine.storage_size() - start.0) as usize];
    let zeros = [0; BLOCK as usize];
    for (index, block) in (0u32..).zip(storage.chunks_mut(BLOCK as usize)) {
        // Untouched storage reads as zero; leaving the copy untouched too keeps large machines small.
        let mut bytes = [0; BLOCK as usize];
        let bytes = &mut bytes[..block.len()];
        machine.read(start.offset(index * BLOCK), bytes);
        if *bytes != zeros[..bytes.len()] {
            block.copy_from_slice(bytes);
        }
    }
    storage
}
