//! Translate: binary translation, exact on every profile.

use super::{Policy, Way};

pub(super) const POLICY: Policy = Policy {
    name: "translate",
    summary: "code runs from translations in which every system instruction is a call to the monitor",
    supervisor: Way::Translated,
    user: Way::Translated,
};
