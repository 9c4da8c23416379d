//! Equivalence as a library: the same image bare and virtual, compared to the bit, and told about in words.

#![forbid(unsafe_code)]

mod accesses;
mod bless;
mod case;
mod cells;
mod debugger;
mod difference;
mod fuzz;
mod grade;
mod history;
mod load;
mod lockstep;
mod monitor_kind;
mod narrative;
mod observation;
mod points;
mod replay;
mod report;
mod runner;
mod self_hosted;
mod setup;
mod snapshot;
mod snapshot_diff;
mod snapshot_file;
mod state_json;
mod suite;
mod table;
mod text_diff;
mod trace;
mod trap_log;
mod whole_file;
mod wording;

pub use accesses::Accesses;
pub use bless::{Bless, remove_leftovers, snapshot_path, unreferenced_snapshots};
pub use case::{CaseConfig, CellPattern, ConfigError, Expect, Grading, Input, case_config, parse_size};
pub use cells::{Cell, CellResult, Failure, Host, cells, check_bare, compare_cell};
pub use debugger::{Debugger, Stop, WatchKind, Watchpoint};
pub use difference::{Difference, differences};
pub use fuzz::{Assemble, Contestant, Finding, Fuzz, FuzzReport, Kind, Make, assemble_guest};
pub use grade::{Grade, Grades, grade};
pub use history::{Found, History};
pub use load::{Fence, LoadError, Loaded, Loader, is_source};
pub use lockstep::{Agreement, Divergence, Side, Verdict, lockstep};
pub use monitor_kind::{MonitorKind, OwnMonitor};
pub use narrative::describe_divergence;
pub use observation::{Observation, same_state};
pub use replay::{Replay, ReplayedMonitor};
pub use report::{
    CaseSummary, CellSummary, Counts, FileDifference, Place, SuiteSummary, github_annotations, html_diff,
    html_report, junit_report, replays,
};
pub use runner::{CaseReport, Shard, Unwatched, Watch, run_cases, run_cell};
pub use self_hosted::{
    ComposeError, Contract, ContractError, Cost, GUEST_PREFIX, Hosted, HostedError, HostedRun, HostedVerdict,
    MonitorFailure, MonitorFault, Watched, compare_hosted, compare_hosted_until, compose, contracts,
};
pub use setup::{Setup, SetupError};
pub use snapshot::{Finished, ending, snapshot, snapshot_of};
pub use snapshot_diff::snapshot_differences;
pub use snapshot_file::{
    Comparison, SnapshotError, compare_snapshot, pending, read_snapshot, write_snapshot,
};
pub use state_json::StateJson;
pub use suite::{Case, CaseError, OwnImages, Ready, SUITE_FILE, SuiteOptions, find_cases};
pub use table::suite_table;
pub use text_diff::{text_differences, unified};
pub use trace::{Followed, Trace};
pub use trap_log::{Logged, TrapEntry, TrapLog};
pub use whole_file::write_file;
