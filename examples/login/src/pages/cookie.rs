//! The panel: one cookie, its three parts in three colours.
//!
//! It shows users their own session, because that is the subject of this example. Do not do this on a real site: a cookie
//! is `HttpOnly` so that no script can read it, but scripts can read the page.

use std::time::Duration;

use hardtack::limits::MAX_COOKIE_LENGTH;
use hardtack::{Error, Timestamp};
use maud::{Markup, html};
use time::OffsetDateTime;
use time::macros::format_description;

use crate::keys::{COOKIE_NAME, Keys};
use crate::panel::{Cookie, parts};

pub(super) fn view(cookie: &Cookie, has_ended: bool) -> Markup {
    let [payload, stamp, signature] = parts(&cookie.value);
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
                "Its signature is good, but since then the user has signed out everywhere, or changed the password. "
                "This response deletes it."
            }
        } @else if cookie.needs_resign {
            p.fate { "That key only verifies by now. The next save of the session signs it with the new one." }
        }
        (raw(&cookie.value))
        dl.parts {
            div.payload {
                dt { "Payload" }
                dd {
                    (payload.len()) " bytes: the session as JSON"
                    @if cookie.is_compressed { ", compressed by zlib" }
                    ", in base64url. Anyone can read it."
                }
            }
            div.stamp {
                dt { "Stamp" }
                dd { (stamp.len()) " bytes: when it was signed, in base62. " (date(cookie.issued_at)) }
            }
            div.signature {
                dt { "Signature" }
                dd { (signature.len()) " bytes: HMAC-SHA256 of the rest. Only someone with the key can make it." }
            }
        }
        div.forge {
            h3 { "Try to forge it" }
            p { "Each button gives your browser a cookie that this shop refuses. You can put yours back afterwards." }
            form.buttons method="post" action="/cookie/forge" {
                button.quiet name="how" value="letter" { "Change one letter" }
                button.quiet name="how" value="age" { "Make it two weeks old" }
                button.quiet name="how" value="stranger" { "Sign with a stranger’s key" }
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

/// A cookie that was refused: why, and the way back to the one before.
pub(super) fn refused(error: Error, value: &str, has_kept: bool) -> Markup {
    html! {
        p.problem #refusal {
            strong { "Refused. " } (reason(error)) " So you are not signed in, and the cart is empty."
            @if error.is_useless_cookie() { " This response deletes the cookie." }
        }
        (raw(value))
        @if has_kept {
            form method="post" action="/cookie/restore" { button { "Put my cookie back" } }
        }
    }
}

/// In a sentence or two. Nothing in the cookie has been read, unless its signature is good.
fn reason(error: Error) -> String {
    match error {
        Error::BadSignature => {
            "The signature does not match: someone has changed the cookie, or has signed it with a \
            key that is not this shop’s. Nothing in it was read."
                .into()
        }
        Error::Expired { .. } => {
            "The signature is good, but the cookie is more than two weeks old.".into()
        }
        Error::SessionExpired => "The signature is good, but the time of its login is over.".into(),
        _ => format!("The reason: {error}."),
    }
}

/// The value in three colours, and its parts to scale.
fn raw(value: &str) -> Markup {
    let [payload, stamp, signature] = parts(value);
    html! {
        (ruler([payload, stamp, signature]))
        p #value.value {
            span.name { (COOKIE_NAME) "=" }
            span.payload { (payload) } ":" span.stamp { (stamp) } ":" span.signature { (signature) }
        }
    }
}

/// The keys, and a button to rotate them.
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

/// The parts, to scale, beside the limit.
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
            aria-label="The three parts, to scale, beside the limit" {
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
