//! Ctrl-C: the first asks for an end with a summary, the second is one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the user has asked for an end.
#[derive(Clone)]
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The status of a program that a signal ended, by the shell's custom.
const KILLED: i32 = 130;

/// Watches for Ctrl-C and termination from now on.
pub(crate) fn flag() -> Interrupt {
    let interrupt = Interrupt(Arc::new(AtomicBool::new(false)));
    let flag = Arc::clone(&interrupt.0);
    // A handler that cannot be set leaves Ctrl-C as it is.
    let _ = ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(KILLED);
        }
    });
    interrupt
}
