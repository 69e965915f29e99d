//! The key that is looked up has 8 to 40 characters of `a-z0-9`, and is the last such cookie of the request.

#![no_main]

use arbitrary::Arbitrary;
use hardtack::{Error, KeyMiddleware, Session, SessionKey, cookie};
use hardtack_fuzz::NOW;
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
enum Part {
    Any(Vec<u8>),
    Key([u8; 32]),
    /// The characters of a key, but any number of them.
    Characters(Vec<u8>),
    /// A key with one changed byte.
    Changed([u8; 32], u8, u8),
    Name,
    Separator,
}

impl Part {
    fn bytes(&self) -> Vec<u8> {
        let key = |bytes: &[u8; 32]| SessionKey::from_random(*bytes).as_str().as_bytes().to_vec();
        match self {
            Self::Any(bytes) => bytes.clone(),
            Self::Key(bytes) => key(bytes),
            Self::Characters(bytes) => {
                let digits = b"abcdefghijklmnopqrstuvwxyz0123456789";
                bytes
                    .iter()
                    .map(|byte| digits[usize::from(byte % 36)])
                    .collect()
            }
            Self::Changed(bytes, at, byte) => {
                let mut key = key(bytes);
                key[usize::from(at % 32)] = *byte;
                key
            }
            Self::Name => b"sessionid=".to_vec(),
            Self::Separator => b"; ".to_vec(),
        }
    }
}

fn is_key(text: &str) -> bool {
    text.len() >= 8
        && text.len() <= 40
        && text
            .chars()
            .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit())
}

fuzz_target!(|headers: Vec<Vec<Part>>| {
    let headers: Vec<Vec<u8>> = headers
        .iter()
        .map(|parts| parts.iter().flat_map(Part::bytes).collect())
        .collect();
    let values: Vec<_> = cookie::find("sessionid", &headers).collect();
    for value in &values {
        let key = SessionKey::parse(value);
        assert_eq!(key.is_some(), is_key(value), "{value}");
        if let Some(key) = key {
            assert_eq!(key.as_str(), value);
            assert!(!format!("{key:?}").contains(key.as_str()));
        }
    }
    let sessions = KeyMiddleware::default();
    let lookup = sessions.lookup(&headers);
    let last = values.iter().find(|value| is_key(value));
    let found = lookup.key().map(SessionKey::as_str);
    assert_eq!(found, last.map(AsRef::as_ref));
    assert_eq!(sessions.load(&lookup, NOW).is_some(), last.is_some());
    let refusal = match (values.is_empty(), last) {
        (true, _) => None,
        (false, None) => Some(Error::NotASessionKey),
        (false, Some(_)) => Some(Error::UnknownSessionKey),
    };
    let loaded = sessions.loaded(lookup, Ok(None), Session::new(), NOW);
    assert_eq!(loaded.refusal(), refusal);
});
