//! The layer and its service, which handle the request.

use alloc::sync::Arc;
use core::fmt;
use core::task::{Context, Poll};

use http::header::COOKIE;
use http::{Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use super::engine::Engine;
use super::pending::PendingSession;
use super::response::{Common, ResponseFuture};
use super::unsent::{BareStatus, ErrorHandler, Unsent};
use crate::middleware::{KeyMiddleware, SessionMiddleware};
use crate::settings::SessionSettings;
use crate::store::SessionStore;
use crate::timestamp::Timestamp;

/// Gives every request a [`PendingSession`], and sends the session with the response.
///
/// Two layers around one handler have two sessions if their cookies have different names. With the same name, the same
/// codec and the same settings, they share one session, which the outer layer sends. Over a store, they share one only
/// if one layer is a clone of the other. Otherwise, every response comes from the error handler, with
/// [`Error::ConflictingLayers`](crate::Error::ConflictingLayers), and no session can be loaded.
///
/// `H` is the type of the error handler. It can be omitted for the default one.
#[derive(Clone)]
#[doc(alias("SessionMiddleware", "MIDDLEWARE"))]
pub struct SessionLayer<H = BareStatus>(Common<H>);

impl SessionLayer {
    /// Creates a layer for sessions in the cookie, with the system's clock. If a session cannot be sent, it sends a bare
    /// error status.
    ///
    /// The clock panics on `wasm32-unknown-unknown`, as [`Timestamp::now`] does: set another one there.
    pub fn new(middleware: SessionMiddleware) -> Self {
        Self::with_engine(Engine::Cookie(middleware))
    }

    /// Creates a layer for sessions in a store: one of the package `hardtack-stores`, or your own. Handlers see no difference
    /// from [`new`](Self::new).
    ///
    /// Clones of the layer share the store. Two layers that are made from the same `Arc` of a store do not count as
    /// sharing it: with the same cookie name around one handler, they conflict.
    pub fn stored<S: SessionStore + 'static>(store: S, settings: SessionSettings) -> Self {
        Self::with_engine(Engine::Stored {
            middleware: KeyMiddleware::new(settings),
            store: Arc::new(store),
        })
    }

    fn with_engine(engine: Engine) -> Self {
        Self(Common {
            engine: Arc::new(engine),
            clock: Arc::new(Timestamp::now),
            error_handler: BareStatus,
        })
    }
}

impl<H> SessionLayer<H> {
    /// Sets the clock. Defaults to the system's. It is read for each request, and for each response whose session was
    /// loaded.
    #[must_use]
    pub fn with_clock<T: Into<Timestamp>>(
        mut self,
        clock: impl Fn() -> T + Send + Sync + 'static,
    ) -> Self {
        self.0.clock = Arc::new(move || clock().into());
        self
    }

    /// Sets the handler that makes the response if the session cannot be sent. Defaults to [`BareStatus`], which requires
    /// a response body that implements `Default`.
    ///
    /// The handler gets the reason and the service's response, and returns the response to send. The layer logs the
    /// error before it calls the handler, and adds `Vary: Cookie`, but no session, to the response.
    ///
    /// ```
    /// use hardtack::tower::SessionLayer;
    /// # use hardtack::{KeyRing, SecretKey, SessionCodec, SessionMiddleware};
    /// use http::{Response, StatusCode};
    /// # let key = SecretKey::new("an-example-of-50-characters-or-so-made-by-a-generator")?;
    /// # let sessions = SessionMiddleware::new(SessionCodec::new(KeyRing::new(key)));
    ///
    /// let layer = SessionLayer::new(sessions).with_error_handler(|unsent, mut response| {
    ///     // For developers: the error, and the keys that take the space.
    ///     *response.body_mut() = unsent.to_string();
    ///     *response.status_mut() = StatusCode::INSUFFICIENT_STORAGE;
    ///     response
    /// });
    /// # let _: SessionLayer<_> = layer;
    /// # Ok::<(), hardtack::Error>(())
    /// ```
    #[must_use]
    pub fn with_error_handler<B, F>(self, error_handler: F) -> SessionLayer<F>
    where
        F: Fn(Unsent, Response<B>) -> Response<B>,
    {
        SessionLayer(Common {
            engine: self.0.engine,
            clock: self.0.clock,
            error_handler,
        })
    }
}

impl<H> fmt::Debug for SessionLayer<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionLayer")
            .field("settings", self.0.engine.settings())
            .finish_non_exhaustive()
    }
}

impl<S, H: Clone> Layer<S> for SessionLayer<H> {
    type Service = SessionService<S, H>;

    fn layer(&self, inner: S) -> Self::Service {
        SessionService {
            inner,
            layer: self.clone(),
        }
    }
}

/// A service whose requests have sessions, created by [`SessionLayer`].
#[derive(Clone, Debug)]
pub struct SessionService<S, H = BareStatus> {
    inner: S,
    layer: SessionLayer<H>,
}

impl<S, H, RequestBody, ResponseBody> Service<Request<RequestBody>> for SessionService<S, H>
where
    S: Service<Request<RequestBody>, Response = Response<ResponseBody>>,
    H: ErrorHandler<ResponseBody> + Clone,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, H, ResponseBody>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<RequestBody>) -> Self::Future {
        let common = self.layer.0.clone();
        let (pending, role) = PendingSession::new(
            &common.engine,
            request.headers().get_all(COOKIE),
            (common.clock)(),
            request.extensions().get(),
        );
        request.extensions_mut().insert(pending.clone());
        ResponseFuture::new(self.inner.call(request), pending, role, common)
    }
}
