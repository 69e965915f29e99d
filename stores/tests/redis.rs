//! Sessions in Redis, against Django. They need Redis (stores/tests/servers.sh).

mod caches;
mod common;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use caches::{
    Django, JSON, Server, both_ways, contract, json_of, load, new_key, refusal, save, session,
};
use common::{address, silent};
use hardtack::{Error, Expiry, SessionStore, StoreError};
use hardtack_stores::pickle::Protocol;
use hardtack_stores::redis::aio::{ConnectionManager, ConnectionManagerConfig};
use hardtack_stores::redis::{Client, cmd};
use hardtack_stores::{Cache, Encoding, ErrorKind, Redis};
use serde_json::{Value, json};

async fn connection() -> ConnectionManager {
    let client = Client::open(address("HARDTACK_REDIS")).expect("an address");
    ConnectionManager::new(client).await.expect("Redis runs")
}

async fn store() -> Cache<Redis> {
    Cache::<Redis>::new(connection().await)
}

fn django_redis(options: &Value) -> Value {
    json!({"BACKEND": "django_redis.cache.RedisCache", "LOCATION": address("HARDTACK_REDIS"), "OPTIONS": options})
}

fn djangos_own() -> Value {
    json!({"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": address("HARDTACK_REDIS")})
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn keeps_the_contract() {
    contract(&store().await).await;
    let json = store()
        .await
        .with_encoding(Encoding::Json)
        .with_zlib()
        .with_key_prefix("json");
    contract(&json).await;
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn django_and_the_store_share_sessionss_own_backend() {
    let mut django = Django::start("cache", &djangos_own(), None);
    both_ways(&store().await, &mut django).await;

    let mut cache = djangos_own();
    cache["KEY_PREFIX"] = "shop".into();
    cache["VERSION"] = 7.into();
    let mut django = Django::start("cache", &cache, None);
    let store = store().await;
    both_ways(&store.with_key_prefix("shop").with_version(7), &mut django).await;
    let store = self::store()
        .await
        .with_key_prefix("shop")
        .with_version(7)
        .with_key_function(|key, prefix, version| [prefix, version, key].join(":"));
    both_ways(&store, &mut django).await;
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn django_and_the_store_share_sessions_redis() {
    const JSON_SERIALIZER: &str = "django_redis.serializers.json.JSONSerializer";
    const ZLIB: &str = "django_redis.compressors.zlib.ZlibCompressor";
    let four = Encoding::Pickle(Protocol::Four);
    for (options, encoding, zlib) in [
        (json!({}), four, false),
        (
            json!({"PICKLE_VERSION": 5}),
            Encoding::Pickle(Protocol::Five),
            false,
        ),
        (
            json!({"PICKLE_VERSION": 2}),
            Encoding::Pickle(Protocol::Two),
            false,
        ),
        (json!({"COMPRESSOR": ZLIB}), four, true),
        (
            json!({"SERIALIZER": JSON_SERIALIZER}),
            Encoding::Json,
            false,
        ),
        (
            json!({"SERIALIZER": JSON_SERIALIZER, "COMPRESSOR": ZLIB}),
            Encoding::Json,
            true,
        ),
    ] {
        let mut django = Django::start("cache", &django_redis(&options), None);
        let mut store = store().await.with_encoding(encoding);
        if zlib {
            store = store.with_zlib();
        }
        both_ways(&store, &mut django).await;
    }
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn the_age_is_that_of_the_session() {
    let (store, mut connection) = (store().await, connection().await);
    let mut left = async |key: &hardtack::SessionKey| -> i64 {
        let key = format!(":1:django.contrib.sessions.cache{}", key.as_str());
        let left = cmd("PTTL").arg(key).query_async(&mut connection).await;
        left.expect("Redis runs")
    };
    let (key, one) = (new_key(), session(r#"{"n":1}"#));
    assert!(
        store
            .create(save(&key, &one, 100.0))
            .await
            .expect("it works")
    );
    assert!((90_000..=100_000).contains(&left(&key).await));
    assert!(
        store
            .update(save(&key, &one, 7_900.0 * 365.0 * 86400.0))
            .await
            .expect("it works")
    );
    assert!(left(&key).await > 7_800 * 365 * 86_400_000);
    // A session with less than a second left has not ended.
    assert!(store.update(save(&key, &one, 0.9)).await.expect("it works"));
    assert!(json_of(&store, &key).await.is_some());
    tokio::time::sleep(Duration::from_millis(1000)).await;
    assert_eq!(json_of(&store, &key).await, None);
    // Less than a millisecond is not an error.
    assert!(
        store
            .create(save(&key, &one, 0.000_5))
            .await
            .expect("it works")
    );
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert!(
        !store
            .update(save(&key, &one, 100.0))
            .await
            .expect("it works")
    );
}

/// Records that Django reads and hardtack does not: an error, and the record stays as it is.
#[tokio::test]
#[ignore = "needs Redis"]
async fn a_session_with_other_data_is_left_alone() {
    let (store, mut connection) = (store().await, connection().await);
    let mut django = Django::start("cache", &djangos_own(), None);
    for (value, reason) in [
        ("{'k': (1, 2)}", "(TUPLE)"),
        ("{'k': {1, 2}}", "(EMPTY_SET, FROZENSET)"),
        ("{'k': b'x'}", "(BINBYTES)"),
        ("{'k': datetime.date(2026, 1, 2)}", "(GLOBAL)"),
        ("{1: 2}", "a key that is not text"),
        ("123", "not a pickle"),
    ] {
        let key = new_key();
        let name = format!("django.contrib.sessions.cache{}", key.as_str());
        django.cache(&name, value);
        let mut bytes = async || -> Vec<u8> {
            let bytes = cmd("GET")
                .arg(format!(":1:{name}"))
                .query_async(&mut connection)
                .await;
            bytes.expect("Redis runs")
        };
        let before = bytes().await;
        let error = refusal(load(&store, &key).await);
        assert!(matches!(error, Error::UnreadableRecord { .. }), "{error:?}");
        assert!(error.to_string().contains(reason), "{error}");
        assert_eq!(bytes().await, before);
    }
    let key = new_key();
    django.cache(
        &format!("django.contrib.sessions.cache{}", key.as_str()),
        "[1]",
    );
    assert_eq!(refusal(load(&store, &key).await), Error::NotAnObject);
    // Another Redis type.
    let key = new_key();
    let name = format!(":1:django.contrib.sessions.cache{}", key.as_str());
    let pushed: i64 = cmd("RPUSH")
        .arg(name)
        .arg(1)
        .query_async(&mut connection)
        .await
        .expect("Redis runs");
    assert_eq!(pushed, 1);
    let error = refusal(load(&store, &key).await);
    assert!(matches!(error, Error::UnreadableRecord { .. }), "{error:?}");
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn a_session_that_is_too_long_is_refused() {
    let small = store().await.with_max_json_length(100);
    let text = format!(r#"{{"k":"{}"}}"#, "a".repeat(100));
    let (key, long) = (new_key(), session(&text));
    let too_long = Error::JsonTooLong { limit: 100 };
    assert_eq!(
        refusal(small.create(save(&key, &long, 60.0)).await),
        too_long
    );
    let small = small.with_encoding(Encoding::Json).with_zlib();
    assert_eq!(
        refusal(small.create(save(&key, &long, 60.0)).await),
        too_long
    );
    assert_eq!(json_of(&small, &key).await, None);

    // Written by another program, with a larger limit. A megabyte of one letter inflates from a kilobyte.
    for encoding in [Encoding::Json, Encoding::Pickle(Protocol::Five)] {
        let text = format!(r#"{{"k":"{}"}}"#, "a".repeat(1_000_000));
        let (key, long) = (new_key(), session(&text));
        let large = store().await.with_encoding(encoding).with_zlib();
        assert!(
            large
                .create(save(&key, &long, 60.0))
                .await
                .expect("it works")
        );
        assert_eq!(json_of(&large, &key).await, Some(text));
        let small = store()
            .await
            .with_max_json_length(100)
            .with_encoding(encoding)
            .with_zlib();
        assert_eq!(refusal(load(&small, &key).await), too_long);
        // Without compression, to the byte.
        let text = format!(r#"{{"k":"{}"}}"#, "a".repeat(92));
        let (key, fits) = (new_key(), session(&text));
        let plain = store().await.with_encoding(encoding);
        let created = plain.create(save(&key, &fits, 60.0)).await;
        assert!(created.expect("it works"));
        let plain = plain.with_max_json_length(100);
        assert_eq!(json_of(&plain, &key).await, Some(text));
        let plain = plain.with_max_json_length(99);
        let too_long = Error::JsonTooLong { limit: 99 };
        assert_eq!(refusal(load(&plain, &key).await), too_long);
    }
}

/// Like django-redis, which compresses values of more than 15 bytes.
#[tokio::test]
#[ignore = "needs Redis"]
async fn short_values_are_not_compressed() {
    let (store, mut connection) = (store().await, connection().await);
    let store = store.with_encoding(Encoding::Json).with_zlib();
    for (json, is_plain) in [(r#"{"k":123456789}"#, true), (r#"{"k":1234567890}"#, false)] {
        let (key, one) = (new_key(), session(json));
        let created = store.create(save(&key, &one, 60.0)).await;
        assert!(created.expect("it works"));
        let name = format!(":1:django.contrib.sessions.cache{}", key.as_str());
        let value = cmd("GET").arg(name).query_async(&mut connection).await;
        let value: Vec<u8> = value.expect("Redis runs");
        assert_eq!(value == json.as_bytes(), is_plain, "{json}");
        assert_eq!(json_of(&store, &key).await.as_deref(), Some(json));
    }
}

/// 200 KB that inflate to 40 MB.
#[test]
#[ignore = "needs Redis"]
fn a_bomb_takes_little_memory() {
    let bomb = miniz_oxide::deflate::compress_to_vec_zlib(&vec![b'{'; 40_000_000], 1);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.expect("a runtime");
    let key = new_key();
    let name = format!(":1:django.contrib.sessions.cache{}", key.as_str());
    let connection = runtime.block_on(async {
        let mut connection = connection().await;
        let mut set = cmd("SET");
        set.arg(name).arg(bomb).arg("EX").arg(60);
        let set: Result<(), _> = set.query_async(&mut connection).await;
        set.expect("Redis runs");
        connection
    });
    for encoding in [Encoding::Json, Encoding::Pickle(Protocol::Five)] {
        let store = Cache::<Redis>::new(connection.clone())
            .with_encoding(encoding)
            .with_zlib();
        let memory = allocation_counter::measure(|| {
            let refused = refusal(runtime.block_on(load(&store, &key)));
            assert!(matches!(refused, Error::JsonTooLong { .. }), "{refused:?}");
        });
        assert!(memory.bytes_max < 16 * 1024 * 1024, "{}", memory.bytes_max);
    }
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn a_site_without_time_zones() {
    let offset = time::UtcOffset::from_hms(2, 0, 0).expect("an offset");
    let store = store().await.with_site_time_zone(move |_| offset);
    let (key, at) = (new_key(), Expiry::At(4_093_683_200.into()));
    let mut fresh = store.new_session();
    fresh.set_expiry(at).expect("a date");
    assert_eq!(
        fresh.to_json(),
        r#"{"_session_expiry":"2099-09-21T16:13:20"}"#
    );
    assert!(
        store
            .create(save(&key, &fresh, 60.0))
            .await
            .expect("it works")
    );
    let found = load(&store, &key)
        .await
        .expect("it works")
        .expect("it is there");
    let ends = found.session.expiry_date(0, Duration::from_secs(60));
    assert_eq!(ends, Ok(4_093_683_200.into()));
}

#[tokio::test]
async fn each_failure_has_its_kind() {
    let config = ConnectionManagerConfig::new();
    let lazy = |address: &str| {
        let client = Client::open(address).expect("an address");
        let manager = ConnectionManager::new_lazy_with_config(client, config.clone());
        Cache::<Redis>::new(manager.expect("settings"))
    };
    let key = new_key();
    let kind = async |store: &Cache<Redis>| match load(store, &key).await {
        Err(StoreError::Store(error)) => {
            let text = format!("{error} {error:?}");
            assert!(
                text.contains("Redis") && !text.contains(key.as_str()),
                "{text}"
            );
            error.kind()
        }
        other => panic!("{other:?}"),
    };

    let (_listener, silent) = silent();
    let store = lazy(&format!("redis://{silent}")).with_time_limit(Duration::from_millis(300));
    let start = Instant::now();
    assert_eq!(kind(&store).await, ErrorKind::TimedOut);
    assert!(start.elapsed() < Duration::from_secs(20));

    let config = ConnectionManagerConfig::new().set_number_of_retries(0);
    let client = Client::open("redis://127.0.0.1:1").expect("an address");
    let refused = ConnectionManager::new_lazy_with_config(client, config).expect("settings");
    assert_eq!(
        kind(&Cache::<Redis>::new(refused)).await,
        ErrorKind::Unreachable
    );
}

/// Starts a server for one test, which is killed at its end.
fn server(port: u16) -> Server {
    let mut command = Command::new("redis-server");
    command.args(["--bind", "127.0.0.1", "--port", &port.to_string()]);
    command.args(["--save", "", "--dir", env!("CARGO_TARGET_TMPDIR")]);
    Server::start(command.stdout(Stdio::null()), port)
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn a_server_that_ends_and_starts_again() {
    let (listener, address) = silent();
    let port = listener.local_addr().expect("it listens").port();
    drop(listener);
    let running = server(port);
    let client = Client::open(format!("redis://{address}")).expect("an address");
    let connection = ConnectionManager::new(client).await.expect("Redis runs");
    let store = Cache::<Redis>::new(connection).with_time_limit(Duration::from_millis(300));
    contract(&store).await;
    drop(running);
    for _ in 0..3 {
        let Err(StoreError::Store(error)) = load(&store, &new_key()).await else {
            panic!("it is dead");
        };
        assert!(
            matches!(error.kind(), ErrorKind::Unreachable | ErrorKind::TimedOut),
            "{error}"
        );
    }
    let _running = server(port);
    for _ in 0..100 {
        if load(&store, &new_key()).await.is_ok() {
            return contract(&store).await;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("the connection is not replaced");
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn a_refusal_of_the_server_holds_no_key() {
    let mut connection = connection().await;
    let rules = [
        "SETUSER", "hardtack", "on", ">secret", "~*", "+hello", "+client", "+ping",
    ];
    let done: String = cmd("ACL")
        .arg(&rules)
        .query_async(&mut connection)
        .await
        .expect("Redis runs");
    assert_eq!(done, "OK");
    let address = address("HARDTACK_REDIS").replace("redis://", "redis://hardtack:secret@");
    let client = Client::open(address).expect("an address");
    let manager = ConnectionManager::new(client).await.expect("Redis runs");
    let (store, key, one) = (Cache::<Redis>::new(manager), new_key(), session(JSON));
    for error in [
        load(&store, &key).await.expect_err("it is refused"),
        store
            .create(save(&key, &one, 60.0))
            .await
            .expect_err("it is refused"),
        store.delete(&key).await.expect_err("it is refused"),
    ] {
        let StoreError::Store(error) = error else {
            panic!("{error:?}")
        };
        assert_eq!(error.kind(), ErrorKind::AccessDenied);
        let text = format!("{error} {error:?}");
        assert!(
            text.contains("NOPERM") && !text.contains(key.as_str()),
            "{text}"
        );
    }
}
