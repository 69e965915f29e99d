//! Strings as Python writes them (`ensure_ascii`, `py_encode_basestring_ascii` in Python's `Lib/json/encoder.py`):
//! every character outside U+0020..U+007E is escaped, DEL too.

use alloc::borrow::Cow;
use alloc::string::String;

use crate::json::plain::plain_prefix;

/// Appends `text` to `out`, with its quotes.
pub(crate) fn write_string(text: &str, out: &mut String) {
    out.push('"');
    write_inner(text, out);
    out.push('"');
}

/// Appends `text` to `out`, escaped, without quotes.
pub(crate) fn write_inner(text: &str, out: &mut String) {
    let mut rest = text;
    loop {
        let (plain, others) = rest.split_at(plain_prefix(rest.as_bytes()));
        out.push_str(plain);
        let mut others = others.chars();
        let Some(character) = others.next() else {
            return;
        };
        rest = others.as_str();
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ => {
                for &mut unit in character.encode_utf16(&mut [0; 2]) {
                    write_unit(unit, out);
                }
            }
        }
    }
}

/// Appends `\u` and four lower-case hex digits.
pub(crate) fn write_unit(unit: u16, out: &mut String) {
    out.push_str("\\u");
    for shift in [12, 8, 4, 0] {
        let digit = unit >> shift & 0xf;
        out.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
    }
}

/// Whether a JSON string, given with its quotes, that the scanner took is `text`, of which JSON needs no character
/// escaped.
pub(crate) fn stands_for(string: &str, text: &str) -> bool {
    let mut rest = &string.as_bytes()[1..string.len() - 1];
    for &byte in text.as_bytes() {
        let (found, length) = match *rest {
            [b'\\', b'u', b'0', b'0', high, low, ..] => (digit(high) << 4 | digit(low), 6),
            [found, ..] => (found, 1),
            [] => return false,
        };
        if found != byte {
            return false;
        }
        rest = &rest[length..];
    }
    rest.is_empty()
}

/// The value of a hex digit.
pub(crate) fn digit(hex: u8) -> u8 {
    (hex & 0xf) + 9 * (hex >> 6)
}

/// `text` between the quotes of its JSON string.
pub(crate) fn escaped(text: &str) -> Cow<'_, str> {
    if plain_prefix(text.as_bytes()) == text.len() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    write_inner(text, &mut out);
    Cow::Owned(out)
}

/// The text of a JSON string, given with its quotes, that the scanner took and found without a lone surrogate.
pub(crate) fn unescaped(string: &str) -> Cow<'_, str> {
    let inner = &string[1..string.len() - 1];
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    Cow::Owned(serde_json::from_str(string).expect("the scanner took this string"))
}
