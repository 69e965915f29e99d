//! What a store keeps: the keys of sessions, and the text of rows and files.

mod common;
#[path = "common/zone.rs"]
mod zone;

use std::collections::HashSet;

#[cfg(feature = "compress")]
use hardtack::Compression;
use hardtack::limits::DEFAULT_MAX_RECORD_JSON_LENGTH;
use hardtack::{Error, Expiry, Session, SessionCodec, SessionKey};
use hardtack::{KeyRing, RECORD_SALT, RecordCodec, SESSION_SALT};

#[cfg(feature = "compress")]
use common::session;
use common::{NOW, OTHER_KEY, key, ring};
use zone::berlin;

/// By Django 5.2.19 in 2017: `SessionStore().encode({"user": "Zoë", "n": 2**70, "f": 1e16})`.
const DJANGOS: &str = "eyJ1c2VyIjoiWm9cdTAwZWIiLCJuIjoxMTgwNTkxNjIwNzE3NDExMzAzNDI0LCJmIjoxZSsxNn0:1dVqWO:pfQJWCa94MevRocWPvDpFD23wsTd9WaT9uOXeXAQpbE";
const JSON: &str = r#"{"user":"Zo\u00eb","n":1180591620717411303424,"f":1e+16}"#;
const IN_2017: i64 = 1_500_000_000;

/// The same by a subclass `MyStore`, and by a class `Inner` in a class `Outer`.
const SUBCLASSES: [(&str, &str); 2] = [
    (
        "django.contrib.sessions.MyStore",
        "eyJ1c2VyIjoiWm9cdTAwZWIiLCJuIjoxMTgwNTkxNjIwNzE3NDExMzAzNDI0LCJmIjoxZSsxNn0:1dVqWO:sIK3h4gMDNJ3xNaFI4cFutLENmmOCGmjbQO4VFbgZUs",
    ),
    (
        "django.contrib.sessions.Outer.Inner",
        "eyJ1c2VyIjoiWm9cdTAwZWIiLCJuIjoxMTgwNTkxNjIwNzE3NDExMzAzNDI0LCJmIjoxZSsxNn0:1dVqWO:MjN58OvHoNIV-KVSJblKgh3GzIiwIazVAZ0i6Te4dvM",
    ),
];

/// `{"text": "a" * 100}`, which Django compresses.
#[cfg(feature = "compress")]
const COMPRESSED: &str =
    ".eJyrVipJrShRslJKpANQqgUA_DspZA:1dVqWO:IqzsRFMqWacNc9ENG4gy6vPR1SXEHl0xekL_aMXCWp8";

fn codec() -> RecordCodec {
    RecordCodec::new(ring())
}

fn read(text: &str) -> Session {
    Session::from_json(text).expect("a session")
}

#[test]
fn djangos_records_come_back_to_the_byte() {
    assert_eq!(codec().decode(DJANGOS), Ok(read(JSON)));
    assert_eq!(codec().encode(&read(JSON), IN_2017).as_deref(), Ok(DJANGOS));
    let empty = "e30:1dVqWO:4GAishQnIFA_2ruyCcI5iz9KESKTGUBYwn4p2Gak3Y0";
    assert_eq!(
        codec().encode(&Session::new(), IN_2017).as_deref(),
        Ok(empty)
    );
    for (salt, record) in SUBCLASSES {
        let codec = codec().with_salt(salt);
        assert_eq!(codec.encode(&read(JSON), IN_2017).as_deref(), Ok(record));
        assert_eq!(codec.decode(DJANGOS), Err(Error::BadSignature));
    }
    assert_eq!(codec().with_salt("").decode(DJANGOS), Ok(read(JSON)));
}

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
fn a_record_is_no_cookie_and_a_cookie_no_record() {
    assert_ne!(RECORD_SALT, SESSION_SALT);
    let cookies = SessionCodec::new(ring());
    assert_eq!(cookies.decode(DJANGOS, IN_2017), Err(Error::BadSignature));
    let cookie = cookies.encode(&read(JSON), NOW).expect("encodes");
    assert_eq!(codec().decode(&cookie), Err(Error::BadSignature));
    // A site's salt is not a way around it.
    let of_cookies = codec().with_salt(SESSION_SALT);
    assert_eq!(of_cookies.decode(&cookie), Ok(read(JSON)));
}

#[test]
fn every_changed_byte_is_refused() {
    for at in 0..DJANGOS.len() {
        let mut bytes = DJANGOS.as_bytes().to_vec();
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
fn a_fallback_key_reads_and_a_retired_one_does_not() {
    let rotated = KeyRing::new(key(OTHER_KEY));
    assert_eq!(
        RecordCodec::new(rotated.clone()).decode(DJANGOS),
        Err(Error::BadSignature)
    );
    let with_fallback = rotated.with_fallback(key(common::KEY));
    assert_eq!(
        RecordCodec::new(with_fallback).decode(DJANGOS),
        Ok(read(JSON))
    );
}

#[test]
fn an_expiry_in_the_past_is_written_and_read_and_a_malformed_one_is_not_written() {
    let mut session = Session::new();
    session
        .set_expiry(Expiry::At(1.into()))
        .expect("an instant");
    let record = codec().encode(&session, NOW).expect("its date decides");
    assert_eq!(codec().decode(&record), Ok(session));
    let malformed = read(r#"{"_session_expiry":true}"#);
    assert_eq!(codec().encode(&malformed, NOW), Err(Error::MalformedExpiry));
}

#[test]
fn the_limit_is_one_mebibyte_of_json_and_can_be_set() {
    let long = |length: usize| read(&format!(r#"{{"a":"{}"}}"#, "x".repeat(length - 8)));
    let limit = DEFAULT_MAX_RECORD_JSON_LENGTH;
    assert_eq!(limit, 1024 * 1024);
    let record = codec().encode(&long(limit), NOW).expect("at the limit");
    assert_eq!(codec().decode(&record), Ok(long(limit)));
    let error = Error::JsonTooLong { limit };
    assert_eq!(codec().encode(&long(limit + 1), NOW), Err(error));

    let smaller = codec().with_max_json_length(100);
    let error = Error::JsonTooLong { limit: 100 };
    assert_eq!(smaller.encode(&long(101), NOW), Err(error));
    assert_eq!(smaller.decode(&record), Err(error));
}

#[test]
fn milliseconds_are_no_stamp() {
    let error = codec().encode(&Session::new(), NOW * 1000);
    assert_eq!(error, Err(Error::TimeOutOfRange));
}

#[test]
fn a_site_with_local_times_has_them_in_records_and_columns() {
    let berlin = codec().with_site_time_zone(berlin());
    let mut session = berlin.new_session();
    session
        .set_expiry(Expiry::At(NOW.into()))
        .expect("an instant");
    let json = r#"{"_session_expiry":"2023-11-14T23:13:20"}"#;
    assert_eq!(session.to_json(), json);
    // A session of another place gets the site's form.
    let mut other = Session::new();
    other
        .set_expiry(Expiry::At(NOW.into()))
        .expect("an instant");
    let record = berlin.encode(&other, NOW).expect("encodes");
    assert_eq!(
        berlin
            .decode(&record)
            .map(|session| session.to_json())
            .as_deref(),
        Ok(json)
    );

    let local = berlin.site_time(NOW.into());
    assert_eq!(local, (NOW + 3600).into());
    assert_eq!(berlin.instant_of_site_time(local), NOW.into());
    assert_eq!(codec().site_time(NOW.into()), NOW.into());
    assert_eq!(codec().instant_of_site_time(NOW.into()), NOW.into());
}

#[test]
fn a_key_has_8_to_40_lower_case_letters_and_digits() {
    let parses = |text: &str| SessionKey::parse(text).is_some_and(|key| key.as_str() == text);
    for length in [8, 32, 40] {
        assert!(parses(&"a1".repeat(20)[..length]), "{length}");
    }
    for length in [0, 1, 7, 41, 4096] {
        assert!(!parses(&"a".repeat(length)), "{length}");
    }
    assert!(parses("abcdefghijklmnopqrstuvwxyz0123456789"));
    // All other bytes, also the neighbours of the allowed ones, and characters that some collations take for them.
    for byte in (0..=255_u8).filter(|byte| !byte.is_ascii_lowercase() && !byte.is_ascii_digit()) {
        let text = format!("abcdefg{}", char::from(byte));
        assert!(!parses(&text), "{byte:#04x}");
    }
    for text in [
        "abcdefgé",
        "abcdefgｈ",
        "abcdefg１",
        " abcdefgh",
        "abcdefgh ",
        "abcdefgh\0",
    ] {
        assert!(!parses(text), "{text:?}");
    }
}

#[test]
fn a_new_key_has_all_characters_at_all_places() {
    let mut seen: Vec<HashSet<char>> = vec![HashSet::new(); 32];
    let mut keys = HashSet::new();
    for n in 0..=u16::MAX {
        // SHA-256 would do: what matters is that the bytes vary.
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
    assert_eq!(keys.len(), usize::from(u16::MAX) + 1);
    // The number's last 32 digits in base 36, the last one first.
    let mut one = [0; 32];
    one[31] = 1;
    let text = format!("b{}", "a".repeat(31));
    assert_eq!(SessionKey::from_random(one).as_str(), text);
    assert_eq!(SessionKey::from_random([0; 32]).as_str(), "a".repeat(32));
}

#[test]
fn nothing_shows_a_key_or_a_record() {
    let key = SessionKey::parse("abcdefghijklmnopqrstuvwxyz012345").expect("a key");
    assert_eq!(format!("{key:?}"), "SessionKey { .. }");
    // The first 64 bits of its SHA-256 hash.
    assert_eq!(key.log_id().to_string(), "653bb1245e828fcd");
    let shown = format!("{:?}", codec());
    assert!(!shown.contains("k1-7d"), "{shown}");
}
