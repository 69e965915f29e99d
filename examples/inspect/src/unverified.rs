//! Reads what a cookie says without knowing who wrote it: for people to look at.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hardtack::{Error, Session};
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit as inflate;

/// Bytes of JSON that are read. A few kilobytes can inflate to megabytes.
pub const LONGEST_JSON: usize = 64 * 1024;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_allow_trailing_bits(true)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);
const BASE64URL: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);
const BASE64: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);

/// A payload of Django or of itsdangerous: base64url, after a "." of zlib.
pub(crate) fn payload(payload: &str) -> Result<String, &'static str> {
    let bytes = payload_bytes(payload)?;
    if bytes.len() > LONGEST_JSON {
        return Err("The JSON is over 65536 bytes. It was not read.");
    }
    String::from_utf8(bytes).map_err(|_| "The payload is not text.")
}

/// The JSON text of a payload, or a sentence that says why there is none.
pub(crate) fn json(text: &str) -> Result<String, String> {
    let json = payload(text)?;
    match Session::from_json(&json) {
        Ok(_) => Ok(json),
        Err(_) if is_json(&json) => Ok(json),
        Err(Error::MalformedJson { offset }) => {
            Err(format!("The payload is not JSON at byte {offset}."))
        }
        Err(error) => Err(format!("The payload is not a session: {error}.")),
    }
}

pub(crate) fn payload_bytes(payload: &str) -> Result<Vec<u8>, &'static str> {
    let (text, is_compressed) = match payload.strip_prefix('.') {
        Some(text) => (text, true),
        None => (payload, false),
    };
    let bytes = if text.contains('=') {
        None
    } else {
        base64url(text)
    };
    let bytes = bytes.ok_or("The payload is not base64url.")?;
    if !is_compressed {
        return Ok(bytes);
    }
    inflate(&bytes, LONGEST_JSON).map_err(|error| match error.status {
        TINFLStatus::HasMoreOutput => {
            "The payload inflates to more than 65536 bytes. It was not read to its end."
        }
        _ => "The payload is marked as compressed, and is not one whole zlib stream.",
    })
}

pub(crate) fn base64url(text: &str) -> Option<Vec<u8>> {
    BASE64URL.decode(text).ok()
}

/// Of either alphabet, padded or not.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text).ok().or_else(|| base64url(text))
}

/// The JSON text of an object, in base64 of either alphabet.
pub(crate) fn base64_object(text: &str) -> Option<String> {
    let json = String::from_utf8(base64(text)?).ok()?;
    is_object(&json).then_some(json)
}

pub(crate) fn is_object(text: &str) -> bool {
    Session::from_json(text).is_ok()
}

/// Any JSON: as the one value of an object it makes a session.
pub(crate) fn is_json(text: &str) -> bool {
    is_object(&format!(r#"{{"":{text}}}"#))
}

/// Whether text is JSON of an object that has all of these keys.
pub(crate) fn has_keys(json: &str, keys: &[&str]) -> bool {
    Session::from_json(json).is_ok_and(|object| keys.iter().all(|key| object.contains_key(key)))
}

/// A text value of a JSON object.
pub(crate) fn text_of(json: &str, key: &str) -> Option<String> {
    Session::from_json(json).ok()?.get(key).ok()?
}

/// The whole seconds of a number in a JSON object.
pub(crate) fn seconds_of(json: &str, key: &str) -> Option<i64> {
    let object = Session::from_json(json).ok()?;
    let number = object.get_json(key)?;
    number.as_str().split('.').next()?.parse().ok()
}

/// Big-endian Unix seconds in base64url: the stamp of itsdangerous.
pub(crate) fn seconds(stamp: &str) -> Option<i64> {
    let bytes = base64url(stamp).filter(|bytes| (4..=5).contains(&bytes.len()))?;
    Some(
        bytes
            .iter()
            .fold(0, |sum, byte| sum << 8 | i64::from(*byte)),
    )
}
