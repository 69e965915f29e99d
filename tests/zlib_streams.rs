//! Unusual zlib streams under a good signature. zlib-rs (with `std`) and `miniz_oxide` (without) give the same answers, as
//! this test runs with each; `tests/django/zlib_streams.rs` compares them with CPython's.

#![cfg(feature = "compress")]

mod common;
#[path = "common/zlib_streams.rs"]
mod zlib_streams;

use hardtack::Error;

use common::{NOW, base64url, codec, signed_payload};
use zlib_streams::{TEXT, streams};

#[test]
fn every_stream() {
    let mut wrong = Vec::new();
    for stream in streams() {
        let cookie = signed_payload(&format!(".{}", base64url(&stream.bytes)), NOW);
        let result = codec().decode(&cookie, NOW);
        let result = result.map(|session| session.to_json());
        let expected = if stream.is_read {
            Ok(TEXT.to_owned())
        } else {
            Err(Error::MalformedZlib)
        };
        if result != expected {
            wrong.push((stream.name, result));
        }
    }
    assert_eq!(wrong, []);
}
