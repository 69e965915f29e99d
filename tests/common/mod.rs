//! Helpers for several suites: keys, instants, and the vectors that Django wrote.

#![allow(dead_code, reason = "each suite uses its part")]

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hardtack::signing::TimestampSigner;
use hardtack::{Compression, KeyRing, SESSION_SALT, SecretKey, Session, SessionCodec, Timestamp};
use serde::Serialize;
use serde_json::json;

/// A key that the ordinary constructor accepts.
pub const KEY: &str = "k1-7d$u!m3o0q2z@8r#xw5v+e9t&y1a4s6-0123456789-abcdef";
/// Another key.
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

/// Converts Unix seconds as Python has them, rounded to the nanosecond.
pub fn timestamp(seconds: f64) -> Timestamp {
    let whole = seconds.floor();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the tests' instants lie within i64"
    )]
    let (whole, nanos) = (whole as i128, ((seconds - whole) * 1e9).round() as i128);
    Timestamp::from_unix_nanos(whole * 1_000_000_000 + nanos)
}

/// Creates a session with these pairs.
pub fn session<K: AsRef<str>, V: Serialize>(pairs: impl IntoIterator<Item = (K, V)>) -> Session {
    let mut session = Session::new();
    session.update(pairs).expect("inserts");
    session
}

/// Returns a login (S, about 180 bytes of JSON), a cart with non-ASCII text (M, 700) and mixed text (L, 3000).
pub fn sessions() -> [(&'static str, Session); 3] {
    let login = session([
        ("_auth_user_id", "4711"),
        (
            "_auth_user_backend",
            "django.contrib.auth.backends.ModelBackend",
        ),
        (
            "_auth_user_hash",
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        ),
    ]);

    let mut cart = login.clone();
    let items = ["naïve Zürich", "東京 lamp", "żółw", "plain boots"]
        .map(|name| json!({"name": name, "price": 19.95}));
    cart.update([
        ("cart", json!(items)),
        ("coupon", json!(null)),
        ("total", json!(79.8)),
        ("gift", json!(true)),
    ])
    .expect("inserts");
    cart.update([("last", [4711, 815, -1, 0])])
        .expect("inserts");

    let mut large = cart.clone();
    // Noise that zlib cannot compress, so that the cookie has some length.
    let mut state: u64 = 1;
    let mut noise = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        format!("{state:016x}")
    };
    large
        .update((0..45).map(|at| (format!("note {at}"), [noise(), noise()])))
        .expect("inserts");
    [("S", login), ("M", cart), ("L", large)]
}

/// Signs any text as a cookie's value, even if no codec would write it: a holder of the key can do so.
pub fn signed(json: &str, at: i64) -> String {
    signed_payload(&base64url(json.as_bytes()), at)
}

/// Returns the text of a payload.
pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Signs any payload as a cookie's value.
pub fn signed_payload(payload: &str, at: i64) -> String {
    TimestampSigner::new(ring())
        .with_salt(SESSION_SALT)
        .sign(payload, at)
        .expect("signs")
}

/// Returns the cookies of the three sessions, as Django would write them and uncompressed.
pub fn cookies() -> Vec<(String, String)> {
    let forms = [("auto", Compression::Auto), ("plain", Compression::Never)];
    let write = |name, session: &Session, (form, compression)| {
        let cookie = codec()
            .with_compression(compression)
            .encode(session, NOW)
            .expect("encodes");
        (format!("{name} {form}"), cookie)
    };
    sessions()
        .iter()
        .flat_map(|(name, session)| forms.map(|form| write(name, session, form)))
        .collect()
}
