//! A case: a guest and what is expected of it, as its header and the suite's defaults say.
//!
//! A header is the lines of a source that begin with `#:` or `//:`; together they are TOML, with the same keys
//! as a suite's `pg32.toml`. Every key may be left out.

use crate::monitor_kind::{MonitorKind, OwnMonitor};
use pg32_isa::Profile;
use pg32_vm::EngineKind;
use pg32_vmm::Monitor;
use serde::Deserialize;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Keys of a header or of `pg32.toml`.
#[derive(Clone, Deserialize, Default, Debug)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Keys {
    memory: Option<Size>,
    steps: Option<u64>,
    output_limit: Option<Size>,
    input: Option<String>,
    input_file: Option<PathBuf>,
    engines: Option<Vec<String>>,
    profiles: Option<Vec<String>>,
    monitors: Option<Vec<String>>,
    vmm: Option<OneOrMore>,
    depths: Option<Vec<usize>>,
    expect: Option<Expect>,
    diverges: Option<Vec<String>>,
    exit: Option<u32>,
    part: Option<bool>,
    points: Option<u32>,
    hint: Option<String>,
    hidden: Option<bool>,
    submission: Option<PathBuf>,
}

/// `65536` or `"64K"`.
#[derive(Clone, Deserialize, Debug)]
#[serde(untagged)]
enum Size {
    Bytes(u64),
    Text(String),
}

/// `"a.s"` or `["a.s", "b.s"]`.
#[derive(Clone, Deserialize, Debug)]
#[serde(untagged)]
enum OneOrMore {
    One(PathBuf),
    More(Vec<PathBuf>),
}

impl OneOrMore {
    fn list(self) -> Vec<PathBuf> {
        match self {
            OneOrMore::One(path) => vec![path],
            OneOrMore::More(paths) => paths,
        }
    }
}

/// What the bare run, and every virtual one with it, is expected to come to.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, Debug)]
#[serde(rename_all = "kebab-case")]
pub enum Expect {
    /// Both halt, alike.
    Equivalent,
    /// Both go on to the end of the budget, alike.
    NoDivergence,
    /// Both end in a trap storm, alike.
    TrapStorm,
}

impl fmt::Display for Expect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Expect::Equivalent => "equivalent",
            Expect::NoDivergence => "no-divergence",
            Expect::TrapStorm => "trap-storm",
        })
    }
}

/// What a case asks for, every key decided.
#[derive(Clone, Debug)]
pub struct CaseConfig {
    /// Storage of the guest, bytes. Not yet checked against the machine's rule.
    pub memory: u64,
    /// Budget in steps.
    pub steps: u64,
    /// Console output beyond which a run ends, bytes.
    pub output_limit: u64,
    /// The input tape.
    pub input: Input,
    /// Engines.
    pub engines: Vec<EngineKind>,
    /// Profiles.
    pub profiles: Vec<Profile>,
    /// Our monitors.
    pub monitors: Vec<Monitor>,
    /// Monitors of the suite's own, which are PG32 programs. With none of either kind there are bare cells alone.
    pub own_monitors: Vec<OwnMonitor>,
    /// Depths of stacking, each at least 1.
    pub depths: Vec<usize>,
    /// The expected outcome where cells do not diverge.
    pub expect: Expect,
    /// Cells that are expected to diverge.
    pub diverges: Vec<CellPattern>,
    /// The expected `a0` of a run that halts, if the case says one.
    pub exit: Option<u32>,
    /// Whether the file says that it is part of another case and none itself.
    pub part: bool,
    /// What `pg32 grade` makes of the case.
    pub grading: Grading,
}

/// What a case is worth, and what is told of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Grading {
    /// Points for a submission that passes.
    pub points: u32,
    /// What a submission that does not is told.
    pub hint: Option<String>,
    /// Whether nothing but the points is told.
    pub hidden: bool,
    /// The submission's file that is run in place of the case's own source, below the submission's folder. Without
    /// one the case's own source is run, which includes files of the submission.
    pub submission: Option<PathBuf>,
}

impl Default for Grading {
    fn default() -> Self {
        Grading { points: 1, hint: None, hidden: false, submission: None }
    }
}

/// Where a case's input comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Input {
    /// The text itself.
    Text(String),
    /// A file, relative to the case's folder.
    File(PathBuf),
}

/// `profile/monitor`, either of them `*`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CellPattern {
    profile: Option<String>,
    monitor: Option<String>,
}

impl CellPattern {
    /// Whether the pattern names this cell.
    #[must_use]
    pub fn matches(&self, profile: &Profile, monitor: &MonitorKind) -> bool {
        self.profile.as_deref().is_none_or(|name| name == profile.name())
            && self.monitor.as_deref().is_none_or(|name| name == monitor.name())
    }
}

/// A configuration that is no configuration.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConfigError {
    /// The file it stands in.
    pub file: PathBuf,
    /// Line, from 1, if it is known.
    pub line: Option<usize>,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.message)
    }
}

impl std::error::Error for ConfigError {}

/// The configuration of a case: its header over the suite's defaults over the program's own.
///
/// # Errors
/// If either is not TOML, has an unknown key, or a value that means nothing.
pub fn case_config(
    file: &Path,
    source: &str,
    suite: Option<(&Path, &str)>,
    resolve_profile: &dyn Fn(&str, &Path) -> Result<Profile, String>,
) -> Result<CaseConfig, ConfigError> {
    let defaults = match suite {
        Some((path, text)) => parse(path, text)?,
        None => Keys::default(),
    };
    let keys = over(parse(file, &header(source))?, defaults);
    let folder = file.parent().unwrap_or(Path::new(""));
    decide(keys, &|name| resolve_profile(name, folder)).map_err(|message| {
        let line = source.lines().position(|l| header_line(l).is_some()).map(|n| n + 1);
        ConfigError { file: file.to_owned(), line, message }
    })
}

/// The TOML in a source's header, line numbers kept.
fn header(source: &str) -> String {
    source.lines().map(|line| header_line(line).unwrap_or("").to_owned() + "\n").collect()
}

fn header_line(line: &str) -> Option<&str> {
    let line = line.trim_start();
    line.strip_prefix("#:").or_else(|| line.strip_prefix("//:"))
}

fn parse(file: &Path, text: &str) -> Result<Keys, ConfigError> {
    let keys: Result<Keys, toml::de::Error> = toml::from_str(text);
    // A monitor is named from the file that names it, whichever case below it runs under it.
    let folder = file.parent().unwrap_or(Path::new(""));
    let located =
        |list: OneOrMore| OneOrMore::More(list.list().into_iter().map(|path| folder.join(path)).collect());
    keys.map(|keys| Keys { vmm: keys.vmm.map(located), ..keys }).map_err(|error| {
        let line_of = |span: Range<usize>| text[..span.start.min(text.len())].matches('\n').count() + 1;
        ConfigError {
            file: file.to_owned(),
            line: error.span().map(line_of),
            message: error.message().to_owned(),
        }
    })
}

fn over(first: Keys, second: Keys) -> Keys {
    // An input of either kind replaces an input of either kind.
    let own_input = first.input.is_some() || first.input_file.is_some();
    Keys {
        memory: first.memory.or(second.memory),
        steps: first.steps.or(second.steps),
        output_limit: first.output_limit.or(second.output_limit),
        input: if own_input { first.input } else { second.input },
        input_file: if own_input { first.input_file } else { second.input_file },
        engines: first.engines.or(second.engines),
        profiles: first.profiles.or(second.profiles),
        monitors: first.monitors.or(second.monitors),
        vmm: first.vmm.or(second.vmm),
        depths: first.depths.or(second.depths),
        expect: first.expect.or(second.expect),
        diverges: first.diverges.or(second.diverges),
        exit: first.exit.or(second.exit),
        part: first.part.or(second.part),
        points: first.points.or(second.points),
        hint: first.hint.or(second.hint),
        hidden: first.hidden.or(second.hidden),
        submission: first.submission.or(second.submission),
    }
}

/// Steps that a case may take unless it says otherwise: enough for a kernel, not enough to wait for.
const DEFAULT_STEPS: u64 = 10_000_000;
const DEFAULT_MEMORY: u64 = 1 << 20;
const DEFAULT_OUTPUT_LIMIT: u64 = 16 << 20;

fn decide(keys: Keys, profile: &dyn Fn(&str) -> Result<Profile, String>) -> Result<CaseConfig, String> {
    let size = |size: Option<Size>, default| match size {
        None => Ok(default),
        Some(Size::Bytes(bytes)) => Ok(bytes),
        Some(Size::Text(text)) => parse_size(&text).map_err(|e| format!("`{text}`: {e}")),
    };
    let all_profiles = || pg32_isa::BUILTIN_PROFILES.iter().map(pg32_isa::BuiltinProfile::profile).collect();
    let profiles = match keys.profiles {
        None => vec![Profile::pg()],
        Some(names) if names == ["*"] => all_profiles(),
        Some(names) => names.iter().map(|name| profile(name)).collect::<Result<_, _>>()?,
    };
    let monitors = names(keys.monitors, &Monitor::ALL, Monitor::parse, Monitor::name, "monitor")?;
    let own_monitors = own_monitors(keys.vmm.map(OneOrMore::list).unwrap_or_default())?;
    let engines = names(keys.engines, EngineKind::ALL, EngineKind::parse, EngineKind::name, "engine")?;
    let depths = keys.depths.unwrap_or_else(|| vec![1, 2]);
    if depths.iter().any(|d| !(1..=MAX_DEPTH).contains(d)) {
        return Err(format!("a depth is a number from 1 to {MAX_DEPTH}"));
    }
    if [profiles.is_empty(), engines.is_empty(), depths.is_empty()].contains(&true) {
        return Err("an empty list leaves the case no cell to run in".into());
    }
    let diverges = keys.diverges.unwrap_or_default();
    let input = match (keys.input, keys.input_file) {
        (Some(_), Some(_)) => return Err("`input` and `input-file` exclude each other".into()),
        (Some(text), None) => Input::Text(text),
        (None, Some(path)) => Input::File(path),
        (None, None) => Input::Text(String::new()),
    };
    Ok(CaseConfig {
        memory: size(keys.memory, DEFAULT_MEMORY)?,
        steps: keys.steps.unwrap_or(DEFAULT_STEPS),
        output_limit: size(keys.output_limit, DEFAULT_OUTPUT_LIMIT)?,
        input,
        engines,
        profiles,
        monitors,
        depths,
        expect: keys.expect.unwrap_or(Expect::Equivalent),
        diverges: diverges.iter().map(|text| pattern(text, &own_monitors)).collect::<Result<_, _>>()?,
        own_monitors,
        exit: keys.exit,
        part: keys.part.unwrap_or(false),
        grading: Grading {
            points: keys.points.unwrap_or(1),
            hint: keys.hint,
            hidden: keys.hidden.unwrap_or(false),
            submission: keys.submission,
        },
    })
}

/// Monitors that may be stacked in a cell.
const MAX_DEPTH: usize = 16;

fn names<T: Copy>(
    given: Option<Vec<String>>,
    all: &[T],
    parse: fn(&str) -> Option<T>,
    name: fn(T) -> &'static str,
    what: &str,
) -> Result<Vec<T>, String> {
    let Some(given) = given else { return Ok(all.to_vec()) };
    if given == ["*"] {
        return Ok(all.to_vec());
    }
    let unknown = |text: &String| {
        let known: Vec<_> = all.iter().map(|t| name(*t)).collect();
        format!("`{text}` is no {what}; there are {}", known.join(", "))
    };
    given.iter().map(|text| parse(text).ok_or_else(|| unknown(text))).collect()
}

fn pattern(text: &str, own: &[OwnMonitor]) -> Result<CellPattern, String> {
    let (profile, monitor) =
        text.split_once('/').ok_or_else(|| format!("`{text}` is not of the form profile/monitor"))?;
    if monitor != "*" && Monitor::parse(monitor).is_none() && own.iter().all(|o| *o.name != *monitor) {
        return Err(format!("`{monitor}` is no monitor"));
    }
    let unless_any = |name: &str| (name != "*").then(|| name.to_owned());
    Ok(CellPattern { profile: unless_any(profile), monitor: unless_any(monitor) })
}

/// Monitors of the suite's own, which are told apart by the names of their files.
fn own_monitors(files: Vec<PathBuf>) -> Result<Vec<OwnMonitor>, String> {
    let mut list: Vec<OwnMonitor> = Vec::new();
    for own in files.into_iter().map(OwnMonitor::new) {
        if Monitor::parse(&own.name).is_some() || list.iter().any(|other| other.name == own.name) {
            return Err(format!("there is more than one monitor called `{}`", own.name));
        }
        list.push(own);
    }
    Ok(list)
}

/// `64`, `64K`, `1M`, `2G`: bytes, the suffixes being powers of 1024.
///
/// # Errors
/// If the text is no such number, or one of more than 64 bits.
pub fn parse_size(text: &str) -> Result<u64, String> {
    let (digits, shift) = match text.as_bytes().last() {
        Some(b'K' | b'k') => (&text[..text.len() - 1], 10),
        Some(b'M' | b'm') => (&text[..text.len() - 1], 20),
        Some(b'G' | b'g') => (&text[..text.len() - 1], 30),
        _ => (text, 0),
    };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err("a size is a number of bytes, or a number followed by K, M or G".into());
    }
    let number: Option<u64> = digits.parse().ok();
    number.and_then(|n| n.checked_mul(1 << shift)).ok_or("that is more bytes than can be counted".into())
}
