//! A replay: a guest with all that a comparison of it started from, in one file, so that a divergence can be seen
//! again anywhere.

use crate::Setup;
use crate::state_json::{from_hex, to_hex};
use pg32_image::{Image, Line, LineTable, Segment, Source, SourceId, Symbol, SymbolKind, Symbols};
use pg32_isa::{Action, Op, Profile};
use pg32_vm::{EngineKind, check_size};
use pg32_vmm::Monitor;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The version of the form.
const SCHEMA: u32 = 1;
/// Monitors that may be stacked.
const MAX_MONITORS: usize = 64;
/// Copies of a monitor that is a program: each doubles what a trap costs.
const MAX_OWN_MONITORS: usize = 16;

/// What a comparison started from.
#[derive(Clone, Debug)]
pub struct Replay {
    /// The machine and its guest.
    pub setup: Setup,
    /// Our monitors, the outermost first.
    pub monitors: Vec<Monitor>,
    /// The monitor that is a PG32 program, on top of these, if there is one.
    pub vmm: Option<ReplayedMonitor>,
    /// The step at which the runs part, from 1.
    pub steps: u64,
}

/// A monitor that is a PG32 program.
#[derive(Clone, Debug)]
pub struct ReplayedMonitor {
    /// What it is called.
    pub name: String,
    /// Copies of it, one on the other, at least 1.
    pub depth: usize,
    /// Its image.
    pub image: Arc<Image>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema: u32,
    steps: u64,
    monitors: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    vmm: Option<MonitorForm>,
    engine: String,
    memory: u32,
    profile: ProfileForm,
    input: String,
    output_limit: u64,
    image: ImageForm,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MonitorForm {
    name: String,
    depth: usize,
    image: ImageForm,
}

/// A profile by what it does other than trap.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileForm {
    name: String,
    actions: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ImageForm {
    entry: u32,
    segments: Vec<SegmentForm>,
    /// Name, value.
    labels: Vec<(String, u32)>,
    sources: Vec<SourceForm>,
    /// Address, length, source by position, line.
    lines: Vec<(u32, u32, u32, u32)>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SegmentForm {
    name: String,
    address: u32,
    size: u32,
    bytes: String,
    code: bool,
    writable: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceForm {
    name: String,
    text: Option<String>,
}

impl Replay {
    /// The replay as a file's text.
    #[must_use]
    pub fn to_json(&self) -> String {
        let setup = &self.setup;
        let actions = Op::ALL.into_iter().map(|op| (op, setup.profile.action(op)));
        let unusual = actions.filter(|(op, action)| Profile::trapping("").action(*op) != *action);
        let file = File {
            schema: SCHEMA,
            steps: self.steps,
            monitors: self.monitors.iter().map(|m| m.name().to_owned()).collect(),
            vmm: self.vmm.as_ref().map(|vmm| MonitorForm {
                name: vmm.name.clone(),
                depth: vmm.depth,
                image: image_form(&vmm.image),
            }),
            engine: setup.engine.name().to_owned(),
            memory: setup.memory,
            profile: ProfileForm {
                name: setup.profile.name().to_owned(),
                actions: unusual.map(|(op, a)| (op.mnemonic().to_owned(), a.name().to_owned())).collect(),
            },
            input: to_hex(&setup.input),
            output_limit: setup.output_limit,
            image: image_form(&setup.image),
        };
        serde_json::to_string_pretty(&file).expect("our own values are JSON") + "\n"
    }

    /// The replay in a file's text.
    ///
    /// # Errors
    /// In words, if it is none, or its parts contradict each other.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let file: File = serde_json::from_str(text).map_err(|e| format!("no replay: {e}"))?;
        if file.schema != SCHEMA {
            return Err(format!("schema {} is not {SCHEMA}, the one this program knows", file.schema));
        }
        let monitor = |name: &String| Monitor::parse(name).ok_or(format!("`{name}` is no monitor"));
        let monitors = file.monitors.iter().map(monitor).collect::<Result<Vec<_>, _>>()?;
        let own = file.vmm.as_ref().map_or(0, |vmm| vmm.depth);
        if monitors.len() > MAX_MONITORS || own > MAX_OWN_MONITORS {
            return Err(format!(
                "at most {MAX_MONITORS} monitors can be stacked, {MAX_OWN_MONITORS} programs"
            ));
        }
        let vmm = match file.vmm {
            None => None,
            Some(MonitorForm { depth: 0, .. }) => return Err("a monitor is there at least once".into()),
            Some(MonitorForm { name, depth, image: form }) => {
                Some(ReplayedMonitor { name, depth, image: Arc::new(image(form)?) })
            }
        };
        let setup = Setup {
            image: Arc::new(image(file.image)?),
            memory: check_size(u64::from(file.memory)).map_err(|e| e.to_string())?,
            profile: profile(file.profile)?,
            engine: EngineKind::parse(&file.engine).ok_or(format!("`{}` is no engine", file.engine))?,
            input: from_hex(&file.input).ok_or("the input is not hexadecimal")?.into(),
            output_limit: file.output_limit,
        };
        Ok(Replay { setup, monitors, vmm, steps: file.steps })
    }
}

fn profile(form: ProfileForm) -> Result<Profile, String> {
    let mut profile = Profile::trapping(form.name);
    for (name, action) in form.actions {
        let op = Op::ALL.into_iter().find(|op| op.mnemonic() == name);
        let op = op.ok_or_else(|| format!("`{name}` is no instruction"))?;
        let action = Action::parse(&action).ok_or_else(|| format!("`{action}` is no action"))?;
        if op.extension() != pg32_isa::Extension::System {
            return Err(format!("`{name}` is no system instruction"));
        }
        profile = profile.with(op, action);
    }
    Ok(profile)
}

fn image_form(image: &Image) -> ImageForm {
    let segment = |s: &Segment| SegmentForm {
        name: s.name.clone(),
        address: s.address,
        size: s.size,
        bytes: to_hex(&s.bytes),
        code: s.executable,
        writable: s.writable,
    };
    let text = |s: &Source| s.text.as_ref().map(|text| text.to_string());
    let lines = &image.lines;
    ImageForm {
        entry: image.entry,
        segments: image.segments.iter().map(segment).collect(),
        labels: image.symbols.labels().iter().map(|s| (s.name.clone(), s.value)).collect(),
        sources: lines.sources.iter().map(|s| SourceForm { name: s.name.clone(), text: text(s) }).collect(),
        lines: lines.rows.iter().map(|row| (row.address, row.length, row.source.0, row.line)).collect(),
    }
}

fn image(form: ImageForm) -> Result<Image, String> {
    let mut segments = Vec::new();
    let mut end = 0;
    for SegmentForm { name, address, size, bytes, code, writable } in form.segments {
        let bytes = from_hex(&bytes).ok_or_else(|| format!("segment {name} is not hexadecimal"))?;
        let segment = Segment { name, address, bytes, size, executable: code, writable };
        if u64::from(address) < end || segment.end() > 1 << 32 || segment.bytes.len() as u64 > u64::from(size)
        {
            return Err(format!("segment {} does not lie where it could", segment.name));
        }
        end = segment.end();
        segments.push(segment);
    }
    let label = |(name, value)| Symbol {
        name,
        value,
        size: 0,
        kind: SymbolKind::Label,
        global: false,
        function: false,
    };
    let source = |s: SourceForm| Source { name: s.name, text: s.text.map(Arc::new) };
    let sources: Vec<Source> = form.sources.into_iter().map(source).collect();
    let row = |(address, length, source, line)| Line { address, length, source: SourceId(source), line };
    let rows: Vec<Line> = form.lines.into_iter().map(row).collect();
    let sane = |row: &Line| (row.source.0 as usize) < sources.len() && row.line > 0;
    if !rows.iter().all(sane) || !rows.is_sorted_by_key(|row| row.address) {
        return Err("the line table contradicts itself".into());
    }
    Ok(Image {
        segments,
        entry: form.entry,
        symbols: Symbols::new(form.labels.into_iter().map(label).collect()),
        lines: LineTable { sources, rows },
    })
}
