//! `Db` on each server. Tests on PostgreSQL and MariaDB need servers (stores/tests/servers.sh).

mod common;
#[macro_use]
#[path = "db/checks.rs"]
mod checks;
#[path = "db/site.rs"]
mod site;

use checks::{KEY, NOW, clear, create, key, load, load_of, micros, nth_key, save, session, update};
use common::codec;
use hardtack::{Error, SessionStore, StoreError};
use hardtack_stores::ErrorKind;
use site::{Counts, Server, Site};

on_each_server! {
    a_session_is_created_loaded_updated_and_deleted
    a_taken_key_changes_nothing
    a_deleted_session_does_not_come_back
    saving_the_same_again_is_a_save
    expired_rows_are_cleared_in_batches
    a_key_is_compared_to_the_byte
    a_large_session_is_kept
    a_session_that_is_too_large_is_refused
    an_update_never_undoes_a_deletion
    one_of_many_gets_a_key
    two_can_clear_at_once
}

async fn a_session_is_created_loaded_updated_and_deleted<D: Server>(name: &str) {
    let site = Site::<D>::new(name).await;
    let store = site.store();
    let end = micros(123_456);
    assert!(load(&store, NOW).await.unwrap().is_none());

    assert!(create(&store, "Zoë", end).await.unwrap());
    let found = load(&store, NOW).await.unwrap().unwrap();
    assert_eq!(
        (found.session, found.expires_at),
        (session("Zoë"), Some(end))
    );

    let end = micros(60_000_000);
    assert!(update(&store, "Ann", end).await.unwrap());
    let found = load(&store, NOW).await.unwrap().unwrap();
    assert_eq!(
        (found.session, found.expires_at),
        (session("Ann"), Some(end))
    );

    assert!(store.delete(&key()).await.unwrap());
    assert!(!store.delete(&key()).await.unwrap());
    assert!(load(&store, NOW).await.unwrap().is_none());
}

async fn a_taken_key_changes_nothing<D: Server>(name: &str) {
    let site = Site::<D>::new(name).await;
    let store = site.store();
    assert!(create(&store, "Zoë", micros(5)).await.unwrap());
    let before = (site.data().await, site.dates().await);
    assert!(!create(&store, "Ann", micros(6)).await.unwrap());
    assert_eq!((site.data().await, site.dates().await), before);

    // The key of an expired row is taken as well.
    site.run(&format!(
        "UPDATE {name} SET expire_date = '2001-01-01 00:00:00'"
    ))
    .await;
    assert!(!create(&store, "Ann", micros(6)).await.unwrap());
}

async fn a_deleted_session_does_not_come_back<D: Server>(name: &str) {
    let site = Site::<D>::new(name).await;
    let store = site.store();
    assert!(!update(&store, "Zoë", micros(5)).await.unwrap());
    assert_eq!(site.keys().await, [""; 0]);
}

async fn saving_the_same_again_is_a_save<D: Server>(name: &str) {
    let site = Site::<D>::new(name).await;
    let store = site.store();
    assert!(create(&store, "Zoë", micros(5)).await.unwrap());
    for _ in 0..2 {
        assert!(update(&store, "Zoë", micros(5)).await.unwrap());
    }
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
        assert!(load(&store, NOW).await.unwrap().is_none());
        assert!(!update(&store, "Zoë", micros(5)).await.unwrap());
        assert!(!store.delete(&key()).await.unwrap());
        assert_eq!(
            (site.keys().await, site.data().await),
            (vec![twin], vec![data])
        );
    }
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
    assert_eq!(load(&store, NOW).await.unwrap().unwrap().session, large);
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
        assert!(store.load(load_of(&key, NOW)).await.unwrap().is_none());
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

async fn two_can_clear_at_once<D: Server>(name: &str) {
    let site = Site::<D>::new(name).await;
    let store = site.store();
    for n in 0..200 {
        store
            .create(save(
                &nth_key(n),
                &session("old"),
                micros(-i64::from(n) - 1),
            ))
            .await
            .unwrap();
    }
    let clear_all = async || {
        let mut sum = 0;
        loop {
            match store.clear_expired(clear(NOW, 7)).await {
                Ok(0) => return sum,
                Ok(cleared) => sum += cleared,
                // A deadlock, which one of the two gets as an error.
                Err(StoreError::Store(error)) => assert_eq!(error.kind(), ErrorKind::Busy),
                Err(error) => panic!("{error}"),
            }
        }
    };
    let (one, other) = tokio::join!(clear_all(), clear_all());
    assert_eq!(one + other, 200);
}
