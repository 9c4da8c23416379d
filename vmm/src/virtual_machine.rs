//! A virtual machine as a machine: one guest with its monitor, offering what the bare machine offers.

use crate::dispatcher::Grant;
use crate::{Guest, GuestId, GuestSpec, Host, NoRoom, Stats, Vmm};
use pg32_isa::{Physical, Psw, Reg};
use pg32_vm::{Console, Exit, Machine, Ran, Translation, Until};
use std::borrow::BorrowMut;

/// One guest of a monitor, seen from the guest's side. It is a [`Machine`], so that another monitor can run on
/// it. It owns its monitor, or borrows one that has other guests too.
pub struct VirtualMachine<V = Vmm> {
    vmm: V,
    guest: GuestId,
}

impl VirtualMachine {
    /// A virtual machine at reset on `host`.
    ///
    /// # Errors
    /// If `host` has no room for `spec.size` bytes beside the monitor's own.
    pub fn new(host: Host, spec: GuestSpec) -> Result<Self, NoRoom> {
        let mut vmm = Vmm::new(host);
        let guest = vmm.create(spec)?;
        Ok(VirtualMachine { vmm, guest })
    }

    /// A copy that goes on from here by itself.
    pub(crate) fn copy(&self) -> Self {
        VirtualMachine { vmm: self.vmm.fork(), guest: self.guest }
    }

    /// The counts of every monitor below this machine, the outermost first, this machine's own last.
    #[must_use]
    pub fn levels(&self) -> Vec<&Stats> {
        let mut levels = match self.vmm.host() {
            Host::Real(_) => Vec::new(),
            Host::Virtual(machine) => machine.levels(),
        };
        levels.push(self.vmm.guest(self.guest).stats());
        levels
    }
}

impl<'a> VirtualMachine<&'a mut Vmm> {
    pub(crate) fn borrowed(vmm: &'a mut Vmm, guest: GuestId) -> Self {
        VirtualMachine { vmm, guest }
    }
}

impl<V: BorrowMut<Vmm> + Send> VirtualMachine<V> {
    fn vmm(&self) -> &Vmm {
        self.vmm.borrow()
    }

    fn records(&self) -> &Guest {
        self.vmm().guest(self.guest)
    }
}

impl<V: BorrowMut<Vmm> + Send> Machine for VirtualMachine<V> {
    fn storage_size(&self) -> u32 {
        self.records().window().size
    }

    fn storage(&self, at: Physical, length: usize) -> &[u8] {
        let at = self.records().window().locate(at, length);
        self.vmm().host().machine().storage(at.on_host(), length)
    }

    fn storage_mut(&mut self, at: Physical, length: usize) -> &mut [u8] {
        let at = self.records().window().locate(at, length);
        self.vmm.borrow_mut().host_mut().storage_mut(at.on_host(), length)
    }

    fn register(&self, reg: Reg) -> u32 {
        self.vmm().register(self.guest, reg)
    }

    fn set_register(&mut self, reg: Reg, value: u32) {
        let vmm = self.vmm.borrow_mut();
        vmm.make_resident(self.guest);
        vmm.host_mut().set_register(reg, value);
    }

    fn psw(&self) -> Psw {
        self.records().psw()
    }

    fn psw_mut(&mut self) -> &mut Psw {
        &mut self.vmm.borrow_mut().guest_mut(self.guest).psw
    }

    fn run(&mut self, until: Until) -> Ran {
        self.vmm.borrow_mut().run(self.guest, until, Grant::Open)
    }

    fn set_translation(&mut self, translation: Translation) {
        self.vmm.borrow_mut().guest_mut(self.guest).translation = translation;
    }

    fn console(&self) -> &Console {
        self.records().console()
    }

    fn halted(&self) -> bool {
        self.records().halted()
    }

    fn idle_traps(&self) -> u64 {
        self.records().tally.idle_traps
    }

    fn engine_stats(&self) -> pg32_vm::Stats {
        self.vmm().host().machine().engine_stats()
    }

    fn last_exits(&self) -> Vec<Option<Exit>> {
        let mut exits = self.vmm().host().machine().last_exits();
        exits.push(self.records().stats().last_exit);
        exits
    }

    fn fork(&self) -> Box<dyn Machine> {
        Box::new(VirtualMachine { vmm: self.vmm().fork(), guest: self.guest })
    }
}
