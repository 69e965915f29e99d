//! The one page with everything on it: the shop, the cart, the account, and the cookie.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use hardtack::{Error, Session};
use maud::{Markup, html};
use serde::Deserialize;

use super::{account_links, cookie, layout, notice_text, shop};
use crate::panel::Cookie;
use crate::shop::{Cart, note_of};
use crate::users::User;
use crate::visitor::Visitor;
use crate::{App, Failure};

#[derive(Deserialize)]
pub(crate) struct Done {
    done: Option<String>,
}

pub(crate) async fn home(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    headers: HeaderMap,
    done: Result<Query<Done>, QueryRejection>,
) -> Result<Markup, Failure> {
    let Visitor {
        session,
        keys,
        user,
    } = &visitor;
    let (cart, note) =
        session.read(|session| Ok::<_, Error>((Cart::of(session)?, note_of(session)?)))?;
    let cookie = Cookie::of(&headers, keys, (app.clock)());
    // A good cookie came in, and `Visitor` has emptied its session.
    let has_ended = session.read(Session::is_empty);
    let notice = done.ok().and_then(|Query(done)| notice_text(&done.done?));
    let content = html! {
        h1.unseen { "Ship’s Stores" }
        @if let Some(notice) = notice {
            p.notice role="status" { (notice) }
        }
        div.columns {
            (shop::articles(&cart))
            aside {
                (shop::cart(&cart, &note))
                (account(user.as_ref()))
            }
        }
        section #cookie.card aria-labelledby="cookie-title" {
            div.title {
                h2 #cookie-title { "The cookie that came in" }
                (cookie::keys(keys, user.is_some()))
            }
            @match &cookie {
                Some(cookie) => { (cookie::view(cookie, has_ended)) }
                None => { (cookie::missing(session.refusal())) }
            }
        }
    };
    Ok(layout(
        "Provisions",
        &account_links(user.as_ref()),
        &content,
    ))
}

fn account(user: Option<&User>) -> Markup {
    html! {
        section.card aria-labelledby="account-title" {
            h2 #account-title { "Account" }
            @if let Some(user) = user {
                p {
                    "You are " strong #user { (user.name) } ". Signing out deletes this browser’s cookie; "
                    "a copy of it counts until it expires, you change your password, or you sign out everywhere."
                }
                div.buttons {
                    form method="post" action="/sign-out-everywhere" {
                        button.quiet { "Sign out everywhere" }
                    }
                    a.button.quiet href="/password" { "Change the password" }
                }
            } @else {
                p { "Shop without one, if you like. The cart stays when you sign in." }
                p.buttons {
                    a.button.quiet href="/sign-in" { "Sign in" }
                    a.button.quiet href="/sign-up" { "Sign up" }
                }
            }
        }
    }
}
