//! Encoding and decoding a type of the caller's own: what is read, and what is refused.

mod common;
#[path = "common/pairs.rs"]
mod members;

use std::collections::BTreeMap;

use hardtack::{Error, SessionCodec};
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use common::{NOW, signed};
use members::Pairs;

fn codec() -> SessionCodec {
    common::codec().with_max_length(1 << 16)
}

#[track_caller]
fn pairs(payload: &str, expected: &[(&str, Value)]) {
    let expected = expected.iter().cloned();
    let expected = Pairs(expected.map(|(key, value)| (key.into(), value)).collect());
    let read = codec().decode_as::<Pairs<Value>>(&signed(payload, NOW), NOW);
    assert_eq!(read, Ok(expected), "{payload}");
}

/// Returns why this payload is refused, even by a type that ignores all of it. A session refuses it for the same reason.
#[track_caller]
fn refused(payload: &str, error: Error) {
    let cookie = signed(payload, NOW);
    let read = codec().decode_as::<IgnoredAny>(&cookie, NOW).map(drop);
    assert_eq!(read, Err(error), "{payload}");
    let read = codec().decode_as::<Value>(&cookie, NOW).map(drop);
    assert_eq!(read, Err(error), "{payload}");
    let read = codec().decode(&cookie, NOW).map(drop);
    assert_eq!(read, Err(error), "{payload}");
}

/// A type that collects every member gets each key once: its last value, in the place of the first.
#[test]
fn each_key_is_read_once() {
    pairs(r#"{"a":1,"b":2}"#, &[("a", json!(1)), ("b", json!(2))]);
    pairs(r#"{"a":1,"a":2}"#, &[("a", json!(2))]);
    pairs(
        r#"{"a":1,"b":[],"a":2,"c":{},"b":3,"a":null}"#,
        &[("a", json!(null)), ("b", json!(3)), ("c", json!({}))],
    );
    // The same key in other spellings.
    pairs(r#"{"a":1,"\u0061":2}"#, &[("a", json!(2))]);
    pairs(r#"{"é":1,"\u00e9":2,"\u00E9":3}"#, &[("é", json!(3))]);
    pairs(r#" { "a" : 1 , "a" : 2 } "#, &[("a", json!(2))]);
    // Equal lengths, a common beginning, and a key that is part of another.
    pairs(
        r#"{"ab":1,"aa":2,"a":3,"":4,"ba":5}"#,
        &[
            ("ab", json!(1)),
            ("aa", json!(2)),
            ("a", json!(3)),
            ("", json!(4)),
            ("ba", json!(5)),
        ],
    );
    // Inside a value, the type decides.
    pairs(r#"{"a":{"x":1,"x":2}}"#, &[("a", json!({"x": 2}))]);
}

/// Every pair of places at which a key can occur twice, in objects with few keys and with many.
#[test]
fn a_duplicate_is_found_at_any_two_places() {
    for keys in [2, 3, 15, 16, 17, 18, 40] {
        for first in 0..keys {
            for second in first + 1..keys {
                let name = |at| if at == second { first } else { at };
                let members = (0..keys).map(|at| format!(r#""k{:02}":{at}"#, name(at)));
                let payload = format!("{{{}}}", members.collect::<Vec<_>>().join(","));
                let value = |at| if at == first { second } else { at };
                let expected = (0..keys).filter(|&at| at != second);
                let expected = expected.map(|at| (format!("k{at:02}"), json!(value(at))));
                let read = codec().decode_as::<Pairs<Value>>(&signed(&payload, NOW), NOW);
                assert_eq!(read, Ok(Pairs(expected.collect())), "{payload}");
            }
        }
    }
}

/// Limits and grammar apply to all of the text, also to what the type skips.
#[test]
fn what_no_session_may_hold_is_refused_for_any_type() {
    let nested = |levels: usize| format!(r#"{{"a":{}{}}}"#, "[".repeat(levels), "]".repeat(levels));
    let number = |digits: usize| format!(r#"{{"a":{}}}"#, "9".repeat(digits));
    refused(&nested(128), Error::TooDeep { limit: 128 });
    refused(&number(4301), Error::IntegerTooLong { limit: 4300 });
    refused(r#"{"a":1,"\ud800":2}"#, Error::LoneSurrogate);
    refused(r#"{"a":1"#, Error::MalformedJson { offset: 6 });
    refused(r#"{"a":1}}"#, Error::MalformedJson { offset: 7 });
    refused(r#"{"a":01}"#, Error::MalformedJson { offset: 6 });
    refused("{\"a\":\"\n\"}", Error::MalformedJson { offset: 6 });
    refused(r#"{"a":1,"_session_expiry":-1}"#, Error::SessionExpired);
    refused(r#"{"a":1,"_session_expiry":true}"#, Error::MalformedExpiry);
    refused(
        r#"{"_session_expiry":1,"_session_expiry":-1}"#,
        Error::SessionExpired,
    );
    // The expiry is checked before the type is.
    let cookie = signed(r#"{"a":1,"_session_expiry":-1}"#, NOW);
    let typed = codec().decode_as::<BTreeMap<String, Vec<u8>>>(&cookie, NOW);
    assert_eq!(typed, Err(Error::SessionExpired));

    // The last ones that are good.
    for payload in [nested(127), number(4300)] {
        let cookie = signed(&payload, NOW);
        assert!(codec().decode_as::<IgnoredAny>(&cookie, NOW).is_ok());
    }
}

/// A session keeps `NaN` and lone surrogates as text, but a type cannot have them.
#[test]
fn what_no_type_can_hold_is_refused() {
    let ignored = |payload: &str| {
        let cookie = signed(payload, NOW);
        assert!(codec().decode(&cookie, NOW).is_ok(), "{payload}");
        codec().decode_as::<IgnoredAny>(&cookie, NOW).map(drop)
    };
    let value = |payload: &str| {
        let cookie = signed(payload, NOW);
        codec().decode_as::<Value>(&cookie, NOW).map(drop)
    };
    for number in ["NaN", "Infinity", "-Infinity"] {
        for payload in [
            format!(r#"{{"a":1,"b":[{number}]}}"#),
            format!(r#"{{"b":{number},"b":{number}}}"#),
        ] {
            assert_eq!(ignored(&payload), Err(Error::NotFinite), "{payload}");
            assert_eq!(value(&payload), Err(Error::NotFinite), "{payload}");
        }
        // It is not read if a later value replaces it.
        assert_eq!(value(&format!(r#"{{"b":{number},"b":1}}"#)), Ok(()));
    }
    for text in [r#"{"a":"\ud800"}"#, r#"{"a":[{"\udc00x":1}]}"#] {
        assert_eq!(value(text), Err(Error::LoneSurrogate), "{text}");
        assert_eq!(ignored(text), Ok(()), "{text}");
    }
    // A `Value` holds any number if serde_json has its feature `arbitrary_precision`.
    let float = codec().decode_as::<[f64; 1]>(&signed("[1e999]", NOW), NOW);
    assert_eq!(float, Err(Error::NumberOutOfRange));
}

/// Text that is not an object is read as well.
#[test]
fn any_json_value_is_read() {
    fn read<T: for<'de> Deserialize<'de>>(payload: &str) -> Result<T, Error> {
        codec().decode_as(&signed(payload, NOW), NOW)
    }
    assert_eq!(read("7"), Ok(7));
    assert_eq!(read(r#""\u00e9""#), Ok("é".to_owned()));
    assert_eq!(
        read(r#"[{"a":1,"a":2},{"a":3}]"#),
        Ok(json!([{"a": 2}, {"a": 3}]))
    );
    assert_eq!(read("{}"), Ok(Pairs::<Value>(Vec::new())));
    assert_eq!(read::<u8>("[]"), Err(Error::WrongType { offset: 0 }));
    assert_eq!(read::<u8>(" 1 2"), Err(Error::MalformedJson { offset: 3 }));
}

/// A `Deserialize` may decode another cookie.
#[test]
fn decoding_while_decoding_works() {
    #[derive(Debug, PartialEq)]
    struct Outer(BTreeMap<String, u8>);
    impl<'de> Deserialize<'de> for Outer {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let inner = codec().decode_as::<Pairs<Value>>(&signed(r#"{"inner":1}"#, NOW), NOW);
            assert_eq!(inner, Ok(Pairs(vec![("inner".into(), json!(1))])));
            BTreeMap::deserialize(deserializer).map(Self)
        }
    }
    for _ in 0..2 {
        let outer = codec().decode_as::<Outer>(&signed(r#"{"outer":2}"#, NOW), NOW);
        assert_eq!(outer, Ok(Outer([("outer".into(), 2)].into())));
    }
}

/// `encode_as` finds the expiry of a struct, a map, an enum and of embedded JSON text, and no other key of that name.
#[test]
fn the_expiry_of_any_type_is_found() {
    /// Writes its pairs as a map, with duplicates.
    struct Map<'a>(&'a [(&'a str, i64)]);
    impl Serialize for Map<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map(self.0.iter().copied())
        }
    }
    #[derive(Serialize)]
    struct Fields<T> {
        before: [u8; 2],
        #[serde(rename = "_session_expiry")]
        expiry: i64,
        after: T,
    }
    #[derive(Serialize)]
    struct Flat {
        #[serde(flatten)]
        fields: Fields<u8>,
    }
    #[derive(Serialize)]
    enum Variant {
        #[serde(rename = "_session_expiry")]
        Expiry(i64),
        Other {
            #[serde(rename = "_session_expiry")]
            expiry: i64,
        },
    }
    fn encoded(value: &impl Serialize) -> Result<(), Error> {
        codec().encode_as(value, NOW).map(drop)
    }
    let fields = |expiry| Fields {
        before: [1, 2],
        expiry,
        after: 3,
    };
    let raw = |json: &str| RawValue::from_string(json.into()).expect("JSON");
    let key = "_session_expiry";

    let past = Err(Error::SessionExpired);
    assert_eq!(encoded(&fields(-1)), past);
    assert_eq!(encoded(&Flat { fields: fields(-1) }), past);
    assert_eq!(encoded(&json!({"a": 1, key: -1, "z": {}})), past);
    assert_eq!(encoded(&Variant::Expiry(-1)), past);
    assert_eq!(encoded(&raw(r#"{"a":1,"_session_expir\u0079":-1}"#)), past);
    assert_eq!(
        encoded(
            &[("a", raw("{}"))]
                .into_iter()
                .chain([(key, raw("-1"))])
                .collect::<BTreeMap<_, _>>()
        ),
        past
    );
    assert_eq!(encoded(&Map(&[(key, 9), ("a", 1), (key, -1)])), past);
    assert_eq!(encoded(&json!({key: "soon"})), Err(Error::MalformedExpiry));

    assert_eq!(encoded(&fields(9)), Ok(()));
    assert_eq!(encoded(&Map(&[(key, -1), ("a", 1), (key, 9)])), Ok(()));
    assert_eq!(
        encoded(&json!({"a": {key: -1}, "b": [{key: -1}], "_session_expir": -1})),
        Ok(())
    );
    assert_eq!(encoded(&json!([{key: -1}])), Ok(()));
    assert_eq!(encoded(&Variant::Other { expiry: -1 }), Ok(()));
    assert_eq!(
        encoded(&Fields {
            before: [0, 0],
            expiry: 9,
            after: fields(-1)
        }),
        Ok(())
    );
    assert_eq!(encoded(&key), Ok(()));
}
