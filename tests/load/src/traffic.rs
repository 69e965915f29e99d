//! The requests, and the right answer to each.

use std::time::Duration;

use hardtack::{Expiry, KeyRing, Session, SessionCodec, Timestamp};

use crate::Failure;
use crate::site::{NOBODY, READ, UNTOUCHED, WRITE, codec, key, old_key};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const USER: &str = "Zoë";

/// A kind of request: a page, a cookie, and the right answer.
#[derive(Clone)]
pub struct Kind {
    pub name: &'static str,
    pub path: &'static str,
    pub cookie: Option<String>,
    pub body: String,
    pub set_cookie: Expected,
    pub vary: bool,
}

/// What the answer must do with the session's cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    Nothing,
    Deleted,
    /// Set it, to a session with this JSON text.
    Json(String),
}

impl Kind {
    /// The page does not use the session, so the response has no headers for it.
    fn untouched(name: &'static str, cookie: Option<String>) -> Self {
        Self {
            name,
            path: UNTOUCHED,
            cookie,
            body: String::new(),
            set_cookie: Expected::Nothing,
            vary: false,
        }
    }

    fn read(name: &'static str, cookie: Option<String>, user: &str, set_cookie: Expected) -> Self {
        Self {
            name,
            path: READ,
            cookie,
            body: user.to_owned(),
            set_cookie,
            vary: true,
        }
    }

    /// The page counts a visit in addition to `visits`, in the session of this cookie or in a new one.
    fn write(
        name: &'static str,
        cookie: Option<String>,
        before: &Session,
    ) -> Result<Self, Failure> {
        let mut after = before.clone();
        let visits = after.get("visits")?.unwrap_or(0_u32) + 1;
        after.insert("visits", visits)?;
        Ok(Self {
            name,
            path: WRITE,
            cookie,
            body: visits.to_string(),
            set_cookie: Expected::Json(after.to_json()),
            vary: true,
        })
    }
}

pub fn kinds(now: Timestamp) -> Result<Vec<Kind>, Failure> {
    let codec = codec()?;
    let earlier = |age: Duration| {
        Timestamp::from_unix_nanos(now.as_unix_nanos() - Timestamp::from(age).as_unix_nanos())
    };
    let new = Session::new();

    let mut login = Session::new();
    login.insert("user", USER)?;
    login.insert("visits", 41)?;
    let good = codec.encode(&login, now)?;
    let mut large = login.clone();
    large.insert("text", noise())?;
    let large_cookie = codec.encode(&large, now)?;

    let mut forged = good.clone();
    let last = forged.pop().ok_or("a cookie has a signature")?;
    forged.push(if last == 'A' { 'E' } else { 'A' });
    let expired = codec.encode(&login, earlier(15 * DAY))?;
    let mut ended = login.clone();
    ended.set_expiry(Expiry::At(earlier(DAY)))?;
    let ended = codec.encode(&ended, earlier(2 * DAY))?;
    let of_old_key = SessionCodec::new(KeyRing::new(old_key()?)).encode(&login, now)?;
    // Correctly signed, but not a session.
    let list = SessionCodec::new(KeyRing::new(key()?)).encode_as(&[1, 2, 3], now)?;
    let long = "x".repeat(8192);

    let some = |cookie: &String| Some(cookie.clone());
    let (nothing, deleted) = (|| Expected::Nothing, || Expected::Deleted);
    Ok(vec![
        Kind::untouched("no cookie, untouched", None),
        Kind::untouched("good, untouched", some(&good)),
        Kind::untouched("forged, untouched", some(&forged)),
        Kind::untouched("8 KB, untouched", some(&long)),
        Kind::read("no cookie, read", None, NOBODY, nothing()),
        Kind::read("good, read", some(&good), USER, nothing()),
        Kind::read("large, read", some(&large_cookie), USER, nothing()),
        Kind::read("of the old key, read", some(&of_old_key), USER, nothing()),
        Kind::read("forged, read", some(&forged), NOBODY, deleted()),
        Kind::read("expired, read", some(&expired), NOBODY, deleted()),
        Kind::read("past its own expiry, read", Some(ended), NOBODY, deleted()),
        Kind::read("no session, read", Some(list), NOBODY, nothing()),
        Kind::read("8 KB, read", some(&long), NOBODY, nothing()),
        Kind::write("no cookie, written", None, &new)?,
        Kind::write("good, written", Some(good), &login)?,
        Kind::write("of the old key, written", Some(of_old_key), &login)?,
        Kind::write("large, written", Some(large_cookie), &large)?,
        Kind::write("forged, written", Some(forged), &new)?,
        Kind::write("expired, written", Some(expired), &new)?,
        Kind::write("8 KB, written", Some(long), &new)?,
    ])
}

/// Returns digits that zlib can hardly compress.
fn noise() -> String {
    let digits = (1..=180_u64).map(|at| at.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_string());
    digits.collect()
}
