//! Helpers for the targets: how an input is split into fields, keys, codecs, and checks that several targets share.

extern crate alloc;

pub mod browser;
pub mod faulty;
// Rust values of every type that JSON text has, as in the live tests.
#[path = "../../tests/common/pairs.rs"]
mod pairs;
#[path = "../../tests/django/typed.rs"]
pub mod typed;
mod values;
pub mod zlib;

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hardtack::signing::TimestampSigner;
use hardtack::{
    Compression, Error, KeyRing, MaxAge, SESSION_SALT, SecretKey, Session, SessionCodec, Timestamp,
};
use time::UtcOffset;

/// The instant at which the targets sign.
pub const NOW: i64 = 1_700_000_000;

/// The byte between the fields of an input. UTF-8 never has it, so fields can be real cookies, headers and JSON text.
pub const SEPARATOR: u8 = 0xfe;

/// Splits an input into its fields.
pub fn fields(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    data.split(|&byte| byte == SEPARATOR)
}

/// Splits an input into exactly `N` texts. Missing ones are empty. Returns `None` if one is not UTF-8.
pub fn texts<const N: usize>(data: &[u8]) -> Option<[&str; N]> {
    let mut found = [""; N];
    for (text, field) in found.iter_mut().zip(fields(data)) {
        *text = str::from_utf8(field).ok()?;
    }
    Some(found)
}

/// Returns the signing key and two fallbacks, one of them as weak as a key can be.
pub fn keys() -> [SecretKey; 3] {
    [
        SecretKey::new("fuzz-7d$u!m3o0q2z@8r#xw5v+e9t&y1a4s6-0123456789").expect("a strong key"),
        SecretKey::allow_weak("k").expect("a key"),
        SecretKey::new(b"\x00\xff\x80 bytes that are no text, and enough of them".as_slice())
            .expect("a strong key"),
    ]
}

/// Returns a ring of the first `count` keys, at least one.
pub fn ring(count: usize) -> KeyRing {
    let [signing, fallbacks @ ..] = keys();
    let fallbacks = fallbacks.into_iter().take(count.saturating_sub(1));
    fallbacks.fold(KeyRing::new(signing), KeyRing::with_fallback)
}

/// Signs text for cookies under the first key.
pub static SIGNER: LazyLock<TimestampSigner> =
    LazyLock::new(|| TimestampSigner::new(ring(1)).with_salt(SESSION_SALT));

/// Has no limits of length, ignores a session's own expiry, and never compresses.
pub static PLAIN: LazyLock<SessionCodec> = LazyLock::new(|| {
    SessionCodec::new(ring(1))
        .with_max_length(usize::MAX)
        .with_max_json_length(usize::MAX)
        .with_compression(Compression::Never)
        .ignore_session_expiry()
});

/// The same, but accepts cookies of any age, and ends a session at its own expiry.
pub static ENFORCING: LazyLock<SessionCodec> = LazyLock::new(|| {
    SessionCodec::new(ring(1))
        .with_max_length(usize::MAX)
        .with_max_json_length(usize::MAX)
        .with_compression(Compression::Never)
        .with_max_age(MaxAge::NoLimit)
});

const HALF_A_YEAR: i64 = 183 * 24 * 60 * 60;

/// The offset of a site's time zone: one hour, or two hours in every other half of a year.
pub fn offset_at(instant: Timestamp) -> UtcOffset {
    let is_summer = instant.as_unix_seconds().div_euclid(HALF_A_YEAR) % 2 == 0;
    UtcOffset::from_hms(1 + i8::from(is_summer), 0, 0).expect("a few hours")
}

/// Asserts that two instants are at most the hour apart that the clocks repeat or skip. One of them is in microseconds.
pub fn assert_near(instant: Timestamp, other: Timestamp) {
    let moved = instant.as_unix_nanos().abs_diff(other.as_unix_nanos());
    assert!(moved <= 3_600_000_001_000, "{moved} ns");
}

/// Returns the base64url of a payload.
pub fn base64url(data: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(data)
}

/// Returns a cookie's value with this payload and a valid signature.
pub fn signed(payload: &str) -> String {
    SIGNER.sign(payload, NOW).expect("NOW can be signed")
}

/// Returns the error with which text is refused that no key of the ring signed.
pub fn refusal(text: &str, limit: usize) -> Error {
    let length = text.len();
    if length > limit {
        Error::TooLong { length, limit }
    } else if text.matches(':').count() < 2 {
        Error::NotSigned
    } else {
        Error::BadSignature
    }
}

/// Asserts that an error's text is one short line of printable ASCII, that its name is an identifier, and that its kinds agree:
/// the cookie of an ended session is useless, and no fault of the program is one of the request.
pub fn assert_readable(error: Error) {
    let text = error.to_string();
    assert!((10..200).contains(&text.len()), "{text}");
    assert!(
        text.bytes().all(|byte| matches!(byte, b' '..=b'~')),
        "{text}"
    );
    assert!(
        error
            .name()
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric())
    );
    assert!(format!("{error:?}").starts_with(error.name()));
    assert!(error.is_useless_cookie() || !error.is_expired());
    assert!(!error.is_usage() || !(error.is_useless_cookie() || error.is_too_large()));
    assert!(matches!(error.status(), 400 | 500 | 503));
}

/// Returns a session with the same keys, and with other values that are as long. `_session_expiry` keeps its value, as a
/// codec reads it.
pub fn masked(session: &Session) -> Session {
    let mut masked = Session::new();
    for (key, value) in session.iter() {
        let text = value.as_str();
        if key == "_session_expiry" {
            masked.insert_json(&key, value);
            continue;
        }
        let other = match text.len() {
            1 if text == "7" => "8".into(),
            1 => "7".into(),
            2 if text == "\"\"" => "10".into(),
            length if text.starts_with("\"x") => format!("\"{}\"", "y".repeat(length - 2)),
            length => format!("\"{}\"", "x".repeat(length - 2)),
        };
        let lender = Session::from_json(&format!("{{\"a\":{other}}}")).expect("JSON text");
        masked.insert_json(&key, lender.get_json("a").expect("it was just read"));
    }
    Session::from_json(&masked.to_json()).expect("our own text")
}

/// Asserts that a session's text is spelled as Django writes it, and is read as the same session. Returns the text.
pub fn canonical(session: &Session) -> String {
    let json = session.to_json();
    assert_canonical(&json);
    let again = Session::from_json(&json).expect("our own text");
    assert_eq!(again, *session);
    assert_eq!(again.to_json(), json);
    json
}

/// Asserts that text is spelled as Django writes it: printable ASCII, and no space outside a string.
pub fn assert_canonical(json: &str) {
    let (mut in_string, mut escaped) = (false, false);
    for byte in json.bytes() {
        assert!(matches!(byte, b' '..=b'~'), "not ASCII: {json}");
        assert!(in_string || byte != b' ', "white space: {json}");
        if escaped {
            escaped = false;
        } else if in_string && byte == b'\\' {
            escaped = true;
        } else if byte == b'"' {
            in_string = !in_string;
        }
    }
}
