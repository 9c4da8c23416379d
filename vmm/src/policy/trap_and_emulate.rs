//! Trap-and-emulate: the paper's virtual machine monitor, exact where Theorem 1's premise holds.

use super::{Policy, Way};

pub(super) const POLICY: Policy = Policy {
    name: "trap-and-emulate",
    summary: "everything runs in user mode; privileged instructions trap and are interpreted",
    supervisor: Way::Direct,
    user: Way::Direct,
};
