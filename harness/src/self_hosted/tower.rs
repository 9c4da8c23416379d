//! Self-hosted monitors to order: one monitor's image any number of times on itself, the guest innermost.

use super::{ComposeError, Contract, compose};
use crate::{Setup, SetupError};
use pg32_image::Image;
use pg32_vm::{Machine, check_size};
use pg32_vmm::Monitor;
use std::fmt;
use std::sync::Arc;

/// A booted machine on which monitors are about to set up a guest.
pub struct Hosted {
    pub(super) machine: Box<dyn Machine>,
    /// What it booted.
    pub(super) image: Arc<Image>,
    /// The outermost first; addresses count from the start of the machine. All windows begin in its storage.
    pub(super) levels: Vec<Contract>,
    pub(super) output_limit: u64,
}

/// A tower that cannot be built.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum HostedError {
    /// Monitor and guest do not go together.
    Compose(ComposeError),
    /// The machine cannot be set up.
    Setup(SetupError),
}

impl fmt::Display for HostedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HostedError::Compose(error) => error.fmt(f),
            HostedError::Setup(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for HostedError {}

impl Hosted {
    /// The guest of `setup` under `depth` copies of `monitor`, one on the other, at least one; the outermost runs
    /// on the bare machine, or on top of the Rust monitors `below`, the outermost of these first. The guest has
    /// `setup.memory` bytes of storage, and each monitor what it needs beside.
    ///
    /// # Errors
    /// If the images do not go together, or no machine is large enough.
    pub fn new(setup: &Setup, monitor: &Image, depth: usize, below: &[Monitor]) -> Result<Self, HostedError> {
        assert!(depth > 0, "a guest without a monitor is a bare one");
        setup.fits().map_err(HostedError::Setup)?;
        let contract = Contract::of(monitor).map_err(|e| HostedError::Compose(ComposeError::Contract(e)))?;
        let needed = u64::from(setup.memory) + u64::from(contract.window) * depth as u64;
        let memory = check_size(needed).map_err(|_| HostedError::Setup(SetupError::Tower { needed }))?;
        let mut image = Arc::clone(&setup.image);
        for _ in 0..depth {
            image = Arc::new(compose(monitor, &image).map_err(HostedError::Compose)?);
        }
        // The monitors write what the guest writes, and must be able to end the step in which it writes too much.
        let composed = Setup { image: Arc::clone(&image), memory, output_limit: u64::MAX, ..setup.clone() };
        let machine = composed.tower(below).map_err(HostedError::Setup)?;
        let levels = Contract::stack(&vec![contract; depth]).expect("every window begins in storage");
        Ok(Hosted { machine, image, levels, output_limit: setup.output_limit })
    }
}
