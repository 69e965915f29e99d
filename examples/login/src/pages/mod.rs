//! The HTML. Every text that comes from outside is escaped by the macro; there is no script.

pub(crate) mod account;
mod cookie;
mod home;
mod shop;

pub(crate) use home::home;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use hardtack::tower::Unsent;
use maud::{DOCTYPE, Markup, html};

use crate::keys::COOKIE_NAME;
use crate::users::User;

/// What a form has done, told by the page that it leads to. In the address it is a word, not a text: so nobody else's
/// text gets onto the page, and reading a page changes no session.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Notice {
    SignedUp,
    SignedIn,
    SignedOut,
    SignedOutEverywhere,
    PasswordChanged,
    NoteSaved,
    Rotated,
}

const NOTICES: [(Notice, &str, &str); 7] = [
    (
        Notice::SignedUp,
        "signed-up",
        "Welcome aboard. You are signed in.",
    ),
    (Notice::SignedIn, "signed-in", "Welcome back."),
    (
        Notice::SignedOut,
        "signed-out",
        "You are signed out, and your browser has dropped the cookie.",
    ),
    (
        Notice::SignedOutEverywhere,
        "signed-out-everywhere",
        "You are signed out everywhere: every cookie of yours is refused from now on.",
    ),
    (
        Notice::PasswordChanged,
        "password-changed",
        "Your password is a new one. Other browsers are signed out.",
    ),
    (
        Notice::NoteSaved,
        "note-saved",
        "The note is saved, in the cookie.",
    ),
    (
        Notice::Rotated,
        "rotated",
        "A new key signs from now on. What the old one signed still counts, and your login moves to the new one.",
    ),
];

/// Back to the shop after a form, to the place of that name.
pub(crate) fn back_to(notice: Notice, place: &str) -> Redirect {
    let known = NOTICES.iter().find(|(known, ..)| *known == notice);
    let word = known.map_or("", |(_, word, _)| word);
    let mark = if place.is_empty() { "" } else { "#" };
    Redirect::to(&format!("/?done={word}{mark}{place}"))
}

fn notice_text(word: &str) -> Option<&'static str> {
    let known = NOTICES.iter().find(|(_, known, _)| *known == word);
    known.map(|(.., text)| *text)
}

/// What is around every page.
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
                        "Accounts and keys are in this program’s memory, and gone when it ends."
                    }
                }
            }
        }
    }
}

/// Who is signed in, or the way to it.
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

/// A session that is too large is not sent, and nobody is told "saved". The browser keeps the session that it has.
pub(crate) fn too_large(unsent: Unsent, _: Response) -> Response {
    let Some(report) = unsent.report else {
        eprintln!("500: {unsent}");
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let content = html! {
        section.card.narrow {
            h1 { "That does not fit" }
            p {
                "The cookie may have " strong { (report.limit + COOKIE_NAME.len()) } " bytes, and for this session it "
                "would have " strong { (report.length + COOKIE_NAME.len()) } ". Nothing was saved; what was there before is still there."
            }
            table.sizes {
                thead { tr { th { "What takes the room" } th.number { "Bytes of JSON" } } }
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
