//! Hybrid: the paper's hybrid monitor, exact where Theorem 3's premise holds.

use super::{Policy, Way};

pub(super) const POLICY: Policy = Policy {
    name: "hybrid",
    summary: "virtual supervisor mode is interpreted, virtual user mode runs directly",
    supervisor: Way::Software,
    user: Way::Direct,
};
