//! The trait for stores of sessions. The stores themselves are in the package `hardtack-stores`.

use alloc::sync::Arc;
use core::fmt;
use core::time::Duration;

use crate::error::Error;
use crate::session::Session;
use crate::session_key::SessionKey;
use crate::timestamp::Timestamp;

/// Keeps sessions on a server, under keys (`SessionBase` and its subclasses in `django/contrib/sessions/backends`).
///
/// All methods take `&self`, because all requests share one store. An [`Arc`] of a store is also a store. An
/// implementation can write the methods as `async fn`. Every method fails with [`StoreError::Store`] if the store
/// itself fails.
#[doc(alias("SessionBase", "SESSION_ENGINE"))]
pub trait SessionStore: Send + Sync {
    /// Why the store failed: the error of a driver, for example. Its texts must not contain a key or a session.
    type Error: core::error::Error + Send + Sync + 'static;

    /// Creates an empty session, for a visitor who has none yet. An implementation whose sessions have settings, such
    /// as the site's time zone, returns a session with these settings.
    fn new_session(&self) -> Session {
        Session::new()
    }

    /// Returns the session of a key, or `None` if there is none, or it has expired.
    ///
    /// A database may also find a record whose key differs in case or in white space, so an implementation must compare
    /// the keys itself, byte by byte.
    ///
    /// # Errors
    ///
    /// [`StoreError::Session`]: the record cannot be read. The store must leave it as it is.
    fn load(
        &self,
        load: Load<'_>,
    ) -> impl Future<Output = Result<Option<Found>, StoreError<Self::Error>>> + Send;

    /// Saves a new session. Returns `false`, and changes nothing, if the key is taken.
    ///
    /// # Errors
    ///
    /// [`StoreError::Session`]: the session cannot be written.
    fn create(
        &self,
        save: Save<'_>,
    ) -> impl Future<Output = Result<bool, StoreError<Self::Error>>> + Send;

    /// Saves a session whose record exists. Returns `false`, and creates nothing, if there is no such record: the
    /// session was ended in the meantime, and must not come back.
    ///
    /// # Errors
    ///
    /// [`StoreError::Session`]: the session cannot be written.
    fn update(
        &self,
        save: Save<'_>,
    ) -> impl Future<Output = Result<bool, StoreError<Self::Error>>> + Send;

    /// Deletes a record. Returns whether there was one.
    ///
    /// # Errors
    ///
    /// Only [`StoreError::Store`].
    fn delete(
        &self,
        key: &SessionKey,
    ) -> impl Future<Output = Result<bool, StoreError<Self::Error>>> + Send;

    /// Deletes up to [`Clear::at_most`] expired records, and returns how many. The caller repeats the call until it
    /// returns 0. A store whose server deletes expired records itself returns 0.
    ///
    /// # Errors
    ///
    /// Only [`StoreError::Store`].
    #[doc(alias = "clearsessions")]
    fn clear_expired(
        &self,
        clear: Clear,
    ) -> impl Future<Output = Result<u32, StoreError<Self::Error>>> + Send;
}

/// What to load.
#[derive(Clone, Copy, Debug)]
pub struct Load<'a> {
    /// The key of the request's cookie.
    pub key: &'a SessionKey,
    /// The time of the request.
    pub now: Timestamp,
    /// The age at which a session without its own expiry ends, for a store that keeps no dates.
    pub default_age: Duration,
}

/// A session that was loaded.
#[derive(Debug)]
pub struct Found {
    /// The session.
    pub session: Session,
    /// When its record ends, or `None` if the store cannot tell without another query.
    pub expires_at: Option<Timestamp>,
}

/// What to save.
#[derive(Clone, Copy, Debug)]
pub struct Save<'a> {
    /// The record's key.
    pub key: &'a SessionKey,
    /// The session.
    pub session: &'a Session,
    /// The time of the save.
    pub now: Timestamp,
    /// When the record ends. It is after `now` if the save comes from [`Step`](crate::Step).
    pub expires_at: Timestamp,
}

/// What to clear.
#[derive(Clone, Copy, Debug)]
pub struct Clear {
    /// Records that ended before this instant are deleted.
    pub now: Timestamp,
    /// The age at which a session without its own expiry ends, for a store that keeps no dates.
    pub default_age: Duration,
    /// Deletes at most this many records, so that a table with millions of them is never locked for long.
    pub at_most: u32,
}

/// Why a store did not do what it was asked to do. Its text and its source are those of the error in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreError<E> {
    /// The record cannot be read, or the session cannot be written. The store itself works.
    Session(Error),
    /// The store failed.
    Store(E),
}

impl<E> StoreError<E> {
    /// Converts the store's own error.
    pub fn map<F>(self, convert: impl FnOnce(E) -> F) -> StoreError<F> {
        match self {
            Self::Session(error) => StoreError::Session(error),
            Self::Store(error) => StoreError::Store(convert(error)),
        }
    }
}

impl<E> From<Error> for StoreError<E> {
    fn from(error: Error) -> Self {
        Self::Session(error)
    }
}

impl<E: fmt::Display> fmt::Display for StoreError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Session(error) => error.fmt(f),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl<E: core::error::Error + 'static> core::error::Error for StoreError<E> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Session(error) => error.source(),
            Self::Store(error) => error.source(),
        }
    }
}

impl<S: SessionStore> SessionStore for Arc<S> {
    type Error = S::Error;

    fn new_session(&self) -> Session {
        S::new_session(self)
    }

    fn load(
        &self,
        load: Load<'_>,
    ) -> impl Future<Output = Result<Option<Found>, StoreError<S::Error>>> + Send {
        S::load(self, load)
    }

    fn create(
        &self,
        save: Save<'_>,
    ) -> impl Future<Output = Result<bool, StoreError<S::Error>>> + Send {
        S::create(self, save)
    }

    fn update(
        &self,
        save: Save<'_>,
    ) -> impl Future<Output = Result<bool, StoreError<S::Error>>> + Send {
        S::update(self, save)
    }

    fn delete(
        &self,
        key: &SessionKey,
    ) -> impl Future<Output = Result<bool, StoreError<S::Error>>> + Send {
        S::delete(self, key)
    }

    fn clear_expired(
        &self,
        clear: Clear,
    ) -> impl Future<Output = Result<u32, StoreError<S::Error>>> + Send {
        S::clear_expired(self, clear)
    }
}
