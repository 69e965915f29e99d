//! Expiries of a Django site with `USE_TZ = False`: local times in its time zone.

mod common;
#[path = "common/zone.rs"]
mod zone;

use std::panic::{RefUnwindSafe, UnwindSafe};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hardtack::limits::MAX_UNIX_SECONDS;
use hardtack::signing::TimestampSigner;
use hardtack::{Error, Expiry, KeyMiddleware, MaxAge, SESSION_SALT, Session, SessionCodec};
use hardtack::{RecordCodec, SessionKey, SessionMiddleware, Timestamp, Verified};
use serde::Serialize;
use time::UtcOffset;

use common::{NOW, codec, ring};

const WEEK: Duration = Duration::from_secs(604_800);
/// First second of the year 1.
const FIRST_YEAR: i64 = -62_135_596_800;

fn site() -> SessionCodec {
    codec().with_site_time_zone(zone::berlin())
}

/// Returns the cookie of a session with this text as its expiry, signed at the first possible instant.
fn cookie(expiry: &str) -> String {
    let payload = format!("{{\"_session_expiry\":\"{expiry}\"}}");
    TimestampSigner::new(ring())
        .with_salt(SESSION_SALT)
        .sign(&URL_SAFE_NO_PAD.encode(payload), i64::MIN)
        .expect("signs")
}

/// In Berlin, 02:00 to 03:00 occurs twice on 2024-10-27, and not at all on 2024-03-31.
#[test]
fn local_times_are_read() {
    let site = site().with_max_age(MaxAge::NoLimit);
    for (text, instant) in [
        ("2024-03-31T01:59:59", 1_711_846_799),
        ("2024-03-31T02:00:00", 1_711_846_800),
        ("2024-03-31T02:59:59", 1_711_850_399),
        ("2024-03-31T03:00:00", 1_711_846_800),
        ("2024-03-31T04:00:00", 1_711_850_400),
        ("2024-10-27T01:59:59", 1_729_987_199),
        ("2024-10-27T02:00:00", 1_729_987_200),
        ("2024-10-27T02:59:59", 1_729_990_799),
        ("2024-10-27T03:00:00", 1_729_994_400),
        ("2024-07-01T12:00:00", 1_719_828_000),
        ("2024-12-01T12:00:00", 1_733_050_800),
        ("20241201 1200", 1_733_050_800),
        ("9999-12-31T23:59:59", MAX_UNIX_SECONDS - 3600),
        ("0001-01-01T00:00:00", FIRST_YEAR - 3208), // before there were time zones
    ] {
        let cookie = cookie(text);
        let session = site.decode(&cookie, instant).expect("just not ended");
        let date = Ok(Timestamp::from(instant));
        assert_eq!(session.expiry_date(NOW, WEEK), date, "{text}");
        assert_eq!(session.clone().expiry_date(NOW, WEEK), date, "{text}");
        let late = site.decode(&cookie, instant + 1);
        assert_eq!(late, Err(Error::SessionExpired), "{text}");
        // A codec without a time zone cannot read a local time.
        let codec = codec().with_max_age(MaxAge::NoLimit);
        assert_eq!(codec.decode(&cookie, NOW), Err(Error::MalformedExpiry));
    }
}

/// Half an hour lasts half an hour, in summer and in winter.
#[test]
fn a_fixed_offset_is_wrong_for_a_part_of_the_year() {
    for (now, text) in [
        (1_720_000_000, "2024-07-03T12:16:40"),
        (1_735_000_000, "2024-12-24T01:56:40"),
    ] {
        let session = Session::from_json(&format!(r#"{{"_session_expiry":"{text}"}}"#));
        let cookie = site()
            .encode(&session.expect("JSON"), now)
            .expect("encodes");
        let session = site().decode(&cookie, now).expect("decodes");
        assert_eq!(session.expiry_age(now, WEEK), Ok(1800));
    }
}

/// A zone may be any function: it is called for Python's years only, and any offset that it returns is accepted.
#[test]
fn any_function_can_be_a_zone() {
    let hours = |hours| UtcOffset::from_hms(hours, 0, 0).expect("an offset");
    for offset in [hours(-25), hours(25), hours(0)] {
        let alternating = move |instant: Timestamp| match instant.as_unix_seconds() {
            seconds @ FIRST_YEAR..=MAX_UNIX_SECONDS if seconds % 2 == 0 => offset,
            FIRST_YEAR..=MAX_UNIX_SECONDS => hours(1),
            seconds => panic!("asked about {seconds}"),
        };
        let codec = codec()
            .with_max_age(MaxAge::NoLimit)
            .with_site_time_zone(alternating);
        for text in [
            "0001-01-01T00:00:00",
            "2024-01-01T00:00",
            "9999-12-31T23:59:59",
        ] {
            let read = codec.decode(&cookie(text), i64::MIN);
            assert!(read.is_ok(), "{text}");
        }
    }
}

#[derive(Serialize)]
struct Typed<'a> {
    a: i32,
    #[serde(rename = "_session_expiry")]
    own: &'a str,
    b: i32,
}

/// Asserts which JSON text a site signs.
#[track_caller]
fn signed(cookie: Result<String, Error>) -> String {
    let cookie = cookie.expect("encodes");
    let site = site();
    let verified = site.verify(&cookie, NOW).expect("a good signature");
    verified.raw_json().expect("text")
}

fn expiry_of(session: &Session) -> Option<String> {
    let text = session.get_json("_session_expiry")?;
    Some(text.as_str().trim_matches('"').into())
}

/// Django with `USE_TZ = False` subtracts its own local time from the expiry, which fails if the expiry has an offset.
/// So the expiry is written as local time, however the session was created and is encoded.
#[test]
fn an_offset_is_not_written() {
    let local = r#"{"a":1,"_session_expiry":"2023-11-15T00:00:00.500000","b":2}"#;
    let instant = Timestamp::from_unix_nanos(1_700_002_800_500_000_000);

    let mut session = Session::from_json(r#"{"a":1,"_session_expiry":0,"b":2}"#).expect("JSON");
    session.set_expiry(Expiry::At(instant)).expect("an expiry");
    assert_eq!(signed(site().encode(&session, NOW)), local);
    let with_offset = "2023-11-14T23:00:00.500000+00:00";
    assert_eq!(expiry_of(&session).as_deref(), Some(with_offset));
    let value = Typed {
        a: 1,
        own: "2023-11-14T23:00:00.500Z",
        b: 2,
    };
    assert_eq!(signed(site().encode_as(&value, NOW)), local);
    let json = r#"{"a":1,"_session_expir\u0079":"20231115T00\u0030000.5+01","b":2}"#;
    assert_eq!(signed(site().encode_json(json, NOW)), local);
    // If the key occurs twice, the last one counts.
    let twice = r#"{"_session_expiry":5,"_session_expiry":"2023-11-15T00:00:00+01:00"}"#;
    let local = r#"{"_session_expiry":"2023-11-15T00:00:00"}"#;
    assert_eq!(signed(site().encode_json(twice, NOW)), local);

    // Other text than a time with an offset is unchanged, and so is a key that is not the session's expiry.
    for json in [
        r#"{"_session_expiry":300}"#,
        r#"{"_session_expiry":null}"#,
        r#"{"_session_expiry":"20231115T0100"}"#,
        r#"{"a":{"_session_expiry":"2023-11-15T01:00:00Z"}}"#,
        r#"{"expiry":"2023-11-15T01:00:00Z"}"#,
    ] {
        assert_eq!(signed(site().encode_json(json, NOW)), json);
    }
}

/// A session is saved in a store in local time, too. Without a time zone, its expiry is saved as the handler spelled it.
#[test]
fn a_store_saves_local_time_if_the_site_has_a_zone() {
    const NO_HEADERS: [(&str, &str); 0] = [];
    let sessions = KeyMiddleware::default();
    let key = SessionKey::from_random([7; 32]);
    let spelled = r#"{"a":1,"_session_expiry":"20231115T000000.5+01"}"#;
    let local = r#"{"a":1,"_session_expiry":"2023-11-15T00:00:00.500000"}"#;
    let end = Timestamp::from_unix_nanos(1_700_002_800_500_000_000);
    for (empty, saved) in [
        (Session::new(), spelled),
        (Session::new().with_site_time_zone(zone::berlin()), local),
    ] {
        let lookup = sessions.lookup([""]);
        let mut loaded = sessions.loaded(lookup, Ok(None), empty, NOW);
        loaded.session = Session::from_json(spelled).expect("JSON");
        let step = sessions.step(&loaded, 200, NO_HEADERS, NOW);
        let step = step.expect("it can be saved");
        let save = step.save(&key);
        assert_eq!(save.session.to_json(), saved);
        assert_eq!(save.expires_at, end);
    }
}

/// The sessions of a site have its time zone: both those that were read and new ones.
#[test]
fn expiries_are_set_in_local_time() {
    let instant = Timestamp::from(1_700_006_400);
    let local = Some("2023-11-15T01:00:00".to_owned());
    let cookie = site().encode(&Session::new(), NOW).expect("encodes");
    let read = site().decode(&cookie, NOW).expect("decodes");
    let middleware = SessionMiddleware::new(site());
    let loaded = middleware.load([""], NOW).session;
    let records = RecordCodec::new(ring()).with_site_time_zone(zone::berlin());
    for mut session in [read.clone(), read, loaded, records.new_session()] {
        session.set_expiry(Expiry::At(instant)).expect("an expiry");
        assert_eq!(expiry_of(&session), local);
        assert_eq!(session.expiry_date(NOW, WEEK), Ok(instant));
    }
}

/// In that zone, the instant is in the year 10000.
#[test]
fn an_instant_in_the_local_year_10000_is_refused() {
    let last = Expiry::At(MAX_UNIX_SECONDS.into());
    let mut session = Session::new();
    session.set_expiry(last).expect("an expiry");
    let cookie = site().encode(&session, NOW);
    assert_eq!(cookie, Err(Error::MalformedExpiry));
    let cookie = codec().encode(&session, NOW).expect("encodes");
    let mut session = site().decode(&cookie, NOW).expect("decodes");
    assert_eq!(session.set_expiry(last), Err(Error::MalformedExpiry));
}

/// A handler that catches panics may use a session, whatever function its codec has.
#[test]
fn a_session_is_unwind_safe() {
    fn check<T: UnwindSafe + RefUnwindSafe + Send + Sync>() {}
    check::<SessionCodec>();
    check::<Verified<'_>>();
    check::<Session>();
}
