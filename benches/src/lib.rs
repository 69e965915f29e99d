//! Shared code of the benchmark programs: sessions, timing, the codec's pieces, and the operations on them.

#![allow(
    clippy::cast_precision_loss,
    clippy::missing_panics_doc,
    reason = "the counts are small; whatever goes wrong ends the program"
)]

extern crate alloc;

pub mod data;
pub mod operations;
pub mod pieces;
pub mod timing;
pub mod typed;
pub mod valgrind;
pub mod worst;
pub mod zlibs;

/// The compressor alone, which the crate does not export.
#[path = "../../src/zlib/deflate/mod.rs"]
mod deflate;
