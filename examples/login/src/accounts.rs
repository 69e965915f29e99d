//! Sign up, sign in, a new password, sign out, and sign out everywhere.

use std::sync::Arc;
use std::time::Duration;

use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use hardtack::{Expiry, SessionHandle};
use maud::Markup;
use serde::Deserialize;

use crate::keys::MAX_AGE;
use crate::pages::account::{Fields, password_page, sign_in_page, sign_up_page};
use crate::pages::{self, Notice};
use crate::users::User;
use crate::visitor::Visitor;
use crate::{App, Failure};

/// A session that is not to be remembered: a working day.
const SHORT_AGE: Duration = Duration::from_secs(12 * 60 * 60);

/// In characters. NIST SP 800-63B asks for 8 at least, and for no rules beside.
const PASSWORD_LENGTHS: std::ops::RangeInclusive<usize> = 8..=128;

const PASSWORD_RULE: &str = "A password has 8 to 128 characters.";

/// What signed the user in, as Django calls it. Another one would be a directory, or a provider of logins.
const BACKEND: &str = "login.accounts";

#[derive(Deserialize)]
pub(crate) struct Credentials {
    name: String,
    password: String,
    /// A box that is not ticked is not sent.
    remember: Option<String>,
}

impl Credentials {
    fn fields(&self) -> Fields<'_> {
        Fields {
            name: self.name.trim(),
            remember: self.remember.is_some(),
        }
    }
}

pub(crate) async fn sign_up_form(visitor: Visitor) -> Markup {
    sign_up_page(&visitor, Fields::default(), None)
}

pub(crate) async fn sign_in_form(visitor: Visitor) -> Markup {
    sign_in_page(&visitor, Fields::default(), None)
}

pub(crate) async fn sign_up(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Form(form): Form<Credentials>,
) -> Result<Response, Failure> {
    let fields = form.fields();
    let again = |reason| {
        let page = sign_up_page(&visitor, form.fields(), Some(reason));
        (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
    };
    if !is_name(fields.name) {
        return Ok(again(
            "A name has 2 to 32 letters and digits, and may have - . and _ in it.",
        ));
    }
    if !is_password(&form.password) {
        return Ok(again(PASSWORD_RULE));
    }
    let hash = app.passwords.hash(form.password.clone()).await?;
    let Some(user) = app.users.create(fields.name, hash) else {
        return Ok(again("Somebody has that name already."));
    };
    welcome(&app, &visitor, &user, fields.remember)?;
    Ok(pages::back_to(Notice::SignedUp, "").into_response())
}

pub(crate) async fn sign_in(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Form(form): Form<Credentials>,
) -> Result<Response, Failure> {
    let Fields { name, remember } = form.fields();
    let user = app.users.by_name(name);
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    let is_right = app.passwords.verify(form.password.clone(), hash).await?;
    // One answer for both, as it is nobody's business who has an account.
    let Some(user) = user.filter(|_| is_right) else {
        let reason = "There is no account with this name and this password.";
        let page = sign_in_page(&visitor, form.fields(), Some(reason));
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    };
    welcome(&app, &visitor, &user, remember)?;
    // To the shop, always: an address in the request would be one that somebody else can choose.
    Ok(pages::back_to(Notice::SignedIn, "").into_response())
}

/// Writes the login into the session. The cart that is there stays, unless it was another user's.
///
/// Nobody else's cookie becomes a login by this: the browser gets a new one, and the old one stays what it was.
fn welcome(
    app: &App,
    Visitor { session, keys, .. }: &Visitor,
    user: &User,
    remember: bool,
) -> Result<(), Failure> {
    let hash = keys.hasher.hash(&user.login_text());
    let now = (app.clock)().as_unix_seconds();
    let age = if remember { MAX_AGE } else { SHORT_AGE };
    let end = now.saturating_add_unsigned(age.as_secs());
    session.write(|session| {
        session.set_auth_user(&user.id, BACKEND, &hash)?;
        // An instant, so that using the session does not prolong it, and neither does whoever captured the cookie.
        session.set_expiry(Expiry::At(end.into()))
    })?;
    Ok(())
}

#[derive(Deserialize)]
pub(crate) struct NewPassword {
    current: String,
    password: String,
}

pub(crate) async fn password_form(visitor: Visitor) -> Response {
    match &visitor.user {
        Some(user) => password_page(user, None).into_response(),
        None => Redirect::to("/sign-in").into_response(),
    }
}

/// Every session of the user ends but this one: the others carry the hash of another password.
pub(crate) async fn change_password(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Form(form): Form<NewPassword>,
) -> Result<Response, Failure> {
    let Some(user) = &visitor.user else {
        return Ok(Redirect::to("/sign-in").into_response());
    };
    let again = |reason| {
        let page = password_page(user, Some(reason));
        (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
    };
    if !is_password(&form.password) {
        return Ok(again(PASSWORD_RULE));
    }
    // Whoever sits down at an open browser is not to lock its owner out.
    let known = Some(user.password_hash.clone());
    if !app.passwords.verify(form.current, known).await? {
        return Ok(again("That is not your current password."));
    }
    let hash = app.passwords.hash(form.password).await?;
    if let Some(user) = app.users.set_password_hash(&user.id, hash) {
        let hash = visitor.keys.hasher.hash(&user.login_text());
        visitor
            .session
            .write(|session| session.set_auth_user_hash(&hash))?;
    }
    Ok(pages::back_to(Notice::PasswordChanged, "").into_response())
}

pub(crate) async fn sign_out(session: SessionHandle) -> Redirect {
    session.flush();
    pages::back_to(Notice::SignedOut, "")
}

pub(crate) async fn sign_out_everywhere(State(app): State<Arc<App>>, visitor: Visitor) -> Redirect {
    let Some(user) = visitor.user else {
        return Redirect::to("/sign-in");
    };
    app.users.sign_out_everywhere(&user.id);
    visitor.session.flush();
    pages::back_to(Notice::SignedOutEverywhere, "")
}

fn is_password(password: &str) -> bool {
    PASSWORD_LENGTHS.contains(&password.chars().count())
}

fn is_name(name: &str) -> bool {
    let is_one = |c: char| c.is_alphanumeric() || "-._".contains(c);
    (2..=32).contains(&name.chars().count()) && name.chars().all(is_one)
}
