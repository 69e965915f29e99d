//! Says what a pasted cookie is, who signed it, and what is in it. The program `hardtack-inspect` and the page of
//! `examples/inspector` show what [`inspect`] returns.
//!
//! hardtack itself cannot decode a cookie that it has not verified. To show one all the same, this package has a reader of
//! its own (`unverified`), for people to look at. No server may trust what it returns.

#![no_std]

extern crate alloc;

mod expiry;
mod key;
mod kind;
mod paste;
mod pieces;
mod readings;
mod refusal;
mod report;
mod secrets;
mod unverified;
mod verify;
mod words;

pub use expiry::Expiry;
pub use key::Keys;
pub use kind::{Kind, Parts};
pub use paste::{LONGEST_PASTE, split};
pub use refusal::Refusal;
pub use report::{Contents, Report, inspect};
pub use secrets::{Secret, Secrets};
pub use unverified::LONGEST_JSON;
pub use verify::{SALTS, Salt, Settings, Signature, Trust};
pub use words::{in_words, plural};
