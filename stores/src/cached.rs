//! Sessions in a database and a cache (`SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"`).

use std::fmt;
use std::panic::resume_unwind;
use std::sync::Arc;

use hardtack::{
    Clear, Found, Load, Save, Session, SessionKey, SessionStore, StoreError, Timestamp,
};
use tracing::Instrument;

use crate::cache::{Cache, Server, When, time_left};
use crate::{Error, ErrorKind};

/// Sessions in rows of a database, and copies of them in a cache, in the order in which Django's engine `cached_db` reads
/// and writes both (`django/contrib/sessions/backends/cached_db.py`).
///
/// | | order |
/// |---|---|
/// | load | the cache; if the session is not there: the row, which is then copied into the cache until the row ends |
/// | create, update | the row, then the cache |
/// | delete | the row, then the cache |
///
/// The row decides: [`create`](SessionStore::create) and [`update`](SessionStore::update) return what the database says,
/// and the copy of a row that is gone is deleted. A session that ends while another request copies it does not come back:
/// where there was no copy before, the row is read again after the copy was made. Django does not do this.
///
/// All that writes or deletes runs in a tokio task, which is not cancelled if the request is, because its client has hung up.
/// Otherwise a sign-out that is cancelled between row and copy would leave the copy. The methods must run in a tokio runtime.
///
/// ```
/// # #[cfg(all(feature = "postgres", feature = "redis"))]
/// # fn example(
/// #     pool: hardtack_stores::sqlx::PgPool,
/// #     codec: hardtack::RecordCodec,
/// #     connection: hardtack_stores::redis::aio::ConnectionManager,
/// # ) {
/// use hardtack_stores::{Cache, CachedDb, Db, Redis};
///
/// let store = CachedDb::new(Db::new(pool, codec), Cache::<Redis>::new(connection));
/// # }
/// ```
///
/// A copy hides its row until it ends: this store, like Django, does not see a change that another program makes only in the
/// table, not even a sign-out.
///
/// # A cache that fails
///
/// Unlike Django, which answers with status 500, this store loads and saves without its cache: the row answers. It also answers if the copy cannot be read,
/// because Django keeps a tuple or a date in it, for example; the copy is left alone. Each failure is a `tracing` event with
/// the target `hardtack`: a warning, or an error if an old copy may still be in the cache, and may come back with it until
/// the copy expires.
///
/// [`delete`](SessionStore::delete) fails without the cache, after it has deleted the row, as in Django. Otherwise a
/// user would be told that the session has ended, and anyone who has its key could use it again when the cache is back.
/// So a sign-out gets a response of status 503, and the browser keeps its cookie; so does a sign-in that replaces a
/// record. The user can repeat it when the cache is back.
pub struct CachedDb<D, S> {
    stores: Arc<Stores<D, S>>,
}

impl<D, S> CachedDb<D, S> {
    /// Creates a store from a database and a cache. If the site has `USE_TZ = False`, both need its time zone.
    pub fn new(db: D, cache: Cache<S>) -> Self {
        let cache = cache.of_cached_db();
        Self {
            stores: Arc::new(Stores { db, cache }),
        }
    }
}

/// The database and the cache, shared with the tasks.
struct Stores<D, S> {
    db: D,
    cache: Cache<S>,
}

/// A [`Save`] for a task.
struct Record {
    key: SessionKey,
    session: Session,
    now: Timestamp,
    expires_at: Timestamp,
}

impl Record {
    fn new(save: Save<'_>) -> Self {
        Self {
            key: save.key.clone(),
            session: save.session.clone(),
            now: save.now,
            expires_at: save.expires_at,
        }
    }

    fn save(&self) -> Save<'_> {
        Save {
            key: &self.key,
            session: &self.session,
            now: self.now,
            expires_at: self.expires_at,
        }
    }
}

impl<D: SessionStore<Error = Error>, S: Server> Stores<D, S> {
    async fn create(&self, save: Save<'_>) -> Result<bool, StoreError<Error>> {
        let created = self.db.create(save).await?;
        if created && self.put(save, When::Always).await.is_none() {
            self.forget(save.key).await;
        }
        Ok(created)
    }

    async fn update(&self, save: Save<'_>) -> Result<bool, StoreError<Error>> {
        let updated = self.db.update(save).await?;
        if updated {
            self.copy(save).await;
        } else {
            self.forget(save.key).await;
        }
        Ok(updated)
    }

    async fn delete(&self, key: &SessionKey) -> Result<bool, StoreError<Error>> {
        let deleted = self.db.delete(key).await?;
        // Otherwise the session would come back with the cache, although its user was told that it has ended.
        self.delete_copy(key).await?;
        Ok(deleted)
    }

    /// Replaces the copy of a row that was written.
    async fn copy(&self, save: Save<'_>) {
        match self.put(save, When::There).await {
            Some(true) => {}
            Some(false) => self.copy_unless_gone(save, When::Always).await,
            // An old copy must not stay.
            None => self.forget(save.key).await,
        }
    }

    /// Makes a copy where there was none: the cache did not have it, or the session has just ended. The request that
    /// ends it deletes the row before the copy, so a copy without a row was made too late.
    async fn copy_unless_gone(&self, save: Save<'_>, when: When) {
        if self.put(save, when).await == Some(false) {
            return;
        }
        let load = Load {
            key: save.key,
            now: save.now,
            default_age: time_left(save),
        };
        if !matches!(self.db.load(load).await, Ok(Some(_))) {
            self.forget(save.key).await;
        }
    }

    /// Returns whether a copy was written, or `None` if the cache failed.
    async fn put(&self, save: Save<'_>, when: When) -> Option<bool> {
        let copied = self.cache.put(save, when).await;
        copied
            .inspect_err(|error| {
                let session = save.key.log_id();
                tracing::warn!(target: "hardtack", %error, %session, "a session was not copied into the cache");
            })
            .ok()
    }

    /// Deletes an old copy.
    async fn forget(&self, key: &SessionKey) {
        // The failure is logged, and the row is right.
        let _ = self.delete_copy(key).await;
    }

    async fn delete_copy(&self, key: &SessionKey) -> Result<bool, StoreError<Error>> {
        self.cache.delete(key).await.inspect_err(|error| {
            let session = key.log_id();
            tracing::error!(target: "hardtack", %error, %session, "the cache may still have an old copy of a session");
        })
    }
}

impl<D, S> SessionStore for CachedDb<D, S>
where
    D: SessionStore<Error = Error> + 'static,
    S: Server + 'static,
{
    type Error = Error;

    fn new_session(&self) -> Session {
        self.stores.db.new_session()
    }

    async fn load(&self, load: Load<'_>) -> Result<Option<Found>, StoreError<Error>> {
        let can_copy = match self.stores.cache.load(load).await {
            Ok(Some(found)) => return Ok(Some(found)),
            Ok(None) => true,
            Err(error) => {
                let session = load.key.log_id();
                tracing::warn!(target: "hardtack", %error, %session, "a session was not read from the cache");
                false
            }
        };
        let Some(found) = self.stores.db.load(load).await? else {
            return Ok(None);
        };
        if !can_copy {
            return Ok(Some(found));
        }
        let Found {
            session,
            expires_at,
        } = found;
        let record = Record {
            key: load.key.clone(),
            session,
            now: load.now,
            expires_at: expires_at.unwrap_or_else(|| end_of(load)),
        };
        let stores = Arc::clone(&self.stores);
        let copy = async move {
            // Unless another request has made a newer copy since then.
            stores.copy_unless_gone(record.save(), When::Missing).await;
            Ok(record.session)
        };
        let session = in_task(copy).await?;
        Ok(Some(Found {
            session,
            expires_at,
        }))
    }

    async fn create(&self, save: Save<'_>) -> Result<bool, StoreError<Error>> {
        let (stores, record) = (Arc::clone(&self.stores), Record::new(save));
        in_task(async move { stores.create(record.save()).await }).await
    }

    async fn update(&self, save: Save<'_>) -> Result<bool, StoreError<Error>> {
        let (stores, record) = (Arc::clone(&self.stores), Record::new(save));
        in_task(async move { stores.update(record.save()).await }).await
    }

    async fn delete(&self, key: &SessionKey) -> Result<bool, StoreError<Error>> {
        let (stores, key) = (Arc::clone(&self.stores), key.clone());
        in_task(async move { stores.delete(&key).await }).await
    }

    async fn clear_expired(&self, clear: Clear) -> Result<u32, StoreError<Error>> {
        self.stores.db.clear_expired(clear).await
    }
}

/// Runs work to its end, even if the caller is dropped.
async fn in_task<T: Send + 'static>(
    work: impl Future<Output = Result<T, StoreError<Error>>> + Send + 'static,
) -> Result<T, StoreError<Error>> {
    match tokio::spawn(work.in_current_span()).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            // The runtime is shutting down.
            Err(_) => Err(StoreError::Store(Error::new(
                "cached_db",
                ErrorKind::TimedOut,
            ))),
        },
    }
}

fn end_of(load: Load<'_>) -> Timestamp {
    let age = i128::try_from(load.default_age.as_nanos()).unwrap_or(i128::MAX);
    Timestamp::from_unix_nanos(load.now.as_unix_nanos().saturating_add(age))
}

impl<D: fmt::Debug, S> fmt::Debug for CachedDb<D, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedDb")
            .field("db", &self.stores.db)
            .field("cache", &self.stores.cache)
            .finish()
    }
}
