//! Ages around the limit, with fractions of a second.

use std::time::Duration;

use hardtack::{Error, MaxAge, SESSION_SALT, SessionCodec};
use serde_json::json;

use crate::common::{KEY, NOW, timestamp};
use crate::oracle::{Judge, Key, ring, seconds};

#[test]
#[ignore = "needs Python and Django 5.2.19; run: cargo test --test django_live -- --ignored --nocapture"]
fn ages_around_the_limit_are_judged_as_in_django() {
    // Python subtracts floats. All of these are exact in binary, except the thousandths: their distance from the limit
    // is many times larger than the error of an instant as a float (half a microsecond up to the year 2242).
    const STAMPS: [i64; 10] = [
        NOW,
        0,
        1,
        61,
        62,
        -1,
        -62,
        -NOW,
        1 << 31,
        (1 << 33) - (1 << 22),
    ];
    const LIMITS: [f64; 8] = [0.0, 0.25, 0.5, 1.0, 59.75, 3600.0, 1_209_600.0, 1_209_600.5];
    const OFFSETS: [f64; 9] = [-1e6, -1.0, -0.5, -0.001, 0.0, 0.001, 0.5, 1.0, 1e6];

    let keys = [Key::Text(KEY.into())];
    let mut cases = Vec::new();
    let mut judge = Judge::start();
    for stamp in STAMPS {
        let cookie = SessionCodec::new(ring(&keys))
            .encode_as(&json!({}), stamp)
            .expect("encodes");
        let stamp = seconds(stamp);
        for limit in LIMITS.map(Some).into_iter().chain([None]) {
            for offset in OFFSETS {
                let now = stamp + limit.unwrap_or_default() + offset;
                judge.load(SESSION_SALT, &keys, now, limit, &cookie);
                let max_age = limit.map_or(MaxAge::NoLimit, |limit| {
                    Duration::from_secs_f64(limit).into()
                });
                let codec = SessionCodec::new(ring(&keys)).with_max_age(max_age);
                let ours = codec.decode(&cookie, timestamp(now)).err();
                cases.push((format!("{stamp} at {now}, max age {limit:?}"), ours));
            }
        }
    }

    let mut expired = 0;
    for ((name, ours), django) in cases.iter().zip(judge.answers()) {
        match ours {
            None => assert!(django.ok, "{name}: Django says {}", django.error),
            Some(Error::Expired { .. }) => {
                assert_eq!(django.error, "SignatureExpired", "{name}");
                expired += 1;
            }
            Some(error) => panic!("{name}: {error}"),
        }
    }
    println!(
        "expiry: {} ages compared, {expired} of them expired, 0 mismatches",
        cases.len()
    );
}
