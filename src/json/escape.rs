//! Strings as Python writes them (`ensure_ascii`, `py_encode_basestring_ascii` in Python's `Lib/json/encoder.py`):
//! every character outside U+0020..U+007E is escaped, DEL too.

use alloc::borrow::Cow;
use alloc::string::String;

/// Appends `text` to `out`, with its quotes.
pub(crate) fn write_string(text: &str, out: &mut String) {
    out.push('"');
    write_inner(text, out);
    out.push('"');
}

/// Appends `text` to `out`, escaped, without quotes.
pub(crate) fn write_inner(text: &str, out: &mut String) {
    let mut plain = 0;
    for (at, character) in text.char_indices() {
        if is_plain(character) {
            continue;
        }
        out.push_str(&text[plain..at]);
        plain = at + character.len_utf8();
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
    out.push_str(&text[plain..]);
}

/// Appends `\u` and four lower-case hex digits.
pub(crate) fn write_unit(unit: u16, out: &mut String) {
    out.push_str("\\u");
    for shift in [12, 8, 4, 0] {
        let digit = unit >> shift & 0xf;
        out.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
    }
}

/// `text` between the quotes of its JSON string.
pub(crate) fn escaped(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_plain) {
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

fn is_plain(character: char) -> bool {
    matches!(character, ' '..='~') && character != '"' && character != '\\'
}
