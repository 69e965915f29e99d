//! The outcome of a request, on either side, and how ours is computed.

use std::collections::BTreeMap;

use hardtack::{Expiry, Loaded, Session, SessionCodec};
use serde::Deserialize;
use serde_json::Value;
use time::{Date, Month, Time};

use super::kinds::State;
use super::scenario::{Action, Question};
use crate::common::timestamp;

#[derive(Debug, Deserialize, PartialEq)]
pub struct Outcome {
    /// The values that the view saw in the session, as JSON texts.
    pub seen: Vec<String>,
    /// The header `Vary`.
    pub vary: Option<String>,
    pub cookie: Option<Cookie>,
    /// Why our side refused to answer. Django never does.
    #[serde(skip)]
    pub error: Option<hardtack::Error>,
}

/// A `Set-Cookie` header, as a browser parses it.
#[derive(Debug, Deserialize)]
pub struct Cookie {
    pub name: String,
    pub value: String,
    /// The names are in lower case, and a flag has no text. `Expires` is not included.
    pub attributes: BTreeMap<String, Option<String>>,
    /// As an instant, because its spelling may differ.
    pub expires: Option<i64>,
    /// The session in the value. `None` for a deletion.
    pub json: Option<String>,
}

impl Cookie {
    /// Returns whether both are equal except for `Expires`. Compressed values may differ, because they depend on zlib;
    /// all other values must be the same bytes.
    pub fn is_but_for_expires(&self, other: &Self) -> bool {
        let is_compressed = self.value.starts_with('.') || other.value.starts_with('.');
        self.name == other.name
            && self.attributes == other.attributes
            && self.json == other.json
            && (is_compressed || self.value == other.value)
    }
}

impl PartialEq for Cookie {
    fn eq(&self, other: &Self) -> bool {
        self.is_but_for_expires(other) && self.expires == other.expires
    }
}

impl Outcome {
    /// Returns whether the middleware set no cookie: there is none, or it is the view's.
    pub fn is_nothing(&self, question: &Question) -> bool {
        let of_view = question.response.cookie.as_ref();
        let is_of_view = |cookie: &Cookie| of_view.is_some_and(|(value, _)| *value == cookie.value);
        self.error.is_none() && self.cookie.as_ref().is_none_or(is_of_view)
    }

    pub fn deletes(&self) -> bool {
        let cookie = self.cookie.as_ref();
        cookie.is_some_and(|cookie| cookie.json.is_none() && cookie.value.is_empty())
    }

    /// Returns whether it sets a signed, empty session.
    pub fn sets_empty(&self) -> bool {
        let json = self
            .cookie
            .as_ref()
            .and_then(|cookie| cookie.json.as_deref());
        json == Some("{}")
    }

    pub fn varies(&self) -> bool {
        let vary = self.vary.as_deref().unwrap_or_default();
        vary.split(", ").any(|name| name == "Cookie")
    }
}

/// Returns the outcome of this crate.
pub fn ours(question: &Question) -> (Outcome, State) {
    let settings = &question.settings;
    let (loaded, seen) = handled(question);
    let mut headers = question.response.headers(settings);
    let pairs = headers.iter().map(|(name, value)| (*name, value));
    let now = timestamp(question.now);
    let answer = settings
        .middleware()
        .answer(&loaded, question.status, pairs, now);
    let error = answer.as_ref().err().copied();
    for header in answer.into_iter().flat_map(|answer| answer.headers) {
        if header.replaces {
            headers.retain(|(name, _)| *name != header.name);
        }
        headers.push((header.name, header.value));
    }
    let last = |name| {
        let header = headers.iter().rfind(|(known, _)| *known == name)?;
        Some(String::from_utf8(header.1.clone()).expect("ASCII"))
    };
    let outcome = Outcome {
        seen,
        vary: last("vary").filter(|_| error.is_none()),
        cookie: last("set-cookie").map(|header| parsed(&header, &settings.codec())),
        error,
    };
    // From another copy, because asking may count as reading.
    (outcome, State::of(&handled(question).0))
}

/// Returns the session after the view, and the values that the view saw.
fn handled(question: &Question) -> (Loaded, Vec<String>) {
    let middleware = question.settings.middleware();
    let mut loaded = middleware.load(&question.headers, timestamp(question.now));
    let mut seen = Vec::new();
    for action in &question.actions {
        seen.extend(act(&mut loaded.session, action));
    }
    (loaded, seen)
}

/// Runs an action of the view. Returns the value that it saw, if any.
fn act(session: &mut Session, action: &Action) -> Option<String> {
    match action {
        Action::Get { key } => return Some(text(session, key)),
        Action::Set { key, value } => session.insert(key, value).expect("JSON"),
        Action::Pop { key } => {
            let seen = text(session, key);
            session.pop::<Value>(key).expect("JSON");
            return Some(seen);
        }
        Action::Delete { key } => drop(session.remove(key)),
        Action::SetDefault { key, value } => {
            let there = session.set_default(key, value).expect("JSON");
            return Some(there.as_str().into());
        }
        Action::Update { pairs } => {
            let pairs = pairs.as_object().expect("an object");
            session.update(pairs).expect("JSON");
        }
        Action::Clear => session.clear(),
        Action::Flush => session.flush(),
        Action::Cycle => session.cycle(),
        Action::ExpireAfter { seconds } => {
            expire(
                session,
                Expiry::After(std::time::Duration::from_secs(*seconds)),
            );
        }
        Action::ExpireAt { seconds } => expire(session, Expiry::At((*seconds).into())),
        Action::ExpireWithBrowser => expire(session, Expiry::WithBrowser),
        Action::ExpireByDefault => expire(session, Expiry::Default),
        Action::SetTestCookie => session.set_test_cookie().expect("JSON"),
        Action::TestCookieWorked => return Some(session.test_cookie_worked().to_string()),
    }
    None
}

fn expire(session: &mut Session, expiry: Expiry) {
    session
        .set_expiry(expiry)
        .expect("an expiry that Django takes");
}

fn text(session: &Session, key: &str) -> String {
    session
        .get_json(key)
        .map_or("null", |value| value.as_str())
        .into()
}

/// Parses our header. Its value is read whatever its age and expiry, because it was just written.
fn parsed(header: &str, codec: &SessionCodec) -> Cookie {
    let mut parts = header.split(';').map(str::trim);
    let (name, value) = parts
        .next()
        .and_then(|pair| pair.split_once('='))
        .expect("name and value");
    let mut attributes: BTreeMap<String, Option<String>> = BTreeMap::new();
    for part in parts {
        let (name, text) = match part.split_once('=') {
            Some((name, text)) => (name, Some(text.to_owned())),
            None => (part, None),
        };
        let known = attributes.insert(name.to_ascii_lowercase(), text);
        assert!(known.is_none(), "{name} stands twice");
    }
    let expires = attributes.remove("expires").flatten();
    let codec = codec.clone().ignore_session_expiry();
    let json = (!value.is_empty()).then(|| {
        let session = codec.decode(value, 0).expect("just written");
        session.to_json()
    });
    Cookie {
        name: name.into(),
        value: value.into(),
        attributes,
        expires: expires.as_deref().map(instant),
        json,
    }
}

/// Parses `Thu, 01 Jan 1970 00:00:00 GMT`, including the weekday.
fn instant(date: &str) -> i64 {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let number = |from: usize, to: usize| date[from..to].parse::<u16>().expect("a number");
    let small = |from: usize| u8::try_from(number(from, from + 2)).expect("two digits");
    let month = MONTHS.find(&date[8..11]).expect("a month") / 3 + 1;
    let month = Month::try_from(u8::try_from(month).expect("a month")).expect("a month");
    let day = Date::from_calendar_date(number(12, 16).into(), month, small(5)).expect("a day");
    let time = Time::from_hms(small(17), small(20), small(23)).expect("a time");
    assert!(day.weekday().to_string().starts_with(&date[..3]), "{date}");
    assert!(date.ends_with(" GMT"), "{date}");
    day.with_time(time).assume_utc().unix_timestamp()
}
