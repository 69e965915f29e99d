//! Of several cookies with the session's name, the youngest one that can be read is used, or the last of these. If none
//! can be read, the error is that of the last one that might be good elsewhere.
//!
//! Fields: one cookie each. A digit, a decimal number, a space and JSON text make a cookie: the digit chooses the key, and the
//! number is how many seconds after the clock it was signed. Any other field is the cookie's value.

#![no_main]

use std::sync::LazyLock;

use hardtack::limits::MAX_COOKIE_CANDIDATES;
use hardtack::signing::TimestampSigner;
use hardtack::{Error, KeyRing, SESSION_SALT, SessionCodec, Timestamp};
use hardtack_fuzz::{NOW, base64url, fields, keys, ring};
use libfuzzer_sys::fuzz_target;

/// Knows the first two of the three keys.
static CODEC: LazyLock<SessionCodec> = LazyLock::new(|| SessionCodec::new(ring(2)));
static SIGNERS: LazyLock<[TimestampSigner; 3]> = LazyLock::new(|| {
    keys().map(|key| TimestampSigner::new(KeyRing::new(key)).with_salt(SESSION_SALT))
});

fn signed(field: &str) -> Option<String> {
    let key = usize::from(field.bytes().next()?.checked_sub(b'0')?);
    let (after, json) = field.get(1..)?.split_once(' ')?;
    let at = NOW.saturating_add(after.parse().ok()?);
    SIGNERS.get(key)?.sign(&base64url(json), at).ok()
}

fuzz_target!(|data: &[u8]| {
    let Ok(values) = fields(data)
        .map(str::from_utf8)
        .collect::<Result<Vec<_>, _>>()
    else {
        return;
    };
    let values: Vec<String> = values
        .into_iter()
        .map(|field| signed(field).unwrap_or_else(|| field.into()))
        .filter(|value| {
            value
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && !b";\"".contains(&byte))
        })
        .collect();
    let headers: Vec<String> = values
        .chunks(3)
        .map(|values| format!("a=1; s={}", values.join("; s=")))
        .collect();

    let (mut youngest, mut errors) = (None, Vec::new());
    for value in values.iter().rev().take(MAX_COOKIE_CANDIDATES) {
        match CODEC
            .verify(value, NOW)
            .and_then(|it| Ok((it.issued_at(), it.session()?)))
        {
            Ok((stamp, session)) => {
                let stamp = stamp.min(Timestamp::from(NOW));
                if youngest.as_ref().is_none_or(|(known, _, _)| stamp > *known) {
                    youngest = Some((stamp, value, session));
                }
            }
            Err(error) => errors.push(error),
        }
    }
    let kept = errors.iter().find(|error| !error.is_useless_cookie());
    let expected = match youngest {
        Some((_, value, session)) => Ok(Some((value.clone(), session))),
        None => kept.or(errors.first()).copied().map_or(Ok(None), Err),
    };
    let found = CODEC.read_youngest("s", &headers, NOW, |verified, value| {
        Ok::<_, Error>((value.to_owned(), verified.session()?))
    });
    assert_eq!(found, expected);
});
