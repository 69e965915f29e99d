//! A Rust value of any type is read back bit for bit, and spelled as the same JSON text from another writer would be.
//!
//! The input is JSON text, which says which value it is: integers become `i128` or `u128`, other numbers `f64`.

#![no_main]

use hardtack::{Error, Session};
use hardtack_fuzz::typed::Typed;
use hardtack_fuzz::{NOW, PLAIN, canonical};
use libfuzzer_sys::fuzz_target;

/// The most brackets of an input. A value is built recursively, so more would exceed the stack.
const MAX_BRACKETS: usize = 300;

fuzz_target!(|text: &str| {
    if text.matches(['[', '{']).count() > MAX_BRACKETS {
        return;
    }
    let Ok(value) = serde_json::from_str::<Typed>(text) else {
        return;
    };
    // No Rust map has a key twice.
    if value.has_duplicates() {
        return;
    }
    let mut session = Session::new();
    if !value.fits() {
        assert!(matches!(
            session.insert("a", &value),
            Err(Error::TooDeep { .. })
        ));
        assert!(session.is_empty());
        return;
    }
    session.insert("a", &value).expect("it fits");
    let again: Typed = session
        .get("a")
        .expect("it is a value")
        .expect("it is there");
    assert!(again.is_same(&value));
    if let Typed::Float(number) = value {
        #[expect(clippy::cast_possible_truncation, reason = "any float will do")]
        let single = number as f32;
        match session.insert("single", single) {
            Ok(()) => {
                let again: f32 = session
                    .get("single")
                    .expect("it is a float")
                    .expect("it is there");
                assert_eq!(again.to_bits(), single.to_bits());
            }
            Err(error) => assert!(error == Error::NotFinite && !single.is_finite()),
        }
    }

    let json = canonical(&session);
    // A float is spelled as Python does it, and from JSON text it keeps its spelling.
    if !value.has_float() {
        let foreign = serde_json::to_string(&value).expect("JSON has all of it");
        let foreign = Session::from_json(&format!("{{\"a\":{foreign}}}")).expect("JSON text");
        assert_eq!(foreign, session);
    }

    let whole = match PLAIN.encode_as(&value, NOW) {
        Ok(whole) => whole,
        Err(error) => {
            // The value is an object with this key.
            assert!(error == Error::MalformedExpiry && json.contains("_session_expiry"));
            return;
        }
    };
    let again: Typed = PLAIN.decode_as(&whole, NOW).expect("our own value");
    assert!(again.is_same(&value));
    let raw = PLAIN
        .verify(&whole, NOW)
        .and_then(|verified| verified.raw_json());
    assert!(json.contains(&raw.expect("our own value")));
});
