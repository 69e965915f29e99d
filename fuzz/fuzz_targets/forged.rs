//! Text that no key of the ring signed under the salt is refused, with the same error and without an allocation.

#![no_main]

use std::sync::LazyLock;

use arbitrary::Arbitrary;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hardtack::limits::DEFAULT_MAX_LENGTH;
use hardtack::signing::{TimestampSigner, b62_encode};
use hardtack::{Compression, Error, KeyRing, SESSION_SALT, Session, SessionCodec};
use hardtack_fuzz::{NOW, keys, ring};
use libfuzzer_sys::fuzz_target;

/// Codecs with one, two and three keys.
static CODECS: LazyLock<[SessionCodec; 3]> =
    LazyLock::new(|| [1, 2, 3].map(|count| SessionCodec::new(ring(count))));

/// Real cookies of each key: an empty session, an uncompressed one and a compressed one.
static COOKIES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut login = Session::new();
    login
        .update([("_auth_user_id", "4711"), ("name", "Zoë")])
        .expect("inserts");
    let mut repetitive = Session::new();
    repetitive.insert("a", "a".repeat(200)).expect("inserts");
    let write =
        |codec: &SessionCodec, session: &Session| codec.encode(session, NOW).expect("encodes");
    keys()
        .into_iter()
        .flat_map(|key| {
            let codec = SessionCodec::new(KeyRing::new(key));
            let plain = codec.clone().with_compression(Compression::Never);
            [
                write(&codec, &Session::new()),
                write(&plain, &login),
                write(&codec, &repetitive),
            ]
        })
        .collect()
});

#[derive(Arbitrary, Debug)]
enum Forgery {
    Text(String),
    /// Three parts, each in the right form.
    Parts(i64, [u8; 32], Vec<u8>),
    /// A real signature by one of the ring's keys, for another purpose.
    Salt(String, String),
    /// A real cookie after other characters, which may make it too long.
    Longer(u8, u16),
    /// A real cookie, changed.
    Changed(u8, Vec<Change>),
}

#[derive(Arbitrary, Debug)]
enum Change {
    Put(u16, char),
    Insert(u16, char),
    Remove(u16, u8),
    Append(String),
    Swap(u16, u16),
    /// A real cookie with a part of another one in the same place.
    Part(u8, u8),
}

impl Forgery {
    fn value(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Parts(stamp, signature, payload) => format!(
                "{}:{}:{}",
                URL_SAFE_NO_PAD.encode(payload),
                b62_encode(*stamp),
                URL_SAFE_NO_PAD.encode(signature)
            ),
            Self::Salt(salt, payload) => TimestampSigner::new(ring(1))
                // Longer than the salt of sessions, so it is never the same.
                .with_salt(&format!("{salt}{SESSION_SALT}."))
                .sign(payload, NOW)
                .expect("signs"),
            Self::Longer(which, by) => {
                let by = usize::from(*by) % (DEFAULT_MAX_LENGTH + 1);
                format!("{}{}", "A".repeat(by), cookie(*which))
            }
            Self::Changed(which, changes) => {
                let mut value = cookie(*which).clone();
                for change in changes {
                    change.apply(&mut value);
                }
                value
            }
        }
    }
}

impl Change {
    fn apply(&self, value: &mut String) {
        let mut characters: Vec<char> = value.chars().collect();
        let length = characters.len();
        let place = |at: u16| usize::from(at) % length.max(1);
        match *self {
            Self::Append(ref text) => characters.extend(text.chars()),
            Self::Insert(at, character) => characters.insert(place(at), character),
            _ if length == 0 => {}
            Self::Put(at, character) => characters[place(at)] = character,
            Self::Remove(at, count) => {
                let end = (place(at) + usize::from(count)).min(length);
                characters.drain(place(at)..end);
            }
            Self::Swap(a, b) => characters.swap(place(a), place(b)),
            Self::Part(at, which) => {
                let mut parts: Vec<&str> = value.split(':').collect();
                let at = usize::from(at) % parts.len();
                parts[at] = cookie(which).split(':').nth(at).unwrap_or("");
                characters = parts.join(":").chars().collect();
            }
        }
        *value = characters.into_iter().collect();
    }
}

fn cookie(which: u8) -> &'static String {
    &COOKIES[usize::from(which) % COOKIES.len()]
}

fuzz_target!(|forgery: Forgery| {
    let value = forgery.value();
    let length = value.len();
    let limit = DEFAULT_MAX_LENGTH;
    for (at, codec) in CODECS.iter().enumerate() {
        let mut refused = None;
        let cost = allocation_counter::measure(|| refused = codec.verify(&value, NOW).err());

        // Three cookies of each key, in the ring's order.
        let signed = COOKIES.iter().position(|cookie| *cookie == value);
        if signed.is_some_and(|which| which / 3 <= at) {
            assert_eq!(refused, None, "real: {value}");
            continue;
        }
        let reason = if length > limit {
            Error::TooLong { length, limit }
        } else if value.matches(':').count() < 2 {
            Error::NotSigned
        } else {
            Error::BadSignature
        };
        assert_eq!(refused, Some(reason), "forged: {value}");
        assert_eq!(codec.decode(&value, NOW), Err(reason));
        assert_eq!(cost.count_total, 0, "allocations");
    }
});
