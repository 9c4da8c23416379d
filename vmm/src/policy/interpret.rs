//! Interpret: complete software interpretation, exact on every profile and no virtual machine monitor.

use super::{Policy, Way};

pub(super) const POLICY: Policy = Policy {
    name: "interpret",
    summary: "every step is interpreted in software",
    supervisor: Way::Software,
    user: Way::Software,
};
