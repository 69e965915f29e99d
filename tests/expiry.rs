//! Ages and instants, at their limits and one nanosecond beyond.

mod common;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hardtack::limits::{DEFAULT_MAX_AGE, MAX_UNIX_SECONDS};
use hardtack::signing::{Signer, TimestampSigner, b62_decode, b62_encode};
use hardtack::{Compression, Error, MaxAge, SESSION_SALT, Session, SessionCodec, Timestamp};
use time::OffsetDateTime;

use common::{NOW, codec, ring};

const NANO: Duration = Duration::from_nanos(1);

/// Returns the instant this long after the test's cookie was issued.
fn after(duration: Duration) -> Timestamp {
    Timestamp::from_unix_nanos(
        Timestamp::from(NOW).as_unix_nanos() + i128::try_from(duration.as_nanos()).expect("fits"),
    )
}

fn cookie(codec: &SessionCodec) -> String {
    codec.encode_as(&[1], NOW).expect("encodes")
}

#[test]
fn exactly_at_the_limit_is_valid() {
    let codec = codec();
    let cookie = cookie(&codec);
    assert_eq!(
        codec
            .verify(&cookie, after(DEFAULT_MAX_AGE))
            .map(|verified| verified.age()),
        Ok(DEFAULT_MAX_AGE)
    );
    let age = DEFAULT_MAX_AGE + NANO;
    let expired = Error::Expired {
        age,
        max_age: DEFAULT_MAX_AGE,
    };
    assert_eq!(codec.verify(&cookie, after(age)).err(), Some(expired));
}

#[test]
fn a_max_age_has_a_fraction() {
    let max_age = Duration::from_millis(1500);
    let codec = codec().with_max_age(max_age);
    let cookie = cookie(&codec);
    assert!(codec.verify(&cookie, after(max_age)).is_ok());
    assert!(codec.verify(&cookie, after(max_age + NANO)).is_err());
    let at_once = codec.with_max_age(Duration::ZERO);
    assert!(at_once.verify(&cookie, NOW).is_ok());
    assert!(at_once.verify(&cookie, after(NANO)).is_err());
}

#[test]
fn without_a_limit_any_age_is_valid() {
    let codec = codec().with_max_age(MaxAge::NoLimit);
    let cookie = cookie(&codec);
    let verified = codec.verify(&cookie, i64::MAX).expect("never expires");
    assert_eq!(
        verified.age(),
        Duration::from_secs((i64::MAX - NOW).unsigned_abs())
    );
}

#[test]
fn the_fraction_of_the_clock_counts() {
    let codec = codec().with_max_age(Duration::from_secs(10));
    // Signed at .75, stamped with the whole second.
    let cookie = codec
        .encode_as(&[1], after(Duration::from_millis(750)))
        .expect("encodes");
    let verified = codec
        .verify(&cookie, after(Duration::from_millis(9750)))
        .expect("young enough");
    assert_eq!(
        (verified.issued_at(), verified.age()),
        (NOW.into(), Duration::from_millis(9750))
    );
    assert!(
        codec
            .verify(&cookie, after(Duration::from_millis(10_500)))
            .is_err()
    );
}

#[test]
fn a_stamp_in_the_future_is_valid_up_to_max_future() {
    let codec = codec();
    let cookie = cookie(&codec);
    let verified = codec
        .verify(&cookie, NOW - 1_000_000_000)
        .expect("as in Django");
    assert_eq!(
        (verified.age(), verified.issued_at()),
        (Duration::ZERO, NOW.into())
    );

    let max_future = Duration::from_secs(60);
    let bounded = codec.with_max_future(max_future);
    assert!(bounded.verify(&cookie, NOW - 60).is_ok());
    let now = Timestamp::from_unix_nanos(Timestamp::from(NOW - 60).as_unix_nanos() - 1);
    let error = Error::FromFuture {
        ahead: max_future + NANO,
        max_future,
    };
    assert_eq!(bounded.verify(&cookie, now).err(), Some(error));
}

#[test]
fn cookies_from_before_the_cut_off_are_refused() {
    let cut = codec().refuse_issued_before(after(Duration::from_millis(500)));
    let signed_at = |seconds| codec().encode_as(&[1], seconds).expect("encodes");
    // Stamps are whole seconds: a stamp in the same second is accepted.
    assert!(cut.verify(&signed_at(NOW), NOW).is_ok());
    assert_eq!(
        cut.verify(&signed_at(NOW - 1), NOW).err(),
        Some(Error::IssuedTooEarly)
    );
    // `encode` refuses a value that `decode` would refuse.
    assert_eq!(cut.encode_as(&[1], NOW - 1), Err(Error::IssuedTooEarly));
}

#[test]
fn expiry_comes_before_the_cut_off_and_after_the_signature() {
    let codec = codec().refuse_issued_before(NOW + 1);
    let cookie = codec
        .clone()
        .refuse_issued_before(0)
        .encode_as(&[1], NOW)
        .expect("encodes");
    let late = after(DEFAULT_MAX_AGE + NANO);
    assert!(matches!(
        codec.verify(&cookie, late),
        Err(Error::Expired { .. })
    ));
    assert_eq!(
        codec.verify(&format!("{cookie}x"), late).err(),
        Some(Error::BadSignature)
    );
}

/// `int(time.time())` truncates toward zero, also before 1970.
#[test]
fn stamps_before_the_epoch_are_truncated_toward_zero() {
    let signer = TimestampSigner::new(ring());
    for (nanos, stamp) in [
        (-1, "0"),
        (-999_999_999, "0"),
        (-1_000_000_000, "-1"),
        (-1_500_000_000, "-1"),
    ] {
        let signed = signer
            .sign("x", Timestamp::from_unix_nanos(nanos))
            .expect("signs");
        assert_eq!(signed.split(':').nth(1), Some(stamp), "{nanos}");
    }
    let signed = signer.sign("x", -100).expect("signs");
    assert!(matches!(
        signer.verify(&signed, NOW, DEFAULT_MAX_AGE),
        Err(Error::Expired { .. })
    ));
    assert_eq!(
        signer
            .verify(&signed, -90, DEFAULT_MAX_AGE)
            .map(|text| text.age()),
        Ok(Duration::from_secs(10))
    );
}

#[test]
fn the_first_and_the_last_instant_work() {
    let signer = TimestampSigner::new(ring());
    for instant in [i64::MIN, MAX_UNIX_SECONDS] {
        let signed = signer.sign("x", instant).expect("signs");
        let verified = signer
            .verify(&signed, instant, Duration::ZERO)
            .expect("verifies");
        assert_eq!(verified.issued_at(), Timestamp::from(instant));
    }
    let oldest = signer.sign("x", i64::MIN).expect("signs");
    let age = signer
        .verify(&oldest, i64::MAX, MaxAge::NoLimit)
        .map(|text| text.age());
    assert_eq!(age, Ok(Duration::from_secs(u64::MAX)));
}

/// Milliseconds in place of seconds would create a cookie that never ends.
#[test]
fn nothing_is_signed_beyond_the_year_9999() {
    const BILLION: i128 = 1_000_000_000;
    let codec = codec().with_max_age(MaxAge::NoLimit);
    let signer = TimestampSigner::new(ring());
    let session = Session::new();
    let sign = |now: Timestamp| {
        let results = [
            codec.encode(&session, now).map(drop),
            codec.encode_json("{}", now).map(drop),
            codec.size_report(&session, now).map(drop),
            signer.sign("x", now).map(drop),
            signer.dumps(&[1], Compression::Auto, now).map(drop),
        ];
        assert!(
            results.iter().all(|result| *result == results[0]),
            "{results:?}"
        );
        results[0]
    };
    let last = i128::from(MAX_UNIX_SECONDS);
    for nanos in [i128::MIN, -1, 0, last * BILLION, (last + 1) * BILLION - 1] {
        assert_eq!(sign(Timestamp::from_unix_nanos(nanos)), Ok(()), "{nanos}");
    }
    for nanos in [(last + 1) * BILLION, i128::MAX] {
        let instant = Timestamp::from_unix_nanos(nanos);
        assert_eq!(sign(instant), Err(Error::TimeOutOfRange), "{nanos}");
    }
    for milliseconds in [NOW * 1000, 253_402_300_800, i64::MAX] {
        assert_eq!(sign(milliseconds.into()), Err(Error::TimeOutOfRange));
    }
}

/// Such a stamp is also refused on reading, even with a valid signature.
#[test]
fn nothing_is_read_beyond_the_year_9999() {
    let codec = codec().with_max_age(MaxAge::NoLimit);
    for (stamp, issued_at) in [
        (MAX_UNIX_SECONDS, Ok(MAX_UNIX_SECONDS.into())),
        (MAX_UNIX_SECONDS + 1, Err(Error::TimeOutOfRange)),
        (NOW * 1000, Err(Error::TimeOutOfRange)),
        (i64::MAX, Err(Error::TimeOutOfRange)),
    ] {
        // `Signer` signs any text, so this is a session's value with an arbitrary stamp.
        let cookie = Signer::new(ring())
            .with_salt(SESSION_SALT)
            .sign(&format!("e30:{}", b62_encode(stamp)));
        for now in [NOW, i64::MAX] {
            let read = codec.verify(&cookie, now).map(|it| it.issued_at());
            assert_eq!(read, issued_at, "{stamp}");
            let forged = format!("e30x{}", &cookie[3..]);
            assert_eq!(codec.verify(&forged, now).err(), Some(Error::BadSignature));
        }
    }
    // Also with a max age, which such a cookie would never reach.
    let signer = TimestampSigner::new(ring());
    let signed = Signer::new(ring())
        .with_salt("django.core.signing.TimestampSigner")
        .sign("x:Tvcokgi");
    assert_eq!(
        signer.verify(&signed, NOW, DEFAULT_MAX_AGE).err(),
        Some(Error::TimeOutOfRange)
    );
}

#[test]
fn base62_is_that_of_django() {
    for (number, text) in [
        (0, "0"),
        (9, "9"),
        (10, "A"),
        (35, "Z"),
        (36, "a"),
        (61, "z"),
        (62, "10"),
        (-1, "-1"),
        (10_i64.pow(10), "Aukyoa"),
        (1_620_378_259, "1lewPD"),
        (i64::MAX, "AzL8n0Y58m7"),
        (i64::MIN, "-AzL8n0Y58m8"),
    ] {
        assert_eq!(b62_encode(number), text);
        assert_eq!(b62_decode(text), Ok(number), "{text}");
    }
    // As in Django.
    assert_eq!(
        (b62_decode("-0"), b62_decode("0001"), b62_decode("-0001")),
        (Ok(0), Ok(1), Ok(-1))
    );
    let beyond = [
        "AzL8n0Y58m8",
        "-AzL8n0Y58m9",
        "zzzzzzzzzzz",
        "100000000000",
        "-100000000000",
    ];
    let malformed = ["", "-", "--1", "+1", "1 ", " 1", "1.5", "a_", "é", "1-"];
    for text in beyond.iter().chain(&malformed) {
        assert_eq!(b62_decode(text), Err(Error::MalformedStamp), "{text}");
    }
}

#[test]
fn timestamps_come_from_many_types() {
    let half = Timestamp::from_unix_nanos(1_700_000_000_500_000_000);
    assert_eq!(
        Timestamp::from(Duration::from_millis(1_700_000_000_500)),
        half
    );
    assert_eq!(
        Timestamp::from(
            OffsetDateTime::from_unix_timestamp_nanos(half.as_unix_nanos()).expect("in range")
        ),
        half
    );
    assert_eq!(half.as_unix_seconds(), NOW);
    assert_eq!(
        Timestamp::from(Duration::MAX),
        Timestamp::from_unix_nanos(i128::MAX)
    );
    assert_eq!(
        Timestamp::from(Duration::MAX).as_unix_nanos(),
        i128::from(i64::MAX) * 1_000_000_000 + 999_999_999
    );
    assert_eq!(
        Timestamp::from_unix_nanos(i128::MIN).as_unix_seconds(),
        i64::MIN
    );
    // Also within the first and the last second of the range.
    let first = i128::from(i64::MIN) * 1_000_000_000;
    let last = i128::from(i64::MAX) * 1_000_000_000;
    for nanos in [first, first + 1, -1, 0, 1, last - 1, last, last + 1] {
        assert_eq!(Timestamp::from_unix_nanos(nanos).as_unix_nanos(), nanos);
    }
    #[cfg(feature = "std")]
    {
        assert_eq!(
            Timestamp::from(UNIX_EPOCH + Duration::from_millis(1_700_000_000_500)),
            half
        );
        assert_eq!(
            Timestamp::from(UNIX_EPOCH - Duration::from_millis(500)).as_unix_nanos(),
            -500_000_000
        );
        assert!(Timestamp::now() > half && Timestamp::from(SystemTime::now()) > half);
    }
    #[cfg(not(feature = "std"))]
    let _ = (SystemTime::now(), UNIX_EPOCH);
}
