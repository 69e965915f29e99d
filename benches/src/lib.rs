//! What the bench's programs share: sessions, the clock, the codec's pieces, and what is done with them.

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
