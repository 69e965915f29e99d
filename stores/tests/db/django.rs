//! A Django process on the table of a test.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;

use serde_json::{Value, json};

/// Unless the environment variable DJANGO names another version.
const DJANGO: &str = "5.2.19";
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/db/django_rows.py");
const TARGET: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target");

pub struct Django {
    process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Django {
    /// Starts a site on a database (an entry of `DATABASES`), with an empty table.
    pub fn new(database: &Value, table: &str, use_tz: bool) -> Self {
        let options = json!({"database": database, "table": table, "use_tz": use_tz, "key": super::site::SECRET});
        let mut process = Command::new(python())
            .args([SCRIPT, &options.to_string()])
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let questions = process.stdin.take().unwrap();
        let answers = BufReader::new(process.stdout.take().unwrap());
        let mut django = Self {
            process,
            questions,
            answers,
        };
        django.ask(&json!({"do": "create"}));
        django
    }

    #[track_caller]
    pub fn ask(&mut self, question: &Value) -> Value {
        writeln!(self.questions, "{question}").unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        assert!(!answer.is_empty(), "Django has ended: see its traceback");
        serde_json::from_str(&answer).unwrap()
    }
}

impl Drop for Django {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Python in a virtual environment under `target`, made when it is missing.
fn python() -> &'static Path {
    static PYTHON: OnceLock<std::path::PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let version = std::env::var("DJANGO").unwrap_or_else(|_| DJANGO.into());
        let venv = Path::new(TARGET).join(format!("venv-django-{version}"));
        let python = venv.join("bin").join("python");
        let check =
            format!("import psycopg, pymysql, django; assert django.__version__ == '{version}'");
        let is_made = || {
            Command::new(&python)
                .args(["-c", &check])
                .stderr(Stdio::null())
                .status()
                .is_ok_and(|status| status.success())
        };
        if !is_made() {
            run(Command::new("python3").args(["-m", "venv"]).arg(&venv));
            run(Command::new(&python)
                .args([
                    "-m",
                    "pip",
                    "install",
                    "--quiet",
                    "psycopg[binary]",
                    "PyMySQL",
                ])
                .arg(format!("Django=={version}")));
            assert!(is_made(), "no Django with drivers in {}", venv.display());
        }
        python
    })
}

fn run(command: &mut Command) {
    assert!(command.status().unwrap().success(), "{command:?}");
}
