//! Differential fuzzing: random guests that know the architecture, on the bare reference machine and on whatever is
//! to do the same; what does not is told with a guest of a few instructions, as a case with its source.

mod generate;
mod guest;
mod shrink;

use crate::trace::{Followed, Trace};
use crate::{Expect, Failure, Hosted, HostedVerdict, Setup, SetupError, Verdict, compare_hosted, lockstep};
use guest::Guest;
use pg32_assembler::{File, FileError, Files, Input, Options, assemble_owned};
use pg32_image::Image;
use pg32_isa::Profile;
use pg32_vm::{EngineKind, Machine, Pause};
use rayon::prelude::*;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Instant;

/// Steps that a guest may take. Most halt sooner.
const STEPS: u64 = 1500;
/// Steps that runs are followed for behind the step at which they part.
const MARGIN: u64 = 16;
/// Bytes of output that a guest may write.
const OUTPUT: u64 = 400;
/// Guests between two looks at the clock.
const BATCH: u64 = 512;

/// A machine to be, given what the bare machine is given.
pub type Make<'a> = dyn Fn(&Setup) -> Result<Box<dyn Machine>, SetupError> + Sync + 'a;

/// Something that is to do what the bare machine does.
pub struct Contestant<'a> {
    /// What it is called.
    pub name: String,
    /// The lines of a case's header that choose it alone, each with its line end.
    pub header: String,
    /// How it is set up.
    pub kind: Kind<'a>,
}

/// Kinds of contestant. The setup that each is given is the reference engine's.
pub enum Kind<'a> {
    /// Any machine.
    Machine(Box<Make<'a>>),
    /// So many copies, at least 1, of a monitor that is itself a PG32 program.
    SelfHosted(Arc<Image>, usize),
}

/// What makes images of sources, none where a source is rejected.
pub type Assemble<'a> = dyn Fn(&str) -> Option<Image> + Sync + 'a;

/// What to fuzz and for how long.
pub struct Fuzz<'a> {
    /// The seed of the first guest; each guest after it has the next.
    pub seed: u64,
    /// Guests to try.
    pub cases: u64,
    /// When to end, even if guests are left.
    pub deadline: Option<Instant>,
    /// The profile of all machines.
    pub profile: Profile,
    /// What a case calls it: its name, or a file named from the folder for cases.
    pub profile_name: String,
    /// Who is held to the bare machine.
    pub contestants: Vec<Contestant<'a>>,
    /// The assembler, which is to make of each guest's source the guest: [`assemble_guest`].
    pub assembler: &'a Assemble<'a>,
    /// Asked between guests whether to end.
    pub stop: &'a (dyn Fn() -> bool + Sync),
}

/// What came of it.
#[derive(Debug)]
pub struct FuzzReport {
    /// Guests tried.
    pub cases: u64,
    /// Steps of their bare runs.
    pub steps: u64,
    /// The first guest that told a contestant from the bare machine.
    pub finding: Option<Finding>,
}

/// A guest that tells, made small.
#[derive(Debug)]
pub struct Finding {
    /// The seed that it came from.
    pub seed: u64,
    /// Who was told from the bare machine; none where source and image of the guest differ.
    pub contestant: Option<usize>,
    /// Words of the guest before and after it was made small.
    pub words: [usize; 2],
    /// A case: header and source.
    pub source: String,
    /// Its image, with its source lines.
    pub image: Arc<Image>,
    /// Where the runs part, or the monitor fails; none where neither does, because the assembler is at fault.
    pub failure: Option<Failure>,
}

impl Fuzz<'_> {
    /// Tries guests until one tells, the cases are used up, or the time is.
    #[must_use]
    pub fn run(&self) -> FuzzReport {
        let mut report = FuzzReport { cases: 0, steps: 0, finding: None };
        while report.cases < self.cases && !self.is_over() {
            let batch = BATCH.min(self.cases - report.cases);
            let seeds: Vec<u64> = (0..batch).map(|n| self.seed.wrapping_add(report.cases + n)).collect();
            let tried: Vec<Tried> = seeds.par_iter().map(|seed| self.try_seed(*seed)).collect();
            // The first, whatever order they were tried in.
            let first = tried.iter().position(|tried| tried.told.is_some());
            let counted = first.map_or(tried.len(), |at| at + 1);
            report.cases += counted as u64;
            report.steps += tried[..counted].iter().map(|tried| tried.steps).sum::<u64>();
            if let Some(told) = first.and_then(|at| tried[at].told) {
                let seed = seeds[counted - 1];
                report.finding = Some(self.finding(seed, told));
                break;
            }
        }
        report
    }

    fn is_over(&self) -> bool {
        (self.stop)() || self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    fn setup(&self, guest: &Guest, image: Image) -> Setup {
        Setup {
            image: Arc::new(image),
            memory: guest.memory,
            profile: self.profile.clone(),
            engine: EngineKind::Reference,
            input: guest.input.as_bytes().into(),
            output_limit: OUTPUT,
        }
    }

    fn try_seed(&self, seed: u64) -> Tried {
        let guest = generate::generate(seed);
        if !self.source_is_image(&guest) {
            return Tried { steps: 0, told: Some(Told::Assembler) };
        }
        let setup = self.setup(&guest, guest.image());
        let bare = setup.bare().expect("generated guests fit");
        let trace = Trace::record(bare, STEPS, &never).expect("nobody stops it");
        let teller = (0..self.contestants.len()).find(|index| self.tells(&setup, &trace, *index));
        Tried { steps: trace.state.steps, told: teller.map(Told::Contestant) }
    }

    /// Whether a contestant does not do what the bare machine did. One that cannot be set up does not.
    fn tells(&self, setup: &Setup, trace: &Trace, index: usize) -> bool {
        match &self.contestants[index].kind {
            Kind::Machine(make) => {
                make(setup).map_or(true, |machine| trace.follow(machine, &never) == Followed::Differs)
            }
            Kind::SelfHosted(monitor, depth) => match hosted(setup, monitor, *depth, trace.budget()) {
                Some(HostedVerdict::Equivalent(_) | HostedVerdict::NoDivergence(_)) => false,
                Some(HostedVerdict::Diverged(_) | HostedVerdict::Failed(_)) | None => true,
            },
        }
    }

    /// Whether the guest's source assembles to the guest.
    fn source_is_image(&self, guest: &Guest) -> bool {
        let Some(image) = (self.assembler)(&guest.source("")) else { return false };
        let meant = guest.image();
        let extent = image.extent().max(meant.extent()) as u32;
        image.entry == meant.entry && (0..extent).all(|at| image.byte(at) == meant.byte(at))
    }

    /// The guest of `seed` made small, and all that is told about it.
    fn finding(&self, seed: u64, told: Told) -> Finding {
        let guest = generate::generate(seed);
        let contestant = match told {
            Told::Assembler => None,
            Told::Contestant(index) => Some(index),
        };
        // Small guests part soon or not at all.
        let parts_at = self.part(&self.setup(&guest, guest.image()), contestant).and_then(|at| at.step());
        let steps = parts_at.map_or(STEPS, |step| (step + MARGIN).min(STEPS));
        let fails = |guest: &Guest| match contestant {
            None => !self.source_is_image(guest),
            Some(index) => {
                let setup = self.setup(guest, guest.image());
                let Ok(bare) = setup.bare() else { return false };
                let trace = Trace::record(bare, steps, &never).expect("nobody stops it");
                self.tells(&setup, &trace, index) && self.source_is_image(guest)
            }
        };
        let small = shrink::shrink(guest.clone(), &fails);
        let words = [guest.lines.len(), small.lines.len()];
        let (source, image, failure) = self.tell(&small, seed, contestant);
        Finding { seed, contestant, words, source, image, failure }
    }

    /// The case that a guest makes, its image, and where the runs part on it.
    fn tell(
        &self,
        guest: &Guest,
        seed: u64,
        contestant: Option<usize>,
    ) -> (String, Arc<Image>, Option<Failure>) {
        let plain = self.setup(guest, guest.image());
        let step = self.part(&plain, contestant).and_then(|at| at.step());
        let header = self.header(guest, seed, contestant, step, &plain);
        let source = guest.source(&header);
        let image = (self.assembler)(&source).unwrap_or_else(|| guest.image());
        let setup = self.setup(guest, image);
        let failure = self.part(&setup, contestant);
        (source, setup.image, failure)
    }

    /// Where a contestant and the bare machine part, or the contestant fails.
    fn part(&self, setup: &Setup, contestant: Option<usize>) -> Option<Failure> {
        match &self.contestants[contestant?].kind {
            Kind::Machine(make) => match lockstep(setup.bare().ok()?, make(setup).ok()?, STEPS) {
                Verdict::Diverged(at) => Some(Failure::parting(*at)),
                Verdict::Equivalent(_) | Verdict::NoDivergence(_) => None,
            },
            Kind::SelfHosted(monitor, depth) => match hosted(setup, monitor, *depth, STEPS)? {
                HostedVerdict::Diverged(at) => Some(Failure::parting(*at)),
                HostedVerdict::Failed(fault) => Some(Failure::monitor(fault)),
                HostedVerdict::Equivalent(_) | HostedVerdict::NoDivergence(_) => None,
            },
        }
    }

    /// A header that makes the guest a case which passes once the fault is mended.
    fn header(
        &self,
        guest: &Guest,
        seed: u64,
        contestant: Option<usize>,
        step: Option<u64>,
        setup: &Setup,
    ) -> String {
        let mut text = String::new();
        let who = contestant.map(|index| &self.contestants[index]);
        let what = match who {
            Some(who) => format!("the bare machine and {} part", who.name),
            None => "this source does not assemble to what was meant".to_owned(),
        };
        // Writing to a string does not fail.
        let _ = writeln!(text, "# On this guest {what}.");
        let _ =
            writeln!(text, "# Found by: pg32 fuzz --seed {seed} --cases 1 --profile {}", self.profile.name());
        let _ = writeln!(text, "#: memory = {}", guest.memory);
        // A little further than the parting, so that the runs differ for good.
        let steps = step.map_or(STEPS, |step| (step + MARGIN).min(STEPS));
        let _ = writeln!(text, "#: steps = {steps}");
        if !guest.input.is_empty() {
            let _ = writeln!(text, "#: input = {:?}", guest.input);
        }
        let _ = writeln!(text, "#: profiles = [{:?}]", self.profile_name);
        let _ = writeln!(text, "#: expect = \"{}\"", expectation(setup, steps));
        text + who.map_or("", |who| &who.header) + "\n"
    }
}

/// The guest bare and under a monitor of its own kind; none if that cannot be set up.
fn hosted(setup: &Setup, monitor: &Image, depth: usize, steps: u64) -> Option<HostedVerdict> {
    let hosted = Hosted::new(setup, monitor, depth, &[]).ok()?;
    Some(compare_hosted(setup.bare().ok()?, hosted, steps).verdict)
}

/// How a bare run of so many steps comes out.
fn expectation(setup: &Setup, steps: u64) -> Expect {
    let bare = setup.bare().expect("it has been set up before");
    let trace = Trace::record(bare, steps, &never).expect("nobody stops it");
    match trace.ran.pause {
        Pause::Halted => Expect::Equivalent,
        _ if trace.storm() => Expect::TrapStorm,
        _ => Expect::NoDivergence,
    }
}

fn never() -> bool {
    false
}

/// One guest's results.
struct Tried {
    steps: u64,
    told: Option<Told>,
}

/// Who was told from what it should be.
#[derive(Clone, Copy)]
enum Told {
    Assembler,
    Contestant(usize),
}

/// Generated sources include nothing.
struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _: &str, _: &str, _: u64) -> Result<File, FileError> {
        Err(FileError::NotFound)
    }
}

/// The image of a generated guest's source, by our own assembler.
#[must_use]
pub fn assemble_guest(source: &str) -> Option<Image> {
    let input = Input { name: "fuzz.s".into(), bytes: source.as_bytes().to_vec() };
    let assembly = assemble_owned(vec![input], &NoFiles, &Options::default());
    (!assembly.has_errors()).then_some(assembly.image)
}
