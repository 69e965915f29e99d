//! Canonical JSON text becomes a Rust value, through `serde_json`.

use serde::de::Deserialize;
use serde_json::error::Category;

use crate::error::Error;
use crate::json::scan::{Kind, Scanner};
use crate::limits::MAX_DEPTH;

/// Reads text that the scanner took, so its depth is bounded.
///
/// [`Error::WrongType`], [`Error::NotFinite`], [`Error::LoneSurrogate`], [`Error::NumberOutOfRange`].
pub(crate) fn read<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    // Its own bound is one level less than the scanner's.
    deserializer.disable_recursion_limit();
    T::deserialize(&mut deserializer).map_err(|error| reason(&error, text))
}

/// Why `serde_json` could not read `text`. Its own message is dropped: it may quote the text.
fn reason(error: &serde_json::Error, text: &str) -> Error {
    if error.classify() == Category::Data {
        // Canonical text is one line, so the column, which counts from one, is a byte.
        let offset = error.column().saturating_sub(1);
        return Error::WrongType { offset };
    }
    // What the scanner takes and `serde_json` does not: NaN and the infinities, lone surrogates, and numbers beyond
    // the range of a float.
    let mut scanner = Scanner::new(text, MAX_DEPTH);
    let mut lone_surrogate = false;
    while let Ok(Some(token)) = scanner.next() {
        if token.kind == Kind::NotFinite {
            return Error::NotFinite;
        }
        lone_surrogate |= token.lone_surrogate;
    }
    if lone_surrogate {
        Error::LoneSurrogate
    } else {
        Error::NumberOutOfRange
    }
}
