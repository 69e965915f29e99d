//! Sessions in axum (feature `axum`).
//!
//! [`SessionLayer`](crate::tower::SessionLayer) goes onto the router. A handler takes a [`SessionHandle`] as an argument: the
//! session of the innermost layer, loaded. It takes an `Option` of one where it may run without the layer, or a
//! [`PendingSession`] where there are several sessions.
//!
//! [`Error`] is a response: a 500 with the error's sentence, which has no content of a session in it, and an event of the
//! level `ERROR`.
//!
//! ```
//! use axum::{Router, routing::post};
//! use hardtack::tower::SessionLayer;
//! use hardtack::{Error, KeyRing, SecretKey, SessionCodec, SessionHandle, SessionMiddleware};
//!
//! async fn add(session: SessionHandle) -> Result<String, Error> {
//!     let mut cart: Vec<u64> = session.get("cart")?.unwrap_or_default();
//!     cart.push(4711);
//!     session.insert("cart", &cart)?;
//!     Ok(format!("{} articles", cart.len()))
//! }
//!
//! let key = SecretKey::new("an-example-of-50-characters-or-so-made-by-a-generator")?;
//! let sessions = SessionMiddleware::new(SessionCodec::new(KeyRing::new(key)));
//! let app: Router = Router::new()
//!     .route("/cart", post(add))
//!     .layer(SessionLayer::new(sessions));
//! # Ok::<(), Error>(())
//! ```

use alloc::string::ToString;

use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use axum_core::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;

use crate::error::Error;
use crate::handle::SessionHandle;
use crate::tower::PendingSession;

/// The session that is not loaded yet. The rejection is [`Error::MissingLayer`].
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
impl<S: Sync> FromRequestParts<S> for PendingSession {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        parts.extensions.get().cloned().ok_or(Error::MissingLayer)
    }
}

/// The session, loaded. The rejection is [`Error::MissingLayer`], or what [`PendingSession::load`] fails with.
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
impl<S: Sync> FromRequestParts<S> for SessionHandle {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        PendingSession::from_request_parts(parts, state)
            .await?
            .load()
            .await
    }
}

/// The session, loaded, or `None` without a layer.
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
impl<S: Sync> OptionalFromRequestParts<S> for SessionHandle {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Error> {
        match parts.extensions.get::<PendingSession>().cloned() {
            Some(pending) => pending.load().await.map(Some),
            None => Ok(None),
        }
    }
}

/// A 500 with the error's sentence as plain text, and an event of the level `ERROR`.
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        tracing::error!(target: "hardtack", error = %self, "a handler failed");
        (StatusCode::INTERNAL_SERVER_ERROR, self.to_string()).into_response()
    }
}
