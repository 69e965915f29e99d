//! A visit counter in plain hyper, with the part of hardtack that knows no framework.
//!
//! `cargo run -p with-hyper`, then open the address that it prints. `SECRET_KEY` sets the key, `PORT` the port.

use std::convert::Infallible;
use std::env;
use std::error::Error;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use hardtack::{KeyRing, SecretKey, Session, Timestamp};
use hardtack::{SessionCodec, SessionMiddleware, SetCookie};
use hyper::header::{CONTENT_TYPE, COOKIE, HeaderValue, LOCATION, SET_COOKIE, VARY};
use hyper::server::conn::http1;
use hyper::{Method, Request, Response, StatusCode, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;

type Failure = Box<dyn Error + Send + Sync>;

fn sessions() -> Result<SessionMiddleware, Failure> {
    let key = env::var("SECRET_KEY")
        .map(String::into_bytes)
        .or_else(|_| {
            println!("SECRET_KEY is not set: a random key, good until this program ends");
            let mut key = vec![0; 32];
            getrandom::fill(&mut key).map(|()| key)
        })?;
    let codec = SessionCodec::new(KeyRing::new(SecretKey::new(key)?));
    // This is plain HTTP, where a browser may drop a `Secure` cookie. A site has HTTPS and leaves `with_secure` out.
    // A name of its own: on one host all ports share their cookies.
    let cookie = SetCookie::new("visits").with_secure(false);
    Ok(SessionMiddleware::new(codec).with_cookie(cookie))
}

/// What the application does with a request and its session.
fn handle<B>(request: &Request<B>, session: &mut Session) -> Result<Response<String>, Failure> {
    let response = Response::builder();
    Ok(match (request.method(), request.uri().path()) {
        (&Method::GET | &Method::HEAD, "/") => {
            let visits = session.get("visits")?.unwrap_or(0_u32).saturating_add(1);
            session.insert("visits", visits)?;
            let html = format!(include_str!("../../visits.html"), visits = visits);
            response
                .header(CONTENT_TYPE, "text/html; charset=utf-8")
                .body(html)?
        }
        (&Method::POST, "/forget") => {
            session.flush();
            let response = response.status(StatusCode::SEE_OTHER);
            response.header(LOCATION, "/").body(String::new())?
        }
        _ => response.status(StatusCode::NOT_FOUND).body(String::new())?,
    })
}

/// What stands around it: the session comes out of the request, and what there is to say about it goes into the response.
fn answer<B>(
    sessions: &SessionMiddleware,
    request: &Request<B>,
) -> Result<Response<String>, Failure> {
    let mut loaded = sessions.load(request.headers().get_all(COOKIE), Timestamp::now());
    let mut response = handle(request, &mut loaded.session)?;
    let answer = sessions.answer(&loaded, response.status().as_u16(), Timestamp::now())?;
    let headers = response.headers_mut();
    // Appended: a handler may have set other cookies, or vary on more.
    if let Some(set_cookie) = answer.set_cookie {
        headers.append(SET_COOKIE, HeaderValue::try_from(set_cookie)?);
    }
    if answer.vary {
        headers.append(VARY, HeaderValue::from_static("Cookie"));
    }
    Ok(response)
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let sessions = Arc::new(sessions()?);
    let port = env::var("PORT").map_or(Ok(3001), |port| port.parse())?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    println!("http://{}", listener.local_addr()?);
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Too many open files, or a client that has left: no reason to stop for everybody.
                eprintln!("{error}");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let sessions = Arc::clone(&sessions);
        let service = service_fn(move |request| {
            let response = answer(&sessions, &request).unwrap_or_else(|error| {
                eprintln!("{error}");
                let mut response = Response::new(String::new());
                *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
                response
            });
            async { Ok::<_, Infallible>(response) }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), service);
        // An error here is the client's: it left, or it does not speak HTTP.
        tokio::spawn(connection);
    }
}
