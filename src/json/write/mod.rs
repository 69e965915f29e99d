//! Serializes Rust values as canonical JSON text, spelled as Python's `json.dumps` spells it.
//!
//! - [`writer`]: the text so far, and the keys in it
//! - [`elements`]: the members of objects and the elements of arrays
//! - [`serializer`]: serde's trait

mod elements;
mod serializer;
mod writer;

use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

use crate::error::Error;
use crate::json::canonical::value_of;
use crate::json::scan::{Member, first_value, scan};
use crate::limits::MAX_DEPTH;
pub(crate) use serializer::RAW_VALUE;
use writer::Writer;

/// Appends the JSON text of `value` to `out`, with at most `max_depth` nested containers. An error leaves partial text.
///
/// Errors as from [`scan`], [`Error::NotFinite`], [`Error::Unserializable`].
pub(crate) fn write_value<T: Serialize + ?Sized>(
    value: &T,
    max_depth: usize,
    out: &mut String,
) -> Result<(), Error> {
    let embeds = Writer::new(max_depth, "", out).write(value)?.embeds;
    if embeds && max_depth == MAX_DEPTH {
        scan(out, &mut Vec::new())?;
    }
    Ok(())
}

/// Writes the JSON text of `value` to `out` (cleared first). Returns the text and, if it is an object, the value of
/// `key` in it, which must not need escapes in JSON. `members` is working memory.
///
/// Errors as from [`write_value`].
pub(crate) fn write_document<'o, T: Serialize + ?Sized>(
    value: &T,
    key: &str,
    members: &mut Vec<Member>,
    out: &'o mut String,
) -> Result<(&'o str, Option<&'o str>), Error> {
    out.clear();
    let written = Writer::new(MAX_DEPTH, key, out).write(value)?;
    let text = out.as_str();
    if written.embeds {
        scan(text, members)?;
        return Ok((text, value_of(text, members, key)));
    }
    let found = written.found.and_then(|start| text.get(start..));
    Ok((text, found.map(first_value)))
}
