//! The key that is looked up has 8 to 40 characters of `a-z0-9`, and is the last such cookie of the request.
//!
//! Fields: the request's `Cookie` headers.

#![no_main]

use std::sync::LazyLock;

use hardtack::{Error, KeyMiddleware, Session, SessionKey, cookie};
use hardtack_fuzz::{NOW, fields};
use libfuzzer_sys::fuzz_target;

static SESSIONS: LazyLock<KeyMiddleware> = LazyLock::new(KeyMiddleware::default);

fn is_key(text: &str) -> bool {
    let is_character = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    (8..=40).contains(&text.len()) && text.chars().all(is_character)
}

fuzz_target!(|data: &[u8]| {
    let headers: Vec<&[u8]> = fields(data).collect();
    let values: Vec<_> = cookie::find("sessionid", &headers).collect();
    for value in &values {
        let key = SessionKey::parse(value);
        assert_eq!(key.is_some(), is_key(value), "{value}");
        if let Some(key) = key {
            assert_eq!(key.as_str(), value);
            assert!(!format!("{key:?} {}", key.log_id()).contains(key.as_str()));
        }
    }
    let lookup = SESSIONS.lookup(&headers);
    let last = values.iter().find(|value| is_key(value));
    let found = lookup.key().map(SessionKey::as_str);
    assert_eq!(found, last.map(AsRef::as_ref));
    assert_eq!(SESSIONS.load(&lookup, NOW).is_some(), last.is_some());
    let refusal = match (values.is_empty(), last) {
        (true, _) => None,
        (false, None) => Some(Error::NotASessionKey),
        (false, Some(_)) => Some(Error::UnknownSessionKey),
    };
    let loaded = SESSIONS.loaded(lookup, Ok(None), Session::new(), NOW);
    assert_eq!(loaded.refusal(), refusal);

    if let Ok(bytes) = <[u8; 32]>::try_from(data) {
        assert!(is_key(SessionKey::from_random(bytes).as_str()));
    }
});
