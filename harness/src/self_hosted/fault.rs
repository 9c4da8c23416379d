//! A monitor that failed its guest, told: how, out of which instruction of the guest, and where in its own source.

use super::MonitorFailure;
use crate::narrative::{drawn, exit_in_words};
use crate::wording::code_place;
use pg32_assembler::render::Colour;
use pg32_image::Image;
use pg32_isa::Psw;
use pg32_vm::Exit;
use std::fmt::Write;
use std::sync::Arc;

/// A monitor's failure, and where everyone was.
#[derive(Clone, Debug)]
pub struct MonitorFault {
    /// The guest's steps until then.
    pub step: u64,
    /// How it failed.
    pub failure: MonitorFailure,
    /// The last exit out of the guest, which may be the one that the monitor did not answer.
    pub exit: Option<Exit>,
    /// The PSW of the machine that the monitors run on.
    pub monitor: Psw,
    /// What that machine booted: the monitors with the guest in them, and their sources.
    pub image: Arc<Image>,
}

impl MonitorFault {
    /// The fault in words, and the source lines of guest and monitor in a picture. `guest` is
    /// the guest's own image.
    #[must_use]
    pub fn describe(&self, guest: &Image, colour: Colour) -> String {
        let mut places: Vec<(&Image, Psw, String)> =
            vec![(self.image.as_ref(), self.monitor, "the monitor is here".into())];
        if let Some(exit) = &self.exit {
            places.push((guest, exit.psw, "the guest gave up the processor here".into()));
        }
        let title = format!("the monitor fails behind step {}: {}", self.step, self.failure);
        let mut text = drawn("Failure", &title, &places, colour);
        // Writing to a string does not fail.
        let at = code_place(&self.image, &self.monitor);
        let _ = writeln!(text, "  the machine below: M={} PC={:#x}{at}", self.monitor.mode, self.monitor.pc);
        let exit = exit_in_words(self.exit.as_ref(), Some((guest, None)));
        let _ = writeln!(text, "  last exit to the monitor: {exit}");
        text
    }
}
