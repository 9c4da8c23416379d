//! Two snapshots, line by line.

use crate::Difference;
use similar::{ChangeTag, TextDiff};

/// The lines that differ between two texts, each as a difference; a line that only one of them has is empty on
/// the other side.
#[must_use]
pub fn text_differences(left: &str, right: &str) -> Vec<Difference> {
    let diff = TextDiff::from_lines(left, right);
    let changed = diff.iter_all_changes().filter(|change| change.tag() != ChangeTag::Equal);
    changed
        .map(|change| {
            let text = change.value().trim_end().to_owned();
            match change.tag() {
                ChangeTag::Delete => {
                    Difference { what: line(change.old_index()), left: text, right: String::new() }
                }
                _ => Difference { what: line(change.new_index()), left: String::new(), right: text },
            }
        })
        .collect()
}

fn line(index: Option<usize>) -> String {
    index.map_or_else(String::new, |n| format!("line {}", n + 1))
}

/// Lines around a change that are shown with it.
const CONTEXT: usize = 3;

/// Two texts as a unified diff, without file names: `-` is what `left` has, `+` what `right` has.
#[must_use]
pub fn unified(left: &str, right: &str) -> String {
    let normal = |text: &str| text.trim_end().replace("\r\n", "\n") + "\n";
    let (left, right) = (normal(left), normal(right));
    TextDiff::from_lines(&left, &right).unified_diff().context_radius(CONTEXT).to_string()
}
