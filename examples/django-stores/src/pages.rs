//! The pages. They do not know where the sessions are.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use hardtack::{Expiry, Session, SessionHandle, Timestamp};
use serde::Deserialize;
use tokio::sync::Notify;

use crate::users::Users;

/// What goes wrong in a handler: a line in the log, and a bare 500.
struct Failure(Box<dyn Error>);

impl<E: Into<Box<dyn Error>>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        tracing::error!(error = %self.0, "a request failed");
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}

pub fn pages() -> Router<Users> {
    Router::new()
        .route("/", get(show))
        .route("/plain", get("no session\n"))
        .route("/set", post(set))
        .route("/expiry", post(set_expiry))
        .route("/sign-in", post(sign_in))
        .route("/sign-out", post(sign_out))
}

/// The user's name, and the session as JSON.
async fn show(
    State(users): State<Users>,
    session: SessionHandle,
) -> Result<impl IntoResponse, Failure> {
    let user = serde_json::to_string(&users.signed_in(&session).await?)?;
    let session = session.read(Session::to_json);
    let body = format!(r#"{{"user": {user}, "session": {session}}}"#);
    Ok(([(CONTENT_TYPE, "application/json")], body))
}

/// Sets the keys of a JSON object.
async fn set(session: SessionHandle, body: String) -> Result<&'static str, Failure> {
    let values = Session::from_json(&body)?;
    session.write(|session| {
        for (key, value) in values.iter() {
            session.insert_json(&key, value);
        }
    });
    Ok("set\n")
}

/// `browser`, or seconds from now as `300` (a duration) or `@300` (an instant).
async fn set_expiry(session: SessionHandle, body: String) -> Result<&'static str, Failure> {
    let expiry = match body.strip_prefix('@') {
        _ if body == "browser" => Expiry::WithBrowser,
        Some(seconds) => {
            let nanos = i128::from(seconds.parse::<u32>()?) * 1_000_000_000;
            let now = Timestamp::now().as_unix_nanos();
            Expiry::At(Timestamp::from_unix_nanos(now + nanos))
        }
        None => Expiry::After(Duration::from_secs(body.parse()?)),
    };
    session.write(|session| session.set_expiry(expiry))?;
    Ok("set\n")
}

#[derive(Deserialize)]
struct Login {
    username: String,
    password: String,
}

async fn sign_in(
    State(users): State<Users>,
    session: SessionHandle,
    Form(login): Form<Login>,
) -> Result<Response, Failure> {
    let is_right = users
        .sign_in(&session, &login.username, login.password)
        .await?;
    let status = if is_right {
        StatusCode::OK
    } else {
        StatusCode::FORBIDDEN
    };
    Ok(status.into_response())
}

/// As Django's `logout`: the whole session ends.
async fn sign_out(session: SessionHandle) -> &'static str {
    session.flush();
    "signed out\n"
}

/// Pages with which a check stops a request in the middle: `/hold` has its session and waits, `/held` counts such
/// requests, and `/release` lets them go on.
pub fn holding() -> Router<Users> {
    let held = Arc::new((AtomicUsize::new(0), Notify::new()));
    let (counting, releasing) = (Arc::clone(&held), Arc::clone(&held));
    let hold = move |session: SessionHandle| async move {
        let released = held.1.notified();
        held.0.fetch_add(1, Ordering::SeqCst);
        released.await;
        session.insert("held", true)?;
        Ok::<_, Failure>("released\n")
    };
    let release = move || async move { releasing.1.notify_waiters() };
    let count = move || async move { counting.0.load(Ordering::SeqCst).to_string() };
    Router::new()
        .route("/hold", get(hold))
        .route("/held", get(count))
        .route("/release", post(release))
}
