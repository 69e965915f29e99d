//! A visit counter in actix-web, with the part of hardtack that knows no framework.
//!
//! `cargo run -p with-actix`, then open the address that it prints. `SECRET_KEY` sets the key, `PORT` the port.

use std::env;
use std::error::Error;
use std::fmt::Display;
use std::net::Ipv4Addr;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::ErrorInternalServerError;
use actix_web::http::header::{COOKIE, HeaderName, HeaderValue};
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{Data, Html, Redirect, ReqData};
use actix_web::{App, HttpMessage, HttpServer, post, route};
use hardtack::{KeyRing, SecretKey, SessionCodec, SessionHandle, SessionMiddleware};
use hardtack::{SessionSettings, SetCookie, Timestamp};

fn sessions() -> Result<SessionMiddleware, Box<dyn Error>> {
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

/// The session comes out of the request, and what there is to say about it goes into the response.
async fn with_session(
    sessions: Data<SessionMiddleware>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> actix_web::Result<ServiceResponse<impl MessageBody>> {
    let loaded = sessions.load(request.headers().get_all(COOKIE), Timestamp::now());
    let session = SessionHandle::from(loaded);
    request.extensions_mut().insert(session.clone());
    let mut response = next.call(request).await?;
    let (status, headers) = (response.status().as_u16(), response.headers());
    let answer = session.answer(&sessions, status, headers, Timestamp::now());
    for header in answer.map_err(failure)?.headers {
        if header.replaces {
            response.headers_mut().remove(header.name);
        }
        let value = HeaderValue::from_bytes(&header.value).map_err(failure)?;
        let name = HeaderName::from_static(header.name);
        response.headers_mut().append(name, value);
    }
    Ok(response)
}

#[route("/", method = "GET", method = "HEAD")]
async fn count(session: ReqData<SessionHandle>) -> actix_web::Result<Html> {
    let visits = session
        .get("visits")
        .map_err(failure)?
        .unwrap_or(0_u32)
        .saturating_add(1);
    session.insert("visits", visits).map_err(failure)?;
    Ok(Html::new(format!(
        include_str!("../../visits.html"),
        visits = visits
    )))
}

#[post("/forget")]
async fn forget(session: ReqData<SessionHandle>) -> Redirect {
    session.flush();
    Redirect::to("/").see_other()
}

/// A line for the log, and a bare 500 for the client.
fn failure(error: impl Display) -> actix_web::Error {
    eprintln!("{error}");
    ErrorInternalServerError("")
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let sessions = Data::new(sessions()?);
    let port = env::var("PORT").map_or(Ok(3002), |port| port.parse())?;
    let app = move || {
        let app = App::new()
            .app_data(Data::clone(&sessions))
            .wrap(from_fn(with_session));
        app.service(count).service(forget)
    };
    let server = HttpServer::new(app).bind((Ipv4Addr::LOCALHOST, port))?;
    for address in server.addrs() {
        println!("http://{address}");
    }
    Ok(server.run().await?)
}
