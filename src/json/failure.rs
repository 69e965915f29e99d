//! The error type of our serializer.

use core::fmt::{self, Display};

use serde::ser;

use crate::error::Error;

/// Carries an [`Error`] through serde. Serde's own messages are dropped: they may quote the value.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) Error);

impl ser::Error for Failure {
    fn custom<T: Display>(_: T) -> Self {
        Self(Error::Unserializable)
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl core::error::Error for Failure {}
