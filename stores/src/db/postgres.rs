//! PostgreSQL.
//!
//! ```no_run
//! use hardtack::{KeyRing, RecordCodec, SecretKey};
//! use hardtack_stores::Db;
//! use hardtack_stores::sqlx::postgres::PgPoolOptions;
//! use std::time::Duration;
//!
//! # async fn example(secret_key: String) -> Result<(), Box<dyn std::error::Error>> {
//! let pool = PgPoolOptions::new()
//!     .acquire_timeout(Duration::from_secs(3))
//!     .connect_lazy("postgres://user:password@127.0.0.1/site?options=-c%20statement_timeout=3000")?;
//! let codec = RecordCodec::new(KeyRing::new(SecretKey::new(secret_key)?));
//! let store = Db::new(pool, codec);
//! # Ok(())
//! # }
//! ```
//!
//! Django's settings: the address comes from `DATABASES`. `USE_TZ` and `TIME_ZONE` do not matter for the column
//! `expire_date`, which is a `timestamp with time zone`; for a site with `USE_TZ = False`, they matter for a session's
//! own expiry (`RecordCodec::with_site_time_zone`). A table in another schema than `public` needs
//! `options=-c%20search_path=NAME`.

use hardtack::{Error, RecordCodec, Timestamp};
use sqlx::error::DatabaseError;
use sqlx::{PgConnection, Postgres, SqlStr, query, query_as, query_scalar};
use time::OffsetDateTime;

use super::date;
use super::server::{Row, Server, Statements, queries, sql};
use crate::error::ErrorKind;

impl Server for Postgres {
    // NAMEDATALEN - 1
    const MAX_NAME: usize = 63;
    type Date = OffsetDateTime;

    fn statements(table: &str) -> Statements {
        let table = format!("\"{}\"", table.replace('"', "\"\""));
        Statements {
            // LEAST, because `OffsetDateTime` cannot hold a later date or 'infinity'.
            load: sql(format!(
                "SELECT session_key, session_data, LEAST(expire_date, '9999-12-31 23:59:59.999999Z') FROM {table} WHERE expire_date > $1 AND session_key = $2"
            )),
            // A taken key must not be an error, because the server would write the key to its log.
            create: sql(format!(
                "INSERT INTO {table} (session_data, expire_date, session_key) VALUES ($1, $2, $3) ON CONFLICT (session_key) DO NOTHING"
            )),
            update: sql(format!(
                "UPDATE {table} SET session_data = $1, expire_date = $2 WHERE session_key = $3"
            )),
            delete: sql(format!("DELETE FROM {table} WHERE session_key = $1")),
            // Skips rows that a request is saving. ARRAY makes the inner query run once.
            clear: sql(format!(
                "DELETE FROM {table} WHERE session_key = ANY(ARRAY(SELECT session_key FROM {table} WHERE expire_date < $1 ORDER BY expire_date LIMIT $2 FOR UPDATE SKIP LOCKED))"
            )),
            count: sql(format!(
                "SELECT count(*) FROM {table} WHERE expire_date < $1"
            )),
        }
    }

    fn date(at: Timestamp, _codec: &RecordCodec) -> Result<OffsetDateTime, Error> {
        date::to_micros(at)
    }

    fn instant(date: OffsetDateTime, _codec: &RecordCodec) -> Option<Timestamp> {
        Some(date.into())
    }

    queries! { PgConnection }

    /// Appendix A of PostgreSQL's manual.
    fn explain(error: &dyn DatabaseError) -> (String, ErrorKind) {
        let code = error.code().unwrap_or_default();
        let kind = match &*code {
            // undefined_table, undefined_column, invalid_schema_name, datatype_mismatch, undefined_function (an operator)
            "42P01" | "42703" | "3F000" | "42804" | "42883" => ErrorKind::WrongTable,
            // string_data_right_truncation
            "22001" => ErrorKind::TooLong,
            // invalid_password, invalid_authorization_specification, invalid_catalog_name, insufficient_privilege
            "28P01" | "28000" | "3D000" | "42501" => ErrorKind::AccessDenied,
            // serialization_failure, deadlock_detected, lock_not_available
            "40001" | "40P01" | "55P03" => ErrorKind::Busy,
            // query_canceled: statement_timeout
            "57014" => ErrorKind::TimedOut,
            // too_many_connections, admin_shutdown, crash_shutdown, cannot_connect_now
            "53300" | "57P01" | "57P02" | "57P03" => ErrorKind::Unreachable,
            _ => ErrorKind::Refused,
        };
        (code.into_owned(), kind)
    }
}
