//! Django's sessions on a server, for [`hardtack`]: one store for each of Django's engines and each server.
//!
//! | `SESSION_ENGINE` | store | feature |
//! |---|---|---|
//! | `django.contrib.sessions.backends.db` | `Db<Postgres>`, `Db<MySql>`, `Db<Sqlite>` | `postgres`, `mysql`, `sqlite` |
//!
//! All stores implement [`hardtack::SessionStore`], and their errors are one type, [`Error`].

#![warn(
    unreachable_pub,
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used
)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod error;

// The engine `db`: a row of a table.
#[cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
pub mod db;

pub use error::{Error, ErrorKind};

#[cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
pub use db::Db;
/// The drivers and pools of `Db`, in the version that this package uses.
#[cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
pub use sqlx;
