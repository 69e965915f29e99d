//! Sign up, sign in, a new password, sign out, and sign out everywhere.

use std::sync::Arc;
use std::time::Duration;

use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use hardtack::axum::{LoginRequired, safe_next};
use hardtack::{Expiry, SessionHandle};
use maud::Markup;
use serde::Deserialize;

use crate::keys::MAX_AGE;
use crate::pages::account::{Fields, password_page, sign_in_page, sign_up_page};
use crate::pages::back_to;
use crate::users::User;
use crate::visitor::{Member, Visitor};
use crate::{App, Failure, forge};

/// The age of a session that is not to be remembered: a working day.
const SHORT_AGE: Duration = Duration::from_secs(12 * 60 * 60);

/// In characters. NIST SP 800-63B requires at least 8, and advises against rules about their kinds.
const PASSWORD_LENGTHS: std::ops::RangeInclusive<usize> = 8..=128;

const PASSWORD_RULE: &str = "A password has 8 to 128 characters.";

/// What signed the user in, in Django's terms. A directory, or a provider of logins, would be another one.
const BACKEND: &str = "login.accounts";

#[derive(Deserialize)]
pub(crate) struct Credentials {
    #[serde(default)]
    next: String,
    name: String,
    password: String,
    /// A box that is not ticked is not sent.
    remember: Option<String>,
}

impl Credentials {
    fn fields(&self) -> Fields<'_> {
        Fields {
            next: &self.next,
            name: self.name.trim(),
            remember: self.remember.is_some(),
        }
    }
}

/// The page to go to after signing in. A link to the form may come from anywhere, so it is checked before the redirect.
#[derive(Deserialize)]
pub(crate) struct Next {
    #[serde(default)]
    next: String,
}

impl Next {
    fn fields(&self) -> Fields<'_> {
        Fields {
            next: &self.next,
            ..Fields::default()
        }
    }
}

pub(crate) async fn sign_up_form(visitor: Visitor, Query(next): Query<Next>) -> Markup {
    sign_up_page(&visitor, next.fields(), None)
}

pub(crate) async fn sign_in_form(visitor: Visitor, Query(next): Query<Next>) -> Markup {
    sign_in_page(&visitor, next.fields(), None)
}

pub(crate) async fn sign_up(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    session: SessionHandle,
    Form(form): Form<Credentials>,
) -> Result<Response, Failure> {
    let fields = form.fields();
    let again = |reason| {
        let page = sign_up_page(&visitor, fields, Some(reason));
        (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
    };
    if !is_name(fields.name) {
        return Ok(again(
            "A name has 2 to 32 characters: letters, digits, and - . _",
        ));
    }
    if !is_password(&form.password) {
        return Ok(again(PASSWORD_RULE));
    }
    let hash = app.passwords.hash(form.password.clone()).await?;
    let Some(user) = app.users.create(fields.name, hash).await? else {
        return Ok(again("That name is taken."));
    };
    let notice = "Welcome aboard. You are signed in.";
    welcome(&app, &session, &user, fields, notice)
}

pub(crate) async fn sign_in(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    session: SessionHandle,
    Form(form): Form<Credentials>,
) -> Result<Response, Failure> {
    let fields = form.fields();
    let user = app.users.by_name(fields.name).await?;
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    let is_right = app.passwords.verify(form.password.clone(), hash).await?;
    // The same answer for both, so that it does not tell who has an account.
    let Some(user) = user.filter(|_| is_right) else {
        let reason = "There is no account with this name and this password.";
        let page = sign_in_page(&visitor, fields, Some(reason));
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    };
    welcome(&app, &session, &user, fields, "Welcome back.")
}

/// Signs the user in. The cart stays, unless it was another user's.
fn welcome(
    app: &App,
    session: &SessionHandle,
    user: &User,
    fields: Fields<'_>,
    notice: &str,
) -> Result<Response, Failure> {
    let hash = app.keys.current().hasher.hash(&user.login_text);
    let now = (app.clock)().as_unix_seconds();
    let age = if fields.remember { MAX_AGE } else { SHORT_AGE };
    let end = now.saturating_add_unsigned(age.as_secs());
    session.write(|session| {
        session.set_auth_user(&user.id, BACKEND, &hash)?;
        // A fixed instant: using the session does not extend it, for its user or for anyone with a copy of the cookie.
        session.set_expiry(Expiry::At(end.into()))
    })?;
    let to = match safe_next(fields.next) {
        Some(next) => Redirect::to(next),
        None => back_to(app, session, notice, "")?,
    };
    Ok((forge::forget()?, to).into_response())
}

#[derive(Deserialize)]
pub(crate) struct NewPassword {
    current: String,
    password: String,
}

pub(crate) async fn password_form(LoginRequired(user): Member) -> Markup {
    password_page(&user, None)
}

/// Ends all other sessions of the user: they have the hash of another password.
pub(crate) async fn change_password(
    State(app): State<Arc<App>>,
    LoginRequired(user): Member,
    session: SessionHandle,
    Form(form): Form<NewPassword>,
) -> Result<Response, Failure> {
    let again = |reason| {
        let page = password_page(&user, Some(reason));
        (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
    };
    if !is_password(&form.password) {
        return Ok(again(PASSWORD_RULE));
    }
    // Otherwise anyone at a browser that was left open could lock its owner out.
    let known = Some(user.password_hash.clone());
    if !app.passwords.verify(form.current, known).await? {
        return Ok(again("That is not your current password."));
    }
    let hash = app.passwords.hash(form.password).await?;
    if let Some(user) = app.users.set_password_hash(&user.id, hash).await? {
        let hash = app.keys.current().hasher.hash(&user.login_text);
        session.write(|session| session.set_auth_user_hash(&hash))?;
    }
    let notice = "Your password is changed. Other browsers are signed out.";
    Ok(back_to(&app, &session, notice, "")?.into_response())
}

pub(crate) async fn sign_out(
    State(app): State<Arc<App>>,
    session: SessionHandle,
) -> Result<Response, Failure> {
    session.flush();
    let notice = "You are signed out. The cart was in your cookie, so it is empty now.";
    Ok((forge::forget()?, back_to(&app, &session, notice, "")?).into_response())
}

pub(crate) async fn sign_out_everywhere(
    State(app): State<Arc<App>>,
    LoginRequired(user): Member,
    session: SessionHandle,
) -> Result<Response, Failure> {
    app.users.sign_out_everywhere(&user.id).await?;
    session.flush();
    let notice = "You are signed out everywhere: all your older cookies are refused from now on. The cart was in \
        your cookie, so it is empty now.";
    Ok((forge::forget()?, back_to(&app, &session, notice, "")?).into_response())
}

fn is_password(password: &str) -> bool {
    PASSWORD_LENGTHS.contains(&password.chars().count())
}

fn is_name(name: &str) -> bool {
    let is_one = |c: char| c.is_alphanumeric() || "-._".contains(c);
    (2..=32).contains(&name.chars().count()) && name.chars().all(is_one)
}
