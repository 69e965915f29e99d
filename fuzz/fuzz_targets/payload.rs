//! Any text with a valid signature gets a typed answer, the same one whether compressed or not, in memory that the
//! limit bounds; and an accepted session is valid.

#![no_main]

use std::io::Write;
use std::time::Duration;

use arbitrary::Arbitrary;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::write::ZlibEncoder;
use flate2::{Decompress, FlushDecompress, Status};
use hardtack::signing::TimestampSigner;
use hardtack::{
    Compression, Error, MaxAge, SESSION_SALT, Session, SessionCodec, Timestamp, Verified,
};
use hardtack_fuzz::{NOW, assert_canonical, boundless, ring};
use libfuzzer_sys::fuzz_target;

/// A limit for JSON so low that an input can exceed it, in bytes.
const LIMIT: usize = 1000;
/// A limit so high that zlib's window of 32 KB is filled several times.
const WIDE: usize = 1 << 20;

/// Returns the maximum memory that decoding may use at a time: for the payload's bytes, their text, its canonical
/// spelling of up to six times its length, and tables of its keys, all in vectors that grow by doubling; and 43 KB for
/// a state of zlib.
const fn memory(limit: usize) -> usize {
    64 * limit + 64 * 1024
}

#[derive(Arbitrary, Debug)]
enum Payload<'a> {
    Text(&'a str),
    /// In base64url.
    Plain(&'a [u8]),
    /// In base64url, as if compressed.
    Zlib(&'a [u8]),
    /// Compressed.
    Deflated(u8, &'a [u8]),
    /// Compressed, and then damaged.
    Damaged(Damage, &'a [u8]),
    /// A session of which this is the own expiry.
    Expiry(&'a str),
    /// A session whose one text is repeated, compressed: under 200 KB.
    Bomb(u16, char),
}

#[derive(Arbitrary, Debug)]
enum Damage {
    Cut(u8),
    Tail(u8),
    Byte(u16, u8),
}

impl Damage {
    fn apply(&self, stream: &mut Vec<u8>) {
        match *self {
            Self::Cut(by) => stream.truncate(stream.len().saturating_sub(by.into())),
            Self::Tail(byte) => stream.push(byte),
            Self::Byte(at, byte) => {
                let at = usize::from(at) % stream.len();
                stream[at] = byte;
            }
        }
    }
}

fn deflated(level: u8, data: &[u8]) -> Vec<u8> {
    let level = flate2::Compression::new(u32::from(level % 10));
    let mut encoder = ZlibEncoder::new(Vec::new(), level);
    encoder.write_all(data).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

/// Inflates a whole stream at once.
fn inflated(stream: &[u8], limit: usize) -> Result<Vec<u8>, Error> {
    let mut data = Vec::with_capacity(limit + 1);
    let mut state = Decompress::new(true);
    let status = state.decompress_vec(stream, &mut data, FlushDecompress::Finish);
    let whole = state.total_in() == stream.len() as u64;
    match status {
        Ok(_) if data.len() > limit => Err(Error::JsonTooLong { limit }),
        Ok(Status::StreamEnd) if whole => Ok(data),
        _ => Err(Error::MalformedZlib),
    }
}

type Answer = (Result<Session, Error>, Result<String, Error>);

fn answer(verified: Verified<'_>) -> Answer {
    (verified.session(), verified.raw_json())
}

/// Returns the answer to `payload` with a valid signature.
fn signed(payload: &str, limit: usize) -> Answer {
    let value = TimestampSigner::new(ring(1))
        .with_salt(SESSION_SALT)
        .sign(payload, NOW)
        .expect("signs");
    let codec = boundless().with_max_json_length(limit);
    let verified = codec.verify(&value, NOW).expect("the signature is good");

    let mut both = None;
    let cost = allocation_counter::measure(|| both = Some(answer(verified)));
    let bound = (memory(limit) + payload.len()) as u64;
    assert!(cost.bytes_max <= bound, "held {} bytes", cost.bytes_max);
    let (session, json) = both.expect("measured");

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
        (Ok(session), Ok(json)) => assert_eq!(Session::from_json(json).as_ref(), Ok(session)),
        (Ok(_), Err(error)) => panic!("a session, and no text: {error}"),
        (Err(error), Err(reason)) => assert_eq!(error, reason),
        // JSON, but not a session.
        (Err(Error::NotAnObject | Error::LoneSurrogate), Ok(_)) => {}
        (Err(error), Ok(json)) => panic!("{error}: {json}"),
    }
    (session, json)
}

fn plain(data: &[u8], limit: usize) -> Answer {
    let (session, json) = signed(&URL_SAFE_NO_PAD.encode(data), limit);
    if let Ok(json) = &json {
        assert_eq!(json.as_bytes(), data);
    }
    (session, json)
}

fn compressed(stream: &[u8], limit: usize) -> Answer {
    let answer = signed(&format!(".{}", URL_SAFE_NO_PAD.encode(stream)), limit);
    match inflated(stream, limit) {
        Ok(data) => assert_eq!(answer, plain(&data, limit)),
        Err(error) => assert_eq!(answer, (Err(error), Err(error))),
    }
    answer
}

fn is_a_session(session: &Session) {
    let json = session.to_json();
    assert_canonical(&json);
    assert_eq!(Session::from_json(&json).as_ref(), Ok(session));
    let malformed = Err(Error::MalformedExpiry);
    if session.ends_with_browser(false).is_err() && boundless().encode(session, NOW) == malformed {
        return;
    }
    for compression in [Compression::Auto, Compression::Never] {
        let codec = boundless().with_compression(compression);
        let value = codec.encode(session, NOW).expect("what decoded, encodes");
        assert_eq!(codec.decode(&value, NOW).as_ref(), Ok(session));
        let again = codec.verify(&value, NOW).and_then(|value| value.raw_json());
        assert_eq!(again.as_ref(), Ok(&json));
    }
    ends_when_it_says(session);
}

/// Asserts that a codec that enforces a session's own expiry reads the session until then, and not a nanosecond longer.
fn ends_when_it_says(session: &Session) {
    let value = boundless().encode(session, NOW).expect("no limit");
    let enforcing = SessionCodec::new(ring(1))
        .with_max_length(usize::MAX)
        .with_max_json_length(usize::MAX)
        .with_max_age(MaxAge::NoLimit);
    let end = |default| session.expiry_date(NOW, Duration::from_secs(default));
    match (end(1), end(2)) {
        (Ok(end), Ok(other)) if end == other => {
            assert_eq!(enforcing.decode(&value, end).as_ref(), Ok(session));
            let later = Timestamp::from_unix_nanos(end.as_unix_nanos() + 1);
            // There is no instant after the last one.
            if later > end {
                let expired = Err(Error::SessionExpired);
                assert_eq!(enforcing.decode(&value, later), expired);
            }
        }
        // The session ends at the default, so it has no expiry of its own.
        (Ok(_), _) => assert_eq!(enforcing.decode(&value, NOW).as_ref(), Ok(session)),
        (Err(error), _) => assert_eq!(enforcing.decode(&value, NOW), Err(error)),
    }
}

fuzz_target!(|payload: Payload<'_>| {
    let (session, json) = match payload {
        Payload::Text(text) => signed(text, LIMIT),
        Payload::Plain(data) => plain(data, LIMIT),
        Payload::Expiry(text) => plain(format!("{{\"_session_expiry\":{text}}}").as_bytes(), LIMIT),
        Payload::Zlib(stream) => compressed(stream, LIMIT),
        Payload::Deflated(level, data) => {
            let answer = compressed(&deflated(level, data), LIMIT);
            assert_eq!(answer, plain(data, LIMIT));
            answer
        }
        Payload::Damaged(damage, data) => {
            let mut stream = deflated(6, data);
            damage.apply(&mut stream);
            compressed(&stream, LIMIT)
        }
        Payload::Bomb(times, unit) => {
            let text = String::from(unit).repeat(usize::from(times) % 50_000);
            let stream = deflated(1, format!("{{\"bomb\":\"{text}\"}}").as_bytes());
            let (wide, narrow) = (compressed(&stream, WIDE), compressed(&stream, LIMIT));
            // A limit refuses the session, and changes nothing else.
            let too_long = Error::JsonTooLong { limit: LIMIT };
            assert!(narrow == wide || narrow == (Err(too_long), Err(too_long)));
            narrow
        }
    };
    if let Ok(session) = &session {
        is_a_session(session);
        // Text and session have the same content, and the text can be encoded unchanged.
        let json = json.expect("a session has a text");
        assert_eq!(Session::from_json(&json).as_ref(), Ok(session));
        match boundless().encode_json(&json, NOW) {
            Ok(value) => assert_eq!(boundless().decode(&value, NOW).as_ref(), Ok(session)),
            // A malformed expiry is ignored on reading, and never written, however the session is encoded.
            Err(error) => {
                assert_eq!(error, Error::MalformedExpiry);
                assert_eq!(boundless().encode(session, NOW), Err(error));
            }
        }
    }
});
