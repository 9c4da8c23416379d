//! A virtual machine as a machine: one guest with its monitor, offering what the bare machine offers.

use crate::dispatcher::Grant;
use crate::{GuestId, GuestSpec, NoRoom, Stats, Vmm};
use pg32_isa::{Physical, Psw, Reg};
use pg32_vm::{Console, Machine, Ran, Translation, Until};

/// A monitor with a single guest, seen from the guest's side. It is a [`Machine`], so that another monitor can
/// run on it.
pub struct VirtualMachine {
    vmm: Vmm,
    guest: GuestId,
}

impl VirtualMachine {
    /// A virtual machine at reset on `host`.
    ///
    /// # Errors
    /// If `host` has no room for `spec.size` bytes beside the monitor's own.
    pub fn new(host: Box<dyn Machine>, spec: GuestSpec) -> Result<Self, NoRoom> {
        let mut vmm = Vmm::new(host);
        let guest = vmm.create(spec)?;
        Ok(VirtualMachine { vmm, guest })
    }

    /// What running it took.
    #[must_use]
    pub fn stats(&self) -> &Stats {
        self.vmm.guest(self.guest).stats()
    }

    /// The machine that its monitor runs on.
    #[must_use]
    pub fn host(&self) -> &dyn Machine {
        self.vmm.host()
    }
}

impl Machine for VirtualMachine {
    fn storage_size(&self) -> u32 {
        self.vmm.guest(self.guest).window().size
    }

    fn read(&self, at: Physical, bytes: &mut [u8]) {
        let at = self.vmm.guest(self.guest).window().locate(at, bytes.len());
        self.vmm.host().read(at.on_host(), bytes);
    }

    fn write(&mut self, at: Physical, bytes: &[u8]) {
        let at = self.vmm.guest(self.guest).window().locate(at, bytes.len());
        self.vmm.host_mut().write(at.on_host(), bytes);
    }

    fn register(&self, reg: Reg) -> u32 {
        self.vmm.register(self.guest, reg)
    }

    fn set_register(&mut self, reg: Reg, value: u32) {
        self.vmm.make_resident(self.guest);
        self.vmm.host_mut().set_register(reg, value);
    }

    fn psw(&self) -> Psw {
        self.vmm.guest(self.guest).psw()
    }

    fn set_psw(&mut self, psw: Psw) {
        self.vmm.guest_mut(self.guest).psw = psw;
    }

    fn run(&mut self, until: Until) -> Ran {
        self.vmm.run(self.guest, until, Grant::Open)
    }

    fn set_translation(&mut self, translation: Translation) {
        self.vmm.guest_mut(self.guest).translation = translation;
    }

    fn console(&self) -> &Console {
        self.vmm.guest(self.guest).console()
    }

    fn halted(&self) -> bool {
        self.vmm.guest(self.guest).halted()
    }

    fn idle_traps(&self) -> u64 {
        self.vmm.guest(self.guest).tally.idle_traps
    }

    fn fork(&self) -> Box<dyn Machine> {
        Box::new(VirtualMachine { vmm: self.vmm.fork(), guest: self.guest })
    }
}
