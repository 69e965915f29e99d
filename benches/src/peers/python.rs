//! Django and Python's itsdangerous, in a separate process.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use hardtack_bench::data::{self, LATER};
use hardtack_bench::timing::{candidate, measure as take_turns};
use serde_json::Value;

use super::{Cost, Row};
use crate::table::{Table, micros};

const DJANGO: &str = "5.2.19";
const ITSDANGEROUS: &str = "2.2.0";
/// This package's folder.
const HERE: &str = env!("CARGO_MANIFEST_DIR");

/// A session of a class, and the length of its zlib stream.
pub struct Generated {
    /// The name of the class.
    pub class: String,
    /// Its JSON text.
    pub text: String,
    /// The length of what CPython's zlib makes of it.
    pub length: usize,
}

/// Returns this many sessions of each class, which are the same in each run, but not those that are measured.
pub fn generate(count: usize) -> Vec<Generated> {
    let output = run(Command::new(environment())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .arg(Path::new(HERE).join("data/make.py"))
        .args(["--generate", &count.to_string()]));
    let read = |line: &str| {
        let mut parts = line.splitn(3, ' ');
        let mut part = || parts.next().expect("a class, a length and a text");
        Generated {
            class: part().into(),
            length: part().parse().expect("a length"),
            text: part().into(),
        }
    };
    output.lines().map(read).collect()
}

/// The output of the script.
pub struct Python(Vec<Value>);

/// Runs the script.
pub fn measure(budget: Duration) -> Python {
    let python = environment();
    println!(
        "\nPython: Django {DJANGO}, itsdangerous {ITSDANGEROUS}, {}",
        version(&python)
    );
    let output = run(Command::new(python)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .arg(Path::new(HERE).join("python/peers.py"))
        .arg(Path::new(HERE).join("data"))
        .arg((budget.as_secs_f64() / 4.0).to_string()));
    let read = |line| serde_json::from_str(line).expect("the script prints JSON");
    Python(output.lines().map(read).collect())
}

impl Python {
    /// Returns the rows of a class.
    pub fn rows(&mut self, class: &str) -> Vec<Row> {
        let row = |line: &Value| Row {
            name: format!("{}, dict", line["name"].as_str().expect("a name")),
            zlib: line["zlib"].as_bool().expect("with or without zlib"),
            encode: cost(&line["encode"]),
            decode: cost(&line["decode"]),
            bytes: line["bytes"].as_f64().expect("a number"),
        };
        self.0
            .iter()
            .filter(|line| line["class"] == class)
            .map(row)
            .collect()
    }

    /// Prints the cost of refusing F and X in Django, next to hardtack's.
    pub fn print_refusals(&self, budget: Duration) {
        let codec = data::codec(1);
        let cookies = data::refused();
        let ours = take_turns(
            budget,
            vec![
                candidate("forged", |i| codec.verify(cookies.forged[i], LATER).is_ok()),
                candidate("expired", |i| {
                    codec.verify(cookies.expired[i], LATER).is_ok()
                }),
            ],
        );
        let mut table = Table::new(&["", "hardtack", "median", "Django", "median", "ratio"]);
        for line in &self.0 {
            let Some(case) = line["refused"].as_str() else {
                continue;
            };
            let (ours, theirs) = (ours.get(case), cost(&line["cost"]));
            let ratio = theirs.minimum / ours.minimum();
            let cells = [
                micros(theirs.minimum),
                micros(theirs.median),
                format!("{ratio:.1}"),
            ];
            table.timing(ours, cells);
        }
        table.print();
    }
}

fn cost(line: &Value) -> Cost {
    let number = |name: &str| line[name].as_f64().expect("a number");
    Cost {
        minimum: number("minimum"),
        median: number("median"),
    }
}

/// Returns the Python of the tests' virtual environment under `target/`, which is created if it is missing.
fn environment() -> PathBuf {
    let folder = Path::new(HERE).join(format!("../target/venv-django-{DJANGO}"));
    let python = folder.join("bin/python");
    if !folder.exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&folder));
    }
    run(Command::new(&python)
        .args([
            "-m",
            "pip",
            "--quiet",
            "--disable-pip-version-check",
            "install",
        ])
        .arg(format!("Django=={DJANGO}"))
        .arg(format!("itsdangerous=={ITSDANGEROUS}")));
    python
}

fn version(python: &Path) -> String {
    run(Command::new(python).arg("--version")).trim().to_owned()
}

/// Returns the output of a command, which must succeed.
fn run(command: &mut Command) -> String {
    let output = command.output();
    let output = output.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}");
    String::from_utf8(output.stdout).expect("the script prints UTF-8")
}
