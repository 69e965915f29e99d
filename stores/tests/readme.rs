//! The layers in the main README's table of engines compile.

use hardtack::tower::SessionLayer;
use hardtack::{RecordCodec, SessionMiddleware, SessionSettings};
use hardtack_stores::redis::aio::ConnectionManager;
use hardtack_stores::sqlx::SqlitePool;
use hardtack_stores::{Cache, CachedDb, Db, Files, Memcached, Redis};

fn signed_cookies(sessions: SessionMiddleware) -> SessionLayer {
    SessionLayer::new(sessions)
}

fn db(pool: SqlitePool, records: RecordCodec, settings: SessionSettings) -> SessionLayer {
    SessionLayer::stored(Db::new(pool, records), settings)
}

fn cached_db(db: Db<sqlx::Sqlite>, cache: Cache<Redis>, settings: SessionSettings) -> SessionLayer {
    SessionLayer::stored(CachedDb::new(db, cache), settings)
}

fn redis(connection: ConnectionManager, settings: SessionSettings) -> SessionLayer {
    SessionLayer::stored(Cache::<Redis>::new(connection), settings)
}

fn memcached(address: &str, settings: SessionSettings) -> SessionLayer {
    SessionLayer::stored(Cache::<Memcached>::new(address), settings)
}

fn file(folder: &str, records: RecordCodec, settings: SessionSettings) -> SessionLayer {
    SessionLayer::stored(Files::new(folder, records), settings)
}

/// Removes white space, and the commas of a multi-line call.
fn packed(code: &str) -> String {
    let code: String = code.split_whitespace().collect();
    code.replace(",)", ")")
}

#[test]
fn the_layers_of_the_table_compile() {
    let _ = (signed_cookies, db, cached_db, redis, memcached, file);
    let source = packed(include_str!("readme.rs"));
    let readme = include_str!("hardtack_readme.txt"); // a link to the main README
    let codes = readme.split('`');
    let layers: Vec<&str> = codes
        .filter(|code| code.starts_with("SessionLayer::") && code.ends_with(')'))
        .collect();
    assert_eq!(layers.len(), 6);
    for layer in layers {
        assert!(source.contains(&packed(layer)), "{layer}");
    }
}
