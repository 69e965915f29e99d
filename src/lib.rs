#![doc = include_str!("../README.md")]
#![no_std]
#![warn(unreachable_pub)]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

// In the order in which data flows on decode; a file imports from those above it.
mod error;
pub mod limits;

mod base62; // a stamp's digits
mod base64url; // the alphabet of payload and signature
mod key; // secrets
mod signature;
mod timestamp; // instants, ages
mod token; // the separators // HMAC-SHA256; proof that a text is authentic

mod json; // Python's JSON
mod payload;
mod scratch; // kept working memory
mod zlib; // compression under a limit // JSON, zlib, base64url, in this order

pub mod signing;

mod codec; // sessions to cookie values and back
mod session; // the ordered map
mod verified; // what a verification returns

pub use codec::{SESSION_SALT, SessionCodec};
pub use error::Error;
pub use key::{KeyRing, SecretKey};
pub use payload::Compression;
pub use scratch::Scratch;
pub use session::{JsonText, Session};
pub use timestamp::{MaxAge, Timestamp};
pub use verified::Verified;
