//! Base64 with the URL-safe alphabet and no padding (RFC 4648, section 5), the alphabet of payload and signature.

use alloc::string::String;
use alloc::vec::Vec;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::error::Error;

/// What reads and writes payloads: where std can tell what the processor has, with its vector instructions, several times
/// as fast. Only what a key has signed is read with it.
#[cfg(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64")))]
fn engine() -> &'static impl Engine {
    use base64::engine::{Simd, general_purpose::NO_PAD};
    use std::sync::OnceLock;

    static ENGINE: OnceLock<Simd> = OnceLock::new();
    ENGINE.get_or_init(|| Simd::url_safe(NO_PAD))
}

#[cfg(not(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64"))))]
fn engine() -> &'static impl Engine {
    &URL_SAFE_NO_PAD
}

/// Appends the text of `bytes` to `out`.
pub(crate) fn encode_into(bytes: &[u8], out: &mut String) {
    engine().encode_string(bytes, out);
}

/// Writes the text of 32 bytes, without padding 43 characters.
pub(crate) fn encode_digest(digest: &[u8; 32]) -> [u8; 43] {
    let mut text = [0; 43];
    let written = URL_SAFE_NO_PAD.encode_slice(digest, &mut text);
    debug_assert_eq!(written, Ok(text.len()));
    text
}

/// Reads what [`encode_into`] writes, into `out` (cleared first). Padding, slack bits in the last character, `+`, `/` and any other foreign byte
/// are [`Error::MalformedBase64`].
pub(crate) fn decode_into(text: &str, out: &mut Vec<u8>) -> Result<(), Error> {
    out.clear();
    engine()
        .decode_vec(text, out)
        .map_err(|_| Error::MalformedBase64)
}
