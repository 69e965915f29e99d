//! Sessions in a cache (`SESSION_ENGINE = "django.contrib.sessions.backends.cache"`).

#[cfg(feature = "memcached")]
mod memcached;
#[cfg(feature = "redis")]
mod redis;
mod server;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use hardtack::limits::DEFAULT_MAX_RECORD_JSON_LENGTH;
use hardtack::{
    Clear, Found, Load, Save, Session, SessionKey, SessionStore, StoreError, Timestamp,
};
use time::UtcOffset;
use tokio::time::timeout;

use crate::{Error, ErrorKind};
#[cfg(feature = "memcached")]
pub use memcached::Memcached;
#[cfg(feature = "redis")]
pub use redis::{Encoding, Redis};
pub(crate) use server::{Server, When, time_left};

/// `KEY_PREFIX` in `django/contrib/sessions/backends/cache.py` and `cached_db.py`.
const ENGINE: &str = "django.contrib.sessions.cache";
const CACHED_DB_ENGINE: &str = "django.contrib.sessions.cached_db";

const DEFAULT_TIME_LIMIT: Duration = Duration::from_secs(1);

type SiteZone = Arc<dyn Fn(Timestamp) -> UtcOffset + Send + Sync>;
type KeyFunction = Box<dyn Fn(&str, &str, &str) -> String + Send + Sync>;

/// Sessions in the cache of a Django site: in [`Redis`] or in [`Memcached`].
///
/// The settings are those of the site's `CACHES`. A session ends by the server's clock, or earlier if the server needs
/// the memory or restarts. [`update`](SessionStore::update) never brings back a session that was deleted in the meantime: the
/// server itself writes only if there is a record. (Django checks first, and then writes unconditionally.)
///
/// The value is a pickle (or JSON, if the site's Redis has it), and only plain data is read
/// ([`pickle`](crate::pickle)). Loading a session with anything else in it, such as a date or a tuple, fails with
/// [`Error::UnreadableRecord`](hardtack::Error::UnreadableRecord), and its record stays as it is.
///
/// Its methods must run in a tokio runtime whose timers are enabled.
pub struct Cache<S> {
    pub(crate) server: S,
    key_prefix: String,
    version: String,
    engine: &'static str,
    key_function: Option<KeyFunction>,
    max_json_length: usize,
    time_limit: Duration,
    site_zone: Option<SiteZone>,
}

impl<S> Cache<S> {
    fn with_server(server: S) -> Self {
        Self {
            server,
            key_prefix: String::new(),
            version: "1".into(),
            engine: ENGINE,
            key_function: None,
            max_json_length: DEFAULT_MAX_RECORD_JSON_LENGTH,
            time_limit: DEFAULT_TIME_LIMIT,
            site_zone: None,
        }
    }

    /// Sets the `KEY_PREFIX` of the site's cache. Defaults to an empty prefix.
    #[must_use]
    pub fn with_key_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.key_prefix = prefix.into();
        self
    }

    /// Sets the `VERSION` of the site's cache. Defaults to 1.
    #[must_use]
    pub fn with_version(mut self, version: impl fmt::Display) -> Self {
        self.version = version.to_string();
        self
    }

    /// Sets the `KEY_FUNCTION` of the site's cache. As in Django, it receives a key, such as
    /// `django.contrib.sessions.cachet0ks4w4m1suf92wnuwmxg8rao08nrxs`, the prefix and the version, and returns the server's
    /// key. It must return different keys for different arguments. Defaults to Django's function, which puts the prefix
    /// and the version in front, each followed by a colon.
    #[must_use]
    pub fn with_key_function(
        mut self,
        key_function: impl Fn(&str, &str, &str) -> String + Send + Sync + 'static,
    ) -> Self {
        self.key_function = Some(Box::new(key_function));
        self
    }

    /// Sets the maximum length of a session's JSON text, in bytes. Defaults to [`DEFAULT_MAX_RECORD_JSON_LENGTH`].
    #[must_use]
    pub fn with_max_json_length(mut self, bytes: usize) -> Self {
        self.max_json_length = bytes;
        self
    }

    /// Sets how long each call of a method waits for the server, including the wait for a connection. After that, the
    /// call fails with [`ErrorKind::TimedOut`]. Defaults to one second.
    #[must_use]
    pub fn with_time_limit(mut self, time_limit: Duration) -> Self {
        self.time_limit = time_limit;
        self
    }

    /// Sets the time zone of a Django site with `USE_TZ = False`, as [`Session::with_site_time_zone`] does for one session.
    #[must_use]
    pub fn with_site_time_zone(
        mut self,
        offset_at: impl Fn(Timestamp) -> UtcOffset + Send + Sync + 'static,
    ) -> Self {
        self.site_zone = Some(Arc::new(offset_at));
        self
    }

    pub(crate) fn of_cached_db(mut self) -> Self {
        self.engine = CACHED_DB_ENGINE;
        self
    }

    /// Returns the server's key (`default_key_func` in `django/core/cache/backends/base.py`).
    fn key(&self, key: &SessionKey) -> String {
        let key = format!("{}{}", self.engine, key.as_str());
        let (prefix, version) = (&self.key_prefix, &self.version);
        match &self.key_function {
            Some(key_function) => key_function(&key, prefix, version),
            None => format!("{prefix}:{version}:{key}"),
        }
    }

    fn with_zone(&self, session: Session) -> Session {
        match self.site_zone.clone() {
            Some(zone) => session.with_site_time_zone(move |instant| zone(instant)),
            None => session,
        }
    }
}

impl<S: Server> Cache<S> {
    pub(crate) async fn put(&self, save: Save<'_>, when: When) -> Result<bool, StoreError<Error>> {
        // As in Django's caches: a session that has ended is deleted.
        if save.expires_at <= save.now {
            let was_there = self.delete(save.key).await?;
            return Ok(was_there || !matches!(when, When::There));
        }
        let key = self.key(save.key);
        let limit = self.max_json_length;
        self.in_time(self.server.put(&key, save, when, limit)).await
    }

    async fn in_time<T>(
        &self,
        answer: impl Future<Output = Result<T, StoreError<Error>>> + Send,
    ) -> Result<T, StoreError<Error>> {
        let answer = timeout(self.time_limit, answer).await;
        answer.unwrap_or_else(|_| Err(StoreError::Store(Error::new(S::NAME, ErrorKind::TimedOut))))
    }
}

impl<S: Server> SessionStore for Cache<S> {
    type Error = Error;

    fn new_session(&self) -> Session {
        self.with_zone(Session::new())
    }

    async fn load(&self, load: Load<'_>) -> Result<Option<Found>, StoreError<Error>> {
        let key = self.key(load.key);
        let answer = self.server.get(&key, self.max_json_length);
        let session = self.in_time(answer).await?;
        Ok(session.map(|session| Found {
            session: self.with_zone(session),
            expires_at: None,
        }))
    }

    async fn create(&self, save: Save<'_>) -> Result<bool, StoreError<Error>> {
        self.put(save, When::Missing).await
    }

    async fn update(&self, save: Save<'_>) -> Result<bool, StoreError<Error>> {
        self.put(save, When::There).await
    }

    async fn delete(&self, key: &SessionKey) -> Result<bool, StoreError<Error>> {
        self.in_time(self.server.delete(&self.key(key))).await
    }

    /// The server deletes expired records itself.
    async fn clear_expired(&self, _: Clear) -> Result<u32, StoreError<Error>> {
        Ok(0)
    }
}

/// Shows the settings of the keys.
impl<S> fmt::Debug for Cache<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache")
            .field("key_prefix", &self.key_prefix)
            .field("version", &self.version)
            .field("engine", &self.engine)
            .finish_non_exhaustive()
    }
}
