//! When a session or a token expires.

use core::time::Duration;

use hardtack::{MaxAge, Session};
use serde::Serialize;

/// When a session or a token expires.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Expiry {
    /// Unix seconds, or `None` if it never does.
    pub at: Option<i64>,
    /// What determines that, in words.
    pub by: &'static str,
}

impl Expiry {
    /// Returns when a session in a cookie expires: by its own expiry or by the max age, whichever comes first. `None` if its
    /// own expiry cannot be read.
    pub(crate) fn of_session(session: &Session, issued_at: i64, max_age: MaxAge) -> Option<Self> {
        let (limit, by) = match max_age {
            MaxAge::Limit(limit) if max_age == MaxAge::default() => {
                (Some(limit), "Django's two weeks")
            }
            MaxAge::Limit(limit) => (Some(limit), "the max age"),
            MaxAge::NoLimit => (None, "there is no max age"),
        };
        let limit = limit.map(|limit| issued_at.saturating_add_unsigned(limit.as_secs()));
        // Without an expiry of its own, the session ends at the last possible second.
        let own = session.expiry_date(issued_at, Duration::MAX).ok()?;
        let own = Some(own.as_unix_seconds()).filter(|&own| own < i64::MAX);
        let is_own = own.is_some_and(|own| limit.is_none_or(|limit| own < limit));
        let is_with_browser = !is_own && session.ends_with_browser(false).ok()?;
        Some(match (is_own, is_with_browser) {
            (true, _) => Self {
                at: own,
                by: "the session's own expiry",
            },
            (false, true) => Self {
                at: limit,
                by: "or when the browser closes",
            },
            (false, false) => Self { at: limit, by },
        })
    }
}
