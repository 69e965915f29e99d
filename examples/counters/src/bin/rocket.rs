//! rocket: a request guard loads the session, and a fairing adds its headers to the response.

use std::net::Ipv4Addr;

use counters::Failure;
use hardtack::{Error, SessionHandle, SessionMiddleware, Timestamp};
use rocket::fairing::AdHoc;
use rocket::http::{Header, Status};
use rocket::outcome::IntoOutcome;
use rocket::request::{FromRequest, Outcome};
use rocket::response::Redirect;
use rocket::response::content::RawHtml;
use rocket::{Config, Request, Response, get, post, routes};

/// A request's session.
struct Session(SessionHandle);

/// Loads the session at the first call, and keeps it in rocket's request-local cache.
#[rocket::async_trait]
impl<'r> FromRequest<'r> for &'r Session {
    type Error = Error;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Error> {
        let session = request.local_cache(|| {
            let sessions = request.rocket().state::<SessionMiddleware>()?;
            let loaded = sessions.load(request.headers().get("cookie"), Timestamp::now());
            Some(Session(loaded.into()))
        });
        let session = session.as_ref().ok_or(Error::MissingLayer);
        session.or_error(Status::InternalServerError)
    }
}

/// Returns a fairing with the sessions for the guard, which adds their headers to the responses.
fn fairing(sessions: SessionMiddleware) -> AdHoc {
    AdHoc::on_ignite("sessions", |rocket| async {
        let fairing = AdHoc::on_response("session headers", |request, response| {
            Box::pin(async move { add_headers(request, response) })
        });
        rocket.manage(sessions).attach(fairing)
    })
}

fn add_headers(request: &Request<'_>, response: &mut Response<'_>) {
    let sessions = request.rocket().state::<SessionMiddleware>();
    // `None` if no guard has loaded it.
    let session = request.local_cache(|| None::<Session>);
    let (Some(sessions), Some(Session(session))) = (sessions, session) else {
        return;
    };
    let headers: Vec<Header<'_>> = response.headers().iter().collect();
    let headers = headers.iter().map(|it| (it.name().as_str(), it.value()));
    match session.answer(sessions, response.status().code, headers, Timestamp::now()) {
        Ok(answer) => {
            if answer.unsaved {
                eprintln!("a session was changed, and its response does not save it");
            }
            for header in answer.headers {
                if header.replaces {
                    response.remove_header(header.name);
                }
                if let Ok(value) = String::from_utf8(header.value) {
                    response.adjoin_raw_header(header.name, value);
                }
            }
        }
        // A fairing cannot return another response, so it empties this one.
        Err(error) => {
            *response = Response::new();
            response.set_status(failed(error));
            response.set_raw_header("Vary", "Cookie");
        }
    }
}

#[get("/")]
fn count(session: &Session) -> Result<RawHtml<String>, Status> {
    let visits = session.0.get("visits").map_err(failed)?.unwrap_or(0_u32);
    let visits = visits.saturating_add(1);
    session.0.insert("visits", visits).map_err(failed)?;
    Ok(RawHtml(counters::page(visits)))
}

#[post("/forget")]
fn forget(session: &Session) -> Redirect {
    session.0.flush();
    Redirect::to("/")
}

fn failed(error: Error) -> Status {
    eprintln!("{error}");
    Status::new(error.status())
}

#[rocket::main]
async fn main() -> Result<(), Failure> {
    // rocket binds the port itself.
    let config = Config {
        address: Ipv4Addr::LOCALHOST.into(),
        port: counters::port()?,
        log_level: rocket::config::LogLevel::Critical,
        ..Config::default()
    };
    let print_address = AdHoc::on_liftoff("address", |rocket| {
        Box::pin(async move {
            let Config { address, port, .. } = rocket.config();
            println!("http://{address}:{port}");
        })
    });
    rocket::custom(config)
        .attach(fairing(counters::sessions()?))
        .attach(print_address)
        .mount("/", routes![count, forget])
        .launch()
        .await?;
    Ok(())
}
