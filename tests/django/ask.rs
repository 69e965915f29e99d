//! Questions to a Python script in which Django answers, by the protocol of `lines.py`.

use std::io::{BufRead, BufReader, BufWriter, Write};
use std::process::Stdio;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::python::environment;

/// Returns the script's answers, in the order of the questions.
pub fn ask_django<Q: Serialize, A: DeserializeOwned>(
    script: &str,
    arguments: &[&str],
    questions: impl ExactSizeIterator<Item = Q>,
) -> Vec<A> {
    let count = questions.len();
    let mut child = environment()
        .python(script)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python starts");
    let mut pipe = BufWriter::new(child.stdin.take().expect("it is piped"));
    for question in questions {
        let line = serde_json::to_string(&question).expect("JSON");
        writeln!(pipe, "{line}").expect("Django listens");
    }
    drop(pipe);
    let output = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let answers: Vec<A> = output
        .map(|line| serde_json::from_str(&line.expect("UTF-8")).expect("an answer"))
        .collect();
    assert!(child.wait().expect("it ends").success());
    assert_eq!(answers.len(), count);
    answers
}
