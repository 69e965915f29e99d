//! The panel: one cookie, its three parts in three colours.
//!
//! It shows a person their own session, as this is what the example is about. On a site of your own show it to nobody: a
//! cookie is `HttpOnly` so that no script can read it, and a script can read a page.

use std::time::Duration;

use hardtack::limits::MAX_COOKIE_LENGTH;
use hardtack::{Error, Timestamp};
use maud::{Markup, html};
use time::OffsetDateTime;
use time::macros::format_description;

use crate::keys::{COOKIE_NAME, Keys};
use crate::panel::Cookie;

pub(super) fn view(cookie: &Cookie, has_ended: bool) -> Markup {
    let [payload, stamp, signature] = cookie.parts();
    html! {
        dl.facts {
            div {
                dt { "Size" }
                dd { strong #size { (cookie.size()) } " of " (MAX_COOKIE_LENGTH) " bytes" }
            }
            div { dt { "Age" } dd { strong #age { (age(cookie.age)) } } }
            div { dt { "Signed by" } dd { strong #signed-by { "key " (cookie.key) } } }
        }
        @if has_ended {
            p.fate {
                "Its signature is good, but since then its account has signed out everywhere, or changed the "
                "password. This response deletes it."
            }
        } @else if cookie.needs_resign {
            p.fate { "That key only verifies by now. The new one signs the session when it is saved next." }
        }
        (ruler([payload, stamp, signature]))
        p #value.value {
            span.name { (COOKIE_NAME) "=" }
            span.payload { (payload) } ":" span.stamp { (stamp) } ":" span.signature { (signature) }
        }
        dl.parts {
            div.payload {
                dt { "Payload" }
                dd {
                    (payload.len()) " bytes: the session as JSON"
                    @if cookie.is_compressed { ", compressed by zlib" }
                    ", in base64url. Anybody can read it."
                }
            }
            div.stamp {
                dt { "Stamp" }
                dd { (stamp.len()) " bytes: when it was signed, in base62. " (date(cookie.issued_at)) }
            }
            div.signature {
                dt { "Signature" }
                dd { (signature.len()) " bytes: HMAC-SHA256 of the rest. Nobody can write it without the key." }
            }
        }
        h3 { "The session in it" }
        table.session {
            thead {
                tr { th { "Key" } th { "Value" } th.number { "Bytes" } th { "Share" } }
            }
            tbody {
                @for member in &cookie.members {
                    tr {
                        td { code { (member.key) } }
                        td { code.json { (member.json) } }
                        td.number { (member.bytes) span.unit { " bytes" } }
                        td { (share(member.share)) }
                    }
                }
            }
        }
    }
}

pub(super) fn missing(refusal: Option<Error>) -> Markup {
    html! {
        @if let Some(error) = refusal {
            p.fate #refusal {
                "The one that came in was refused: " (error) ". "
                "So this is an empty session, and nobody is signed in."
            }
        } @else {
            p.empty { "There is none. Put something into the cart, and your browser has one." }
        }
    }
}

/// The ring, and the button that turns it.
pub(super) fn keys(keys: &Keys, may_rotate: bool) -> Markup {
    html! {
        div.keys {
            ul aria-label="Keys" {
                @for (at, number) in keys.numbers().enumerate() {
                    li.signing[at == 0] {
                        "key " (number) " " small { @if at == 0 { "signs" } @else { "verifies" } }
                    }
                }
            }
            @if may_rotate {
                form method="post" action="/keys/rotate" {
                    button.quiet { "Rotate the keys" }
                }
            }
        }
    }
}

/// The parts to scale, against the limit.
fn ruler([payload, stamp, signature]: [&str; 3]) -> Markup {
    let stamp_at = payload.len() + 1;
    let signature_at = stamp_at + stamp.len() + 1;
    let bars = [
        ("payload", 0, payload),
        ("stamp", stamp_at, stamp),
        ("signature", signature_at, signature),
    ];
    html! {
        svg.ruler viewBox={ "0 0 " (MAX_COOKIE_LENGTH) " 10" } preserveAspectRatio="none" role="img"
            aria-label="The three parts, to scale, against the limit" {
            @for (class, at, part) in bars {
                rect class=(class) x=(COOKIE_NAME.len() + at) width=(part.len()) height="10" {}
            }
        }
    }
}

fn share(share: f64) -> Markup {
    let percent = format!("{:.0}", share * 100.0);
    html! {
        svg.share viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label={ (percent) " %" } {
            rect width=(percent) height="8" {}
        }
    }
}

fn age(age: Duration) -> String {
    let seconds = age.as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3600..86_400 => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds / 3600 % 24),
    }
}

fn date(instant: Timestamp) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC");
    OffsetDateTime::from_unix_timestamp(instant.as_unix_seconds())
        .ok()
        .and_then(|instant| instant.format(&format).ok())
        .unwrap_or_default()
}
