//! Session keys, and the records that stores keep under them.

mod common;
#[path = "common/zone.rs"]
mod zone;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::collections::HashSet;

#[cfg(feature = "compress")]
use hardtack::Compression;
use hardtack::limits::DEFAULT_MAX_RECORD_JSON_LENGTH;
use hardtack::signing::TimestampSigner;
use hardtack::{Error, RECORD_SALT, RecordCodec, Session, SessionKey};

use common::{KEY, NOW, OTHER_KEY, key, ring, session};

/// Django 5.2.19's records of `{"user": "Zoë"}`, from 2017, 2023 and 2096.
const RECORDS: [&str; 3] = [
    "eyJ1c2VyIjoiWm9cdTAwZWIifQ:1dVqWO:Toqb0S2F6qADCE1REiYBtvP1tXeIjmNenoVR1iT2lgo",
    "eyJ1c2VyIjoiWm9cdTAwZWIifQ:1r31eq:DQcNN5L8TlpsjOURM6N4qUcFRVcULQw3ZAyo2v4Fd94",
    "eyJ1c2VyIjoiWm9cdTAwZWIifQ:4Mhaj2:_7WdEZYy7pFd6yk5ChgrfnKdk-rTIwjZYvxVwulguPE",
];

/// The second one, under the salt `django.contrib.sessions.MyStore`.
const OTHER_SALT: &str =
    "eyJ1c2VyIjoiWm9cdTAwZWIifQ:1r31eq:Wmtw4dAiquISdsKNtCYLdgUOi_YJFYs_kxFH6YCk_bM";

fn codec() -> RecordCodec {
    RecordCodec::new(ring())
}

/// The digits are those of Python's `divmod(number, 36)`, the last one first.
#[test]
fn a_new_key_has_all_digits_of_its_bytes() {
    let last = |byte| {
        let mut bytes = [0; 32];
        bytes[31] = byte;
        bytes
    };
    let mut counted = [0; 32];
    for (byte, n) in counted.iter_mut().zip(0..) {
        *byte = n;
    }
    for (bytes, expected) in [
        ([0; 32], "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        (last(35), "9aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        (last(36), "abaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        (counted, "5edzs6dbcpde1km6jadvfp837jk1krdj"),
        ([7; 32], "lhq6bpt8ytrbog3v2weo8pzls4s6o0ub"),
        ([255; 32], "py3thdndexgsh6sc8wtfda6jj0hmsaz5"),
    ] {
        let key = SessionKey::from_random(bytes);
        assert_eq!(key.as_str(), expected);
        assert_eq!(SessionKey::parse(expected), Some(key));
    }
}

/// The id depends on the whole key: `sha256(key).hexdigest()[:16]` in Python.
#[test]
fn a_log_id_is_a_hash_of_the_key() {
    let key = SessionKey::parse("t0ks4w4m1suf92wnuwmxg8rao08nrxsq").expect("a key");
    assert_eq!(key.log_id().to_string(), "7ba5934a04aa3b50");
}

#[test]
fn only_text_in_the_form_of_a_key_is_a_key() {
    let long = "a".repeat(41);
    for text in ["aaaaaaaa", "01234567", &long[..40]] {
        assert!(SessionKey::parse(text).is_some(), "{text:?}");
    }
    for text in [
        "",
        "aaaaaaa",
        &long,
        "Aaaaaaaa",
        "aaaaaaa ",
        " aaaaaaa",
        "aaaaaaa\0",
        "aaaaaaa\n",
        "aaaa%61aa",
        "aaaa_aaa",
        "aaaa/../aa",
        "\"aaaaaaaa\"",
        "aaaaaaaé",
        "ａａａａａａａａ",
        "١٢٣٤٥٦٧٨",
        "ſſſſſſſſ",
    ] {
        assert_eq!(SessionKey::parse(text), None, "{text:?}");
    }
}

#[test]
fn djangos_records_of_any_age_are_read() {
    let expected = session([("user", "Zoë")]);
    for record in RECORDS {
        assert_eq!(codec().decode(record), Ok(expected.clone()), "{record}");
    }
    assert_eq!(codec().encode(&expected, NOW), Ok(RECORDS[1].into()));
    // With a clock before 1970.
    let early = codec().encode(&expected, -10_000_000).expect("a date");
    assert_eq!(codec().decode(&early), Ok(expected.clone()));
    let fallback = hardtack::KeyRing::new(key(OTHER_KEY)).with_fallback(key(KEY));
    assert_eq!(RecordCodec::new(fallback).decode(RECORDS[0]), Ok(expected));
    let retired = RecordCodec::new(hardtack::KeyRing::new(key(OTHER_KEY)));
    assert_eq!(retired.decode(RECORDS[0]), Err(Error::BadSignature));
}

#[test]
fn a_record_is_read_only_under_its_salt() {
    let ours = codec().with_salt("django.contrib.sessions.MyStore");
    let user = session([("user", "Zoë")]);
    assert_eq!(ours.encode(&user, NOW), Ok(OTHER_SALT.into()));
    assert_eq!(ours.decode(OTHER_SALT), Ok(user));
    assert_eq!(ours.decode(RECORDS[1]), Err(Error::BadSignature));
    assert_eq!(codec().decode(OTHER_SALT), Err(Error::BadSignature));
    for salt in ["", RECORD_SALT] {
        assert!(ours.clone().with_salt(salt).decode(RECORDS[1]).is_ok());
    }
    // A cookie is not a record.
    let cookie = common::signed("{}", NOW);
    assert_eq!(codec().decode(&cookie), Err(Error::BadSignature));
}

#[test]
fn limits_hold_for_writing_and_reading() {
    let limit = DEFAULT_MAX_RECORD_JSON_LENGTH;
    // `{"":""}` has 7 bytes.
    let of_length = |length: usize| session([("", "x".repeat(length - 7))]);
    let largest = of_length(limit);
    assert_eq!(largest.to_json().len(), limit);
    let record = codec().encode(&largest, NOW).expect("it fits");
    assert_eq!(codec().decode(&record), Ok(largest));
    let refused = Err(Error::JsonTooLong { limit });
    assert_eq!(codec().encode(&of_length(limit + 1), NOW), refused);
    let larger = codec().with_max_json_length(limit + 1);
    let record = larger.encode(&of_length(limit + 1), NOW).expect("it fits");
    assert_eq!(
        codec().decode(&record),
        Err(Error::JsonTooLong { limit }),
        "it inflates to more"
    );
    assert!(larger.decode(&record).is_ok());
    // Text that cannot be compressed.
    let mut seed = 1_u64;
    let digits = (0..100_000).map(|_| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        char::from(b'a' + u8::try_from(seed >> 60).expect("four bits"))
    });
    let long = session([("x", digits.collect::<String>())]);
    let record = codec().encode(&long, NOW).expect("it fits");
    assert!(record.len() > 50_000, "{}", record.len());
    assert_eq!(codec().decode(&record), Ok(long));
    // The longest record is an uncompressed one. A longer text is not even hashed.
    let plain = |length: usize| {
        let payload = URL_SAFE_NO_PAD.encode(of_length(length).to_json());
        let signer = TimestampSigner::new(ring()).with_salt(RECORD_SALT);
        signer.sign(&payload, NOW).expect("a date")
    };
    assert!(codec().decode(&plain(limit)).is_ok());
    let huge = plain(limit + 100);
    assert!(
        matches!(codec().decode(&huge), Err(Error::TooLong { length, .. }) if length == huge.len())
    );
    let forged = huge.replace("eyIiO", "eyIiP");
    assert!(matches!(
        codec().decode(&forged),
        Err(Error::TooLong { .. })
    ));
    let unlimited = codec().with_max_json_length(usize::MAX);
    assert!(unlimited.decode(&huge).is_ok());
}

/// The date beside the record counts, not the session's own expiry.
#[test]
fn a_sessions_own_expiry_is_ignored() {
    for expiry in ["-5", "0", "1.5", r#""2001-01-01T00:00:00+00:00""#] {
        let json = format!(r#"{{"a":1,"_session_expiry":{expiry}}}"#);
        let past = Session::from_json(&json).expect("JSON");
        let record = codec().encode(&past, NOW).expect("it may be in the past");
        assert_eq!(codec().decode(&record), Ok(past));
    }
    let odd = Session::from_json(r#"{"_session_expiry":[]}"#).expect("JSON");
    assert_eq!(codec().encode(&odd, NOW), Err(Error::MalformedExpiry));
    let late = codec().encode(&Session::new(), NOW * 1000);
    assert_eq!(late, Err(Error::TimeOutOfRange));
}

/// In Berlin, 02:30 occurs twice on 25 October 2026, and not at all on 29 March 2026.
#[test]
fn site_times_are_local_times() {
    let berlin = codec().with_site_time_zone(zone::berlin());
    let at = |seconds: i64| seconds.into();
    for (instant, local) in [
        (1_768_000_000, 1_768_003_600),
        (1_790_000_000, 1_790_007_200),
        (1_792_888_200, 1_792_895_400),
    ] {
        assert_eq!(berlin.site_time(at(instant)), at(local));
        assert_eq!(berlin.instant_of_site_time(at(local)), at(instant));
        assert_eq!(codec().site_time(at(instant)), at(instant));
        assert_eq!(codec().instant_of_site_time(at(local)), at(local));
    }
    // The second 02:30 is read as the first, and the skipped one with the offset before the change.
    assert_eq!(berlin.site_time(at(1_792_891_800)), at(1_792_895_400));
    assert_eq!(
        berlin.instant_of_site_time(at(1_774_751_400)),
        at(1_774_747_800)
    );
}

/// `{"text": "a" * 100}`, which Django compresses.
#[cfg(feature = "compress")]
const COMPRESSED: &str =
    ".eJyrVipJrShRslJKpANQqgUA_DspZA:1dVqWO:IqzsRFMqWacNc9ENG4gy6vPR1SXEHl0xekL_aMXCWp8";

#[cfg(feature = "compress")]
#[test]
fn a_compressed_record_is_read_with_any_setting() {
    let text = session([("text", "a".repeat(100))]);
    for compression in [Compression::Auto, Compression::Never] {
        let codec = codec().with_compression(compression);
        assert_eq!(codec.decode(COMPRESSED).as_ref(), Ok(&text));
        let record = codec.encode(&text, NOW).expect("encodes");
        assert_eq!(record.starts_with('.'), compression == Compression::Auto);
        assert_eq!(codec.decode(&record).as_ref(), Ok(&text));
    }
}

#[test]
fn every_changed_byte_is_refused() {
    for at in 0..RECORDS[1].len() {
        let mut bytes = RECORDS[1].as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).expect("ASCII");
        assert!(codec().decode(&changed).is_err(), "{at}");
    }
    for text in ["", ":", "::", "e30", "e30:1dVqWO"] {
        let error = codec().decode(text).expect_err("not signed");
        assert!(
            matches!(error, Error::NotSigned | Error::BadSignature),
            "{text:?}: {error}"
        );
    }
}

#[test]
fn a_new_key_has_all_characters_at_all_places() {
    const COUNT: u16 = 4_000;
    let mut seen: Vec<HashSet<char>> = vec![HashSet::new(); 32];
    let mut keys = HashSet::new();
    for n in 0..COUNT {
        // Any bytes are good enough if they vary.
        let mut state = u64::from(n).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let bytes = [(); 32].map(|()| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_be_bytes()[0]
        });
        let key = SessionKey::from_random(bytes);
        assert_eq!(SessionKey::parse(key.as_str()).as_ref(), Some(&key));
        for (place, character) in key.as_str().chars().enumerate() {
            seen[place].insert(character);
        }
        keys.insert(key);
    }
    assert!(seen.iter().all(|characters| characters.len() == 36));
    assert_eq!(keys.len(), usize::from(COUNT));
}
