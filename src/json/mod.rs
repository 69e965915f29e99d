//! JSON text as Python's `json` module reads and writes it.
//!
//! - [`string`], [`float`]: Python's spelling of strings and of floats
//! - [`mod@scan`]: one pass over a text, token by token; where it stops being JSON, and whether it is canonical
//! - [`canonical`]: any JSON text becomes canonical text
//! - [`mod@write`], [`failure`]: a Rust value becomes canonical text
//! - [`object`]: the text of an object and where its members are
//! - [`mod@read`]: canonical text becomes a Rust value
//!
//! *Canonical* is what `json.dumps(obj, separators=(",", ":"))` writes: ASCII, no white space, strings escaped in one
//! way only. Numbers keep the spelling that they came with.

mod canonical;
mod failure;
mod float;
mod object;
mod read;
mod scan;
mod string;
mod write;

pub(crate) use canonical::{Member, canonicalize, scan, value_of};
pub(crate) use float::number_of_exponent;
pub(crate) use object::{Object, merge_duplicates};
pub(crate) use read::{is_finite, read};
pub(crate) use string::{unescaped, write_string};
pub(crate) use write::{RAW_VALUE, write_value};
