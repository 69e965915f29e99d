//! A secret is a key exactly if it has the length, the distinct bytes and the form that the documentation requires, and
//! nothing of it is in an error or in `Debug`.
//!
//! The input is the secret.

#![no_main]

use std::collections::HashSet;

use hardtack::limits::{INSECURE_KEY_PREFIX, MIN_KEY_DISTINCT_BYTES, MIN_KEY_LENGTH};
use hardtack::{Error, SecretKey};
use hardtack_fuzz::assert_readable;
use libfuzzer_sys::fuzz_target;

fn is_untrimmed(secret: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(secret) else {
        return false;
    };
    let is_margin = |c: char| c.is_whitespace() || c == '\u{feff}';
    let is_control = |c: char| c.is_ascii_control() && !c.is_whitespace();
    !text.contains(is_control) && (text.starts_with(is_margin) || text.ends_with(is_margin))
}

fuzz_target!(|secret: &[u8]| {
    let (length, distinct) = (secret.len(), secret.iter().collect::<HashSet<_>>().len());
    let fault = if length == 0 {
        Some(Error::EmptyKey)
    } else if length < MIN_KEY_LENGTH {
        Some(Error::ShortKey { length })
    } else if distinct < MIN_KEY_DISTINCT_BYTES {
        Some(Error::RepetitiveKey { distinct })
    } else if is_untrimmed(secret) {
        Some(Error::UntrimmedKey)
    } else if secret.starts_with(INSECURE_KEY_PREFIX.as_bytes()) {
        Some(Error::InsecureKey)
    } else {
        None
    };
    let key = SecretKey::new(secret);
    assert_eq!(key.as_ref().err(), fault.as_ref());
    assert_eq!(SecretKey::allow_weak(secret).is_err(), secret.is_empty());
    match key {
        Ok(key) => assert_eq!(format!("{key:?}"), "SecretKey(redacted)"),
        Err(error) => assert_readable(error),
    }
});
