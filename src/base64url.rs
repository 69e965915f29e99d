//! Base64 with the URL-safe alphabet and no padding (RFC 4648, section 5), the alphabet of payload and signature.

use alloc::string::String;
use alloc::vec::Vec;

use base64::Engine;

use crate::error::Error;

/// The engine for payloads. With std it uses the processor's vector instructions and is several times faster. It only
/// decodes text whose signature has been verified: its timing may depend on the text.
#[cfg(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64")))]
fn engine() -> &'static impl Engine {
    use base64::engine::{Simd, general_purpose::NO_PAD};
    use std::sync::OnceLock;

    static ENGINE: OnceLock<Simd> = OnceLock::new();
    ENGINE.get_or_init(|| Simd::url_safe(NO_PAD))
}

#[cfg(not(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64"))))]
fn engine() -> &'static impl Engine {
    &base64::engine::general_purpose::URL_SAFE_NO_PAD
}

/// Returns the number of characters that encode this many bytes.
pub(crate) fn length(bytes: usize) -> usize {
    bytes.saturating_mul(4).div_ceil(3)
}

/// Returns the most bytes that this many characters encode.
pub(crate) fn decoded_length(characters: usize) -> usize {
    characters / 4 * 3 + characters % 4 * 3 / 4
}

/// Appends the encoded `bytes` to `out`.
pub(crate) fn encode_into(bytes: &[u8], out: &mut String) {
    engine().encode_string(bytes, out);
}

/// Encodes 32 bytes as 43 characters. They may be a signature that an attacker wants to know, so no branch and no table
/// index depends on them: the timing would reveal them.
pub(crate) fn encode_digest(digest: &[u8; 32]) -> [u8; 43] {
    let mut padded = [0; 33];
    padded[..32].copy_from_slice(digest);
    let mut sextets = [0; 44];
    let ((fours, _), (threes, _)) = (sextets.as_chunks_mut(), padded.as_chunks());
    for (four, &[a, b, c]) in fours.iter_mut().zip(threes) {
        *four = [
            a >> 2,
            (a << 4 | b >> 4) & 63,
            (b << 2 | c >> 6) & 63,
            c & 63,
        ];
    }
    let mut text = [0; 43];
    for (character, sextet) in text.iter_mut().zip(sextets) {
        *character = character_of(sextet);
    }
    text
}

/// The character of a number below 64: `A-Z`, `a-z`, `0-9`, `-`, `_`.
fn character_of(sextet: u8) -> u8 {
    /// For each row of characters, its last number, and the difference between its characters and their numbers.
    const ROWS: [(u8, u8); 5] = [
        (25, b'A'),
        (51, b'a'.wrapping_sub(26)),
        (61, b'0'.wrapping_sub(52)),
        (62, b'-'.wrapping_sub(62)),
        (63, b'_'.wrapping_sub(63)),
    ];
    let [(_, first), ..] = ROWS;
    let pairs = ROWS.iter().zip(ROWS.iter().skip(1));
    pairs.fold(sextet.wrapping_add(first), |character, (row, next)| {
        let (&(end, here), &(_, beyond)) = (row, next);
        // All ones if the number is beyond the row, otherwise zero.
        let mask = 0_u8.wrapping_sub(end.wrapping_sub(sextet) >> 7);
        character.wrapping_add(mask & beyond.wrapping_sub(here))
    })
}

/// Decodes text written by [`encode_into`] into `out`, which is cleared first. Fails with [`Error::MalformedBase64`]
/// for padding, non-zero unused bits in the last character, and bytes outside the alphabet (including `+` and `/`).
pub(crate) fn decode_into(text: &str, out: &mut Vec<u8>) -> Result<(), Error> {
    out.clear();
    engine()
        .decode_vec(text, out)
        .map_err(|_| Error::MalformedBase64)
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    /// Each of the 64 numbers at each of the four positions of a group.
    #[test]
    fn a_digest_is_encoded_as_the_library_encodes_it() {
        for shift in [0, 2, 4, 6] {
            for start in 0..=u8::MAX {
                let digest = core::array::from_fn(|at| {
                    start
                        .wrapping_add(u8::try_from(at).unwrap_or(0))
                        .rotate_left(shift)
                });
                let expected = URL_SAFE_NO_PAD.encode(digest);
                assert_eq!(encode_digest(&digest), expected.as_bytes());
            }
        }
    }
}
