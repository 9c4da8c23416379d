//! The classifier against brute force: the definitions written down a second time, naively, over *all* states of
//! a micro machine with meanings of its own. Nothing here uses the machine or the classifier's definitions.
//!
//! The micro machine has storage of two cells, virtual machines included in at most three; a PSW fits into one
//! cell; `g` is the register that addresses and gives, `h` the one that is stored and receives.

mod common;

use common::{quick, system_instructions, system_only};
use pg32_isa::{Action, BUILTIN_PROFILES, Op, Profile};
use pg32_theory::{Classified, Pg32, Theorem, Verdict, classify};
use std::collections::BTreeMap;

#[derive(Clone, PartialEq, Debug)]
struct State {
    e: Vec<u32>,
    g: u32,
    h: u32,
    user: bool,
    pc: u32,
    base: u32,
    limit: u32,
    /// Bytes read, bytes written, and what the tape holds.
    console: (u32, u32, u32),
}

#[derive(PartialEq, Clone, Copy)]
enum Kind {
    MemoryTrap,
    PrivilegeTrap,
    Halt,
    Quiet,
}

/// What an instruction does in either mode, from section 5 of the principles; in user mode if it executes.
fn execute(name: &str, s: &mut State) -> Kind {
    let size = s.e.len() as u32;
    let inside = s.g < s.limit && s.base + s.g < size;
    let at = (s.base + s.g) as usize;
    let mut next = s.pc + 1;
    match name {
        "lpsw" | "spsw" if !inside => return Kind::MemoryTrap,
        "lwp" | "swp" if s.g >= size => return Kind::MemoryTrap,
        "halt" => return Kind::Halt,
        "lpsw" => {
            let psw = s.e[at];
            (s.user, s.base, s.limit) = (psw & 1 == 1, psw >> 1 & 1, 2);
            next = 0;
        }
        "spsw" => s.e[at] = u32::from(s.user) | s.base << 1 | s.limit << 3,
        "rdm" => s.h = u32::from(s.user),
        "rdb" => s.h = s.base,
        "rdl" => s.h = s.limit,
        "setr" => (s.base, s.limit) = (s.g, s.h),
        "setm" => s.user = s.g & 1 == 1,
        "retu" => (s.user, next) = (true, s.g),
        "lwp" => s.h = s.e[s.g as usize],
        "swp" => s.e[s.g as usize] = s.h,
        "in" if s.g == 0 => (s.h, s.console.0) = (s.console.2, s.console.0 + 1),
        "in" => s.h = if s.g == 1 { s.console.2 } else { 0 },
        "out" if s.g == 0 => s.console.1 += 1,
        "out" => {}
        other => panic!("the micro machine has no {other}: give it its meaning"),
    }
    s.pc = next;
    Kind::Quiet
}

fn step(name: &str, action: Action, before: &State) -> (Kind, State) {
    let mut s = before.clone();
    let kind = match (s.user, action) {
        (true, Action::Trap) => Kind::PrivilegeTrap,
        (true, Action::Ignore) => {
            s.pc += 1;
            Kind::Quiet
        }
        (true, Action::Execute) | (false, _) => execute(name, &mut s),
    };
    (kind, s)
}

/// Every state of two cells from which an instruction can be fetched, in supervisor mode.
fn states() -> Vec<State> {
    let mut all = Vec::new();
    for bits in 0..16 {
        for (base, limit, pc) in (0..3).flat_map(|b| (0..4).flat_map(move |l| (0..2).map(move |p| (b, l, p))))
        {
            if pc >= limit || base + pc >= 2 {
                continue;
            }
            for (g, h) in (0..4).flat_map(|g| (0..4).map(move |h| (g, h))) {
                let e = vec![bits & 3, bits >> 2];
                all.push(State { e, g, h, user: false, pc, base, limit, console: (0, 0, 7) });
            }
        }
    }
    all
}

/// Every state that embeds `s`, and where.
fn embeddings(s: &State) -> Vec<(u32, State)> {
    let mut all = Vec::new();
    for (k, outside) in [(0, None)].into_iter().chain((0..2).flat_map(|k| (0..4).map(move |o| (k, Some(o)))))
    {
        let mut e = s.e.clone();
        if let Some(outside) = outside {
            e.insert(if k == 0 { 2 } else { 0 }, outside);
        }
        let limit = s.limit.min(2u32.saturating_sub(s.base));
        for tape in [7, 8] {
            all.push((
                k,
                State { e: e.clone(), base: s.base + k, limit, console: (0, 0, tape), ..s.clone() },
            ));
        }
    }
    all
}

fn in_mode(s: &State, user: bool) -> State {
    State { user, ..s.clone() }
}

fn resources(s: &State) -> (bool, u32, u32) {
    (s.user, s.base, s.limit)
}

fn control(before: &State, kind: Kind, after: &State) -> bool {
    let outside = |s: &State| {
        let segment = s.base..s.base + s.limit;
        let cells = s.e.iter().enumerate();
        let cells = cells.map(|(at, cell)| if segment.contains(&(at as u32)) { None } else { Some(*cell) });
        cells.collect::<Vec<_>>()
    };
    let moved = State { e: after.e.clone(), ..before.clone() };
    match kind {
        Kind::Halt => true,
        Kind::Quiet => {
            resources(before) != resources(after)
                || outside(before) != outside(&moved)
                || before.console != after.console
        }
        Kind::MemoryTrap | Kind::PrivilegeTrap => false,
    }
}

/// Privileged; control-sensitive at s, at u; behaviour-sensitive at (s,u), (u,u), (s,s).
#[derive(PartialEq, Clone, Copy, Debug, Default)]
struct Judgement {
    privileged: bool,
    control: [bool; 2],
    behaviour: [bool; 3],
}

impl Judgement {
    fn sensitive(&self) -> bool {
        self.control.contains(&true) || self.behaviour.contains(&true)
    }

    fn user_sensitive(&self) -> bool {
        self.control[1] || self.behaviour[1]
    }
}

fn judge(name: &str, action: Action) -> Judgement {
    let mut judgement = Judgement::default();
    let (mut always_traps, mut executes) = (true, false);
    for s1 in states() {
        for (k, s2) in embeddings(&s1) {
            for state in [&s1, &s2] {
                for user in [false, true] {
                    let before = in_mode(state, user);
                    let (kind, after) = step(name, action, &before);
                    judgement.control[usize::from(user)] |= control(&before, kind, &after);
                    always_traps &= !user || matches!(kind, Kind::MemoryTrap | Kind::PrivilegeTrap);
                    executes |= !user && matches!(kind, Kind::Quiet | Kind::Halt);
                }
            }
            for (index, (u1, u2)) in [(false, true), (true, true), (false, false)].into_iter().enumerate() {
                let (b1, b2) = (in_mode(&s1, u1), in_mode(&s2, u2));
                let ((k1, a1), (k2, a2)) = (step(name, action, &b1), step(name, action, &b2));
                let window = &a2.e[k as usize..k as usize + a1.e.len()];
                let kept = resources(&b1) == resources(&a1) && resources(&b2) == resources(&a2);
                let same = a1.e == window && (a1.g, a1.h, a1.pc) == (a2.g, a2.h, a2.pc);
                let differs = match (k1, k2) {
                    (_, Kind::MemoryTrap | Kind::PrivilegeTrap) => false,
                    (Kind::Quiet, Kind::Quiet) => kept && !same,
                    (first, second) => first != second,
                };
                judgement.behaviour[index] |= differs;
            }
        }
    }
    judgement.privileged = always_traps && executes;
    judgement
}

/// Every system instruction with every action, judged.
fn judgements() -> BTreeMap<(Op, &'static str), Judgement> {
    let mut all = BTreeMap::new();
    for op in system_instructions() {
        for action in Action::ALL {
            all.insert((op, action.name()), judge(op.mnemonic(), action));
        }
    }
    all
}

fn found(c: &Classified) -> Judgement {
    Judgement {
        privileged: c.is_privileged(),
        control: [c.control_s.found(), c.control_u.found()],
        behaviour: [c.behaviour_su.found(), c.behaviour_uu.found(), c.behaviour_ss.found()],
    }
}

fn agree(profile: &Profile, judgements: &BTreeMap<(Op, &'static str), Judgement>) {
    let classification = classify(&system_only(Pg32(profile.clone())), &quick());
    let mut expected = [true; 2];
    for (op, classified) in system_instructions().into_iter().zip(&classification.instructions) {
        let brute = judgements[&(op, profile.action(op).name())];
        assert_eq!(found(classified), brute, "{} on {}", op.mnemonic(), profile.name());
        expected[0] &= !brute.sensitive() || brute.privileged;
        expected[1] &= !brute.user_sensitive() || brute.privileged;
    }
    let verdict = |theorem| Verdict::of(theorem, &classification, None).holds();
    assert_eq!([verdict(Theorem::Monitor), verdict(Theorem::Hybrid)], expected, "{}", profile.name());
}

#[test]
fn built_in_profiles_and_every_single_hole() {
    let judgements = judgements();
    for builtin in BUILTIN_PROFILES {
        agree(&builtin.profile(), &judgements);
    }
    for op in system_instructions() {
        for action in [Action::Execute, Action::Ignore] {
            let name = format!("{} {}", op.mnemonic(), action.name());
            agree(&Profile::trapping(name).with(op, action), &judgements);
        }
    }
}

#[test]
fn combined_holes() {
    let judgements = judgements();
    let mut seed = 42_u32;
    for number in 0..16 {
        let mut profile = Profile::trapping(format!("combination {number}"));
        for op in system_instructions() {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            // Now a few holes, now many.
            let holes = 2 + number % 9;
            match (seed >> 16) % 12 {
                roll if roll < holes / 2 => profile = profile.with(op, Action::Execute),
                roll if roll < holes => profile = profile.with(op, Action::Ignore),
                _ => {}
            }
        }
        agree(&profile, &judgements);
    }
}
