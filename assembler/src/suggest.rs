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
        let near = distance > 0 && distance <= limit + 1 && distance < EDIT * name.len().max(candidate.len());
        if near && best.is_none_or(|(d, _)| distance < d) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Longer names are not compared: nobody mistypes them, and the time would be quadratic.
const MAX_LENGTH: usize = 64;

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
            let replace = last[j - 1] + if same(a[i - 1], b[j - 1]) { 0 } else { EDIT + 1 };
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
