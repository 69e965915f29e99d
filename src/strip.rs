//! Removes white space around a text.

/// Python's `str.strip`, which removes Unicode's white space and four ASCII separators.
pub(crate) fn stripped(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || ('\x1c'..='\x1f').contains(&c))
}
