//! poem: a function around the routes puts the session into the request's extensions.

use std::sync::Arc;

use counters::Failure;
use hardtack::{Error, SessionHandle, SessionMiddleware, Timestamp};
use poem::error::InternalServerError;
use poem::http::header::{COOKIE, VARY};
use poem::listener::TcpAcceptor;
use poem::web::{Data, Html, Redirect};
use poem::{
    Endpoint, EndpointExt, IntoResponse, Request, Response, Result, Route, Server, get, handler,
    post,
};

/// Loads the session, calls the routes, and adds the session's headers to the response.
async fn with_session<E: Endpoint>(next: Arc<E>, mut request: Request) -> Result<Response> {
    let sessions: &SessionMiddleware = request.data().ok_or(Error::MissingLayer).map_err(failed)?;
    let sessions = sessions.clone();
    let loaded = sessions.load(request.headers().get_all(COOKIE), Timestamp::now());
    let session = SessionHandle::from(loaded);
    request.set_data(session.clone());
    // Unlike `call`, this makes a handler's error a response. With `?`, a change before the error would be lost.
    let mut response = next.get_response(request).await;
    let (status, headers) = (response.status().as_u16(), response.headers());
    let answer = session.answer(&sessions, status, headers, Timestamp::now());
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => {
            let response = failed(error).into_response();
            return Ok(response.with_header(VARY, "Cookie").into_response());
        }
    };
    counters::add_headers(answer, response.headers_mut());
    Ok(response)
}

#[handler]
fn count(Data(session): Data<&SessionHandle>) -> Result<Html<String>> {
    let visits = session.get("visits").map_err(failed)?.unwrap_or(0_u32);
    let visits = visits.saturating_add(1);
    session.insert("visits", visits).map_err(failed)?;
    Ok(Html(counters::page(visits)))
}

#[handler]
fn forget(Data(session): Data<&SessionHandle>) -> Redirect {
    session.flush();
    Redirect::see_other("/")
}

fn failed(error: Error) -> poem::Error {
    eprintln!("{error}");
    InternalServerError(error)
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let app = Route::new()
        .at("/", get(count))
        .at("/forget", post(forget))
        .around(with_session)
        .data(counters::sessions()?);
    let acceptor = TcpAcceptor::from_std(counters::listen()?)?;
    Ok(Server::new_with_acceptor(acceptor).run(app).await?)
}
