//! The engine `db`: a row of a table (`django/contrib/sessions/backends/db.py`).

use std::fmt;
use std::time::Duration;

use hardtack::{Clear, Found, Load, RecordCodec, Save, Session, SessionKey, SessionStore};
use hardtack::{StoreError, Timestamp};
use sqlx::Pool;
use sqlx::pool::PoolConnection;
use tokio::time::Timeout;
use tokio::time::error::Elapsed;

use crate::error::{Error, ErrorKind};
use server::{Server, Statements};

mod date;
mod failure;
#[cfg(feature = "mysql")]
#[cfg_attr(docsrs, doc(cfg(feature = "mysql")))]
pub mod mysql;
#[cfg(feature = "postgres")]
#[cfg_attr(docsrs, doc(cfg(feature = "postgres")))]
pub mod postgres;
mod server;
#[cfg(feature = "sqlite")]
#[cfg_attr(docsrs, doc(cfg(feature = "sqlite")))]
pub mod sqlite;

/// Django's table of sessions (`db_table` in `django/contrib/sessions/models.py`).
const TABLE: &str = "django_session";

/// The default time limit of a statement: 30 seconds, as long as sqlx waits for a connection by default.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// How often a statement is repeated after a deadlock. Clearing locks rows in the order of their dates, and saving
/// locks a row by its key; if they deadlock, MySQL rolls back the smaller transaction.
const RETRIES: u32 = 4;

/// Django's table of sessions, for `SESSION_ENGINE = "django.contrib.sessions.backends.db"`.
///
/// `D` is `Postgres`, `MySql` or `Sqlite` of [`sqlx`]. The modules of the servers show how to set it up: [`postgres`],
/// [`mysql`], [`sqlite`]. Django owns the table: `manage.py migrate` creates it. The methods must run in a tokio runtime.
///
/// Each method runs one statement. Before that, the pool tests the connection, which doubles the time if the server is
/// distant. [`test_before_acquire(false)`](sqlx::pool::PoolOptions::test_before_acquire) turns the test off, but then
/// the first requests after a restart of the server fail.
///
/// # Time limits
///
/// - [`acquire_timeout`](sqlx::pool::PoolOptions::acquire_timeout) of the pool limits the wait for a connection, for
///   example if the server is down, or all connections are in use. Its default of 30 seconds is long for a request.
/// - [`with_time_limit`](Self::with_time_limit) limits the wait for a statement.
/// - The server's own limits, such as `statement_timeout` of PostgreSQL, also end the statement on the server.
pub struct Db<D: sqlx::Database> {
    pool: Pool<D>,
    codec: RecordCodec,
    statements: Statements,
    time_limit: Duration,
}

impl<D: Server> Db<D> {
    /// Creates a store that uses a pool of connections.
    pub fn new(pool: Pool<D>, codec: RecordCodec) -> Self {
        Self {
            pool,
            codec,
            statements: D::statements(TABLE),
            time_limit: TIME_LIMIT,
        }
    }

    /// Sets the table's name: `db_table` of a site's own session model. It is quoted in every statement. Defaults to
    /// `django_session`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidTable`]: the name is empty, contains a NUL, or is longer than 63 bytes on PostgreSQL, which
    /// would truncate it.
    pub fn with_table(self, name: &str) -> Result<Self, Error> {
        if name.is_empty() || name.len() > D::MAX_NAME || name.contains('\0') {
            return Err(Error::new(D::NAME, ErrorKind::InvalidTable));
        }
        Ok(Self {
            statements: D::statements(name),
            ..self
        })
    }

    /// Sets the time limit of a statement. If a statement takes longer, the method fails with [`ErrorKind::TimedOut`],
    /// and the connection is closed. Defaults to 30 seconds.
    #[must_use]
    pub fn with_time_limit(self, time_limit: Duration) -> Self {
        Self { time_limit, ..self }
    }

    /// Counts the expired rows, which [`clear_expired`](SessionStore::clear_expired) deletes.
    ///
    /// # Errors
    ///
    /// [`StoreError::Store`] if the database failed, [`StoreError::Session`] with [`hardtack::Error::TimeOutOfRange`]
    /// if `now` is outside the years 1 to 9999.
    pub async fn count_expired(&self, now: impl Into<Timestamp>) -> Result<u64, StoreError<Error>> {
        let now = D::date(now.into(), &self.codec)?;
        let mut connection = self.connect().await?;
        let count = D::count(&mut connection, self.statements.count.clone(), now);
        let count = finish(self.limited(count).await, connection)?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    async fn connect(&self) -> Result<PoolConnection<D>, StoreError<Error>> {
        self.pool.acquire().await.map_err(failure::<D>)
    }

    fn limited<F: Future>(&self, statement: F) -> Timeout<F> {
        tokio::time::timeout(self.time_limit, statement)
    }
}

impl<D: Server> SessionStore for Db<D> {
    type Error = Error;

    fn new_session(&self) -> Session {
        self.codec.new_session()
    }

    async fn load(&self, load: Load<'_>) -> Result<Option<Found>, StoreError<Error>> {
        let now = D::date(load.now, &self.codec)?;
        let key = load.key.as_str();
        let mut connection = self.connect().await?;
        let row = D::load(&mut connection, self.statements.load.clone(), key, now);
        let row = match self.limited(row).await {
            // Only this row is wrong, not the connection.
            Ok(Err(sqlx::Error::ColumnDecode { .. })) => {
                return Err(unreadable(
                    "a column of its row has another type than Django's",
                ));
            }
            row => finish(row, connection)?,
        };
        // The server may return another key (collations of MySQL).
        let Some((_, data, date)) = row.filter(|(found, ..)| found == key) else {
            return Ok(None);
        };
        let expires_at = D::instant(date, &self.codec)
            .ok_or_else(|| unreadable("its date is not one of Django's"))?;
        Ok(Some(Found {
            session: self.codec.decode(&data)?,
            expires_at: Some(expires_at),
        }))
    }

    async fn create(&self, save: Save<'_>) -> Result<bool, StoreError<Error>> {
        let date = D::date(save.expires_at, &self.codec)?;
        let data = self.codec.encode(save.session, save.now)?;
        let mut connection = self.connect().await?;
        let sql = self.statements.create.clone();
        let created = D::create(&mut connection, sql, save.key.as_str(), &data, date);
        match self.limited(created).await {
            Ok(Err(sqlx::Error::Database(error))) if D::is_taken(&*error) => Ok(false),
            created => Ok(finish(created, connection)? > 0),
        }
    }

    async fn update(&self, save: Save<'_>) -> Result<bool, StoreError<Error>> {
        let date = D::date(save.expires_at, &self.codec)?;
        let data = self.codec.encode(save.session, save.now)?;
        let key = save.key.as_str();
        let mut connection = self.connect().await?;
        let mut retries = 0;
        loop {
            let sql = self.statements.update.clone();
            let updated = D::update(&mut connection, sql, key, &data, date.clone());
            match self.limited(updated).await {
                updated if retries < RETRIES && is_undone::<D>(&updated) => retries += 1,
                updated => return Ok(finish(updated, connection)? > 0),
            }
        }
    }

    async fn delete(&self, key: &SessionKey) -> Result<bool, StoreError<Error>> {
        let key = key.as_str();
        let mut connection = self.connect().await?;
        let mut retries = 0;
        loop {
            let sql = self.statements.delete.clone();
            let deleted = D::delete(&mut connection, sql, key);
            match self.limited(deleted).await {
                deleted if retries < RETRIES && is_undone::<D>(&deleted) => retries += 1,
                deleted => return Ok(finish(deleted, connection)? > 0),
            }
        }
    }

    async fn clear_expired(&self, clear: Clear) -> Result<u32, StoreError<Error>> {
        let now = D::date(clear.now, &self.codec)?;
        let mut connection = self.connect().await?;
        let sql = self.statements.clear.clone();
        let cleared = D::clear(&mut connection, sql, now, clear.at_most);
        let cleared = finish(self.limited(cleared).await, connection)?;
        Ok(u32::try_from(cleared).unwrap_or(u32::MAX))
    }
}

/// Returns a statement's result. If there was none within the time limit, closes the connection: otherwise the pool
/// would wait for the rest of the answer before it opens another one.
fn finish<D: Server, T>(
    result: Result<sqlx::Result<T>, Elapsed>,
    connection: PoolConnection<D>,
) -> Result<T, StoreError<Error>> {
    let Ok(result) = result else {
        drop(connection.detach());
        return Err(StoreError::Store(Error::new(D::NAME, ErrorKind::TimedOut)));
    };
    result.map_err(failure::<D>)
}

/// Returns whether a statement was rolled back because of a deadlock.
fn is_undone<D: Server>(result: &Result<sqlx::Result<u64>, Elapsed>) -> bool {
    matches!(result, Ok(Err(sqlx::Error::Database(error))) if D::is_deadlock(&**error))
}

fn failure<D: Server>(error: sqlx::Error) -> StoreError<Error> {
    StoreError::Store(failure::explain::<D>(error))
}

fn unreadable(reason: &'static str) -> StoreError<Error> {
    StoreError::Session(hardtack::Error::UnreadableRecord { reason })
}

impl<D: Server> fmt::Debug for Db<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Db")
            .field("server", &D::NAME)
            .finish_non_exhaustive()
    }
}
