//! What several suites need: keys, instants, and the vectors that Django made.

#![allow(dead_code, reason = "each suite uses its part")]

use hardtack::{KeyRing, SecretKey, SessionCodec, Timestamp};

/// A key as the ordinary constructor takes it.
pub const KEY: &str = "k1-7d$u!m3o0q2z@8r#xw5v+e9t&y1a4s6-0123456789-abcdef";
/// Another one.
pub const OTHER_KEY: &str = "k2-older-secret-key-0123456789abcdefghijklmnopqrstuv";
/// The instant at which most tests sign.
pub const NOW: i64 = 1_700_000_000;

pub fn key(text: &str) -> SecretKey {
    SecretKey::new(text).expect("a good key")
}

pub fn ring() -> KeyRing {
    KeyRing::new(key(KEY))
}

pub fn codec() -> SessionCodec {
    SessionCodec::new(ring())
}

/// Unix seconds as Python holds them. A float is taken to the nanosecond.
pub fn timestamp(seconds: f64) -> Timestamp {
    let whole = seconds.floor();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the tests' instants lie within i64"
    )]
    let (whole, nanos) = (whole as i128, ((seconds - whole) * 1e9).round() as i128);
    Timestamp::from_unix_nanos(whole * 1_000_000_000 + nanos)
}
