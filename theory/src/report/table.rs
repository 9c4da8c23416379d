//! A table of words, for a terminal and for Markdown.

/// Rows of as many cells as there are headings.
pub(super) struct Table<const N: usize> {
    headings: [&'static str; N],
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    pub(super) fn new(headings: [&'static str; N]) -> Self {
        Table { headings, rows: Vec::new() }
    }

    pub(super) fn push(&mut self, cells: [&str; N]) {
        self.rows.push(cells.map(str::to_owned));
    }

    /// In columns, two blanks between them.
    pub(super) fn text(&self) -> String {
        let headings = self.headings.map(str::to_owned);
        let lines = || std::iter::once(&headings).chain(&self.rows);
        let width =
            |column: usize| lines().map(|cells| cells[column].chars().count()).max().unwrap_or_default();
        let widths: [usize; N] = std::array::from_fn(width);
        let line = |cells: &[String; N]| {
            let padded: Vec<_> =
                cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
            format!("{}\n", padded.join("  ").trim_end())
        };
        lines().map(line).collect()
    }

    /// As Markdown; the first column is code.
    pub(super) fn markdown(&self) -> String {
        let mut out = format!("| {} |\n|{}\n", self.headings.join(" | "), " --- |".repeat(N));
        for cells in &self.rows {
            let mut cells = cells.clone();
            cells[0] = format!("`{}`", cells[0]);
            out.push_str(&format!("| {} |\n", cells.join(" | ")));
        }
        out
    }
}
