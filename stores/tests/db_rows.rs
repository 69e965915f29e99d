//! Dates, texts, tables and columns of `Db` on each server. Tests on PostgreSQL and MariaDB need servers
//! (stores/tests/servers.sh).

mod common;
#[macro_use]
#[path = "db/checks.rs"]
mod checks;
#[path = "db/site.rs"]
mod site;

use checks::{KEY, NOW, clear, create, key, kind, load, micros, nth_key, save, session, update};
use common::codec;
use common::zone::berlin;
use hardtack::{Error, SessionStore, StoreError, Timestamp};
use hardtack_stores::ErrorKind;
use site::{Counts, Server, Site};

on_each_server! {
    a_session_ends_at_its_date
    dates_are_truncated_to_the_microsecond
    dates_that_no_django_reads_are_refused
    local_times_around_the_changes_of_the_clocks
    a_record_that_cannot_be_read_is_left_alone
    a_missing_table_is_an_error_of_each_method
    a_missing_column_is_an_error
    another_unique_column_is_an_error
    a_table_may_have_any_name
    a_name_that_no_table_has_is_refused
}

async fn a_session_ends_at_its_date<D: Server>(name: &str) {
    let site = Site::<D>::new(name).await;
    let store = site.store();
    for end in [0, 1, 999_999, 1_000_000] {
        store.delete(&key()).await.unwrap();
        assert!(create(&store, "Zoë", micros(end)).await.unwrap());
        assert!(load(&store, micros(end - 1)).await.unwrap().is_some());
        assert!(load(&store, micros(end)).await.unwrap().is_none());
        assert!(load(&store, micros(end + 1)).await.unwrap().is_none());
    }
}

async fn dates_are_truncated_to_the_microsecond<D: Server>(name: &str) {
    let site = Site::<D>::new(name).await;
    let store = site.store();
    let after = |nanos: i128| Timestamp::from_unix_nanos(i128::from(NOW) * 1_000_000_000 + nanos);
    assert!(create(&store, "Zoë", after(1_999)).await.unwrap());
    let found = load(&store, after(999)).await.unwrap().unwrap();
    assert_eq!(found.expires_at, Some(after(1_000)));
    assert!(load(&store, after(1_001)).await.unwrap().is_none());

    // Truncated toward the past, also before 1970.
    let past = Timestamp::from_unix_nanos(-1);
    assert!(update(&store, "Zoë", past).await.unwrap());
    assert_eq!(site.dates().await, ["1969-12-31 23:59:59.999999"]);
}

async fn dates_that_no_django_reads_are_refused<D: Server>(name: &str) {
    let site = Site::<D>::new(name).await;
    let store = site.store();
    for date in [i64::MIN, -62_135_596_801, 253_402_300_800, i64::MAX] {
        let same = |error| assert!(matches!(error, StoreError::Session(Error::TimeOutOfRange)));
        same(create(&store, "Zoë", date).await.unwrap_err());
        same(update(&store, "Zoë", date).await.unwrap_err());
        same(load(&store, date).await.unwrap_err());
        same(store.clear_expired(clear(date, 1)).await.unwrap_err());
    }
    assert_eq!(site.keys().await, [""; 0]);
    let last = Timestamp::from_unix_micros(253_402_300_799_999_999);
    assert!(create(&store, "Zoë", last).await.unwrap());
    assert_eq!(site.dates().await, ["9999-12-31 23:59:59.999999"]);
    assert_eq!(
        load(&store, NOW).await.unwrap().unwrap().expires_at,
        Some(last)
    );
}

/// Writes `at` on a site with `USE_TZ = False` in Berlin, and reads it back.
async fn local_times_around_the_changes_of_the_clocks<D: Server>(name: &str) {
    let site = Site::<D>::new(name).await;
    let store = site.store_with(codec().with_site_time_zone(berlin()));
    for (at, local) in [
        (1_790_000_000, "2026-09-21 16:13:20"),
        (1_774_745_999, "2026-03-29 01:59:59"),
        (1_774_746_000, "2026-03-29 03:00:00"),
        (1_792_889_999, "2026-10-25 02:59:59"),
        // The same local times occur a second time: Python's zoneinfo reads them as the first.
        (1_792_893_599, "2026-10-25 02:59:59"),
        (1_792_893_600, "2026-10-25 03:00:00"),
    ] {
        store.delete(&key()).await.unwrap();
        assert!(create(&store, "Zoë", at).await.unwrap());
        let found = load(&store, at - 7200)
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
        assert!(load(&store, at + 3600).await.unwrap().is_none());
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
        match load(&store, NOW).await.unwrap_err() {
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
    assert_eq!(kind(load(&store, NOW).await), ErrorKind::WrongTable);
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
    assert_eq!(kind(load(&store, NOW).await), ErrorKind::WrongTable);
    assert_eq!(
        kind(create(&store, "Zoë", micros(5)).await),
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
        kind(create(&store, "Zoë", micros(5)).await),
        ErrorKind::Refused
    );
    assert!(
        !store
            .create(save(&nth_key(1), &session("Ann"), micros(5)))
            .await
            .unwrap()
    );
}

async fn a_table_may_have_any_name<D: Server>(name: &str) {
    let odd = format!(r#"{name} "b" `c`; DROP -- "#);
    let twice = D::QUOTE.repeat(2);
    let quoted = format!("{0}{1}{0}", D::QUOTE, odd.trim().replace(D::QUOTE, &twice));
    let site = Site::<D>::without_table(&quoted).await;
    site.run(&format!("CREATE TABLE {quoted} ({})", D::columns(D::TEXT)))
        .await;
    let store = D::store(site.pool.clone(), codec(), odd.trim());
    assert!(create(&store, "Zoë", micros(5)).await.unwrap());
    assert!(update(&store, "Ann", micros(5)).await.unwrap());
    assert!(load(&store, NOW).await.unwrap().is_some());
    assert_eq!(site.keys().await, [KEY]);
    assert_eq!(store.count(NOW + 1).await, 1);
    assert_eq!(store.clear_expired(clear(NOW + 1, 5)).await.unwrap(), 1);
    assert!(!store.delete(&key()).await.unwrap());
}

async fn a_name_that_no_table_has_is_refused<D: Server>(_: &str) {
    for bad in ["", "a\0b"] {
        let error = D::refusal(D::pool().await, bad).unwrap();
        assert_eq!(error.kind(), ErrorKind::InvalidTable);
    }
    let long = "t".repeat(70);
    match D::NAME {
        "SQLite" => assert!(D::refusal(D::pool().await, &long).is_none()),
        "MySQL" => {
            let store = D::store(D::pool().await, codec(), &long);
            assert_eq!(kind(store.delete(&key()).await), ErrorKind::InvalidTable);
        }
        _ => assert!(D::refusal(D::pool().await, &long).is_some()),
    }
}
