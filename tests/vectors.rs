//! Cookies that Django wrote (`tests/vectors/make_vectors.py`) are read and written again byte for byte.

mod common;

use std::fs;

use hardtack::signing::{Signer, TimestampSigner};
use hardtack::{Compression, KeyRing, MaxAge, SecretKey, Session, SessionCodec};
use serde::Deserialize;
use serde_json::value::RawValue;

use common::timestamp;

#[derive(Deserialize)]
struct Vector {
    name: String,
    kind: String,
    salt: Option<String>,
    keys: Vec<Key>,
    key: usize,
    #[serde(default)]
    now: f64,
    #[serde(default)]
    cookie: String,
    #[serde(default)]
    compressed: bool,
    #[serde(default)]
    json: String,
    #[serde(default)]
    sep: String,
    #[serde(default)]
    value: String,
    #[serde(default)]
    signed: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Key {
    Text(String),
    Hex(String),
}

impl Key {
    fn secret(&self) -> SecretKey {
        let bytes = match self {
            Self::Text(text) => text.as_bytes().to_vec(),
            Self::Hex(hex) => {
                let digits =
                    |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex digits");
                (0..hex.len()).step_by(2).map(digits).collect()
            }
        };
        SecretKey::allow_weak(bytes).expect("a key that Django took")
    }
}

impl Vector {
    /// Returns the reader's ring.
    fn ring(&self) -> KeyRing {
        let ring = KeyRing::new(self.keys[0].secret());
        self.keys[1..]
            .iter()
            .fold(ring, |ring, key| ring.with_fallback(key.secret()))
    }

    /// Returns the signer's ring.
    fn signers_ring(&self) -> KeyRing {
        KeyRing::new(self.keys[self.key].secret())
    }

    fn salt(&self) -> &str {
        self.salt.as_deref().unwrap_or_default()
    }

    fn codec(&self, keys: KeyRing) -> SessionCodec {
        SessionCodec::new(keys)
            .with_salt(self.salt())
            .with_max_length(16 * 1024)
            .with_max_age(MaxAge::NoLimit)
    }
}

fn vectors(django: &str, kind: &str) -> Vec<Vector> {
    let path = format!(
        "{}/tests/vectors/django-{django}.jsonl",
        env!("CARGO_MANIFEST_DIR")
    );
    let text = fs::read_to_string(path).expect("the vectors are there");
    let all = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("a vector"));
    let vectors: Vec<Vector> = all.filter(|vector: &Vector| vector.kind == kind).collect();
    assert!(!vectors.is_empty(), "no {kind} vectors of Django {django}");
    vectors
}

const DJANGOS: [&str; 3] = ["4.2.30", "5.2.19", "6.0.10"];

fn check_session(vector: &Vector) {
    let name = &vector.name;
    let now = timestamp(vector.now);
    let codec = vector.codec(vector.ring());
    let verified = codec
        .verify(&vector.cookie, now)
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(verified.key_index(), vector.key, "{name}");
    assert_eq!(vector.cookie.starts_with('.'), vector.compressed, "{name}");

    #[cfg(not(feature = "compress"))]
    if vector.compressed {
        assert_eq!(
            verified.session(),
            Err(hardtack::Error::CompressionDisabled),
            "{name}"
        );
        return;
    }
    let session = verified
        .session()
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(session.to_json(), vector.json, "{name}");
    assert_eq!(
        Session::from_json(&vector.json).as_ref(),
        Ok(&session),
        "{name}"
    );

    let signer = vector.codec(vector.signers_ring());
    let plain = signer
        .clone()
        .with_compression(Compression::Never)
        .encode(&session, now)
        .expect("encodes");
    if vector.compressed {
        let ours = signer.encode(&session, now).expect("encodes");
        assert!(ours.len() <= plain.len(), "{name}");
        assert_eq!(codec.decode(&ours, now).as_ref(), Ok(&session), "{name}");
    } else {
        assert_eq!(plain, vector.cookie, "{name}");
    }
}

/// The JSON is the same to the byte, and so is the cookie if it is not compressed. A zlib stream may have other bytes.
#[test]
fn djangos_sessions_are_read_and_written_byte_for_byte() {
    let vectors = DJANGOS.iter().flat_map(|django| vectors(django, "session"));
    let count = vectors.inspect(check_session).count();
    assert!(count > 250, "only {count}");
}

#[test]
fn a_session_rebuilt_member_by_member_has_the_same_cookie() {
    for vector in vectors("5.2.19", "session") {
        let read = Session::from_json(&vector.json).expect("JSON that Django wrote");
        let mut copied = Session::new();
        for (key, value) in read.iter() {
            copied.insert_json(&key, value);
        }
        assert_eq!(copied.to_json(), vector.json, "{}", vector.name);
    }
}

#[test]
fn djangos_dumps_are_read_and_written_byte_for_byte() {
    for vector in DJANGOS.iter().flat_map(|django| vectors(django, "dumps")) {
        let (name, now) = (&vector.name, timestamp(vector.now));
        if vector.compressed && cfg!(not(feature = "compress")) {
            continue;
        }
        // The text is read through the codec, because it may contain values that Rust cannot represent.
        let codec = vector.codec(vector.ring());
        let json = codec
            .verify(&vector.cookie, now)
            .and_then(|verified| verified.raw_json());
        assert_eq!(json.as_deref(), Ok(vector.json.as_str()), "{name}");

        let Ok(value) = serde_json::from_str::<Box<RawValue>>(&vector.json) else {
            continue;
        };
        let signer = TimestampSigner::new(vector.signers_ring()).with_salt(vector.salt());
        let plain = signer
            .dumps(&value, Compression::Never, now)
            .expect("dumps");
        if !vector.compressed {
            assert_eq!(plain, vector.cookie, "{name}");
        }
        let back: Box<RawValue> = signer
            .loads(&vector.cookie, now, MaxAge::NoLimit)
            .expect("loads");
        assert_eq!(back.get(), vector.json, "{name}");
    }
}

#[test]
fn djangos_signed_text_is_verified_and_signed_alike() {
    for vector in DJANGOS.iter().flat_map(|django| vectors(django, "signer")) {
        let name = &vector.name;
        let signer = |keys| {
            Signer::new(keys)
                .with_salt(vector.salt())
                .with_separator(&vector.sep)
                .expect("a separator")
        };
        assert_eq!(
            signer(vector.signers_ring()).sign(&vector.value),
            vector.signed,
            "{name}"
        );
        let signer = signer(vector.ring());
        let verified = signer.verify(&vector.signed).expect("verifies");
        assert_eq!(verified.text(), vector.value, "{name}");
    }
}

#[test]
fn djangos_stamped_text_is_verified_and_signed_alike() {
    for vector in DJANGOS
        .iter()
        .flat_map(|django| vectors(django, "timestamp_signer"))
    {
        let (name, now) = (&vector.name, timestamp(vector.now));
        let signer = |keys| {
            TimestampSigner::new(keys)
                .with_salt(vector.salt())
                .with_separator(&vector.sep)
                .expect("a separator")
        };
        assert_eq!(
            signer(vector.signers_ring())
                .sign(&vector.value, now)
                .as_ref(),
            Ok(&vector.signed),
            "{name}"
        );
        let signer = signer(vector.ring());
        let verified = signer
            .verify(&vector.signed, now, MaxAge::NoLimit)
            .expect("verifies");
        assert_eq!(verified.text(), vector.value, "{name}");
        assert_eq!(
            verified.issued_at().as_unix_seconds(),
            now.as_unix_seconds(),
            "{name}"
        );
    }
}
