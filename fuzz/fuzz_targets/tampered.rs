//! A signed cookie that was changed in any way is refused, and so is one that was signed for another purpose or by
//! another key. The unchanged one is accepted.
//!
//! Fields: a key, a payload, a salt, then changes. A change is a letter, a position (two bytes, big-endian) and a text:
//! `i` inserts the text, `p` puts it over the characters there, `d` deletes as many characters as it has, `s` swaps the
//! parts before and after the position.

#![no_main]

use hardtack::limits::DEFAULT_MAX_LENGTH;
use hardtack::signing::TimestampSigner;
use hardtack::{KeyRing, SESSION_SALT, SecretKey, SessionCodec};
use hardtack_fuzz::{NOW, PLAIN, SIGNER, base64url, fields, refusal};
use libfuzzer_sys::fuzz_target;

fn changed(value: &mut Vec<char>, change: &[u8]) {
    let [kind, high, low, text @ ..] = change else {
        return;
    };
    let at = usize::from(u16::from_be_bytes([*high, *low])) % (value.len() + 1);
    let text: Vec<char> = String::from_utf8_lossy(text).chars().collect();
    let end = value.len().min(at + text.len());
    match kind {
        b'i' => drop(value.splice(at..at, text)),
        b'p' => drop(value.splice(at..end, text)),
        b'd' => drop(value.drain(at..end)),
        b's' => value.rotate_left(at),
        _ => {}
    }
}

fuzz_target!(|data: &[u8]| {
    let mut fields = fields(data);
    let mut next = || fields.next().unwrap_or_default();
    let (key, payload, salt) = (next(), next(), String::from_utf8_lossy(next()));
    let Ok(key) = SecretKey::allow_weak(key) else {
        return;
    };
    let ring = KeyRing::new(key);
    let codec = SessionCodec::new(ring.clone());
    let refused = |value: &str| {
        let reason = refusal(value, DEFAULT_MAX_LENGTH);
        assert_eq!(codec.verify(value, NOW).err(), Some(reason), "{value}");
    };
    let payload = base64url(payload);
    let sign = |salt: &str| {
        let signer = TimestampSigner::new(ring.clone()).with_salt(salt);
        signer.sign(&payload, NOW).expect("NOW can be signed")
    };

    let value = sign(SESSION_SALT);
    if value.len() <= DEFAULT_MAX_LENGTH {
        let verified = codec.verify(&value, NOW).expect("nothing is changed");
        assert_eq!(verified.issued_at(), NOW.into());
        assert_eq!(verified.key_index(), 0);
    }

    let mut characters: Vec<char> = value.chars().collect();
    for change in fields {
        changed(&mut characters, change);
    }
    let other: String = characters.into_iter().collect();
    if other != value {
        refused(&other);
    }
    // Longer than the salt of sessions, so never the same.
    refused(&sign(&format!("{salt}{SESSION_SALT}.")));
    let theirs = SIGNER.sign(&payload, NOW).expect("NOW can be signed");
    if theirs != value {
        refused(&theirs);
        assert!(PLAIN.verify(&value, NOW).is_err());
    }
});
