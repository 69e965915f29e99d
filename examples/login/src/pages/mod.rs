//! The HTML. The macro escapes all texts; there is no script.

pub(crate) mod account;
mod cookie;
mod home;
mod shop;

pub(crate) use home::home;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use hardtack::tower::Unsent;
use hardtack::{Error, Session, SessionHandle};
use maud::{DOCTYPE, Markup, html};

use crate::keys::COOKIE_NAME;
use crate::users::User;
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
                        "Accounts and keys are in this program’s memory, until it ends."
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

/// The response if a session is too large to be sent. The browser keeps the one that it has.
pub(crate) fn too_large(unsent: Unsent, _: Response) -> Response {
    let Some(report) = unsent.report else {
        return Failure::from(unsent.error).into_response();
    };
    let content = html! {
        section.card.narrow {
            h1 { "That does not fit" }
            p {
                "A cookie can have " strong { (report.limit + COOKIE_NAME.len()) } " bytes, and with this session it "
                "would have " strong { (report.length + COOKIE_NAME.len()) } ". Nothing was saved; what was there "
                "before is still there."
            }
            table.sizes {
                thead { tr { th { "What takes the space" } th.number { "Bytes of JSON" } } }
                tbody {
                    @for member in &report.members {
                        tr { td { code { (member.key) } } td.number { (member.bytes) } }
                    }
                }
            }
            p { a.button href="/#cart" { "Back to the cart" } }
        }
    };
    let page = layout("That does not fit", &html! {}, &content);
    (StatusCode::PAYLOAD_TOO_LARGE, page).into_response()
}

pub(crate) async fn not_found() -> Response {
    let text = "There is nothing at this address.";
    message(StatusCode::NOT_FOUND, "Not found", text)
}

pub(crate) async fn wrong_method() -> Response {
    let text = "This address only receives a form, whose button is on another page.";
    message(StatusCode::METHOD_NOT_ALLOWED, "Not a page", text)
}

/// Returns a page with a sentence, and a way back.
pub(crate) fn message(status: StatusCode, title: &str, text: &str) -> Response {
    let content = html! {
        section.card.narrow {
            h1 { (title) }
            p { (text) }
            p { a.button href="/" { "Back to the shop" } }
        }
    };
    (status, layout(title, &html! {}, &content)).into_response()
}
