//! Three buttons that give the browser a cookie which the application refuses. The good cookie is kept in a second one,
//! so that a fourth button can put it back, until its user signs in or out.

use std::sync::Arc;

use axum::Form;
use axum::extract::State;
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use hardtack::{KeyRing, Session, SessionCodec, SessionHandle, cookie};
use serde::Deserialize;

use crate::keys::{COOKIE_NAME, MAX_AGE, NumberedKey, app_cookie};
use crate::pages::back_to;
use crate::{App, Failure};

/// The cookie with the good value. Browsers count the name: it is no longer than [`COOKIE_NAME`], so that each value fits.
const KEPT_NAME: &str = "kept";

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
    headers: HeaderMap,
    Form(attempt): Form<Attempt>,
) -> Result<Response, Failure> {
    let panel = Redirect::to("/#cookie");
    // A cookie that is kept already is not overwritten.
    let good = kept(&app, &headers).or_else(|| accepted(COOKIE_NAME, &app, &headers));
    let Some((good, session)) = good else {
        return Ok(panel.into_response());
    };
    let (keys, now) = (app.keys.current(), (app.clock)());
    let forged = match attempt.how {
        Forgery::Letter => change_letter(&good),
        Forgery::Age => {
            let age = MAX_AGE.as_secs().cast_signed() + 60;
            keys.codec.encode(&session, now.as_unix_seconds() - age)?
        }
        Forgery::Stranger => {
            let stranger = KeyRing::new(NumberedKey::generate(0)?.secret);
            SessionCodec::new(stranger).encode(&session, now)?
        }
    };
    let forged = app_cookie(COOKIE_NAME).with_value(forged);
    // The codec decides how long it is accepted.
    let kept = app_cookie(KEPT_NAME)
        .with_value(good)
        .with_max_age(MAX_AGE.as_secs().cast_signed());
    let cookies = AppendHeaders([
        (SET_COOKIE, forged.to_header()?),
        (SET_COOKIE, kept.to_header()?),
    ]);
    Ok((cookies, panel).into_response())
}

/// Puts the session of the good cookie back, if it is still accepted. The response saves it in a cookie with the
/// attributes that it had.
pub(crate) async fn restore(
    State(app): State<Arc<App>>,
    session: SessionHandle,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let notice = if let Some((_, good)) = kept(&app, &headers) {
        session.write(|session| *session = good);
        "Your cookie is back, with the session in it."
    } else {
        "Your cookie is no longer accepted, so it was not put back."
    };
    Ok((forget()?, back_to(&app, &session, notice, "#cookie")?).into_response())
}

/// Returns the header that deletes the good cookie. A user who signs in or out must not find an older login in it.
pub(crate) fn forget() -> Result<AppendHeaders<[(HeaderName, String); 1]>, Failure> {
    let deletion = app_cookie(KEPT_NAME).into_deletion().to_header()?;
    Ok(AppendHeaders([(SET_COOKIE, deletion)]))
}

/// Returns the good cookie that can be put back, and the session in it.
pub(crate) fn kept(app: &App, headers: &HeaderMap) -> Option<(String, Session)> {
    accepted(KEPT_NAME, app, headers)
}

fn accepted(name: &str, app: &App, headers: &HeaderMap) -> Option<(String, Session)> {
    let (keys, now) = (app.keys.current(), (app.clock)());
    cookie::find(name, headers.get_all(COOKIE)).find_map(|value| {
        let session = keys.codec.decode(&value, now).ok()?;
        Some((value.into_owned(), session))
    })
}

/// Replaces one letter in the middle of the payload.
fn change_letter(value: &str) -> String {
    let payload = value.split(':').next().unwrap_or_default();
    let (before, rest) = value.split_at(payload.len() / 2);
    let other = if rest.starts_with('A') { 'B' } else { 'A' };
    let after: String = rest.chars().skip(1).collect();
    format!("{before}{other}{after}")
}
