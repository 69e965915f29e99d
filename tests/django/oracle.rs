//! The two modes of `oracle.py`: it generates sessions that Django signed, and lets Django judge ours.

use std::io::{BufRead, BufReader, BufWriter, Write};
use std::process::{Child, ChildStdin, Stdio};

use hardtack::{KeyRing, SecretKey};
use serde::Deserialize;
use serde_json::{Value, json};

pub use crate::key::Key;
use crate::python::environment;

/// The first key signs, the others are fallbacks.
pub fn ring(keys: &[Key]) -> KeyRing {
    let secret = |key: &Key| SecretKey::new(key.clone().into_bytes()).expect("a good key");
    let (signing, fallbacks) = keys.split_first().expect("a key");
    fallbacks
        .iter()
        .fold(KeyRing::new(secret(signing)), |ring, key| {
            ring.with_fallback(secret(key))
        })
}

/// Converts an instant to seconds as `time.time()` returns them.
pub fn seconds(instant: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "the tests' are below 2**53")]
    let seconds = instant as f64;
    seconds
}

/// A random session, and how Django signed it. `oracle.py` describes the fields.
#[derive(Deserialize)]
pub struct Generated {
    pub json: String,
    pub keys: Vec<Key>,
    pub key: usize,
    pub salt: String,
    pub now: f64,
    pub cookie: String,
    pub plain: String,
    pub traits: Vec<String>,
}

/// Calls `each` with each session.
pub fn generate(seed: &str, count: usize, mut each: impl FnMut(Generated)) {
    let mut child = environment()
        .python("oracle.py")
        .args(["generate", seed, &count.to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .expect("python starts");
    let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    for line in lines {
        let line = line.expect("UTF-8");
        each(serde_json::from_str(&line).expect("a session"));
    }
    assert!(child.wait().expect("it ends").success());
}

/// Django, which receives all questions before it answers them.
pub struct Judge {
    child: Child,
    questions: BufWriter<ChildStdin>,
    asked: usize,
}

#[derive(Debug, Deserialize)]
pub struct Answer {
    pub ok: bool,
    /// The name of Django's exception, or the difference that it found.
    #[serde(default)]
    pub error: String,
}

impl Judge {
    pub fn start() -> Self {
        let mut child = environment()
            .python("oracle.py")
            .arg("judge")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("python starts");
        let questions = BufWriter::new(child.stdin.take().expect("it is piped"));
        Self {
            child,
            questions,
            asked: 0,
        }
    }

    fn ask(&mut self, question: &Value) {
        writeln!(self.questions, "{question}").expect("the judge listens");
        self.asked += 1;
    }

    /// Asks whether Django accepts this cookie. A `max_age` of `None` means no limit.
    pub fn load(&mut self, salt: &str, keys: &[Key], now: f64, max_age: Option<f64>, cookie: &str) {
        self.ask(&json!({
            "op": "load", "salt": salt, "keys": keys, "now": now, "max_age": max_age, "cookie": cookie,
        }));
    }

    /// Asks whether Django finds exactly the values of `json` in this cookie, whatever its age.
    pub fn expect(&mut self, salt: &str, keys: &[Key], now: f64, cookie: &str, json: &str) {
        self.ask(&json!({
            "op": "expect", "salt": salt, "keys": keys, "now": now, "cookie": cookie, "json": json,
        }));
    }

    /// Returns one answer for each question, in order.
    pub fn answers(self) -> Vec<Answer> {
        drop(self.questions.into_inner().expect("the judge listens"));
        let output = self.child.wait_with_output().expect("it ends");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{told}");
        let answers: Vec<Answer> = output
            .stdout
            .lines()
            .map(|line| serde_json::from_str(&line.expect("UTF-8")).expect("an answer"))
            .collect();
        assert_eq!(answers.len(), self.asked, "{told}");
        answers
    }
}
