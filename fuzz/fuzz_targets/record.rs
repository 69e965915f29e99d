//! A record is read only if it was signed as one, and a session that can be read is unchanged after the next save. A site
//! with a time zone writes an expiry into a record as it does into a cookie, and reads each of its times as the instant that
//! it was, except where the clocks repeat or skip an hour.
//!
//! The first byte says what the rest is: `f` a text that is not signed, `j` JSON text that is signed as a record, `p` any
//! payload that is signed as one, `c` JSON text that is signed as a cookie, `t` Unix nanoseconds.

#![no_main]

use std::sync::LazyLock;

use hardtack::limits::DEFAULT_MAX_LENGTH;
use hardtack::signing::TimestampSigner;
use hardtack::{Compression, Error, Expiry, RECORD_SALT, RecordCodec, SessionCodec, Timestamp};
use hardtack_fuzz::{
    NOW, PLAIN, assert_near, base64url, canonical, offset_at, refusal, ring, signed,
};
use libfuzzer_sys::fuzz_target;

const MOST_SECONDS: u64 = 1 << 62;

static CODEC: LazyLock<RecordCodec> =
    LazyLock::new(|| RecordCodec::new(ring(2)).with_compression(Compression::Never));
/// The same, as an empty salt is the default.
static LOCAL: LazyLock<RecordCodec> =
    LazyLock::new(|| CODEC.clone().with_salt("").with_site_time_zone(offset_at));
static LOCAL_COOKIES: LazyLock<SessionCodec> =
    LazyLock::new(|| PLAIN.clone().with_site_time_zone(offset_at));
static STRANGER: LazyLock<RecordCodec> = LazyLock::new(|| CODEC.clone().with_salt("another"));
static COOKIES: LazyLock<SessionCodec> = LazyLock::new(|| SessionCodec::new(ring(2)));
static RECORDS: LazyLock<TimestampSigner> =
    LazyLock::new(|| TimestampSigner::new(ring(1)).with_salt(RECORD_SALT));

fn is_site_time(instant: Timestamp) {
    assert_eq!(CODEC.site_time(instant), instant);
    assert_eq!(CODEC.instant_of_site_time(instant), instant);
    // At the ends of the range, both times are that end.
    if instant.as_unix_seconds().unsigned_abs() > MOST_SECONDS {
        return;
    }
    let site_time = LOCAL.site_time(instant);
    assert_near(LOCAL.instant_of_site_time(site_time), instant);

    // The session of a new visitor has the zone.
    let mut session = LOCAL.new_session();
    let mut utc = CODEC.new_session();
    match (
        session.set_expiry(Expiry::At(instant)),
        utc.set_expiry(Expiry::At(site_time)),
    ) {
        (Ok(()), Ok(())) => {
            let json = utc.to_json().replace("+00:00", "");
            assert_eq!(session.to_json(), json);
        }
        (one, other) => assert_eq!(one, other),
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((kind, Ok(text))) = data
        .split_first()
        .map(|(kind, text)| (*kind, str::from_utf8(text)))
    else {
        return;
    };
    let record = |payload: &str| RECORDS.sign(payload, NOW).expect("NOW can be signed");
    let (text, is_signed) = match kind {
        b'f' => (text.to_owned(), false),
        b'j' => (record(&base64url(text)), true),
        b'p' => (record(text), true),
        b'c' => (signed(&base64url(text)), false),
        b't' => {
            return text
                .parse()
                .map_or((), |nanos| is_site_time(Timestamp::from_unix_nanos(nanos)));
        }
        _ => return,
    };
    match CODEC.decode(&text) {
        Err(error) if is_signed => {
            assert!(
                !matches!(error, Error::BadSignature | Error::NotSigned),
                "{text}"
            );
        }
        Err(error) => assert_eq!(error, refusal(&text, usize::MAX), "{text}"),
        Ok(session) => {
            assert!(is_signed, "{text}");
            let as_cookie = COOKIES.decode(&text, NOW).err();
            assert_eq!(as_cookie, Some(refusal(&text, DEFAULT_MAX_LENGTH)));
            canonical(&session);
            let as_another = STRANGER.decode(&text).err();
            assert_eq!(as_another, Some(refusal(&text, usize::MAX)));
            let local = LOCAL.decode(&text).expect("the same record");
            let written = [
                LOCAL.encode(&local, NOW),
                LOCAL_COOKIES.encode(&session, NOW),
            ];
            if let [Ok(record), Ok(cookie)] = written {
                let payload = |text: &str| text.split(':').next().map(ToOwned::to_owned);
                assert_eq!(payload(&record), payload(&cookie));
            }
            match CODEC.encode(&session, NOW) {
                Ok(again) => assert_eq!(CODEC.decode(&again), Ok(session)),
                // Reading ignores the expiry, and a malformed expiry is not written.
                Err(error) => assert_eq!(error, Error::MalformedExpiry),
            }
        }
    }
});
