//! What differs between files, as one self-contained page.

use super::html::render;
use crate::Difference;
use minijinja::context;
use minijinja::value::Serde;
use serde::Serialize;

/// One file on both sides, or on one of them.
#[derive(Clone, PartialEq, Eq, Serialize, Debug)]
pub struct FileDifference {
    /// Its name: the path below the folders that were compared, or both names.
    pub file: String,
    /// `differs`, `only in A` or `only in B`.
    pub result: &'static str,
    /// What differs; empty where only one side has the file.
    pub differences: Vec<Difference>,
}

/// The page. `names` are what was compared, `same` the files that do not differ.
#[must_use]
pub fn html_diff(names: [&str; 2], files: &[FileDifference], same: usize) -> String {
    render(
        "diff.html",
        include_str!("diff.html"),
        context! { names => Serde(names), same, files => Serde(files) },
    )
}
