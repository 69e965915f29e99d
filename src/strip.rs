//! White space around a text.

/// Python's `str.strip`: its white space is Unicode's, and four ASCII separators.
pub(crate) fn stripped(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || ('\x1c'..='\x1f').contains(&c))
}
