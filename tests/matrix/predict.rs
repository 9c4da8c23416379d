//! What a classification says about a monitor, by the theorems and by nothing else.

use pg32_theory::{Classification, Theorem, Verdict};
use pg32_vmm::Monitor;

/// The properties that depend on the profile.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Properties {
    /// Nothing tells the virtual machine from a bare one.
    pub(crate) equivalence: bool,
    /// Nothing but its own window and console is within the guest's reach.
    pub(crate) resource_control: bool,
}

/// Equivalence where the monitor's theorem covers the profile; resource control where, beside that, nothing that
/// runs directly in user mode and is not privileged is control-sensitive there.
pub(crate) fn predict(classification: &Classification, monitor: Monitor) -> Properties {
    let holds = |theorem| Verdict::of(theorem, classification, None).holds();
    let escapes = classification.instructions.iter().any(|c| c.control_u.found() && !c.is_privileged());
    match monitor {
        Monitor::TrapAndEmulate => {
            Properties { equivalence: holds(Theorem::Monitor), resource_control: !escapes }
        }
        Monitor::Hybrid => Properties { equivalence: holds(Theorem::Hybrid), resource_control: !escapes },
        Monitor::Translate | Monitor::Interpret => Properties { equivalence: true, resource_control: true },
    }
}
