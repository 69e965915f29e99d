//! The characters that stand for themselves in a string as Python writes it, eight at a step: most of a session's text.

/// Whether Python writes `byte` as it is: U+0020..U+007E, but not the quote and the backslash.
pub(crate) fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\'
}

/// How many bytes at the start of `text` are plain.
pub(crate) fn plain_prefix(text: &[u8]) -> usize {
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

/// Sets the highest bit of each byte that is not plain. A byte behind the first one of these may be marked, too, where a
/// carry runs into it.
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

    /// Every byte, at every place of a word and of what is left over, behind plain text of either end of the range.
    #[test]
    fn the_first_byte_that_is_not_plain_is_found() {
        for plain in [b' ', b'!', b'#', b'[', b']', b'~'] {
            for at in 0..20 {
                for byte in 0..=u8::MAX {
                    let mut text = [plain; 20];
                    text[at] = byte;
                    let expected = if is_plain(byte) { 20 } else { at };
                    assert_eq!(plain_prefix(&text), expected, "{byte:#x} at {at}");
                    // What stands behind it does not matter.
                    text[at + 1..].fill(0xff);
                    let expected = if is_plain(byte) { at + 1 } else { at };
                    assert_eq!(plain_prefix(&text), expected, "{byte:#x} at {at}");
                }
            }
        }
    }
}
