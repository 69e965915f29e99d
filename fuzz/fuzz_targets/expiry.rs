//! A session ends exactly at its own expiry: a codec that enforces it reads the session until then, and not a nanosecond
//! longer. On a site with a time zone, the expiry is written as local time, in a cookie as in a store, which is the same
//! instant except where the clocks repeat or skip an hour. An instant is the same in every type that has it.
//!
//! The input is the expiry's JSON text.

#![no_main]

use std::sync::LazyLock;
use std::time::Duration;

use hardtack::limits::MAX_EXPIRY_AFTER;
use hardtack::{
    Action, Error, Expiry, KeyMiddleware, Session, SessionCodec, SessionKey, Timestamp,
};
use hardtack_fuzz::{ENFORCING, NOW, PLAIN, assert_near, offset_at};
use libfuzzer_sys::fuzz_target;
use time::OffsetDateTime;

const NO_HEADERS: [(&str, &str); 0] = [];

static SESSIONS: LazyLock<KeyMiddleware> = LazyLock::new(KeyMiddleware::default);
static LOCAL: LazyLock<SessionCodec> =
    LazyLock::new(|| PLAIN.clone().with_site_time_zone(offset_at));

fn end(session: &Session, default: u64) -> Result<Timestamp, Error> {
    session.expiry_date(NOW, Duration::from_secs(default))
}

fn is_enforced(session: &Session) {
    let Ok(value) = PLAIN.encode(session, NOW) else {
        // Neither can a malformed expiry be read.
        assert!(end(session, 1).is_err());
        return;
    };
    let decode = |now| ENFORCING.decode(&value, now);
    match (end(session, 1), end(session, 2)) {
        (Ok(end), Ok(other)) if end == other => {
            // An earlier end than the first instant is rounded to it.
            if end > Timestamp::from_unix_nanos(i128::MIN) {
                assert_eq!(decode(end).as_ref(), Ok(session));
            }
            let later = Timestamp::from_unix_nanos(end.as_unix_nanos() + 1);
            // There is no instant after the last one.
            if later > end {
                assert_eq!(decode(later), Err(Error::SessionExpired));
            }
            let nanos = end.as_unix_nanos() - Timestamp::from(NOW).as_unix_nanos();
            if let Ok(age) = i64::try_from(nanos.div_euclid(1_000_000_000)) {
                assert_eq!(session.expiry_age(NOW, Duration::ZERO), Ok(age));
            }
            set_again(end);
            is_converted(end);
        }
        // The session ends at the default, so it has no expiry of its own.
        (Ok(_), _) => assert_eq!(decode(NOW.into()).as_ref(), Ok(session)),
        (Err(error), _) => assert_eq!(decode(NOW.into()), Err(error)),
    }
}

/// Asserts that an instant that is set is read back to the microsecond.
fn set_again(instant: Timestamp) {
    let mut session = Session::new();
    match session.set_expiry(Expiry::At(instant)) {
        Ok(()) => {
            let lost =
                instant.as_unix_nanos() - end(&session, 0).expect("it was set").as_unix_nanos();
            assert!((0..1000).contains(&lost), "{lost} ns");
        }
        Err(error) => assert_eq!(error, Error::MalformedExpiry),
    }
    let mut local = Session::new().with_site_time_zone(offset_at);
    match local.set_expiry(Expiry::At(instant)) {
        Ok(()) => assert_near(instant, end(&local, 0).expect("it was set")),
        Err(error) => assert_eq!(error, Error::MalformedExpiry),
    }
    set_age(instant);
}

/// Asserts that a time that is set is read back, exactly if it is in whole seconds.
fn set_age(instant: Timestamp) {
    let mut session = Session::new();
    let time = Duration::from_secs(instant.as_unix_seconds().unsigned_abs());
    match session.set_expiry(Expiry::After(time)) {
        Ok(()) if time.is_zero() => assert_eq!(session.ends_with_browser(false), Ok(true)),
        Ok(()) => {
            let after = end(&session, 0).expect("it was set").as_unix_nanos();
            let now = Timestamp::from(NOW).as_unix_nanos();
            assert_eq!(u128::try_from(after - now), Ok(time.as_nanos()));
        }
        Err(error) => assert!(error == Error::MalformedExpiry && time > MAX_EXPIRY_AFTER),
    }
    let nanos = instant.as_unix_nanos().rem_euclid(1_000_000_000);
    let fraction = Duration::from_nanos(u64::try_from(nanos).expect("less than a second"));
    let sum = time.saturating_add(fraction);
    match session.set_expiry(Expiry::After(sum)) {
        Ok(()) => {
            let after = end(&session, 0).expect("it was set").as_unix_nanos();
            let now = Timestamp::from(NOW).as_unix_nanos();
            let read = u128::try_from(after - now).expect("not negative");
            // Microseconds, of a float of 53 bits. Nothing is the default.
            let most = 1_000 + u128::from(time.as_secs() / 1_000_000);
            assert!(read.abs_diff(sum.as_nanos()) <= most, "{read} {sum:?}");
        }
        Err(error) => assert!(error == Error::MalformedExpiry && sum > MAX_EXPIRY_AFTER),
    }
    session.set_expiry(Expiry::Default).expect("nothing is set");
    assert!(session.is_empty());
}

/// Asserts that other types that have an instant are converted to it.
fn is_converted(instant: Timestamp) {
    let nanos = instant.as_unix_nanos();
    if let Ok(utc) = OffsetDateTime::from_unix_timestamp_nanos(nanos) {
        assert_eq!(Timestamp::from(utc), instant);
    }
    #[cfg(feature = "std")]
    {
        use std::time::SystemTime;

        let [seconds, part] = [nanos.abs() / 1_000_000_000, nanos.abs() % 1_000_000_000];
        let seconds = u64::try_from(seconds).expect("seconds of i64");
        let part = u64::try_from(part).expect("less than a second");
        let apart = Duration::from_secs(seconds) + Duration::from_nanos(part);
        let time = if nanos < 0 {
            SystemTime::UNIX_EPOCH.checked_sub(apart)
        } else {
            SystemTime::UNIX_EPOCH.checked_add(apart)
        };
        if let Some(time) = time {
            assert_eq!(Timestamp::from(time), instant);
        }
    }
}

fn is_local(session: &Session) {
    let Ok(value) = LOCAL.encode(session, NOW) else {
        return;
    };
    let local = LOCAL.decode(&value, NOW).expect("our own value");
    // Writing it again changes nothing.
    let again = LOCAL.encode(&local, NOW).expect("it was read");
    assert_eq!(again, value);
    if let (Ok(end), Ok(local)) = (end(session, 1), end(&local, 1)) {
        assert_near(end, local);
    }
    // A store gets the same text.
    let empty = Session::new().with_site_time_zone(offset_at);
    let mut loaded = SESSIONS.loaded(SESSIONS.lookup([""]), Ok(None), empty, NOW);
    loaded.session = session.clone();
    let step = SESSIONS.step(&loaded, 200, NO_HEADERS, NOW);
    let step = step.expect("a cookie has it");
    if *step.action() == Action::Create {
        let key = SessionKey::from_random([7; 32]);
        assert_eq!(step.save(&key).session.to_json(), local.to_json());
    }
}

fuzz_target!(|text: &str| {
    let Ok(session) = Session::from_json(&format!("{{\"_session_expiry\":{text}}}")) else {
        return;
    };
    is_enforced(&session);
    is_local(&session);
});
