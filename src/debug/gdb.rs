//! gdb's requests, answered by the debugger.

use super::description::{All, Number, Pg32};
use crate::output;
use gdbstub::common::Signal;
use gdbstub::conn::ConnectionExt;
use gdbstub::stub::SingleThreadStopReason;
use gdbstub::stub::run_blocking::{BlockingEventLoop, Event, WaitForStopReasonError};
use gdbstub::target::ext::base::BaseOps;
use gdbstub::target::ext::base::reverse_exec::{
    ReplayLogPosition, ReverseCont, ReverseContOps, ReverseStep, ReverseStepOps,
};
use gdbstub::target::ext::base::single_register_access::{SingleRegisterAccess, SingleRegisterAccessOps};
use gdbstub::target::ext::base::singlethread::{
    SingleThreadBase, SingleThreadRangeStepping, SingleThreadRangeSteppingOps, SingleThreadResume,
    SingleThreadResumeOps, SingleThreadSingleStep, SingleThreadSingleStepOps,
};
use gdbstub::target::ext::breakpoints::{
    self, Breakpoints, BreakpointsOps, HwBreakpoint, HwBreakpointOps, HwWatchpoint, HwWatchpointOps,
    SwBreakpoint, SwBreakpointOps,
};
use gdbstub::target::ext::monitor_cmd::{ConsoleOutput, MonitorCmd, MonitorCmdOps, outputln};
use gdbstub::target::{Target as GdbTarget, TargetError, TargetResult};
use pg32_harness::{Debugger, Finished, Observation, Setup, Stop, WatchKind, Watchpoint, ending, snapshot};
use pg32_isa::Physical;
use pg32_vm::{Pause, Ran};
use std::convert::Infallible;
use std::net::TcpStream;
use std::ops::Range;

/// Steps between two looks at whether gdb has something to say.
const PATIENCE: u64 = 1 << 16;

/// A debugger, and what gdb last asked it to do.
pub(crate) struct Target {
    debugger: Debugger,
    setup: Setup,
    going: Going,
    /// Bytes of console output that have been shown. What is run again is not shown again.
    shown: usize,
}

/// How gdb wants the machine to go.
#[derive(Clone)]
enum Going {
    On,
    Step,
    /// On as long as the next instruction lies in this range.
    Through(Range<u32>),
    Back,
    StepBack,
}

impl Target {
    pub(crate) fn new(debugger: Debugger, setup: Setup) -> Self {
        Target { debugger, setup, going: Going::On, shown: 0 }
    }

    /// Goes on for a while; why it stopped, if it did. `give_up` is asked while going back, which happens at once.
    fn go(&mut self, give_up: impl FnMut() -> bool) -> Option<Stop> {
        let stop = match &self.going {
            Going::On => self.debugger.run(PATIENCE),
            Going::Step => Some(self.debugger.step()),
            Going::Through(range) => {
                let range = range.clone();
                through(&mut self.debugger, &range)
            }
            Going::Back => self.debugger.run_back(give_up),
            Going::StepBack => Some(self.debugger.step_back()),
        };
        let output = self.debugger.machine().console().output();
        if output.len() > self.shown {
            output::result(&output[self.shown..]);
            self.shown = output.len();
        }
        if let Some(Stop::End(pause)) = stop {
            let machine = self.debugger.machine();
            let how = ending(pause, machine.register(pg32_isa::Reg::A0), machine.idle_traps());
            output::talk(&format!("{how}; {} steps", self.debugger.steps()));
        }
        stop
    }
}

/// Steps through a range of addresses, at least once, for a while.
fn through(debugger: &mut Debugger, range: &Range<u32>) -> Option<Stop> {
    for _ in 0..PATIENCE {
        match debugger.step() {
            Stop::Stepped if range.contains(&debugger.pc()) => {}
            Stop::Stepped => return Some(Stop::Stepped),
            stop => return Some(stop),
        }
        // A breakpoint inside the range stops here; nothing has been run beyond it.
        if let Some(stop) = debugger.here() {
            return Some(stop);
        }
    }
    None
}

fn reason(stop: Stop) -> SingleThreadStopReason<u32> {
    match stop {
        Stop::Stepped => SingleThreadStopReason::DoneStep,
        Stop::Breakpoint => SingleThreadStopReason::SwBreak(()),
        Stop::Watchpoint(Watchpoint { range, kind }) => {
            let kind = match kind {
                WatchKind::Read => breakpoints::WatchKind::Read,
                WatchKind::Write => breakpoints::WatchKind::Write,
                WatchKind::Access => breakpoints::WatchKind::ReadWrite,
            };
            SingleThreadStopReason::Watch { tid: (), kind, addr: range.start as u32 }
        }
        Stop::Begin => SingleThreadStopReason::ReplayLog { tid: None, pos: ReplayLogPosition::Begin },
        // The way back stays open, which it would not if the program had exited.
        Stop::End(_) => SingleThreadStopReason::ReplayLog { tid: None, pos: ReplayLogPosition::End },
    }
}

/// How gdb and the machine take turns.
pub(crate) enum Events {}

impl BlockingEventLoop for Events {
    type Target = Target;
    type Connection = TcpStream;
    type StopReason = SingleThreadStopReason<u32>;

    fn wait_for_stop_reason(
        target: &mut Target,
        connection: &mut TcpStream,
    ) -> Result<Event<Self::StopReason>, WaitForStopReasonError<Infallible, std::io::Error>> {
        loop {
            // A connection that is gone is found out when it is read from.
            if let Some(stop) = target.go(|| !matches!(connection.peek(), Ok(None))) {
                return Ok(Event::TargetStopped(reason(stop)));
            }
            if connection.peek().map_err(WaitForStopReasonError::Connection)?.is_some() {
                let byte = connection.read().map_err(WaitForStopReasonError::Connection)?;
                return Ok(Event::IncomingData(byte));
            }
        }
    }

    fn on_interrupt(_: &mut Target) -> Result<Option<Self::StopReason>, Infallible> {
        Ok(Some(SingleThreadStopReason::Signal(Signal::SIGINT)))
    }
}

impl GdbTarget for Target {
    type Arch = Pg32;
    type Error = Infallible;

    fn base_ops(&mut self) -> BaseOps<'_, Pg32, Infallible> {
        BaseOps::SingleThread(self)
    }

    fn support_breakpoints(&mut self) -> Option<BreakpointsOps<'_, Self>> {
        Some(self)
    }

    fn support_monitor_cmd(&mut self) -> Option<MonitorCmdOps<'_, Self>> {
        Some(self)
    }

    // Breakpoints are kept here and change nothing in storage.
    fn guard_rail_implicit_sw_breakpoints(&self) -> bool {
        true
    }
}

impl SingleThreadBase for Target {
    fn read_registers(&mut self, registers: &mut All) -> TargetResult<(), Self> {
        *registers = All::of(self.debugger.machine());
        Ok(())
    }

    fn write_registers(&mut self, registers: &All) -> TargetResult<(), Self> {
        let changes = registers.changes(&All::of(self.debugger.machine()));
        self.debugger
            .change(|machine| changes.iter().for_each(|(number, value)| number.write(machine, *value)));
        Ok(())
    }

    fn support_single_register_access(&mut self) -> Option<SingleRegisterAccessOps<'_, (), Self>> {
        Some(self)
    }

    fn read_addrs(&mut self, start: u32, data: &mut [u8]) -> TargetResult<usize, Self> {
        let machine = self.debugger.machine();
        let there = machine.storage_size().checked_sub(start).filter(|there| *there > 0);
        let length = data.len().min(there.ok_or(TargetError::NonFatal)? as usize);
        machine.read(Physical(start), &mut data[..length]);
        Ok(length)
    }

    fn write_addrs(&mut self, start: u32, data: &[u8]) -> TargetResult<(), Self> {
        let end = u64::from(start) + data.len() as u64;
        if end > u64::from(self.debugger.machine().storage_size()) {
            return Err(TargetError::NonFatal);
        }
        self.debugger.change(|machine| machine.write(Physical(start), data));
        Ok(())
    }

    fn support_resume(&mut self) -> Option<SingleThreadResumeOps<'_, Self>> {
        Some(self)
    }
}

impl SingleRegisterAccess<()> for Target {
    fn read_register(&mut self, (): (), number: Number, bytes: &mut [u8]) -> TargetResult<usize, Self> {
        let value = number.read(self.debugger.machine()).to_le_bytes();
        bytes.get_mut(..value.len()).ok_or(TargetError::NonFatal)?.copy_from_slice(&value);
        Ok(value.len())
    }

    fn write_register(&mut self, (): (), number: Number, bytes: &[u8]) -> TargetResult<(), Self> {
        let value = u32::from_le_bytes(bytes.try_into().map_err(|_| TargetError::NonFatal)?);
        self.debugger.change(|machine| number.write(machine, value));
        Ok(())
    }
}

/// What gdb asks for is done where it waits for the answer.
impl SingleThreadResume for Target {
    fn resume(&mut self, _: Option<Signal>) -> Result<(), Infallible> {
        self.going = Going::On;
        Ok(())
    }

    fn support_single_step(&mut self) -> Option<SingleThreadSingleStepOps<'_, Self>> {
        Some(self)
    }

    fn support_range_step(&mut self) -> Option<SingleThreadRangeSteppingOps<'_, Self>> {
        Some(self)
    }

    fn support_reverse_step(&mut self) -> Option<ReverseStepOps<'_, (), Self>> {
        Some(self)
    }

    fn support_reverse_cont(&mut self) -> Option<ReverseContOps<'_, (), Self>> {
        Some(self)
    }
}

impl SingleThreadSingleStep for Target {
    fn step(&mut self, _: Option<Signal>) -> Result<(), Infallible> {
        self.going = Going::Step;
        Ok(())
    }
}

impl SingleThreadRangeStepping for Target {
    fn resume_range_step(&mut self, start: u32, end: u32) -> Result<(), Infallible> {
        self.going = Going::Through(start..end);
        Ok(())
    }
}

impl ReverseStep<()> for Target {
    fn reverse_step(&mut self, (): ()) -> Result<(), Infallible> {
        self.going = Going::StepBack;
        Ok(())
    }
}

impl ReverseCont<()> for Target {
    fn reverse_cont(&mut self) -> Result<(), Infallible> {
        self.going = Going::Back;
        Ok(())
    }
}

impl Breakpoints for Target {
    fn support_sw_breakpoint(&mut self) -> Option<SwBreakpointOps<'_, Self>> {
        Some(self)
    }

    fn support_hw_breakpoint(&mut self) -> Option<HwBreakpointOps<'_, Self>> {
        Some(self)
    }

    fn support_hw_watchpoint(&mut self) -> Option<HwWatchpointOps<'_, Self>> {
        Some(self)
    }
}

impl SwBreakpoint for Target {
    fn add_sw_breakpoint(&mut self, at: u32, _: usize) -> TargetResult<bool, Self> {
        self.debugger.add_breakpoint(at);
        Ok(true)
    }

    fn remove_sw_breakpoint(&mut self, at: u32, _: usize) -> TargetResult<bool, Self> {
        Ok(self.debugger.remove_breakpoint(at))
    }
}

impl HwBreakpoint for Target {
    fn add_hw_breakpoint(&mut self, at: u32, kind: usize) -> TargetResult<bool, Self> {
        self.add_sw_breakpoint(at, kind)
    }

    fn remove_hw_breakpoint(&mut self, at: u32, kind: usize) -> TargetResult<bool, Self> {
        self.remove_sw_breakpoint(at, kind)
    }
}

fn watchpoint(at: u32, length: u32, kind: breakpoints::WatchKind) -> Watchpoint {
    let kind = match kind {
        breakpoints::WatchKind::Read => WatchKind::Read,
        breakpoints::WatchKind::Write => WatchKind::Write,
        breakpoints::WatchKind::ReadWrite => WatchKind::Access,
    };
    Watchpoint { range: u64::from(at)..u64::from(at) + u64::from(length), kind }
}

impl HwWatchpoint for Target {
    fn add_hw_watchpoint(
        &mut self,
        at: u32,
        length: u32,
        kind: breakpoints::WatchKind,
    ) -> TargetResult<bool, Self> {
        self.debugger.add_watchpoint(watchpoint(at, length, kind));
        Ok(true)
    }

    fn remove_hw_watchpoint(
        &mut self,
        at: u32,
        length: u32,
        kind: breakpoints::WatchKind,
    ) -> TargetResult<bool, Self> {
        Ok(self.debugger.remove_watchpoint(&watchpoint(at, length, kind)))
    }
}

impl MonitorCmd for Target {
    fn handle_monitor_cmd(&mut self, command: &[u8], mut out: ConsoleOutput<'_>) -> Result<(), Infallible> {
        let steps = self.debugger.steps();
        let machine = self.debugger.machine();
        match command {
            b"steps" => outputln!(out, "{steps}"),
            b"trap" => match machine.last_trap() {
                Some((old, trap)) => {
                    outputln!(out, "{} in {}, PC={:#x}, info={:#x}", trap.cause, old.mode, old.pc, trap.info)
                }
                None => outputln!(out, "none yet"),
            },
            b"state" => {
                let state = Observation::of(machine, steps);
                let ran = Ran { steps, pause: if machine.halted() { Pause::Halted } else { Pause::Steps } };
                let (setup, idle_traps) = (&self.setup, machine.idle_traps());
                out.write_raw(
                    snapshot(&Finished { setup, state: &state, ran, idle_traps, log: None }).as_bytes(),
                );
            }
            _ => outputln!(
                out,
                "monitor steps: steps taken; monitor trap: the last one; monitor state: all of it"
            ),
        }
        Ok(())
    }
}
