//! Which monitor a cell runs under: one of ours, or a PG32 program of the suite's.

use pg32_vmm::Monitor;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// A kind of monitor. Ours come first, in their own order.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum MonitorKind {
    /// One of the policies.
    BuiltIn(Monitor),
    /// A monitor that is itself a PG32 program, by the name of its file.
    SelfHosted(Arc<str>),
}

impl MonitorKind {
    /// What it is called in headers, tables and reports.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            MonitorKind::BuiltIn(monitor) => monitor.name(),
            MonitorKind::SelfHosted(name) => name,
        }
    }
}

impl fmt::Display for MonitorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A monitor of the suite's own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OwnMonitor {
    /// The name of its file.
    pub name: Arc<str>,
    /// Its file.
    pub file: PathBuf,
}

impl OwnMonitor {
    /// The monitor in `file`.
    #[must_use]
    pub fn new(file: PathBuf) -> Self {
        let name = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy().into();
        OwnMonitor { name, file }
    }
}
