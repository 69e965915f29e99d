//! Three buttons that give the browser a cookie which the application refuses. The good cookie is kept in a second one,
//! so that a fourth button can put it back.

use std::borrow::Cow;
use std::sync::Arc;

use axum::Form;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use hardtack::{KeyRing, SessionCodec, SessionHandle, SetCookie, Timestamp, cookie};
use serde::Deserialize;

use crate::keys::{COOKIE_NAME, Keys, MAX_AGE, NumberedKey, app_cookie};
use crate::{App, Failure};

/// The cookie with the good value.
const KEPT_NAME: &str = "login-kept";

#[derive(Deserialize)]
pub(crate) struct Attempt {
    how: Forgery,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Forgery {
    Letter,
    Age,
    Stranger,
}

pub(crate) async fn forge(
    State(app): State<Arc<App>>,
    session: SessionHandle,
    headers: HeaderMap,
    Form(attempt): Form<Attempt>,
) -> Result<Response, Failure> {
    let (keys, now) = (app.keys.current(), (app.clock)());
    let Some(good) = accepted(COOKIE_NAME, &headers, &keys, now) else {
        return set([]);
    };
    let forged = match attempt.how {
        Forgery::Letter => change_letter(&good),
        Forgery::Age => {
            let age = MAX_AGE.as_secs().cast_signed() + 60;
            let then = now.as_unix_seconds() - age;
            session.read(|session| keys.codec.encode(session, then))?
        }
        Forgery::Stranger => {
            let stranger = KeyRing::new(NumberedKey::generate(0)?.secret);
            session.read(|session| SessionCodec::new(stranger).encode(session, now))?
        }
    };
    set([
        app_cookie(COOKIE_NAME).with_value(forged),
        app_cookie(KEPT_NAME).with_value(good),
    ])
}

/// Puts the good cookie back, if it would still be accepted.
pub(crate) async fn restore(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let good = accepted(KEPT_NAME, &headers, &app.keys.current(), (app.clock)());
    let put_back = good.map(|good| app_cookie(COOKIE_NAME).with_value(good));
    set(put_back
        .into_iter()
        .chain([app_cookie(KEPT_NAME).into_deletion()]))
}

/// Returns whether a good cookie is kept.
pub(crate) fn has_kept(headers: &HeaderMap) -> bool {
    cookie::find(KEPT_NAME, headers.get_all(COOKIE))
        .next()
        .is_some()
}

/// Returns the value of a cookie that the codec accepts.
fn accepted(name: &str, headers: &HeaderMap, keys: &Keys, now: Timestamp) -> Option<String> {
    cookie::find(name, headers.get_all(COOKIE))
        .find(|value| keys.codec.verify(value, now).is_ok())
        .map(Cow::into_owned)
}

/// Replaces one letter in the middle of the payload.
fn change_letter(value: &str) -> String {
    let payload = value.split(':').next().unwrap_or_default();
    let (before, rest) = value.split_at(payload.len() / 2);
    let other = if rest.starts_with('A') { 'B' } else { 'A' };
    let after: String = rest.chars().skip(1).collect();
    format!("{before}{other}{after}")
}

/// Returns to the panel, and sets these cookies.
fn set(cookies: impl IntoIterator<Item = SetCookie>) -> Result<Response, Failure> {
    let headers = cookies
        .into_iter()
        .map(|cookie| Ok((SET_COOKIE, cookie.to_header()?)))
        .collect::<Result<Vec<_>, Failure>>()?;
    Ok((AppendHeaders(headers), Redirect::to("/#cookie")).into_response())
}
