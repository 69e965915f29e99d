//! Our compressor beside CPython's zlib.

use std::env;
use std::fmt::Write;
use std::io::{BufRead, BufReader, Write as _};
use std::process::Stdio;

use hardtack::{SESSION_SALT, Session};
use serde::Deserialize;

use crate::common::{KEY, codec};
use crate::deflate::{Deflater, Effort};
use crate::kinds::{Numbers, kinds};
use crate::oracle::{Judge, Key};
use crate::python::environment;

const EFFORTS: [Effort; 2] = [Effort::Fast, Effort::Thorough];

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        write!(text, "{byte:02x}").expect("a string grows");
    }
    text
}

/// Returns texts of five kinds: of many lengths, long ones, and with a few other bytes in them.
fn texts() -> Vec<Vec<u8>> {
    let mut numbers = Numbers(7);
    let mut texts = Vec::new();
    for (_, text) in kinds(5000) {
        texts.extend((0..=text.len()).step_by(9).map(|to| text[..to].to_vec()));
        for _ in 0..200 {
            let mut edited = text[..1000].to_vec();
            for _ in 0..=numbers.below(20) {
                let at = usize::try_from(numbers.below(1000)).expect("small");
                edited[at..=at].copy_from_slice(&numbers.bytes(1, 256));
            }
            texts.push(edited);
        }
    }
    texts.extend(kinds(70_000).map(|(_, text)| text));
    texts
}

#[test]
#[ignore = "needs Python; run: cargo test --test django_live -- --ignored --nocapture"]
fn cpython_inflates_our_streams() {
    let mut deflater = Deflater::default();
    let (mut streams, mut expected) = (String::new(), Vec::new());
    for text in texts() {
        for effort in EFFORTS {
            // The thorough parse takes long in a build for tests.
            if effort == Effort::Thorough && text.len() % 10 != 0 {
                continue;
            }
            let mut stream = Vec::new();
            assert!(deflater.deflate(&text, effort, usize::MAX, &mut stream));
            streams.push_str(&hex(&stream));
            streams.push('\n');
            expected.push(hex(&text));
        }
    }
    let mut child = environment()
        .python("inflate.py")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python starts");
    let mut pipe = child.stdin.take().expect("it is piped");
    pipe.write_all(streams.as_bytes()).expect("Python listens");
    drop(pipe);
    let output = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let answers: Vec<_> = output.map(|line| line.expect("UTF-8")).collect();
    assert!(child.wait().expect("it ends").success());
    let differ = |(ours, theirs): &(&String, &String)| ours != theirs;
    let wrong = expected.iter().zip(&answers).filter(differ).count();
    println!(
        "CPython's zlib: {} streams, {wrong} mismatches",
        expected.len()
    );
    assert!(expected.len() > 3000);
    assert_eq!((answers.len(), wrong), (expected.len(), 0));
}

/// A session whose cookie is nearly as long as a browser accepts. `near_limit.py` describes the fields.
#[derive(Deserialize)]
struct NearLimit {
    json: String,
    stream: usize,
    cookie: String,
}

/// Each session that Django fits into a cookie, we fit into one that is no longer.
#[test]
#[ignore = "needs Python and Django 5.2.19; run: cargo test --test django_live -- --ignored --nocapture"]
fn what_fits_in_django_fits_here() {
    /// When `near_limit.py` signs.
    const NOW: i64 = 1_760_000_000;
    let seed = env::var("HARDTACK_SEED").unwrap_or_else(|_| "hardtack".into());
    let count = env::var("HARDTACK_SESSIONS").unwrap_or_else(|_| "300".into());
    let mut child = environment()
        .python("near_limit.py")
        .args([&seed, &count])
        .stdout(Stdio::piped())
        .spawn()
        .expect("python starts");
    let keys = [Key::Text(KEY.into())];
    let mut judge = Judge::start();
    let (mut deflater, mut stream) = (Deflater::default(), Vec::new());
    let (mut sessions, mut missed, mut longer, mut refused) = (0, 0, 0, 0);
    for line in BufReader::new(child.stdout.take().expect("it is piped")).lines() {
        let django: NearLimit =
            serde_json::from_str(&line.expect("UTF-8")).expect("a session of Django's");
        sessions += 1;
        let json = django.json.as_bytes();
        let mut fits = |effort| deflater.deflate(json, effort, django.stream, &mut stream);
        missed += usize::from(!fits(Effort::Fast));
        longer += usize::from(!fits(Effort::Thorough));
        let session = Session::from_json(&django.json).expect("Django's text");
        let codec = codec().with_max_length(django.cookie.len());
        match codec.encode(&session, NOW) {
            #[expect(clippy::cast_precision_loss, reason = "far below 2**53")]
            Ok(ours) => judge.expect(SESSION_SALT, &keys, NOW as f64, &ours, &django.json),
            Err(_) => refused += 1,
        }
    }
    assert!(child.wait().expect("it ends").success());
    let answers = judge.answers();
    let mismatches = answers.iter().filter(|answer| !answer.ok).count();
    println!(
        "near the limit, seed {seed:?}: {sessions} sessions, the fast parse is longer than zlib for {missed}, the \
         thorough one for {longer}; {refused} do not fit, {mismatches} mismatches"
    );
    assert_eq!(sessions.to_string(), count);
    assert!(missed > 0, "every session fits at once");
    assert_eq!((longer, refused, mismatches), (0, 0, 0));
}
