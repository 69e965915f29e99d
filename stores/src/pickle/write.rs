//! The opcodes of a session.

use hardtack::{Error, Session};
use num_bigint::BigInt;
use serde_bytes::ByteBuf;
use serde_json::Deserializer;

use super::Protocol;

/// Pickles a session. Python gets the same values and types from the pickle as from the session's JSON text.
/// `max_json_length` is the maximum length of that text, in bytes.
///
/// # Errors
///
/// [`Error::JsonTooLong`]: the session's JSON text is longer than `max_json_length`, or than 2 GiB.
pub fn write(
    session: &Session,
    protocol: Protocol,
    max_json_length: usize,
) -> Result<Vec<u8>, Error> {
    // Lengths in a pickle have 32 bits.
    let limit = max_json_length.min(i32::MAX as usize);
    let json = session.to_json();
    if json.len() > limit {
        return Err(Error::JsonTooLong { limit });
    }
    let mut out = Vec::with_capacity(json.len());
    out.extend([0x80, protocol as u8]);
    let mut rest = &*json;
    // The text is canonical: valid, and without white space.
    while let Some(first) = rest.bytes().next() {
        let mut length = 1;
        match first {
            // A mark, and at the end all elements above it at once, even if there are none.
            b'{' => out.extend(b"}("),
            b'[' => out.extend(b"]("),
            b'}' => out.push(b'u'),
            b']' => out.push(b'e'),
            b',' | b':' => {}
            b'"' => {
                // As bytes, since a lone surrogate is written as Python's error handler `surrogatepass` does.
                let mut texts = Deserializer::from_str(rest).into_iter::<ByteBuf>();
                let offset = json.len() - rest.len();
                let text = texts.next().and_then(Result::ok);
                let text = text.ok_or(Error::MalformedJson { offset })?;
                length = texts.byte_offset();
                match u8::try_from(text.len()) {
                    Ok(length) if protocol >= Protocol::Four => out.extend([0x8c, length]),
                    _ => push_length(b'X', text.len(), &mut out),
                }
                out.extend_from_slice(&text);
            }
            _ => {
                length = rest.find([',', ']', '}']).unwrap_or(rest.len());
                push_word(&rest[..length], &mut out);
            }
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    out.push(b'.');
    Ok(out)
}

/// Appends a number, a boolean or `null`.
fn push_word(word: &str, out: &mut Vec<u8>) {
    match word {
        "null" => out.push(b'N'),
        "true" => out.push(0x88),
        "false" => out.push(0x89),
        _ => {
            if let Ok(number) = word.parse::<i32>() {
                out.push(b'J');
                out.extend(number.to_le_bytes());
            } else if let Ok(number) = word.parse::<BigInt>() {
                let bytes = number.to_signed_bytes_le();
                push_length(0x8b, bytes.len(), out);
                out.extend(bytes);
            } else {
                out.push(b'G');
                // Rust parses and rounds it as Python does, including `NaN` and `Infinity`.
                out.extend(word.parse().unwrap_or(f64::NAN).to_be_bytes());
            }
        }
    }
}

fn push_length(opcode: u8, length: usize, out: &mut Vec<u8>) {
    out.push(opcode);
    out.extend(u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
}
