//! What goes wrong while serde writes.

use alloc::string::ToString;
use core::fmt::{self, Display};

use serde::ser;

use crate::error::Error;
use crate::limits::{MAX_DEPTH, MAX_INTEGER_DIGITS};

/// [`Error`] on its way through serde, whose own messages are dropped: they may quote the value.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) Error);

impl ser::Error for Failure {
    fn custom<T: Display>(message: T) -> Self {
        // What a session had to defer comes back as itself.
        let message = message.to_string();
        let ours = [
            Error::NotFinite,
            Error::TooDeep { limit: MAX_DEPTH },
            Error::IntegerTooLong {
                limit: MAX_INTEGER_DIGITS,
            },
        ];
        let known = ours.into_iter().find(|error| error.to_string() == message);
        Self(known.unwrap_or(Error::Unserializable))
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl core::error::Error for Failure {}
