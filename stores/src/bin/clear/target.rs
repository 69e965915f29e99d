//! Opens the store at an address.

use std::path::Path;
use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;

use hardtack::{KeyRing, RecordCodec, SecretKey, Timestamp};
use hardtack_stores::sqlx::pool::PoolOptions;
use hardtack_stores::sqlx::sqlite::SqliteConnectOptions;
use hardtack_stores::sqlx::{MySql, Postgres, Sqlite};
use hardtack_stores::{Db, Files};
use jiff::tz::TimeZone;
use time::UtcOffset;

use crate::{Args, clear, sentence};

/// How long to wait for a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// How long to wait for a statement. The count of a large table takes a while.
const STATEMENT: Duration = Duration::from_secs(600);

/// Clears the store at the address. Its errors never contain the address, which may have a password.
pub(crate) async fn run(args: &Args) -> Result<ExitCode, String> {
    let address = match &args.address {
        Some(address) => address.clone(),
        None => std::env::var("DATABASE_URL").map_err(|_| "no address, and no DATABASE_URL")?,
    };
    // As sqlx reads it: `sqlite:db.sqlite3`, `sqlite://db.sqlite3`.
    let file = address.strip_prefix("sqlite:");
    let address = file.map_or(&*address, |file| file.strip_prefix("//").unwrap_or(file));
    let now = Timestamp::now();
    let codec = codec(args.time_zone.clone())?;
    // A macro, because each server's store has its own type.
    macro_rules! clear_table {
        ($server:ty, $options:expr) => {{
            let pool = PoolOptions::<$server>::new()
                .acquire_timeout(CONNECT)
                .max_connections(1);
            let db = Db::new(pool.connect_lazy_with($options), codec).with_time_limit(STATEMENT);
            let db = db.with_table(&args.table);
            let db = db.map_err(|error| error.to_string())?;
            let expired = db.count_expired(now).await;
            let expired = expired.map_err(|error| sentence(&error))?;
            clear(&db, expired, now, args).await
        }};
    }
    match address.split_once("://").map(|(scheme, _)| scheme) {
        Some("postgres" | "postgresql") => clear_table!(Postgres, options(address)?),
        Some("mysql" | "mariadb") => clear_table!(MySql, options(address)?),
        None if Path::new(address).is_dir() => {
            let codec = with_zone(RecordCodec::new(keys()?), args.time_zone.clone());
            let files = Files::new(address, codec).with_prefix(&args.prefix);
            let expired = files.count_expired(now, args.age()).await;
            let expired = expired.map_err(|error| sentence(&error))?;
            clear(&files, expired, now, args).await
        }
        None if Path::new(address).is_file() => {
            let options = SqliteConnectOptions::new().filename(address);
            clear_table!(Sqlite, options.busy_timeout(CONNECT))
        }
        _ => Err(
            "the address is not a PostgreSQL or MySQL address, an SQLite file, or a folder".into(),
        ),
    }
}

fn options<T: FromStr>(address: &str) -> Result<T, String> {
    address.parse().map_err(|_| "the address cannot be parsed: write special characters of the password as %40, for example".into())
}

/// Returns a codec for clearing a table. It neither reads nor writes sessions, so only its time zone matters, not its
/// key.
fn codec(zone: Option<TimeZone>) -> Result<RecordCodec, String> {
    let key = SecretKey::new("this key signs nothing and verifies nothing");
    let keys = KeyRing::new(key.map_err(|error| error.to_string())?);
    Ok(with_zone(RecordCodec::new(keys), zone))
}

fn with_zone(codec: RecordCodec, zone: Option<TimeZone>) -> RecordCodec {
    let Some(zone) = zone else { return codec };
    codec.with_site_time_zone(move |instant| {
        let instant = jiff::Timestamp::from_second(instant.as_unix_seconds());
        let offset = zone.to_offset(instant.unwrap_or(jiff::Timestamp::MAX));
        UtcOffset::from_whole_seconds(offset.seconds()).unwrap_or(UtcOffset::UTC)
    })
}

/// Returns the keys in the environment.
fn keys() -> Result<KeyRing, String> {
    let key =
        |name: &str, text: &str| SecretKey::new(text).map_err(|error| format!("{name}: {error}"));
    let secret =
        std::env::var("SECRET_KEY").map_err(|_| "a folder needs SECRET_KEY in the environment")?;
    let keys = KeyRing::new(key("SECRET_KEY", &secret)?);
    let fallbacks = std::env::var("SECRET_KEY_FALLBACKS").unwrap_or_default();
    fallbacks.split_whitespace().try_fold(keys, |keys, text| {
        Ok(keys.with_fallback(key("SECRET_KEY_FALLBACKS", text)?))
    })
}

pub(crate) fn zone(name: &str) -> Result<TimeZone, String> {
    TimeZone::get(name).map_err(|_| "no such time zone".into())
}
