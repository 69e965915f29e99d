//! Any payload with a valid signature gets a typed answer, the same one from each method, in memory that the limit bounds.
//!
//! The first byte says what the rest is: `t` the payload's text, `b` bytes for base64url, `z` bytes for base64url after the
//! mark of a compressed payload.

#![no_main]

use std::sync::LazyLock;

use flate2::{Decompress, FlushDecompress, Status};
use hardtack::{Error, Session, SessionCodec};
use hardtack_fuzz::{NOW, assert_readable, base64url, canonical, ring, signed};
use libfuzzer_sys::fuzz_target;

/// A limit for JSON so low that an input can exceed it, in bytes.
const LIMIT: usize = 1000;
/// Maximum memory at a time: for the payload's bytes, their text, its canonical spelling of up to six times its length, and
/// tables of its keys, all in vectors that grow by doubling; and 43 KB for a state of zlib.
const MEMORY: usize = 64 * LIMIT + 64 * 1024;

static CODEC: LazyLock<SessionCodec> = LazyLock::new(|| {
    SessionCodec::new(ring(1))
        .with_max_length(usize::MAX)
        .with_max_json_length(LIMIT)
        .ignore_session_expiry()
});

type Answer = (Result<Session, Error>, Result<String, Error>);

/// Returns the answers to a payload with a valid signature.
fn answer(payload: &str) -> Answer {
    let value = signed(payload);
    let verified = CODEC.verify(&value, NOW).expect("the signature is good");
    let mut answer = None;
    let cost = allocation_counter::measure(|| {
        answer = Some((verified.session(), verified.raw_json()));
    });
    let bound = (MEMORY + payload.len()) as u64;
    assert!(cost.bytes_max <= bound, "held {} bytes", cost.bytes_max);
    let (session, json) = answer.expect("measured");

    let any = verified.to::<serde_json::Value>();
    match (&json, any.err()) {
        (Err(reason), error) => assert_eq!(error, Some(*reason)),
        // JSON that Rust cannot represent.
        (Ok(_), None | Some(Error::NotFinite | Error::LoneSurrogate | Error::NumberOutOfRange)) => {
        }
        (Ok(json), Some(error)) => panic!("{error}: {json}"),
    }
    match (&session, &json) {
        // The text is as it was signed, and has the same content.
        (Ok(session), Ok(json)) => {
            assert_eq!(Session::from_json(json).as_ref(), Ok(session));
            canonical(session);
        }
        (Ok(_), Err(error)) => panic!("a session, and no text: {error}"),
        (Err(error), Err(reason)) => assert_eq!(error, reason),
        // JSON, but not a session.
        (Err(Error::NotAnObject | Error::LoneSurrogate), Ok(_)) => {}
        (Err(error), Ok(json)) => panic!("{error}: {json}"),
    }
    if let Err(error) = session {
        assert_readable(error);
    }
    (session, json)
}

fn plain(data: &[u8]) -> Answer {
    let (session, json) = answer(&base64url(data));
    if let Ok(json) = &json {
        assert_eq!(json.as_bytes(), data);
    }
    (session, json)
}

/// Inflates a whole stream at once, with the library that the crate uses step by step.
fn inflated(stream: &[u8]) -> Result<Vec<u8>, Error> {
    let mut data = Vec::with_capacity(LIMIT + 1);
    let mut state = Decompress::new(true);
    let status = state.decompress_vec(stream, &mut data, FlushDecompress::Finish);
    let whole = state.total_in() == stream.len() as u64;
    match status {
        Ok(_) if data.len() > LIMIT => Err(Error::JsonTooLong { limit: LIMIT }),
        Ok(Status::StreamEnd) if whole => Ok(data),
        _ => Err(Error::MalformedZlib),
    }
}

fuzz_target!(|data: &[u8]| {
    match data {
        [b't', text @ ..] => {
            if let Ok(text) = str::from_utf8(text) {
                drop(answer(text));
            }
        }
        [b'b', data @ ..] => drop(plain(data)),
        [b'z', stream @ ..] => {
            let answer = answer(&format!(".{}", base64url(stream)));
            match inflated(stream) {
                Ok(data) => assert_eq!(answer, plain(&data)),
                Err(error) => assert_eq!(answer, (Err(error), Err(error))),
            }
        }
        _ => {}
    }
});
