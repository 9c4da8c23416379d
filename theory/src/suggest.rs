//! "Did you mean": the names that would have been right and are nearest to what was written.

/// Longer words are not compared: nobody mistypes them.
const MAX_LENGTH: usize = 40;

/// Asks whether one of the candidates was meant, if any is close to `word`: at most a third of its letters wrong,
/// or one. Those that are equally close are all named.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    if word.len() > MAX_LENGTH {
        return None;
    }
    let word = word.to_lowercase();
    let scored: Vec<_> = candidates.into_iter().map(|c| (strsim::osa_distance(&word, c), c)).collect();
    let best = scored.iter().filter(|(d, c)| *d <= (c.len() / 3).max(1)).map(|(d, _)| *d).min()?;
    let near: Vec<_> = scored.iter().filter(|(d, _)| *d == best).map(|(_, c)| format!("`{c}`")).collect();
    Some(format!("did you mean {}?", near.join(" or ")))
}
