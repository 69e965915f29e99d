//! A visit counter in actix-web, with the part of hardtack that knows no framework.
//!
//! `cargo run -p with-actix`, then open the address that it prints. `SECRET_KEY` sets the key, `PORT` the port.

use std::cell::RefCell;
use std::env;
use std::error::Error;
use std::fmt::Display;
use std::net::Ipv4Addr;
use std::rc::Rc;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::ErrorInternalServerError;
use actix_web::http::header::{COOKIE, HeaderValue, SET_COOKIE, VARY};
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{Data, Html, Redirect, ReqData};
use actix_web::{App, HttpMessage, HttpServer, post, route};
use hardtack::{KeyRing, Loaded, SecretKey, Timestamp};
use hardtack::{SessionCodec, SessionMiddleware, SetCookie};

/// A request's session, for the middleware and the handler. actix-web serves a request on one thread.
type Shared = Rc<RefCell<Loaded>>;

fn sessions() -> Result<SessionMiddleware, Box<dyn Error>> {
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

/// The session comes out of the request, and what there is to say about it goes into the response.
async fn with_session(
    sessions: Data<SessionMiddleware>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> actix_web::Result<ServiceResponse<impl MessageBody>> {
    let loaded = sessions.load(request.headers().get_all(COOKIE), Timestamp::now());
    let loaded = Shared::new(RefCell::new(loaded));
    request.extensions_mut().insert(Shared::clone(&loaded));

    let mut response = next.call(request).await?;

    let status = response.status().as_u16();
    let answer = sessions.answer(&loaded.borrow(), status, Timestamp::now());
    let answer = answer.map_err(failure)?;
    let headers = response.headers_mut();
    // Appended: a handler may have set other cookies, or vary on more.
    if let Some(set_cookie) = answer.set_cookie {
        let set_cookie = HeaderValue::try_from(set_cookie).map_err(failure)?;
        headers.append(SET_COOKIE, set_cookie);
    }
    if answer.vary {
        headers.append(VARY, HeaderValue::from_static("Cookie"));
    }
    Ok(response)
}

#[route("/", method = "GET", method = "HEAD")]
async fn count(shared: ReqData<Shared>) -> actix_web::Result<Html> {
    let session = &mut shared.borrow_mut().session;
    let visits = session.get("visits").map_err(failure)?;
    let visits = visits.unwrap_or(0_u32).saturating_add(1);
    session.insert("visits", visits).map_err(failure)?;
    Ok(Html::new(format!(
        include_str!("../../visits.html"),
        visits = visits
    )))
}

/// A line for the log, and a bare 500 for the client.
fn failure(error: impl Display) -> actix_web::Error {
    eprintln!("{error}");
    ErrorInternalServerError("")
}

#[post("/forget")]
async fn forget(shared: ReqData<Shared>) -> Redirect {
    shared.borrow_mut().session.flush();
    Redirect::to("/").see_other()
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let sessions = Data::new(sessions()?);
    let port = env::var("PORT").map_or(Ok(3002), |port| port.parse())?;
    let app = move || {
        let app = App::new().app_data(Data::clone(&sessions));
        app.wrap(from_fn(with_session))
            .service(count)
            .service(forget)
    };
    let server = HttpServer::new(app).bind((Ipv4Addr::LOCALHOST, port))?;
    for address in server.addrs() {
        println!("http://{address}");
    }
    Ok(server.run().await?)
}
