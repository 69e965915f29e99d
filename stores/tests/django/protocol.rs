//! The protocol of `bridged_stores.py` and `run_sessions.py`: one line of JSON with a request, one with its answer.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::Stdio;

use hardtack::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::common::python::environment;

#[derive(Deserialize)]
pub struct Request {
    #[serde(flatten)]
    pub site: Site,
    /// `SESSION_COOKIE_AGE`, or the age of the engine's class.
    pub age: u64,
    pub now: Micros,
    /// The session, unless it is a new one.
    pub id: Option<usize>,
    #[serde(flatten)]
    pub ask: Ask,
}

/// The settings of a store.
#[derive(Clone, Deserialize, PartialEq)]
pub struct Site {
    pub engine: String,
    pub settings: Settings,
    pub table: Option<String>,
}

#[derive(Clone, Deserialize, PartialEq)]
pub struct Settings {
    pub secret: String,
    pub use_tz: bool,
    /// Backend, name, user, host and port.
    pub database: [String; 5],
    /// Backend and location.
    pub cache: (String, String),
    pub file_path: String,
    pub cookie_name: String,
    pub expire_at_browser_close: bool,
}

#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Ask {
    New { session_key: Option<String> },
    KeySalt,
    SessionKey,
    SetSessionKey { session_key: Option<String> },
    NewSessionKey,
    SessionCache,
    ForgetSessionCache,
    Accessed,
    SetAccessed { value: bool },
    Modified,
    SetModified { value: bool },
    Contains { key: String },
    Get { key: String },
    Insert { key: String, json: Json },
    SetDefault { key: String, json: Json },
    Pop { key: String },
    Update { json: Json },
    Items,
    Clear,
    Flush,
    CycleKey,
    Create,
    Save { must_create: bool },
    Load,
    Exists { session_key: Option<String> },
    Delete { session_key: Option<String> },
    ClearExpired,
    Encode { json: Json },
    Decode { text: String },
    SetExpiry { expiry: Option<Given> },
    ExpiryAge { modification: Micros },
    ExpiryDate { modification: Micros },
    ExpireAtBrowserClose,
    Cache,
    CacheKey,
    KeyToFile { session_key: String },
}

/// Microseconds since the epoch, the precision of a `datetime`.
#[derive(Clone, Copy, Deserialize)]
pub struct Micros(pub i64);

impl From<Micros> for Timestamp {
    fn from(Micros(micros): Micros) -> Self {
        Self::from_unix_nanos(i128::from(micros) * 1000)
    }
}

/// A new expiry: an int, a `datetime` or a `timedelta`.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Given {
    Seconds(i64),
    At(Micros),
    In(i64),
}

/// A value's JSON text, byte for byte.
#[derive(Deserialize)]
#[serde(try_from = "String")]
pub struct Json(pub Box<RawValue>);

impl TryFrom<String> for Json {
    type Error = serde_json::Error;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        RawValue::from_string(text).map(Self)
    }
}

/// Raises an exception in Django's test. The name is that of its class, if the test knows it.
#[derive(Debug)]
pub struct Refusal {
    pub name: &'static str,
    pub message: String,
}

impl Refusal {
    pub fn new(name: &'static str) -> Self {
        let message = name.to_owned();
        Self { name, message }
    }
}

impl<E: std::error::Error> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self {
            name: "Error",
            message: error.to_string(),
        }
    }
}

/// A line of Python's log.
pub struct LogEntry {
    pub logger: &'static str,
    pub level: &'static str,
    pub message: String,
    /// The exception's text.
    pub error: Option<String>,
}

/// One of Django's tests: its class, its name, "passed", "skipped" or "failed", and why it was skipped.
#[derive(Debug, Deserialize)]
pub struct Outcome {
    pub class: String,
    pub test: String,
    pub ended: String,
    pub reason: String,
}

/// The arguments of `run_sessions.py`.
pub struct Run<'a> {
    pub mode: &'static str,
    pub folder: PathBuf,
    pub database: &'a str,
    pub classes: &'a [&'a str],
}

/// Runs Django's tests, and answers their requests.
pub fn run(
    run: &Run<'_>,
    mut answer: impl FnMut(Value, &mut Vec<LogEntry>) -> Result<Value, Refusal>,
) -> Vec<Outcome> {
    let log = run.folder.join("python.log");
    let mut python = environment().python("run_sessions.py");
    python.args([run.mode.as_ref(), environment().source.as_os_str()]);
    python.args([run.folder.as_os_str(), run.database.as_ref()]);
    python.args(run.classes);
    python.stdin(Stdio::piped()).stdout(Stdio::piped());
    python.stderr(File::create(&log).expect("a log"));
    let mut python = python.spawn().expect("Python starts");
    let mut to_python = python.stdin.take().expect("a pipe");
    let from_python = python.stdout.take().expect("a pipe");
    let mut outcomes = Vec::new();
    for line in BufReader::new(from_python).lines() {
        let line = line.expect("a line");
        let mut request: Value = serde_json::from_str(&line).expect("a line of JSON");
        let mut log = Vec::new();
        let answer = if request["op"] == "results" {
            outcomes = serde_json::from_value(request["tests"].take()).expect("outcomes");
            Ok(Value::Null)
        } else {
            answer(request, &mut log)
        };
        let log = log.iter().map(LogEntry::to_json).collect::<Value>();
        let answer = match answer {
            Ok(value) => json!({"ok": value, "log": log}),
            Err(Refusal { name, message }) => json!({"error": name, "message": message}),
        };
        // After the results of Django itself, Python does not wait for an answer.
        let _ = writeln!(to_python, "{answer}");
    }
    let ended = python.wait().expect("Python ends");
    assert!(ended.success(), "see {}", log.display());
    outcomes
}

impl LogEntry {
    fn to_json(&self) -> Value {
        json!({"logger": self.logger, "level": self.level, "message": self.message, "error": self.error})
    }
}
