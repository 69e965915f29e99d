//! The sessions of `data/`, made by `data/make.py` with a real Django.

use hardtack::{KeyRing, RecordCodec, SESSION_SALT, SecretKey, Session, SessionCodec};
use hmac::{Hmac, KeyInit};
use sha2::{Digest, Sha256};

/// When the cookies were signed.
pub const NOW: i64 = 1_760_000_000;
/// When they are read.
pub const LATER: i64 = NOW + 60;
/// When all of them have expired.
pub const TOO_LATE: i64 = NOW + 10_000_000;
/// Number of sessions of a class.
pub const COUNT: usize = 64;

const KEYS: &str = include_str!("../data/keys.txt");

/// Sessions of one size: their JSON texts as Django writes them, and their cookies as Django signs them.
#[derive(Clone, Copy)]
pub struct Class {
    /// S, M, L or XL.
    pub name: &'static str,
    texts: &'static str,
    cookies: &'static str,
}

macro_rules! class {
    ($name:literal) => {
        Class {
            name: $name,
            texts: include_str!(concat!("../data/", $name, ".jsonl")),
            cookies: include_str!(concat!("../data/", $name, ".cookies")),
        }
    };
}

/// The classes, the smallest first: a login, a cart, texts and tokens, about as much as a cookie holds.
pub const CLASSES: [Class; 4] = [class!("S"), class!("M"), class!("L"), class!("XL")];

impl Class {
    /// Returns the sessions' JSON texts.
    pub fn texts(self) -> Vec<&'static str> {
        lines(self.texts)
    }

    /// Returns the sessions' cookies.
    pub fn cookies(self) -> Vec<&'static str> {
        lines(self.cookies)
    }

    /// Returns the lengths of the zlib streams in the cookies, which CPython's zlib has written.
    pub fn stream_lengths(self) -> Vec<usize> {
        let length = |cookie: &str| {
            let (payload, _) = cookie.split_once(':').expect("a cookie has a stamp");
            let payload = payload.strip_prefix('.').expect("all are compressed");
            payload.len() * 3 / 4
        };
        self.cookies().into_iter().map(length).collect()
    }

    /// Returns the sessions, read from their texts.
    pub fn sessions(self) -> Vec<Session> {
        let read = |text| Session::from_json(text).expect("Django's JSON is read");
        self.texts().into_iter().map(read).collect()
    }

    /// Returns the cookies with another first character in their signatures.
    pub fn forged(self) -> Vec<String> {
        self.cookies().into_iter().map(forge).collect()
    }
}

/// Cookies of class M that are refused, or accepted only by a later key.
pub struct Refused {
    /// F: the signature is forged.
    pub forged: Vec<&'static str>,
    /// X: expired.
    pub expired: Vec<&'static str>,
    /// R: signed with the third of three keys.
    pub rotated: Vec<&'static str>,
}

/// Returns F, X and R.
pub fn refused() -> Refused {
    Refused {
        forged: lines(include_str!("../data/F.cookies")),
        expired: lines(include_str!("../data/X.cookies")),
        rotated: lines(include_str!("../data/R.cookies")),
    }
}

fn lines(text: &'static str) -> Vec<&'static str> {
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), COUNT);
    lines
}

fn forge(cookie: &str) -> String {
    let (text, signature) = cookie.rsplit_once(':').expect("a cookie has a signature");
    let other = if signature.starts_with('B') { 'C' } else { 'B' };
    format!("{text}:{other}{}", &signature[1..])
}

/// Returns the secrets: the signing key's, then the fallbacks'.
pub fn secrets() -> impl Iterator<Item = &'static str> {
    KEYS.lines()
}

/// Returns a codec with the first `keys` keys.
pub fn codec(keys: usize) -> SessionCodec {
    SessionCodec::new(ring(keys))
}

/// Returns a codec for records with the first key.
pub fn record_codec() -> RecordCodec {
    RecordCodec::new(ring(1))
}

/// Returns a ring of the first `keys` keys.
pub fn ring(keys: usize) -> KeyRing {
    let mut secrets = secrets()
        .take(keys)
        .map(|secret| SecretKey::new(secret).expect("the keys are good ones"));
    let ring = KeyRing::new(secrets.next().expect("there is a first key"));
    secrets.fold(ring, KeyRing::with_fallback)
}

/// Returns the HMAC states of the first `keys` keys, derived as Django does.
pub fn macs(keys: usize) -> Vec<Hmac<Sha256>> {
    let derive = |secret: &str| {
        let hash = Sha256::new()
            .chain_update(SESSION_SALT)
            .chain_update("signer")
            .chain_update(secret);
        Hmac::new_from_slice(&hash.finalize()).expect("HMAC takes a key of any length")
    };
    secrets().take(keys).map(derive).collect()
}
