// The README's links are for readers of the repository. These definitions come first, and make the same links work here.
//! [hardtack]: https://docs.rs/hardtack
//! [settings]: https://docs.rs/hardtack/latest/hardtack/docs/django/index.html#settings-of-a-store
//! [`Cache`]: crate::Cache
//! [`CachedDb`]: crate::CachedDb
//! [`Db`]: crate::Db
//! [`Files`]: crate::Files
//! [`Memory`]: crate::Memory
#![cfg_attr(
    any(
        not(doctest),
        all(
            feature = "postgres",
            feature = "mysql",
            feature = "sqlite",
            feature = "redis",
            feature = "memcached",
            feature = "files"
        )
    ),
    doc = include_str!("../README.md")
)]
// The README links items of all features.
#![cfg_attr(
    not(all(feature = "sqlite", feature = "redis", feature = "files")),
    allow(rustdoc::broken_intra_doc_links)
)]
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
mod db;

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

// Not one of Django's engines.
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
#[cfg(feature = "mysql")]
pub use db::mysql;
#[cfg(feature = "postgres")]
pub use db::postgres;
#[cfg(feature = "sqlite")]
pub use db::sqlite;
#[cfg(feature = "files")]
pub use files::Files;
pub use memory::Memory;
/// The driver for `Cache<Redis>`, in the version that this package uses.
#[cfg(feature = "redis")]
pub use redis;
/// The drivers and pools for `Db`, in the version that this package uses.
#[cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
pub use sqlx;
