//! The engines, and a layer for each.

use std::env;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use hardtack::tower::SessionLayer;
use hardtack::{
    Compression, KeyRing, RecordCodec, SecretKey, SessionCodec, SessionMiddleware, SessionSettings,
    SessionStore,
};
use hardtack_stores::sqlx::mysql::MySqlPoolOptions;
use hardtack_stores::sqlx::postgres::PgPoolOptions;
use hardtack_stores::sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use hardtack_stores::{Cache, CachedDb, Db, Encoding, Memcached, Memory, Redis};
use redis::Client;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};

use crate::Failure;

/// The secret key of all services, including Django.
pub const SECRET_KEY: &str = "k1-7d$u!m3o0q2z@8r#xw5v+e9t&y1a4s6-0123456789-abcdef";

/// Connections to a database, as many as in tower-sessions' server.
pub const CONNECTIONS: u32 = 10;

/// The time limit for a connection, and for a statement.
pub const TIME_LIMIT: Duration = Duration::from_secs(2);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Cookie,
    Memory,
    Postgres,
    MySql,
    Sqlite,
    Redis,
    Memcached,
    CachedDb,
}

/// Names for the command line. For servers, they are those of `stores/tests/servers.sh`.
const NAMES: [(&str, Engine); 8] = [
    ("cookie", Engine::Cookie),
    ("memory", Engine::Memory),
    ("postgres", Engine::Postgres),
    ("mysql", Engine::MySql),
    ("sqlite", Engine::Sqlite),
    ("redis", Engine::Redis),
    ("memcached", Engine::Memcached),
    ("cached_db", Engine::CachedDb),
];

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = NAMES.iter().find(|(_, engine)| engine == self);
        f.pad(name.map_or("", |(name, _)| name))
    }
}

impl FromStr for Engine {
    type Err = Failure;

    fn from_str(name: &str) -> Result<Self, Failure> {
        let engine = NAMES.iter().find(|(known, _)| *known == name);
        Ok(engine.ok_or("no such engine")?.1)
    }
}

fn address(server: &str) -> Result<String, Failure> {
    let name = format!("HARDTACK_{server}");
    env::var(&name).map_err(|_| format!("{name} is not set").into())
}

pub async fn layer(engine: Engine) -> Result<SessionLayer, Failure> {
    Ok(match engine {
        Engine::Cookie => SessionLayer::new(SessionMiddleware::new(SessionCodec::new(keys()?))),
        Engine::Memory => stored(Memory::new()),
        Engine::Postgres => stored(postgres()?),
        Engine::MySql => {
            let pool = MySqlPoolOptions::new().max_connections(CONNECTIONS);
            let pool = pool.acquire_timeout(TIME_LIMIT);
            let pool = pool.connect_lazy(&address("MYSQL")?)?;
            stored(Db::new(pool, codec()?).with_time_limit(TIME_LIMIT))
        }
        Engine::Sqlite => {
            let options = SqliteConnectOptions::from_str(&address("SQLITE")?)?
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Normal);
            let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS);
            stored(Db::new(pool.connect_with(options).await?, codec()?))
        }
        Engine::Redis => stored(redis()?),
        Engine::Memcached => {
            stored(Cache::<Memcached>::new(address("MEMCACHED")?).with_time_limit(TIME_LIMIT))
        }
        Engine::CachedDb => stored(CachedDb::new(postgres()?, redis()?)),
    })
}

fn postgres() -> Result<Db<hardtack_stores::sqlx::Postgres>, Failure> {
    let pool = PgPoolOptions::new().max_connections(CONNECTIONS);
    let pool = pool.acquire_timeout(TIME_LIMIT);
    let pool = pool.connect_lazy(&address("POSTGRES")?)?;
    Ok(Db::new(pool, codec()?).with_time_limit(TIME_LIMIT))
}

/// One connection that all requests share.
fn redis() -> Result<Cache<Redis>, Failure> {
    let client = Client::open(address("REDIS")?)?;
    // A request waits for all attempts.
    let config = ConnectionManagerConfig::new().set_number_of_retries(1);
    let store = Cache::<Redis>::new(ConnectionManager::new_lazy_with_config(client, config)?);
    Ok(match env::var_os("HARDTACK_JSON") {
        Some(_) => store.with_encoding(Encoding::Json),
        None => store,
    })
}

fn stored(store: impl SessionStore + 'static) -> SessionLayer {
    SessionLayer::stored(store, SessionSettings::default())
}

fn keys() -> Result<KeyRing, Failure> {
    Ok(KeyRing::new(SecretKey::new(SECRET_KEY)?))
}

fn codec() -> Result<RecordCodec, Failure> {
    let codec = RecordCodec::new(keys()?);
    Ok(match env::var_os("HARDTACK_UNCOMPRESSED") {
        Some(_) => codec.with_compression(Compression::Never),
        None => codec,
    })
}
