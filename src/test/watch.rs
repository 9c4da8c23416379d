//! Watching a suite run: events as they come, a progress bar for those who wait, and Ctrl-C.

use crate::args::TestFormat;
use crate::interrupt::{self, Interrupt};
use crate::output;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use pg32_harness::{CaseReport, CaseSummary, CellResult, Watch};
use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Nobody wants to see a bar that is gone before it is read.
const BAR_AFTER: Duration = Duration::from_secs(1);

pub(crate) struct Watcher {
    format: TestFormat,
    started: Instant,
    bar: ProgressBar,
    failed: AtomicUsize,
    interrupt: Interrupt,
    events: Mutex<InOrder>,
}

/// Events of cases that have ended, held back until those of all cases before them have been told.
#[derive(Default)]
struct InOrder {
    next: usize,
    waiting: BTreeMap<usize, String>,
}

impl Watcher {
    pub(crate) fn new(format: TestFormat) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        let style = ProgressStyle::with_template("{bar:40} {pos}/{len} cells{msg}, {elapsed}");
        bar.set_style(style.expect("the template is one"));
        Watcher {
            format,
            started: Instant::now(),
            bar,
            failed: AtomicUsize::new(0),
            interrupt: interrupt::flag(),
            events: Mutex::new(InOrder::default()),
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn show_bar(&self) {
        if self.bar.is_hidden() && self.started.elapsed() >= BAR_AFTER && std::io::stderr().is_terminal() {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }
}

impl Watch for Watcher {
    fn planned(&self, cells: usize) {
        self.bar.set_length(cells as u64);
    }

    fn cell(&self, result: &CellResult) {
        if matches!(result, CellResult::Failed(_)) {
            let failed = self.failed.fetch_add(1, Ordering::Relaxed) + 1;
            self.bar.set_message(format!(", {failed} failed"));
        }
        self.show_bar();
        self.bar.inc(1);
    }

    fn case(&self, index: usize, report: &CaseReport) {
        if self.format != TestFormat::Json {
            return;
        }
        let event = case_event(report);
        let mut order = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        order.waiting.insert(index, event);
        loop {
            let next = order.next;
            let Some(event) = order.waiting.remove(&next) else { break };
            output::result(event.as_bytes());
            order.next += 1;
        }
    }

    fn interrupted(&self) -> bool {
        self.interrupt.is_set()
    }
}

/// `{"event": "case", …}`, one line.
fn case_event(report: &CaseReport) -> String {
    event("case", &CaseSummary::new(report))
}

/// An object with its kind first, one line.
pub(crate) fn event(kind: &str, value: &impl serde::Serialize) -> String {
    #[derive(serde::Serialize)]
    struct Event<'a, T> {
        event: &'a str,
        #[serde(flatten)]
        value: &'a T,
    }
    crate::run::json(&Event { event: kind, value })
}
