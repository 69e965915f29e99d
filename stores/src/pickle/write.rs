//! The opcodes of a session.

use hardtack::{Error, Session};
use num_bigint::BigInt;

use super::Protocol;

/// Pickles a session. Python reads the values and types that it reads from the session's JSON text, whose maximum length,
/// in bytes, is `max_json_length`.
///
/// # Errors
///
/// [`Error::JsonTooLong`].
pub fn write(
    session: &Session,
    protocol: Protocol,
    max_json_length: usize,
) -> Result<Vec<u8>, Error> {
    // The lengths of a pickle have 32 bits.
    let limit = max_json_length.min(i32::MAX as usize);
    let json = session.to_json();
    if json.len() > limit {
        return Err(Error::JsonTooLong { limit });
    }
    let mut out = vec![0x80, protocol as u8];
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
                let text;
                (text, length) = unescape(rest);
                match u8::try_from(text.len()) {
                    Ok(length) if protocol >= Protocol::Four => out.extend([0x8c, length]),
                    _ => push_length(b'X', text.len(), &mut out),
                }
                out.extend(text);
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
                // Rust reads and rounds it as Python does, `NaN` and `Infinity` included.
                out.extend(word.parse().unwrap_or(f64::NAN).to_be_bytes());
            }
        }
    }
}

fn push_length(opcode: u8, length: usize, out: &mut Vec<u8>) {
    out.push(opcode);
    out.extend(u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
}

/// Returns the text of the JSON string at the start of `json`, and the length of the string. The text is in UTF-8, and a
/// lone surrogate in it is written as Python's error handler `surrogatepass` does.
fn unescape(json: &str) -> (Vec<u8>, usize) {
    let mut units = Vec::new();
    let mut rest = json.as_bytes().get(1..).unwrap_or_default();
    loop {
        let unit;
        (unit, rest) = match rest {
            [b'"', ..] | [] => break,
            [b'\\', b'u', digits @ ..] => {
                let (digits, after) = digits.split_at_checked(4).unwrap_or_default();
                let digits = digits
                    .iter()
                    .map(|hex| u16::from(hex & 0xf) + 9 * u16::from(hex >> 6));
                (digits.fold(0, |unit, digit| unit << 4 | digit), after)
            }
            [b'\\', b'b', after @ ..] => (8, after),
            [b'\\', b'f', after @ ..] => (12, after),
            [b'\\', b'n', after @ ..] => (10, after),
            [b'\\', b'r', after @ ..] => (13, after),
            [b'\\', b't', after @ ..] => (9, after),
            [b'\\', byte, after @ ..] | [byte, after @ ..] => (u16::from(*byte), after),
        };
        units.push(unit);
    }
    let mut text = Vec::with_capacity(units.len());
    for character in char::decode_utf16(units) {
        match character {
            Ok(character) => text.extend(character.encode_utf8(&mut [0; 4]).bytes()),
            Err(lone) => {
                let [_, low] = lone.unpaired_surrogate().to_be_bytes();
                let middle = (lone.unpaired_surrogate() >> 6).to_be_bytes()[1];
                text.extend([0xed, 0x80 | middle & 0x3f, 0x80 | low & 0x3f]);
            }
        }
    }
    (text, json.len() - rest.len() + 1)
}
