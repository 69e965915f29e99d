//! `Cookie` headers, signatures and `Set-Cookie` headers.

use std::hint::black_box;

use hardtack::limits::{DEFAULT_MAX_LENGTH, MAX_COOKIE_ATTRIBUTE_LENGTH, MAX_COOKIE_CANDIDATES};
use hardtack::{Error, SessionMiddleware, SetCookie, cookie};

use super::{CODEC, Case, KB, SIGNER, Work, filled, fitting, noise};
use crate::data::{LATER, NOW};

/// Bytes of the longest header that common servers accept.
const HEADER: usize = 64 * 1024;
const NAME: &str = "sessionid";

/// Creates a case that looks for the session's cookie in a header.
fn found(name: &'static str, hostile: fn(usize) -> Work, ratio: f64, memory: u64) -> Case {
    Case {
        name,
        size: HEADER,
        hostile,
        ordinary: |size| find(others(size), 0),
        ratio,
        memory,
    }
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = searches();
    cases.extend(requests());
    cases.extend(values());
    cases
}

/// Headers in which a cookie is looked for.
fn searches() -> Vec<Case> {
    vec![
        found(
            "a `Cookie` header of `;` only",
            |size| find(";".repeat(size), 0),
            5.0,
            0,
        ),
        found(
            "a `Cookie` header of `sessionid` only",
            |size| find(filled(size, "", |_| NAME.into(), ""), 0),
            3.0,
            0,
        ),
        found(
            "a `Cookie` header of names that are as long",
            |size| find(filled(size, "", |_| "sessionix=;".into(), ""), 0),
            4.0,
            0,
        ),
        found(
            "a `Cookie` header of white space, then `=`",
            |size| find(filled(size, "sessionid", |_| " ".into(), "="), 1),
            6.0,
            0,
        ),
        found(
            "a `Cookie` header of spaces that are not ASCII",
            |size| find(filled(size, "", |_| "\u{2003}".into(), "="), 0),
            5.0,
            0,
        ),
        found(
            "a `Cookie` header of 5,957 cookies of the name",
            |size| {
                find(
                    filled(size, "", |_| "sessionid=;".into(), ""),
                    MAX_COOKIE_CANDIDATES,
                )
            },
            5.0,
            0,
        ),
        found(
            r"a quoted value of escapes (`\054`)",
            |size| find(filled(size, "sessionid=\"", |_| "\\054".into(), "\""), 1),
            8.0,
            128 * KB,
        ),
        found(
            "a value that is not UTF-8",
            |size| {
                let head = b"sessionid=";
                let header = [head.to_vec(), vec![0xff; size - head.len()]].concat();
                Box::new(move || {
                    let value = cookie::find(NAME, [&header]).next();
                    assert!(black_box(value).is_some());
                })
            },
            15.0,
            512 * KB,
        ),
    ]
}

/// Requests whose cookies are read.
fn requests() -> Vec<Case> {
    vec![
        Case {
            name: "a request with 100 forged cookies of one name",
            size: 100 * 200,
            hostile: |size| load(filled(size, "", |at| pair(NAME, at), ""), false),
            ordinary: |size| {
                let good = format!(
                    "{NAME}={}",
                    CODEC.encode_json("{}", NOW).expect("a session")
                );
                load(filled(size, &good, |at| pair("other", at), ""), true)
            },
            ratio: 3.0,
            memory: 4 * KB,
        },
        Case {
            name: "a request with 8 good cookies, each younger than the next",
            size: MAX_COOKIE_CANDIDATES * DEFAULT_MAX_LENGTH,
            hostile: |size| load(ever_younger(size), true),
            ordinary: |size| {
                let json = fitting(size / MAX_COOKIE_CANDIDATES - NAME.len() - 3);
                let good = CODEC.encode_json(&json, NOW).expect("it fits");
                let good = format!("{NAME}={good}");
                load(filled(size, &good, |at| pair("other", at), ""), true)
            },
            ratio: 8.0,
            memory: 128 * KB,
        },
    ]
}

/// Values that are verified, and one that is written.
fn values() -> Vec<Case> {
    vec![
        Case {
            name: "a cookie of 4096 bytes with a bad signature",
            size: DEFAULT_MAX_LENGTH,
            hostile: |size| {
                let mut cookie = good(size);
                cookie.replace_range(..1, "x");
                verify(cookie, Some(Error::BadSignature))
            },
            ordinary: |size| verify(good(size), None),
            ratio: 1.5,
            memory: 0,
        },
        Case {
            name: "a cookie of 4096 bytes without a separator",
            size: DEFAULT_MAX_LENGTH,
            hostile: |size| verify("x".repeat(size), Some(Error::NotSigned)),
            ordinary: |size| verify(good(size), None),
            ratio: 1.5,
            memory: 0,
        },
        Case {
            name: "a cookie of 64 KiB",
            size: HEADER,
            hostile: |size| {
                let limit = DEFAULT_MAX_LENGTH;
                verify(
                    "x".repeat(size),
                    Some(Error::TooLong {
                        length: size,
                        limit,
                    }),
                )
            },
            ordinary: |_| verify(good(DEFAULT_MAX_LENGTH), None),
            ratio: 0.1,
            memory: 0,
        },
        Case {
            name: "a `Set-Cookie` header at its limits, 6 KB",
            size: 3 * 2048,
            hostile: |size| {
                let domain = "a.".repeat(MAX_COOKIE_ATTRIBUTE_LENGTH / 2);
                let cookie = SetCookie::new("~".repeat(size / 3))
                    .with_value("~".repeat(size / 3))
                    .with_path("/".repeat(size / 6))
                    .with_domain(domain[..size / 6 - 1].to_owned());
                set(cookie)
            },
            ordinary: |size| {
                let cookie = SetCookie::new(NAME).with_value(noise(size / 2));
                let cookies = [cookie.clone(), cookie];
                Box::new(move || cookies.iter().for_each(write))
            },
            ratio: 4.0,
            memory: 16 * KB,
        },
    ]
}

/// Returns a header of ordinary cookies, none of which is the session's.
fn others(size: usize) -> String {
    filled(
        size,
        "",
        |at| format!("preference{at}=some-ordinary-value-of-40-characters-{at}; "),
        "",
    )
}

/// Returns a forged cookie of 200 bytes.
fn pair(name: &str, at: usize) -> String {
    let value = noise(120);
    format!("; {name}={value}{at:012}:1r31eq:{}", &value[..43])
}

fn find(header: String, expected: usize) -> Work {
    Box::new(move || {
        let values = cookie::find(NAME, [&header]).map(|value| black_box(value).len());
        assert_eq!(values.count(), expected);
    })
}

fn load(header: String, is_good: bool) -> Work {
    let sessions = SessionMiddleware::new(CODEC.clone());
    Box::new(move || {
        let loaded = black_box(sessions.load([&header], LATER));
        assert_eq!(loaded.refusal().is_none(), is_good);
    })
}

/// Returns a cookie of this many bytes that verifies.
fn good(size: usize) -> String {
    let sign = |payload: &str| SIGNER.sign(payload, NOW).expect("a date");
    sign(&noise(size - sign("").len()))
}

/// Returns a header of as many good cookies as are tried. Each is younger than those after it, so that each is read.
fn ever_younger(size: usize) -> String {
    let json = fitting(size / MAX_COOKIE_CANDIDATES - NAME.len() - 3);
    let stamps = (0..)
        .take(MAX_COOKIE_CANDIDATES)
        .map(|seconds| NOW - seconds);
    let cookies = stamps.map(|stamp| CODEC.encode_json(&json, stamp).expect("it fits"));
    let pairs: Vec<String> = cookies.map(|cookie| format!("{NAME}={cookie}")).collect();
    filled(size, &pairs.join("; "), |_| ";".into(), "")
}

fn verify(cookie: String, expected: Option<Error>) -> Work {
    Box::new(move || assert_eq!(black_box(CODEC.verify(&cookie, LATER)).err(), expected))
}

fn set(cookie: SetCookie) -> Work {
    Box::new(move || write(&cookie))
}

fn write(cookie: &SetCookie) {
    drop(black_box(cookie.to_header().expect("browsers keep it")));
}
