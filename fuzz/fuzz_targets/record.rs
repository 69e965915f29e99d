//! A record is read only if it was signed as one, and a session that can be read is unchanged after the next save.

#![no_main]

use std::sync::LazyLock;

use arbitrary::Arbitrary;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hardtack::signing::TimestampSigner;
use hardtack::{Error, RECORD_SALT, RecordCodec, SESSION_SALT, SessionCodec};
use hardtack_fuzz::{NOW, assert_canonical, ring};
use libfuzzer_sys::fuzz_target;

static CODEC: LazyLock<RecordCodec> = LazyLock::new(|| RecordCodec::new(ring(2)));
static COOKIES: LazyLock<SessionCodec> = LazyLock::new(|| SessionCodec::new(ring(2)));

#[derive(Arbitrary, Debug)]
enum Record {
    Forged(String),
    Json {
        text: String,
        stamp: i64,
    },
    /// Any text as the payload: compressed, or not base64.
    Payload(String),
    Cookie(String),
}

fuzz_target!(|record: Record| {
    let sign = |salt: &str, payload: &str, stamp: i64| {
        let signer = TimestampSigner::new(ring(1)).with_salt(salt);
        signer.sign(payload, stamp).ok()
    };
    let text = match &record {
        Record::Forged(text) => Some(text.clone()),
        Record::Json { text, stamp } => sign(RECORD_SALT, &URL_SAFE_NO_PAD.encode(text), *stamp),
        Record::Payload(payload) => sign(RECORD_SALT, payload, NOW),
        Record::Cookie(text) => sign(SESSION_SALT, &URL_SAFE_NO_PAD.encode(text), NOW),
    };
    let Some(text) = text else { return };
    let is_signed = matches!(record, Record::Json { .. } | Record::Payload(_));
    match CODEC.decode(&text) {
        Err(error) => {
            let is_forged = matches!(error, Error::BadSignature | Error::NotSigned);
            assert_eq!(is_forged, !is_signed, "{error}: {text}");
        }
        Ok(session) => {
            assert!(is_signed, "{text}");
            // Under the other salt, it does not verify.
            assert_eq!(
                COOKIES.decode(&text, NOW).err().map(Error::name),
                Some(if text.len() > 4096 {
                    "TooLong"
                } else {
                    "BadSignature"
                })
            );
            assert_canonical(&session.to_json());
            match CODEC.encode(&session, NOW) {
                Ok(again) => assert_eq!(CODEC.decode(&again), Ok(session)),
                // Reading ignores the expiry, and a malformed expiry is not written.
                Err(error) => assert_eq!(error, Error::MalformedExpiry),
            }
        }
    }
});
