//! Published vectors for HMAC-SHA256 (Project Wycheproof, RFC 4231) and base64 (RFC 4648).
//!
//! This crate signs with a derived key, the SHA-256 hash of the salt and the secret, so it cannot compute a published HMAC
//! itself. These tests show that
//!
//! - the crates `hmac` and `sha2`, with the features that this crate enables, compute every published HMAC;
//! - a signature is their HMAC of the message under that derived key, in base64url, for the keys and messages of every
//!   vector; `tests/vectors.rs` compares signatures with Django's;
//! - a signature that is cut short or has a flipped bit is refused.
//!
//! They do not show that anything takes constant time.

mod common;

use std::fs;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hardtack::signing::Signer;
use hardtack::{Error, KeyRing, SecretKey};
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::{Digest, Sha256};

const SALT: &str = "vectors";

/// A case of Wycheproof.
#[derive(Deserialize)]
struct Case {
    id: u32,
    comment: String,
    key: String,
    msg: String,
    tag: String,
    valid: bool,
}

fn wycheproof() -> Vec<Case> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/vectors/wycheproof-hmac-sha256.jsonl"
    );
    let text = fs::read_to_string(path).expect("the vectors are there");
    let cases: Vec<Case> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("a case"))
        .collect();
    assert_eq!(cases.len(), 174);
    cases
}

/// Key, message and tag of RFC 4231, sections 4.2 to 4.8. The tag of section 4.6 is cut to 128 bits.
fn rfc_4231() -> [(Vec<u8>, Vec<u8>, &'static str); 7] {
    let long = vec![0xaa; 131];
    [
        (
            vec![0x0b; 20],
            b"Hi There".to_vec(),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        ),
        (
            b"Jefe".to_vec(),
            b"what do ya want for nothing?".to_vec(),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (
            vec![0xaa; 20],
            vec![0xdd; 50],
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
        ),
        (
            (1..=25).collect(),
            vec![0xcd; 50],
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
        ),
        (
            vec![0x0c; 20],
            b"Test With Truncation".to_vec(),
            "a3b6167473100ee06e0c796c2955552b",
        ),
        (
            long.clone(),
            b"Test Using Larger Than Block-Size Key - Hash Key First".to_vec(),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
        (
            long.clone(),
            b"This is a test using a larger than block-size key and a larger than block-size data. The key \
                needs to be hashed before being used by the HMAC algorithm."
                .to_vec(),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
        ),
    ]
}

fn bytes(hex: &str) -> Vec<u8> {
    let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex digits");
    (0..hex.len()).step_by(2).map(byte).collect()
}

fn hmac(key: &[u8], message: &[u8]) -> Hmac<Sha256> {
    let hmac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
    hmac.chain_update(message)
}

fn signer(key: &[u8]) -> Signer {
    let secret = SecretKey::allow_weak(key).expect("not empty");
    Signer::new(KeyRing::new(secret)).with_salt(SALT)
}

/// Checks the signer's signature of `message` against the crates' HMAC under the derived key.
#[track_caller]
fn check_signature(key: &[u8], message: &[u8]) {
    let derived = Sha256::digest([SALT.as_bytes(), b"signer", key].concat());
    let expected = hmac(&derived, message).finalize().into_bytes();
    assert_eq!(
        signer(key).signature(message),
        URL_SAFE_NO_PAD.encode(expected)
    );
}

#[test]
fn wycheproofs_tags() {
    for case in wycheproof() {
        let (key, message, tag) = (bytes(&case.key), bytes(&case.msg), bytes(&case.tag));
        let verified = hmac(&key, &message).verify_truncated_left(&tag).is_ok();
        assert_eq!(verified, case.valid, "{}: {}", case.id, case.comment);
        let whole = hmac(&key, &message).verify_slice(&tag).is_ok();
        let is_valid_and_whole = case.valid && tag.len() == 32;
        assert_eq!(whole, is_valid_and_whole, "{}: {}", case.id, case.comment);
        check_signature(&key, &message);
    }
}

#[test]
fn rfc_4231_tags() {
    for (at, (key, message, tag)) in rfc_4231().into_iter().enumerate() {
        let tag = bytes(tag);
        let digest = hmac(&key, &message).finalize().into_bytes();
        assert_eq!(&digest[..tag.len()], tag, "test case {}", at + 1);
        check_signature(&key, &message);
    }
}

#[test]
fn short_and_flipped_signatures_are_refused() {
    for (key, message, _) in rfc_4231() {
        let Ok(text) = str::from_utf8(&message) else {
            continue;
        };
        let signer = signer(&key);
        let signed = signer.sign(text);
        assert!(signer.verify(&signed).is_ok());
        let start = text.len() + 1;
        for end in start..signed.len() {
            let result = signer.verify(&signed[..end]).map(drop);
            assert_eq!(result, Err(Error::BadSignature), "{end}");
        }
        let raw = URL_SAFE_NO_PAD.decode(&signed[start..]).expect("base64url");
        for bit in 0..256 {
            let mut flipped = raw.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let forged = format!("{text}:{}", URL_SAFE_NO_PAD.encode(flipped));
            let result = signer.verify(&forged).map(drop);
            assert_eq!(result, Err(Error::BadSignature), "{bit}");
        }
    }
}

/// RFC 4648, section 10. The texts follow three bytes that begin a JSON string, so the alignment of base64 stays the same. A
/// text of 0, 3 or 6 bytes is compared, with a closing quote behind it. For the others, only the offset of the error shows
/// how many bytes were decoded. Padding is refused.
#[test]
fn rfc_4648_texts() {
    let signer = signer(b"key");
    let loads = |payload: String| signer.loads::<String>(&signer.sign(&payload));
    for (text, encoded) in [
        ("", ""),
        ("f", "Zg=="),
        ("fo", "Zm8="),
        ("foo", "Zm9v"),
        ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ] {
        let unpadded = encoded.trim_end_matches('=');
        let offset = 3 + text.len();
        let cut_short = Err(Error::MalformedJson { offset });
        assert_eq!(loads(format!("ICAi{unpadded}")), cut_short, "{text}");
        if unpadded.len() == encoded.len() {
            assert_eq!(loads(format!("ICAi{encoded}Ig")), Ok(text.to_owned()));
        } else {
            let padded = loads(format!("ICAi{encoded}"));
            assert_eq!(padded, Err(Error::MalformedBase64), "{text}");
        }
    }
}
