//! Sessions in axum: the handle as a handler's argument (feature `axum`).
//!
//! [`SessionLayer`](crate::tower::SessionLayer) goes onto the router; a handler takes a
//! [`SessionHandle`], or an `Option` of one where it may stand without the layer.
//!
//! ```
//! use axum::{Router, http::StatusCode, routing::post};
//! use hardtack::tower::{SessionHandle, SessionLayer};
//! use hardtack::{Error, KeyRing, SecretKey, SessionCodec, SessionMiddleware};
//!
//! async fn add(session: SessionHandle) -> Result<String, StatusCode> {
//!     let cart = session.write(|session| {
//!         let mut cart: Vec<u64> = session.get("cart")?.unwrap_or_default();
//!         cart.push(4711);
//!         session.insert("cart", &cart)?;
//!         Ok(cart)
//!     });
//!     let cart = cart.map_err(|_: Error| StatusCode::INTERNAL_SERVER_ERROR)?;
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

use core::convert::Infallible;
use core::fmt;
use core::future::{self, Future};

use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use axum_core::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;

use crate::tower::SessionHandle;

#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
impl<S> FromRequestParts<S> for SessionHandle {
    type Rejection = MissingLayer;

    fn from_request_parts(
        parts: &mut Parts,
        _: &S,
    ) -> impl Future<Output = Result<Self, MissingLayer>> + Send {
        future::ready(parts.extensions.get().cloned().ok_or(MissingLayer))
    }
}

#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
impl<S> OptionalFromRequestParts<S> for SessionHandle {
    type Rejection = Infallible;

    fn from_request_parts(
        parts: &mut Parts,
        _: &S,
    ) -> impl Future<Output = Result<Option<Self>, Infallible>> + Send {
        future::ready(Ok(parts.extensions.get().cloned()))
    }
}

/// A handler asked for a session, and there is no [`SessionLayer`](crate::tower::SessionLayer) around it: a mistake of
/// the program, so the response is a 500.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MissingLayer;

impl fmt::Display for MissingLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no session: hardtack's SessionLayer is missing around this handler")
    }
}

impl core::error::Error for MissingLayer {}

impl IntoResponse for MissingLayer {
    fn into_response(self) -> Response {
        use alloc::string::ToString;

        (StatusCode::INTERNAL_SERVER_ERROR, self.to_string()).into_response()
    }
}
