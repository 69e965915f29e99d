//! What the page shows of a request's cookie: its three parts, its age, its key, and the session in it.

use std::borrow::Cow;
use std::time::Duration;

use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use hardtack::{Error, SizeReport, Timestamp, cookie};

use crate::keys::{COOKIE_NAME, Keys};

/// An accepted cookie: its signature is valid, and it is not too old.
pub(crate) struct Cookie {
    pub(crate) value: String,
    pub(crate) issued_at: Timestamp,
    pub(crate) age: Duration,
    /// The number of the key that signed it.
    pub(crate) key: u32,
    /// The number of the key that signs now, if it is another one.
    pub(crate) newer_key: Option<u32>,
    pub(crate) is_compressed: bool,
    /// The session's values as JSON text, the largest first.
    pub(crate) members: Vec<Member>,
}

pub(crate) struct Member {
    pub(crate) key: String,
    pub(crate) json: String,
    pub(crate) bytes: usize,
    /// Of the JSON text, from 0 to 1.
    pub(crate) share: f64,
}

impl Cookie {
    /// Returns the cookie that the request's session came from: the newest one, and of several the last.
    pub(crate) fn of(headers: &HeaderMap, keys: &Keys, now: Timestamp) -> Option<Self> {
        cookie::find(COOKIE_NAME, headers.get_all(COOKIE))
            .filter_map(|value| Self::read(&value, keys, now).ok())
            .reduce(|youngest, other| {
                let is_younger = other.issued_at.min(now) > youngest.issued_at.min(now);
                if is_younger { other } else { youngest }
            })
    }

    fn read(value: &str, keys: &Keys, now: Timestamp) -> Result<Self, Error> {
        let verified = keys.codec.verify(value, now)?;
        let session = verified.session()?;
        let key = keys.numbers().nth(verified.key_index()).unwrap_or(0);
        let SizeReport { members, .. } = keys.codec.size_report(&session, now)?;
        let members = members
            .into_iter()
            .map(|member| Member {
                json: session
                    .get_json(&member.key)
                    .map_or_else(String::new, |json| json.as_str().to_owned()),
                key: member.key,
                bytes: member.bytes,
                share: member.share,
            })
            .collect();
        Ok(Self {
            value: value.to_owned(),
            issued_at: verified.issued_at(),
            age: verified.age(),
            key,
            newer_key: keys.numbers().next().filter(|&signing| signing != key),
            is_compressed: value.starts_with('.'),
            members,
        })
    }

    /// Bytes as a browser counts them.
    pub(crate) fn size(&self) -> usize {
        COOKIE_NAME.len() + self.value.len()
    }
}

/// Returns the value of a request's cookie that was refused.
pub(crate) fn refused(headers: &HeaderMap) -> Option<String> {
    cookie::find(COOKIE_NAME, headers.get_all(COOKIE))
        .last()
        .map(Cow::into_owned)
}

/// If a value differs from the good one in a single letter, returns its place, and the letter of the good one.
pub(crate) fn changed_letter<'a>(value: &str, good: &'a str) -> Option<(usize, &'a str)> {
    let pairs = value.bytes().zip(good.bytes());
    let mut changed = pairs.enumerate().filter(|(_, (one, other))| one != other);
    let (place, _) = changed.next()?;
    let is_only = value.len() == good.len() && changed.next().is_none();
    Some((place, good.get(place..=place)?)).filter(|_| is_only)
}

/// Splits a value into payload, stamp and signature: from the right, as the payload may contain the separator.
pub(crate) fn parts(value: &str) -> [&str; 3] {
    let (signed, signature) = value.rsplit_once(':').unwrap_or((value, ""));
    let (payload, stamp) = signed.rsplit_once(':').unwrap_or((signed, ""));
    [payload, stamp, signature]
}
