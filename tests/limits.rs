//! Limits hold for reading and for writing: a value that would be refused is not written.

mod common;

use hardtack::limits::{DEFAULT_MAX_JSON_LENGTH, DEFAULT_MAX_LENGTH};
use hardtack::signing::{Signer, TimestampSigner};
use hardtack::{Compression, Error, KeyRing, RecordCodec, SESSION_SALT, Session};

use common::{NOW, OTHER_KEY, codec, ring, session};

/// Returns a session whose JSON text has this number of bytes.
fn session_of(bytes: usize) -> Session {
    let frame = r#"{"x":""}"#.len();
    session([("x", "x".repeat(bytes - frame))])
}

/// An instant whose stamp has five digits: with six, no base64 makes a value of 4096 bytes.
const THEN: i64 = 100_000_000;

/// Returns a session whose uncompressed cookie has this number of bytes.
fn plain_cookie_of(bytes: usize) -> Option<String> {
    let codec = codec()
        .with_compression(Compression::Never)
        .with_max_length(1 << 20);
    let sizes = bytes / 2..bytes;
    sizes
        .map(|size| codec.encode(&session_of(size), THEN).expect("encodes"))
        .find(|cookie| cookie.len() == bytes)
}

/// Each limit and default is written once in the crate and once here.
#[test]
fn the_defaults_are_the_documented_ones() {
    use hardtack::limits;
    assert_eq!(
        (DEFAULT_MAX_LENGTH, DEFAULT_MAX_JSON_LENGTH),
        (4096, 65_536)
    );
    assert_eq!(limits::DEFAULT_MAX_RECORD_JSON_LENGTH, 1_048_576);
    assert_eq!((limits::MAX_DEPTH, limits::MAX_INTEGER_DIGITS), (128, 4300));
    assert_eq!(
        (
            limits::MAX_COOKIE_LENGTH,
            limits::MAX_COOKIE_ATTRIBUTE_LENGTH,
            limits::MAX_COOKIE_CANDIDATES,
        ),
        (4096, 1024, 8)
    );
    assert_eq!(
        (
            limits::MIN_SESSION_KEY_LENGTH,
            limits::MAX_SESSION_KEY_LENGTH,
            limits::MAX_NEW_KEYS,
        ),
        (8, 40, 8)
    );
    assert_eq!(
        (limits::MIN_KEY_LENGTH, limits::MIN_KEY_DISTINCT_BYTES),
        (32, 5)
    );
    // In seconds: two weeks, 7,900 years of 365 days, and the end of the year 9999.
    assert_eq!(limits::DEFAULT_MAX_AGE.as_secs(), 1_209_600);
    assert_eq!(limits::MAX_EXPIRY_AFTER.as_secs(), 249_134_400_000);
    assert_eq!(limits::MAX_UNIX_SECONDS, 253_402_300_799);
}

#[test]
fn the_length_of_a_value_is_limited() {
    let codec = codec().with_compression(Compression::Never);
    let longest = plain_cookie_of(DEFAULT_MAX_LENGTH).expect("some length gives it");
    let session = codec.decode(&longest, THEN).expect("at the limit");
    assert_eq!(codec.encode(&session, THEN), Ok(longest.clone()));

    let limit = longest.len() - 1;
    let too_long = Error::TooLong {
        length: longest.len(),
        limit,
    };
    let shorter = codec.with_max_length(limit);
    assert_eq!(shorter.encode(&session, THEN), Err(too_long));
    assert_eq!(shorter.verify(&longest, THEN).err(), Some(too_long));
    // Nothing else about it was checked.
    assert_eq!(
        shorter.verify(&"x".repeat(longest.len()), THEN).err(),
        Some(too_long)
    );
}

/// It is compressed with more effort. If that does not suffice, the error tells the usual length.
#[test]
#[cfg(feature = "compress")]
fn a_value_that_is_slightly_too_long_is_compressed_again() {
    for (name, session) in common::sessions() {
        let usual = codec().encode(&session, NOW).expect("encodes");
        let length = usual.len();
        let limited = |limit| codec().with_max_length(limit);
        let report = |limit| {
            let report = limited(limit).size_report(&session, NOW);
            report.expect("a report").length
        };
        assert_eq!(limited(length).encode(&session, NOW), Ok(usual), "{name}");

        let limit = length * 9 / 10;
        let too_long = Error::TooLong { length, limit };
        assert_eq!(
            limited(limit).encode(&session, NOW),
            Err(too_long),
            "{name}"
        );
        assert_eq!(report(limit), length, "{name}");

        let tight = (limit..length).find_map(|limit| limited(limit).encode(&session, NOW).ok());
        // A login has too few repetitions for another way to write them.
        if let Some(tight) = tight {
            assert!(tight.len() < length, "{name}");
            assert_eq!(codec().decode(&tight, NOW).as_ref(), Ok(&session), "{name}");
            assert_eq!(report(tight.len()), tight.len(), "{name}");
            println!("{name}: {length}, with more effort {}", tight.len());
        } else {
            assert_eq!(name, "S");
        }
    }
}

/// A value is written exactly if it fits when it is compressed with more effort.
#[test]
#[cfg(feature = "compress")]
fn every_value_that_fits_with_more_effort_is_written() {
    let [_, _, (_, mut session)] = common::sessions();
    for more in 0..6 {
        session.insert("more", "x".repeat(more)).expect("inserts");
        let usual = codec().encode(&session, NOW).expect("encodes").len();
        let written = |limit| {
            let value = codec().with_max_length(limit).encode(&session, NOW);
            value.map(|value| value.len())
        };
        let tight = written(usual - 1).expect("with more effort");
        for limit in tight - 8..usual {
            let length = usual;
            let too_long = Error::TooLong { length, limit };
            let expected = if limit < tight {
                Err(too_long)
            } else {
                Ok(tight)
            };
            assert_eq!(written(limit), expected, "{more}");
        }
    }
}

/// The stamp, which has between one digit and twelve characters, takes from the payload's room.
#[test]
#[cfg(feature = "compress")]
fn more_effort_starts_at_the_limit_for_every_stamp() {
    let [_, (_, session), _] = common::sessions();
    for now in [0, 61, 62, NOW, -1, -61, -62, i64::MIN] {
        let usual = codec().encode(&session, now).expect("encodes");
        let length = usual.len();
        let limited = |limit| codec().with_max_length(limit).encode(&session, now);
        assert_eq!(limited(length), Ok(usual), "{now}");
        let shorter = limited(length - 1).map(|value| value.len() < length);
        assert_eq!(shorter, Ok(true), "{now}");
    }
}

#[test]
fn the_length_of_the_json_is_limited() {
    for (bytes, fits) in [
        (DEFAULT_MAX_JSON_LENGTH, true),
        (DEFAULT_MAX_JSON_LENGTH + 1, false),
    ] {
        let session = session_of(bytes);
        let error = Error::JsonTooLong {
            limit: DEFAULT_MAX_JSON_LENGTH,
        };
        let roomy = codec().with_max_length(1 << 20);
        for compression in [Compression::Auto, Compression::Never] {
            let ours = roomy.clone().with_compression(compression);
            assert_eq!(ours.encode(&session, NOW).err(), (!fits).then_some(error));
            let written = ours
                .with_max_json_length(usize::MAX)
                .encode(&session, NOW)
                .expect("no limit");
            if written.starts_with('.') && cfg!(not(feature = "compress")) {
                continue;
            }
            assert_eq!(roomy.decode(&written, NOW).err(), (!fits).then_some(error));
        }
    }
}

/// A cookie of less than 4096 characters that inflates to 3 MB.
#[test]
#[cfg(feature = "compress")]
fn a_zlib_bomb_takes_little_memory() {
    let roomy = codec().with_max_json_length(usize::MAX);
    // zlib makes it shorter than hardtack does.
    let json = session_of(2_900_000).to_json();
    let stream = miniz_oxide::deflate::compress_to_vec_zlib(json.as_bytes(), 9);
    let payload = format!(".{}", common::base64url(&stream));
    let bomb = common::signed_payload(&payload, NOW);
    assert!(bomb.len() < DEFAULT_MAX_LENGTH, "{}", bomb.len());
    let error = Error::JsonTooLong {
        limit: DEFAULT_MAX_JSON_LENGTH,
    };
    assert_eq!(codec().decode(&bomb, NOW), Err(error));

    let most = allocation_counter::measure(|| {
        let _ = codec().decode(&bomb, NOW);
    });
    println!(
        "bytes at most while a bomb of 2.9 MB is refused: {}",
        most.bytes_max
    );
    // Memory for the output, for its previous buffer while it grows, and for the state of zlib.
    assert!(
        most.bytes_max < 5 * DEFAULT_MAX_JSON_LENGTH as u64 / 2,
        "{}",
        most.bytes_max
    );
    assert!(roomy.decode(&bomb, NOW).is_ok());

    // A smaller limit takes less memory (with `std`, the state of zlib already exists).
    if cfg!(feature = "std") {
        let limit = 13_000;
        let small = codec().with_max_json_length(limit);
        let most = allocation_counter::measure(|| {
            let _ = small.decode(&bomb, NOW);
        });
        assert!(
            most.bytes_max < 2 * limit as u64 + 1000,
            "{}",
            most.bytes_max
        );
        let small = codec().with_max_json_length(100);
        let most = allocation_counter::measure(|| {
            let _ = small.decode(&bomb, NOW);
        });
        assert!(most.bytes_max < 5000, "{}", most.bytes_max);
    }
}

/// The memory of an unusually large value is freed.
#[test]
fn a_thread_keeps_little_memory() {
    let roomy = codec()
        .with_max_json_length(usize::MAX)
        .with_max_length(usize::MAX);
    let numbers: Vec<_> = (0..100_000).map(|n| format!(r#""{n}":0"#)).collect();
    let many_keys = format!("{{{}}}", numbers.join(","));
    for json in [session_of(2_900_000).to_json(), many_keys] {
        let kept = allocation_counter::measure(|| {
            let huge = Session::from_json(&json).expect("an object");
            let value = roomy.encode(&huge, NOW).expect("no limit");
            drop(roomy.decode(&value, NOW).expect("no limit"));
        });
        assert!(kept.bytes_current < 600_000, "{}", kept.bytes_current);
    }
}

#[test]
fn a_limit_of_zero_refuses_every_session() {
    let session = session_of(500);
    let nothing = codec().with_max_json_length(0);
    assert_eq!(
        nothing.encode(&session, NOW),
        Err(Error::JsonTooLong { limit: 0 })
    );
    let cookie = codec().encode(&session, NOW).expect("encodes");
    if !cookie.starts_with('.') || cfg!(feature = "compress") {
        assert_eq!(
            nothing.decode(&cookie, NOW),
            Err(Error::JsonTooLong { limit: 0 })
        );
    }
    assert!(matches!(
        codec().with_max_length(0).verify("", NOW),
        Err(Error::NotSigned)
    ));
}

/// Django's rule: compress only if that saves at least two bytes.
#[test]
#[cfg(feature = "compress")]
fn only_text_that_saves_two_bytes_is_compressed() {
    for size in 8..200 {
        let session = session_of(size);
        let auto = codec().encode(&session, NOW).expect("encodes");
        let plain = codec()
            .with_compression(Compression::Never)
            .encode(&session, NOW)
            .expect("encodes");
        let json = session.to_json();
        let stream = auto
            .strip_prefix('.')
            .map(|auto| auto.split(':').next().expect("a payload").len() * 3 / 4);
        assert!(
            stream.is_none_or(|stream| stream < json.len() - 1),
            "{size}"
        );
        assert!(auto.len() <= plain.len(), "{size}");
        // Compressed as soon as that saves two bytes, and not before.
        let deflated = miniz_oxide::deflate::compress_to_vec_zlib(json.as_bytes(), 6);
        assert_eq!(
            auto.starts_with('.'),
            deflated.len() < json.len() - 1,
            "{size}"
        );
        assert_eq!(codec().decode(&auto, NOW), Ok(session));
    }
    let short = codec().encode(&Session::new(), NOW).expect("encodes");
    assert!(short.starts_with("e30:"));
}

/// The signing layer has the same limit for JSON.
#[test]
fn dumps_and_loads_have_the_same_limit() {
    let signer = TimestampSigner::new(ring()).with_salt(SESSION_SALT);
    let text = "x".repeat(DEFAULT_MAX_JSON_LENGTH);
    let error = Error::JsonTooLong {
        limit: DEFAULT_MAX_JSON_LENGTH,
    };
    assert_eq!(signer.dumps(&text, Compression::Never, NOW), Err(error));
    let long = codec()
        .with_max_length(1 << 20)
        .with_max_json_length(1 << 20)
        .with_compression(Compression::Never);
    let written = long.encode_as(&text, NOW).expect("a larger limit");
    assert_eq!(
        Signer::new(ring()).dumps(&text, Compression::Never),
        Err(error)
    );
    assert_eq!(
        signer.loads::<String>(&written, NOW, core::time::Duration::ZERO),
        Err(error)
    );
}

/// The longest text of a record is an uncompressed one, with some bytes to spare.
#[test]
fn the_text_of_a_record_is_limited() {
    let codec = RecordCodec::new(ring()).with_max_json_length(300);
    let (length, limit) = (465, 464);
    let decoded = |length: usize| codec.decode(&"x".repeat(length)).err();
    assert_eq!(decoded(limit), Some(Error::NotSigned));
    assert_eq!(decoded(length), Some(Error::TooLong { length, limit }));
}

/// Keys, duplicates, texts, floats, expiries and stamps may be as many and as long as the text that holds them.
#[test]
fn the_json_limits_what_has_no_limit_of_its_own() {
    let codec = codec()
        .with_max_length(1 << 20)
        .with_compression(Compression::Never);
    let filled = |head: &str, part: &dyn Fn(usize) -> String, tail: &str| {
        let mut json = String::from(head);
        for part in (0..).map(part) {
            if json.len() + part.len() + tail.len() > DEFAULT_MAX_JSON_LENGTH {
                break;
            }
            json += &part;
        }
        json + tail
    };
    let zero = |_| "0".to_owned();
    for (json, keys) in [
        (
            filled("{", &|at| format!(r#""{at:05}":1,"#), r#""":1}"#),
            6554,
        ),
        (filled("{", &|_| r#""a":0,"#.into(), r#""a":1}"#), 1),
        (filled(r#"{"a":1.0"#, &zero, "}"), 1),
        (filled(r#"{"_session_expiry":1.0"#, &zero, "}"), 1),
        (
            filled(
                r#"{"_session_expiry":"2100-01-01T00:00:00.0"#,
                &zero,
                "+00:00\"}",
            ),
            1,
        ),
    ] {
        assert!(json.len() > DEFAULT_MAX_JSON_LENGTH - 10);
        let cookie = codec.encode_json(&json, NOW).expect("within the limit");
        let session = codec.decode(&cookie, NOW).expect("within the limit");
        assert_eq!(session.iter().len(), keys, "{}", &json[..40]);
        if let Some(a) = session.get::<f64>("a").expect("a number") {
            assert!((a - 1.0).abs() < f64::EPSILON, "the last duplicate counts");
        }
    }
    // A session does not know the limit of the codec that will encode it.
    let mut session = Session::new();
    for at in 0..20_000 {
        session.insert(&at.to_string(), at).expect("a number");
    }
    let limit = DEFAULT_MAX_JSON_LENGTH;
    let refused = codec.encode(&session, NOW);
    assert_eq!(refused, Err(Error::JsonTooLong { limit }));

    // Zeros in front of a stamp, up to the limit of the value.
    let stamped = |zeros: usize| {
        let text = format!("e30:{}1r31eq", "0".repeat(zeros));
        Signer::new(ring()).with_salt(SESSION_SALT).sign(&text)
    };
    let zeros = DEFAULT_MAX_LENGTH - stamped(0).len();
    let verify = |cookie: &str| common::codec().verify(cookie, NOW).map(|it| it.issued_at());
    assert_eq!(verify(&stamped(zeros)), Ok(NOW.into()));
    let too_long = Error::TooLong {
        length: DEFAULT_MAX_LENGTH + 1,
        limit: DEFAULT_MAX_LENGTH,
    };
    assert_eq!(verify(&stamped(zeros + 1)), Err(too_long));
}

/// They come from the program, not from a client.
#[test]
fn keys_salts_and_separators_may_be_long() {
    let long = |text: &str| text.repeat(5000);
    let fallbacks = |ring: KeyRing| {
        (0..100).fold(ring, |ring, at| {
            ring.with_fallback(common::key(&format!("{OTHER_KEY}{at}")))
        })
    };
    let old = common::key(&long("a-long-key"));
    let signer = |ring| {
        TimestampSigner::new(ring)
            .with_salt(&long("salt"))
            .with_separator(&long(":"))
            .expect("it is safe")
    };
    let signed = signer(KeyRing::new(old.clone()))
        .sign("text", NOW)
        .expect("signs");
    let ring = fallbacks(ring()).with_fallback(old);
    let max_age = core::time::Duration::ZERO;
    let verified = signer(ring).verify(&signed, NOW, max_age);
    assert_eq!(verified.map(|verified| verified.text()), Ok("text"));
}
