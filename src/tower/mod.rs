//! Sessions in a tower stack: a layer that gives every request its session, and answers for it (feature `tower`).
//!
//! - [`SessionLayer`], the layer, and [`SessionService`], what it makes of a service
//! - [`SessionHandle`], in the request's extensions: how a handler reads and changes the session
//! - [`Unsent`], [`ErrorHandler`]: what happens to a response whose session cannot be sent
//!
//! Any service of [`http::Request`] and [`http::Response`] will do, with any bodies. Of a response the layer touches
//! the headers `Set-Cookie` and `Vary`, so a body that streams keeps streaming; of a `101 Switching Protocols` it
//! touches nothing. It decides as [`SessionMiddleware`](crate::SessionMiddleware) does.
//!
//! Events go to `tracing`, with the target `hardtack`: at the level `ERROR` a session that could not be sent, with its
//! keys and their sizes; at `DEBUG` a cookie that was refused, with the reason. No event holds a value of a session.
//!
//! ```
//! use hardtack::tower::{SessionHandle, SessionLayer};
//! use hardtack::{Error, KeyRing, SecretKey, SessionCodec, SessionMiddleware};
//! use http::{Request, Response};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//!
//! async fn count(request: Request<()>) -> Result<Response<String>, Error> {
//!     let session: &SessionHandle = request.extensions().get().expect("the layer put it there");
//!     let visits = session.write(|session| {
//!         let visits = session.get("visits")?.unwrap_or(0) + 1;
//!         session.insert("visits", visits)?;
//!         Ok::<u32, Error>(visits)
//!     })?;
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

mod handle;
mod layer;
mod response;
mod unsent;

pub use handle::SessionHandle;
pub use layer::{SessionLayer, SessionService};
pub use response::ResponseFuture;
pub use unsent::{Bare500, ErrorHandler, Unsent};
