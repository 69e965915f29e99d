//! Serves the pages of `stores-load` with tower-sessions: `stores-load-tower-sessions ENGINE`. Addresses come from the
//! environment, as for hardtack's server.

use std::env;
use std::error::Error;
use std::io::{self, Read};
use std::net::Ipv4Addr;
use std::process;
use std::str::FromStr;
use std::thread;

use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::get;
use serde_json::{Map, Value};
use sqlx::mysql::MySqlPoolOptions;
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use tokio::net::TcpListener;
use tower_sessions::cookie::time::Duration;
use tower_sessions::session_store::SessionStore;
use tower_sessions::{Expiry, MemoryStore, Session, SessionManagerLayer, session};
use tower_sessions_redis_store::RedisStore;
use tower_sessions_redis_store::fred::prelude::{ClientLike, Config, Pool};
use tower_sessions_sqlx_store::{MySqlStore, PostgresStore, SqliteStore};

const SESSIONS: &str = include_str!("../../../../benches/data/M.jsonl");
const ANONYMOUS: &str = "anonymous";
/// As in hardtack's server.
const CONNECTIONS: u32 = 10;

type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    thread::spawn(|| {
        let _ = io::stdin().read(&mut [0]);
        process::exit(0);
    });
    let app = app(&env::args().nth(1).ok_or("which engine?")?).await?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    println!("{}", listener.local_addr()?.port());
    axum::serve(listener, app).await?;
    Ok(())
}

async fn app(engine: &str) -> Result<Router, Failure> {
    Ok(match engine {
        "memory" => pages(MemoryStore::default()),
        "postgres" => {
            let pool = PgPoolOptions::new().max_connections(CONNECTIONS);
            let store = PostgresStore::new(pool.connect(&address("POSTGRES")?).await?);
            store.migrate().await?;
            pages(store)
        }
        "mysql" => {
            let pool = MySqlPoolOptions::new().max_connections(CONNECTIONS);
            let store = MySqlStore::new(pool.connect(&address("MYSQL")?).await?);
            store.migrate().await?;
            pages(store)
        }
        "sqlite" => {
            let options = SqliteConnectOptions::from_str(&address("SQLITE")?)?
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Normal);
            let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS);
            let store = SqliteStore::new(pool.connect_with(options).await?);
            store.migrate().await?;
            pages(store)
        }
        "redis" => {
            // One connection that all requests share, as in hardtack's server.
            let pool = Pool::new(Config::from_url(&address("REDIS")?)?, None, None, None, 1)?;
            pool.connect();
            pool.wait_for_connect().await?;
            pages(RedisStore::new(pool))
        }
        _ => return Err("no such engine".into()),
    })
}

fn address(server: &str) -> Result<String, Failure> {
    Ok(env::var(format!("HARDTACK_{server}"))?)
}

fn pages<S: SessionStore + Clone>(store: S) -> Router {
    let age = Expiry::OnInactivity(Duration::weeks(2));
    Router::new()
        .route("/plain", get(async || ANONYMOUS.to_owned()))
        .route("/fill/{line}", get(fill))
        .route("/read", get(read))
        .route("/write", get(write))
        .layer(SessionManagerLayer::new(store).with_expiry(age))
}

async fn fill(session: Session, Path(line): Path<usize>) -> Result<(), StatusCode> {
    let line = SESSIONS.lines().nth(line).ok_or(StatusCode::NOT_FOUND)?;
    let values: Map<String, Value> =
        serde_json::from_str(line).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    for (key, value) in values {
        session.insert_value(&key, value).await.map_err(failed)?;
    }
    Ok(())
}

async fn read(session: Session) -> Result<String, StatusCode> {
    let user: Option<String> = session.get("_auth_user_id").await.map_err(failed)?;
    Ok(user.unwrap_or_else(|| ANONYMOUS.to_owned()))
}

async fn write(session: Session) -> Result<String, StatusCode> {
    let visits = session
        .get("visits")
        .await
        .map_err(failed)?
        .unwrap_or(0_u32)
        + 1;
    session.insert("visits", visits).await.map_err(failed)?;
    Ok(visits.to_string())
}

fn failed(_: session::Error) -> StatusCode {
    StatusCode::SERVICE_UNAVAILABLE
}
