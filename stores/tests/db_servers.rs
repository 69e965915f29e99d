//! Tables and rows that only one of the servers can have. Most tests need servers (stores/tests/servers.sh).

#[path = "db/checks.rs"]
mod checks;
mod common;
#[path = "db/site.rs"]
mod site;

use std::time::Duration;

use checks::{KEY, NOW, create, failed, key, load, session, update, with_code};
use common::{address, codec};
use hardtack::{Error, SessionStore, StoreError};
use hardtack_stores::{Db, ErrorKind};
use site::{Server, Site};
use sqlx::mysql::MySqlPoolOptions;
use sqlx::{MySql, Postgres, Row, Sqlite};

#[tokio::test]
#[ignore = "needs servers"]
async fn a_short_column_is_an_error() {
    async fn check<D: Server>(code: &str) {
        let site = Site::<D>::with_columns("short", &D::columns("varchar(20)")).await;
        assert_eq!(
            failed(create(&site.store(), "Zoë", NOW + 60).await),
            with_code(ErrorKind::TooLong, code)
        );
        site.insert(KEY, "", "2026-10-05 14:13:20").await;
        assert_eq!(
            failed(update(&site.store(), "Zoë", NOW + 60).await),
            with_code(ErrorKind::TooLong, code)
        );
        assert_eq!(site.data().await, [""]);
    }
    check::<Postgres>("22001").await;
    check::<MySql>("1406").await;
}

/// Rows that Django never writes.
#[tokio::test]
async fn a_strange_row_of_sqlite_is_left_alone() {
    let columns = "session_key varchar(40) PRIMARY KEY, session_data text, expire_date datetime";
    let site = Site::<Sqlite>::with_columns("strange", columns).await;
    let good = codec().encode(&session("Zoë"), NOW).unwrap();
    for (data, date) in [
        (format!("'{good}'"), "'2026-10-05T14:13:20'"),
        (format!("'{good}'"), "'2026-10-05 14:13:20+00:00'"),
        (format!("'{good}'"), "'2026-10-05 14:13'"),
        (format!("'{good}'"), "'2026-13-05 14:13:20'"),
        (format!("'{good}'"), "'2026-10-05 24:13:20'"),
        (format!("'{good}'"), "'2026-10-05 14:13:20.'"),
        (format!("'{good}'"), "'2026-10-05 14:13:20.1234567'"),
        (format!("'{good}'"), "'2026-10-05 14:13:20.12345x'"),
        (format!("'{good}'"), "'never'"),
        (format!("'{good}'"), "x'ff'"),
        ("x'ff'".into(), "'2026-10-05 14:13:20'"),
    ] {
        site.run(&format!(
            "REPLACE INTO strange VALUES ('{KEY}', {data}, {date})"
        ))
        .await;
        match load(&site.store(), NOW).await.unwrap_err() {
            StoreError::Session(Error::UnreadableRecord { .. }) => {}
            error => panic!("{data}, {date}: {error}"),
        }
    }
    for (date, nanos) in [
        ("2026-10-05 14:13:20", 0),
        ("2026-10-05 14:13:20.000000", 0),
        ("2026-10-05 14:13:20.5", 500_000_000),
        ("2026-10-05 14:13:20.000001", 1000),
    ] {
        site.run(&format!(
            "REPLACE INTO strange VALUES ('{KEY}', '{good}', '{date}')"
        ))
        .await;
        let end = load(&site.store(), NOW)
            .await
            .unwrap()
            .unwrap()
            .expires_at
            .unwrap();
        assert_eq!(
            end.as_unix_nanos(),
            i128::from(NOW + 14 * 86_400) * 1_000_000_000 + nanos,
            "{date}"
        );
    }
}

#[tokio::test]
#[ignore = "needs servers"]
async fn dates_of_postgres_may_be_beyond_ours() {
    let site = Site::<Postgres>::new("infinite").await;
    let good = codec().encode(&session("Zoë"), NOW).unwrap();
    for (date, is_live) in [
        ("infinity", true),
        ("294276-01-01", true),
        ("-infinity", false),
        ("4713-01-01 BC", false),
    ] {
        site.run("DELETE FROM infinite").await;
        site.insert(KEY, &good, date).await;
        let found = load(&site.store(), NOW).await.unwrap();
        let last = hardtack::Timestamp::from_unix_micros(253_402_300_799_999_999);
        assert_eq!(
            found.and_then(|found| found.expires_at),
            is_live.then_some(last),
            "{date}"
        );
    }
}

#[tokio::test]
#[ignore = "needs servers"]
async fn tables_of_mysql_may_have_any_collation() {
    for collation in [
        "utf8mb4_bin",
        "utf8mb3_general_ci",
        "latin1_swedish_ci",
        "ascii_bin",
    ] {
        let site = Site::<MySql>::new("collation").await;
        let charset = collation.split('_').next().unwrap();
        site.run(&format!(
            "ALTER TABLE collation CONVERT TO CHARACTER SET {charset} COLLATE {collation}"
        ))
        .await;
        assert!(create(&site.store(), "Zoë", NOW + 60).await.unwrap());
        assert!(update(&site.store(), "Zoë", NOW + 60).await.unwrap());
        assert_eq!(
            load(&site.store(), NOW).await.unwrap().unwrap().session,
            session("Zoë")
        );
        assert!(site.store().delete(&key()).await.unwrap());
    }
}

#[tokio::test]
#[ignore = "needs servers"]
async fn each_method_is_one_statement() {
    let site = Site::<MySql>::new("counted").await;
    let pool = MySqlPoolOptions::new()
        .max_connections(1)
        .connect(&address("HARDTACK_MYSQL"))
        .await
        .unwrap();
    let store = Db::<MySql>::new(pool.clone(), codec())
        .with_table("counted")
        .unwrap();
    let statements = async || {
        let status = sqlx::raw_sql("SHOW SESSION STATUS LIKE 'Com\\_stmt\\_execute'")
            .fetch_one(&pool)
            .await
            .unwrap();
        status.get::<String, _>(1).parse::<u32>().unwrap()
    };
    let before = statements().await;
    create(&store, "Zoë", NOW + 60).await.unwrap();
    assert_eq!(statements().await - before, 1);
    load(&store, NOW).await.unwrap();
    assert_eq!(statements().await - before, 2);
    update(&store, "Zoë", NOW + 60).await.unwrap();
    assert_eq!(statements().await - before, 3);
    store.delete(&key()).await.unwrap();
    assert_eq!(statements().await - before, 4);
    drop(site);
}

/// This can happen between a request and a command that clears the table.
#[tokio::test]
#[ignore = "needs servers"]
async fn a_request_survives_a_deadlock_of_mysql() {
    const WAITING: &str = "SELECT trx_state FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT' AND trx_query LIKE '%`deadlock`%'";
    for deletes in [false, true] {
        let site = Site::<MySql>::new("deadlock").await;
        site.insert(KEY, "", "2026-10-05 14:13:20").await;
        let mut other = site.pool.begin().await.unwrap();
        for sql in [
            // More rows than the request changes, so that the server rolls back the request.
            "INSERT INTO deadlock SELECT CONCAT('other', seq), '', '2026-10-06' FROM seq_1_to_9",
            // Locks the date in its index, but not the row.
            "SELECT expire_date FROM deadlock WHERE expire_date = '2026-10-05 14:13:20' LOCK IN SHARE MODE",
        ] {
            sqlx::query(sql).execute(&mut *other).await.unwrap();
        }
        let store = site.store();
        let request = async {
            if deletes {
                store.delete(&key()).await
            } else {
                update(&store, "Zoë", NOW + 60).await
            }
        };
        let lock_the_row = async {
            while MySql::texts(&site.pool, WAITING.into()).await.is_empty() {
                // InnoDB renews this table only after 100 ms in which it was not read.
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            let row = sqlx::query("SELECT * FROM deadlock WHERE session_key = ? FOR UPDATE");
            row.bind(KEY).execute(&mut *other).await.unwrap();
            other.commit().await.unwrap();
        };
        let both = async { tokio::join!(request, lock_the_row) };
        let limit = Duration::from_secs(30);
        let (done, ()) = tokio::time::timeout(limit, both).await.unwrap();
        assert!(done.unwrap(), "deletes: {deletes}");
    }
}
