//! A record is read only if it was signed as one, and a session that can be read is unchanged after the next save.
//!
//! The first byte says what the rest is: `f` a text that is not signed, `j` JSON text that is signed as a record, `p` any
//! payload that is signed as one, `c` JSON text that is signed as a cookie.

#![no_main]

use std::sync::LazyLock;

use hardtack::limits::DEFAULT_MAX_LENGTH;
use hardtack::signing::TimestampSigner;
use hardtack::{Compression, Error, RECORD_SALT, RecordCodec, SessionCodec};
use hardtack_fuzz::{NOW, base64url, canonical, refusal, ring, signed};
use libfuzzer_sys::fuzz_target;

static CODEC: LazyLock<RecordCodec> =
    LazyLock::new(|| RecordCodec::new(ring(2)).with_compression(Compression::Never));
static COOKIES: LazyLock<SessionCodec> = LazyLock::new(|| SessionCodec::new(ring(2)));
static RECORDS: LazyLock<TimestampSigner> =
    LazyLock::new(|| TimestampSigner::new(ring(1)).with_salt(RECORD_SALT));

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
            match CODEC.encode(&session, NOW) {
                Ok(again) => assert_eq!(CODEC.decode(&again), Ok(session)),
                // Reading ignores the expiry, and a malformed expiry is not written.
                Err(error) => assert_eq!(error, Error::MalformedExpiry),
            }
        }
    }
});
