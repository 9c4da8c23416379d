//! "Did you mean": the nearest of the names that would have been right.

/// The candidate nearest to `name`, if one is near enough to be a slip of the hand.
pub(crate) fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let name: Vec<char> = name.chars().take(MAX_LENGTH + 1).collect();
    if name.is_empty() || name.len() > MAX_LENGTH {
        return None;
    }
    let limit = EDIT * if name.len() <= 2 { 1 } else { name.len().div_ceil(3).min(3) };
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        if candidate.len().abs_diff(name.len()) > limit * 2 {
            continue;
        }
        let distance = distance(&name, candidate);
        // A change of every character is no slip; an equal name is no suggestion.
        let near = distance > 0 && distance <= limit + 2 && distance < EDIT * name.len().max(candidate.len());
        if near && best.is_none_or(|(d, _)| distance < d) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Longer names are not compared: nobody mistypes them, and the time would be quadratic.
const MAX_LENGTH: usize = 64;

/// What people who know other machines write, and what to write here.
const HABITS: &[(&str, &str)] = &[
    ("mov", "a register is copied by `mv rd, rs`, a number loaded by `li rd, imm`"),
    ("movi", "a number is loaded by `li rd, imm`"),
    ("jmp", "a jump is `j target`, or `jr rs` through a register"),
    ("br", "a jump is `j target`, or `jr rs` through a register"),
    ("bl", "a subroutine is called by `call target`"),
    ("blr", "a subroutine is called by `jalr rs` through a register"),
    ("bx", "a subroutine is left by `ret`"),
    ("rts", "a subroutine is left by `ret`"),
    ("push", "a register is pushed by `addi sp, sp, -4` and `sw rs, 0(sp)`"),
    ("pop", "a register is popped by `lw rd, 0(sp)` and `addi sp, sp, 4`"),
    ("subi", "a number is subtracted by `addi rd, rs, -imm`"),
    ("inc", "write `addi rd, rd, 1`"),
    ("dec", "write `addi rd, rd, -1`"),
    ("cmp", "branches compare by themselves: `beq rs1, rs2, target`"),
    ("je", "write `beq rs1, rs2, target`"),
    ("jne", "write `bne rs1, rs2, target`"),
    ("ld", "registers have 32 bits: words are loaded by `lw`"),
    ("sd", "registers have 32 bits: words are stored by `sw`"),
    ("lwu", "registers have 32 bits: words are loaded by `lw`"),
    ("addw", "registers have 32 bits: write `add`"),
    ("addiw", "registers have 32 bits: write `addi`"),
    ("ldr", "words are loaded by `lw rd, imm(rs)`"),
    ("str", "words are stored by `sw rs2, imm(rs1)`"),
    ("hlt", "the machine is stopped by `halt`"),
    ("wfi", "PG32 has no interrupts to wait for; the machine is stopped by `halt`"),
    ("sret", "PG32 returns to user mode by `retu rs`, or by `lpsw imm(rs)` with a whole PSW"),
    ("mret", "PG32 returns to user mode by `retu rs`, or by `lpsw imm(rs)` with a whole PSW"),
    ("int", "a supervisor is called by `ecall`"),
    ("syscall", "a supervisor is called by `ecall`"),
    ("svc", "a supervisor is called by `ecall`"),
];

/// Advice for a mnemonic of another machine.
pub(crate) fn habit(name: &str) -> Option<&'static str> {
    HABITS.iter().find(|(habit, _)| name.eq_ignore_ascii_case(habit)).map(|(_, advice)| *advice)
}

/// Advice for an instruction of an extension that PG32 does not have.
pub(crate) fn extension(name: &str) -> Option<&'static str> {
    let (head, rest) = name.split_once('.')?;
    Some(match head {
        "lr" | "sc" => "PG32 has no atomic instructions: one processor, and no interrupt while `T` is 0",
        _ if head.starts_with("amo") => {
            "PG32 has no atomic instructions: one processor, and no interrupt while `T` is 0"
        }
        "c" => "PG32 has no compressed instructions: write it without `c.`",
        "sfence" | "hfence" | "sinval" => {
            "PG32 has no pages: the segment is set by `setr`, and nothing is cached"
        }
        _ if head.starts_with('f')
            && ["s", "d", "q", "h", "x", "w"].iter().any(|t| rest.split('.').any(|r| r == *t)) =>
        {
            "PG32 has no floating point: compilers are told so by `-march=rv32im -mabi=ilp32`"
        }
        _ => return None,
    })
}

/// What it costs to insert, delete or swap; to replace costs one more, so that of two candidates the one that keeps
/// more of what was written is nearer.
const EDIT: usize = 4;

/// Edits (insert, delete, replace, swap of neighbours) between the two; case counts as nothing.
fn distance(a: &[char], b: &str) -> usize {
    let b: Vec<char> = b.chars().take(MAX_LENGTH + 1).collect();
    let same = |x: char, y: char| x.eq_ignore_ascii_case(&y);
    let mut before = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).map(|n| n * EDIT).collect();
    let mut row = vec![0; b.len() + 1];
    for i in 1..=a.len() {
        row[0] = i * EDIT;
        for j in 1..=b.len() {
            let replace =
                last[j - 1] + if same(a[i - 1], b[j - 1]) { 0 } else { EDIT + 1 + usize::from(j == 1) };
            row[j] = replace.min(last[j] + EDIT).min(row[j - 1] + EDIT);
            if i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]) {
                row[j] = row[j].min(before[j - 2] + EDIT);
            }
        }
        std::mem::swap(&mut before, &mut last);
        std::mem::swap(&mut last, &mut row);
    }
    // Equal but for case is still a slip.
    let total = last[b.len()];
    if total == 0 && !a.iter().eq(b.iter()) { 1 } else { total }
}
