//! Sessions in axum (feature `axum`).
//!
//! Add [`SessionLayer`](crate::tower::SessionLayer) to the router. A handler then takes a [`SessionHandle`] as an
//! argument: the loaded session of the innermost layer. If it may run without the layer, it takes an
//! `Option<SessionHandle>`; if there are several sessions, it takes a [`PendingSession`].
//!
//! [`Error`] implements `IntoResponse`: its status ([`Error::status`], mostly 500) with the error's message, which holds
//! nothing of a session, and an event at level `ERROR`.
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

/// Extracts the session without loading it. The rejection is [`Error::MissingLayer`].
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
impl<S: Sync> FromRequestParts<S> for PendingSession {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        parts.extensions.get().cloned().ok_or(Error::MissingLayer)
    }
}

/// Extracts the session and loads it. The rejection is [`Error::MissingLayer`], or the error of
/// [`PendingSession::load`].
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

/// Extracts the session and loads it, or returns `None` without a layer.
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

/// Returns the error's status with its message as plain text, and logs an event at level `ERROR`.
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        tracing::error!(target: "hardtack", error = %self, "a handler failed");
        let status = StatusCode::from_u16(self.status());
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, self.to_string()).into_response()
    }
}
