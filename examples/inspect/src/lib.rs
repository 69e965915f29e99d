//! Identifies a pasted cookie, verifies it and reads its content. The program `hardtack-inspect` and the page of
//! `examples/inspector` show the [`Report`] that [`inspect`] returns.
//!
//! hardtack itself cannot decode a cookie that it has not verified. To show one anyway, this package has its
//! own reader (`unverified`). Its results are for people to look at; no server may trust them.

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
