//! Compares pickles with Python. `HARDTACK_PICKLES` sets the number of random sessions in each direction.
//!
//!     HARDTACK_PICKLES=100000 cargo test -p hardtack-stores --features pickle --test pickle_python -- --nocapture

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::process::{Child, Command, Stdio};

use hardtack::Session;
use hardtack::limits::DEFAULT_MAX_RECORD_JSON_LENGTH as LIMIT;
use hardtack_stores::pickle::{self, Protocol};
use serde::Deserialize;

const PROTOCOLS: [Protocol; 4] = [
    Protocol::Two,
    Protocol::Three,
    Protocol::Four,
    Protocol::Five,
];

#[derive(Deserialize)]
struct Generated {
    json: String,
    pickles: [String; 4],
}

#[test]
fn python_and_we_read_each_others_pickles() {
    let count = std::env::var("HARDTACK_PICKLES").unwrap_or_else(|_| "2000".into());
    let mut generator = python(&["generate", "seed", &count]);
    let generated = BufReader::new(generator.stdout.take().expect("it is piped")).lines();
    let mut judge = python(&["judge"]);
    let mut questions = BufWriter::new(judge.stdin.take().expect("it is piped"));
    let answers = BufReader::new(judge.stdout.take().expect("it is piped")).lines();
    // The judge answers while it receives questions, so another thread reads its answers.
    let answers = std::thread::spawn(move || {
        let answers = answers.map(|line| line.expect("UTF-8"));
        let (right, wrong): (Vec<_>, Vec<_>) = answers.partition(|answer| answer == "\"\"");
        (right.len(), wrong)
    });

    let (mut read, mut misread) = (0, Vec::new());
    for line in generated {
        let line = line.expect("UTF-8");
        let Generated { json, pickles } = serde_json::from_str(&line).expect("a session");
        for (pickled, protocol) in pickles.iter().zip(PROTOCOLS) {
            match pickle::read(&bytes(pickled), LIMIT) {
                Ok(session) if session.to_json() == json => read += 1,
                other => misread.push(format!("{protocol:?} {json}: {:?}", other.err())),
            }
        }
        let session = Session::from_json(&json).expect("Python's JSON");
        for protocol in PROTOCOLS {
            let pickled = pickle::write(&session, protocol, LIMIT).expect("it is short");
            let again = pickle::read(&pickled, LIMIT).expect("our own pickle");
            assert_eq!(again.to_json(), json);
            let pickled = hex(&pickled);
            let question = serde_json::json!({"json": json, "pickle": pickled});
            writeln!(questions, "{question}").expect("the judge listens");
        }
    }
    drop(questions.into_inner().expect("the judge listens"));
    let (written, wrong) = answers.join().expect("no panic");
    for mut child in [generator, judge] {
        assert!(child.wait().expect("it ends").success());
    }

    println!("pickles read: {read}, mismatches: {}", misread.len());
    println!("pickles written: {written}, mismatches: {}", wrong.len());
    assert!(
        misread.is_empty(),
        "{:#?}",
        &misread[..misread.len().min(10)]
    );
    assert!(wrong.is_empty(), "{:#?}", &wrong[..wrong.len().min(10)]);
    let all = 4 * count.parse::<usize>().expect("a number");
    assert_eq!((read, written), (all, all));
}

fn python(arguments: &[&str]) -> Child {
    Command::new("python3")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pickles.py"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 starts")
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2);
    digits
        .map(|pair| str::from_utf8(pair).expect("ASCII"))
        .map(|pair| u8::from_str_radix(pair, 16).expect("hex"))
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
