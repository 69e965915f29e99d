//! MySQL and MariaDB.
//!
//! ```no_run
//! use hardtack::{KeyRing, RecordCodec, SecretKey};
//! use hardtack_stores::Db;
//! use hardtack_stores::sqlx::mysql::MySqlPoolOptions;
//! use std::time::Duration;
//!
//! # async fn example(secret_key: String) -> Result<(), Box<dyn std::error::Error>> {
//! let pool = MySqlPoolOptions::new()
//!     .acquire_timeout(Duration::from_secs(3))
//!     .connect_lazy("mysql://user:password@127.0.0.1/site")?;
//! let codec = RecordCodec::new(KeyRing::new(SecretKey::new(secret_key)?));
//! let store = Db::new(pool, codec);
//! # Ok(())
//! # }
//! ```
//!
//! Django's settings: the address comes from `DATABASES`. A site with `USE_TZ = False` keeps local times in the column
//! `expire_date`: give the codec the zone of `TIME_ZONE` (`RecordCodec::with_site_time_zone`).
//!
//! The server must be in strict mode, which is the default and which Django checks (`mysql.W002`). Otherwise the server
//! truncates a text that is too long for its column. MySQL 8 asks for TLS or RSA to log in with a password: enable one
//! of sqlx's features `tls-*`, or `mysql-rsa`.

use hardtack::{Error, RecordCodec, Timestamp};
use sqlx::error::DatabaseError;
use sqlx::mysql::MySqlDatabaseError;
use sqlx::{MySql, MySqlConnection, SqlStr, query, query_as, query_scalar};
use time::PrimitiveDateTime;

use super::date;
use super::server::{Row, Server, Statements, queries, sql};
use crate::error::ErrorKind;

/// `ER_DUP_ENTRY`
const DUPLICATE_ENTRY: u16 = 1062;
/// `ER_LOCK_DEADLOCK`
const DEADLOCK: u16 = 1213;

impl Server for MySql {
    const KEYS: usize = 2;
    type Date = PrimitiveDateTime;

    fn statements(table: &str) -> Statements {
        let table = format!("`{}`", table.replace('`', "``"));
        // The first comparison uses the index. With most collations, it also matches keys that differ in case or end
        // with spaces.
        let has_key = "session_key = ? AND CAST(session_key AS BINARY) = ?";
        Statements {
            load: sql(format!(
                "SELECT session_key, session_data, expire_date FROM {table} WHERE expire_date > ? AND session_key = ?"
            )),
            // Not INSERT IGNORE, which ignores every error and truncates text that is too long.
            create: sql(format!(
                "INSERT INTO {table} (session_data, expire_date, session_key) VALUES (?, ?, ?)"
            )),
            update: sql(format!(
                "UPDATE {table} SET session_data = ?, expire_date = ? WHERE {has_key}"
            )),
            delete: sql(format!("DELETE FROM {table} WHERE {has_key}")),
            clear: sql(format!(
                "DELETE FROM {table} WHERE expire_date < ? ORDER BY expire_date LIMIT ?"
            )),
            count: sql(format!(
                "SELECT count(*) FROM {table} WHERE expire_date < ?"
            )),
        }
    }

    fn date(at: Timestamp, codec: &RecordCodec) -> Result<PrimitiveDateTime, Error> {
        date::to_site_time(at, codec)
    }

    fn instant(date: PrimitiveDateTime, codec: &RecordCodec) -> Option<Timestamp> {
        Some(codec.instant_of_site_time(date.assume_utc().into()))
    }

    queries! { MySqlConnection }

    fn is_taken(error: &dyn DatabaseError) -> bool {
        // The message ends with the name of the index. It also quotes the key, but a key has no upper case.
        number(error) == DUPLICATE_ENTRY && error.message().contains("PRIMARY'")
    }

    fn is_deadlock(error: &dyn DatabaseError) -> bool {
        number(error) == DEADLOCK
    }

    /// The lists of error numbers in the manuals of MySQL and MariaDB.
    fn explain(error: &dyn DatabaseError) -> (String, ErrorKind) {
        let number = number(error);
        let kind = match number {
            // ER_BAD_FIELD_ERROR, ER_NO_SUCH_TABLE
            1054 | 1146 => ErrorKind::WrongTable,
            // ER_TOO_LONG_IDENT, ER_WRONG_TABLE_NAME
            1059 | 1103 => ErrorKind::InvalidTable,
            // ER_DATA_TOO_LONG
            1406 => ErrorKind::TooLong,
            // ER_DBACCESS_DENIED_ERROR, ER_ACCESS_DENIED_ERROR, ER_BAD_DB_ERROR, ER_TABLEACCESS_DENIED_ERROR,
            // ER_COLUMNACCESS_DENIED_ERROR, ER_ACCESS_DENIED_NO_PASSWORD_ERROR
            1044 | 1045 | 1049 | 1142 | 1143 | 1698 => ErrorKind::AccessDenied,
            // ER_LOCK_WAIT_TIMEOUT
            1205 | DEADLOCK => ErrorKind::Busy,
            // ER_STATEMENT_TIMEOUT of MariaDB, ER_QUERY_TIMEOUT of MySQL
            1969 | 3024 => ErrorKind::TimedOut,
            // ER_CON_COUNT_ERROR, ER_SERVER_SHUTDOWN, ER_TOO_MANY_USER_CONNECTIONS
            1040 | 1053 | 1203 => ErrorKind::Unreachable,
            _ => ErrorKind::Refused,
        };
        (number.to_string(), kind)
    }
}

fn number(error: &dyn DatabaseError) -> u16 {
    let error = error.try_downcast_ref::<MySqlDatabaseError>();
    error.map_or(0, MySqlDatabaseError::number)
}
