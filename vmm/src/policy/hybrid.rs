//! Hybrid: the paper's hybrid monitor, exact where Theorem 3's premise holds.

use super::{Policy, Way};
use pg32_isa::Mode;

pub(super) const POLICY: Policy = Policy {
    name: "hybrid",
    summary: "virtual supervisor mode is interpreted, virtual user mode runs directly",
    way: |mode| match mode {
        Mode::Supervisor => Way::Software,
        Mode::User => Way::Direct,
    },
};
