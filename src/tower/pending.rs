//! A request's session before a handler has asked for it.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::sync::atomic::{AtomicBool, Ordering};
use std::sync::OnceLock;

use http::HeaderValue;

use crate::error::Error;
use crate::handle::SessionHandle;
use crate::middleware::SessionMiddleware;
use crate::timestamp::Timestamp;

/// A request's session, which is loaded when a handler asks for it. [`SessionLayer`](super::SessionLayer) puts it into
/// the request's extensions. Clones share the same session.
///
/// If no handler asks for it, no cookie is verified, and the response does not vary on the cookie (unless [every
/// request](crate::SessionSettings::with_save_every_request) saves the session).
///
/// ```
/// use hardtack::tower::PendingSession;
/// use hardtack::{Error, SessionHandle};
/// use http::Request;
///
/// /// The site's session, and that of an outer layer whose cookie is called `admin`.
/// async fn sessions<B>(request: &Request<B>) -> Result<(SessionHandle, SessionHandle), Error> {
///     let site = request.extensions().get::<PendingSession>().ok_or(Error::MissingLayer)?;
///     let admin = site.named("admin").ok_or(Error::MissingLayer)?;
///     Ok((site.load().await?, admin.load().await?))
/// }
/// ```
#[derive(Clone)]
pub struct PendingSession {
    shared: Arc<Shared>,
    /// The session of the next layer around this one.
    outer: Option<Arc<PendingSession>>,
}

struct Shared {
    middleware: Arc<SessionMiddleware>,
    cookies: Vec<HeaderValue>,
    now: Timestamp,
    /// An outer layer has the same cookie name and different settings, so this session cannot be loaded.
    conflicts: bool,
    handle: OnceLock<SessionHandle>,
    /// The service has returned, so a session that is loaded from now on is not sent.
    is_answered: AtomicBool,
}

/// What a layer does with the response.
pub(super) enum Role {
    /// It sends its session.
    Answers,
    /// Nothing: an outer layer sends the same session.
    Defers,
    /// It refuses it: an outer layer has the same cookie name and different settings.
    Conflicts,
}

impl PendingSession {
    /// Returns the session of a layer, and what the layer does with the response. `outer` is the session of the next
    /// layer around it.
    pub(super) fn new<'h>(
        middleware: &Arc<SessionMiddleware>,
        cookies: impl IntoIterator<Item = &'h HeaderValue>,
        now: Timestamp,
        outer: Option<&Self>,
    ) -> (Self, Role) {
        let same = outer.and_then(|outer| outer.named(&middleware.settings.cookie.name));
        let is_alike = |same: &Self| {
            let other = &same.shared.middleware;
            Arc::ptr_eq(middleware, other) || middleware.is_like(other)
        };
        let role = match &same {
            None => Role::Answers,
            Some(same) if is_alike(same) => Role::Defers,
            Some(_) => Role::Conflicts,
        };
        let shared = match same {
            Some(same) if matches!(role, Role::Defers) => same.shared,
            _ => Arc::new(Shared {
                middleware: Arc::clone(middleware),
                cookies: cookies.into_iter().cloned().collect(),
                now,
                conflicts: matches!(role, Role::Conflicts),
                handle: OnceLock::new(),
                is_answered: AtomicBool::new(false),
            }),
        };
        let outer = outer.cloned().map(Arc::new);
        (Self { shared, outer }, role)
    }

    /// Loads the session. The first call verifies the cookies; later calls return handles of the same session.
    ///
    /// For a session in a cookie, this never waits. It is `async` so that handlers stay the same when sessions move to
    /// a store.
    ///
    /// # Errors
    ///
    /// [`Error::ConflictingLayers`]. A refused cookie is not an error: the session is empty.
    #[expect(
        clippy::unused_async,
        reason = "sessions of other engines are waited for"
    )]
    pub async fn load(&self) -> Result<SessionHandle, Error> {
        if self.shared.conflicts {
            return Err(Error::ConflictingLayers);
        }
        Ok(self.handle().clone())
    }

    /// Returns the session whose cookie has this name, of this layer or one around it.
    #[must_use]
    pub fn named(&self, cookie_name: &str) -> Option<Self> {
        let mut pending = self;
        while pending.name() != cookie_name {
            pending = pending.outer.as_deref()?;
        }
        Some(pending.clone())
    }

    fn name(&self) -> &str {
        &self.shared.middleware.settings.cookie.name
    }

    /// Returns the session if it is loaded, or loads it if `must_be` is set. Called when the service has returned.
    pub(super) fn loaded(&self, must_be: bool) -> Option<&SessionHandle> {
        self.shared.is_answered.store(true, Ordering::SeqCst);
        if must_be {
            Some(self.handle())
        } else {
            self.shared.handle.get()
        }
    }

    fn handle(&self) -> &SessionHandle {
        let shared = &self.shared;
        let mut refusal = None;
        let handle = shared.handle.get_or_init(|| {
            let loaded = shared.middleware.load(&shared.cookies, shared.now);
            refusal = loaded.refused();
            SessionHandle::new(loaded, shared.is_answered.load(Ordering::SeqCst))
        });
        // Logged only now, since the subscriber may ask for the session.
        if let Some(error) = refusal {
            // Anyone can send such a cookie, and old ones are common, so this is not worth a higher level.
            tracing::debug!(target: "hardtack", %error, "a session's cookie was refused");
        }
        handle
    }
}

impl fmt::Debug for PendingSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingSession")
            .field("cookie", &self.name())
            .field("is_loaded", &self.shared.handle.get().is_some())
            .finish_non_exhaustive()
    }
}
