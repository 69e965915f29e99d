//! Sessions that Django reads and writes, too: in a signed cookie, with no state on the server, or in a store.
//!
//! The format is that of Django's session engines, byte for byte, so a Django site and a Rust service with the same secret
//! share their sessions. (Only a zlib stream may have other bytes. It inflates to the same JSON.) **A cookie is signed, not
//! encrypted, and valid until it expires**: see [what stateless means](docs::stateless).
//!
//! | you want | begin with |
//! |---|---|
//! | sessions in axum | [`tower::SessionLayer`] around the router, [`SessionHandle`] in handlers, [`axum::LoginRequired`] for a page that needs a user; [recipes](docs::recipes) |
//! | any other framework | [`SessionMiddleware`] and [`SessionHandle`], or the layer: [frameworks](docs::frameworks) |
//! | verify at the edge | [`SessionCodec::read_youngest`], without std: [edge](docs::edge) |
//! | sessions shared with a Django site | settings, methods and differences: [Django](docs::django); its users: [`auth`]; stores: [`hardtack-stores`] |
//! | only signing | [`signing`], as in `django.core.signing` |
//!
//! # In axum
//!
//! ```
//! # #[cfg(feature = "axum")] mod with_axum {
//! use axum::{Router, routing::get};
//! use hardtack::tower::SessionLayer;
//! use hardtack::{Error, KeyRing, SecretKey, SessionCodec, SessionHandle};
//! use hardtack::{SessionMiddleware, SessionSettings, SetCookie};
//!
//! async fn visits(session: SessionHandle) -> Result<String, Error> {
//!     let visits = session.get("visits")?.unwrap_or(0) + 1;
//!     session.insert("visits", visits)?;
//!     Ok(format!("visit {visits}"))
//! }
//!
//! pub fn app(secret: String, is_development: bool) -> Result<Router, Error> {
//!     let codec = SessionCodec::new(KeyRing::new(SecretKey::new(secret)?));
//!     // Browsers drop `Secure` cookies over plain HTTP (some except on localhost): then every
//!     // visit would be the first.
//!     let cookie = SetCookie::new("sessionid").with_secure(!is_development);
//!     let settings = SessionSettings::default().with_cookie(cookie)?;
//!     let sessions = SessionMiddleware::new(codec).with_settings(settings)?;
//!     Ok(Router::new().route("/", get(visits)).layer(SessionLayer::new(sessions)))
//! }
//! # }
//! ```
//!
//! # The codec alone
//!
//! ```
//! use hardtack::{KeyRing, SecretKey, Session, SessionCodec};
//!
//! let key = SecretKey::new("an-example-of-50-characters-or-so-made-by-a-generator")?;
//! let codec = SessionCodec::new(KeyRing::new(key));
//!
//! let mut session = Session::new();
//! session.insert("user", "Zoë")?;
//! let cookie = codec.encode(&session, 1_700_000_000)?; // seconds, or `Timestamp::now()`
//!
//! let session = codec.decode(&cookie, 1_700_000_060)?;
//! assert_eq!(session.get::<String>("user")?.as_deref(), Some("Zoë"));
//! # Ok::<(), hardtack::Error>(())
//! ```
//!
//! # The types
//!
//! | for | types |
//! |---|---|
//! | keys | [`SecretKey`], [`KeyRing`] |
//! | session | [`Session`], [`Expiry`]; its values as [`JsonText`] |
//! | codec | [`SessionCodec`], [`Compression`], [`MaxAge`], [`Timestamp`]; [`Verified`], the proof of a signature; [`SizeReport`] of [`MemberSize`]s |
//! | cookies | [`SetCookie`], [`SameSite`], [`cookie::find`] with its [`cookie::Candidates`] |
//! | requests | [`SessionHandle`], [`SessionSettings`]; [`SessionMiddleware`] with [`Loaded`], [`Answer`], [`Header`]; [`LogId`] |
//! | layer | [`tower::SessionLayer`] with [`tower::SessionService`], [`tower::ResponseFuture`]; [`tower::PendingSession`]; [`tower::Unsent`], [`tower::ErrorHandler`], [`tower::BareStatus`] |
//! | stores | [`SessionStore`] with [`Load`], [`Found`], [`Save`], [`Clear`], [`StoreError`]; [`SessionKey`], [`RecordCodec`]; [`KeyMiddleware`] with [`Lookup`], [`Step`], [`Action`], [`Outcome`] |
//! | logins | [`auth::AuthHasher`]; [`axum::UserLoader`], [`axum::SignedIn`], [`axum::LoginRequired`], [`axum::UserRejection`] |
//! | signing | [`signing::Signer`] with [`signing::SignedText`], [`signing::TimestampSigner`] with [`signing::StampedText`] |
//! | errors | [`Error`] |
//!
//! # Features
//!
//! `std` and `compress` are on by default, `tower` and `axum` are not; `axum` enables `tower`, and `tower` enables
//! `std`. Without `compress`, decoding a compressed cookie fails with [`Error::CompressionDisabled`]. Without any feature, the
//! crate needs only an allocator.
//!
//! # More
//!
//! Pages about [limits](docs::limits), [errors](docs::errors), the [wire format](docs::wire_format), the
//! [threat model](docs::threats), [performance](docs::performance), the [architecture](docs::architecture), and the [changelog](docs::changelog).
#![doc = concat!("Examples to run are in the [repository](", env!("CARGO_PKG_REPOSITORY"), ").")]
//!
//! [`hardtack-stores`]: https://docs.rs/hardtack-stores
// Items that the enabled features do not have are linked on docs.rs.
#![cfg_attr(
    not(feature = "axum"),
    doc = "
[`tower::SessionLayer`]: https://docs.rs/hardtack/latest/hardtack/tower/struct.SessionLayer.html
[`tower::SessionService`]: https://docs.rs/hardtack/latest/hardtack/tower/struct.SessionService.html
[`tower::ResponseFuture`]: https://docs.rs/hardtack/latest/hardtack/tower/struct.ResponseFuture.html
[`tower::PendingSession`]: https://docs.rs/hardtack/latest/hardtack/tower/struct.PendingSession.html
[`tower::Unsent`]: https://docs.rs/hardtack/latest/hardtack/tower/struct.Unsent.html
[`tower::ErrorHandler`]: https://docs.rs/hardtack/latest/hardtack/tower/trait.ErrorHandler.html
[`tower::BareStatus`]: https://docs.rs/hardtack/latest/hardtack/tower/struct.BareStatus.html
[`axum::UserLoader`]: https://docs.rs/hardtack/latest/hardtack/axum/trait.UserLoader.html
[`axum::SignedIn`]: https://docs.rs/hardtack/latest/hardtack/axum/struct.SignedIn.html
[`axum::LoginRequired`]: https://docs.rs/hardtack/latest/hardtack/axum/struct.LoginRequired.html
[`axum::UserRejection`]: https://docs.rs/hardtack/latest/hardtack/axum/enum.UserRejection.html"
)]
#![cfg_attr(
    not(feature = "std"),
    doc = "
[`SessionHandle`]: https://docs.rs/hardtack/latest/hardtack/struct.SessionHandle.html"
)]
#![no_std]
#![warn(unreachable_pub, clippy::panic, clippy::unwrap_used)]
// An index or a slice out of range panics, so each that is left says why it is in range.
#![cfg_attr(not(test), warn(clippy::indexing_slicing, clippy::string_slice))]
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

// Secret keys, HMAC-SHA256 and the comparison of its results, and the type that proves that text was verified; ids that
// are safe to log.
mod equal;
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

// Pages of the documentation. Their snippets need all features; the pages do not, so docs.rs must not say that they do.
#[cfg(any(all(doc, not(doctest)), all(doctest, feature = "axum")))]
#[cfg_attr(docsrs, doc(auto_cfg = false))]
pub mod docs;

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
pub use session::{Expiry, JsonText, Session};
pub use session_key::SessionKey;
pub use settings::{SESSION_COOKIE_NAME, SessionSettings};
pub use store::{Clear, Found, Load, Save, SessionStore, StoreError};
pub use timestamp::{MaxAge, Timestamp};
pub use verified::Verified;
