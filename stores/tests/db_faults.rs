//! Failures: servers that are down or hang, wrong passwords, locks. Most tests need servers (stores/tests/servers.sh).

#[path = "db/checks.rs"]
mod checks;
mod common;
#[path = "db/site.rs"]
mod site;

use std::net::SocketAddr;
use std::time::Duration;

use checks::{NOW, create, failed, load, update, with_code};
use common::{address, codec, silent};
use hardtack_stores::{Db, ErrorKind};
use site::{Server, Site};
use sqlx::mysql::MySqlPoolOptions;
use sqlx::pool::PoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{MySql, Pool, Postgres, Sqlite};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::watch;

const SHORT: Duration = Duration::from_secs(1);
/// Long enough for a connection to a busy server.
const LONG: Duration = Duration::from_secs(20);

fn pool<D: Server>(address: &str, wait: Duration) -> Pool<D> {
    let pool = PoolOptions::new().max_connections(1).acquire_timeout(wait);
    pool.connect_lazy(address).unwrap()
}

/// Loads a session from a server, and expects an error.
async fn failure<D: Server>(address: &str, wait: Duration) -> (ErrorKind, Option<String>) {
    let store = D::store(pool::<D>(address, wait), codec(), "django_session");
    failed(load(&store, NOW).await)
}

async fn both_fail(address: &str, wait: Duration, kind: ErrorKind) {
    let postgres = format!("postgres://user@{address}/site");
    assert_eq!(failure::<Postgres>(&postgres, wait).await, (kind, None));
    let mysql = format!("mysql://user@{address}/site");
    assert_eq!(failure::<MySql>(&mysql, wait).await, (kind, None));
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_an_error() {
    let (_listener, address) = silent();
    both_fail(&address, SHORT, ErrorKind::TimedOut).await;
}

#[tokio::test]
async fn a_server_that_is_down_is_an_error() {
    let (listener, address) = silent();
    drop(listener);
    both_fail(&address, SHORT, ErrorKind::TimedOut).await;
}

#[tokio::test]
async fn a_server_that_hangs_up_is_an_error() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { while listener.accept().await.is_ok() {} });
    both_fail(&address, LONG, ErrorKind::Unreachable).await;
}

/// PostgreSQL requires no password in the tests, so this test gives the answer of a server that does.
#[tokio::test]
async fn a_wrong_password_of_postgres_is_an_error() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut client, _) = listener.accept().await.unwrap();
        let _ = client.read(&mut [0; 1024]).await;
        let fields =
            b"SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed for user \"user\"\0\0";
        let length = u32::try_from(fields.len() + 4).unwrap().to_be_bytes();
        client
            .write_all(&[&b"E"[..], &length, fields].concat())
            .await
            .unwrap();
    });
    let server = format!("postgres://user:secret@{address}/site?sslmode=disable");
    assert_eq!(
        failure::<Postgres>(&server, LONG).await,
        with_code(ErrorKind::AccessDenied, "28P01")
    );
}

#[tokio::test]
#[ignore = "needs servers"]
async fn a_user_without_rights_is_an_error() {
    let site = Site::<MySql>::new("rights").await;
    site.run("CREATE OR REPLACE USER stranger@'127.0.0.1' IDENTIFIED BY 'right'")
        .await;
    let root = address("HARDTACK_MYSQL");
    for (password, code) in [("wrong", "1045"), ("right", "1044")] {
        let address = root.replace("root@", &format!("stranger:{password}@"));
        assert_eq!(
            failure::<MySql>(&address, LONG).await,
            with_code(ErrorKind::AccessDenied, code)
        );
    }
    let nowhere = root.replace("/hardtack", "/nowhere");
    assert_eq!(
        failure::<MySql>(&nowhere, LONG).await,
        with_code(ErrorKind::AccessDenied, "1049")
    );

    let root = address("HARDTACK_POSTGRES");
    let (server, _) = root.rsplit_once('/').unwrap();
    let nowhere = format!("{server}/nowhere");
    assert_eq!(
        failure::<Postgres>(&nowhere, LONG).await,
        with_code(ErrorKind::AccessDenied, "3D000")
    );
    let stranger = root.replace("postgres@", "stranger@");
    assert_eq!(
        failure::<Postgres>(&stranger, LONG).await,
        with_code(ErrorKind::AccessDenied, "28000")
    );
}

#[tokio::test]
#[ignore = "needs servers"]
async fn a_statement_that_hangs_is_an_error() {
    // The pool has one connection: after the error it is closed, and there is a new one.
    let site = Site::<Postgres>::new("locked").await;
    let mut other = site.pool.begin().await.unwrap();
    sqlx::query("LOCK TABLE locked")
        .execute(&mut *other)
        .await
        .unwrap();
    let locked = pool(&address("HARDTACK_POSTGRES"), LONG);
    let store = Postgres::limited(locked, "locked", SHORT);
    assert_eq!(failed(load(&store, NOW).await), (ErrorKind::TimedOut, None));
    assert_eq!(
        failed(create(&store, "Zoë", NOW + 60).await),
        (ErrorKind::TimedOut, None)
    );
    other.rollback().await.unwrap();
    assert!(create(&store, "Zoë", NOW + 60).await.unwrap());

    let limited = format!(
        "{}?options=-c%20statement_timeout=200",
        address("HARDTACK_POSTGRES")
    );
    let store = Postgres::store(pool(&limited, LONG), codec(), "locked");
    let mut other = site.pool.begin().await.unwrap();
    sqlx::query("LOCK TABLE locked")
        .execute(&mut *other)
        .await
        .unwrap();
    assert_eq!(
        failed(load(&store, NOW).await),
        with_code(ErrorKind::TimedOut, "57014")
    );
}

/// Forwards connections to a server. The connections that are open when the returned number is raised freeze.
async fn freezable(server: String) -> (SocketAddr, watch::Sender<u32>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (freeze, _) = watch::channel(0);
    let freezes = freeze.clone();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let (server, mut freezes) = (server.clone(), freezes.subscribe());
            tokio::spawn(async move {
                let mut server = tokio::net::TcpStream::connect(server).await.unwrap();
                tokio::select! {
                    _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
                    _ = freezes.changed() => std::future::pending().await,
                }
            });
        }
    });
    (address, freeze)
}

#[tokio::test]
#[ignore = "needs servers"]
async fn a_connection_that_freezes_is_replaced() {
    async fn check<D: Server>(variable: &str) {
        let site = Site::<D>::new("frozen").await;
        let real = address(variable);
        let server = real.split(['@', '/']).nth(3).unwrap();
        let (proxy, freeze) = freezable(server.into()).await;
        let pool = PoolOptions::<D>::new()
            .max_connections(1)
            .test_before_acquire(false)
            .acquire_timeout(LONG)
            .connect_lazy(&real.replace(server, &proxy.to_string()))
            .unwrap();
        let store = D::limited(pool.clone(), &site.table, SHORT);
        assert!(load(&store, NOW).await.unwrap().is_none());
        // The pool tests a connection when it is returned.
        while pool.num_idle() == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        freeze.send_replace(1);
        assert_eq!(failed(load(&store, NOW).await), (ErrorKind::TimedOut, None));
        assert!(load(&store, NOW).await.unwrap().is_none());
    }
    check::<Postgres>("HARDTACK_POSTGRES").await;
    check::<MySql>("HARDTACK_MYSQL").await;
}

#[tokio::test]
#[ignore = "needs servers"]
async fn a_locked_row_of_mysql_is_an_error() {
    let site = Site::<MySql>::new("locked").await;
    site.insert(checks::KEY, "", "2026-10-05 14:13:20").await;
    let mut other = site.pool.begin().await.unwrap();
    sqlx::query("UPDATE locked SET session_data = 'x'")
        .execute(&mut *other)
        .await
        .unwrap();
    let locked = pool(&address("HARDTACK_MYSQL"), LONG);
    let store = MySql::limited(locked, "locked", SHORT);
    assert_eq!(
        failed(update(&store, "Zoë", NOW + 60).await),
        (ErrorKind::TimedOut, None)
    );

    let pool = MySqlPoolOptions::new()
        .max_connections(1)
        .after_connect(|connection, _| {
            Box::pin(async move {
                sqlx::query("SET innodb_lock_wait_timeout = 1")
                    .execute(connection)
                    .await
                    .map(drop)
            })
        });
    let pool = pool.connect(&address("HARDTACK_MYSQL")).await.unwrap();
    let store = MySql::store(pool, codec(), "locked");
    assert_eq!(
        failed(update(&store, "Zoë", NOW + 60).await),
        with_code(ErrorKind::Busy, "1205")
    );
}

fn sqlite(name: &str) -> SqliteConnectOptions {
    let path = format!("{}/{name}.sqlite3", env!("CARGO_TARGET_TMPDIR"));
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(Duration::from_millis(50))
}

#[tokio::test]
async fn an_sqlite_file_that_is_missing_locked_or_read_only_is_an_error() {
    let _ = std::fs::remove_file(sqlite("faults").get_filename());
    let away = Db::new(
        SqlitePoolOptions::new().connect_lazy_with(sqlite("faults")),
        codec(),
    );
    assert_eq!(
        failed(load(&away, NOW).await),
        with_code(ErrorKind::Unreachable, "14")
    );

    let pool = Pool::<Sqlite>::connect_with(sqlite("faults").create_if_missing(true))
        .await
        .unwrap();
    let site = Site {
        pool,
        table: "django_session".into(),
    };
    site.run(&format!(
        "CREATE TABLE django_session ({})",
        Sqlite::columns("text")
    ))
    .await;
    let mut other = site.pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
    sqlx::query("DELETE FROM django_session")
        .execute(&mut *other)
        .await
        .unwrap();
    assert_eq!(
        failed(create(&site.store(), "Zoë", NOW + 60).await),
        with_code(ErrorKind::Busy, "5")
    );
    other.rollback().await.unwrap();

    let pool = Pool::<Sqlite>::connect_with(sqlite("faults").read_only(true))
        .await
        .unwrap();
    let read_only = Db::new(pool, codec());
    assert!(load(&read_only, NOW).await.unwrap().is_none());
    assert_eq!(
        failed(create(&read_only, "Zoë", NOW + 60).await),
        with_code(ErrorKind::AccessDenied, "8")
    );
}
