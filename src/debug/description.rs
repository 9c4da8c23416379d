//! The machine as gdb is told of it: which registers there are, in which order they are sent, and how wide they are.

use gdbstub::arch::{Arch, RegId, Registers};
use pg32_isa::{Psw, Reg};
use pg32_vm::Machine;
use std::num::NonZeroUsize;
use std::sync::LazyLock;

/// RISC-V's registers, as gdb knows them, and the PSW beside them. `pc` is the physical address of the next instruction,
/// so that symbols and lines hold in every segment; `psw_pc` is the PSW's own.
static DESCRIPTION: LazyLock<String> = LazyLock::new(|| {
    let general = Reg::all().map(|reg| match reg.name() {
        "ra" => register("ra", "code_ptr"),
        name @ ("sp" | "gp" | "tp") => register(name, "data_ptr"),
        name => register(name, "int"),
    });
    let cpu: String = general.chain([register("pc", "code_ptr")]).collect();
    let psw: String =
        ["m", "b", "l", "pc", "t"].map(|field| register(&format!("psw_{field}"), "uint32")).concat();
    format!(
        "<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n<target version=\"1.0\">\n\
         <architecture>riscv:rv32</architecture>\n\
         <feature name=\"org.gnu.gdb.riscv.cpu\">\n{cpu}</feature>\n\
         <feature name=\"org.pg32.psw\">\n{psw}</feature>\n</target>\n"
    )
});

/// A register's line. gdb numbers registers in the order of their lines.
fn register(name: &str, kind: &str) -> String {
    let group = if name.starts_with("psw_") { " group=\"system\"" } else { "" };
    format!("<reg name=\"{name}\" bitsize=\"32\" type=\"{kind}\"{group}/>\n")
}

/// General registers, `pc`, and the five words of the PSW.
const COUNT: usize = 32 + 1 + 5;
/// The number of `pc`; the PSW's words follow it.
const PC: usize = 32;

/// PG32, as gdb is told of it.
pub(crate) enum Pg32 {}

impl Arch for Pg32 {
    type Usize = u32;
    type Registers = All;
    type BreakpointKind = usize;
    type RegId = Number;

    fn target_description_xml() -> Option<&'static str> {
        Some(&DESCRIPTION)
    }
}

/// A register by its number in the description.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Number(usize);

impl RegId for Number {
    fn from_raw_id(id: usize) -> Option<(Self, Option<NonZeroUsize>)> {
        (id < COUNT).then_some((Number(id), NonZeroUsize::new(4)))
    }

    fn to_raw_id(&self) -> Option<usize> {
        Some(self.0)
    }
}

impl Number {
    /// Its value in `machine`.
    pub(crate) fn read(self, machine: &dyn Machine) -> u32 {
        let psw = machine.psw();
        match self.0 {
            general @ 0..PC => machine.register(Reg::new(general as u8)),
            PC => psw.base.wrapping_add(psw.pc),
            word => [psw.mode.bit(), psw.base, psw.limit, psw.pc, psw.timer][word - PC - 1],
        }
    }

    /// Sets it in `machine`, as the machine would: `x0` stays 0, `B` loses its low bits.
    pub(crate) fn write(self, machine: &mut dyn Machine, value: u32) {
        let psw = machine.psw();
        match self.0 {
            general @ 0..PC => machine.set_register(Reg::new(general as u8), value),
            PC => machine.set_psw(Psw { pc: value.wrapping_sub(psw.base), ..psw }),
            word => {
                let mut words = [psw.mode.bit(), psw.base, psw.limit, psw.pc, psw.timer];
                words[word - PC - 1] = value;
                machine.set_psw(Psw::from_words(words));
            }
        }
    }
}

/// All registers, in the order of the description.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct All([u32; COUNT]);

impl Default for All {
    fn default() -> Self {
        All([0; COUNT])
    }
}

impl All {
    /// All of `machine`'s.
    pub(crate) fn of(machine: &dyn Machine) -> Self {
        All(std::array::from_fn(|number| Number(number).read(machine)))
    }

    /// Those that `self` would change in a machine that has `old`. `pc` and `psw_pc` are one register seen twice; the
    /// one that was changed counts.
    pub(crate) fn changes(&self, old: &All) -> Vec<(Number, u32)> {
        let changed = (0..COUNT).rev().filter(|n| self.0[*n] != old.0[*n]);
        changed.map(|n| (Number(n), self.0[n])).collect()
    }
}

impl Registers for All {
    type ProgramCounter = u32;

    fn pc(&self) -> u32 {
        self.0[PC]
    }

    fn gdb_serialize(&self, mut write_byte: impl FnMut(Option<u8>)) {
        self.0.iter().flat_map(|word| word.to_le_bytes()).for_each(|byte| write_byte(Some(byte)));
    }

    fn gdb_deserialize(&mut self, bytes: &[u8]) -> Result<(), ()> {
        if bytes.len() < 4 * COUNT {
            return Err(());
        }
        for (word, bytes) in self.0.iter_mut().zip(bytes.chunks_exact(4)) {
            *word = u32::from_le_bytes(bytes.try_into().map_err(|_| ())?);
        }
        Ok(())
    }
}
