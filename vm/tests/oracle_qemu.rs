//! QEMU executes the same base instructions, assembled by GNU as, and stores the same results.
//!
//! A program is generated as text, assembled once, and linked twice: for QEMU's user mode and for the bare
//! machine. It runs random instructions over boundary and random operands and writes every result to a buffer.

mod tools;

use pg32_isa::{Physical, Profile, Reg};
use pg32_vm::{Console, Engine, Pause, Processor, State, Tally, Until};
use std::fmt::Write;
use tools::{Random, available, engines, output, scratch};

const AS: &str = "riscv64-unknown-elf-as";
const LD: &str = "riscv64-unknown-elf-ld";
const OBJCOPY: &str = "riscv64-unknown-elf-objcopy";
const QEMU: &str = "qemu-riscv32";

const REGISTER_FORMS: [&str; 18] = [
    "add", "sub", "sll", "slt", "sltu", "xor", "srl", "sra", "or", "and", "mul", "mulh", "mulhsu", "mulhu",
    "div", "divu", "rem", "remu",
];
const IMMEDIATE_FORMS: [&str; 6] = ["addi", "slti", "sltiu", "xori", "ori", "andi"];
const SHIFTS: [&str; 3] = ["slli", "srli", "srai"];
const BRANCHES: [&str; 6] = ["beq", "bne", "blt", "bge", "bltu", "bgeu"];
const LOADS: [&str; 5] = ["lb", "lh", "lw", "lbu", "lhu"];
const STORES: [&str; 3] = ["sb", "sh", "sw"];
const BOUNDARIES: [u32; 14] =
    [0, 1, 2, 3, 31, 32, 0x7f, 0x80, 0x7fff, 0x8000, 0x7fff_ffff, 0x8000_0000, 0x8000_0001, 0xffff_ffff];
/// Registers that the generated instructions use. s0, s2 and s3 point to operands, results and scratch bytes.
const REGISTERS: [&str; 14] =
    ["zero", "ra", "t0", "t1", "t2", "a0", "a1", "a2", "a3", "a4", "a5", "t3", "t4", "s5"];
/// Bytes of results; the bare machine's storage is larger than program and results together.
const RESULTS: u32 = 1 << 20;
const STORAGE: u32 = 4 << 20;

/// The text of a program under construction.
struct Program {
    r: Random,
    text: String,
    labels: u32,
}

impl Program {
    fn line(&mut self, line: impl AsRef<str>) {
        self.text.push_str(line.as_ref());
        self.text.push('\n');
    }

    fn register(&mut self) -> &'static str {
        self.r.pick(&REGISTERS)
    }

    fn immediate(&mut self) -> i32 {
        let random = self.r.below(4096) as i32 - 2048;
        self.r.pick(&[-2048, -1, 0, 1, 2047, random, random, random])
    }

    /// Stores `register` as the next result.
    fn result(&mut self, register: &str) {
        self.line(format!("sw {register}, 0(s2)\naddi s2, s2, 4"));
    }

    /// One instruction that only computes.
    fn compute(&mut self) -> &'static str {
        let (rd, rs1, rs2) = (self.register(), self.register(), self.register());
        let line = match self.r.below(20) {
            0..9 => format!("{} {rd}, {rs1}, {rs2}", self.r.pick(&REGISTER_FORMS)),
            9..14 => {
                let imm = self.immediate();
                format!("{} {rd}, {rs1}, {imm}", self.r.pick(&IMMEDIATE_FORMS))
            }
            14..17 => {
                let shift = self.r.below(32);
                format!("{} {rd}, {rs1}, {shift}", self.r.pick(&SHIFTS))
            }
            17..19 => format!("lui {rd}, {}", self.r.below(1 << 20)),
            _ => "fence".to_owned(),
        };
        self.line(line);
        rd
    }

    /// A load or a store at any alignment among the scratch bytes, then the word that it left.
    fn access(&mut self) -> &'static str {
        let (rd, offset) = (self.register(), self.r.below(60));
        if self.r.chance(50) {
            let load = self.r.pick(&LOADS);
            self.line(format!("{load} {rd}, {offset}(s3)"));
        } else {
            let store = self.r.pick(&STORES);
            let around = offset & !3;
            self.line(format!("{store} {rd}, {offset}(s3)\nlw {rd}, {around}(s3)"));
        }
        rd
    }

    /// A branch over an instruction or two, or a call through a register.
    fn transfer(&mut self) {
        let label = self.labels;
        self.labels += 1;
        match self.r.below(8) {
            0 => self.line(format!("jal zero, 1f\naddi a0, a0, 1\n1: # {label}")),
            1 => {
                // Addresses differ between the two machines; distances do not.
                self.line("auipc t0, 0\njalr ra, 12(t0)\naddi a0, a0, 1\nsub ra, ra, t0\nsub t0, t0, t0");
            }
            _ => {
                let (rs1, rs2) = (self.register(), self.register());
                let branch = self.r.pick(&BRANCHES);
                self.line(format!("{branch} {rs1}, {rs2}, 9{label}f"));
                self.compute();
                self.line(format!("9{label}:"));
            }
        }
    }

    /// A loop over all operand pairs whose body is `body`.
    fn over_operands(&mut self, pairs: usize, body: impl FnOnce(&mut Program)) {
        let label = self.labels;
        self.labels += 1;
        self.line(format!("la s0, operands\nli s4, {pairs}\nloop{label}:"));
        body(self);
        self.line(format!(
            "addi s0, s0, 8\naddi s4, s4, -1\nbeqz s4, end{label}\nj loop{label}\nend{label}:"
        ));
    }
}

/// A program whose results fill at most [`RESULTS`].
fn program(seed: u64) -> String {
    let mut p = Program { r: Random(seed), text: String::new(), labels: 10 };
    let mut operands: Vec<(u32, u32)> =
        BOUNDARIES.iter().flat_map(|&a| BOUNDARIES.iter().map(move |&b| (a, b))).collect();
    operands.extend((0..60).map(|_| (p.r.next() as u32, p.r.next() as u32)));
    p.line(".globl _start\n_start:\nla s2, results\nla s3, bytes");
    for name in REGISTERS.iter().skip(1) {
        p.line(format!("li {name}, 0"));
    }
    // Every form alone, its operands in random registers.
    let mut forms: Vec<String> = Vec::new();
    forms.extend(REGISTER_FORMS.map(|form| format!("{form} RD, RS1, RS2")));
    for form in IMMEDIATE_FORMS {
        forms.extend([-2048, -1, 0, 1, 2047].map(|imm| format!("{form} RD, RS1, {imm}")));
    }
    for form in SHIFTS {
        forms.extend([0, 1, 31].map(|shift| format!("{form} RD, RS1, {shift}")));
    }
    forms.extend(BRANCHES.map(|form| format!("li RD, 1\n{form} RS1, RS2, 1f\nli RD, 2\n1:")));
    forms.extend(BRANCHES.map(|form| format!("{form} RS1, RS2, 1f\nj 2f\n1: li RS1, 5\n2: mv RD, RS1")));
    for chunk in forms.chunks(12) {
        p.over_operands(operands.len(), |p| {
            for form in chunk {
                // ra to a5, three different ones, so that "RD" is not what a branch compares.
                let first = p.r.below(8) as usize + 1;
                let [rs1, rs2, rd] = [0, 1, 2].map(|n| REGISTERS[first + n]);
                let rd = if form.contains("1f") { rd } else { p.r.pick(&[rs1, rs2, rd]) };
                p.line(format!("lw {rs1}, 0(s0)\nlw {rs2}, 4(s0)"));
                p.line(form.replace("RD", rd).replace("RS1", rs1).replace("RS2", rs2));
                p.result(rd);
            }
        });
    }
    // Chains: whatever comes, each on what the ones before left.
    for _ in 0..4 {
        p.over_operands(operands.len(), |p| {
            p.line("lw a0, 0(s0)\nlw a1, 4(s0)");
            for n in 0..100 {
                let rd = match p.r.below(10) {
                    0..6 => p.compute(),
                    6..8 => p.access(),
                    _ => {
                        p.transfer();
                        "a0"
                    }
                };
                if n % 8 == 0 {
                    p.result(rd);
                }
            }
        });
    }
    finish(&mut p, &operands);
    p.text
}

/// How the program ends, on either machine, and its data.
fn finish(p: &mut Program, operands: &[(u32, u32)]) {
    p.line("la a1, results\nsub a2, s2, a1\n.ifdef BARE\nmv a0, a2");
    p.line(".insn r CUSTOM_0, 2, 0, x0, x0, x0\n.else\nli a0, 1\nli a7, 64\necall");
    p.line("li a0, 0\nli a7, 93\necall\n.endif\n.balign 16\noperands:");
    for (a, b) in operands {
        writeln!(p.text, ".word {a:#x}, {b:#x}").expect("text grows");
    }
    p.line("bytes:");
    for _ in 0..16 {
        let word = p.r.next() as u32;
        p.line(format!(".word {word:#x}"));
    }
    p.line(format!(".bss\n.balign 16\nresults: .zero {RESULTS}"));
}

/// Assembles and links `source` for one of the machines; the path of the result.
fn build(name: &str, source: &str, for_machine: &[&str], link: &[&str]) -> String {
    let path = |extension: &str| scratch("qemu", &format!("{name}.{extension}")).to_str().unwrap().to_owned();
    let (text, object, elf) = (path("s"), path("o"), path("elf"));
    std::fs::write(&text, source).unwrap();
    output(
        AS,
        &[&["-march=rv32im", "-mabi=ilp32", "-mno-relax", "-o", &object, &text], for_machine].concat(),
    );
    output(LD, &[&["-melf32lriscv", "-N", "-o", &elf, &object], link].concat());
    elf
}

/// Results of the image on an engine, run in pieces of so many steps.
fn run_bare(image: &[u8], results: u32, mut engine: Box<dyn Engine>, piece: u64) -> Vec<u8> {
    let mut state = State::reset(STORAGE, 0x80, Console::default());
    state.write(Physical(0x80), image);
    let mut tally = Tally::default();
    while engine.run(&mut state, &Profile::pg(), Until::Steps(piece), &mut tally) != Pause::Halted {
        assert!(tally.idle_traps == 0, "{engine:?}: the program traps at {:x?}", state.psw);
    }
    let mut bytes = vec![0; state.register(Reg::A0) as usize];
    state.read(Physical(results), &mut bytes);
    bytes
}

#[test]
fn base_instructions_compute_the_same() {
    if !available(&[AS, LD, OBJCOPY, QEMU]) {
        return;
    }
    for seed in 0..3 {
        let source = program(seed);
        let for_qemu = build(&format!("user{seed}"), &source, &[], &[]);
        let expected = output(QEMU, &[&for_qemu]);
        assert!(expected.len() > 10_000 && expected.len() <= RESULTS as usize, "{} bytes", expected.len());

        let results = 0x10_0000;
        let place = [format!("-Tbss={results:#x}"), "-Ttext=0x80".to_owned()];
        let place = [place[0].as_str(), place[1].as_str()];
        let for_bare = build(&format!("bare{seed}"), &source, &["--defsym", "BARE=1"], &place);
        let flat = for_bare.replace(".elf", ".bin");
        output(OBJCOPY, &["-O", "binary", &for_bare, &flat]);
        let image = std::fs::read(&flat).unwrap();
        for piece in [u64::MAX, 1009] {
            for (name, engine) in engines() {
                let got = run_bare(&image, results, engine, piece);
                assert_eq!(got.len(), expected.len(), "{name}, seed {seed}");
                let differs = got.iter().zip(&expected).position(|(a, b)| a != b);
                let word = differs.map(|byte| byte / 4);
                assert_eq!(word, None, "{name}, seed {seed}: number of the first result that differs");
            }
        }
    }
}
