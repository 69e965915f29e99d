//! Unusual zlib streams against CPython, which uses the original zlib: we read the same ones, except for those that are
//! listed here.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::ask::ask_django;
use crate::streams::{TEXT, streams};

/// `zlib.decompress` ignores bytes behind the stream. We refuse them, so that a stream has no second text.
const ONLY_CPYTHON: [&str; 2] = ["a byte behind it", "the stream twice"];

#[test]
#[ignore = "needs Python and Django 5.2.19; run: cargo test --test django_live -- --ignored --nocapture"]
fn zlib_streams_are_read_as_cpython_reads_them() {
    let streams = streams();
    let questions = streams.iter().map(|stream| STANDARD.encode(&stream.bytes));
    let answers: Vec<Option<String>> = ask_django("zlib_streams.py", &[], questions);
    for (stream, answer) in streams.iter().zip(answers) {
        let is_read = stream.is_read || ONLY_CPYTHON.contains(&stream.name);
        assert_eq!(
            answer.as_deref(),
            is_read.then_some(TEXT),
            "{}",
            stream.name
        );
    }
}
