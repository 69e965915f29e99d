#![doc = include_str!("../README.md")]
#![no_std]
#![warn(unreachable_pub, clippy::panic, clippy::unwrap_used)]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

// Modules in the order in which data flows: each imports only from its own group and the groups above it.

mod error;
pub mod limits;

// White space, as Python defines it.
mod strip;

// Instants and ages, and the base62 digits of a stamp.
mod base62;
mod timestamp;

// The separator of signed text, and the alphabet of payload and signature.
mod base64url;
mod separator;

// Secret keys, HMAC-SHA256, and the type that proves that text was verified; ids that are safe to log.
mod key;
mod log_id;
mod signature;

// JSON as Python reads and writes it.
mod json;

// Compression, and decompression up to a limit.
mod zlib;

// Working memory that is reused.
mod scratch;

// JSON text, compressed if that is shorter, in base64url.
mod payload;

// Signed text, with or without a stamp.
pub mod signing;

// The headers `Set-Cookie` and `Cookie`.
pub mod cookie;

// The session: an ordered map, and its own expiry.
mod session;

// Django's session keys for a login.
pub mod auth;

// The sizes of a session's keys.
mod report;

// The result of a verification.
mod verified;

// Sessions to cookie values and back.
mod codec;

// Sessions in a store: the key in the cookie, the text of a record, and what a store does.
mod record;
mod session_key;
mod store;

// Sessions of requests and responses, in any framework.
mod middleware;
mod settings;

#[cfg(feature = "std")]
mod handle;

// Integrations with frameworks.
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
pub use log_id::LogId;
pub use middleware::{
    Action, Answer, Header, KeyMiddleware, Loaded, Lookup, Outcome, SessionMiddleware, Step,
};
pub use payload::Compression;
pub use record::{RECORD_SALT, RecordCodec};
pub use report::{MemberSize, SizeReport};
pub use scratch::Scratch;
pub use session::{Expiry, JsonText, Session};
pub use session_key::SessionKey;
pub use settings::{SESSION_COOKIE_NAME, SessionSettings};
pub use store::{Clear, Found, Load, Save, SessionStore, StoreError};
pub use timestamp::{MaxAge, Timestamp};
pub use verified::Verified;
