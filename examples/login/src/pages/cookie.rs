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

/// A cookie that was accepted. `has_ended` is whether its login has ended, `is_saved` whether the response saves the
/// session.
pub(super) fn accepted(
    cookie: &Cookie,
    has_ended: bool,
    is_saved: bool,
    tricks: &Markup,
) -> Markup {
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
            p.fate { "The signature is good, but the login in the cookie has ended. This response deletes the cookie." }
        } @else if let Some(newer) = cookie.newer_key {
            p.fate {
                "Key " (cookie.key) " only verifies now. "
                @if is_saved { "This response" } @else { "The next change of the cart or the note" }
                " signs the session with key " (newer) "."
            }
        }
        (raw(&cookie.value, None))
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
        (tricks)
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

/// A cookie that was refused, and why. `changed` is where it differs from the good one, and the letter there.
pub(super) fn refused(
    error: Error,
    value: &str,
    changed: Option<(usize, &str)>,
    tricks: &Markup,
) -> Markup {
    html! {
        p.problem #refusal {
            strong { "Refused. " } (reason(error))
            @if let Some((_, letter)) = changed { " The marked letter was “" (letter) "”." }
            @if error.is_useless_cookie() { " This response deletes the cookie." }
        }
        (tricks)
        (raw(value, changed.map(|(at, _)| at)))
    }
}

/// In a sentence or two. Nothing in the cookie has been read, unless its signature is good.
fn reason(error: Error) -> String {
    match error {
        Error::BadSignature => {
            "The signature does not match. Either the cookie was changed, or it was signed with another key: a \
            stranger’s, or one that this shop has retired. Nothing in it was read."
                .into()
        }
        Error::Expired { .. } => {
            "The signature is good, but the cookie is more than two weeks old.".into()
        }
        Error::SessionExpired => "The signature is good, but the time of its login is over.".into(),
        _ => format!("The reason: {error}."),
    }
}

/// Buttons that forge a good cookie, or one that puts the good one back.
pub(super) fn tricks(is_good: bool, is_kept: bool) -> Markup {
    html! {
        @if is_kept {
            form.tricks method="post" action="/cookie/restore" {
                p { "Your own cookie is kept in a second cookie, until you sign in or out." }
                button { "Put my cookie back" }
            }
        } @else if is_good {
            form.tricks method="post" action="/cookie/forge" {
                h3 { "Try to fool the shop" }
                p { "Each button gives your browser a cookie that this shop refuses. You can put yours back afterwards." }
                div.buttons {
                    button.quiet name="how" value="letter" { "Change one letter" }
                    button.quiet name="how" value="age" { "Make it two weeks old" }
                    button.quiet name="how" value="stranger" { "Sign with a stranger’s key" }
                }
            }
        }
    }
}

/// The value in three colours, with the changed letter marked, and its parts to scale.
fn raw(value: &str, changed: Option<usize>) -> Markup {
    let [payload, stamp, signature] = parts(value);
    let stamp_at = payload.len() + 1;
    let bars = [
        ("payload", 0, payload),
        ("stamp", stamp_at, stamp),
        ("signature", stamp_at + stamp.len() + 1, signature),
    ];
    html! {
        (ruler(&bars))
        p #value.value {
            span.name { (COOKIE_NAME) "=" }
            @for (class, start, part) in bars {
                @if start > 0 { ":" }
                span class=(class) { (marked(part, changed.and_then(|at| at.checked_sub(start)))) }
            }
        }
    }
}

fn marked(part: &str, at: Option<usize>) -> Markup {
    let split = at.and_then(|at| Some((part.get(..at)?, part.get(at..=at)?, part.get(at + 1..)?)));
    html! {
        @if let Some((before, letter, after)) = split {
            (before) mark { (letter) } (after)
        } @else {
            (part)
        }
    }
}

/// The keys, and a button to rotate them, unless other programs share them.
pub(super) fn keys(keys: &Keys, are_shared: bool, may_rotate: bool) -> Markup {
    html! {
        div.keys {
            ul aria-label="Keys" {
                @for (at, number) in keys.numbers().enumerate() {
                    li.signing[at == 0] {
                        "key " (number) " " small { @if at == 0 { "signs" } @else { "verifies" } }
                    }
                }
            }
            @if are_shared {
                span { "Other programs share these keys." }
            } @else if may_rotate {
                form method="post" action="/keys/rotate" {
                    button.quiet { "Rotate the keys" }
                }
            } @else {
                span { "Sign in to rotate the keys." }
            }
        }
    }
}

/// The parts, to scale, beside the limit.
fn ruler(bars: &[(&str, usize, &str)]) -> Markup {
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
