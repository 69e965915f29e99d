//! Signed text, as in `django.core.signing`. [`SessionCodec`](crate::SessionCodec) is built on it. Use it directly for
//! other text that Django signs, such as a link in an email or a form's hidden field.
//!
//! ```
//! use hardtack::signing::TimestampSigner;
//! use hardtack::{KeyRing, MaxAge, SecretKey};
//! use core::time::Duration;
//!
//! let key = SecretKey::new("an-example-of-50-characters-or-so-made-by-a-generator")?;
//! let signer = TimestampSigner::new(KeyRing::new(key)).with_salt("confirm-address");
//!
//! let signed = signer.sign("zoe@example.org", 1_700_000_000)?;
//! assert!(signed.starts_with("zoe@example.org:1r31eq:"));
//!
//! let verified = signer.verify(&signed, 1_700_000_060, Duration::from_secs(3600))?;
//! assert_eq!(verified.text(), "zoe@example.org");
//! # Ok::<(), hardtack::Error>(())
//! ```

mod signer;
mod timestamp_signer;

use alloc::string::String;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::base62;
use crate::error::Error;
use crate::json::{canonicalize, merge_duplicates, read, write_value};
use crate::limits::{DEFAULT_MAX_JSON_LENGTH, MAX_DEPTH};
use crate::payload::{self, Compression};
use crate::scratch::{self, Scratch};
pub use crate::signature::SignedText;
pub use signer::Signer;
pub use timestamp_signer::{StampedText, TimestampSigner};

/// Salt of Django's functions `signing.dumps` and `signing.loads`.
pub const DUMPS_SALT: &str = "django.core.signing";

/// Serializes any value as a payload.
fn dump<T: Serialize + ?Sized>(value: &T, compression: Compression) -> Result<String, Error> {
    let mut out = String::new();
    scratch::with(|Scratch { json, buffers, .. }| {
        json.clear();
        write_value(value, MAX_DEPTH, json)?;
        let limit = DEFAULT_MAX_JSON_LENGTH;
        payload::write(json, compression, limit, usize::MAX, buffers, &mut out)
    })?;
    Ok(out)
}

/// Deserializes the value of a signed payload.
fn load<T: DeserializeOwned>(payload: SignedText<'_>) -> Result<T, Error> {
    scratch::with(|scratch| {
        let raw = payload::read(payload, DEFAULT_MAX_JSON_LENGTH, &mut scratch.buffers)?;
        let text = canonicalize(raw, &mut scratch.members)?;
        read(&merge_duplicates(text, &scratch.members))
    })
}

/// Django's `b62_encode`, for Django's own tests.
#[doc(hidden)]
pub fn b62_encode(number: i64) -> String {
    let mut out = String::new();
    base62::encode_into(number, &mut out);
    out
}

/// Django's `b62_decode`, for Django's own tests.
#[doc(hidden)]
pub fn b62_decode(text: &str) -> Result<i64, Error> {
    base62::decode(text)
}
