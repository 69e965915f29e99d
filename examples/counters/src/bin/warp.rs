//! warp: a filter cannot change the response of another one, so hardtack's layer wraps the service of all filters.

use std::convert::Infallible;

use counters::Failure;
use hardtack::tower::{PendingSession, SessionLayer};
use hardtack::{Error, SessionHandle};
use hyper_util::service::TowerToHyperService;
use tower_layer::Layer;
use warp::Filter;
use warp::http::{StatusCode, Uri};
use warp::reply::{Reply, Response, html};

type Handler = fn(&SessionHandle) -> Result<Response, Error>;

fn count(session: &SessionHandle) -> Result<Response, Error> {
    let visits = session.get("visits")?.unwrap_or(0_u32).saturating_add(1);
    session.insert("visits", visits)?;
    Ok(html(counters::page(visits)).into_response())
}

#[expect(clippy::unnecessary_wraps, reason = "it is a Handler")]
fn forget(session: &SessionHandle) -> Result<Response, Error> {
    session.flush();
    let home = Uri::from_static("/");
    Ok(warp::redirect::see_other(home).into_response())
}

/// Calls a handler with the request's session. An error becomes a response here: as a rejection, it would make warp try
/// the other filters.
async fn with_session(pending: PendingSession, handler: Handler) -> Result<Response, Infallible> {
    let reply = pending.load().await.and_then(|session| handler(&session));
    Ok(reply.unwrap_or_else(failed))
}

fn failed(error: Error) -> Response {
    eprintln!("{error}");
    let status = StatusCode::from_u16(error.status());
    status
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
        .into_response()
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let session = warp::ext::get::<PendingSession>();
    let home = warp::path::end()
        .and(warp::get().or(warp::head()).unify())
        .and(session)
        .and_then(|pending| with_session(pending, count));
    let forget = warp::path!("forget")
        .and(warp::post())
        .and(session)
        .and_then(|pending| with_session(pending, forget));
    let layer = SessionLayer::new(counters::sessions()?);
    let service = layer.layer(warp::service(home.or(forget)));
    // `warp::serve` takes only a filter.
    counters::serve(TowerToHyperService::new(service)).await
}
