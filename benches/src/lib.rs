//! Shared code of the benchmark programs: sessions, timing, the codec's pieces, and the operations on them.

#![allow(
    clippy::cast_precision_loss,
    clippy::missing_panics_doc,
    reason = "the counts are small; whatever goes wrong ends the program"
)]

pub mod data;
pub mod operations;
pub mod pieces;
pub mod timing;
pub mod typed;
pub mod zlibs;
