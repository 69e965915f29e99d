//! Instructions per operation, counted by valgrind, next to the previous counts.
//!
//! The counts vary by less than one in a thousand between runs, so a larger change comes from the code. valgrind hides
//! the processor's SHA instructions, so compare the counts only with each other.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use hardtack_bench::operations::{Operation, operations};

use crate::table::Table;

/// The previous counts.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/instructions.txt");
/// Operations over which a count is averaged.
const PAYLOADS: usize = 16;

/// The function [`counted`], by its name in valgrind.
const COUNTED: &str = concat!(module_path!(), "::counted");

/// Runs every operation, each in its own call to [`counted`]. valgrind runs this.
pub fn run_all() {
    for mut operation in operations() {
        (0..PAYLOADS).for_each(|payload| operation.run(payload));
        counted(&mut operation);
    }
}

/// valgrind counts while this function runs, and writes a file after each call.
#[inline(never)]
fn counted(operation: &mut Operation) {
    for payload in 0..PAYLOADS {
        operation.run(std::hint::black_box(payload));
    }
}

/// Counts, prints the changes, and saves the counts unless `brief`.
pub fn print(brief: bool) {
    println!("\n== instructions per operation (valgrind, without SHA instructions)");
    if Command::new("valgrind").arg("--version").output().is_err() {
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
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/callgrind");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder is made");
    let output = Command::new("valgrind")
        .arg("--tool=callgrind")
        .arg(format!("--toggle-collect={COUNTED}"))
        .arg(format!("--dump-after={COUNTED}"))
        .arg(format!(
            "--callgrind-out-file={}",
            folder.join("out").display()
        ))
        .arg(env::current_exe().expect("there is a program"))
        .arg("count")
        .output()
        .expect("valgrind runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let count = |number: usize| {
        let file: PathBuf = folder.join(format!("out.{}", number + 1));
        total(&fs::read_to_string(&file).expect("there is a file for each operation"))
    };
    (0..operations().len())
        .map(|number| count(number) / PAYLOADS as u64)
        .collect()
}

/// Returns the total in one of callgrind's files.
fn total(file: &str) -> u64 {
    let stated = |line: &str| line.strip_prefix("totals: ")?.trim().parse().ok();
    file.lines()
        .find_map(stated)
        .expect("a file states its sum")
}
