//! One value of a session, as the JSON text that it is.

use core::fmt;

use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::json::read;

/// The JSON text of one value: ASCII, without white space, as Django writes it.
///
/// [`Session::insert_json`](super::Session::insert_json) puts it into another session as it is. `Debug` shows its size and
/// nothing of the text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct JsonText<'a>(pub(super) &'a str);

impl<'a> JsonText<'a> {
    /// The text.
    pub fn as_str(&self) -> &'a str {
        self.0
    }

    /// The value as a `T`, parsed now.
    ///
    /// # Errors
    ///
    /// - [`Error::WrongType`]: `T` has another shape
    /// - [`Error::NotFinite`], [`Error::LoneSurrogate`], [`Error::NumberOutOfRange`]: JSON as Python writes it, for which
    ///   Rust has no value
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Error> {
        read(self.0)
    }
}

impl fmt::Debug for JsonText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonText")
            .field("bytes", &self.0.len())
            .finish_non_exhaustive()
    }
}
