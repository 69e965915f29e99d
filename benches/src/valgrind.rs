//! Counts instructions with valgrind. A program runs itself under valgrind, with an argument that makes it run the work to
//! count.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

/// The function [`counted`], by its name in valgrind.
const COUNTED: &str = concat!(module_path!(), "::counted");

/// valgrind counts while this function runs, and writes a file after each call.
#[inline(never)]
pub fn counted(work: &mut dyn FnMut()) {
    work();
}

/// Returns whether valgrind is installed.
pub fn is_here() -> bool {
    Command::new("valgrind").arg("--version").output().is_ok()
}

/// Runs this program under valgrind with one argument, and returns the number of instructions in each of its `calls` calls
/// to [`counted`].
pub fn count(argument: &str, calls: usize) -> Vec<u64> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../target/callgrind")
        .join(argument);
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
        .arg(argument)
        .output()
        .expect("valgrind runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let count = |call: usize| {
        let file = fs::read_to_string(folder.join(format!("out.{call}")));
        total(&file.expect("there is a file for each call"))
    };
    (1..=calls).map(count).collect()
}

/// Returns the total in one of callgrind's files.
fn total(file: &str) -> u64 {
    let stated = |line: &str| line.strip_prefix("totals: ")?.trim().parse().ok();
    file.lines()
        .find_map(stated)
        .expect("a file states its sum")
}
