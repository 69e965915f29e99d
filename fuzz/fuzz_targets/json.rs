//! Compares the scanner with `serde_json`: it accepts all text that `serde_json` accepts, with the same values. Any
//! other text that it accepts has values that Python writes and Rust cannot represent. A codec refuses the same text.

#![no_main]

use std::fmt;

use hardtack::{Error, Session};
use hardtack_fuzz::{NOW, PLAIN, canonical};
use libfuzzer_sys::fuzz_target;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

/// An object's members, in order. If a key occurs twice, the last value at the position of the first, as in a Python
/// `dict`.
#[derive(Default)]
struct Members(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Self::default())
    }
}

impl<'de> Visitor<'de> for Members {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self, A::Error> {
        while let Some((key, value)) = map.next_entry()? {
            match self.0.iter_mut().find(|(known, _)| *known == key) {
                Some((_, known)) => *known = value,
                None => self.0.push((key, value)),
            }
        }
        Ok(self)
    }
}

/// Asserts that the text before the reported offset is the start of a JSON text, and that the fault is not reported
/// earlier.
fn stops_there(text: &str, offset: usize) {
    match Session::from_json(&text[..offset]) {
        Ok(_) | Err(Error::NotAnObject) => {}
        Err(Error::MalformedJson { offset: again }) => assert_eq!(again, offset),
        Err(error) => panic!("{error}"),
    }
}

fn reads_the_same(session: &Session, members: &[(String, Value)]) {
    let keys = session.iter().map(|(key, _)| key);
    assert!(keys.eq(members.iter().map(|(key, _)| &**key)));
    let mut filled = Session::new();
    for (key, value) in members {
        let ours: Option<Value> = session.get(key).expect("serde_json reads it");
        // Two values have the same text only if they are equal to the last bit; `==` treats 0.0 and -0.0 as equal.
        assert_eq!(ours.map(|ours| ours.to_string()), Some(value.to_string()));
        match value {
            Value::String(text) => filled.insert(key, text).expect("it fits"),
            _ => filled.insert_json(key, session.get_json(key).expect("is there")),
        }
    }
    // Keys and strings have the same spelling, wherever they come from.
    assert_eq!(filled, *session);
}

/// Returns whether `serde_json` refused text that Python accepts.
fn is_pythonic(text: &str, refusal: &serde_json::Error) -> bool {
    let refusal = refusal.to_string();
    text.contains("NaN")
        || text.contains("Infinity")
        || text.contains("\\ud")
        || text.contains("\\uD")
        || refusal.starts_with("number out of range")
        // The limit of `serde_json` is one level lower than ours.
        || refusal.starts_with("recursion limit exceeded")
}

fuzz_target!(|text: &str| {
    let ours = Session::from_json(text);
    let theirs = serde_json::from_str::<Members>(text);
    match (&ours, &theirs) {
        (Ok(session), Ok(Members(members))) => reads_the_same(session, members),
        (Ok(_), Err(refusal)) => assert!(is_pythonic(text, refusal), "{refusal}: {text}"),
        (Err(error), Ok(_)) => panic!("{error}: {text}"),
        (Err(Error::MalformedJson { offset }), Err(_)) => stops_there(text, *offset),
        (Err(_), Err(_)) => {}
    }
    if let Err(error) = ours {
        assert_eq!(PLAIN.encode_json(text, NOW), Err(error));
    }
    if let Ok(session) = ours {
        let json = canonical(&session);
        // serde_json writes the whole session or fails.
        match serde_json::to_string(&session) {
            Ok(text) => assert_eq!(text, json),
            Err(_) => assert!(json.contains("NaN") || json.contains("Infinity")),
        }
    }
});
