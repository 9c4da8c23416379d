//! The virtual machine as an instruction's meaning sees it: the monitor's records over the real machine.

use crate::Guest;
use pg32_isa::{Physical, Psw, Reg};
use pg32_vm::{Console, Machine, Processor, Translation};

/// A guest whose registers are in the real machine, as a processor: virtual PSW and console from the monitor's
/// records, storage through the window, `SZ = w`. Interpreter routines run on this.
pub struct VirtualProcessor<'a, H: Machine + ?Sized = dyn Machine> {
    /// The real machine.
    pub(crate) host: &'a mut H,
    /// The virtual machine's records.
    pub(crate) guest: &'a mut Guest,
    /// What a real trap brings the monitor control with.
    pub(crate) monitor: &'a Psw,
    /// What the real machine's user mode is run from.
    pub(crate) translation: &'a mut Translation,
}

impl<H: Machine + ?Sized> VirtualProcessor<'_, H> {
    /// Chooses what the real machine's user mode is run from.
    #[inline]
    pub(crate) fn run_from(&mut self, translation: Translation) {
        if *self.translation != translation {
            *self.translation = translation;
            self.host.set_translation(translation);
        }
    }
}

impl<H: Machine + ?Sized> Processor for VirtualProcessor<'_, H> {
    #[inline]
    fn storage_size(&self) -> u32 {
        self.guest.window.size
    }

    #[inline(always)]
    fn read(&self, at: Physical, bytes: &mut [u8]) {
        let at = self.guest.window.locate(at, bytes.len());
        bytes.copy_from_slice(self.host.storage(at.on_host(), bytes.len()));
    }

    #[inline]
    fn write(&mut self, at: Physical, bytes: &[u8]) {
        let at = self.guest.window.locate(at, bytes.len());
        self.host.storage_mut(at.on_host(), bytes.len()).copy_from_slice(bytes);
    }

    #[inline]
    fn register(&self, reg: Reg) -> u32 {
        self.host.register(reg)
    }

    #[inline]
    fn set_register(&mut self, reg: Reg, value: u32) {
        self.host.set_register(reg, value);
    }

    #[inline]
    fn psw(&self) -> Psw {
        self.guest.psw
    }

    #[inline]
    fn set_psw(&mut self, psw: Psw) {
        self.guest.psw = psw;
    }

    fn console_mut(&mut self) -> &mut Console {
        &mut self.guest.console
    }

    fn set_halted(&mut self) {
        self.guest.halted = true;
    }
}
