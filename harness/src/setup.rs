//! Machines to order: a bare one, or a tower of monitors with the guest on top.

use pg32_image::Image;
use pg32_isa::Profile;
use pg32_vm::{Bare, BootError, Console, EngineKind, Machine, boot, check_size};
use pg32_vmm::{GuestSpec, Host, Monitor, VirtualMachine, Vmm};
use std::fmt;
use std::sync::Arc;

/// What a run starts from, whoever executes it.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The image to boot.
    pub image: Arc<Image>,
    /// `SZ` of the bare machine and `w` of the virtual one, bytes: what [`check_size`] accepts.
    pub memory: u32,
    /// The profile.
    pub profile: Profile,
    /// The engine of the real machine.
    pub engine: EngineKind,
    /// The input tape.
    pub input: Arc<[u8]>,
    /// Bytes of console output beyond which the run pauses.
    pub output_limit: u64,
}

/// A machine that cannot be set up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SetupError {
    /// The image does not fit.
    Boot(BootError),
    /// The real machine under the monitors would need more storage than a machine can have.
    Tower {
        /// Bytes of real storage needed.
        needed: u64,
    },
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SetupError::Boot(error) => error.fmt(f),
            SetupError::Tower { needed } => {
                write!(
                    f,
                    "the real machine would need {needed} bytes of storage, more than a machine can have"
                )
            }
        }
    }
}

impl std::error::Error for SetupError {}

impl Setup {
    fn console(&self) -> Console {
        Console::new(Arc::clone(&self.input)).with_output_limit(self.output_limit)
    }

    /// The bare machine, booted.
    ///
    /// # Errors
    /// If the image does not fit.
    pub fn bare(&self) -> Result<Box<dyn Machine>, SetupError> {
        self.fits()?;
        let mut machine = Bare::new(self.memory, self.profile.clone(), self.engine, self.console());
        boot(&mut machine, &self.image).map_err(SetupError::Boot)?;
        Ok(Box::new(machine))
    }

    /// The guest under `monitors`, the outermost first, booted. With no monitors this is the bare machine.
    ///
    /// # Errors
    /// If the image does not fit, or the real machine would be too large.
    pub fn tower(&self, monitors: &[Monitor]) -> Result<Box<dyn Machine>, SetupError> {
        if monitors.is_empty() { self.bare() } else { Ok(Box::new(self.virtual_machine(monitors)?)) }
    }

    /// The guest under `monitors`, of which there is at least one, as the virtual machine that it is.
    ///
    /// # Errors
    /// If the image does not fit, or the real machine would be too large.
    pub fn virtual_machine(&self, monitors: &[Monitor]) -> Result<VirtualMachine, SetupError> {
        let (innermost, outer) = monitors.split_last().expect("a virtual machine has a monitor");
        let host = self.stack(outer, monitors.len())?;
        let spec = self.guest(innermost.policy(), self.memory);
        let mut machine = VirtualMachine::new(host, spec).expect("storage was computed to fit");
        boot(&mut machine, &self.image).map_err(SetupError::Boot)?;
        Ok(machine)
    }

    /// The machines below the innermost monitor of a tower of `depth`.
    fn stack(&self, outer: &[Monitor], depth: usize) -> Result<Host, SetupError> {
        self.fits()?;
        let levels = |n: usize| u64::from(self.memory) + u64::from(Vmm::OVERHEAD) * n as u64;
        let needed = levels(depth);
        let real = check_size(needed).map_err(|_| SetupError::Tower { needed })?;
        // A guest that reaches the real console (on a profile that lets it) is held to the same limits.
        let console = Console::default().with_output_limit(self.output_limit);
        let real = Bare::new(real, self.profile.clone(), self.engine, console);
        let mut machine = Host::Real(Box::new(real));
        for (level, monitor) in outer.iter().enumerate() {
            let size = levels(depth - 1 - level) as u32;
            let spec = self.guest(monitor.policy(), size);
            let level = VirtualMachine::new(machine, spec).expect("storage was computed to fit");
            machine = Host::Virtual(Box::new(level));
        }
        Ok(machine)
    }

    /// A monitor with no guest yet, on top of `outer` others, with room for guests of `bytes` in all.
    ///
    /// # Errors
    /// If the real machine would be too large.
    pub fn monitor(&self, outer: &[Monitor], bytes: u64) -> Result<Vmm, SetupError> {
        let needed = bytes + u64::from(Vmm::OVERHEAD) * (outer.len() as u64 + 1);
        check_size(needed).map_err(|_| SetupError::Tower { needed })?;
        let room = Setup { memory: bytes as u32, ..self.clone() };
        Ok(Vmm::new(room.stack(outer, outer.len() + 1)?))
    }

    /// What this setup's guest is to be under `policy`.
    #[must_use]
    pub fn guest(&self, policy: &'static pg32_vmm::Policy, size: u32) -> GuestSpec {
        GuestSpec { size, policy, profile: self.profile.clone(), console: self.console() }
    }

    /// Says no before any storage is asked for.
    pub(crate) fn fits(&self) -> Result<(), SetupError> {
        let needed = self.image.extent();
        if needed > u64::from(self.memory) {
            return Err(SetupError::Boot(BootError { needed, size: self.memory }));
        }
        Ok(())
    }
}
