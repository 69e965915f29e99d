//! `Db` and a real Django on the same rows. They need servers (stores/tests/servers.sh).

mod common;
#[path = "db/site.rs"]
mod site;

use std::time::Duration;

use common::script::Script;
use common::zone::berlin;
use common::{SECRET_KEY, address, codec};
use hardtack::{Clear, Load, Save, Session, SessionKey, SessionStore, Timestamp};
use serde_json::{Value, json};
use site::Server;
use sqlx::{MySql, Pool, Postgres, Sqlite};

const AGE: Duration = hardtack::limits::DEFAULT_MAX_AGE;

/// A database that both sides use.
trait Shared: Server {
    async fn shared(table: &str) -> (Value, Pool<Self>);
}

/// Converts an address without a password to an entry of `DATABASES`.
fn entry(engine: &str, address: &str) -> Value {
    let (user, rest) = address
        .split_once("://")
        .unwrap()
        .1
        .split_once('@')
        .unwrap();
    let (host, rest) = rest.split_once(':').unwrap();
    let (port, name) = rest.split_once('/').unwrap();
    json!({"ENGINE": engine, "NAME": name, "USER": user, "HOST": host, "PORT": port})
}

impl Shared for Postgres {
    async fn shared(_: &str) -> (Value, Pool<Self>) {
        let database = entry(
            "django.db.backends.postgresql",
            &address("HARDTACK_POSTGRES"),
        );
        (database, Self::pool().await)
    }
}

impl Shared for MySql {
    async fn shared(_: &str) -> (Value, Pool<Self>) {
        let database = entry("django.db.backends.mysql", &address("HARDTACK_MYSQL"));
        (database, Self::pool().await)
    }
}

impl Shared for Sqlite {
    async fn shared(table: &str) -> (Value, Pool<Self>) {
        let path = format!("{}/{table}.sqlite3", env!("CARGO_TARGET_TMPDIR"));
        let _ = std::fs::remove_file(&path);
        let pool = Pool::connect_lazy(&format!("sqlite://{path}?mode=rwc")).unwrap();
        (
            json!({"ENGINE": "django.db.backends.sqlite3", "NAME": path}),
            pool,
        )
    }
}

/// Defines a test for each server, with and without `USE_TZ`.
macro_rules! on_each_server {
    ($($server:ident: $type:ty)*) => {$(
        mod $server {
            #[tokio::test]
            #[ignore = "needs servers"]
            async fn with_use_tz() {
                super::sessions_are_shared::<$type>("django_use_tz", true).await;
            }

            #[tokio::test]
            #[ignore = "needs servers"]
            async fn without_use_tz() {
                super::sessions_are_shared::<$type>("django_local", false).await;
            }
        }
    )*};
}
on_each_server! { sqlite: sqlx::Sqlite postgres: sqlx::Postgres mysql: sqlx::MySql }

async fn sessions_are_shared<D: Shared>(table: &str, use_tz: bool) {
    let (database, pool) = D::shared(table).await;
    let options =
        json!({"database": database, "table": table, "use_tz": use_tz, "key": SECRET_KEY});
    let mut django = Script::start("tests/db/django_rows.py", &options);
    django.ask(&json!({"do": "create"}));
    let codec = if use_tz {
        codec()
    } else {
        codec().with_site_time_zone(berlin())
    };
    let store = D::store(pool, codec, table);
    let values = json!({"user": "Zoë", "cart": [4711, {"x": null}], "big": 1_u64 << 63, "long": "x".repeat(100_000)});

    for expiry in [
        json!(null),
        json!(300),
        json!(0),
        json!({"after": 86_400}),
        json!({"after": 200 * 86_400}),
    ] {
        // Django writes, we read.
        let session_key = django.ask(&json!({"do": "write", "session": values, "expiry": expiry}));
        let key = SessionKey::parse(session_key.as_str().unwrap()).unwrap();
        let end = django.ask(&json!({"do": "date", "session_key": session_key}));
        let now = Timestamp::now();
        let found = store
            .load(Load {
                key: &key,
                now,
                default_age: AGE,
            })
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            found.expires_at,
            Some(Timestamp::from_unix_micros(end.as_i64().unwrap())),
            "{expiry}"
        );
        let mut session = found.session;
        assert_eq!(json_of(&session, "cart"), values["cart"]);
        assert_eq!(json_of(&session, "long"), values["long"]);

        // We write, Django reads.
        session.insert("rust", "größer").unwrap();
        let expires_at = session.expiry_date(now, AGE).unwrap();
        assert!(
            store
                .update(Save {
                    key: &key,
                    session: &session,
                    now,
                    expires_at
                })
                .await
                .unwrap()
        );
        let read = django.ask(&json!({"do": "read", "session_key": session_key}));
        assert_eq!(
            (&read["rust"], &read["cart"], &read["big"]),
            (&json!("größer"), &values["cart"], &values["big"]),
            "{expiry}"
        );
        let end = django.ask(&json!({"do": "date", "session_key": session_key}));
        let micros = expires_at.as_unix_nanos().div_euclid(1000);
        assert_eq!(i128::from(end.as_i64().unwrap()), micros, "{expiry}");

        // Django writes again, with its own bytes of the same date.
        django.ask(&json!({"do": "update", "session_key": session_key, "session": {"django": 1}}));
        let found = store
            .load(Load {
                key: &key,
                now,
                default_age: AGE,
            })
            .await
            .unwrap()
            .unwrap();
        assert_eq!(json_of(&found.session, "django"), json!(1));

        // We end the session, and Django finds no user.
        assert!(store.delete(&key).await.unwrap());
        assert_eq!(
            django.ask(&json!({"do": "read", "session_key": session_key})),
            json!(null)
        );
    }
    both_clear_the_same(&mut django, &store).await;
}

/// Rows that end just before, at and after an instant.
async fn both_clear_the_same(
    django: &mut Script,
    store: &impl SessionStore<Error = hardtack_stores::Error>,
) {
    let now = Timestamp::now();
    let hour = 3_600_000_000_000;
    for (n, offset) in [-hour, -1000, 0, hour].into_iter().enumerate() {
        let key = SessionKey::parse(&format!("row{n:05}")).unwrap();
        let expires_at = Timestamp::from_unix_nanos(now.as_unix_nanos() + offset);
        assert!(
            store
                .create(Save {
                    key: &key,
                    session: &Session::new(),
                    now,
                    expires_at
                })
                .await
                .unwrap()
        );
    }
    let clear = Clear {
        now,
        default_age: AGE,
        at_most: 10,
    };
    assert_eq!(store.clear_expired(clear).await.unwrap(), 2);
    // Django's clock is later than `NOW`.
    assert_eq!(django.ask(&json!({"do": "clear"})), json!(["row00003"]));
}

fn json_of(session: &Session, name: &str) -> Value {
    session.get(name).unwrap().unwrap()
}
