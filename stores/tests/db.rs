//! `Db` on each server. Those on PostgreSQL and MariaDB need servers (stores/tests/servers.sh).

#[path = "db/site.rs"]
mod site;
#[path = "db/zone.rs"]
mod zone;

use std::error::Error as _;
use std::time::Duration;

use hardtack::{
    Clear, Error, Load, Save, Session, SessionKey, SessionStore, StoreError, Timestamp,
};
use hardtack_stores::ErrorKind;
use site::{Counts, Server, Site, codec};

const NOW: i64 = 1_790_000_000; // 2026-09-21 14:13:20 UTC
const KEY: &str = "t0ks4w4m1suf92wnuwmxg8rao08nrxsq";

fn key() -> SessionKey {
    SessionKey::parse(KEY).unwrap()
}

fn nth_key(n: u32) -> SessionKey {
    SessionKey::parse(&format!("{n:032}")).unwrap()
}

fn session(value: &str) -> Session {
    let mut session = Session::new();
    session.insert("user", value).unwrap();
    session
}

fn micros(offset: i64) -> Timestamp {
    Timestamp::from_unix_micros(NOW * 1_000_000 + offset)
}

fn save<'a>(key: &'a SessionKey, session: &'a Session, expires_at: Timestamp) -> Save<'a> {
    Save {
        key,
        session,
        now: NOW.into(),
        expires_at,
    }
}

fn load(key: &SessionKey, now: impl Into<Timestamp>) -> Load<'_> {
    Load {
        key,
        now: now.into(),
        default_age: Duration::from_secs(60),
    }
}

fn clear(now: i64, at_most: u32) -> Clear {
    Clear {
        now: now.into(),
        default_age: Duration::from_secs(60),
        at_most,
    }
}

/// The error's kind. No text of it holds the key or the session.
#[track_caller]
fn kind<T: std::fmt::Debug>(result: Result<T, StoreError<hardtack_stores::Error>>) -> ErrorKind {
    let error = match result.unwrap_err() {
        StoreError::Store(error) => error,
        StoreError::Session(error) => panic!("{error}"),
    };
    let mut texts = vec![format!("{error} {error:?}")];
    let mut source = error.source();
    while let Some(error) = source {
        texts.push(format!("{error} {error:?}"));
        source = error.source();
    }
    let texts = texts.join("\n");
    for secret in [KEY, "Zoë", "Zo\\", "eyJ1"] {
        assert!(!texts.contains(secret), "{texts}");
    }
    assert!(texts.starts_with(error.store()), "{texts}");
    error.kind()
}

/// Makes a test for each server of each function.
macro_rules! on_each_server {
    ($($name:ident)*) => {
        mod sqlite { $(#[tokio::test] async fn $name() { super::$name::<sqlx::Sqlite>(stringify!($name)).await; })* }
        mod postgres { $(#[tokio::test] #[ignore = "needs servers"] async fn $name() { super::$name::<sqlx::Postgres>(stringify!($name)).await; })* }
        mod mysql { $(#[tokio::test] #[ignore = "needs servers"] async fn $name() { super::$name::<sqlx::MySql>(stringify!($name)).await; })* }
    };
}

on_each_server! {
    a_session_is_created_loaded_updated_and_deleted
    a_taken_key_changes_nothing
    a_deleted_session_does_not_come_back
    saving_the_same_again_is_a_save
    a_session_ends_at_its_date
    dates_are_truncated_to_the_microsecond
    dates_that_no_django_reads_are_refused
    expired_rows_are_cleared_in_batches
    a_key_is_compared_to_the_byte
    a_record_that_cannot_be_read_is_left_alone
    a_missing_table_is_an_error_of_each_method
    a_missing_column_is_an_error
    another_unique_column_is_an_error
    a_large_session_is_kept
    a_session_that_is_too_large_is_refused
    an_update_never_undoes_a_deletion
    one_of_many_gets_a_key
    a_table_may_have_any_name
    a_name_that_no_table_has_is_refused
    local_times_around_the_changes_of_the_clocks
}

async fn a_session_is_created_loaded_updated_and_deleted<D: Server>(name: &str) {
    let site = Site::<D>::new(name).await;
    let store = site.store();
    let end = micros(123_456);
    assert!(store.load(load(&key(), NOW)).await.unwrap().is_none());

    assert!(
        store
            .create(save(&key(), &session("Zoë"), end))
            .await
            .unwrap()
    );
    let found = store.load(load(&key(), NOW)).await.unwrap().unwrap();
    assert_eq!(
        (found.session, found.expires_at),
        (session("Zoë"), Some(end))
    );

    let end = micros(60_000_000);
    assert!(
        store
            .update(save(&key(), &session("Ann"), end))
            .await
            .unwrap()
    );
    let found = store.load(load(&key(), NOW)).await.unwrap().unwrap();
    assert_eq!(
        (found.session, found.expires_at),
        (session("Ann"), Some(end))
    );

    assert!(store.delete(&key()).await.unwrap());
    assert!(!store.delete(&key()).await.unwrap());
    assert!(store.load(load(&key(), NOW)).await.unwrap().is_none());
}

async fn a_taken_key_changes_nothing<D: Server>(name: &str) {
    let site = Site::<D>::new(name).await;
    let store = site.store();
    assert!(
        store
            .create(save(&key(), &session("Zoë"), micros(5)))
            .await
            .unwrap()
    );
    let before = (site.data().await, site.dates().await);
    assert!(
        !store
            .create(save(&key(), &session("Ann"), micros(6)))
            .await
            .unwrap()
    );
    assert_eq!((site.data().await, site.dates().await), before);

    // An expired row takes its key, too.
    site.run(&format!(
        "UPDATE {name} SET expire_date = '2001-01-01 00:00:00'"
    ))
    .await;
    assert!(
        !store
            .create(save(&key(), &session("Ann"), micros(6)))
            .await
            .unwrap()
    );
}

async fn a_deleted_session_does_not_come_back<D: Server>(name: &str) {
    let site = Site::<D>::new(name).await;
    let store = site.store();
    assert!(
        !store
            .update(save(&key(), &session("Zoë"), micros(5)))
            .await
            .unwrap()
    );
    assert_eq!(site.keys().await, [""; 0]);
}

async fn saving_the_same_again_is_a_save<D: Server>(name: &str) {
    let site = Site::<D>::new(name).await;
    let store = site.store();
    assert!(
        store
            .create(save(&key(), &session("Zoë"), micros(5)))
            .await
            .unwrap()
    );
    for _ in 0..2 {
        assert!(
            store
                .update(save(&key(), &session("Zoë"), micros(5)))
                .await
                .unwrap()
        );
    }
}

async fn a_session_ends_at_its_date<D: Server>(name: &str) {
    let site = Site::<D>::new(name).await;
    let store = site.store();
    for end in [0, 1, 999_999, 1_000_000] {
        store.delete(&key()).await.unwrap();
        assert!(
            store
                .create(save(&key(), &session("Zoë"), micros(end)))
                .await
                .unwrap()
        );
        assert!(
            store
                .load(load(&key(), micros(end - 1)))
                .await
                .unwrap()
                .is_some()
        );
        assert!(
            store
                .load(load(&key(), micros(end)))
                .await
                .unwrap()
                .is_none()
        );
        assert!(
            store
                .load(load(&key(), micros(end + 1)))
                .await
                .unwrap()
                .is_none()
        );
    }
}

async fn dates_are_truncated_to_the_microsecond<D: Server>(name: &str) {
    let site = Site::<D>::new(name).await;
    let store = site.store();
    let after = |nanos: i128| Timestamp::from_unix_nanos(i128::from(NOW) * 1_000_000_000 + nanos);
    assert!(
        store
            .create(save(&key(), &session("Zoë"), after(1_999)))
            .await
            .unwrap()
    );
    let found = store.load(load(&key(), after(999))).await.unwrap().unwrap();
    assert_eq!(found.expires_at, Some(after(1_000)));
    assert!(
        store
            .load(load(&key(), after(1_001)))
            .await
            .unwrap()
            .is_none()
    );

    // Toward the past before 1970, too.
    let past = Timestamp::from_unix_nanos(-1);
    assert!(
        store
            .update(save(&key(), &session("Zoë"), past))
            .await
            .unwrap()
    );
    assert_eq!(site.dates().await, ["1969-12-31 23:59:59.999999"]);
}

async fn dates_that_no_django_reads_are_refused<D: Server>(name: &str) {
    let site = Site::<D>::new(name).await;
    let store = site.store();
    for date in [i64::MIN, -62_135_596_801, 253_402_300_800, i64::MAX] {
        let same = |error| assert!(matches!(error, StoreError::Session(Error::TimeOutOfRange)));
        same(
            store
                .create(save(&key(), &session("Zoë"), date.into()))
                .await
                .unwrap_err(),
        );
        same(
            store
                .update(save(&key(), &session("Zoë"), date.into()))
                .await
                .unwrap_err(),
        );
        same(store.load(load(&key(), date)).await.unwrap_err());
        same(store.clear_expired(clear(date, 1)).await.unwrap_err());
    }
    assert_eq!(site.keys().await, [""; 0]);
    let last = Timestamp::from_unix_micros(253_402_300_799_999_999);
    assert!(
        store
            .create(save(&key(), &session("Zoë"), last))
            .await
            .unwrap()
    );
    assert_eq!(site.dates().await, ["9999-12-31 23:59:59.999999"]);
    assert_eq!(
        store
            .load(load(&key(), NOW))
            .await
            .unwrap()
            .unwrap()
            .expires_at,
        Some(last)
    );
}

async fn expired_rows_are_cleared_in_batches<D: Server>(name: &str) {
    let site = Site::<D>::new(name).await;
    let store = site.store();
    for n in 0..5 {
        store
            .create(save(&nth_key(n), &session("old"), micros(-1)))
            .await
            .unwrap();
    }
    store
        .create(save(&nth_key(5), &session("at its date"), micros(0)))
        .await
        .unwrap();
    store
        .create(save(&nth_key(6), &session("live"), micros(1)))
        .await
        .unwrap();
    assert_eq!(store.count(NOW).await, 5);
    assert_eq!(store.clear_expired(clear(NOW, 0)).await.unwrap(), 0);
    let mut batches = Vec::new();
    for _ in 0..4 {
        batches.push(store.clear_expired(clear(NOW, 2)).await.unwrap());
    }
    assert_eq!(batches, [2, 2, 1, 0]);
    assert_eq!(store.count(NOW).await, 0);
    assert_eq!(
        site.keys().await,
        [nth_key(5).as_str(), nth_key(6).as_str()]
    );
}

async fn a_key_is_compared_to_the_byte<D: Server>(name: &str) {
    for twin in [KEY.to_uppercase(), format!("{KEY} ")] {
        let site = Site::<D>::new(name).await;
        let store = site.store();
        let data = codec().encode(&session("twin"), NOW).unwrap();
        site.insert(&twin, &data, "2026-10-05 14:13:20.123456")
            .await;
        assert!(store.load(load(&key(), NOW)).await.unwrap().is_none());
        assert!(
            !store
                .update(save(&key(), &session("Zoë"), micros(5)))
                .await
                .unwrap()
        );
        assert!(!store.delete(&key()).await.unwrap());
        assert_eq!(
            (site.keys().await, site.data().await),
            (vec![twin], vec![data])
        );
    }
}

async fn a_record_that_cannot_be_read_is_left_alone<D: Server>(name: &str) {
    let site = Site::<D>::new(name).await;
    let store = site.store();
    let good = codec().encode(&session("Zoë"), NOW).unwrap();
    let forged = format!("{}A", &good[..good.len() - 1]);
    for (data, error) in [
        ("", Error::NotSigned),
        ("{}", Error::NotSigned),
        (&forged, Error::BadSignature),
    ] {
        site.run(&format!("DELETE FROM {name}")).await;
        site.insert(KEY, data, "2026-10-05 14:13:20.123456").await;
        match store.load(load(&key(), NOW)).await.unwrap_err() {
            StoreError::Session(found) => assert_eq!(found, error),
            StoreError::Store(error) => panic!("{error}"),
        }
        assert_eq!(site.data().await, [data]);
    }
}

async fn a_missing_table_is_an_error_of_each_method<D: Server>(name: &str) {
    let site = Site::<D>::without_table(name).await;
    let store = site.store();
    let zoe = session("Zoë");
    assert_eq!(
        kind(store.load(load(&key(), NOW)).await),
        ErrorKind::WrongTable
    );
    assert_eq!(
        kind(store.create(save(&key(), &zoe, micros(5))).await),
        ErrorKind::WrongTable
    );
    assert_eq!(
        kind(store.update(save(&key(), &zoe, micros(5))).await),
        ErrorKind::WrongTable
    );
    assert_eq!(kind(store.delete(&key()).await), ErrorKind::WrongTable);
    assert_eq!(
        kind(store.clear_expired(clear(NOW, 1)).await),
        ErrorKind::WrongTable
    );
}

async fn a_missing_column_is_an_error<D: Server>(name: &str) {
    let columns = D::columns(D::TEXT).replace("session_data", "other_data");
    let site = Site::<D>::with_columns(name, &columns).await;
    let store = site.store();
    assert_eq!(
        kind(store.load(load(&key(), NOW)).await),
        ErrorKind::WrongTable
    );
    assert_eq!(
        kind(store.create(save(&key(), &session("Zoë"), micros(5))).await),
        ErrorKind::WrongTable
    );
}

async fn another_unique_column_is_an_error<D: Server>(name: &str) {
    let columns = D::columns("varchar(200) UNIQUE");
    let site = Site::<D>::with_columns(name, &columns).await;
    let store = site.store();
    assert!(
        store
            .create(save(&nth_key(1), &session("Zoë"), micros(5)))
            .await
            .unwrap()
    );
    assert_eq!(
        kind(store.create(save(&key(), &session("Zoë"), micros(5))).await),
        ErrorKind::Refused
    );
    assert!(
        !store
            .create(save(&nth_key(1), &session("Ann"), micros(5)))
            .await
            .unwrap()
    );
}

async fn a_large_session_is_kept<D: Server>(name: &str) {
    let site = Site::<D>::new(name).await;
    let store = site.store();
    // Digits of a power of 7 hardly compress.
    let mut number = 1_u64;
    let text: String = std::iter::repeat_with(|| {
        number = number
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        format!("{number:016x}")
    })
    .take(65_536)
    .collect();
    let large = session(&text[..1_048_000]);
    assert!(store.create(save(&key(), &large, micros(5))).await.unwrap());
    assert_eq!(
        store
            .load(load(&key(), NOW))
            .await
            .unwrap()
            .unwrap()
            .session,
        large
    );
}

async fn a_session_that_is_too_large_is_refused<D: Server>(name: &str) {
    let site = Site::<D>::new(name).await;
    let large = session(&"x".repeat(1024 * 1024));
    let store = site.store();
    for error in [
        store.create(save(&key(), &large, micros(5))).await,
        store.update(save(&key(), &large, micros(5))).await,
    ] {
        assert!(matches!(
            error,
            Err(StoreError::Session(Error::JsonTooLong { .. }))
        ));
    }
}

async fn an_update_never_undoes_a_deletion<D: Server>(name: &str) {
    let site = Site::<D>::new(name).await;
    let store = site.store();
    for n in 0..50 {
        store
            .create(save(&nth_key(n), &session("Zoë"), micros(5)))
            .await
            .unwrap();
        let key = nth_key(n);
        let ann = session("Ann");
        let (_, deleted, _) = tokio::join!(
            store.update(save(&key, &ann, micros(6))),
            store.delete(&key),
            store.update(save(&key, &ann, micros(7))),
        );
        assert!(deleted.unwrap());
        assert!(store.load(load(&key, NOW)).await.unwrap().is_none());
    }
}

async fn one_of_many_gets_a_key<D: Server>(name: &str) {
    let site = Site::<D>::new(name).await;
    let store = site.store();
    for n in 0..20 {
        let key = nth_key(n);
        let [ann, ben, cid] = ["Ann", "Ben", "Cid"].map(session);
        let (a, b, c) = tokio::join!(
            store.create(save(&key, &ann, micros(5))),
            store.create(save(&key, &ben, micros(5))),
            store.create(save(&key, &cid, micros(5))),
        );
        let created = [a, b, c].map(Result::unwrap);
        assert_eq!(created.iter().filter(|&&created| created).count(), 1);
    }
}

async fn a_table_may_have_any_name<D: Server>(name: &str) {
    let site = Site::<D>::new(name).await;
    let odd = r#"a "b" `c`; DROP TABLE d -- "#.trim_end();
    let store = D::store(site.pool.clone(), codec(), odd);
    assert_eq!(kind(store.delete(&key()).await), ErrorKind::WrongTable);
}

async fn a_name_that_no_table_has_is_refused<D: Server>(_: &str) {
    for bad in ["", "a\0b"] {
        let error = D::refusal(D::pool().await, bad).unwrap();
        assert_eq!(error.kind(), ErrorKind::InvalidTable);
    }
    let long = D::refusal(D::pool().await, &"t".repeat(65));
    assert_eq!(long.is_some(), D::NAME != "SQLite");
}

/// Writes `at` on a site with `USE_TZ = False` in Berlin, and reads it back.
async fn local_times_around_the_changes_of_the_clocks<D: Server>(name: &str) {
    let site = Site::<D>::new(name).await;
    let store = site.store_with(codec().with_site_time_zone(zone::berlin()));
    for (at, local) in [
        (1_790_000_000, "2026-09-21 16:13:20"),
        (1_774_745_999, "2026-03-29 01:59:59"),
        (1_774_746_000, "2026-03-29 03:00:00"),
        (1_792_889_999, "2026-10-25 02:59:59"),
        // The same local times for a second time: Python's zoneinfo takes them as the first.
        (1_792_893_599, "2026-10-25 02:59:59"),
        (1_792_893_600, "2026-10-25 03:00:00"),
    ] {
        store.delete(&key()).await.unwrap();
        assert!(
            store
                .create(save(&key(), &session("Zoë"), at.into()))
                .await
                .unwrap()
        );
        let found = store
            .load(load(&key(), at - 7200))
            .await
            .unwrap()
            .unwrap()
            .expires_at
            .unwrap();
        let dates = site.dates().await;
        if D::NAME == "PostgreSQL" {
            assert_eq!(found, at.into());
        } else {
            assert!(dates[0].starts_with(local), "{dates:?}");
            let is_repeated = at == 1_792_893_599;
            assert_eq!(found, (if is_repeated { at - 3600 } else { at }).into());
        }
        assert!(store.load(load(&key(), at + 3600)).await.unwrap().is_none());
    }
}
