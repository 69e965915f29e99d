//! The scanner against `serde_json`: it takes all that `serde_json` takes, reads it in the same way, and what it takes
//! beyond that is what Python writes and Rust has no value for.

#![no_main]

use std::fmt;

use hardtack::{Error, Session};
use hardtack_fuzz::assert_canonical;
use libfuzzer_sys::fuzz_target;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

/// An object's members, in order. Of duplicate keys the last value, at the place of the first, as in a Python `dict`.
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

/// The text up to the reported place is a beginning of JSON, and the fault is not seen earlier.
fn stops_there(text: &str, offset: usize) {
    match Session::from_json(&text[..offset]) {
        Ok(_) | Err(Error::NotAnObject) => {}
        Err(Error::MalformedJson { offset: again }) => assert_eq!(again, offset),
        Err(error) => panic!("{error}"),
    }
}

fn is_a_fixed_point(session: &Session) -> String {
    let json = session.to_json();
    assert_canonical(&json);
    let again = Session::from_json(&json).expect("our own text");
    assert_eq!(again, *session);
    assert_eq!(again.to_json(), json);
    json
}

fn reads_the_same(session: &Session, members: &[(String, Value)]) {
    let keys = session.iter().map(|(key, _)| key);
    assert!(keys.eq(members.iter().map(|(key, _)| &**key)));
    let mut filled = Session::new();
    for (key, value) in members {
        let ours: Option<Value> = session.get(key).expect("serde_json reads it");
        // Two values have the same text if they are the same to the last bit; `==` has 0.0 and -0.0 as equal.
        assert_eq!(ours.map(|ours| ours.to_string()), Some(value.to_string()));
        match value {
            Value::String(text) => filled.insert(key, text).expect("it fits"),
            _ => filled.insert_json(key, session.get_json(key).expect("is there")),
        }
    }
    // Keys and strings have one spelling, wherever they come from.
    assert_eq!(filled, *session);
}

/// Why `serde_json` could refuse what Python takes.
fn is_pythonic(text: &str, refusal: &serde_json::Error) -> bool {
    let refusal = refusal.to_string();
    text.contains("NaN")
        || text.contains("Infinity")
        || text.contains("\\ud")
        || text.contains("\\uD")
        || refusal.starts_with("number out of range")
        // Its limit is one level less than ours.
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
    if let Ok(session) = ours {
        let json = is_a_fixed_point(&session);
        // It goes out through serde_json whole or not at all.
        match serde_json::to_string(&session) {
            Ok(text) => assert_eq!(text, json),
            Err(_) => assert!(json.contains("NaN") || json.contains("Infinity")),
        }
    }
});
