//! The grammar of a signed text: parts, joined by a separator and split from the right. There is no cryptography here.

use alloc::string::String;

use crate::error::Error;

/// The text between a value, its stamp and its signature; `:` by default.
#[derive(Clone, Debug)]
pub(crate) struct Separator(String);

impl Separator {
    /// Django's rule, `_SEP_UNSAFE` in `django/core/signing.py`: `^[A-z0-9-_=]*$` is unsafe, since such a text could
    /// be part of what it separates. (`A-z` takes in `` [\]^_` ``, and Python's `$` also matches before a last newline.)
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

    /// The text before the last separator and the text behind it.
    pub(crate) fn split_last<'a>(&self, text: &'a str) -> Option<(&'a str, &'a str)> {
        // The stamp is short: a general search costs more than it saves, in time and in code.
        let windows = text.as_bytes().windows(self.0.len());
        let at = windows
            .rev()
            .position(|window| window == self.0.as_bytes())?;
        let (head, tail) = text.split_at_checked(text.len() - at - self.0.len())?;
        Some((head, tail.strip_prefix(self.as_str())?))
    }

    /// Whether the text has separators enough for this many parts.
    pub(crate) fn splits_into(&self, mut text: &str, parts: usize) -> bool {
        (1..parts).all(|_| self.split_last(text).map(|(head, _)| text = head).is_some())
    }

    /// The text before the separator in front of the last `length` bytes, and these bytes. It is the last separator,
    /// unless there is one within these bytes.
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
