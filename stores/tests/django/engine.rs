//! Our stores, created from Django's settings.

use hardtack::{
    Clear, Error as SessionError, Found, KeyRing, Load, RecordCodec, Save, SecretKey, Session,
    SessionKey, SessionStore, StoreError,
};
use hardtack_stores::{Cache, CachedDb, Db, Error, Files, Redis};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use sqlx::Pool;
use sqlx::mysql::{MySql, MySqlConnectOptions};
use sqlx::postgres::{PgConnectOptions, Postgres};
use sqlx::sqlite::{Sqlite, SqliteConnectOptions};

use crate::common::zone::berlin;
use crate::faults::Fault;
use crate::protocol::Site;

/// `KEY_PREFIX` in `django/contrib/sessions/backends/cache.py`.
pub const CACHE_PREFIX: &str = "django.contrib.sessions.cache";

/// The cache of Django's tests that fails. Here it is a cache that does not exist: no server listens on this port.
const FAILING_CACHE: &str = "cache.failing_cache.CacheClass";
const NO_SERVER: &str = "redis://127.0.0.1:1";

type Result<T> = std::result::Result<T, StoreError<Error>>;

impl Site {
    /// Returns the codec of rows and files. (Keys of tests are weak.)
    pub fn codec(&self) -> RecordCodec {
        let key = SecretKey::allow_weak(self.settings.secret.as_str()).expect("a secret key");
        let codec = RecordCodec::new(KeyRing::new(key));
        if self.settings.use_tz {
            codec
        } else {
            codec.with_site_time_zone(berlin())
        }
    }

    /// Returns a session of the site, with its flags clear.
    pub fn session(&self, json: &str) -> std::result::Result<Session, SessionError> {
        let session = Session::from_json(json)?;
        Ok(if self.settings.use_tz {
            session
        } else {
            session.with_site_time_zone(berlin())
        })
    }

    fn cache(&self) -> Cache<Redis> {
        let (backend, location) = &self.settings.cache;
        let is_failing = backend == FAILING_CACHE;
        let client = redis::Client::open(if is_failing { NO_SERVER } else { location });
        let config = ConnectionManagerConfig::new().set_number_of_retries(0);
        let connection =
            ConnectionManager::new_lazy_with_config(client.expect("a location"), config);
        let cache = Cache::<Redis>::new(connection.expect("a connection"));
        if self.settings.use_tz {
            cache
        } else {
            cache.with_site_time_zone(berlin())
        }
    }

    fn database(&self, codec: RecordCodec) -> Database {
        let [backend, name, user, host, port] = &self.settings.database;
        let port = port.parse().unwrap_or_default();
        let table = self.table.as_deref().expect("a table");
        let database = match backend.rsplit('.').next() {
            Some("postgresql") => {
                let options = PgConnectOptions::new().host(host).port(port).username(user);
                let pool = Pool::connect_lazy_with(options.database(name));
                Db::new(pool, codec)
                    .with_table(table)
                    .map(Database::Postgres)
            }
            Some("mysql") => {
                let options = MySqlConnectOptions::new().host(host).port(port);
                let pool = Pool::connect_lazy_with(options.username(user).database(name));
                Db::new(pool, codec).with_table(table).map(Database::MySql)
            }
            _ => {
                let pool = Pool::connect_lazy_with(SqliteConnectOptions::new().filename(name));
                Db::new(pool, codec).with_table(table).map(Database::Sqlite)
            }
        };
        database.expect("a table")
    }
}

/// Implements the trait for an enum of stores.
macro_rules! store {
    ($(#[$doc:meta])* $name:ident { $($variant:ident($store:ty)),+ $(,)? }) => {
        $(#[$doc])*
        pub enum $name {
            $($variant($store)),+
        }

        impl SessionStore for $name {
            type Error = Error;

            fn new_session(&self) -> Session {
                match self {
                    $(Self::$variant(store) => store.new_session()),+
                }
            }

            async fn load(&self, load: Load<'_>) -> Result<Option<Found>> {
                match self {
                    $(Self::$variant(store) => store.load(load).await),+
                }
            }

            async fn create(&self, save: Save<'_>) -> Result<bool> {
                match self {
                    $(Self::$variant(store) => store.create(save).await),+
                }
            }

            async fn update(&self, save: Save<'_>) -> Result<bool> {
                match self {
                    $(Self::$variant(store) => store.update(save).await),+
                }
            }

            async fn delete(&self, key: &SessionKey) -> Result<bool> {
                match self {
                    $(Self::$variant(store) => store.delete(key).await),+
                }
            }

            async fn clear_expired(&self, clear: Clear) -> Result<u32> {
                match self {
                    $(Self::$variant(store) => store.clear_expired(clear).await),+
                }
            }
        }
    };
}

store! {
    /// The table of one of the servers.
    Database {
        Postgres(Db<Postgres>),
        MySql(Db<MySql>),
        Sqlite(Db<Sqlite>),
    }
}

store! {
    /// One of our stores.
    Store {
        Database(Database),
        CachedDb(CachedDb<Database, Redis>),
        Cache(Cache<Redis>),
        Files(Files),
    }
}

impl Store {
    /// Opens a store, which connects when it is first used.
    pub fn open(site: &Site, fault: Fault) -> Self {
        let codec = match fault {
            Fault::WrongSalt => site.codec().with_salt("django.contrib.sessions.OtherStore"),
            _ => site.codec(),
        };
        match site.engine.as_str() {
            "db" => Self::Database(site.database(codec)),
            "cached_db" => Self::CachedDb(CachedDb::new(site.database(codec), site.cache())),
            "cache" => Self::Cache(site.cache()),
            "file" => {
                let files = Files::new(&site.settings.file_path, codec);
                Self::Files(files.with_prefix(&site.settings.cookie_name))
            }
            engine => panic!("no engine {engine}"),
        }
    }
}
