//! What differs between the servers.

use std::sync::Arc;

use hardtack::{Error, RecordCodec, Timestamp};
use sqlx::error::DatabaseError;
use sqlx::{AssertSqlSafe, Database, SqlSafeStr, SqlStr};

use crate::error::ErrorKind;

/// A database server: its SQL, its dates and its errors. Only this package can implement it.
pub trait Server: Database {
    /// Maximum length of a table's name, in bytes, on a server that truncates longer names.
    const MAX_NAME: usize = usize::MAX;
    /// The number of times that the SQL of `update` and `delete` contains the key.
    const KEYS: usize = 1;
    /// The type of a value of the column `expire_date`.
    type Date: Clone + Send;

    /// Returns the SQL for a table. It quotes the table's name.
    fn statements(table: &str) -> Statements;

    /// Returns the value of the column for an instant, truncated to the microsecond, as in Python.
    ///
    /// # Errors
    ///
    /// [`Error::TimeOutOfRange`]: the instant is outside the years 1 to 9999.
    fn date(at: Timestamp, codec: &RecordCodec) -> Result<Self::Date, Error>;

    /// Returns the instant for a value of the column, or `None` if Django could not have written it.
    fn instant(date: Self::Date, codec: &RecordCodec) -> Option<Timestamp>;

    /// Returns the row of a key, if it ends after `now`.
    fn load(
        connection: &mut Self::Connection,
        sql: SqlStr,
        key: &str,
        now: Self::Date,
    ) -> impl Future<Output = sqlx::Result<Option<Row<Self::Date>>>> + Send;

    /// Inserts a row. Returns 0, or an error that [`is_taken`](Self::is_taken), if the key is taken.
    fn create(
        connection: &mut Self::Connection,
        sql: SqlStr,
        key: &str,
        data: &str,
        date: Self::Date,
    ) -> impl Future<Output = sqlx::Result<u64>> + Send;

    /// Updates a row. Returns how many rows matched, even if the update changed nothing in them.
    fn update(
        connection: &mut Self::Connection,
        sql: SqlStr,
        key: &str,
        data: &str,
        date: Self::Date,
    ) -> impl Future<Output = sqlx::Result<u64>> + Send;

    /// Deletes a row. Returns how many there were.
    fn delete(
        connection: &mut Self::Connection,
        sql: SqlStr,
        key: &str,
    ) -> impl Future<Output = sqlx::Result<u64>> + Send;

    /// Deletes rows that ended before `now`. Returns how many.
    fn clear(
        connection: &mut Self::Connection,
        sql: SqlStr,
        now: Self::Date,
        at_most: u32,
    ) -> impl Future<Output = sqlx::Result<u64>> + Send;

    /// Counts the rows that ended before `now`.
    fn count(
        connection: &mut Self::Connection,
        sql: SqlStr,
        now: Self::Date,
    ) -> impl Future<Output = sqlx::Result<i64>> + Send;

    /// Returns whether an error of an `INSERT` means that the key is taken.
    fn is_taken(_error: &dyn DatabaseError) -> bool {
        false
    }

    /// Returns whether an error means that the statement was rolled back because of a deadlock.
    fn is_deadlock(_error: &dyn DatabaseError) -> bool {
        false
    }

    /// Returns the server's error code and its meaning.
    fn explain(error: &dyn DatabaseError) -> (String, ErrorKind);
}

/// Implements the queries of a [`Server`] for this type of connection.
macro_rules! queries {
    ($connection:ty) => {
        async fn load(
            connection: &mut $connection,
            sql: SqlStr,
            key: &str,
            now: Self::Date,
        ) -> sqlx::Result<Option<Row<Self::Date>>> {
            let load = query_as(sql).bind(now).bind(key);
            load.fetch_optional(connection).await
        }

        async fn create(
            connection: &mut $connection,
            sql: SqlStr,
            key: &str,
            data: &str,
            date: Self::Date,
        ) -> sqlx::Result<u64> {
            let create = query(sql).bind(data).bind(date).bind(key);
            Ok(create.execute(connection).await?.rows_affected())
        }

        async fn update(
            connection: &mut $connection,
            sql: SqlStr,
            key: &str,
            data: &str,
            date: Self::Date,
        ) -> sqlx::Result<u64> {
            let update = query(sql).bind(data).bind(date);
            let update = (0..Self::KEYS).fold(update, |update, _| update.bind(key));
            Ok(update.execute(connection).await?.rows_affected())
        }

        async fn delete(connection: &mut $connection, sql: SqlStr, key: &str) -> sqlx::Result<u64> {
            let delete = (0..Self::KEYS).fold(query(sql), |delete, _| delete.bind(key));
            Ok(delete.execute(connection).await?.rows_affected())
        }

        async fn clear(
            connection: &mut $connection,
            sql: SqlStr,
            now: Self::Date,
            at_most: u32,
        ) -> sqlx::Result<u64> {
            let clear = query(sql).bind(now).bind(i64::from(at_most));
            Ok(clear.execute(connection).await?.rows_affected())
        }

        async fn count(
            connection: &mut $connection,
            sql: SqlStr,
            now: Self::Date,
        ) -> sqlx::Result<i64> {
            query_scalar(sql).bind(now).fetch_one(connection).await
        }
    };
}
pub(super) use queries;

/// `session_key`, `session_data` and `expire_date`.
pub(super) type Row<Date> = (String, String, Date);

/// The SQL of a table.
pub struct Statements {
    pub load: SqlStr,
    pub create: SqlStr,
    pub update: SqlStr,
    pub delete: SqlStr,
    pub clear: SqlStr,
    pub count: SqlStr,
}

/// Marks SQL as safe: the only part that comes from outside is the table's name, which is quoted.
pub(super) fn sql(text: String) -> SqlStr {
    AssertSqlSafe(Arc::<str>::from(text)).into_sql_str()
}
