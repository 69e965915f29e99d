//! Django's sessions on a server, for [`hardtack`]: one store for each of Django's engines and each server.
//!
//! | `SESSION_ENGINE` | store | feature |
//! |---|---|---|
//! | `django.contrib.sessions.backends.db` | `Db<Postgres>`, `Db<MySql>`, `Db<Sqlite>` | `postgres`, `mysql`, `sqlite` |
//! | `django.contrib.sessions.backends.cache` | `Cache<Redis>`, `Cache<Memcached>` | `redis`, `memcached` |
//! | `django.contrib.sessions.backends.cached_db` | `CachedDb<Db<..>, Redis>`, `CachedDb<Db<..>, Memcached>` | one of each of the above |
//! | `django.contrib.sessions.backends.file` | [`Files`] | `files` |
//! | none: for tests and first steps | [`Memory`] | |
//!
//! All stores implement [`hardtack::SessionStore`], and their errors are one type, [`Error`].
//!
//! # Expired sessions
//!
//! Databases and folders keep expired sessions until they are deleted, which Django leaves to `manage.py clearsessions`. The
//! command `clear` (`cargo install hardtack-stores --features clear`) deletes them in batches, so that no request waits for
//! long:
//!
//! ```text
//! $ clear postgres://user@127.0.0.1/site
//! 270,000 expired sessions
//! [#########---------------] 103,000 of 270,000, 21,300 a second, 0:07 left
//! ```
//!
//! A program calls [`SessionStore::clear_expired`](hardtack::SessionStore::clear_expired) until it returns 0.

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

// Sessions as Python pickles.
#[cfg(feature = "pickle")]
#[cfg_attr(docsrs, doc(cfg(feature = "pickle")))]
pub mod pickle;

// The engines `cache` and `cached_db`.
#[cfg(any(feature = "redis", feature = "memcached"))]
mod cache;
#[cfg(any(feature = "redis", feature = "memcached"))]
mod cached;

// The engine `file`.
#[cfg(feature = "files")]
mod files;

// No engine of Django's.
mod memory;

pub use error::{Error, ErrorKind};

#[cfg(any(feature = "redis", feature = "memcached"))]
pub use cache::Cache;
#[cfg(feature = "memcached")]
pub use cache::Memcached;
#[cfg(feature = "redis")]
pub use cache::{Encoding, Redis};
#[cfg(any(feature = "redis", feature = "memcached"))]
pub use cached::CachedDb;
#[cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
pub use db::Db;
#[cfg(feature = "files")]
pub use files::Files;
pub use memory::Memory;
/// The driver of `Cache<Redis>`, in the version that this package uses.
#[cfg(feature = "redis")]
pub use redis;
/// The drivers and pools of `Db`, in the version that this package uses.
#[cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
pub use sqlx;
