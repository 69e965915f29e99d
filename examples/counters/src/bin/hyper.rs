//! hyper: a function around the application, with the part of hardtack that knows no framework.

use std::future::ready;

use counters::Failure;
use hardtack::{Error, SessionHandle, SessionMiddleware, Timestamp};
use hyper::header::{CONTENT_TYPE, COOKIE, HeaderValue, LOCATION, VARY};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};

/// The application.
fn handle<B>(request: &Request<B>, session: &SessionHandle) -> Result<Response<String>, Error> {
    let mut response = Response::default();
    match (request.method(), request.uri().path()) {
        (&Method::GET | &Method::HEAD, "/") => {
            let visits = session.get("visits")?.unwrap_or(0_u32).saturating_add(1);
            session.insert("visits", visits)?;
            let html = HeaderValue::from_static("text/html; charset=utf-8");
            response.headers_mut().insert(CONTENT_TYPE, html);
            *response.body_mut() = counters::page(visits);
        }
        (&Method::POST, "/forget") => {
            session.flush();
            *response.status_mut() = StatusCode::SEE_OTHER;
            let home = HeaderValue::from_static("/");
            response.headers_mut().insert(LOCATION, home);
        }
        _ => *response.status_mut() = StatusCode::NOT_FOUND,
    }
    Ok(response)
}

/// Loads the session, calls the application, and adds the session's headers to the response.
fn with_session<B>(sessions: &SessionMiddleware, request: &Request<B>) -> Response<String> {
    let loaded = sessions.load(request.headers().get_all(COOKIE), Timestamp::now());
    let session = SessionHandle::from(loaded);
    // An error becomes a response first. If it left this function, a change before it would be lost.
    let mut response = handle(request, &session).unwrap_or_else(failed);
    let (status, headers) = (response.status().as_u16(), response.headers());
    let answer = match session.answer(sessions, status, headers, Timestamp::now()) {
        Ok(answer) => answer,
        Err(error) => return failed(error),
    };
    counters::add_headers(answer, response.headers_mut());
    response
}

/// Returns the response to an error. With another cookie it would be a different one.
fn failed(error: Error) -> Response<String> {
    eprintln!("{error}");
    let mut response = Response::default();
    let status = StatusCode::from_u16(error.status());
    *response.status_mut() = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let cookie = HeaderValue::from_static("Cookie");
    response.headers_mut().insert(VARY, cookie);
    response
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let sessions = counters::sessions()?;
    let service =
        service_fn(move |request| ready(Ok::<_, Error>(with_session(&sessions, &request))));
    counters::serve(service).await
}
