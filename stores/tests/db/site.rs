//! A table of sessions on each server, created as Django creates it, and read without the store.
#![allow(dead_code, reason = "each test uses some")]

use std::fmt::Debug;
use std::time::Duration;

use hardtack::{RecordCodec, SessionStore};
use hardtack_stores::{Db, Error};
use sqlx::mysql::MySqlPoolOptions;
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{AssertSqlSafe, MySql, Pool, Postgres, Sqlite};

use crate::common::{address, codec};

/// A server with one table.
pub struct Site<D: Server> {
    pub pool: Pool<D>,
    pub table: String,
}

pub trait Server: sqlx::Database {
    /// Returns Django's columns, with this type for the text.
    fn columns(text: &str) -> String;
    /// An expression for a date as text in microseconds.
    const DATE: &'static str;
    /// The character that quotes a name.
    const QUOTE: &'static str = "\"";
    /// The type of `session_data`.
    const TEXT: &'static str;

    async fn pool() -> Pool<Self>;
    async fn run(pool: &Pool<Self>, sql: String);
    async fn texts(pool: &Pool<Self>, sql: String) -> Vec<String>;
    fn store(
        pool: Pool<Self>,
        codec: RecordCodec,
        table: &str,
    ) -> impl SessionStore<Error = Error> + Counts + Debug;
    /// Returns a store whose statements have this time limit.
    fn limited(
        pool: Pool<Self>,
        table: &str,
        time_limit: Duration,
    ) -> impl SessionStore<Error = Error>;
    /// Returns the error for a table's name.
    fn refusal(pool: Pool<Self>, table: &str) -> Option<Error>;
}

/// The methods of `Db` that are not in the trait.
pub trait Counts {
    async fn count(&self, now: i64) -> u64;
}

macro_rules! server {
    ($server:ident) => {
        async fn run(pool: &Pool<Self>, sql: String) {
            sqlx::raw_sql(AssertSqlSafe(sql))
                .execute(pool)
                .await
                .unwrap();
        }

        async fn texts(pool: &Pool<Self>, sql: String) -> Vec<String> {
            sqlx::query_scalar(AssertSqlSafe(sql))
                .fetch_all(pool)
                .await
                .unwrap()
        }

        fn store(
            pool: Pool<Self>,
            codec: RecordCodec,
            table: &str,
        ) -> impl SessionStore<Error = Error> + Counts + Debug {
            Db::<$server>::new(pool, codec).with_table(table).unwrap()
        }

        fn limited(
            pool: Pool<Self>,
            table: &str,
            time_limit: Duration,
        ) -> impl SessionStore<Error = Error> {
            let store = Db::<$server>::new(pool, codec()).with_table(table);
            store.unwrap().with_time_limit(time_limit)
        }

        fn refusal(pool: Pool<Self>, table: &str) -> Option<Error> {
            Db::<$server>::new(pool, codec()).with_table(table).err()
        }
    };
}

macro_rules! counts {
    ($($server:ident)*) => {$(
        impl Counts for Db<$server> {
            async fn count(&self, now: i64) -> u64 {
                self.count_expired(now).await.unwrap()
            }
        }
    )*};
}
counts! { Postgres MySql Sqlite }

impl Server for Sqlite {
    const DATE: &'static str = "expire_date";
    const TEXT: &'static str = "text";

    fn columns(text: &str) -> String {
        format!(
            "session_key varchar(40) NOT NULL PRIMARY KEY, session_data {text} NOT NULL, expire_date datetime NOT NULL"
        )
    }

    async fn pool() -> Pool<Self> {
        // A database in memory belongs to one connection.
        let options = SqlitePoolOptions::new()
            .max_connections(1)
            .idle_timeout(None);
        options
            .connect_with(SqliteConnectOptions::new().filename(":memory:"))
            .await
            .unwrap()
    }

    server! { Sqlite }
}

impl Server for Postgres {
    const DATE: &'static str =
        "to_char(expire_date AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')";
    const TEXT: &'static str = "text";

    fn columns(text: &str) -> String {
        format!(
            "session_key varchar(40) NOT NULL PRIMARY KEY, session_data {text} NOT NULL, expire_date timestamp with time zone NOT NULL"
        )
    }

    async fn pool() -> Pool<Self> {
        PgPoolOptions::new()
            .connect(&address("HARDTACK_POSTGRES"))
            .await
            .unwrap()
    }

    server! { Postgres }
}

impl Server for MySql {
    const DATE: &'static str = "CAST(expire_date AS CHAR)";
    const QUOTE: &'static str = "`";
    const TEXT: &'static str = "longtext";

    fn columns(text: &str) -> String {
        format!(
            "session_key varchar(40) NOT NULL PRIMARY KEY, session_data {text} NOT NULL, expire_date datetime(6) NOT NULL"
        )
    }

    async fn pool() -> Pool<Self> {
        MySqlPoolOptions::new()
            .connect(&address("HARDTACK_MYSQL"))
            .await
            .unwrap()
    }

    server! { MySql }
}

impl<D: Server> Site<D> {
    /// Creates an empty table.
    pub async fn new(name: &str) -> Self {
        Self::with_columns(name, &D::columns(D::TEXT)).await
    }

    pub async fn with_columns(name: &str, columns: &str) -> Self {
        let site = Self::without_table(name).await;
        site.run(&format!("CREATE TABLE {name} ({columns})")).await;
        site.run(&format!(
            "CREATE INDEX {name}_expire_date ON {name} (expire_date)"
        ))
        .await;
        site
    }

    pub async fn without_table(name: &str) -> Self {
        let site = Self {
            pool: D::pool().await,
            table: name.into(),
        };
        site.run(&format!("DROP TABLE IF EXISTS {name}")).await;
        site
    }

    pub fn store(&self) -> impl SessionStore<Error = Error> + Counts {
        self.store_with(codec())
    }

    pub fn store_with(&self, codec: RecordCodec) -> impl SessionStore<Error = Error> + Counts {
        D::store(self.pool.clone(), codec, &self.table)
    }

    pub async fn run(&self, sql: &str) {
        D::run(&self.pool, sql.into()).await;
    }

    /// Returns the keys in the table.
    pub async fn keys(&self) -> Vec<String> {
        D::texts(
            &self.pool,
            format!("SELECT session_key FROM {} ORDER BY 1", self.table),
        )
        .await
    }

    /// Returns the texts in the table.
    pub async fn data(&self) -> Vec<String> {
        D::texts(
            &self.pool,
            format!("SELECT session_data FROM {} ORDER BY 1", self.table),
        )
        .await
    }

    /// Returns the dates in the table, as text.
    pub async fn dates(&self) -> Vec<String> {
        D::texts(
            &self.pool,
            format!("SELECT {} FROM {} ORDER BY 1", D::DATE, self.table),
        )
        .await
    }

    pub async fn insert(&self, key: &str, data: &str, date: &str) {
        let table = &self.table;
        self.run(&format!("INSERT INTO {table} (session_key, session_data, expire_date) VALUES ('{key}', '{data}', '{date}')")).await;
    }
}
