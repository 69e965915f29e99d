//! Ages and instants, at their limits and a nanosecond beyond.

mod common;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hardtack::limits::DEFAULT_MAX_AGE;
use hardtack::signing::{TimestampSigner, b62_decode, b62_encode};
use hardtack::{Error, MaxAge, SessionCodec, Timestamp};
use time::OffsetDateTime;

use common::{NOW, codec, ring};

const NANO: Duration = Duration::from_nanos(1);

/// The instant this long after the test's cookie was issued.
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
fn no_limit() {
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
fn a_stamp_in_the_future() {
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
fn refusing_what_was_issued_before_an_instant() {
    let cut = codec().refuse_issued_before(after(Duration::from_millis(500)));
    let signed_at = |seconds| codec().encode_as(&[1], seconds).expect("encodes");
    // Stamps are whole seconds: the instant's own second passes.
    assert!(cut.verify(&signed_at(NOW), NOW).is_ok());
    assert_eq!(
        cut.verify(&signed_at(NOW - 1), NOW).err(),
        Some(Error::IssuedTooEarly)
    );
    // What decode would refuse, encode refuses.
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

/// `int(time.time())` cuts toward zero, before 1970 too.
#[test]
fn stamps_before_the_epoch() {
    let signer = TimestampSigner::new(ring());
    for (nanos, stamp) in [
        (-1, "0"),
        (-999_999_999, "0"),
        (-1_000_000_000, "-1"),
        (-1_500_000_000, "-1"),
    ] {
        let signed = signer.sign("x", Timestamp::from_unix_nanos(nanos));
        assert_eq!(signed.split(':').nth(1), Some(stamp), "{nanos}");
    }
    let signed = signer.sign("x", -100);
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
fn the_ends_of_time() {
    let signer = TimestampSigner::new(ring());
    for instant in [i64::MIN, i64::MAX] {
        let signed = signer.sign("x", instant);
        let verified = signer
            .verify(&signed, instant, Duration::ZERO)
            .expect("verifies");
        assert_eq!(verified.issued_at(), Timestamp::from(instant));
    }
    let oldest = signer.sign("x", i64::MIN);
    let age = signer
        .verify(&oldest, i64::MAX, MaxAge::NoLimit)
        .map(|text| text.age());
    assert_eq!(age, Ok(Duration::from_secs(u64::MAX)));
}

#[test]
fn base62() {
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
    assert_eq!(Timestamp::from_unix_micros(1_700_000_000_500_000), half);
    for micros in [i64::MIN, -1_000_001, -1_000_000, -1, 0, 1, i64::MAX] {
        assert_eq!(
            Timestamp::from_unix_micros(micros).as_unix_nanos(),
            i128::from(micros) * 1000
        );
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
