//! A monitor on its machine, watched from outside: whose processor it is, how many steps the innermost guest has
//! taken, and the state that the guest is in.
//!
//! Nothing is asked of the monitors but their [`Contract`]. The machine runs until it traps; a trap out of the
//! guest ends a step of the guest, whatever the monitors then do about it, and direct execution is one step for
//! one step. So the guest's steps are counted without the monitor's help.

use super::{Contract, Hosted};
use crate::Observation;
use crate::observation::{registers, storage_from};
use pg32_image::Image;
use pg32_isa::{Cause, Mode, PSW_BYTES, Physical, Psw, Reg, SLOT_NEW, SLOT_OLD};
use pg32_vm::{Answer, Exit, Machine, Pause, Ran, Until};
use pg32_vmm::map::virtual_psw;
use std::fmt;
use std::sync::Arc;

/// Steps that a monitor on the bare machine may take before its guest has the processor again: far more than one
/// needs, and few enough to wait for. Each level may take twice as many as the one below.
const PATIENCE: u64 = 1 << 17;
/// Levels that are waited for in full.
const PATIENT_LEVELS: usize = 12;
/// Boundaries in a row at which nothing has changed, behind which nothing is taken to change any more.
const STANDSTILL: u64 = 1000;

/// How monitors failed their guest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MonitorFailure {
    /// The machine stopped, and not because the guest did.
    Stopped {
        /// Which monitor halted, 1 being the outermost.
        level: usize,
        /// `a0` of the machine.
        a0: u32,
    },
    /// The guest did not get the processor back.
    Silent {
        /// Steps waited.
        steps: u64,
    },
    /// The guest was given the processor with a segment that reaches beyond its window.
    Reach {
        /// First byte of the segment, in the storage of the outermost machine.
        start: u32,
        /// The byte behind the segment.
        end: u32,
    },
    /// A monitor in Rust, below these, lost control.
    ControlLost,
}

impl fmt::Display for MonitorFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MonitorFailure::Stopped { level, a0 } => {
                write!(
                    f,
                    "the monitor at level {level} stopped by itself; the machine halted with a0 = {a0:#x}"
                )
            }
            MonitorFailure::Silent { steps } => {
                write!(f, "the monitor did not give the processor back within {steps} steps")
            }
            MonitorFailure::Reach { start, end } => write!(
                f,
                "the monitor gave the guest a segment beyond its window: real storage {start:#x}..{end:#x}"
            ),
            MonitorFailure::ControlLost => f.write_str("the monitor below lost control of the real machine"),
        }
    }
}

/// What the monitors have cost so far.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Cost {
    /// Steps that monitors took to set themselves up, before the guest's first.
    pub boot: u64,
    /// Traps out of the innermost guest.
    pub traps: u64,
    /// Steps that monitors took to answer them.
    pub steps: u64,
    /// The most that one trap took.
    pub most: u64,
}

/// A machine on which monitors run a guest.
pub struct Watched {
    machine: Box<dyn Machine>,
    /// The outermost first; addresses count from the start of the machine.
    levels: Vec<Contract>,
    /// Bytes of console output beyond which the guest's run pauses.
    output_limit: u64,
    /// What the machine booted: the monitors with the guest in them.
    image: Arc<Image>,
    steps: u64,
    /// The virtual PSW and the real one as the guest last got the processor.
    resumed: (Psw, Psw),
    halted: bool,
    cost: Cost,
    last_exit: Option<Exit>,
}

impl Watched {
    /// Lets the monitors run until their guest has the processor for the first time.
    ///
    /// # Errors
    /// If the guest never gets the processor.
    pub fn start(hosted: Hosted) -> Result<Self, MonitorFailure> {
        let mut watched = Watched::new(hosted);
        watched.boot()?;
        Ok(watched)
    }

    /// A watch over monitors that have not begun.
    pub(super) fn new(hosted: Hosted) -> Self {
        let Hosted { machine, image, levels, output_limit } = hosted;
        let resumed = (Psw::reset(0, 0), Psw::reset(0, 0));
        let cost = Cost::default();
        Watched {
            machine,
            levels,
            output_limit,
            image,
            steps: 0,
            resumed,
            halted: false,
            cost,
            last_exit: None,
        }
    }

    /// Lets the monitors set themselves up.
    pub(super) fn boot(&mut self) -> Result<(), MonitorFailure> {
        self.cost.boot = self.await_guest()?;
        Ok(())
    }

    fn innermost(&self) -> &Contract {
        self.levels.last().expect("there is at least one level")
    }

    /// Whether the innermost guest has the processor: the real machine is in user mode, and each monitor but the
    /// innermost says that its own guest, which is the next monitor, is in user mode too.
    fn guest_has_processor(&self) -> bool {
        let (_, outer) = self.levels.split_last().expect("there is at least one level");
        self.machine.psw().mode == Mode::User
            && outer.iter().all(|l| Mode::from_bit(self.machine.read_word(Physical(l.psw))) == Mode::User)
    }

    /// Runs the monitors until the guest has the processor or has halted. Returns how many steps they took.
    fn await_guest(&mut self) -> Result<u64, MonitorFailure> {
        let patience = PATIENCE << self.levels.len().min(PATIENT_LEVELS);
        for steps in 0..patience {
            if self.machine.halted() {
                self.halted = true;
                return self.check_halt().map(|()| steps);
            }
            if self.guest_has_processor() {
                self.resumed = (self.stored_psw(), self.machine.psw());
                return self.check_reach().map(|()| steps);
            }
            if self.machine.run(Until::Steps(1)).pause == Pause::ControlLost {
                return Err(MonitorFailure::ControlLost);
            }
        }
        Err(MonitorFailure::Silent { steps: patience })
    }

    /// The machine has halted: every monitor says that its guest has, or the first that does not is at fault.
    fn check_halt(&self) -> Result<(), MonitorFailure> {
        let running = self.levels.iter().position(|l| self.machine.read_word(Physical(l.halted)) == 0);
        match running {
            None => Ok(()),
            Some(index) => {
                Err(MonitorFailure::Stopped { level: index + 1, a0: self.machine.register(Reg::A0) })
            }
        }
    }

    /// Resource control: of the real storage that the real segment reaches, all lies in the guest's window.
    fn check_reach(&self) -> Result<(), MonitorFailure> {
        let real = self.machine.psw();
        let size = self.machine.storage_size();
        let end = u64::from(real.base) + u64::from(real.limit);
        let end = end.min(u64::from(size)) as u32;
        let window = self.innermost().window;
        if real.base < end && real.base < window {
            return Err(MonitorFailure::Reach { start: real.base, end });
        }
        Ok(())
    }

    /// The virtual PSW in the innermost monitor's records.
    fn stored_psw(&self) -> Psw {
        self.psw_at(Physical(self.innermost().psw))
    }

    fn psw_at(&self, at: Physical) -> Psw {
        let mut bytes = [0; PSW_BYTES as usize];
        self.machine.read(at, &mut bytes);
        Psw::from_bytes(&bytes)
    }

    /// The trap that has just brought the monitors control.
    fn exit(&self) -> Option<Exit> {
        let (old, trap) = self.machine.last_trap()?;
        let (before, started) = &self.resumed;
        let psw = virtual_psw(before, started.timer, &old);
        Some(Exit { step: self.steps, psw, trap, answer: Answer::Pending })
    }

    /// What the monitors have made of an exit, by what the guest finds: the frame of a reflected trap in its slot 0 and
    /// the PSW of its slot 1 loaded, or not.
    fn answer(&self, exit: &Exit) -> Answer {
        if self.halted {
            return Answer::Interpreted;
        }
        let word = |at: Physical| self.machine.read_word(self.window().offset(at.0));
        let frame = self.psw_at(self.window().offset(SLOT_OLD.0));
        let told = word(SLOT_OLD) >> 8 & 0xff == exit.trap.cause.number()
            && word(SLOT_OLD.offset(20)) == exit.trap.info;
        if told && frame == exit.psw && self.psw() == self.psw_at(self.window().offset(SLOT_NEW.0)) {
            Answer::Reflected
        } else if exit.trap.cause == Cause::Timer {
            Answer::Resumed
        } else {
            Answer::Interpreted
        }
    }

    /// Runs the guest until a monitor has answered a trap out of it, but for at most `most` of the guest's steps.
    /// Says [`Pause::Trap`] at such a boundary.
    ///
    /// # Errors
    /// If a monitor fails. The watch is then over.
    pub fn run_to_boundary(&mut self, most: u64) -> Result<Ran, MonitorFailure> {
        let done = |steps, pause| Ok(Ran { steps, pause });
        if self.halted {
            return done(0, Pause::Halted);
        }
        if self.over_limit() {
            return done(0, Pause::OutputLimit);
        }
        let ran = self.machine.run(Until::Trap { within: most });
        // Direct execution retires one instruction a step; the last one trapped, or retired and then took the
        // timer trap. Either way it is a step of the guest, and there is no other.
        self.steps += ran.steps;
        match ran.pause {
            Pause::Trap => {}
            Pause::Steps | Pause::OutputLimit => return done(ran.steps, ran.pause),
            // Where the profile lets a guest stop the machine, no monitor has heard of it.
            Pause::Halted => return self.check_halt().and(done(ran.steps, Pause::Halted)),
            Pause::ControlLost => return Err(MonitorFailure::ControlLost),
        }
        self.last_exit = self.exit();
        let answered = self.await_guest()?;
        self.last_exit = self.last_exit.map(|exit| Exit { answer: self.answer(&exit), ..exit });
        self.cost.traps += 1;
        self.cost.steps += answered;
        self.cost.most = self.cost.most.max(answered);
        match (self.halted, self.over_limit()) {
            (true, _) => done(ran.steps, Pause::Halted),
            (false, true) => done(ran.steps, Pause::OutputLimit),
            (false, false) => done(ran.steps, Pause::Trap),
        }
    }

    /// Runs the guest for at most `steps` of its steps. A guest that stands still, in a trap storm above all, is not
    /// followed to the end: its steps are counted as taken.
    ///
    /// # Errors
    /// If a monitor fails. The watch is then over.
    pub fn run(&mut self, steps: u64) -> Result<Ran, MonitorFailure> {
        let mut total = 0;
        let mut still = (self.glimpse(), 0);
        loop {
            let ran = self.run_to_boundary(steps - total)?;
            total += ran.steps;
            if ran.pause != Pause::Trap {
                return Ok(Ran { steps: total, pause: ran.pause });
            }
            let now = self.glimpse();
            still = if ran.steps == 1 && now == still.0 { (now, still.1 + 1) } else { (now, 0) };
            if still.1 == STANDSTILL {
                self.steps += steps - total;
                return Ok(Ran { steps, pause: Pause::Steps });
            }
        }
    }

    /// All of the guest's state that can change in a step that stores nothing but a trap's frame.
    fn glimpse(&self) -> (Psw, [u32; 32], [u8; 24], usize, usize) {
        let mut frame = [0; 24];
        self.machine.read(self.window(), &mut frame);
        let console = self.machine.console();
        (self.psw(), self.registers(), frame, console.position(), console.output().len())
    }

    /// Whether the guest's last step was a trap out of the instruction to which a trap leads: a trap storm, if the
    /// run has come to a standstill with it.
    #[must_use]
    pub fn in_storm(&self) -> bool {
        let psw = |slot: Physical| self.psw_at(self.window().offset(slot.0));
        !self.halted && self.psw() == psw(SLOT_NEW) && psw(SLOT_OLD) == psw(SLOT_NEW)
    }

    fn over_limit(&self) -> bool {
        self.machine.console().output().len() as u64 > self.output_limit
    }

    /// Steps that the guest has taken.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// What the monitors have cost.
    #[must_use]
    pub fn cost(&self) -> Cost {
        self.cost
    }

    /// The last exit to each monitor below these, the outermost first, and then the last out of the innermost guest.
    #[must_use]
    pub fn last_exits(&self) -> Vec<Option<Exit>> {
        let mut exits = self.machine.last_exits();
        exits.push(self.last_exit);
        exits
    }

    /// What the machine booted: the monitors with the guest in them, and their sources.
    #[must_use]
    pub fn image(&self) -> &Arc<Image> {
        &self.image
    }

    /// The machine below the outermost monitor. Its console is the guest's.
    #[must_use]
    pub fn machine(&self) -> &dyn Machine {
        self.machine.as_ref()
    }

    /// Whether the guest has halted.
    #[must_use]
    pub fn halted(&self) -> bool {
        self.halted
    }

    /// Where the guest's storage begins in the machine's.
    #[must_use]
    pub fn window(&self) -> Physical {
        Physical(self.innermost().window)
    }

    /// The guest's virtual PSW.
    #[must_use]
    pub fn psw(&self) -> Psw {
        if self.halted {
            return self.stored_psw();
        }
        let (before, started) = &self.resumed;
        match self.machine.psw() {
            real if real == *started => *before,
            real => virtual_psw(before, started.timer, &real),
        }
    }

    /// The guest's registers.
    #[must_use]
    pub fn registers(&self) -> [u32; 32] {
        if !self.halted {
            return registers(self.machine.as_ref());
        }
        let saved = Physical(self.innermost().registers);
        std::array::from_fn(|n| if n == 0 { 0 } else { self.machine.read_word(saved.offset(4 * n as u32)) })
    }

    /// The guest's state.
    #[must_use]
    pub fn observe(&self) -> Observation {
        Observation {
            steps: self.steps,
            halted: self.halted,
            psw: self.psw(),
            x: self.registers(),
            output: self.machine.console().output().to_vec(),
            input_position: self.machine.console().position(),
            storage: storage_from(self.machine.as_ref(), self.window()),
        }
    }

    /// A copy that goes on from here by itself.
    #[must_use]
    pub fn fork(&self) -> Self {
        let (levels, image) = (self.levels.clone(), Arc::clone(&self.image));
        Watched { machine: self.machine.fork(), levels, image, ..*self }
    }
}
