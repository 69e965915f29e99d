//! A session's own expiry: set and read as in Django, and enforced, which Django's cookie engine does not do.

mod common;

use std::time::Duration;

use hardtack::limits::{MAX_EXPIRY_AFTER, MAX_UNIX_SECONDS};
use hardtack::{Error, Expiry, Session, SessionCodec, Timestamp};
use serde_json::Value;
use serde_json::value::RawValue;

use common::{NOW, codec, signed};

const WEEK: Duration = Duration::from_secs(604_800);
const NANO: i128 = 1_000_000_000;

fn with(expiry: &str) -> Session {
    Session::from_json(&format!(r#"{{"a":1,"_session_expiry":{expiry}}}"#)).expect("a session")
}

fn at(nanos_after_now: i128) -> Timestamp {
    Timestamp::from_unix_nanos(i128::from(NOW) * NANO + nanos_after_now)
}

/// Returns the result of reading a session with this expiry, saved at `NOW`, this many nanoseconds later.
fn read(expiry: &str, nanos: i128) -> Result<(), Error> {
    let cookie = signed(&with(expiry).to_json(), NOW);
    let codec = codec();
    let verified = codec
        .verify(&cookie, at(nanos))
        .expect("the stamp is young enough");
    let results = [
        verified.session().map(drop),
        verified.raw_json().map(drop),
        verified.to::<Value>().map(drop),
        codec.decode_as::<Value>(&cookie, at(nanos)).map(drop),
    ];
    assert!(
        results.iter().all(|result| result == &results[0]),
        "{results:?}"
    );
    // Without the policy, the session is read whatever its expiry is.
    assert!(
        codec
            .ignore_session_expiry()
            .decode(&cookie, at(nanos))
            .is_ok()
    );
    results[0]
}

#[track_caller]
fn ends_after(expiry: &str, nanos: i128) {
    assert_eq!(read(expiry, nanos), Ok(()), "{expiry}");
    assert_eq!(
        read(expiry, nanos + 1),
        Err(Error::SessionExpired),
        "{expiry}"
    );
}

#[test]
fn an_expiry_is_enforced_to_the_nanosecond() {
    ends_after("300", 300 * NANO);
    ends_after("1", NANO);
    ends_after("12.5", 12 * NANO + NANO / 2);
    ends_after("1e2", 100 * NANO);
    ends_after("1e-10", 0);
    ends_after("0.3", 3 * NANO / 10);
    ends_after("1234.567890123999", 1_234_567_890_123);
    ends_after("0.0012e+3", 12 * NANO / 10);
    ends_after("120000E-4", 12 * NANO);
    ends_after("1e-323", 0);
    ends_after("5e-324", 0);
    ends_after(&format!("0.{}12e1000", "0".repeat(998)), 12 * NANO);
    ends_after(&format!("12{}e-1000", "0".repeat(1000)), 12 * NANO);
    ends_after("\"2023-11-14T22:13:21+00:00\"", NANO);
    ends_after("\"2023-11-14T22:13:20.123456+00:00\"", 123_456_000);
    ends_after("\"2023-11-14T23:13:20.500000+01:00\"", NANO / 2);
    ends_after("\"2023-11-14T12:28:21-09:45\"", NANO);
    ends_after("\"2023-11-14T22:32:52+00:19:32\"", 0);
    ends_after(
        "\"2023-11-14T22:13:20.500000-00:00:01.250000\"",
        7 * NANO / 4,
    );
    for expiry in [
        "-1",
        "-0.5",
        "-99999999999999999999999999999999999999999999",
        "\"2023-11-14T22:13:19+00:00\"",
        "\"0001-01-01T00:00:00+00:00\"",
    ] {
        assert_eq!(read(expiry, 0), Err(Error::SessionExpired), "{expiry}");
    }
}

#[test]
fn null_zero_and_huge_ages_leave_the_default_end() {
    for expiry in [
        "0",
        "0.0",
        "-0",
        "-0.0",
        "0e5",
        "0e99999999999999999999",
        "1e-400",
        "-1e-99999999999999999999",
        "1e308",
        "null",
        "1e300",
        "99999999999999999999999999999999999999999999",
    ] {
        assert_eq!(read(expiry, 1_209_600 * NANO), Ok(()), "{expiry}");
    }
    assert_eq!(
        read("\"9999-12-31T23:59:59.999999+00:00\"", 1_209_600 * NANO),
        Ok(())
    );
}

/// An expiry can only shorten a session.
#[test]
fn the_max_age_still_applies() {
    let cookie = codec().encode(&with("9999999"), NOW).expect("encodes");
    assert!(matches!(
        codec().decode(&cookie, at(1_209_600 * NANO + 1)),
        Err(Error::Expired { .. })
    ));
}

#[test]
fn a_malformed_expiry_is_an_error() {
    for expiry in [
        "true",
        "false",
        "\"\"",
        "\"soon\"",
        "[]",
        "[300]",
        "{}",
        "NaN",
        "Infinity",
        "-Infinity",
        "1e999",
        "-1e309",
        "1e99999999999999999999",
        "\"300\"",
        "\"2023-11-14\"",
        "\"2023-11-14T22:13:20\"",
        "\"2023-11-14T24:00:00+00:00\"",
        "\"2023-02-29T00:00:00+00:00\"",
        "\"0000-01-01T00:00:00+00:00\"",
        "\"2023-13-01T00:00:00+00:00\"",
        "\"2023-11-14T22:13:20+24:00\"",
        "\"2023-11-14T22:13:20+00:60\"",
        "\"+023-11-14T22:13:20+00:00\"",
        "\"2023-11-14T22:13:20+\"",
        "\"2023-11-14T22:13:60+00:00\"",
    ] {
        assert_eq!(read(expiry, 0), Err(Error::MalformedExpiry), "{expiry}");
        assert_eq!(
            with(expiry).expiry_age(NOW, WEEK),
            Err(Error::MalformedExpiry),
            "{expiry}"
        );
        assert_eq!(
            with(expiry).ends_with_browser(true),
            Err(Error::MalformedExpiry),
            "{expiry}"
        );
    }
}

/// The live suite compares thousands of texts with Python.
#[test]
fn iso_texts_are_read_as_python_reads_them() {
    for text in [
        "2023-11-14T22:13:20Z",
        "2023-11-14 22:13:20Z",
        "20231114T221320Z",
        "20231114 22:13:20+00:00",
        "2023-11-14T221320-0000",
        "2023-11-14T22:13:20.0Z",
        "2023-11-14T22:13:20.000000999999999999999999Z",
        "2023-11-14T23:13:20+01",
        "2023-11-14T23:43:20+0130",
        "20231114T204000.000-013320.000000",
        "2023-11-14T22:13:21+00:00:01",
    ] {
        ends_after(&format!("\"{text}\""), 0);
    }
    ends_after("\"2023-11-14T22:14Z\"", 40 * NANO);
    ends_after("\"20231114 2114-01\"", 40 * NANO);
    ends_after("\"2023-11-14T22:13:20.123Z\"", 123_000_000);
    ends_after("\"2023-11-14T22:13:20.1234567Z\"", 123_456_000);

    // First text that `datetime.fromisoformat` also accepts, then text that it refuses.
    for text in [
        "2023-11-14",
        "2023-11-14T22Z",
        "2023-W46-2T22:13:20Z",
        "2023W462T22:13:20Z",
        "2023-11-14t22:13:20Z",
        "2023-11-14_22:13:20Z",
        "2023-11-14T22:13:20,5Z",
        "2023-11-14T22:13.5Z",
        "2023-11-14T22132050Z",
        "2023-11-14T22:13:20+01.5",
        "2023-11-14T22:13:20+00:60",
        "2023-11-14T22:13:20+00:00:00.5",
        "2023-11-14T22:13:20 +00:00",
        "2023-11-14T22:13:20.+00:00",
        "2023-11-14T22:13:+00:00",
        "2023-1114T22:13:20Z",
        "2023-11-14T22:1320Z",
        "2023-11-14T2213:20Z",
        "2023-11-14T22:13:20+01:0000",
        "2023-11-14T22:13:20z",
        "2023-11-14T22:13:20ZZ",
        "2023-11-14T22:13:20Z+01",
        "2023-11-14T22:13:20.5.5Z",
        "2023-11-14T22:13:20.x5Z",
        "2023-11-14T22:13:20.1234567xZ",
        "2023-11-14T22:13:20+1",
        "2023-11-14T22:13:20+-1:00",
        "2023-11-14TT22:13:20Z",
        " 2023-11-14T22:13:20Z",
        "2023-11-14T22:13:20Z ",
        "2023-11-1\u{e9}T22:13:20Z",
        "\u{e9}23-11-14T22:13:20Z",
        "2023-11-14T22:13:2\u{663}Z",
    ] {
        let expiry = format!("\"{text}\"");
        assert_eq!(read(&expiry, 0), Err(Error::MalformedExpiry), "{expiry}");
    }
}

#[test]
fn an_expiry_is_set_as_in_django() {
    let cases = [
        (Expiry::After(Duration::from_secs(10)), "10"),
        (Expiry::After(Duration::from_millis(1500)), "1.5"),
        (Expiry::After(Duration::ZERO), "0"),
        (Expiry::WithBrowser, "0"),
        (Expiry::At(NOW.into()), "\"2023-11-14T22:13:20+00:00\""),
        (
            Expiry::At(at(123_456_789)),
            "\"2023-11-14T22:13:20.123456+00:00\"",
        ),
        (Expiry::At((-1).into()), "\"1969-12-31T23:59:59+00:00\""),
    ];
    for (expiry, text) in cases {
        let mut session = Session::new();
        session
            .set_expiry(expiry)
            .expect("within the years of datetime");
        assert!(session.modified() && session.accessed());
        assert_eq!(
            session
                .get_json("_session_expiry")
                .map(|text| text.as_str()),
            Some(text)
        );
        session.set_expiry(Expiry::Default).expect("takes it out");
        assert!(session.is_empty());
    }
    let mut session = Session::new();
    session
        .set_expiry(Expiry::Default)
        .expect("nothing to take out");
    assert_eq!((session.accessed(), session.modified()), (true, false));
    // Django adds the age to the clock, up to the year 9999.
    let mut session = Session::new();
    for time in [
        MAX_EXPIRY_AFTER + Duration::from_nanos(1),
        Duration::from_secs(1_000_000_000_000),
        Duration::MAX,
    ] {
        assert_eq!(
            session.set_expiry(Expiry::After(time)),
            Err(Error::MalformedExpiry)
        );
        assert!(!session.modified() && session.is_empty());
    }
    session
        .set_expiry(Expiry::After(MAX_EXPIRY_AFTER))
        .expect("within the limit");
    let in_2105 = 4_260_211_200; // 2105-01-01
    let end = session.expiry_date(in_2105 - 1, WEEK).expect("an instant");
    assert!(end <= MAX_UNIX_SECONDS.into());
    session.set_expiry(Expiry::Default).expect("takes it out");
    for instant in [i64::MIN, -62_135_596_801, 253_402_300_800, i64::MAX] {
        assert_eq!(
            session.set_expiry(Expiry::At(instant.into())),
            Err(Error::MalformedExpiry)
        );
    }
    assert!(
        session
            .set_expiry(Expiry::At(253_402_300_799.into()))
            .is_ok()
    );
    assert!(
        session
            .set_expiry(Expiry::At((-62_135_596_800).into()))
            .is_ok()
    );
}

#[test]
fn age_date_and_browser_close_are_those_of_django() {
    let week = i64::try_from(WEEK.as_secs()).expect("fits");
    for (expiry, age, date, with_browser) in [
        ("null", week, NOW + week, None),
        ("0", week, NOW + week, Some(true)),
        ("300", 300, NOW + 300, Some(false)),
        ("-5", -5, NOW - 5, Some(false)),
        ("\"2023-11-14T22:13:30+00:00\"", 10, NOW + 10, Some(false)),
        ("\"2023-11-14T22:13:10+00:00\"", -10, NOW - 10, Some(false)),
    ] {
        let session = with(expiry);
        assert_eq!(session.expiry_age(NOW, WEEK), Ok(age), "{expiry}");
        assert_eq!(session.expiry_date(NOW, WEEK), Ok(date.into()), "{expiry}");
        for default in [true, false] {
            assert_eq!(
                session.ends_with_browser(default),
                Ok(with_browser.unwrap_or(default)),
                "{expiry}"
            );
        }
        assert!(session.accessed());
    }
    let empty = Session::new();
    assert_eq!(empty.expiry_age(NOW, WEEK), Ok(week));
    // Whole seconds, rounded down, as in Python's timedelta.
    let session = with("\"2023-11-14T22:13:30+00:00\"");
    assert_eq!(session.expiry_age(at(NANO / 2), WEEK), Ok(9));
    assert_eq!(session.expiry_age(at(10 * NANO + 1), WEEK), Ok(-1));
}

/// No way of encoding writes a session that `decode` would refuse.
#[test]
fn a_session_that_would_be_refused_is_not_written() {
    #[track_caller]
    fn written(codec: &SessionCodec, session: &Session) -> Result<(), Error> {
        let json = session.to_json();
        let raw: Box<RawValue> = serde_json::from_str(&json).expect("JSON");
        let results = [
            codec.encode(session, NOW).map(drop),
            codec.encode_as(&raw, NOW).map(drop),
            codec.encode_json(&json, NOW).map(drop),
            codec.size_report(session, NOW).map(drop),
        ];
        assert!(
            results.iter().all(|result| result == &results[0]),
            "{results:?}"
        );
        results[0]
    }
    let ignoring = codec().ignore_session_expiry();
    let local = r#""2023-11-14T22:13:20""#;
    for malformed in ["true", "\"soon\"", "[300]", "1e999", "\"300\"", local] {
        let session = with(malformed);
        let error = Err(Error::MalformedExpiry);
        assert_eq!(written(&codec(), &session), error, "{malformed}");
        // A codec that ignores expiries may belong to a site with local times; no reader accepts any other malformed
        // expiry.
        let error = if malformed == local { Ok(()) } else { error };
        assert_eq!(written(&ignoring, &session), error, "{malformed}");
    }
    for past in [
        "-1",
        "-0.5",
        r#""2023-11-14T22:13:19+00:00""#,
        r#""0001-01-01T00:00:00+00:00""#,
    ] {
        assert_eq!(
            written(&codec(), &with(past)),
            Err(Error::SessionExpired),
            "{past}"
        );
        assert_eq!(written(&ignoring, &with(past)), Ok(()), "{past}");
    }
    for good in ["null", "0", "1", "0.5", r#""2023-11-14T22:13:20+00:00""#] {
        assert_eq!(written(&codec(), &with(good)), Ok(()), "{good}");
    }
    // The expiry counts from the stamp, which has no fraction: half of the second is over.
    let late = at(NANO / 2);
    for (expiry, expected) in [
        ("0.4", Err(Error::SessionExpired)),
        ("0.6", Ok(())),
        ("1", Ok(())),
    ] {
        let cookie = codec().encode(&with(expiry), late);
        let read = cookie.and_then(|cookie| codec().decode(&cookie, late));
        assert_eq!(codec().encode(&with(expiry), late).map(drop), expected);
        assert_eq!(read.map(drop), expected, "{expiry}");
    }
    // The cut-off is checked first.
    let late = codec().refuse_issued_before(NOW + 1);
    assert_eq!(written(&late, &with("true")), Err(Error::IssuedTooEarly));
    // In a nested object, or in a list, it is a key like any other.
    assert!(codec().encode_as(&[with("-1")], NOW).is_ok());
    assert!(
        codec()
            .encode_json(r#"{"a":{"_session_expiry":-1}}"#, NOW)
            .is_ok()
    );
    // The key may have escapes, and if it occurs twice, the last one counts.
    let spelled = codec().encode_json(r#"{"_session_expiry":9,"\u005fsession_expiry":-1}"#, NOW);
    assert_eq!(spelled, Err(Error::SessionExpired));
    let last = codec().encode_json(r#"{"_session_expiry":-1,"\u005fsession_expiry":9}"#, NOW);
    assert!(last.is_ok());
}

/// Ages beyond `i64`.
#[test]
fn ages_saturate_at_the_range_of_i64() {
    let (ahead, behind) = ("9".repeat(30), format!("-{}", "9".repeat(30)));
    for (expiry, now, age) in [
        (&ahead, i64::MIN, i64::MAX),
        (&behind, i64::MAX, i64::MIN),
        (&ahead, i64::MAX, 0),
        (&behind, i64::MIN, 0),
    ] {
        assert_eq!(with(expiry).expiry_age(now, WEEK), Ok(age), "{expiry}");
    }
}

/// The codec's check does not count as reading.
#[test]
fn checks_of_the_codec_leave_a_session_unread() {
    let cookie = codec().encode(&with("300"), NOW).expect("encodes");
    let session = codec().decode(&cookie, NOW).expect("decodes");
    assert_eq!((session.accessed(), session.modified()), (false, false));
    // Each call by a handler does.
    let questions: [fn(&Session); 3] = [
        |session| _ = session.expiry_age(NOW, WEEK),
        |session| _ = session.expiry_date(NOW, WEEK),
        |session| _ = session.ends_with_browser(true),
    ];
    for question in questions {
        for session in [with("300"), with("true"), Session::new()] {
            assert!(!session.accessed());
            question(&session);
            assert_eq!((session.accessed(), session.modified()), (true, false));
        }
    }
}

/// The key may have escapes, and if it occurs twice, the last one counts, both for raw text and for the session.
#[test]
fn an_escaped_or_duplicate_expiry_key_counts() {
    let ended = Err(Error::SessionExpired);
    for (payload, expected) in [
        (r#"{"_session_expiry":300}"#, ended),
        (r#" { "_session_expiry" : 300 } "#, ended),
        (r#"{"\u005fsession\u005Fexpir\u0079":300}"#, ended),
        (
            r#"{"_session_expiry":1e9,"_session_expir\u0079":300}"#,
            ended,
        ),
        (
            r#"{"_session_expiry":300,"\u005fsession_expiry":1e9}"#,
            Ok(()),
        ),
        (
            r#"{"_session_expiry\u0000":300,"_session_expir":300,"":300}"#,
            Ok(()),
        ),
        (
            r#"{"a":{"_session_expiry":300},"\\u005fsession_expiry":300}"#,
            Ok(()),
        ),
        (r#"["_session_expiry",{"_session_expiry":300}]"#, Ok(())),
    ] {
        let cookie = signed(payload, NOW);
        let codec = codec();
        let verified = codec.verify(&cookie, NOW + 301).expect("a good signature");
        assert_eq!(verified.raw_json().map(drop), expected, "{payload}");
        assert_eq!(verified.to::<Value>().map(drop), expected, "{payload}");
        if verified.session() != Err(Error::NotAnObject) {
            assert_eq!(verified.session().map(drop), expected, "{payload}");
        }
    }
}
