//! SQLite.
//!
//! ```no_run
//! use hardtack::{KeyRing, RecordCodec, SecretKey};
//! use hardtack_stores::Db;
//! use hardtack_stores::sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
//! use std::time::Duration;
//!
//! # async fn example(secret_key: String) -> Result<(), Box<dyn std::error::Error>> {
//! let options = SqliteConnectOptions::new()
//!     .filename("db.sqlite3")
//!     .busy_timeout(Duration::from_secs(5)); // Django's default, too
//! let pool = SqlitePoolOptions::new().connect_lazy_with(options);
//! let codec = RecordCodec::new(KeyRing::new(SecretKey::new(secret_key)?));
//! let store = Db::new(pool, codec);
//! # Ok(())
//! # }
//! ```
//!
//! Django's settings: the file is the `NAME` in `DATABASES`. A site with `USE_TZ = False` keeps local times in the column
//! `expire_date`: give the codec the zone of `TIME_ZONE` (`RecordCodec::with_site_time_zone`).

use hardtack::{Error, RecordCodec, Timestamp};
use sqlx::error::DatabaseError;
use sqlx::{SqlStr, Sqlite, SqliteConnection, query, query_as, query_scalar};

use super::date;
use super::server::{Row, Server, Statements, queries, sql};
use crate::error::ErrorKind;

impl Server for Sqlite {
    /// Text, which the server compares as text.
    type Date = String;

    fn statements(table: &str) -> Statements {
        let table = format!("\"{}\"", table.replace('"', "\"\""));
        Statements {
            load: sql(format!(
                "SELECT session_key, session_data, expire_date FROM {table} WHERE expire_date > ? AND session_key = ?"
            )),
            create: sql(format!(
                "INSERT INTO {table} (session_data, expire_date, session_key) VALUES (?, ?, ?) ON CONFLICT (session_key) DO NOTHING"
            )),
            update: sql(format!(
                "UPDATE {table} SET session_data = ?, expire_date = ? WHERE session_key = ?"
            )),
            delete: sql(format!("DELETE FROM {table} WHERE session_key = ?")),
            clear: sql(format!(
                "DELETE FROM {table} WHERE session_key IN (SELECT session_key FROM {table} WHERE expire_date < ? LIMIT ?)"
            )),
            count: sql(format!(
                "SELECT count(*) FROM {table} WHERE expire_date < ?"
            )),
        }
    }

    fn date(at: Timestamp, codec: &RecordCodec) -> Result<String, Error> {
        Ok(date::text::write(date::to_site_time(at, codec)?))
    }

    fn instant(date: String, codec: &RecordCodec) -> Option<Timestamp> {
        let time = date::text::read(&date)?.assume_utc();
        Some(codec.instant_of_site_time(time.into()))
    }

    queries! { SqliteConnection }

    /// <https://www.sqlite.org/rescode.html>
    fn explain(error: &dyn DatabaseError) -> (String, ErrorKind) {
        let code = error.code().unwrap_or_default();
        // The low byte of an extended code is the primary one.
        let kind = match code.parse::<i32>().unwrap_or_default() & 0xff {
            // SQLITE_ERROR: a table or a column is missing, or the table has no unique key.
            1 => ErrorKind::WrongTable,
            // SQLITE_PERM, SQLITE_READONLY, SQLITE_AUTH
            3 | 8 | 23 => ErrorKind::AccessDenied,
            // SQLITE_BUSY, SQLITE_LOCKED
            5 | 6 => ErrorKind::Busy,
            // SQLITE_CANTOPEN
            14 => ErrorKind::Unreachable,
            // SQLITE_TOOBIG
            18 => ErrorKind::TooLong,
            _ => ErrorKind::Refused,
        };
        (code.into_owned(), kind)
    }
}
