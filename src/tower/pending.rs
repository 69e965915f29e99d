//! A request's session before a handler has asked for it.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use http::HeaderValue;

use super::engine::{Engine, StoreFailure};
use crate::error::Error;
use crate::handle::SessionHandle;
use crate::middleware::Loaded;
use crate::timestamp::Timestamp;

/// A request's session, which is loaded when a handler asks for it. [`SessionLayer`](super::SessionLayer) puts it into
/// the request's extensions. Clones share the same session.
///
/// If no handler asks for it, no cookie is verified and no store is asked, and the response does not vary on the cookie
/// (unless [every request](crate::SessionSettings::with_save_every_request) saves the session).
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
    engine: Arc<Engine>,
    cookies: Vec<HeaderValue>,
    now: Timestamp,
    /// Whether an outer layer has the same cookie name, and different settings or stores, so that this session cannot be
    /// loaded.
    conflicts: bool,
    handle: OnceLock<SessionHandle>,
    /// Why the session could not be loaded, if the store failed.
    failure: Mutex<Option<StoreFailure>>,
    /// Whether the service has returned, so that a session that is loaded from now on is not sent.
    is_answered: AtomicBool,
}

/// What a layer does with the response.
pub(super) enum Role {
    /// It sends its session.
    Answers,
    /// Nothing: an outer layer sends the same session.
    Defers,
    /// It refuses it: an outer layer has the same cookie name, and different settings or stores.
    Conflicts,
}

impl PendingSession {
    /// Returns the session of a layer, and what the layer does with the response. `outer` is the session of the next
    /// layer around it.
    pub(super) fn new<'h>(
        engine: &Arc<Engine>,
        cookies: impl IntoIterator<Item = &'h HeaderValue>,
        now: Timestamp,
        outer: Option<&Self>,
    ) -> (Self, Role) {
        let same = outer.and_then(|outer| outer.named(&engine.settings().cookie.name));
        let is_alike = |same: &Self| {
            let other = &same.shared.engine;
            Arc::ptr_eq(engine, other) || engine.is_like(other)
        };
        let role = match &same {
            None => Role::Answers,
            Some(same) if is_alike(same) => Role::Defers,
            Some(_) => Role::Conflicts,
        };
        let shared = match same {
            Some(same) if matches!(role, Role::Defers) => same.shared,
            _ => Arc::new(Shared {
                engine: Arc::clone(engine),
                cookies: cookies.into_iter().cloned().collect(),
                now,
                conflicts: matches!(role, Role::Conflicts),
                handle: OnceLock::new(),
                failure: Mutex::new(None),
                is_answered: AtomicBool::new(false),
            }),
        };
        let outer = outer.cloned().map(Arc::new);
        (Self { shared, outer }, role)
    }

    /// Loads the session. The first call verifies the cookies, or asks the store; later calls return handles to the
    /// same session. For a session in a cookie, this never waits.
    ///
    /// # Errors
    ///
    /// - [`Error::ConflictingLayers`]: an outer layer has the same cookie name, and different settings or stores
    /// - [`Error::StoreFailed`]: the layer's error handler then makes the response, unless a later call succeeds
    ///
    /// A refused cookie, or a record that cannot be read, is not an error: the session is empty, and
    /// [`SessionHandle::refusal`] returns why.
    pub async fn load(&self) -> Result<SessionHandle, Error> {
        let Shared {
            engine,
            cookies,
            now,
            handle,
            ..
        } = &*self.shared;
        if self.shared.conflicts {
            return Err(Error::ConflictingLayers);
        }
        if let Some(handle) = handle.get() {
            return Ok(handle.clone());
        }
        match engine.load(cookies, *now).await {
            Ok(loaded) => Ok(self.set(loaded)),
            Err(failure) => {
                let kept = self.shared.failure.lock();
                *kept.unwrap_or_else(PoisonError::into_inner) = Some(failure);
                Err(Error::StoreFailed)
            }
        }
    }

    /// Returns the session whose cookie has this name, from this layer or one around it, or `None` if no layer has this
    /// name.
    #[must_use]
    pub fn named(&self, cookie_name: &str) -> Option<Self> {
        let mut pending = self;
        while pending.name() != cookie_name {
            pending = pending.outer.as_deref()?;
        }
        Some(pending.clone())
    }

    fn name(&self) -> &str {
        &self.shared.engine.settings().cookie.name
    }

    /// Returns the session if it is loaded. Called once the service has returned: a session that is loaded later is not
    /// sent.
    pub(super) fn loaded(&self) -> Option<&SessionHandle> {
        self.shared.is_answered.store(true, Ordering::SeqCst);
        self.shared.handle.get()
    }

    /// Returns why the store failed to load the session.
    pub(super) fn failure(&self) -> Option<StoreFailure> {
        let failure = self.shared.failure.lock();
        failure.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, loaded: Loaded) -> SessionHandle {
        let shared = &self.shared;
        let mut refusal = None;
        let handle = shared.handle.get_or_init(|| {
            refusal = loaded.refused();
            SessionHandle::new(loaded, shared.is_answered.load(Ordering::SeqCst))
        });
        // Logged only now, since the subscriber may ask for the session.
        match refusal {
            // A key or a setting differs from the site's, or another program wrote the record.
            Some(error) if shared.engine.is_record(error) => {
                tracing::warn!(target: "hardtack", %error, "a session's record cannot be read, and is left alone");
            }
            // Anyone can send such a cookie, and old ones are common, so this is not worth a higher level.
            Some(error) => {
                tracing::debug!(target: "hardtack", %error, "a session's cookie was refused");
            }
            None => (),
        }
        handle.clone()
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
