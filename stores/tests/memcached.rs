//! Sessions in memcached, against Django. They need memcached (stores/tests/servers.sh).

mod caches;
mod common;

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use caches::{Django, Server, both_ways, contract, json_of, load, new_key, refusal, save, session};
use common::{address, silent};
use hardtack::{Error, SessionStore, StoreError};
use hardtack_stores::pickle::{self, Protocol};
use hardtack_stores::{Cache, ErrorKind, Memcached};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

fn store() -> Cache<Memcached> {
    Cache::<Memcached>::new(address("HARDTACK_MEMCACHED"))
}

fn django() -> Value {
    let backend = "django.core.cache.backends.memcached.PyMemcacheCache";
    json!({"BACKEND": backend, "LOCATION": address("HARDTACK_MEMCACHED")})
}

#[tokio::test]
#[ignore = "needs memcached"]
async fn keeps_the_contract() {
    contract(&store()).await;
    contract(&store().with_connections(0)).await;
}

#[tokio::test]
#[ignore = "needs memcached"]
async fn django_and_the_store_share_sessions() {
    both_ways(&store(), &mut Django::start("cache", &django(), None)).await;
    let mut cache = django();
    cache["KEY_PREFIX"] = "shop".into();
    cache["VERSION"] = 7.into();
    let store = store().with_key_prefix("shop").with_version(7);
    both_ways(&store, &mut Django::start("cache", &cache, None)).await;
}

#[tokio::test]
#[ignore = "needs memcached"]
async fn the_age_is_that_of_the_session() {
    let (store, key, one) = (store(), new_key(), session(r#"{"n":1}"#));
    // memcached would take more than 30 days for an instant in 1970, and an instant after 2038 for one in the past.
    for days in [
        30.0,
        31.0,
        60.0,
        4_500.0,
        7_300.0,
        22_000.0,
        36_500.0,
        7_900.0 * 365.0,
    ] {
        let age = days * 86400.0;
        store.create(save(&key, &one, age)).await.expect("it works");
        assert!(json_of(&store, &key).await.is_some(), "{age}");
        assert!(store.update(save(&key, &one, age)).await.expect("it works"));
        assert!(json_of(&store, &key).await.is_some(), "{age}");
    }
    // 0 seconds would mean that the record never expires.
    for age in [0.5, 1.0] {
        assert!(
            store
                .update(save(&key, &one, 60.0))
                .await
                .expect("it works")
        );
        assert!(store.update(save(&key, &one, age)).await.expect("it works"));
        tokio::time::sleep(Duration::from_millis(2100)).await;
        assert_eq!(json_of(&store, &key).await, None, "{age}");
        assert!(
            !store
                .update(save(&key, &one, 60.0))
                .await
                .expect("it works")
        );
        assert!(
            store
                .create(save(&key, &one, 60.0))
                .await
                .expect("it works")
        );
    }
}

#[tokio::test]
#[ignore = "needs memcached"]
async fn a_session_with_other_data_is_left_alone() {
    let store = store();
    let mut django = Django::start("cache", &django(), None);
    for (value, reason) in [
        ("{'k': (1, 2)}", "(TUPLE)"),
        ("{'k': datetime.date(2026, 1, 2)}", "(GLOBAL)"),
        // Kept as a number, as text and as bytes.
        ("123", "flags"),
        ("'text'", "flags"),
        ("b'bytes'", "flags"),
    ] {
        let key = new_key();
        django.cache(
            &format!("django.contrib.sessions.cache{}", key.as_str()),
            value,
        );
        let error = refusal(load(&store, &key).await);
        assert!(matches!(error, Error::UnreadableRecord { .. }), "{error:?}");
        assert!(error.to_string().contains(reason), "{error}");
        if value.starts_with('{') {
            assert_eq!(django.load(&key).as_deref(), Some(value));
        }
    }
}

#[tokio::test]
#[ignore = "needs memcached"]
async fn a_session_that_is_too_large_is_refused() {
    let store = store();
    let text = |length: usize| format!(r#"{{"k":"{}"}}"#, "a".repeat(length));
    let (key, large) = (new_key(), text(1_000_000));
    assert!(
        store
            .create(save(&key, &session(&large), 60.0))
            .await
            .expect("it fits")
    );
    assert_eq!(json_of(&store, &key).await, Some(large));
    let larger = session(&text(1_048_500));
    let error = refusal(store.update(save(&key, &larger, 60.0)).await);
    assert!(
        matches!(
            error,
            Error::TooLong {
                length: 1_048_514,
                limit: 1_047_552
            }
        ),
        "{error:?}"
    );
    let error = refusal(store.create(save(&new_key(), &larger, 60.0)).await);
    assert!(error.is_too_large(), "{error:?}");
    let largest = session(&text(1_048_576));
    let error = refusal(store.update(save(&key, &largest, 60.0)).await);
    assert_eq!(error, Error::JsonTooLong { limit: 1_048_576 });
    assert!(json_of(&store, &key).await.is_some());
    // The limit to the byte. The pickle has 14 bytes in addition to the text.
    let longest = session(&text(1_047_552 - 14));
    assert!(
        store
            .update(save(&key, &longest, 60.0))
            .await
            .expect("it fits")
    );
    let longer = session(&text(1_047_552 - 13));
    assert!(refusal(store.update(save(&key, &longer, 60.0)).await).is_too_large());

    // memcached itself refuses the value, and the connection still works.
    let store = store.with_max_value_length(usize::MAX);
    let error = refusal(store.update(save(&key, &larger, 60.0)).await);
    assert!(error.is_too_large(), "{error:?}");
    contract(&store).await;
}

#[tokio::test]
#[ignore = "needs memcached"]
async fn keys_that_memcached_does_not_take() {
    let key = new_key();
    for store in [
        store().with_key_prefix("a shop"),
        store().with_key_prefix("a\r\nflush_all\r\n"),
        store().with_key_prefix("a".repeat(200)),
    ] {
        let Err(StoreError::Store(error)) = load(&store, &key).await else {
            panic!("a key")
        };
        assert_eq!(error.kind(), ErrorKind::InvalidKey);
        let text = format!("{error} {error:?}");
        assert!(
            text.contains("memcached") && !text.contains(key.as_str()),
            "{text}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs memcached"]
async fn many_requests_share_few_connections() {
    let store = Arc::new(
        store()
            .with_connections(3)
            .with_time_limit(Duration::from_secs(60)),
    );
    let tasks = (0..200).map(|n| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let (key, json) = (new_key(), format!(r#"{{"n":{n}}}"#));
            for _ in 0..5 {
                store
                    .create(save(&key, &session(&json), 60.0))
                    .await
                    .expect("it works");
                assert_eq!(json_of(&*store, &key).await, Some(json.clone()));
                // The next request does not get the answer to a cancelled one.
                drop(
                    tokio::time::timeout(Duration::from_micros(50), load(&*store, &new_key()))
                        .await,
                );
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.expect("no panic");
    }
}

/// Starts a server for one test, which is killed at its end.
fn server(port: u16) -> Server {
    let mut command = Command::new("memcached");
    command.args(["-u", "nobody", "-l", "127.0.0.1", "-p", &port.to_string()]);
    Server::start(command.stderr(Stdio::null()), port)
}

#[tokio::test]
#[ignore = "needs memcached"]
async fn a_server_that_ends_and_starts_again() {
    let (listener, address) = silent();
    let port = listener.local_addr().expect("it listens").port();
    drop(listener);
    let running = server(port);
    let store = Cache::<Memcached>::new(address);
    contract(&store).await;
    drop(running);
    for _ in 0..2 {
        let Err(StoreError::Store(error)) = load(&store, &new_key()).await else {
            panic!("it is dead");
        };
        assert_eq!(error.kind(), ErrorKind::Unreachable);
        let running = server(port);
        contract(&store).await;
        // Between two requests.
        drop(running);
        let running = server(port);
        contract(&store).await;
        drop(running);
    }
}

#[tokio::test]
async fn each_failure_has_its_kind() {
    let key = new_key();
    let kind = async |store: &Cache<Memcached>| match load(store, &key).await {
        Err(StoreError::Store(error)) => {
            let text = format!("{error} {error:?}");
            assert!(
                text.contains("memcached") && !text.contains(key.as_str()),
                "{text}"
            );
            error.kind()
        }
        other => panic!("{other:?}"),
    };
    let (_listener, silent) = silent();
    let store = Cache::<Memcached>::new(silent).with_time_limit(Duration::from_millis(300));
    let start = Instant::now();
    assert_eq!(kind(&store).await, ErrorKind::TimedOut);
    assert!(start.elapsed() < Duration::from_secs(20));
    assert_eq!(
        kind(&Cache::<Memcached>::new("127.0.0.1:1")).await,
        ErrorKind::Unreachable
    );
    assert_eq!(
        kind(&Cache::<Memcached>::new("no address")).await,
        ErrorKind::Unreachable
    );

    // A server that is not memcached.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let address = listener.local_addr().expect("it listens").to_string();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::io::AsyncWriteExt::write_all(&mut stream, b"220 mail.example ESMTP\r\n")
                .await
                .expect("it is read");
        }
    });
    assert_eq!(
        kind(&Cache::<Memcached>::new(address)).await,
        ErrorKind::BadAnswer
    );
}

/// Answers each `mg` with a session that contains the key. `first` changes the first answer of the first connection.
async fn answering(first: fn(Vec<u8>) -> Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("a port").to_string();
    tokio::spawn(async move {
        let mut first = Some(first);
        while let Ok((stream, _)) = listener.accept().await {
            let mut first = first.take();
            let mut stream = BufReader::new(stream);
            tokio::spawn(async move {
                let mut line = String::new();
                while stream.read_line(&mut line).await.unwrap_or(0) > 0 {
                    let key = line.split(' ').nth(1).expect("a key");
                    let session = session(&json!({"of": key}).to_string());
                    let value = pickle::write(&session, Protocol::Five, 1000).expect("it fits");
                    let head = format!("VA {} f1 k{key}\r\n", value.len());
                    let answer = [head.as_bytes(), &value, b"\r\n"].concat();
                    let answer = first.take().map_or(answer.clone(), |first| first(answer));
                    if stream.get_mut().write_all(&answer).await.is_err() {
                        break;
                    }
                    line.clear();
                }
            });
        }
    });
    address
}

/// A server or a proxy that answers twice, so that each answer could be taken for the one to the next request.
#[tokio::test]
async fn no_request_gets_the_answer_to_another() {
    type First = fn(Vec<u8>) -> Vec<u8>;
    let firsts: [(First, bool); 5] = [
        (|answer| [b"ERROR\r\n", &answer[..]].concat(), false),
        (
            |answer| [b"CLIENT_ERROR bad data chunk\r\n", &answer[..]].concat(),
            false,
        ),
        (
            |answer| [b"SERVER_ERROR out of memory\r\n", &answer[..]].concat(),
            false,
        ),
        (|answer| [b"what\r\n", &answer[..]].concat(), false),
        // The first answer is correct.
        (|answer| [&answer[..], &answer].concat(), true),
    ];
    for (number, (first, is_good)) in firsts.into_iter().enumerate() {
        let store = Cache::<Memcached>::new(answering(first).await).with_connections(1);
        let mut failures = 0;
        for request in 0..6 {
            let key = new_key();
            match load(&store, &key).await {
                Ok(found) => {
                    let of: Option<String> =
                        found.expect("a session").session.get("of").expect("text");
                    assert!(of.is_some_and(|of| of.ends_with(key.as_str())), "{number}");
                    assert!(request > 0 || is_good, "{number}");
                }
                Err(StoreError::Store(_)) => failures += 1,
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(failures, 1, "{number}");
    }
}

#[tokio::test]
async fn the_number_of_connections_is_limited() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("a port").to_string();
    let opened = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&opened);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::Relaxed);
            let mut stream = BufReader::new(stream);
            tokio::spawn(async move {
                let mut line = String::new();
                while stream.read_line(&mut line).await.unwrap_or(0) > 0 {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    let answer = stream.get_mut().write_all(b"EN\r\n").await;
                    answer.expect("the store listens");
                    line.clear();
                }
            });
        }
    });
    let store = Cache::<Memcached>::new(address).with_connections(3);
    let store = Arc::new(store.with_time_limit(Duration::from_secs(60)));
    let loads: Vec<_> = (0..30)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { json_of(&*store, &new_key()).await })
        })
        .collect();
    for load in loads {
        assert_eq!(load.await.expect("no panic"), None);
    }
    assert_eq!(opened.load(Ordering::Relaxed), 3);
}
