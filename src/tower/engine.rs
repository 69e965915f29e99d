//! Where a layer's sessions are: in the cookie, or in a store.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::pin::Pin;

use http::HeaderValue;

use crate::error::Error;
use crate::middleware::{KeyMiddleware, Loaded, Outcome, SessionMiddleware, Step};
use crate::report::SizeReport;
use crate::session::Session;
use crate::session_key::SessionKey;
use crate::settings::SessionSettings;
use crate::store::{Found, Load, SessionStore, StoreError};
use crate::timestamp::Timestamp;

pub(super) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A store's own error.
pub(super) type StoreFailure = Arc<dyn core::error::Error + Send + Sync>;

/// Where the sessions are.
#[expect(clippy::large_enum_variant, reason = "a layer has one, on the heap")]
pub(super) enum Engine {
    /// In the cookie.
    Cookie(SessionMiddleware),
    /// In a store, and the cookie has the key.
    Stored {
        middleware: KeyMiddleware,
        store: Arc<dyn AnyStore>,
    },
}

/// The step that a store has run for a response, and its outcome. `None` if the store only loaded the session.
pub(super) type Done = Option<(Step, Result<Outcome, StoreFailure>)>;

/// A [`SessionStore`] of any type, so that handlers and extractors do not depend on the type. Each call costs a boxed
/// future, which is cheap compared with a query.
pub(super) trait AnyStore: Send + Sync {
    fn new_session(&self) -> Session;

    fn load<'a>(
        &'a self,
        load: Load<'a>,
    ) -> BoxFuture<'a, Result<Option<Found>, StoreError<StoreFailure>>>;

    fn run(self: Arc<Self>, step: Step) -> BoxFuture<'static, Done>;
}

impl<S: SessionStore + 'static> AnyStore for S {
    fn new_session(&self) -> Session {
        SessionStore::new_session(self)
    }

    fn load<'a>(
        &'a self,
        load: Load<'a>,
    ) -> BoxFuture<'a, Result<Option<Found>, StoreError<StoreFailure>>> {
        Box::pin(async move {
            let found = SessionStore::load(self, load).await;
            found.map_err(|error| error.map(|error| Arc::new(error) as StoreFailure))
        })
    }

    fn run(self: Arc<Self>, step: Step) -> BoxFuture<'static, Done> {
        Box::pin(async move {
            let outcome = step.run(&*self, new_key).await;
            Some((
                step,
                outcome.map_err(|error| Arc::new(error) as StoreFailure),
            ))
        })
    }
}

fn new_key() -> Option<SessionKey> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).ok()?;
    Some(SessionKey::from_random(bytes))
}

impl Engine {
    pub(super) fn settings(&self) -> &SessionSettings {
        match self {
            Self::Cookie(middleware) => &middleware.settings,
            Self::Stored { middleware, .. } => &middleware.settings,
        }
    }

    /// Returns whether another engine has the same sessions and settings. One with a store never does, because each engine
    /// has a store of its own.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Cookie(this), Self::Cookie(other)) => this.is_like(other),
            _ => false,
        }
    }

    /// Returns whether a session was refused because of its record, and not because of its cookie.
    pub(super) fn is_record(&self, refusal: Error) -> bool {
        let of_cookie = matches!(refusal, Error::NotASessionKey | Error::UnknownSessionKey);
        matches!(self, Self::Stored { .. }) && !of_cookie
    }

    /// Returns the sizes of the session's keys, if it was not sent because it is too large.
    pub(super) fn size_report(&self, error: Error, session: &Session) -> Option<SizeReport> {
        // The error tells the length of the value, so nothing is encoded again.
        let name = match self {
            Self::Cookie(middleware) => Some(middleware.settings.cookie.name.as_str()),
            Self::Stored { .. } => None,
        };
        let (length, limit) = match error {
            Error::JsonTooLong { limit } => return Some(SizeReport::of_json(session, limit)),
            Error::TooLong { length, limit } => (length, limit),
            Error::CookieTooLarge { size, limit } => (size.saturating_sub(name?.len()), limit),
            _ => return None,
        };
        Some(SizeReport::of_value(session, length, limit).with_cookie_name(name?))
    }

    /// Loads the session of a request. Fails only if the store fails.
    pub(super) async fn load(
        &self,
        cookies: &[HeaderValue],
        now: Timestamp,
    ) -> Result<Loaded, StoreFailure> {
        let (middleware, store) = match self {
            Self::Cookie(middleware) => return Ok(middleware.load(cookies, now)),
            Self::Stored { middleware, store } => (middleware, store),
        };
        let lookup = middleware.lookup(cookies);
        let found = match middleware.load(&lookup, now) {
            Some(load) => match store.load(load).await {
                Ok(found) => Ok(found),
                Err(StoreError::Session(error)) => Err(error),
                Err(StoreError::Store(failure)) => {
                    log_failure(&failure);
                    return Err(failure);
                }
            },
            None => Ok(None),
        };
        Ok(middleware.loaded(lookup, found, store.new_session(), now))
    }
}

/// Logs why a store failed. That a session is not sent for this reason is a separate event.
pub(super) fn log_failure(failure: &StoreFailure) {
    tracing::error!(target: "hardtack", error = %failure, "the store of the sessions failed");
}
