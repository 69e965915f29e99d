//! JSON text as Python's `json` module reads and writes it.
//!
//! - [`string`], [`float`]: Python's spelling of strings and of floats
//! - [`mod@scan`]: reads a text once, token by token, and finds where it stops being JSON, and whether it is canonical
//! - [`canonical`]: converts any JSON text to canonical text
//! - [`mod@write`], [`failure`]: serialize a Rust value as canonical text
//! - [`object`]: the text of an object and its members' positions; [`index`] finds one of many members
//! - [`mod@read`]: deserializes canonical text
//!
//! *Canonical* is what `json.dumps(obj, separators=(",", ":"))` writes: ASCII, no white space, and one way to escape
//! strings. Numbers keep their original spelling.

mod canonical;
mod failure;
mod float;
mod index;
mod members;
mod object;
mod read;
mod scan;
mod string;
mod write;

pub(crate) use canonical::{canonicalize, value_of};
pub(crate) use float::number_of_exponent;
pub(crate) use object::{Object, merge_duplicates};
pub(crate) use read::{is_finite, read};
pub(crate) use scan::{Member, scan};
pub(crate) use string::{unescaped, write_string};
pub(crate) use write::{RAW_VALUE, write_document, write_value};
