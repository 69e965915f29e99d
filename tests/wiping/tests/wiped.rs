//! No key, derived key or HMAC state is left in memory that hardtack frees.

use std::hint::black_box;
use std::mem::ManuallyDrop;

use hardtack::auth::AuthHasher;
use hardtack::signing::{Signer, TimestampSigner};
use hardtack::{
    Error, KeyRing, RECORD_SALT, RecordCodec, SESSION_SALT, SecretKey, Session, SessionCodec,
};
use hmac::{Hmac, KeyInit};
use sha2::block_api::compress256;
use sha2::{Digest, Sha256};
use wiping::{Secret, Watch};

// Random, so that no piece of them is in anything else.
const KEY: &str = "u7Kq2ZpXw9RtB4nVc6YdJ1mLs8GhF3aEo5QiTzWbNxCvPyDkHj";
const FALLBACK: &str = "Vf3xPz8QmWc1LrTn6KyBs4JdHg9EuAa2XoIe7CvMqZtRwNbYkS";

const AUTH_SALT: &str = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash";
const NOW: i64 = 1_700_000_000;

/// What a live HMAC keeps of the key `KEY`, and of `FALLBACK`.
const STATES: [&str; 2] = ["inner state", "outer state"];
const FALLBACK_STATES: [&str; 2] = ["fallback's inner state", "fallback's outer state"];

fn secret(name: &'static str, bytes: impl Into<Vec<u8>>) -> Secret {
    let bytes = bytes.into();
    Secret { name, bytes }
}

/// The HMAC's key, as `salted_hmac` in `django/utils/crypto.py` derives it.
fn derived(salt: &str, key: &str) -> [u8; 32] {
    let hash = Sha256::new().chain_update(salt).chain_update(key);
    hash.finalize().into()
}

/// The derived key as the first block of a hash: padded with zeros, and each byte combined with `pad` (RFC 2104).
fn padded(derived: [u8; 32], pad: u8) -> [u8; 64] {
    let mut block = [0; 64];
    block[..32].copy_from_slice(&derived);
    block.map(|byte| byte ^ pad)
}

/// The state of SHA-256 after one block, as it is in memory.
fn state(block: [u8; 64]) -> Vec<u8> {
    // The initial hash value (FIPS 180-4, section 5.3.3).
    let mut state: [u32; 8] = [
        0x6a09_e667,
        0xbb67_ae85,
        0x3c6e_f372,
        0xa54f_f53a,
        0x510e_527f,
        0x9b05_688c,
        0x1f83_d9ab,
        0x5be0_cd19,
    ];
    compress256(&mut state, &[block]);
    state.into_iter().flat_map(u32::to_ne_bytes).collect()
}

/// All that must not be left of both keys under a salt.
fn secrets(salt: &str) -> Vec<Secret> {
    let (first, second) = (derived(salt, KEY), derived(salt, FALLBACK));
    vec![
        secret("key", KEY),
        secret("derived key", first),
        secret("inner block", &padded(first, 0x36)[..32]),
        secret("outer block", &padded(first, 0x5c)[..32]),
        secret("inner state", state(padded(first, 0x36))),
        secret("outer state", state(padded(first, 0x5c))),
        secret("fallback", FALLBACK),
        secret("fallback's derived key", second),
        secret("fallback's inner block", &padded(second, 0x36)[..32]),
        secret("fallback's outer block", &padded(second, 0x5c)[..32]),
        secret("fallback's inner state", state(padded(second, 0x36))),
        secret("fallback's outer state", state(padded(second, 0x5c))),
    ]
}

fn key(text: &str) -> SecretKey {
    SecretKey::new(text).expect("the key is a good one")
}

fn ring() -> KeyRing {
    KeyRing::new(key(KEY)).with_fallback(key(FALLBACK))
}

/// Creates a value, uses it and drops it. While it is alive, its memory must have exactly the secrets of `expected`, so
/// that the test cannot look for the wrong bytes. Nothing may be left in freed memory.
fn check<T>(salt: &str, expected: &[&[&str]], create: impl FnOnce() -> T, work: impl FnOnce(&T)) {
    let watch = Watch::for_secrets(secrets(salt));
    let value = create();
    let mut expected = expected.concat();
    expected.sort_unstable();
    let mut live = watch.live();
    live.sort_unstable();
    assert_eq!(live, expected);
    work(&value);
    drop(value);
    assert_eq!(watch.live(), [""; 0], "not freed");
    assert_eq!(watch.freed(), [""; 0], "freed, but not wiped");
}

#[test]
fn memory_that_is_not_wiped_is_found() {
    let salt = SESSION_SALT;
    let watch = Watch::for_secrets(secrets(salt));

    drop(black_box(KEY[3..14].to_owned()));
    assert_eq!(watch.freed(), ["key"], "a part, at another alignment");

    let mut grown = black_box(FALLBACK.as_bytes().to_vec());
    grown.reserve(1000);
    grown.fill(0);
    drop(black_box(grown));
    assert_eq!(
        watch.freed(),
        ["key", "fallback"],
        "the buffer before it grew"
    );

    // A state that is dropped is wiped; one that is only freed is not.
    let mac = || Hmac::<Sha256>::new_from_slice(&derived(salt, KEY)).expect("any length");
    drop(black_box(Box::new(mac())));
    assert_eq!(watch.freed(), ["key", "fallback"]);
    drop(black_box(Box::new(ManuallyDrop::new(mac()))));
    assert_eq!(
        watch.freed(),
        ["key", "inner state", "outer state", "fallback"]
    );

    drop(watch);
    let all = secrets(salt);
    let watch = Watch::for_secrets(secrets(salt));
    for secret in &all {
        drop(black_box(Box::<[u8]>::from(&secret.bytes[..])));
    }
    let names: Vec<_> = all.iter().map(|secret| secret.name).collect();
    assert_eq!(watch.freed(), names, "each of them");
}

#[test]
fn keys() {
    let no_work = |_: &SecretKey| ();
    check(SESSION_SALT, &[&["key"]], || key(KEY), no_work);
    // Without a copy, and with room to spare: both are wiped.
    let mut text = String::with_capacity(200);
    text.push_str(KEY);
    check(
        SESSION_SALT,
        &[],
        || (),
        |()| {
            drop(SecretKey::new(text));
        },
    );
    check(
        SESSION_SALT,
        &[&["key"]],
        || key(KEY),
        |key| drop(key.clone()),
    );
}

#[test]
fn keys_that_are_refused() {
    let refused = |text: String, error: Error| {
        check(
            SESSION_SALT,
            &[],
            || (),
            |()| {
                assert_eq!(SecretKey::new(text).err(), Some(error));
            },
        );
    };
    refused(format!("{KEY}\n"), Error::UntrimmedKey);
    refused(format!("django-insecure-{KEY}"), Error::InsecureKey);
    refused(KEY[..12].to_owned(), Error::ShortKey { length: 12 });
    let repetitive = KEY[..4].repeat(12);
    refused(repetitive, Error::RepetitiveKey { distinct: 4 });
}

#[test]
fn rings() {
    let both: &[&[&str]] = &[&["key", "fallback"]];
    check(SESSION_SALT, both, ring, |ring| drop(ring.clone()));
    // The list of fallbacks grows.
    let long = || (0..20).fold(ring(), |ring, _| ring.with_fallback(key(FALLBACK)));
    check(SESSION_SALT, both, long, |ring| drop(ring.clone()));
}

#[test]
fn codecs() {
    let all: &[&[&str]] = &[&["key", "fallback"], &STATES, &FALLBACK_STATES];
    let salt = format!("{SESSION_SALT}signer");
    check(
        &salt,
        all,
        || SessionCodec::new(ring()),
        |codec| {
            let mut session = Session::new();
            session.insert("cart", "a".repeat(500)).expect("text");
            let cookie = codec.encode(&session, NOW).expect("short enough");
            assert!(codec.verify(&cookie, NOW).is_ok());
            assert_eq!(codec.decode(&cookie, NOW), Ok(session));
            let forged = format!("{}AAAA", &cookie[..cookie.len() - 4]);
            assert_eq!(codec.decode(&forged, NOW).err(), Some(Error::BadSignature));
            drop(codec.clone());
            drop(codec.clone().with_salt("another"));
            assert!(!format!("{codec:?}").contains(KEY));
        },
    );
    let salt = format!("{RECORD_SALT}signer");
    check(
        &salt,
        all,
        || RecordCodec::new(ring()),
        |codec| {
            let record = codec.encode(&Session::new(), NOW).expect("short enough");
            assert_eq!(codec.decode(&record), Ok(Session::new()));
        },
    );
}

/// A thread keeps buffers for the next session until it ends. Nothing of a key may be in them, not even in bytes that have
/// no value: a value that is moved to the heap can carry there what was on the stack before.
#[test]
fn buffers_that_a_thread_keeps() {
    let worker = || {
        let watch = Watch::for_secrets(secrets(&format!("{SESSION_SALT}signer")));
        let codec = SessionCodec::new(ring());
        let cookie = codec.encode(&Session::new(), NOW).expect("short enough");
        drop(codec);
        drop(cookie);
        assert_eq!(watch.live(), [""; 0]);
        assert_eq!(watch.freed(), [""; 0]);
    };
    assert!(std::thread::spawn(worker).join().is_ok());
}

/// The three steps of a rotation, each with codecs of its own, as servers that are replaced have.
#[test]
fn rotation() {
    let rotated = |session: &Session| {
        let (old, new) = (|| key(KEY), || key(FALLBACK));
        let codec = SessionCodec::new(KeyRing::new(old()));
        let first = codec.encode(session, NOW).expect("short enough");
        drop(codec);
        let codec = SessionCodec::new(KeyRing::new(old()).with_fallback(new()));
        assert!(codec.decode(&first, NOW).is_ok());
        drop(codec);
        let codec = SessionCodec::new(KeyRing::new(new()).with_fallback(old()));
        assert!(codec.decode(&first, NOW).is_ok());
        let second = codec.encode(session, NOW).expect("short enough");
        drop(codec);
        let codec = SessionCodec::new(KeyRing::new(new()));
        assert_eq!(codec.decode(&first, NOW).err(), Some(Error::BadSignature));
        assert!(codec.decode(&second, NOW).is_ok());
    };
    let salt = format!("{SESSION_SALT}signer");
    check(&salt, &[], Session::new, rotated);
}

#[test]
fn signers() {
    let all: &[&[&str]] = &[&["key", "fallback"], &STATES, &FALLBACK_STATES];
    let salt = "django.core.signing.Signersigner";
    check(
        salt,
        all,
        || Signer::new(ring()),
        |signer| {
            let signed = signer.sign("text");
            assert!(signer.verify(&signed).is_ok());
            assert!(signer.verify("text:signature").is_err());
            drop(signer.clone().with_salt("another"));
            drop(signer.clone().with_separator("~"));
            assert!(signer.clone().with_separator("a").is_err());
        },
    );
    let salt = "django.core.signing.TimestampSignersigner";
    check(
        salt,
        all,
        || TimestampSigner::new(ring()),
        |signer| {
            let signed = signer.sign("text", NOW).expect("this year");
            assert!(
                signer
                    .verify(&signed, NOW, hardtack::MaxAge::NoLimit)
                    .is_ok()
            );
            drop(signer.clone());
        },
    );
}

#[test]
fn hashers() {
    let hasher = || AuthHasher::new(&ring());
    // The ring is not kept.
    check(AUTH_SALT, &[&STATES, &FALLBACK_STATES], hasher, |hasher| {
        let hash = hasher.hash("pbkdf2_sha256$1000000$salt$hash");
        assert_eq!(
            hasher.verify("pbkdf2_sha256$1000000$salt$hash", &hash),
            Ok(0)
        );
        assert!(
            hasher
                .verify("pbkdf2_sha256$1000000$salt$another", &hash)
                .is_err()
        );
        let mut session = Session::new();
        session.set_auth_user("7", "backend", &hash).expect("text");
        assert_eq!(hasher.check(&mut session, Some("another")), Ok(false));
        drop(hasher.clone());
    });
}
