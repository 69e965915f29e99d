//! Text in columns, and the format of numbers in them.

use std::fmt::Write;

use hardtack_bench::timing::{Timing, Timings};

/// A table. The first column is aligned to the left, the others to the right.
pub struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Creates a table with a line of headings.
    pub fn new(headings: &[&str]) -> Self {
        Self {
            rows: vec![headings.iter().map(ToString::to_string).collect()],
        }
    }

    /// Adds a line.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Adds a line with a candidate's minimum and median, then other cells.
    pub fn timing(&mut self, timing: &Timing, others: impl IntoIterator<Item = String>) {
        let own = [
            timing.name.clone(),
            micros(timing.minimum()),
            micros(timing.median()),
        ];
        self.row(own.into_iter().chain(others));
    }

    /// Prints the table, with every line indented by two spaces.
    pub fn print(&self) {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for row in &self.rows {
            let mut line = format!("  {:<1$}", row[0], widths[0]);
            for (cell, width) in row.iter().zip(&widths).skip(1) {
                let _ = write!(line, "  {cell:>width$}");
            }
            println!("{}", line.trim_end());
        }
    }
}

/// Formats nanoseconds as microseconds.
pub fn micros(nanos: f64) -> String {
    format!(
        "{:.*}",
        if nanos < 10_000.0 { 3 } else { 1 },
        nanos / 1000.0
    )
}

/// Formats the ratio of the minima, and that of the medians.
pub fn ratio(timings: &Timings, name: &str, others: &[&str]) -> [String; 2] {
    [
        format!("{:.2}", timings.ratio(name, others)),
        format!("{:.2}", timings.median_ratio(name, others)),
    ]
}
