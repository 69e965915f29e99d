//! What differs between the servers.

use std::sync::Arc;

use hardtack::{Error, RecordCodec, Timestamp};
use sqlx::error::DatabaseError;
use sqlx::{AssertSqlSafe, Database, SqlSafeStr, SqlStr};

use crate::error::ErrorKind;

/// A database server: its statements, its dates, its errors. Only this package implements it.
pub trait Server: Database {
    /// Most bytes of a table's name, if the server would cut off the rest.
    const MAX_NAME: usize = usize::MAX;
    /// How often the SQL of `update` and `delete` has the key.
    const KEYS: usize = 1;
    /// The type of a value of the column `expire_date`.
    type Date: Clone + Send;

    /// The SQL for a table, whose name it quotes.
    fn statements(table: &str) -> Statements;

    /// The value of the column for an instant, truncated to the microsecond, as in Python.
    ///
    /// # Errors
    ///
    /// [`Error::TimeOutOfRange`]
    fn date(at: Timestamp, codec: &RecordCodec) -> Result<Self::Date, Error>;

    /// The instant of a value of the column, or `None` if Django could not have written it.
    fn instant(date: Self::Date, codec: &RecordCodec) -> Option<Timestamp>;

    /// The row of a key, if it ends after `now`.
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

    /// Updates a row. Returns how many rows there were, changed by it or not.
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

    /// Whether an error of an `INSERT` says that the key is taken.
    fn is_taken(_error: &dyn DatabaseError) -> bool {
        false
    }

    /// Whether an error says that the statement was undone because of a deadlock.
    fn is_deadlock(_error: &dyn DatabaseError) -> bool {
        false
    }

    /// The server's code of an error, and what it means.
    fn explain(error: &dyn DatabaseError) -> (String, ErrorKind);
}

/// The queries of a [`Server`], whose values sqlx encodes for this type of connection.
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

/// Marks SQL as safe: it holds nothing from outside but the table's name, which is quoted.
pub(super) fn sql(text: String) -> SqlStr {
    AssertSqlSafe(Arc::<str>::from(text)).into_sql_str()
}
