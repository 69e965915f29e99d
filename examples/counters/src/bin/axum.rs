//! axum: hardtack's layer gives every request its session, and `SessionHandle` is an extractor.

use axum::Router;
use axum::response::{Html, Redirect};
use axum::routing::{get, post};
use counters::Failure;
use hardtack::tower::SessionLayer;
use hardtack::{Error, SessionHandle};

async fn count(session: SessionHandle) -> Result<Html<String>, Error> {
    let visits = session.get("visits")?.unwrap_or(0_u32).saturating_add(1);
    session.insert("visits", visits)?;
    Ok(Html(counters::page(visits)))
}

async fn forget(session: SessionHandle) -> Redirect {
    session.flush();
    Redirect::to("/")
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let app = Router::new()
        .route("/", get(count))
        .route("/forget", post(forget))
        .layer(SessionLayer::new(counters::sessions()?));
    let listener = tokio::net::TcpListener::from_std(counters::listen()?)?;
    Ok(axum::serve(listener, app).await?)
}
