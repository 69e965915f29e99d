//! A Python script that answers each line with a line. Both are JSON.

use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use serde_json::Value;

use super::python::environment;

pub struct Script {
    child: Child,
    questions: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Script {
    /// Starts a script. `path` is relative to the package's folder.
    pub fn start(path: &str, options: &Value) -> Self {
        let mut child = environment()
            .python(&format!("{}/{path}", env!("CARGO_MANIFEST_DIR")))
            .arg(options.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python starts");
        Self {
            questions: child.stdin.take().expect("it is piped"),
            answers: BufReader::new(child.stdout.take().expect("it is piped")).lines(),
            child,
        }
    }

    #[track_caller]
    pub fn ask(&mut self, question: &Value) -> Value {
        writeln!(self.questions, "{question}").expect("Django listens");
        let answer = self.answers.next().expect("Django has not ended");
        serde_json::from_str(&answer.expect("UTF-8")).expect("JSON")
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
