//! A service beside a Django site: same sessions, whichever engine the site has. Only `layer` knows which.

mod pages;
mod users;

use std::env;
use std::error::Error;
use std::time::Duration;

use hardtack::tower::SessionLayer;
use hardtack::{
    KeyRing, RecordCodec, SESSION_COOKIE_NAME, SecretKey, SessionCodec, SessionMiddleware,
    SessionSettings, SetCookie, Timestamp,
};
use hardtack_stores::pickle::Protocol;
use hardtack_stores::redis::Client;
use hardtack_stores::redis::aio::ConnectionManager;
use hardtack_stores::{Cache, CachedDb, Db, Encoding, Files, Memcached, Redis};
use sqlx::SqlitePool;
use sqlx::mysql::MySqlPoolOptions;
use sqlx::postgres::PgPoolOptions;
use time::UtcOffset;
use tokio::net::TcpListener;

use users::Users;

/// How long a request waits for a connection to the database.
const TIMEOUT: Duration = Duration::from_secs(3);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // All levels but the lowest, so that a check can search them for secrets.
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::DEBUG)
        .with_ansi(false)
        .init();
    let keys = keys()?;
    let database = SqlitePool::connect(&format!("sqlite:{}", setting("USERS")?)).await?;
    let users = Users::new(database.clone(), &keys);

    let app = pages::pages()
        .merge(pages::holding())
        .layer(layer(keys, database).await?)
        .with_state(users);

    let listener = TcpListener::bind(setting("ADDRESS")?).await?;
    axum::serve(listener, app).await?;
    Ok(())
}

/// Django's `SESSION_ENGINE`, and the server that it uses.
async fn layer(keys: KeyRing, sqlite: SqlitePool) -> Result<SessionLayer, Box<dyn Error>> {
    // Loopback has no TLS.
    let cookie = SetCookie::new(SESSION_COOKIE_NAME).with_secure(false);
    let settings = SessionSettings::default().with_cookie(cookie)?;
    let zone = berlin()?;
    let is_local = env::var("USE_TZ").as_deref() == Ok("0");
    let (mut codec, mut cookies) = (RecordCodec::new(keys.clone()), SessionCodec::new(keys));
    if is_local {
        codec = codec.with_site_time_zone(zone.clone());
        cookies = cookies.with_site_time_zone(zone.clone());
    }
    let redis = async || -> Result<Cache<Redis>, Box<dyn Error>> {
        let client = Client::open(setting("HARDTACK_REDIS")?)?;
        let cache = Cache::<Redis>::new(ConnectionManager::new(client).await?);
        Ok(if is_local {
            cache.with_site_time_zone(zone.clone())
        } else {
            cache
        })
    };
    Ok(match setting("ENGINE")?.as_str() {
        "db:sqlite" => SessionLayer::stored(Db::new(sqlite, codec), settings),
        "db:postgres" => {
            let pool = PgPoolOptions::new().acquire_timeout(TIMEOUT);
            let pool = pool.connect(&setting("HARDTACK_POSTGRES")?).await?;
            SessionLayer::stored(Db::new(pool, codec), settings)
        }
        "db:mysql" => {
            let pool = MySqlPoolOptions::new().acquire_timeout(TIMEOUT);
            let pool = pool.connect(&setting("HARDTACK_MYSQL")?).await?;
            SessionLayer::stored(Db::new(pool, codec), settings)
        }
        "file" => SessionLayer::stored(Files::new(setting("SESSION_FOLDER")?, codec), settings),
        "cache:redis" => SessionLayer::stored(redis().await?, settings),
        "cache:django_redis" => {
            let encoding = Encoding::Pickle(Protocol::Four);
            SessionLayer::stored(redis().await?.with_encoding(encoding), settings)
        }
        "cache:memcached" => {
            let cache = Cache::<Memcached>::new(setting("HARDTACK_MEMCACHED")?);
            let cache = if is_local {
                cache.with_site_time_zone(zone)
            } else {
                cache
            };
            SessionLayer::stored(cache, settings)
        }
        "cached_db:redis" => SessionLayer::stored(
            CachedDb::new(Db::new(sqlite, codec), redis().await?),
            settings,
        ),
        "signed_cookies" => {
            SessionLayer::new(SessionMiddleware::new(cookies).with_settings(settings)?)
        }
        engine => return Err(format!("no engine {engine}").into()),
    })
}

/// Django's `TIME_ZONE`, for a site with `USE_TZ = False`.
fn berlin()
-> Result<impl Fn(Timestamp) -> UtcOffset + Clone + Send + Sync + 'static, Box<dyn Error>> {
    let zone = jiff::tz::TimeZone::get("Europe/Berlin")?;
    Ok(move |instant: Timestamp| {
        let instant = jiff::Timestamp::from_second(instant.as_unix_seconds());
        let offset = zone.to_offset(instant.unwrap_or(jiff::Timestamp::MAX));
        UtcOffset::from_whole_seconds(offset.seconds()).unwrap_or(UtcOffset::UTC)
    })
}

/// Django's `SECRET_KEY` and `SECRET_KEY_FALLBACKS`, from where Django has them.
fn keys() -> Result<KeyRing, Box<dyn Error>> {
    let mut keys = KeyRing::new(SecretKey::new(setting("SECRET_KEY")?)?);
    for key in env::var("SECRET_KEY_FALLBACKS")
        .unwrap_or_default()
        .split_whitespace()
    {
        keys = keys.with_fallback(SecretKey::new(key)?);
    }
    Ok(keys)
}

fn setting(name: &str) -> Result<String, String> {
    env::var(name).map_err(|error| format!("{name}: {error} (run.sh sets it)"))
}
