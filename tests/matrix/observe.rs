//! What monitors do, seen from outside: guests run bare and virtual, and a neighbour that must not notice.

use crate::predict::Properties;
use pg32_harness::{Loader, Setup, Verdict, lockstep};
use pg32_image::Image;
use pg32_isa::{Extension, Format, Insn, Mode, Op, PSW_BYTES, Physical, Profile, Psw, Reg, SLOT_NEW};
use pg32_vm::{Bare, Console, EngineKind, Machine, Pause, Until};
use pg32_vmm::{GuestId, Host, Monitor, Vmm};
use std::path::Path;
use std::sync::{Arc, LazyLock};

/// Storage of a guest, bytes.
const MEMORY: u32 = 0x1000;
/// Where a random guest's code lies, and where its traps lead.
const CODE: u32 = 0x80;
const HANDLER: u32 = 0x400;
/// Steps of each run.
const STEPS: u64 = 150;

/// The images of the witness guests.
static WITNESSES: LazyLock<Vec<Arc<Image>>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/theory");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).expect("samples").map(|f| f.expect("a file").path()).collect();
    files.retain(|file| file.extension().is_some_and(|e| e == "s"));
    files.sort();
    files.iter().map(|file| Loader::default().load(file).expect("a guest").image).collect()
});

/// Random images after which a search for what was predicted to fail is given up.
const PATIENCE: u64 = 40_000;

/// Runs the witness guests and `images` random ones; and more of these, as long as something that is `predicted`
/// to fail has not been seen to.
pub(crate) fn observe(profile: &Profile, monitor: Monitor, images: u64, predicted: Properties) -> Properties {
    let mut seen = Properties { equivalence: true, resource_control: true };
    for image in WITNESSES.iter() {
        examine(&setup(profile, image), monitor, &|_| {}, &mut seen);
    }
    let blank = setup(profile, &Arc::new(Image::from_flat(Vec::new())));
    for seed in 0..PATIENCE {
        let missing = (seen.equivalence && !predicted.equivalence)
            || (seen.resource_control && !predicted.resource_control);
        if seed >= images && !missing {
            break;
        }
        examine(&blank, monitor, &|machine| random_state(machine, seed), &mut seen);
    }
    seen
}

fn setup(profile: &Profile, image: &Arc<Image>) -> Setup {
    Setup {
        image: Arc::clone(image),
        memory: MEMORY,
        profile: profile.clone(),
        engine: EngineKind::Reference,
        input: Arc::from(*b"guest"),
        output_limit: 1 << 16,
    }
}

/// One guest, bare against virtual, and beside a neighbour. What has been refuted need not be refuted again.
fn examine(setup: &Setup, monitor: Monitor, prepare: &dyn Fn(&mut dyn Machine), seen: &mut Properties) {
    if seen.equivalence {
        let mut bare = setup.bare().expect("it fits");
        let mut tower = setup.tower(&[monitor]).expect("it fits");
        prepare(bare.as_mut());
        prepare(tower.as_mut());
        seen.equivalence = !matches!(lockstep(bare, tower, STEPS), Verdict::Diverged(_));
    }
    if seen.resource_control {
        seen.resource_control = keeps_to_itself(setup, monitor, prepare);
    }
}

/// Runs the guest beside another, and tells whether everything that is not the guest's is as it was: the
/// neighbour's window, the monitor's storage but for the slot that traps write, the real console, and the
/// processor, which must come back.
fn keeps_to_itself(setup: &Setup, monitor: Monitor, prepare: &dyn Fn(&mut dyn Machine)) -> bool {
    let size = 2 * MEMORY + Vmm::OVERHEAD;
    let console = Console::new(Arc::from(*b"host"));
    let real = Bare::new(size, setup.profile.clone(), setup.engine, console);
    let mut vmm = Vmm::new(Host::Real(Box::new(real)));
    let guest = vmm.create(setup.guest(monitor.policy(), MEMORY)).expect("there is room");
    let neighbour = vmm.create(setup.guest(monitor.policy(), MEMORY)).expect("there is room");
    vmm.machine(neighbour).write(Physical(0), &[0x5a; MEMORY as usize]);
    pg32_vm::boot(&mut vmm.machine(guest), &setup.image).expect("it fits");
    prepare(&mut vmm.machine(guest));
    let before = foreign(&mut vmm, neighbour);
    let ran = vmm.machine(guest).run(Until::Steps(STEPS));
    let real = vmm.host().machine();
    let lost = ran.pause == Pause::ControlLost || real.halted() || !real.console().output().is_empty();
    !lost && real.console().position() == 0 && foreign(&mut vmm, neighbour) == before
}

/// What is not the first guest's.
fn foreign(vmm: &mut Vmm, neighbour: GuestId) -> Vec<u8> {
    let mut bytes = vec![0; MEMORY as usize];
    vmm.machine(neighbour).read(Physical(0), &mut bytes);
    let mut own = vec![0; (Vmm::OVERHEAD - SLOT_NEW.0) as usize];
    vmm.host().machine().read(SLOT_NEW, &mut own);
    bytes.extend(own);
    bytes
}

/// A small kernel of random instructions in a random PSW, with a handler as random, and system instructions more
/// often than others. The same `seed` gives the same state.
fn random_state(machine: &mut dyn Machine, seed: u64) {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1974);
    for at in (CODE..CODE + 0x100).chain(HANDLER..HANDLER + 0x80).step_by(4) {
        machine.write(Physical(at), &random.instruction().to_le_bytes());
    }
    // Where `lpsw` and the like find something: PSWs in the lower storage, the new PSW among them.
    for at in [SLOT_NEW.0, 0x600, 0x640, 0x680] {
        let mut psw = random.psw(HANDLER).to_bytes();
        if at != SLOT_NEW.0 {
            psw = random.psw(CODE).to_bytes();
        }
        machine.write(Physical(at), &psw[..PSW_BYTES as usize]);
    }
    for reg in Reg::all() {
        let near =
            random.pick(&[0, 1, 0x60, CODE, HANDLER, 0x600, 0x640, 0x680, MEMORY, MEMORY + 0x80, u32::MAX]);
        machine.set_register(reg, near);
    }
    machine.set_psw(random.psw(CODE));
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[(self.next() % from.len() as u64) as usize]
    }

    fn instruction(&mut self) -> u32 {
        // System instructions are what it is about, and stores are how anything gets out.
        let kinds: [fn(&Op) -> bool; 4] = [
            |_| true,
            |op| op.extension() == Extension::System,
            |op| op.extension() == Extension::System,
            |op| op.format() == Format::Store,
        ];
        let kind = self.pick(&kinds);
        let rows: Vec<Op> = Op::ALL.into_iter().filter(kind).collect();
        let op = self.pick(&rows);
        let mut reg = || Reg::new((self.next() % 32) as u8);
        let (rd, rs1, rs2) = (reg(), reg(), reg());
        let imm = self.pick(&[0, 0, 4, 8, -4, 16]);
        Insn { op, rd, rs1, rs2, imm }.encode()
    }

    fn psw(&mut self, pc: u32) -> Psw {
        Psw {
            mode: self.pick(&[Mode::Supervisor, Mode::User]),
            base: 0,
            limit: self.pick(&[MEMORY, MEMORY, MEMORY - 4, u32::MAX]),
            pc,
            timer: self.pick(&[0, 0, 7, 40]),
        }
    }
}

/// Where a monitor lets innocuous instructions run without its help: the paper's efficiency.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Efficiency {
    supervisor: bool,
    user: bool,
}

impl Efficiency {
    /// For the table.
    pub(crate) fn phrase(self) -> &'static str {
        match (self.supervisor, self.user) {
            (true, true) => "yes",
            (false, true) => "in user mode",
            (true, false) => "in supervisor mode",
            (false, false) => "**no**",
        }
    }
}

/// Runs a loop without a single sensitive instruction in each mode, and counts.
pub(crate) fn runs_innocuous_directly(profile: &Profile, monitor: Monitor) -> Efficiency {
    let add = Insn { op: Op::Addi, rd: Reg::A0, rs1: Reg::A0, rs2: Reg::ZERO, imm: 1 };
    let back = Insn { op: Op::Jal, rd: Reg::ZERO, rs1: Reg::ZERO, rs2: Reg::ZERO, imm: -4 };
    let blank = Arc::new(Image::from_flat(Vec::new()));
    let direct = |mode| {
        let mut machine = setup(profile, &blank).virtual_machine(&[monitor]).expect("it fits");
        machine.write(Physical(CODE), &add.encode().to_le_bytes());
        machine.write(Physical(CODE + 4), &back.encode().to_le_bytes());
        machine.set_psw(Psw { mode, ..Psw::reset(MEMORY, CODE) });
        let ran = machine.run(Until::Steps(1000));
        machine.levels()[0].share_direct(ran.steps) > 0.999
    };
    Efficiency { supervisor: direct(Mode::Supervisor), user: direct(Mode::User) }
}

/// The share of a witness guest's steps that ran directly.
pub(crate) fn share_direct(guest: &str, profile: &Profile, monitor: Monitor) -> f64 {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/theory").join(guest);
    let image = Loader::default().load(&file).expect("a guest").image;
    let mut machine = setup(profile, &image).virtual_machine(&[monitor]).expect("it fits");
    let ran = machine.run(Until::Steps(1 << 20));
    assert_eq!(ran.pause, Pause::Halted);
    machine.levels()[0].share_direct(ran.steps)
}
