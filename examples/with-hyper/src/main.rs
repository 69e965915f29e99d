//! A visit counter in plain hyper, with the part of hardtack that knows no framework.
//!
//! `cargo run -p with-hyper`, then open the address that it prints. `SECRET_KEY` sets the key, `PORT` the port.

use std::env;
use std::error::Error;
use std::future::ready;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use hardtack::{KeyRing, SecretKey, SessionCodec, SessionHandle, SessionMiddleware};
use hardtack::{SessionSettings, SetCookie, Timestamp};
use hyper::header::{CONTENT_TYPE, COOKIE, HeaderValue, LOCATION};
use hyper::server::conn::http1;
use hyper::{Method, Request, Response, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;

type Failure = Box<dyn Error + Send + Sync>;

fn sessions() -> Result<SessionMiddleware, Failure> {
    let key = env::var("SECRET_KEY").or_else(|_| {
        println!("SECRET_KEY is not set: a random key, good until this program ends");
        let mut key = [0; 16];
        getrandom::fill(&mut key).map(|()| format!("{:032x}", u128::from_ne_bytes(key)))
    })?;
    // This is plain HTTP, where a browser may drop a `Secure` cookie. A site has HTTPS and leaves `with_secure` out.
    // A name of its own: on one host all ports share their cookies.
    let cookie = SetCookie::new("visits").with_secure(false);
    let codec = SessionCodec::new(KeyRing::new(SecretKey::new(key)?));
    let settings = SessionSettings::default().with_cookie(cookie)?;
    Ok(SessionMiddleware::new(codec).with_settings(settings)?)
}

/// What the application does with a request and its session.
fn handle<B>(request: &Request<B>, session: &SessionHandle) -> Result<Response<String>, Failure> {
    let response = Response::builder();
    Ok(match (request.method(), request.uri().path()) {
        (&Method::GET | &Method::HEAD, "/") => {
            let visits = session.get("visits")?.unwrap_or(0_u32).saturating_add(1);
            session.insert("visits", visits)?;
            let html = format!(include_str!("../../visits.html"), visits = visits);
            response.header(CONTENT_TYPE, "text/html").body(html)?
        }
        (&Method::POST, "/forget") => {
            session.flush();
            let response = response.status(303).header(LOCATION, "/");
            response.body(String::new())?
        }
        _ => response.status(404).body(String::new())?,
    })
}

/// What is around it: the session comes out of the request, and what there is to say about it goes into the response.
fn answer<B>(
    sessions: &SessionMiddleware,
    request: &Request<B>,
) -> Result<Response<String>, Failure> {
    let loaded = sessions.load(request.headers().get_all(COOKIE), Timestamp::now());
    let session = SessionHandle::from(loaded);
    let mut response = handle(request, &session)?;
    let (status, headers) = (response.status().as_u16(), response.headers());
    let answer = session.answer(sessions, status, headers, Timestamp::now())?;
    for header in answer.headers {
        if header.replaces {
            response.headers_mut().remove(header.name);
        }
        let value = HeaderValue::try_from(header.value)?;
        response.headers_mut().append(header.name, value);
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
        let Ok((stream, _)) = listener.accept().await else {
            // Too many open files, or a client that has left: no reason to stop for all others.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let sessions = Arc::clone(&sessions);
        let service = service_fn(move |request| {
            let response = answer(&sessions, &request).or_else(|error| {
                eprintln!("{error}");
                Response::builder().status(500).body(String::new())
            });
            ready(response)
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), service);
        // An error here is the client's: it left, or it does not speak HTTP.
        tokio::spawn(connection);
    }
}
