//! rocket: a request guard loads the session, and a fairing adds its headers to the response.

use std::net::Ipv4Addr;
use std::sync::OnceLock;

use counters::Failure;
use hardtack::{Error, SessionHandle, SessionMiddleware, Timestamp};
use rocket::fairing::{self, AdHoc, Fairing, Info, Kind};
use rocket::http::{Header, Status};
use rocket::request::{FromRequest, Outcome};
use rocket::response::Redirect;
use rocket::response::content::RawHtml;
use rocket::{Build, Config, Ignite, Request, Response, Rocket, Sentinel, get, post, routes};

/// A request's session.
struct Session(SessionHandle);

/// The place for it in rocket's request-local cache. It is empty until the guard has loaded the session.
type Slot = OnceLock<Session>;

/// The guard.
#[rocket::async_trait]
impl<'r> FromRequest<'r> for &'r Session {
    type Error = Error;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Error> {
        let Some(sessions) = request.rocket().state::<SessionMiddleware>() else {
            return Outcome::Error((Status::InternalServerError, Error::MissingLayer));
        };
        let slot = request.local_cache(Slot::new);
        Outcome::Success(slot.get_or_init(|| {
            let cookies = request.headers().get("cookie");
            Session(sessions.load(cookies, Timestamp::now()).into())
        }))
    }
}

/// If a route has the guard and the fairing is not attached, rocket does not launch: no session would ever be sent.
impl Sentinel for &Session {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        rocket.state::<SessionMiddleware>().is_none()
    }
}

struct Sessions(SessionMiddleware);

#[rocket::async_trait]
impl Fairing for Sessions {
    fn info(&self) -> Info {
        Info {
            name: "sessions",
            kind: Kind::Ignite | Kind::Response,
        }
    }

    async fn on_ignite(&self, rocket: Rocket<Build>) -> fairing::Result {
        Ok(rocket.manage(self.0.clone()))
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        let Some(Session(session)) = request.local_cache(Slot::new).get() else {
            return;
        };
        let headers: Vec<Header<'_>> = response.headers().iter().collect();
        let headers = headers
            .iter()
            .map(|header| (header.name().as_str(), header.value()));
        let status = response.status().code;
        match session.answer(&self.0, status, headers, Timestamp::now()) {
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
                *response = Response::build()
                    .status(failed(error))
                    .raw_header("Vary", "Cookie")
                    .finalize();
            }
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
        .attach(Sessions(counters::sessions()?))
        .attach(print_address)
        .mount("/", routes![count, forget])
        .launch()
        .await?;
    Ok(())
}
