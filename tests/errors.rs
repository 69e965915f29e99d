//! Every message, word for word, and the promises of every error.

use std::error::Error as _;
use std::fmt;
use std::time::Duration;

use hardtack::{Error, StoreError};

/// Every error, and its message.
#[expect(clippy::too_many_lines, reason = "one entry for each error")]
fn pinned() -> Vec<(Error, &'static str)> {
    vec![
        (Error::EmptyKey, "the key is empty"),
        (
            Error::ShortKey { length: 31 },
            "the key has 31 bytes; at least 32 are needed",
        ),
        (
            Error::RepetitiveKey { distinct: 4 },
            "the key has 4 distinct bytes; at least 5 are needed",
        ),
        (
            Error::InsecureKey,
            "the key starts with \"django-insecure-\", so it is only for development, where SecretKey::allow_weak accepts it",
        ),
        (
            Error::UntrimmedKey,
            "the key begins or ends with white space or a byte order mark: trim what was read from a file",
        ),
        (
            Error::UnsafeSeparator,
            "the separator is empty or consists of A-z, 0-9, \"-\", \"_\" and \"=\" only",
        ),
        (
            Error::TooLong {
                length: 4097,
                limit: 4096,
            },
            "the value has 4097 bytes; at most 4096 are allowed",
        ),
        (Error::NotSigned, "the text is not signed"),
        (Error::BadSignature, "the signature does not match"),
        (
            Error::Expired {
                age: Duration::from_millis(10_500),
                max_age: Duration::from_secs(10),
            },
            "expired: signed 10.5s ago; at most 10s are allowed",
        ),
        (
            Error::SessionExpired,
            "expired: the session's own expiry has passed",
        ),
        (
            Error::FromFuture {
                ahead: Duration::from_secs(61),
                max_future: Duration::from_secs(60),
            },
            "signed 61s in the future; at most 60s are allowed",
        ),
        (
            Error::IssuedTooEarly,
            "signed before the instant from which cookies are accepted",
        ),
        (
            Error::MalformedStamp,
            "the stamp is not a base62 number of 64 bits",
        ),
        (
            Error::TimeOutOfRange,
            "the time is after the year 9999: it may be milliseconds where seconds are expected",
        ),
        (
            Error::MalformedBase64,
            "the payload is not unpadded base64url",
        ),
        (
            Error::MalformedZlib,
            "the payload is not one whole zlib stream",
        ),
        (
            Error::CompressionDisabled,
            "the payload is compressed, and this build lacks the feature \"compress\"",
        ),
        (
            Error::JsonTooLong { limit: 65_536 },
            "the JSON text is too long; at most 65536 bytes are allowed",
        ),
        (
            Error::MalformedJson { offset: 7 },
            "the text is not JSON at byte 7",
        ),
        (
            Error::TooDeep { limit: 128 },
            "the JSON is nested too deep; at most 128 levels are allowed",
        ),
        (
            Error::IntegerTooLong { limit: 4300 },
            "the JSON has an integer that is too long; at most 4300 digits are allowed",
        ),
        (Error::NotAnObject, "the JSON is not an object"),
        (
            Error::MalformedExpiry,
            "the session's own expiry is neither a finite number nor an ISO 8601 time with an offset",
        ),
        (
            Error::LoneSurrogate,
            "the text has a lone surrogate, which no Rust string holds",
        ),
        (Error::NotFinite, "the number is not finite"),
        (Error::NumberOutOfRange, "the number is out of range"),
        (
            Error::WrongType { offset: 12 },
            "the JSON does not match the requested type at byte 12",
        ),
        (Error::Unserializable, "the value cannot be written as JSON"),
        (Error::NotASessionKey, "the value is not a session key"),
        (Error::UnknownSessionKey, "no session has this key"),
        (
            Error::UnreadableRecord { reason: "a tuple" },
            "the record cannot be read: a tuple",
        ),
        (
            Error::SessionGone,
            "the session was ended while the request ran",
        ),
        (Error::StoreFailed, "the store of the sessions failed"),
        (Error::NoSessionKey, "no new session key could be created"),
        (
            Error::ConflictingAges,
            "the codec's max age differs from the age of the session settings",
        ),
        (
            Error::MissingLayer,
            "no session: there is no session layer around this handler",
        ),
        (
            Error::ConflictingLayers,
            "two session layers around one handler have the same cookie name, and different settings or stores",
        ),
        (
            Error::InvalidCookieName,
            "the cookie's name is empty or not a token",
        ),
        (
            Error::InvalidCookieValue,
            "the cookie's value has a character that no cookie value may have",
        ),
        (
            Error::InvalidCookiePath,
            "the cookie's path does not start with \"/\", ends with a space, or has a character that no path may have",
        ),
        (
            Error::InvalidCookieDomain,
            "the cookie's domain is not a host name",
        ),
        (
            Error::InvalidCookieExpires,
            "the cookie's expiry is not in the years 1601 to 9999",
        ),
        (
            Error::InsecureCookie,
            "the cookie must be Secure because of its name's prefix, SameSite=None or Partitioned",
        ),
        (
            Error::CookieNotHttpOnly,
            "the cookie must be HttpOnly because of its name's prefix",
        ),
        (
            Error::HostCookieNotOfHost,
            "the cookie's name starts with \"__Host-\", so it must have the path \"/\" and no domain",
        ),
        (
            Error::CookieTooLarge {
                size: 4097,
                limit: 4096,
            },
            "the cookie has 4097 bytes; at most 4096 are allowed",
        ),
        (
            Error::CookieAttributeTooLarge {
                size: 1025,
                limit: 1024,
            },
            "an attribute of the cookie has 1025 bytes; at most 1024 are allowed",
        ),
    ]
}

#[test]
fn every_error_has_its_message_and_is_documented() {
    let pinned = pinned();
    for &(error, message) in &pinned {
        assert_eq!(error.to_string(), message);
        assert_eq!(error.name(), name(&error));
    }
    // Every variant in the source is tested above, and is on the page of errors.
    let source = include_str!("../src/error.rs");
    let variants: Vec<&str> = source
        .split("pub enum Error {\n")
        .nth(1)
        .and_then(|rest| rest.split("\n    }\n").next())
        .expect("the enum")
        .lines()
        .filter_map(|line| line.strip_prefix("        "))
        .filter(|line| line.starts_with(|first: char| first.is_ascii_uppercase()))
        .filter_map(|line| line.split(' ').next())
        .collect();
    let names: Vec<String> = pinned.iter().map(|(error, _)| name(error)).collect();
    assert_eq!(variants, names);
    let page = include_str!("../src/docs/errors.md");
    for name in names {
        assert!(
            page.contains(&format!("| `{name}` |")),
            "src/docs/errors.md does not list {name}"
        );
    }
}

/// Returns the variant's name, as `Debug` writes it.
fn name(error: &Error) -> String {
    let debug = format!("{error:?}");
    debug.split([' ', '{']).next().unwrap_or_default().into()
}

/// Each predicate is true for exactly the errors that are listed with it.
#[test]
fn predicates_are_true_for_the_listed_errors_only() {
    let of = |predicate: fn(Error) -> bool| {
        let errors = pinned().into_iter().map(|(error, _)| error);
        let errors = errors.filter(|&error| predicate(error));
        errors.map(Error::name).collect::<Vec<_>>()
    };
    let expired = [
        "Expired",
        "SessionExpired",
        "IssuedTooEarly",
        "UnknownSessionKey",
    ];
    assert_eq!(of(Error::is_expired), expired);
    assert_eq!(
        of(Error::is_useless_cookie),
        [&["BadSignature"][..], &expired].concat()
    );
    assert_eq!(
        of(Error::is_too_large),
        ["TooLong", "JsonTooLong", "CookieTooLarge"]
    );
    assert_eq!(
        of(Error::is_usage),
        [
            "EmptyKey",
            "ShortKey",
            "RepetitiveKey",
            "InsecureKey",
            "UntrimmedKey",
            "UnsafeSeparator",
            "TimeOutOfRange",
            "WrongType",
            "Unserializable",
            "ConflictingAges",
            "MissingLayer",
            "ConflictingLayers",
            "InvalidCookieName",
            "InvalidCookieValue",
            "InvalidCookiePath",
            "InvalidCookieDomain",
            "InvalidCookieExpires",
            "InsecureCookie",
            "CookieNotHttpOnly",
            "HostCookieNotOfHost",
            "CookieAttributeTooLarge",
        ]
    );
}

/// The status that a caller should answer with.
#[test]
fn an_error_has_the_status_of_its_response() {
    for (error, _) in pinned() {
        let status = match error {
            Error::SessionGone => 400,
            Error::StoreFailed => 503,
            _ => 500,
        };
        assert_eq!(error.status(), status, "{error}");
    }
}

/// A store's error reads like the error in it, so that a chain of sources has no text twice.
#[test]
fn an_error_of_a_store_is_transparent() {
    #[derive(Debug)]
    struct Down;
    impl fmt::Display for Down {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("the database is down")
        }
    }
    impl std::error::Error for Down {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&Error::StoreFailed)
        }
    }
    let texts = |error: StoreError<Down>| {
        let source = error.source().map(ToString::to_string);
        (error.to_string(), source)
    };
    assert_eq!(
        texts(StoreError::Store(Down)),
        (Down.to_string(), Some(Error::StoreFailed.to_string()))
    );
    assert_eq!(
        texts(Error::SessionExpired.into()),
        (Error::SessionExpired.to_string(), None)
    );
}

#[test]
fn an_error_is_small_and_can_be_copied_and_sent() {
    fn anywhere<T: std::error::Error + Copy + Send + Sync + 'static>() {}
    anywhere::<Error>();
    assert!(size_of::<Error>() <= 40);
}
