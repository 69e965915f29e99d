//! The layer and its service, which handle the request.

use alloc::sync::Arc;
use core::fmt;
use core::task::{Context, Poll};

use http::header::COOKIE;
use http::{Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use super::pending::PendingSession;
use super::response::{Common, ResponseFuture};
use super::unsent::{Bare500, ErrorHandler, Unsent};
use crate::middleware::SessionMiddleware;
use crate::timestamp::Timestamp;

/// Gives every request a [`PendingSession`], and sends the session with the response.
///
/// Two layers around one handler have two sessions if their cookies have different names. With the same name and the
/// same settings, they share one session, which the outer layer sends. With the same name and different settings
/// (another codec, for example), every response comes from the error handler, with
/// [`Error::ConflictingLayers`](crate::Error::ConflictingLayers), and no session can be loaded.
///
/// `H` is the error handler. The default does not have to be named.
#[derive(Clone)]
#[doc(alias("SessionMiddleware", "MIDDLEWARE"))]
pub struct SessionLayer<H = Bare500>(Common<H>);

impl SessionLayer {
    /// Creates a layer with the system's clock, which sends a bare 500 if a session cannot be sent.
    ///
    /// The clock panics on `wasm32-unknown-unknown`, as [`Timestamp::now`] does: set another one there.
    pub fn new(middleware: SessionMiddleware) -> Self {
        Self(Common {
            middleware: Arc::new(middleware),
            clock: Arc::new(Timestamp::now),
            error_handler: Bare500,
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

    /// Sets the handler that makes the response if the session cannot be sent. Defaults to [`Bare500`], which requires
    /// a response body that implements `Default`.
    ///
    /// The handler gets the reason and the service's response, and returns the response to send. The layer logs the
    /// error before, and adds `Vary: Cookie`, but no session.
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
            middleware: self.0.middleware,
            clock: self.0.clock,
            error_handler,
        })
    }
}

impl<H> fmt::Debug for SessionLayer<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionLayer")
            .field("middleware", &self.0.middleware)
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
pub struct SessionService<S, H = Bare500> {
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
    type Future = ResponseFuture<S::Future, H>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<RequestBody>) -> Self::Future {
        let common = self.layer.0.clone();
        let (pending, role) = PendingSession::new(
            &common.middleware,
            request.headers().get_all(COOKIE),
            (common.clock)(),
            request.extensions().get(),
        );
        request.extensions_mut().insert(pending.clone());
        ResponseFuture::new(self.inner.call(request), pending, role, common)
    }
}
