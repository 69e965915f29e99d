//! Strings as Python writes them (`ensure_ascii`, `py_encode_basestring_ascii` in Python's `Lib/json/encoder.py`):
//! every character outside U+0020..U+007E is escaped, including DEL.

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

/// Returns whether a JSON string, without its quotes, spells `text`. The scanner must have accepted the string, and
/// `text` must need no escapes in JSON.
#[expect(
    clippy::indexing_slicing,
    reason = "`length` bytes were matched just before"
)]
pub(crate) fn is_spelling_of(string: &[u8], text: &str) -> bool {
    let mut rest = string;
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

/// Returns the value of a hex digit.
pub(crate) fn digit(hex: u8) -> u8 {
    (hex & 0xf) + 9 * (hex >> 6)
}

/// Returns `text` escaped, without quotes.
pub(crate) fn escaped(text: &str) -> Cow<'_, str> {
    if plain_prefix(text.as_bytes()) == text.len() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    write_inner(text, &mut out);
    Cow::Owned(out)
}

/// Returns the text of a JSON string, with its quotes. The scanner must have accepted it and found no lone surrogate.
#[expect(clippy::string_slice, reason = "the scanner found two quotes")]
pub(crate) fn unescaped(string: &str) -> Cow<'_, str> {
    let inner = &string[1..string.len() - 1];
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    Cow::Owned(serde_json::from_str(string).expect("the scanner took this string"))
}

/// Returns whether Python writes `byte` unescaped: U+0020..U+007E, but not the quote and the backslash.
pub(crate) fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\'
}

/// Returns how many bytes at the start of `text` are plain.
#[inline]
pub(crate) fn plain_prefix(text: &[u8]) -> usize {
    // Most strings end in their first eight bytes, or are long.
    let Some((word, rest)) = text.split_first_chunk() else {
        return long_plain_prefix(text);
    };
    match others(u64::from_le_bytes(*word)) {
        0 => size_of_val(word) + long_plain_prefix(rest),
        others => (others.trailing_zeros() / 8) as usize,
    }
}

/// The same for a long prefix. Checks eight bytes per step, because most of a session is plain.
#[inline(never)]
#[expect(
    clippy::indexing_slicing,
    reason = "`at` grows by words that are in the text"
)]
fn long_plain_prefix(text: &[u8]) -> usize {
    let mut at = 0;
    while let Some(word) = text[at..].first_chunk() {
        let others = others(u64::from_le_bytes(*word));
        if others != 0 {
            return at + (others.trailing_zeros() / 8) as usize;
        }
        at += size_of_val(word);
    }
    let rest = text[at..].iter();
    at + rest.take_while(|&&byte| is_plain(byte)).count()
}

/// Sets the highest bit of each byte that is not plain. Because of a carry, plain bytes after the first of these may be
/// marked as well.
fn others(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    let each = |byte: u8| ONES * u64::from(byte);
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word;
    let controls = word.wrapping_sub(each(b' ')) & !word;
    let beyond = word | word.wrapping_add(ONES);
    let quotes = zeros(word ^ each(b'"'));
    let backslashes = zeros(word ^ each(b'\\'));
    (controls | beyond | quotes | backslashes) & each(0x80)
}

#[cfg(test)]
mod tests {
    use super::{is_plain, plain_prefix};

    /// Tests every byte, at every place of a word and of the rest, after plain text from either end of the range.
    #[test]
    fn the_first_byte_that_is_not_plain_is_found() {
        for plain in [b' ', b'!', b'#', b'[', b']', b'~'] {
            for at in 0..20 {
                for byte in 0..=u8::MAX {
                    let mut text = [plain; 20];
                    text[at] = byte;
                    let expected = if is_plain(byte) { 20 } else { at };
                    assert_eq!(plain_prefix(&text), expected, "{byte:#x} at {at}");
                    // The bytes after it do not matter.
                    text[at + 1..].fill(0xff);
                    let expected = if is_plain(byte) { at + 1 } else { at };
                    assert_eq!(plain_prefix(&text), expected, "{byte:#x} at {at}");
                }
            }
        }
    }
}
