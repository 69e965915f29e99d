//! JSON text of 64 KiB, the most that a cookie may hold.

use std::hint::black_box;

use hardtack::limits::{DEFAULT_MAX_JSON_LENGTH, MAX_DEPTH, MAX_INTEGER_DIGITS};
use hardtack::{Error, Session};
use serde::de::IgnoredAny;
use serde_json::Value;

use super::{Case, KB, Work, filled, ordinary, padded, session};

/// Creates a case that parses a session.
fn parsed(name: &'static str, hostile: fn(usize) -> Work, ratio: f64, memory: u64) -> Case {
    Case {
        name,
        size: DEFAULT_MAX_JSON_LENGTH,
        hostile,
        ordinary: |size| parse(ordinary(size)),
        ratio,
        memory,
    }
}

fn parse(text: String) -> Work {
    Box::new(move || drop(black_box(session(&text))))
}

fn refuse(text: String, expected: fn(Error) -> bool) -> Work {
    Box::new(move || {
        let refused = Session::from_json(&text).err();
        assert!(refused.is_some_and(expected), "{refused:?}");
    })
}

/// Creates work that reads the key `a` of a session as a type.
fn get<T: serde::de::DeserializeOwned + 'static>(
    text: &str,
    expected: fn(Result<Option<T>, Error>),
) -> Work {
    let session = session(text);
    Box::new(move || expected(black_box(session.get("a"))))
}

fn list(size: usize, part: fn(usize) -> String) -> String {
    let text = filled(size - 20, r#"{"a":["#, part, "0],");
    padded(text, size)
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = containers();
    cases.extend(members());
    cases.extend(scalars());
    cases.extend(types());
    cases.extend(expiries());
    cases
}

fn containers() -> Vec<Case> {
    vec![
        parsed(
            "JSON of brackets `[` only",
            |size| {
                refuse("[".repeat(size), |error| {
                    matches!(error, Error::TooDeep { .. })
                })
            },
            0.1,
            16 * KB,
        ),
        parsed(
            "JSON of empty arrays",
            |size| parse(list(size, |_| "[],".into())),
            2.5,
            96 * KB,
        ),
        parsed(
            "JSON of arrays, 126 deep",
            |size| {
                parse(list(size, |_| {
                    let levels = MAX_DEPTH - 2;
                    format!("{}{},", "[".repeat(levels), "]".repeat(levels))
                }))
            },
            3.5,
            96 * KB,
        ),
    ]
}

fn members() -> Vec<Case> {
    vec![
        Case {
            size: 90_100,
            ..parsed(
                "JSON of 10,000 keys",
                |size| parse(keys(size)),
                10.0,
                1536 * KB,
            )
        },
        Case {
            size: 70_100,
            ..parsed(
                "JSON of 10,000 duplicates of one key",
                |size| {
                    let text = filled(size - 20, "{", |_| r#""a":1,"#.into(), "");
                    parse(padded(text, size))
                },
                13.0,
                1792 * KB,
            )
        },
        parsed(
            "JSON of 60 keys of 1 KB that differ in their last character",
            |size| {
                let key = "k".repeat(size / 64);
                let part = move |at| format!("\"{key}{at:02}\":1,");
                parse(padded(filled(size - 20, "{", part, ""), size))
            },
            0.5,
            128 * KB,
        ),
    ]
}

fn scalars() -> Vec<Case> {
    vec![
        parsed(
            r"JSON of escapes that Python spells otherwise (`\u0041`)",
            |size| {
                parse(padded(
                    filled(size - 20, r#"{"a":""#, |_| r"\u0041".into(), "\","),
                    size,
                ))
            },
            5.0,
            96 * KB,
        ),
        parsed(
            "JSON of characters that Python escapes",
            |size| {
                parse(padded(
                    filled(size - 20, r#"{"a":""#, |_| "\u{e9}".into(), "\","),
                    size,
                ))
            },
            14.0,
            512 * KB,
        ),
        parsed(
            "JSON of white space",
            |size| parse(padded(filled(size - 20, "{", |_| " ".into(), ""), size)),
            1.5,
            96 * KB,
        ),
        parsed(
            "JSON of integers of 4300 digits",
            |size| {
                parse(list(size, |_| {
                    format!("{},", "9".repeat(MAX_INTEGER_DIGITS))
                }))
            },
            0.5,
            96 * KB,
        ),
        parsed(
            "JSON of one integer",
            |size| {
                refuse("9".repeat(size), |error| {
                    matches!(error, Error::IntegerTooLong { .. })
                })
            },
            0.5,
            16 * KB,
        ),
    ]
}

/// Values that are read as a type.
fn types() -> Vec<Case> {
    vec![
        Case {
            name: "a float of 64 KiB, read as `f64`",
            size: DEFAULT_MAX_JSON_LENGTH,
            hostile: |size| {
                let text = format!(r#"{{"a":0.{}}}"#, "4".repeat(size - 8));
                get::<f64>(&text, |read| assert!(read.is_ok()))
            },
            ordinary: |size| get::<IgnoredAny>(&values(size), |read| assert!(read.is_ok())),
            ratio: 2.0,
            memory: 192 * KB,
        },
        Case {
            name: "arrays, 126 deep, read as `serde_json::Value`",
            size: DEFAULT_MAX_JSON_LENGTH,
            hostile: |size| {
                let text = list(size, |_| {
                    let levels = MAX_DEPTH - 2;
                    format!("{}{},", "[".repeat(levels), "]".repeat(levels))
                });
                get::<Value>(&text, |read| assert!(read.is_ok()))
            },
            ordinary: |size| get::<Value>(&values(size), |read| assert!(read.is_ok())),
            ratio: 7.0,
            memory: 6144 * KB,
        },
        Case {
            name: "a wrong type after 64 KiB of the right one",
            size: DEFAULT_MAX_JSON_LENGTH,
            hostile: |size| {
                let text = format!(r#"{{"a":[{}null]}}"#, "1,".repeat((size - 12) / 2));
                get::<Vec<u8>>(&text, |read| {
                    assert!(matches!(read, Err(Error::WrongType { .. })));
                })
            },
            ordinary: |size| {
                let text = format!(r#"{{"a":[{}1234]}}"#, "1,".repeat((size - 12) / 2));
                get::<Vec<u16>>(&text, |read| assert!(read.is_ok()))
            },
            ratio: 3.0,
            memory: 128 * KB,
        },
    ]
}

/// Times at which a session ends.
fn expiries() -> Vec<Case> {
    vec![
        Case {
            name: "an expiry (ISO 8601) with 64 KiB of digits",
            size: DEFAULT_MAX_JSON_LENGTH,
            hostile: |size| {
                expiry(filled(
                    size,
                    r#"{"_session_expiry":"2023-11-14T22:13:20."#,
                    |_| "9".into(),
                    "+00:00\"}",
                ))
            },
            ordinary: |size| parse(ordinary(size)),
            ratio: 2.0,
            memory: 96 * KB,
        },
        Case {
            name: "an expiry with 64 KiB of digits after its point",
            size: DEFAULT_MAX_JSON_LENGTH,
            hostile: |size| {
                expiry(filled(
                    size,
                    r#"{"_session_expiry":0."#,
                    |_| "0".into(),
                    "1}",
                ))
            },
            ordinary: |size| parse(ordinary(size)),
            ratio: 2.0,
            memory: 96 * KB,
        },
    ]
}

/// Returns an object of as many keys as fit.
fn keys(size: usize) -> String {
    padded(
        filled(size - 20, "{", |at| format!("\"{}\":1,", name(at)), ""),
        size,
    )
}

/// Returns a key of four characters, in an order that is not that of the alphabet.
fn name(at: usize) -> String {
    format!("{:04x}", at * 7919 % 0x1_0000)
}

/// Returns an ordinary session of this size under the key `a`.
fn values(size: usize) -> String {
    format!(r#"{{"a":{}}}"#, ordinary(size - 6))
}

/// Creates work that parses a session and asks when it ends.
fn expiry(text: String) -> Work {
    Box::new(move || {
        let end = session(&text).expiry_date(0, core::time::Duration::ZERO);
        assert!(black_box(end).is_ok());
    })
}
