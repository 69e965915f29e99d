//! One value of a session, as JSON text.

use core::fmt;

use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::json::read;

/// The JSON text of one value: ASCII, without white space, as Django writes it.
///
/// [`Session::insert_json`](super::Session::insert_json) puts it into another session unchanged. `Debug` shows its length,
/// but not the text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct JsonText<'a>(pub(super) &'a str);

impl<'a> JsonText<'a> {
    /// Returns the text.
    pub fn as_str(&self) -> &'a str {
        self.0
    }

    /// Parses the value as a `T`.
    ///
    /// # Errors
    ///
    /// - [`Error::WrongType`]: the JSON does not match `T`
    /// - [`Error::NotFinite`], [`Error::LoneSurrogate`], [`Error::NumberOutOfRange`]: Python writes such JSON, but no Rust
    ///   value can represent it
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
