//! The monitor itself: one real machine, its guests, and who has the processor.

use crate::allocator::Allocator;
use crate::dispatcher::{Grant, dispatch, monitor_psw};
use crate::{Guest, GuestId, GuestSpec, VirtualMachine, VirtualProcessor};
use pg32_isa::{Physical, Psw, Reg, SLOT_NEW};
use pg32_vm::{Machine, Pause, Ran, Translation, Until};
use std::fmt;

/// Real storage has no room for another guest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoRoom {
    /// Bytes that the guest was to have.
    pub size: u32,
}

impl fmt::Display for NoRoom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no free window of {} bytes in real storage", self.size)
    }
}

impl std::error::Error for NoRoom {}

/// The machine that a monitor runs on: a real one, or another monitor's.
pub enum Host {
    /// Any machine whose inside is of no interest.
    Real(Box<dyn Machine>),
    /// A virtual machine, whose monitors can be asked what they did.
    Virtual(Box<VirtualMachine>),
}

impl Host {
    /// The machine.
    #[must_use]
    #[inline]
    pub fn machine(&self) -> &dyn Machine {
        match self {
            Host::Real(machine) => machine.as_ref(),
            Host::Virtual(machine) => machine.as_ref(),
        }
    }

    #[inline]
    fn machine_mut(&mut self) -> &mut dyn Machine {
        match self {
            Host::Real(machine) => machine.as_mut(),
            Host::Virtual(machine) => machine.as_mut(),
        }
    }

    fn fork(&self) -> Self {
        match self {
            Host::Real(machine) => Host::Real(machine.fork()),
            Host::Virtual(machine) => Host::Virtual(Box::new(machine.copy())),
        }
    }
}

/// A virtual machine monitor on a machine of its own.
pub struct Vmm {
    host: Host,
    /// The new PSW in slot 1.
    new: Psw,
    /// What the machine's user mode is run from.
    translation: Translation,
    allocator: Allocator,
    /// Destroyed guests leave a gap, so that the others' ids stay valid.
    guests: Vec<Option<Guest>>,
    /// Whose registers are in the real machine.
    resident: Option<GuestId>,
    /// Whether the real machine has slipped from the monitor's control: no guest runs any more.
    control_lost: bool,
}

impl Vmm {
    /// Bytes of real storage that a monitor needs beside its guests' windows.
    pub const OVERHEAD: u32 = crate::allocator::MONITOR_BYTES;

    /// A monitor that takes over `host`: its new PSW goes into slot 1.
    #[must_use]
    pub fn new(mut host: Host) -> Self {
        let machine = host.machine_mut();
        let new = monitor_psw(machine);
        machine.write(SLOT_NEW, &new.to_bytes());
        machine.set_translation(Translation::Off);
        let allocator = Allocator::new(machine.storage_size());
        Vmm {
            host,
            new,
            translation: Translation::Off,
            allocator,
            guests: Vec::new(),
            resident: None,
            control_lost: false,
        }
    }

    /// Creates a virtual machine at reset with empty storage.
    ///
    /// # Errors
    /// If no gap in real storage is large enough.
    pub fn create(&mut self, spec: GuestSpec) -> Result<GuestId, NoRoom> {
        let window = self.allocator.allocate(spec.size).ok_or(NoRoom { size: spec.size })?;
        // A window may have had another guest before.
        let zeros = [0; 4096];
        for start in (0..window.size).step_by(zeros.len()) {
            let length = zeros.len().min((window.size - start) as usize);
            clear(
                self.host.machine_mut(),
                window.locate(Physical(start), length).on_host(),
                &zeros[..length],
            );
        }
        let guest = Some(Guest::new(spec, window));
        let free = self.guests.iter().position(Option::is_none);
        let index = free.unwrap_or(self.guests.len());
        if index == self.guests.len() {
            self.guests.push(guest);
        } else {
            self.guests[index] = guest;
        }
        Ok(GuestId(index))
    }

    /// Destroys a guest; its window is free again.
    pub fn destroy(&mut self, id: GuestId) {
        if self.resident == Some(id) {
            self.resident = None;
        }
        if let Some(guest) = self.guests[id.0].take() {
            self.allocator.free(guest.window);
        }
    }

    /// The records of a guest.
    ///
    /// # Panics
    /// If the guest has been destroyed.
    #[must_use]
    #[inline]
    pub fn guest(&self, id: GuestId) -> &Guest {
        self.guests[id.0].as_ref().expect("the guest is there")
    }

    #[inline]
    pub(crate) fn guest_mut(&mut self, id: GuestId) -> &mut Guest {
        self.guests[id.0].as_mut().expect("the guest is there")
    }

    /// The machine below.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    #[inline]
    pub(crate) fn host_mut(&mut self) -> &mut dyn Machine {
        self.host.machine_mut()
    }

    /// A guest as a machine.
    pub fn machine(&mut self, id: GuestId) -> VirtualMachine<&mut Vmm> {
        VirtualMachine::borrowed(self, id)
    }

    /// The value of a guest's register, wherever it is kept just now.
    #[must_use]
    pub fn register(&self, id: GuestId, reg: Reg) -> u32 {
        if self.resident == Some(id) {
            self.host.machine().register(reg)
        } else {
            self.guest(id).saved[reg.index()]
        }
    }

    /// Brings a guest's registers into the real machine, and those of the guest before it out of it.
    #[inline]
    pub(crate) fn make_resident(&mut self, id: GuestId) {
        if self.resident != Some(id) {
            self.exchange_registers(id);
        }
    }

    #[inline(never)]
    fn exchange_registers(&mut self, id: GuestId) {
        if let Some(before) = self.resident {
            for reg in Reg::all() {
                let value = self.host.machine().register(reg);
                self.guest_mut(before).saved[reg.index()] = value;
            }
        }
        let saved = self.guest(id).saved;
        for reg in Reg::all() {
            self.host.machine_mut().set_register(reg, saved[reg.index()]);
        }
        self.resident = Some(id);
    }

    /// Runs one guest.
    pub fn run(&mut self, id: GuestId, until: Until, grant: Grant) -> Ran {
        if self.control_lost {
            return Ran { steps: 0, pause: Pause::ControlLost };
        }
        self.make_resident(id);
        let guest = self.guests[id.0].as_mut().expect("the guest is there");
        let before = guest.tally.steps;
        let (monitor, translation) = (&self.new, &mut self.translation);
        let host = self.host.machine_mut();
        // The same either way, and quicker where the compiler knows the machine.
        let pause = match host.as_bare() {
            Some(host) => dispatch(&mut VirtualProcessor { host, guest, monitor, translation }, until, grant),
            None => dispatch(&mut VirtualProcessor { host, guest, monitor, translation }, until, grant),
        };
        self.control_lost = pause == Pause::ControlLost;
        Ran { steps: self.guest(id).tally.steps - before, pause }
    }

    /// Runs all guests in turn, `slice` steps each, until each has halted, has taken `budget` steps of its own
    /// or cannot go on. Returns how each guest's run ended, in order of their ids.
    pub fn run_all(&mut self, budget: u64, slice: u64) -> Vec<(GuestId, Ran)> {
        assert!(slice > 0, "a slice of no steps never ends");
        let ids = (0..self.guests.len()).filter(|i| self.guests[*i].is_some()).map(GuestId);
        let mut runs: Vec<_> = ids.map(|id| (id, Ran { steps: 0, pause: Pause::Steps })).collect();
        loop {
            let mut active = false;
            for (id, total) in &mut runs {
                if total.pause != Pause::Steps || total.steps >= budget {
                    continue;
                }
                active = true;
                let steps = slice.min(budget - total.steps);
                let ran = self.run(*id, Until::Steps(steps), Grant::Slice);
                *total = Ran { steps: total.steps + ran.steps, pause: ran.pause };
            }
            if !active {
                return runs;
            }
        }
    }

    /// A copy of the monitor, its machine and its guests.
    #[must_use]
    pub fn fork(&self) -> Self {
        Vmm {
            host: self.host.fork(),
            new: self.new,
            translation: self.translation,
            allocator: self.allocator.clone(),
            guests: self.guests.clone(),
            resident: self.resident,
            control_lost: self.control_lost,
        }
    }
}

/// Zeroes storage, leaving what is zero alone so that untouched pages stay untouched.
fn clear(host: &mut dyn Machine, at: Physical, zeros: &[u8]) {
    let mut bytes = [0; 4096];
    let bytes = &mut bytes[..zeros.len()];
    host.read(at, bytes);
    if bytes != zeros {
        host.write(at, zeros);
    }
}
