//! Any session comes back from a compressed cookie to the byte. A cookie is compressed only if that saves at least two
//! bytes, whether or not the codec has room for it.
//!
//! The first byte is a number, the rest is JSON text. Each `~` in the text becomes that many letters, so that few bytes
//! make a long session.

#![no_main]

use std::sync::LazyLock;

use hardtack::{Error, Session, SessionCodec};
use hardtack_fuzz::{NOW, PLAIN, canonical, ring};
use libfuzzer_sys::fuzz_target;

/// The maximum length of the text. The thorough parse, for values that are a little too long, takes time that grows faster
/// than the text.
const MAX_LENGTH: usize = 8 * 1024;

/// Has a low limit, so that short texts are a little too long for it, and are compressed with more effort.
const LIMIT: usize = 250;
static LIMITED: LazyLock<SessionCodec> =
    LazyLock::new(|| SessionCodec::new(ring(1)).with_max_length(LIMIT));
static WIDE: LazyLock<SessionCodec> =
    LazyLock::new(|| SessionCodec::new(ring(1)).with_max_length(usize::MAX));

fuzz_target!(|data: &[u8]| {
    let Some((&times, Ok(text))) = data
        .split_first()
        .map(|(times, text)| (times, str::from_utf8(text)))
    else {
        return;
    };
    let text = text.replace('~', &"abcdefgh".repeat(times.into()));
    if text.len() > MAX_LENGTH {
        return;
    }
    let Ok(session) = Session::from_json(&text) else {
        return;
    };
    let json = canonical(&session);
    let wide = match WIDE.encode(&session, NOW) {
        Ok(value) => value,
        Err(Error::MalformedExpiry | Error::SessionExpired) => return,
        Err(error) => {
            assert!(json.len() > MAX_LENGTH, "{error}");
            return;
        }
    };
    let limited = LIMITED.encode(&session, NOW);
    match &limited {
        Ok(value) => assert!(value.len() <= LIMIT),
        Err(error) => {
            let (length, limit) = (wide.len(), LIMIT);
            assert_eq!(*error, Error::TooLong { length, limit });
        }
    }
    let plain = PLAIN.encode(&session, NOW).expect("no limit");
    for value in limited.iter().chain([&wide]) {
        let verified = WIDE.verify(value, NOW).expect("our own value");
        assert_eq!(verified.session().as_ref(), Ok(&session));
        assert_eq!(verified.raw_json().as_ref(), Ok(&json));
        if value.starts_with('.') {
            // Two bytes less are two characters less, or three.
            assert!(value.len() < plain.len(), "compressed, and no shorter");
        } else {
            assert_eq!(*value, plain);
        }
    }
});
