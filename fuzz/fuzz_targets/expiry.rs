//! A session ends exactly at its own expiry: a codec that enforces it reads the session until then, and not a nanosecond
//! longer. On a site with a time zone, the expiry is written as local time, which is the same instant except where the
//! clocks repeat or skip an hour.
//!
//! The input is the expiry's JSON text.

#![no_main]

use std::sync::LazyLock;
use std::time::Duration;

use hardtack::limits::MAX_EXPIRY_AFTER;
use hardtack::{Error, Expiry, Session, SessionCodec, Timestamp};
use hardtack_fuzz::{ENFORCING, NOW, PLAIN};
use libfuzzer_sys::fuzz_target;
use time::UtcOffset;

const HALF_A_YEAR: i64 = 183 * 24 * 60 * 60;
const HOUR_IN_NANOS: i128 = 3_600_000_000_000;

/// The offset is one hour, or two hours in every other half of a year.
fn offset_at(instant: Timestamp) -> UtcOffset {
    let is_summer = instant.as_unix_seconds().div_euclid(HALF_A_YEAR) % 2 == 0;
    UtcOffset::from_hms(1 + i8::from(is_summer), 0, 0).expect("a few hours")
}

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
    session.set_expiry(Expiry::Default).expect("nothing is set");
    assert!(session.is_empty());
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
        let moved = (end.as_unix_nanos() - local.as_unix_nanos()).abs();
        // Truncated to microseconds.
        assert!(moved <= HOUR_IN_NANOS + 1000, "{moved} ns");
    }
}

fuzz_target!(|text: &str| {
    let Ok(session) = Session::from_json(&format!("{{\"_session_expiry\":{text}}}")) else {
        return;
    };
    is_enforced(&session);
    is_local(&session);
});
