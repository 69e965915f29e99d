//! The HTML. The macro escapes all texts; there is no script.

pub(crate) mod account;
mod cookie;
mod home;
mod shop;

pub(crate) use home::home;

use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use hardtack::axum::SignedIn;
use hardtack::tower::Unsent;
use hardtack::{Error, Session, SessionHandle};
use maud::{DOCTYPE, Markup, html};

use crate::keys::COOKIE_NAME;
use crate::users::User;
use crate::visitor::Visitor;
use crate::{App, Failure};

/// The session's key of a sentence about what a form has done. The next page shows it, once.
const NOTICE: &str = "notice";

/// Returns to the shop after a form, to the element that the fragment names, with a notice in the session.
///
/// If there is no room for the notice in the cookie, it is left out: it must not keep the session from being saved.
pub(crate) fn back_to(
    app: &App,
    session: &SessionHandle,
    notice: &str,
    fragment: &str,
) -> Result<Redirect, Failure> {
    let keys = app.keys.current();
    session.write(|session| {
        session.insert(NOTICE, notice)?;
        let encoded = keys.codec.encode(session, (app.clock)());
        if encoded.is_err_and(Error::is_too_large) {
            session.remove(NOTICE);
        }
        Ok::<_, Error>(())
    })?;
    Ok(Redirect::to(&format!("/{fragment}")))
}

/// Takes the notice out of the session.
pub(crate) fn take_notice(session: &mut Session) -> Result<Option<String>, Error> {
    session.pop(NOTICE)
}

/// Returns a whole page.
fn layout(title: &str, account: &Markup, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · Ship’s Stores" }
                link rel="icon" href="/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/style.css";
            }
            body {
                a.skip href="#content" { "Skip to content" }
                header {
                    a.brand href="/" {
                        img src="/icon.svg" alt="" width="32" height="32";
                        span { "Ship’s Stores" }
                    }
                    (account)
                }
                main #content tabindex="-1" { (content) }
                footer {
                    p {
                        "An example of " strong { "hardtack" } ": the session is the cookie. "
                        "Accounts and keys are in this program’s memory, until it ends, unless its environment names others."
                    }
                }
            }
        }
    }
}

/// The user's name and a button to sign out, or links to sign in.
fn account_links(user: Option<&User>) -> Markup {
    html! {
        nav aria-label="Account" {
            @if let Some(user) = user {
                span.who { "Signed in as " strong { (user.name) } }
                form method="post" action="/sign-out" {
                    button.quiet { "Sign out" }
                }
            } @else {
                a.button.quiet href="/sign-in" { "Sign in" }
                a.button href="/sign-up" { "Sign up" }
            }
        }
    }
}

pub(crate) fn links(visitor: &Visitor) -> Markup {
    account_links(visitor.as_ref().map(|SignedIn(user)| user))
}

/// Put into a response for [`too_large`]: the links of its user, and the note that the user wanted to save.
#[derive(Clone)]
pub(crate) struct Attempt(pub(crate) Markup, pub(crate) Option<String>);

/// The response if a session is too large to be sent. The browser keeps the one that it has.
pub(crate) fn too_large(unsent: Unsent, mut response: Response) -> Response {
    let Some(report) = unsent.report else {
        return Failure::from(unsent.error).into_response();
    };
    let attempt = response.extensions_mut().remove();
    let Attempt(links, note) = attempt.unwrap_or(Attempt(html! {}, None));
    let content = html! {
        section.card.narrow {
            h1 { "That does not fit" }
            p {
                @if let Error::JsonTooLong { limit } = unsent.error {
                    "A session can have " strong { (limit) } " bytes of JSON. "
                } @else {
                    "With its name, a cookie can have " strong { (report.limit + COOKIE_NAME.len()) } " bytes, and with "
                    "this session it would have " strong { (report.length + COOKIE_NAME.len()) } ". "
                }
                "Nothing was saved; what was there before is still there."
            }
            table.sizes {
                thead { tr { th { "What takes the space" } th.number { "Bytes of JSON, before compression" } } }
                tbody {
                    @for member in &report.members {
                        tr { td { code { (member.key) } } td.number { (member.bytes) } }
                    }
                }
            }
            @if let Some(note) = note {
                p { "Shorten the note, and save it again:" }
                (shop::note_form(&note))
            }
            p.other { a.button.quiet href="/#cart" { "Back to the cart" } }
        }
    };
    let page = layout("That does not fit", &links, &content);
    (StatusCode::PAYLOAD_TOO_LARGE, page).into_response()
}

pub(crate) async fn not_found(visitor: Visitor) -> Response {
    let text = "There is no page at this address.";
    message(&links(&visitor), StatusCode::NOT_FOUND, "Not found", text)
}

/// The answer to a method that an address does not accept. All pages answer `GET` (with `HEAD`), all forms `POST`.
pub(crate) async fn wrong_method(visitor: Visitor, method: Method) -> Response {
    let text = match method {
        Method::GET | Method::HEAD => {
            "This address answers POST only: it receives a form, whose button is on another page."
        }
        Method::POST => "This address answers GET only: it is a page, and receives no form.",
        _ => "This shop answers GET and POST only.",
    };
    let status = StatusCode::METHOD_NOT_ALLOWED;
    message(&links(&visitor), status, "Wrong method", text)
}

/// Returns a page with a sentence, and a way back.
pub(crate) fn message(links: &Markup, status: StatusCode, title: &str, text: &str) -> Response {
    let content = html! {
        section.card.narrow {
            h1 { (title) }
            p { (text) }
            p { a.button href="/" { "Back to the shop" } }
        }
    };
    (status, layout(title, links, &content)).into_response()
}
