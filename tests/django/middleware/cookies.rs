//! Cookies that a browser, or an attacker, may send.

use std::fmt::Write;

use hardtack::signing::{Signer, b62_encode};
use hardtack::{SESSION_SALT, Session, SessionCodec};

use super::kinds::{ONLY_DJANGO_READS, OWN_EXPIRY, SEVERAL, TOO_LONG_TO_READ, YOUNGEST};
use super::scenario::Settings;
use crate::common::{NOW, OTHER_KEY};
use crate::oracle::{Key, ring};

/// A key that neither side knows.
const FOREIGN_KEY: &str = "k3-of-somebody-else-0123456789-abcdefghijklmnopqrstu";

/// When most cookies were signed: a minute before the request.
const SIGNED: i64 = NOW - 60;

#[derive(Clone, Copy, Debug)]
pub enum Sent {
    Good,
    OtherGood,
    /// Good, and signed an hour before the others.
    Stale,
    Compressed,
    Empty,
    /// Signed ahead of the clock, which is allowed.
    Future,
    AtLimit,
    OwnExpiryAhead,
    OwnExpiryIso,
    EndsWithBrowser,
    Fallback,
    Forged,
    Garbage,
    OtherSalt,
    Expired,
    OwnExpired,
    OwnExpiredIso,
    NotJson,
    NotBase64,
    OddStamp,
    Padded,
    TooLong,
    Short,
    Blank,
}

/// The cookies of one request.
#[derive(Clone, Copy)]
pub struct Request {
    pub name: &'static str,
    pub cookies: &'static [Sent],
    /// Whether each cookie is in a separate header.
    pub in_headers: bool,
    /// A kind of difference, and the cookies as which ours treats these.
    pub taken_for: Option<(&'static str, &'static [Sent])>,
}

const fn one(name: &'static str, cookies: &'static [Sent]) -> Request {
    Request {
        name,
        cookies,
        in_headers: false,
        taken_for: None,
    }
}

const fn taken(
    name: &'static str,
    cookies: &'static [Sent],
    kind: &'static str,
    other: &'static [Sent],
) -> Request {
    Request {
        name,
        cookies,
        in_headers: false,
        taken_for: Some((kind, other)),
    }
}

const fn apart(request: Request) -> Request {
    Request {
        in_headers: true,
        ..request
    }
}

pub const REQUESTS: &[Request] = &[
    one("no cookie", &[]),
    one("good", &[Sent::Good]),
    one("compressed", &[Sent::Compressed]),
    one("good but empty", &[Sent::Empty]),
    one("from the future", &[Sent::Future]),
    one("at the limit of its age", &[Sent::AtLimit]),
    one("own expiry ahead", &[Sent::OwnExpiryAhead]),
    one("own expiry ahead, ISO", &[Sent::OwnExpiryIso]),
    one("ends with the browser", &[Sent::EndsWithBrowser]),
    one("of a fallback", &[Sent::Fallback]),
    one("forged", &[Sent::Forged]),
    one("garbage", &[Sent::Garbage]),
    one("of another salt", &[Sent::OtherSalt]),
    one("expired", &[Sent::Expired]),
    one("not JSON", &[Sent::NotJson]),
    one("not base64", &[Sent::NotBase64]),
    one("odd stamp", &[Sent::OddStamp]),
    one("short", &[Sent::Short]),
    one("blank", &[Sent::Blank]),
    taken(
        "own expired",
        &[Sent::OwnExpired],
        OWN_EXPIRY,
        &[Sent::Expired],
    ),
    taken(
        "own expired, ISO",
        &[Sent::OwnExpiredIso],
        OWN_EXPIRY,
        &[Sent::Expired],
    ),
    taken(
        "padded",
        &[Sent::Padded],
        ONLY_DJANGO_READS,
        &[Sent::NotJson],
    ),
    taken(
        "too long",
        &[Sent::TooLong],
        TOO_LONG_TO_READ,
        &[Sent::NotJson],
    ),
    one("two good ones", &[Sent::OtherGood, Sent::Good]),
    apart(one("two good headers", &[Sent::OtherGood, Sent::Good])),
    one("forged, then good", &[Sent::Forged, Sent::Good]),
    one("stale, then good", &[Sent::Stale, Sent::Good]),
    one("good, then future", &[Sent::Good, Sent::Future]),
    taken(
        "good, then stale",
        &[Sent::Good, Sent::Stale],
        YOUNGEST,
        &[Sent::Good],
    ),
    apart(taken(
        "good header, then stale",
        &[Sent::Good, Sent::Stale],
        YOUNGEST,
        &[Sent::Good],
    )),
    taken(
        "future, then good",
        &[Sent::Future, Sent::OtherGood],
        YOUNGEST,
        &[Sent::Future],
    ),
    taken(
        "good of a fallback, then stale, then forged",
        &[Sent::Fallback, Sent::Stale, Sent::Forged],
        YOUNGEST,
        &[Sent::Fallback],
    ),
    one("two forged", &[Sent::Forged, Sent::Garbage]),
    one("forged, then expired", &[Sent::Forged, Sent::Expired]),
    one("forged, then not JSON", &[Sent::Forged, Sent::NotJson]),
    taken(
        "good, then forged",
        &[Sent::Good, Sent::Forged],
        SEVERAL,
        &[Sent::Good],
    ),
    apart(taken(
        "good header, then forged",
        &[Sent::Good, Sent::Forged],
        SEVERAL,
        &[Sent::Good],
    )),
    taken(
        "good, then expired",
        &[Sent::Good, Sent::Expired],
        SEVERAL,
        &[Sent::Good],
    ),
    taken(
        "good, then not JSON",
        &[Sent::Good, Sent::NotJson],
        SEVERAL,
        &[Sent::Good],
    ),
    taken(
        "good, then short",
        &[Sent::Good, Sent::Short],
        SEVERAL,
        &[Sent::Good],
    ),
    taken(
        "empty, then forged",
        &[Sent::Empty, Sent::Forged],
        SEVERAL,
        &[Sent::Empty],
    ),
    taken(
        "two good, then forged",
        &[Sent::OtherGood, Sent::Good, Sent::Forged],
        SEVERAL,
        &[Sent::Good],
    ),
];

impl Request {
    /// Returns the `Cookie` headers with these cookies.
    pub fn headers(&self, cookies: &[Sent], settings: &Settings) -> Vec<String> {
        let mut pairs: Vec<String> = cookies
            .iter()
            .map(|cookie| {
                format!(
                    "{}={}",
                    settings.session_cookie_name,
                    cookie.value(settings)
                )
            })
            .collect();
        // Cookies with other names do not matter.
        pairs.insert(0, "theme=dark".into());
        pairs.push("csrftoken=abcdefgh".into());
        if self.in_headers {
            pairs
        } else {
            vec![pairs.join("; ")]
        }
    }
}

impl Sent {
    pub fn value(self, settings: &Settings) -> String {
        let age = i64::from(settings.session_cookie_age);
        let good = r#"{"a":1,"user":"Zo\u00eb"}"#;
        let codec = settings.codec().with_max_length(usize::MAX);
        let sign = |json: &str, at: i64| encode(&codec, json, at);
        match self {
            Self::Good => sign(good, SIGNED),
            Self::OtherGood => sign(r#"{"a":2}"#, SIGNED),
            Self::Stale => sign(r#"{"a":3}"#, SIGNED - 3000),
            Self::Compressed => sign(
                &format!(r#"{{"a":1,"long":"{}"}}"#, "x".repeat(900)),
                SIGNED,
            ),
            Self::Empty => sign("{}", SIGNED),
            Self::Future => sign(good, NOW + 86_400),
            Self::AtLimit => sign(good, NOW - age),
            Self::OwnExpiryAhead => sign(r#"{"a":1,"_session_expiry":600}"#, SIGNED),
            Self::OwnExpiryIso => sign(
                r#"{"a":1,"_session_expiry":"2023-11-15T00:13:20.250000+01:00"}"#,
                SIGNED,
            ),
            Self::EndsWithBrowser => sign(r#"{"a":1,"_session_expiry":0}"#, SIGNED),
            Self::OwnExpired => sign(r#"{"a":1,"_session_expiry":30}"#, SIGNED),
            Self::OwnExpiredIso => sign(
                r#"{"a":1,"_session_expiry":"2023-11-14T22:13:00+00:00"}"#,
                SIGNED,
            ),
            Self::Expired => sign(good, NOW - age - 60),
            Self::Fallback => encode(&of_key(OTHER_KEY), good, SIGNED),
            Self::Forged => encode(&of_key(FOREIGN_KEY), good, SIGNED),
            Self::OtherSalt => encode(&codec.with_salt("another"), good, SIGNED),
            Self::Garbage => "garbage-garbage".into(),
            Self::NotJson => signed("bm90IEpTT04", settings),
            Self::NotBase64 => signed("e30*", settings),
            Self::OddStamp => sign_text("e30:?", settings),
            // {"a":1} has 7 bytes.
            Self::Padded => signed("eyJhIjoxfQ==", settings),
            Self::TooLong => sign(&format!(r#"{{"a":1,"long":"{}"}}"#, noise(8000)), SIGNED),
            Self::Short => "short".into(),
            Self::Blank => String::new(),
        }
    }
}

fn of_key(key: &str) -> SessionCodec {
    SessionCodec::new(ring(&[Key::Text(key.into())]))
}

fn encode(codec: &SessionCodec, json: &str, at: i64) -> String {
    let session = Session::from_json(json).expect("a session");
    codec.encode(&session, at).expect("encodes")
}

/// Signs a payload with a good stamp.
fn signed(payload: &str, settings: &Settings) -> String {
    sign_text(&format!("{payload}:{}", b62_encode(SIGNED)), settings)
}

fn sign_text(text: &str, settings: &Settings) -> String {
    Signer::new(ring(&settings.keys()))
        .with_salt(SESSION_SALT)
        .sign(text)
}

/// Returns text that zlib cannot shorten by more than half.
pub fn noise(length: usize) -> String {
    let mut state: u64 = 1;
    let mut text = String::new();
    while text.len() < length {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        write!(text, "{:08x}", state >> 32).expect("a String takes it");
    }
    text
}
