//! Sessions in a tower stack: a layer that gives each request its session and sends it back (feature `tower`).
//!
//! - [`SessionLayer`], the layer, and [`SessionService`], the service that it creates
//! - [`PendingSession`], in the request's extensions: loads the session when a handler asks for it, as a
//!   [`SessionHandle`](crate::SessionHandle)
//! - [`Unsent`], why a session cannot be sent, and [`ErrorHandler`], which makes the response in that case
//!
//! The layer works with any service that takes an [`http::Request`] and returns an [`http::Response`], whatever their
//! bodies. It only changes the headers `Set-Cookie` and `Vary` of a response, so a streaming body keeps streaming. It
//! decides as [`SessionMiddleware`](crate::SessionMiddleware) does for sessions in the cookie, and as
//! [`KeyMiddleware`](crate::KeyMiddleware) for sessions in a store. If the session cannot be sent, the error handler
//! makes the response.
//!
//! The layer asks the store when a handler loads the session, and again when the handler has returned a response whose
//! session must be saved. A request that only reads the session costs one call of the store. One that changes it
//! usually costs one more, or two more if the session gets a new key. A response waits until its session is saved.
//!
//! Events go to `tracing`, with the target `hardtack`. No event contains a value of a session.
//!
//! | level | event |
//! |---|---|
//! | `ERROR` | a changed session that could not be sent, with its largest keys and their sizes if it is too large; a store that failed; layers that conflict |
//! | `WARN` | a change that is not saved: the status is 101 or at least 500, a new session has already expired, the service failed, or the response was already made; an unchanged session that could not be sent again; a record that cannot be read, which is left alone |
//! | `DEBUG` | a cookie that was refused, with the reason, when the session is loaded |
//!
//! ```
//! use hardtack::tower::{PendingSession, SessionLayer};
//! use hardtack::{Error, KeyRing, SecretKey, SessionCodec, SessionMiddleware};
//! use http::{Request, Response};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//!
//! async fn count(request: Request<()>) -> Result<Response<String>, Error> {
//!     let pending: &PendingSession = request.extensions().get().ok_or(Error::MissingLayer)?;
//!     let session = pending.load().await?;
//!     let visits = session.get("visits")?.unwrap_or(0) + 1;
//!     session.insert("visits", visits)?;
//!     Ok(Response::new(format!("visit {visits}")))
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Error> {
//! let key = SecretKey::new("an-example-of-50-characters-or-so-made-by-a-generator")?;
//! let sessions = SessionMiddleware::new(SessionCodec::new(KeyRing::new(key)));
//! let service = ServiceBuilder::new()
//!     .layer(SessionLayer::new(sessions))
//!     .service(service_fn(count));
//!
//! let response = service.oneshot(Request::new(())).await?;
//! assert!(response.headers().contains_key("set-cookie"));
//! assert_eq!(response.headers()["vary"], "Cookie");
//! # Ok(())
//! # }
//! ```

mod engine;
mod layer;
mod pending;
mod response;
mod unsent;

pub use layer::{SessionLayer, SessionService};
pub use pending::PendingSession;
pub use response::ResponseFuture;
pub use unsent::{BareStatus, ErrorHandler, Unsent};
