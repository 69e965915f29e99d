//! Instructions per operation, counted by valgrind, next to the previous counts.
//!
//! The counts vary by less than one in a thousand between runs, so a larger change comes from the code. valgrind hides
//! the processor's SHA instructions, so compare the counts only with each other.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::hint::black_box;

use hardtack_bench::operations::operations;
use hardtack_bench::valgrind;

use crate::table::Table;

/// The previous counts.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/instructions.txt");
/// Operations over which a count is averaged.
const PAYLOADS: usize = 16;

/// Runs every operation, each in its own call to [`valgrind::counted`]. valgrind runs this.
pub fn run_all() {
    for mut operation in operations() {
        let mut run = || (0..PAYLOADS).for_each(|payload| operation.run(black_box(payload)));
        run();
        valgrind::counted(&mut run);
    }
}

/// Counts, prints the changes, and saves the counts unless `brief`.
pub fn print(brief: bool) {
    println!("\n== instructions per operation (valgrind, without SHA instructions)");
    if !valgrind::is_here() {
        println!("  valgrind is not here (Debian's package of that name)");
        return;
    }
    let last = read_last();
    let mut kept = String::from("# Written by the bench: instructions per operation.\n");
    let mut table = Table::new(&["", "last", "now", "change"]);
    for (operation, count) in operations().iter().zip(count_all()) {
        let name = &operation.name;
        let _ = writeln!(kept, "{name:<32} {count:>9}");
        let (before, change) = last.get(name).map_or(("-".into(), String::new()), |last| {
            let change = (count as f64 / *last as f64 - 1.0) * 100.0;
            (last.to_string(), format!("{change:+.2} %"))
        });
        table.row([name.clone(), before, count.to_string(), change]);
    }
    table.print();
    if !brief {
        fs::write(FILE, kept).expect("the counts are kept");
    }
}

fn read_last() -> BTreeMap<String, u64> {
    let text = fs::read_to_string(FILE).unwrap_or_default();
    let read = |line: &str| {
        let (name, count) = line.rsplit_once(' ')?;
        Some((name.trim().to_owned(), count.parse().ok()?))
    };
    text.lines().filter_map(read).collect()
}

/// Returns the counts in the order of [`operations`].
fn count_all() -> Vec<u64> {
    let counts = valgrind::count("count", operations().len());
    let one = |count| count / PAYLOADS as u64;
    counts.into_iter().map(one).collect()
}
