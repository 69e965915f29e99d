//! A cookie is written and accepted exactly within the limits of its codec, in length and in time, and nothing that is shown
//! for debugging has the key or the payload.
//!
//! Fields: the seconds at which it is signed and read, the maximum age, how far ahead it may be, the instant from which cookies
//! are accepted, the maximum lengths of the value and of the JSON text, the JSON text. A setting that is no number is left
//! out.

#![no_main]

use std::time::Duration;

use hardtack::limits::MAX_UNIX_SECONDS;
use hardtack::{
    Error, MaxAge, Session, SessionCodec, SessionMiddleware, SessionSettings, Timestamp,
};
use hardtack_fuzz::{PLAIN, SIGNER, keys, masked, texts};
use libfuzzer_sys::fuzz_target;

/// What the fields say.
struct Settings {
    max_age: Option<u64>,
    max_future: Option<u64>,
    earliest: Option<i64>,
    max_length: usize,
    max_json_length: usize,
}

impl Settings {
    fn codec(&self) -> SessionCodec {
        let age = |seconds| MaxAge::Limit(Duration::from_secs(seconds));
        let mut codec = PLAIN
            .clone()
            .with_max_age(self.max_age.map_or(MaxAge::NoLimit, age))
            .with_max_length(self.max_length)
            .with_max_json_length(self.max_json_length);
        if let Some(seconds) = self.max_future {
            codec = codec.with_max_future(Duration::from_secs(seconds));
        }
        if let Some(instant) = self.earliest {
            codec = codec.refuse_issued_before(instant);
        }
        codec
    }

    fn is_too_early(&self, issued_at: i64) -> bool {
        self.earliest.is_some_and(|earliest| issued_at < earliest)
    }

    fn json_too_long(&self, json: &str) -> Option<Error> {
        let limit = self.max_json_length;
        (json.len() > limit).then_some(Error::JsonTooLong { limit })
    }

    fn too_long(&self, value: &str) -> Option<Error> {
        let (length, limit) = (value.len(), self.max_length);
        (length > limit).then_some(Error::TooLong { length, limit })
    }

    /// The error of writing, by the rules in their order.
    fn written(&self, value: &str, json: &str, at: i64) -> Option<Error> {
        if self.is_too_early(at) {
            return Some(Error::IssuedTooEarly);
        }
        self.json_too_long(json).or_else(|| self.too_long(value))
    }

    /// The error of reading.
    fn read(&self, value: &str, json: &str, issued_at: i64, now: i64) -> Option<Error> {
        if let Some(error) = self.too_long(value) {
            return Some(error);
        }
        let apart = Duration::from_secs(now.abs_diff(issued_at));
        let over = |limit: Option<u64>| limit.map(Duration::from_secs).filter(|max| apart > *max);
        if let (true, Some(max_age)) = (now > issued_at, over(self.max_age)) {
            let age = apart;
            return Some(Error::Expired { age, max_age });
        }
        if let (true, Some(max_future)) = (now < issued_at, over(self.max_future)) {
            let ahead = apart;
            return Some(Error::FromFuture { ahead, max_future });
        }
        if self.is_too_early(issued_at) {
            return Some(Error::IssuedTooEarly);
        }
        self.json_too_long(json)
    }
}

fuzz_target!(|data: &[u8]| {
    let Some(
        [
            at,
            now,
            max_age,
            max_future,
            earliest,
            length,
            json_length,
            json,
        ],
    ) = texts(data)
    else {
        return;
    };
    let (Ok(at), Ok(now)) = (at.parse::<i64>(), now.parse::<i64>()) else {
        return;
    };
    let Ok(session) = Session::from_json(json) else {
        return;
    };
    let settings = Settings {
        max_age: max_age.parse().ok(),
        max_future: max_future.parse().ok(),
        earliest: earliest.parse().ok(),
        max_length: length.parse().unwrap_or(usize::MAX),
        max_json_length: json_length.parse().unwrap_or(usize::MAX),
    };
    let json = session.to_json();
    let value = match PLAIN.encode(&session, at) {
        Ok(value) => value,
        Err(Error::TimeOutOfRange) => {
            assert!(at > MAX_UNIX_SECONDS);
            return;
        }
        Err(error) => {
            assert!(error == Error::MalformedExpiry && json.contains("_session_expiry"));
            return;
        }
    };
    assert!(at <= MAX_UNIX_SECONDS);

    let codec = settings.codec();
    let expected = settings.written(&value, &json, at);
    assert_eq!(
        codec.encode(&session, at),
        expected.map_or(Ok(value.clone()), Err)
    );
    if let Ok(report) = codec.size_report(&session, at) {
        assert_eq!(
            (report.length, report.limit),
            (value.len(), settings.max_length)
        );
        // It does not depend on the values.
        let masked = codec.size_report(&masked(&session), at);
        let [report, masked] = [report, masked.expect("it is as long")]
            .map(|report| [report.clone(), report.with_cookie_name("sessionid")]);
        assert_eq!(report, masked);
        let [report, beside] = report;
        assert!(beside.limit <= report.limit);
        let [start, end] = [report.to_string(), beside.to_string()];
        let limits = [
            format!("{} bytes, {} fit", report.length, report.limit),
            format!(
                "{} bytes, {} fit beside the cookie's name",
                beside.length, beside.limit
            ),
        ];
        assert!(
            start.starts_with(&limits[0]) && end.starts_with(&limits[1]),
            "{start} {end}"
        );
    }
    // The cookie may not last longer than what the codec accepts.
    let age = Duration::from_secs(60);
    let middleware = SessionMiddleware::new(codec.clone());
    let middleware = middleware.with_settings(SessionSettings::default().with_age(age));
    let expected = (settings.max_age != Some(60)).then_some(Error::ConflictingAges);
    assert_eq!(middleware.err(), expected);
    let expected = settings.read(&value, &json, at, now);
    assert_eq!(
        codec.decode(&value, now).as_ref(),
        expected.as_ref().map_or(Ok(&session), Err)
    );

    // The same instant in other units.
    let micros = at.checked_mul(1_000_000).map(Timestamp::from_unix_micros);
    assert!(micros.is_none_or(|instant| instant == at.into()));
    if let Ok(seconds) = u64::try_from(at) {
        assert_eq!(Timestamp::from(Duration::from_secs(seconds)), at.into());
    }

    let verified = PLAIN.clone().with_max_age(MaxAge::NoLimit);
    let verified = verified.verify(&value, now).expect("no limit");
    assert_eq!((verified.issued_at(), verified.key_index()), (at.into(), 0));
    let age = u64::try_from(i128::from(now) - i128::from(at)).unwrap_or(0);
    assert_eq!(verified.age(), Duration::from_secs(age));
    let shown = format!("{codec:?} {verified:?} {:?} {:?}", keys(), *SIGNER);
    assert!(!shown.contains("fuzz-7d"), "{shown}");
    let payload = value.split(':').next().unwrap_or_default();
    assert!(payload.len() < 8 || !shown.contains(payload), "{shown}");
});
