//! JSON text as Python's `json` module reads and writes it.
//!
//! - [`scan`]: one pass over a text, token by token; where it stops being JSON, and whether it is canonical
//! - [`plain`], [`escape`], [`float`]: Python's spelling of strings and of floats
//! - [`respell`]: any JSON text becomes canonical text
//! - [`mod@write`], [`text_only`], [`failure`]: a Rust value becomes canonical text
//! - [`object`]: the text of an object and where its members stand
//! - [`read`]: canonical text becomes a Rust value
//!
//! *Canonical* is what `json.dumps(obj, separators=(",", ":"))` writes: ASCII, no white space, strings escaped in one
//! way only. Numbers keep the spelling that they came with.

pub(crate) mod escape;
mod failure;
mod float;
pub(crate) mod object;
mod plain;
pub(crate) mod read;
pub(crate) mod respell;
pub(crate) mod scan;
pub(crate) mod text_only;
pub(crate) mod write;
