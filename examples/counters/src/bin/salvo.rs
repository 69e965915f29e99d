//! salvo: hardtack's layer becomes a hoop by `compat()` (salvo's feature `tower-compat`).

use counters::Failure;
use hardtack::tower::{PendingSession, SessionLayer};
use hardtack::{Error, SessionHandle};
use salvo::conn::tcp::TcpAcceptor;
use salvo::prelude::*;

/// Returns the request's session.
async fn session(request: &Request) -> Result<SessionHandle, Error> {
    let pending = request.extensions().get::<PendingSession>();
    pending.ok_or(Error::MissingLayer)?.load().await
}

#[handler]
async fn count(request: &mut Request) -> Result<Text<String>, StatusError> {
    let session = session(request).await.map_err(failed)?;
    let visits = session.get("visits").map_err(failed)?.unwrap_or(0_u32);
    let visits = visits.saturating_add(1);
    session.insert("visits", visits).map_err(failed)?;
    Ok(Text::Html(counters::page(visits)))
}

#[handler]
async fn forget(request: &mut Request) -> Result<Redirect, StatusError> {
    session(request).await.map_err(failed)?.flush();
    Ok(Redirect::other("/"))
}

fn failed(error: Error) -> StatusError {
    eprintln!("{error}");
    let code = StatusCode::from_u16(error.status());
    let error = code.ok().and_then(StatusError::from_code);
    error.unwrap_or_else(StatusError::internal_server_error)
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let router = Router::new()
        .hoop(SessionLayer::new(counters::sessions()?).compat())
        .get(count)
        .head(count) // unlike in axum, `get` does not answer HEAD
        .push(Router::with_path("forget").post(forget));
    let listener = tokio::net::TcpListener::from_std(counters::listen()?)?;
    Server::new(TcpAcceptor::try_from(listener)?)
        .serve(router)
        .await;
    Ok(())
}
