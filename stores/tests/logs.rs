//! No event and no text of an error contains a session key, a session, a key of the site or a password: with each
//! store, with slow statements, and with each failure whose message from the server would quote them. The tests need
//! the servers (stores/tests/servers.sh).

mod caches;
mod common;
#[path = "db/site.rs"]
mod site;

use std::fmt::{Debug, Write as _};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use caches::{load, new_key, save, session};
use common::{SECRET_KEY, address, codec};
use hardtack::{Clear, Session, SessionKey, SessionStore, Timestamp};
use hardtack_stores::redis::aio::{ConnectionManager, ConnectionManagerConfig};
use hardtack_stores::redis::{Client, cmd};
use hardtack_stores::sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};
use hardtack_stores::sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use hardtack_stores::sqlx::{ConnectOptions, MySql, Pool, Postgres};
use hardtack_stores::{Cache, CachedDb, Db, Encoding, Error, Files, Memcached, Redis};
use site::Server;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// All events, and the texts of all errors.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Log {
    fn write(&self, line: &str) {
        self.0.lock().expect("no panic").push_str(line);
    }
}

struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {}={value:?}", field.name());
    }
}

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields(format!("\n{}", event.metadata().target()));
        event.record(&mut fields);
        self.write(&fields.0);
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut fields = Fields(format!("\n{}", span.metadata().name()));
        span.record(&mut fields);
        self.write(&fields.0);
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        let mut fields = Fields(String::new());
        values.record(&mut fields);
        self.write(&fields.0);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

const PASSWORD: &str = "pa55word";

struct Check {
    log: Log,
    key: SessionKey,
    session: Session,
}

impl Check {
    fn note(&self, result: Result<impl Debug, impl std::error::Error>) {
        let Err(error) = result.map(|it| self.log.write(&format!("\n{it:?}"))) else {
            return;
        };
        let mut next: Option<&dyn std::error::Error> = Some(&error);
        while let Some(error) = next {
            self.log.write(&format!("\n{error} {error:?}"));
            next = error.source();
        }
    }

    async fn all(&self, store: impl SessionStore<Error = Error> + Debug) {
        self.log.write(&format!("\n{store:?}"));
        let save = || save(&self.key, &self.session, 60.0);
        let clear = Clear {
            now: Timestamp::now(),
            default_age: Duration::from_secs(60),
            at_most: 10,
        };
        // The second time, the key is taken.
        self.note(store.create(save()).await);
        self.note(store.create(save()).await);
        self.note(store.update(save()).await);
        self.note(load(&store, &self.key).await);
        self.note(store.clear_expired(clear).await);
        self.note(store.delete(&self.key).await);
    }

    fn end(&self) {
        let log = self.log.0.lock().expect("no panic");
        let key = self.key.as_str();
        // "hush-hush", and its base64 text at each offset.
        for secret in [
            key,
            &key[..12],
            "hush",
            "aHVzaC",
            "h1c2gta",
            "odXNoLW",
            SECRET_KEY,
            PASSWORD,
        ] {
            let line = log.lines().find(|line| line.contains(secret));
            assert_eq!(line, None, "{secret}");
        }
        for source in [
            "sqlx::query",
            "PostgreSQL",
            "MySQL",
            "Redis",
            "memcached",
            "files",
        ] {
            assert!(log.contains(source), "nothing of {source}: {log}");
        }
    }
}

/// Tables: Django's, one with short columns, one that refuses the text, one with another type, and none.
fn tables(text: &str, date: &str) -> [(&'static str, String); 5] {
    let table = |key: &str, text: &str| {
        format!("(session_key {key} PRIMARY KEY, session_data {text}, expire_date {date})")
    };
    let refusing = format!("{text} CHECK (length(session_data) < 5)");
    [
        ("logs_good", table("varchar(40)", text)),
        ("logs_short", table("varchar(4)", "varchar(9)")),
        ("logs_refusing", table("varchar(40)", &refusing)),
        ("logs_typed", table("integer", text)),
        ("logs_none", String::new()),
    ]
}

async fn each_table<D: Server>(check: &Check, pool: &Pool<D>, text: &str, date: &str) {
    for (name, table) in tables(text, date) {
        D::run(pool, format!("DROP TABLE IF EXISTS {name}")).await;
        if !table.is_empty() {
            D::run(pool, format!("CREATE TABLE {name} {table}")).await;
        }
        check.all(D::store(pool.clone(), codec(), name)).await;
    }
}

#[tokio::test]
#[ignore = "needs all servers"]
async fn no_secret_is_logged() {
    let check = Check {
        log: Log::default(),
        key: new_key(),
        session: session(r#"{"user":"hush-hush","_auth_user_hash":"hush-hush"}"#),
    };
    let _guard = tracing::subscriber::set_default(check.log.clone());
    let postgres: PgConnectOptions = address("HARDTACK_POSTGRES").parse().expect("an address");
    let postgres = postgres.log_slow_statements("warn".parse().expect("a level"), Duration::ZERO);
    let pool = PgPoolOptions::new().connect_lazy_with(postgres.clone());
    each_table::<Postgres>(&check, &pool, "text", "timestamptz").await;
    let wrong = postgres
        .clone()
        .username("nobody")
        .password(PASSWORD)
        .database(PASSWORD);
    let wrong = PgPoolOptions::new().connect_lazy_with(wrong);
    check.all(Db::<Postgres>::new(wrong, codec())).await;

    let mysql: MySqlConnectOptions = address("HARDTACK_MYSQL").parse().expect("an address");
    let mysql = mysql.log_slow_statements("warn".parse().expect("a level"), Duration::ZERO);
    let pool = MySqlPoolOptions::new().connect_lazy_with(mysql.clone());
    each_table::<MySql>(&check, &pool, "longtext", "datetime(6)").await;
    let wrong = mysql
        .username("nobody")
        .password(PASSWORD)
        .database(PASSWORD);
    let wrong = MySqlPoolOptions::new().connect_lazy_with(wrong);
    check.all(Db::<MySql>::new(wrong, codec())).await;

    let redis = |address: String| {
        let client = Client::open(address).expect("an address");
        let config = ConnectionManagerConfig::new().set_number_of_retries(0);
        ConnectionManager::new_lazy_with_config(client, config).expect("settings")
    };
    let good = redis(address("HARDTACK_REDIS"));
    check.all(Cache::<Redis>::new(good.clone())).await;
    check
        .all(
            Cache::<Redis>::new(good.clone())
                .with_encoding(Encoding::Json)
                .with_max_json_length(9),
        )
        .await;
    let name = format!(":1:django.contrib.sessions.cache{}", check.key.as_str());
    let push: Result<(), _> = cmd("RPUSH")
        .arg(name)
        .arg("hush")
        .query_async(&mut good.clone())
        .await;
    push.expect("Redis runs");
    check.all(Cache::<Redis>::new(good.clone())).await;
    let wrong =
        address("HARDTACK_REDIS").replace("redis://", &format!("redis://nobody:{PASSWORD}@"));
    check.all(Cache::<Redis>::new(redis(wrong))).await;
    let down = format!("redis://nobody:{PASSWORD}@127.0.0.1:1");
    check.all(Cache::<Redis>::new(redis(down.clone()))).await;
    let db = Db::<Postgres>::new(PgPoolOptions::new().connect_lazy_with(postgres), codec());
    let db = db.with_table("logs_good").expect("a name");
    check
        .all(CachedDb::new(db, Cache::<Redis>::new(redis(down))))
        .await;

    let memcached = || Cache::<Memcached>::new(address("HARDTACK_MEMCACHED"));
    check.all(memcached()).await;
    check.all(memcached().with_max_value_length(9)).await;
    check.all(memcached().with_key_prefix("a b")).await;
    check.all(Cache::<Memcached>::new("127.0.0.1:1")).await;

    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("logs");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join(format!("sessionid{}", check.key.as_str())))
        .expect("a folder");
    check.all(Files::new(&folder, codec())).await;
    check.all(Files::new("/none", codec())).await;
    check.end();
}
