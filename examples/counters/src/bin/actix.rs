//! actix-web: a middleware function puts the session into the request's extensions.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::ErrorInternalServerError;
use actix_web::http::header::{COOKIE, HeaderName, HeaderValue, VARY};
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{Data, Html, Redirect, ReqData};
use actix_web::{App, HttpMessage, HttpServer, post, route};
use counters::Failure;
use hardtack::{Error, SessionHandle, SessionMiddleware, Timestamp};

/// Loads the session, calls the routes, and adds the session's headers to the response.
async fn with_session(
    sessions: Data<SessionMiddleware>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> actix_web::Result<ServiceResponse> {
    let loaded = sessions.load(request.headers().get_all(COOKIE), Timestamp::now());
    let session = SessionHandle::from(loaded);
    request.extensions_mut().insert(session.clone());
    // A handler's error is a response by now. Only another middleware's error would leave here, and a change to the
    // session with it: so this is the innermost middleware, the first that is wrapped around the routes.
    let mut response = next.call(request).await?.map_into_boxed_body();
    let (status, headers) = (response.status().as_u16(), response.headers());
    let answer = match session.answer(&sessions, status, headers, Timestamp::now()) {
        Ok(answer) => answer,
        Err(error) => {
            let mut response = response.error_response(failed(error));
            let cookie = HeaderValue::from_static("Cookie");
            response.headers_mut().insert(VARY, cookie);
            return Ok(response);
        }
    };
    if answer.unsaved {
        eprintln!("a session was changed, and its response does not save it");
    }
    for header in answer.headers {
        if header.replaces {
            response.headers_mut().remove(header.name);
        }
        if let Ok(value) = HeaderValue::from_bytes(&header.value) {
            let name = HeaderName::from_static(header.name);
            response.headers_mut().append(name, value);
        }
    }
    Ok(response)
}

#[route("/", method = "GET", method = "HEAD")]
async fn count(session: ReqData<SessionHandle>) -> actix_web::Result<Html> {
    let visits = session.get("visits").map_err(failed)?.unwrap_or(0_u32);
    let visits = visits.saturating_add(1);
    session.insert("visits", visits).map_err(failed)?;
    Ok(Html::new(counters::page(visits)))
}

#[post("/forget")]
async fn forget(session: ReqData<SessionHandle>) -> Redirect {
    session.flush();
    Redirect::to("/").see_other()
}

fn failed(error: Error) -> actix_web::Error {
    eprintln!("{error}");
    ErrorInternalServerError("")
}

#[actix_web::main]
async fn main() -> Result<(), Failure> {
    let sessions = Data::new(counters::sessions()?);
    let app = move || {
        let app = App::new().app_data(Data::clone(&sessions));
        app.service(count)
            .service(forget)
            .wrap(from_fn(with_session))
    };
    Ok(HttpServer::new(app)
        .listen(counters::listen()?)?
        .run()
        .await?)
}
