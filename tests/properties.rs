//! Properties of arbitrary sessions and arbitrary text.

mod common;

use std::collections::BTreeMap;

use hardtack::limits::MAX_UNIX_SECONDS;
use hardtack::signing::{Signer, TimestampSigner, b62_decode, b62_encode};
use hardtack::{Compression, MaxAge, Session, Timestamp};
use proptest::prelude::*;
use serde_json::Value;

use common::{NOW, codec, key, ring, session};

/// Generates any JSON value that Rust can represent.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[\\x00-\\x7f\u{e9}\u{d7ff}\u{1f600}\"\\\\]{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn members() -> impl Strategy<Value = Vec<(String, Value)>> {
    prop::collection::vec((any::<String>(), value()), 0..20)
}

proptest! {
    #[test]
    fn an_encoded_session_is_decoded(members in members(), now in i64::MIN..=MAX_UNIX_SECONDS) {
        let session = session(members.iter().map(|(key, value)| (key, value)));
        let codec = codec().with_max_length(1 << 20).with_max_json_length(1 << 20);
        for compression in [Compression::Auto, Compression::Never] {
            let cookie = codec.clone().with_compression(compression).encode(&session, now).unwrap();
            prop_assert!(cookie.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte)));
            if cookie.starts_with('.') && cfg!(not(feature = "compress")) {
                continue;
            }
            let back = codec.decode(&cookie, now).unwrap();
            prop_assert_eq!(&back, &session);
            prop_assert!(back.to_json().is_ascii());
            // The last value of a key, at the position of the first.
            let last: BTreeMap<&String, &Value> = members.iter().map(|(key, value)| (key, value)).collect();
            for (key, value) in last {
                prop_assert_eq!(back.get::<Value>(key), Ok(Some(value.clone())));
            }
            let mut seen = std::collections::BTreeSet::new();
            let keys: Vec<&str> = members.iter().map(|(key, _)| key.as_str()).filter(|key| seen.insert(*key)).collect();
            prop_assert_eq!(back.iter().map(|(key, _)| key).collect::<Vec<_>>(), keys);
        }
    }

    #[test]
    fn a_float_comes_back_as_it_was(bits in any::<u64>()) {
        let float = f64::from_bits(bits);
        prop_assume!(float.is_finite());
        let mut session = Session::new();
        session.insert("f", float).unwrap();
        prop_assert_eq!(session.get::<f64>("f").unwrap().map(f64::to_bits), Some(bits));
    }

    #[test]
    fn the_spelling_is_a_fixed_point(value in value(), pretty in any::<bool>()) {
        let object = serde_json::json!({ "v": value });
        let text = if pretty { serde_json::to_string_pretty(&object) } else { serde_json::to_string(&object) };
        let once = Session::from_json(&text.unwrap()).unwrap();
        let spelled = once.to_json();
        let twice = Session::from_json(&spelled).unwrap();
        prop_assert_eq!(&twice, &once);
        prop_assert_eq!(twice.to_json(), spelled);
    }

    #[test]
    fn unsigned_text_never_verifies(text in any::<String>(), payload in "\\.?[A-Za-z0-9_-]{0,60}", stamp in "[0-9A-Za-z]{1,7}", signature in "[A-Za-z0-9_-]{43}") {
        let signer = Signer::new(ring().with_fallback(key(common::OTHER_KEY)));
        for value in [text.clone(), format!("{payload}:{stamp}:{signature}"), format!("{text}:{signature}")] {
            prop_assert!(codec().with_max_length(usize::MAX).decode(&value, NOW).is_err());
            prop_assert!(signer.verify(&value).is_err());
        }
    }

    #[test]
    fn text_is_signed_and_verified(text in any::<String>(), at in i64::MIN..=MAX_UNIX_SECONDS, separator in "[:.~/*é ]{1,3}") {
        let signer = TimestampSigner::new(ring()).with_separator(&separator).unwrap();
        let signed = signer.sign(&text, at).unwrap();
        let verified = signer.verify(&signed, at, MaxAge::NoLimit).unwrap();
        prop_assert_eq!((verified.text(), verified.issued_at()), (text.as_str(), Timestamp::from(at)));
    }

    #[test]
    fn any_number_has_a_stamp(number in any::<i64>(), text in "-?[0-9A-Za-z]{0,13}") {
        prop_assert_eq!(b62_decode(&b62_encode(number)), Ok(number));
        if let Ok(number) = b62_decode(&text) {
            let digits = text.trim_start_matches('-').trim_start_matches('0');
            let spelled = b62_encode(number);
            prop_assert_eq!(spelled.trim_start_matches('-').trim_start_matches('0'), digits);
        }
    }

    /// Nonsense with a valid signature gets an answer.
    #[test]
    fn any_payload_has_an_answer(payload in prop_oneof![any::<String>(), "\\.?[A-Za-z0-9_-]{0,200}"]) {
        let signer = TimestampSigner::new(ring()).with_salt(hardtack::SESSION_SALT);
        let signed = signer.sign(&payload, NOW).unwrap();
        let codec = codec().with_max_length(usize::MAX);
        let verified = codec.verify(&signed, NOW).unwrap();
        if let Ok(session) = verified.session() {
            prop_assert_eq!(verified.raw_json().unwrap(), session.to_json());
        }
    }
}
