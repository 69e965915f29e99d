//! The one page with everything on it: the shop, the cart, the account, and the cookie.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use hardtack::axum::SignedIn;
use hardtack::{Error, Session, SessionHandle};
use maud::{Markup, html};

use super::{account_links, cookie, layout, shop, take_notice};
use crate::panel::{Cookie, changed_letter, refused};
use crate::shop::{Cart, note_of};
use crate::users::User;
use crate::visitor::Visitor;
use crate::{App, Failure, forge};

pub(crate) async fn home(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    session: SessionHandle,
    headers: HeaderMap,
) -> Result<Markup, Failure> {
    let user = visitor.map(|SignedIn(user)| user);
    let keys = app.keys.current();
    let cookie = Cookie::of(&headers, &keys, (app.clock)());
    // `Visitor` has flushed the session of a good cookie whose login has ended.
    let has_ended = cookie.is_some() && session.read(Session::is_empty);
    let refused = session.refusal().zip(refused(&headers));
    let (cart, note, notice) = session.write(|session| {
        let (cart, note) = (Cart::of(session)?, note_of(session)?);
        Ok::<_, Error>((cart, note, take_notice(session)?))
    })?;
    let kept = forge::kept(&app, &headers).map(|(value, _)| value);
    let tricks = cookie::tricks(cookie.is_some() && !has_ended, kept.is_some());
    let content = html! {
        h1.unseen { "Ship’s Stores" }
        @if let Some(notice) = notice {
            p.notice role="status" { (notice) }
        } @else if has_ended {
            p.problem role="status" {
                "You are signed out: since you signed in here, you have signed out everywhere or changed your password. "
                "The cart was in the cookie of that login, so it is empty now."
            }
        } @else if refused.is_some() {
            p.problem role="status" {
                "Your cookie was refused, so you are not signed in and the cart is empty. " a href="#cookie" { "Why?" }
            }
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
                h2 #cookie-title { "The cookie your browser sent" }
                (cookie::keys(&keys, app.keys.are_shared, user.is_some()))
            }
            @if let Some(cookie) = &cookie {
                (cookie::accepted(cookie, has_ended, session.read(Session::modified), &tricks))
            } @else if let Some((error, value)) = &refused {
                @let changed = kept.as_deref().and_then(|good| changed_letter(value, good));
                (cookie::refused(*error, value, changed, &tricks))
            } @else {
                p.empty { "There is none. Put something into the cart, and your browser gets one." }
                (tricks)
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
                    "You are " strong #user { (user.name) } ". Signing out deletes this browser’s cookie, and the cart in it. "
                    "A copy of it stays valid until it expires, you change your password, or you sign out everywhere."
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
