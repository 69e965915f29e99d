//! The grammar of signed text: parts joined by a separator, and split from the right. It contains no cryptography.

use alloc::string::String;

use crate::error::Error;

/// The text between a value, its stamp and its signature; `:` by default.
#[derive(Clone, Debug)]
pub(crate) struct Separator(String);

impl Separator {
    /// Creates a separator by Django's rule, `_SEP_UNSAFE` in `django/core/signing.py`: text that matches
    /// `^[A-z0-9-_=]*$` is unsafe, because it could occur in a part that it separates. (`A-z` includes ``
    /// [\]^_` ``, and Python's `$` also matches before a final newline.)
    pub(crate) fn new(text: &str) -> Result<Self, Error> {
        let judged = text.strip_suffix('\n').unwrap_or(text);
        if judged
            .bytes()
            .all(|byte| matches!(byte, b'A'..=b'z' | b'0'..=b'9' | b'-' | b'='))
        {
            return Err(Error::UnsafeSeparator);
        }
        Ok(Self(text.into()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the text before the last separator, and the text after it.
    pub(crate) fn split_last<'a>(&self, text: &'a str) -> Option<(&'a str, &'a str)> {
        // The stamp is short: a general search algorithm would cost more time and code than it saves.
        let windows = text.as_bytes().windows(self.0.len());
        let at = windows
            .rev()
            .position(|window| window == self.0.as_bytes())?;
        let (head, tail) = text.split_at_checked(text.len() - at - self.0.len())?;
        Some((head, tail.strip_prefix(self.as_str())?))
    }

    /// Returns whether the text has enough separators for this many parts.
    pub(crate) fn splits_into(&self, mut text: &str, parts: usize) -> bool {
        (1..parts).all(|_| self.split_last(text).map(|(head, _)| text = head).is_some())
    }

    /// Splits the text at the separator before its last `length` bytes. That is the last separator, unless these bytes
    /// contain another one.
    pub(crate) fn split_tail<'a>(
        &self,
        text: &'a str,
        length: usize,
    ) -> Option<(&'a str, &'a str)> {
        let (head, tail) = text.split_at_checked(text.len().checked_sub(length)?)?;
        Some((head.strip_suffix(self.as_str())?, tail))
    }
}

impl Default for Separator {
    fn default() -> Self {
        Self(":".into())
    }
}
