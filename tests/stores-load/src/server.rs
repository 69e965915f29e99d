//! The service: the same pages for each engine.

use std::io::{self, Read};
use std::net::Ipv4Addr;
use std::time::Duration;
use std::{panic, process, thread};

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use hardtack::{Error, Session, SessionHandle};
use tokio::net::TcpListener;

use crate::Failure;
use crate::engine::{Engine, layer};

/// The body of a page whose session has no user.
pub const ANONYMOUS: &str = "anonymous";

/// Sessions of about 700 bytes.
const SESSIONS: &str = include_str!("../../../benches/data/M.jsonl");

/// Prints its port, and serves until its standard input is closed.
pub async fn serve(engine: Engine) -> Result<(), Failure> {
    // tokio would ignore a panic in a handler.
    let report = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        report(panic);
        process::abort();
    }));
    thread::spawn(|| {
        let _ = io::stdin().read(&mut [0]);
        process::exit(0);
    });
    let app = Router::new()
        .route("/plain", get(async || ANONYMOUS.to_owned()))
        .route("/fill/{line}", get(fill))
        .route("/read", get(user))
        .route("/write", get(visit))
        .route("/write/{pause}", get(slow_visit))
        .route("/in/{user}", get(sign_in))
        .route("/out", get(sign_out))
        .layer(layer(engine).await?);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    println!("{}", listener.local_addr()?.port());
    axum::serve(listener, app).await?;
    Ok(())
}

async fn fill(session: SessionHandle, Path(line): Path<usize>) -> Result<(), Error> {
    let line = SESSIONS.lines().nth(line).unwrap_or("{}");
    let filled = Session::from_json(line)?;
    session.write(|session| *session = filled);
    Ok(())
}

async fn user(session: SessionHandle) -> Result<String, Error> {
    let user: Option<String> = session.get("_auth_user_id")?;
    Ok(user.unwrap_or_else(|| ANONYMOUS.to_owned()))
}

/// Returns the user and the number of visits.
async fn visit(session: SessionHandle) -> Result<String, Error> {
    let visits = session.get("visits")?.unwrap_or(0_u32) + 1;
    session.insert("visits", visits)?;
    Ok(format!("{} {visits}", user(session).await?))
}

/// Waits this many milliseconds between loading the session and saving it.
async fn slow_visit(session: SessionHandle, Path(pause): Path<u64>) -> Result<String, Error> {
    tokio::time::sleep(Duration::from_millis(pause)).await;
    visit(session).await
}

async fn sign_in(session: SessionHandle, Path(user): Path<String>) -> Result<String, Error> {
    session.write(|session| session.set_auth_user(&user, "backend", "hash"))?;
    Ok(user)
}

async fn sign_out(session: SessionHandle) -> String {
    session.flush();
    ANONYMOUS.to_owned()
}
