#![doc = include_str!("../README.md")]
#![no_std]
#![warn(unreachable_pub, clippy::panic, clippy::unwrap_used)]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

// In the order in which data flows: a group imports from those above it.

mod error;
pub mod limits;

// White space, as Python sees it.
mod strip;

// Instants and ages; the digits of a stamp.
mod base62;
mod timestamp;

// The grammar of a signed text; the alphabet of payload and signature.
mod base64url;
mod separator;

// Secrets; HMAC-SHA256, and the proof that a text is authentic.
mod key;
mod signature;

// Python's JSON.
mod json;

// Compression, under a limit.
mod zlib;

// Working memory, kept.
mod scratch;

// JSON text in zlib and base64url.
mod payload;

// Payload, stamp, signature.
pub mod signing;

// The header around a value, and the way back.
pub mod cookie;

// The ordered map; what a verification returns; sessions to cookie values and back.
mod session;

// Django's keys of a login.
pub mod auth;

// What takes the space.
mod report;

mod verified;

mod codec;

// Requests and responses, in any framework.
mod middleware;
mod settings;

#[cfg(feature = "std")]
mod handle;

// In a framework.
#[cfg(feature = "tower")]
#[cfg_attr(docsrs, doc(cfg(feature = "tower")))]
pub mod tower;

#[cfg(feature = "axum")]
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
pub mod axum;

pub use codec::{SESSION_SALT, SessionCodec};
pub use cookie::set_cookie::{SameSite, SetCookie};
pub use error::Error;
#[cfg(feature = "std")]
#[cfg_attr(docsrs, doc(cfg(feature = "std")))]
pub use handle::SessionHandle;
pub use key::{KeyRing, SecretKey};
pub use middleware::{Answer, Header, Loaded, LogId, SessionMiddleware};
pub use payload::Compression;
pub use report::{MemberSize, SizeReport};
pub use scratch::Scratch;
pub use session::{Expiry, JsonText, Session};
pub use settings::{SESSION_COOKIE_NAME, SessionSettings};
pub use timestamp::{MaxAge, Timestamp};
pub use verified::Verified;
