//! The server: the same three pages with sessions and without.

use std::io::{self, Read};
use std::net::Ipv4Addr;
use std::{panic, process, thread};

use axum::Router;
use axum::routing::get;
use hardtack::tower::SessionLayer;
use hardtack::{Error, SessionHandle, SessionMiddleware};
use tokio::net::TcpListener;

use crate::Failure;
use crate::site::{Layer, NOBODY, READ, UNTOUCHED, WRITE, codec};

/// Prints its port, and serves until its standard input is closed.
pub async fn serve(layer: Layer) -> Result<(), Failure> {
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

    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    println!("{}", listener.local_addr()?.port());
    let app = match layer {
        Layer::With => with_sessions()?,
        Layer::Without => without_sessions(),
    };
    axum::serve(listener, app).await?;
    Ok(())
}

fn with_sessions() -> Result<Router, Failure> {
    let sessions = SessionMiddleware::new(codec()?);
    Ok(Router::new()
        .route(UNTOUCHED, get(untouched))
        .route(READ, get(user))
        .route(WRITE, get(visit))
        .layer(SessionLayer::new(sessions)))
}

/// The bodies are as long as those with sessions.
fn without_sessions() -> Router {
    Router::new()
        .route(UNTOUCHED, get(untouched))
        .route(READ, get(async || NOBODY.to_owned()))
        .route(WRITE, get(async || 42.to_string()))
}

async fn untouched() -> &'static str {
    ""
}

async fn user(session: SessionHandle) -> Result<String, Error> {
    let user: Option<String> = session.get("user")?;
    Ok(user.unwrap_or_else(|| NOBODY.to_owned()))
}

async fn visit(session: SessionHandle) -> Result<String, Error> {
    let visits = session.get("visits")?.unwrap_or(0_u32) + 1;
    session.insert("visits", visits)?;
    Ok(visits.to_string())
}
