//! Deserializes canonical JSON text, with `serde_json`.

use alloc::vec::Vec;

use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::error::Error;
use crate::json::scan::{Kind, Scanner};
use crate::limits::MAX_DEPTH;

/// Deserializes text that the scanner has accepted, so its depth is limited. `T` must not borrow, because a string with
/// escapes has no slice to borrow.
///
/// [`Error::WrongType`], [`Error::NotFinite`], [`Error::LoneSurrogate`], [`Error::NumberOutOfRange`].
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    // The limit of `serde_json` is one level lower than the scanner's.
    deserializer.disable_recursion_limit();
    T::deserialize(&mut deserializer).map_err(|error| reason(&error, text))
}

/// Returns why `serde_json` could not read `text`, and where the mismatched value starts. The message of `serde_json`
/// is dropped: it may quote the text.
fn reason(error: &serde_json::Error, text: &str) -> Error {
    let is_type = error.classify() == Category::Data;
    // Canonical text is one line, so the column is the number of bytes that were read.
    let looked_at = error.column();
    let mut open = Vec::new();
    let mut scanner = Scanner::new(text, MAX_DEPTH);
    while let Ok(Some(token)) = scanner.next() {
        let opens = matches!(token.kind, Kind::ObjectStart | Kind::ArrayStart);
        let start = match token.kind {
            Kind::ObjectEnd | Kind::ArrayEnd => open.pop().unwrap_or(0),
            _ => token.start,
        };
        // A wrong type is reported after a value or before a container, anything else within a token.
        if looked_at < token.end || looked_at == token.end && !(is_type && opens) {
            // The scanner accepts an out-of-range number, but `serde_json` does not: it reports one after its first
            // digit.
            let is_refused = !is_type && looked_at > token.start + 1;
            return match token.kind {
                Kind::NotFinite => Error::NotFinite,
                _ if token.lone_surrogate => Error::LoneSurrogate,
                Kind::Number if is_refused => Error::NumberOutOfRange,
                _ => Error::WrongType { offset: start },
            };
        }
        if opens {
            open.push(start);
        }
    }
    Error::WrongType { offset: 0 }
}

/// Returns whether JSON text is free of `NaN` and the infinities, which `serde_json` does not accept.
pub(crate) fn is_finite(text: &str) -> bool {
    let mut scanner = Scanner::new(text, MAX_DEPTH);
    while let Ok(Some(token)) = scanner.next() {
        if token.kind == Kind::NotFinite {
            return false;
        }
    }
    true
}
