//! What a handler does to its session, and the model of a session.

use hardtack::{Expiry, Loaded, Session};

use super::engine::{PASSWORD, hash, hasher};
use super::instant;
use super::model::Site;

const EXPIRY: &str = "_session_expiry";
const BACKEND: &str = "django.contrib.auth.backends.ModelBackend";
const LOGIN: [&str; 3] = ["_auth_user_id", "_auth_user_backend", "_auth_user_hash"];

/// A session's own expiry.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Own {
    #[default]
    Default,
    WithBrowser,
    /// Milliseconds after the save.
    After(i64),
    /// Unix milliseconds.
    At(i64),
}

/// The model of a session: its keys and the JSON text of their values, in order.
#[derive(Clone, Debug, Default)]
pub struct Content {
    members: Vec<(&'static str, String)>,
    pub own: Own,
}

impl Content {
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    pub fn json(&self) -> String {
        let members = self.members.iter();
        let members: Vec<String> = members
            .map(|(key, value)| format!("\"{key}\":{value}"))
            .collect();
        format!("{{{}}}", members.join(","))
    }

    fn get(&self, key: &str) -> Option<&str> {
        let known = self.members.iter().find(|(known, _)| *known == key);
        known.map(|(_, value)| value.as_str())
    }

    fn set(&mut self, key: &'static str, value: String) {
        match self.members.iter_mut().find(|(known, _)| *known == key) {
            Some((_, known)) => *known = value,
            None => self.members.push((key, value)),
        }
    }

    fn remove(&mut self, key: &str) -> bool {
        let before = self.members.len();
        self.members.retain(|(known, _)| *known != key);
        self.members.len() < before
    }
}

/// What a handler has done with its session. Each includes the ones before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
enum Touch {
    #[default]
    Nothing,
    Read,
    /// Only the login's hash is new.
    Rehashed,
    Changed,
}

/// The model of a handler's session.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    pub content: Content,
    touch: Touch,
    /// Nothing of the loaded session is left.
    pub is_discarded: bool,
    /// A session in a store gets a new key.
    pub renews_key: bool,
}

impl Draft {
    pub fn new(content: Content) -> Self {
        Self {
            content,
            ..Self::default()
        }
    }

    pub fn is_flushed(&self) -> bool {
        self.is_discarded && self.renews_key
    }

    pub fn is_read(&self) -> bool {
        self.touch >= Touch::Read
    }

    pub fn is_rehashed(&self) -> bool {
        self.touch == Touch::Rehashed
    }

    /// Returns whether the handler itself changed the session.
    pub fn is_changed(&self) -> bool {
        self.touch == Touch::Changed
    }

    fn read(&mut self) {
        if self.touch == Touch::Nothing {
            self.touch = Touch::Read;
        }
    }

    fn change(&mut self) {
        self.touch = Touch::Changed;
    }

    fn set(&mut self, key: &'static str, value: String) {
        self.content.set(key, value);
        self.change();
    }

    fn remove(&mut self, key: &str) -> bool {
        let was_there = self.content.remove(key);
        if was_there {
            self.change();
        }
        self.read();
        was_there
    }

    fn clear(&mut self) {
        self.content = Content::default();
        self.is_discarded = true;
        self.change();
    }

    fn flush(&mut self) {
        self.clear();
        self.renews_key = true;
    }

    fn cycle(&mut self) {
        self.change();
        self.renews_key = true;
    }

    fn sign_in(&mut self, user: &str, hash: &str) {
        let login = [user, BACKEND, hash].map(|text| format!("\"{text}\""));
        let before = [LOGIN[0], LOGIN[2]].map(|key| self.content.get(key));
        if before[0].is_none() {
            self.cycle();
        } else if before != [Some(login[0].as_str()), Some(login[2].as_str())] {
            self.flush();
        }
        for (key, value) in LOGIN.into_iter().zip(login) {
            self.set(key, value);
        }
    }

    /// Returns whether the login is still good. One that another key of the ring made is made again.
    fn check_login(&mut self, site: &Site) -> bool {
        let quoted = |key: usize| format!("\"{}\"", hash(key));
        self.read();
        let Some(before) = self.content.get(LOGIN[2]) else {
            return false;
        };
        if before == quoted(site.signing_key) {
            return true;
        }
        if site.fallback.is_none_or(|key| before != quoted(key)) {
            self.flush();
            return false;
        }
        self.content.set(LOGIN[2], quoted(site.signing_key));
        if self.touch == Touch::Read {
            self.touch = Touch::Rehashed;
        }
        true
    }
}

#[derive(Clone, Copy, Debug)]
pub enum Edit {
    Nothing,
    Read,
    Insert(&'static str, u64),
    Remove(&'static str),
    Clear,
    Flush,
    Cycle,
    Assign,
    SignIn(&'static str),
    CheckLogin,
    Expire(Expiry),
}

impl Edit {
    /// Decodes a number below 16. `value` differs from step to step, so that no session is taken for another.
    pub fn new(number: u8, argument: u8, value: u64, now: i64) -> Self {
        let key = ["a", "b", "c", "d"][usize::from(argument % 4)];
        match number {
            0 | 1 => Self::Nothing,
            2 | 5 => Self::CheckLogin,
            3 => Self::Read,
            4 => Self::Insert(key, value),
            7 => Self::Remove(key),
            8 => Self::Clear,
            9 => Self::Flush,
            10 => Self::Cycle,
            11 => Self::Assign,
            6 | 12 => Self::SignIn(["7", "8"][usize::from(argument % 2)]),
            13 => Self::Expire(Expiry::After(std::time::Duration::from_secs(
                argument.into(),
            ))),
            14 => Self::Expire(Expiry::At(instant(now + 100 * i64::from(argument) - 3_000))),
            _ => Self::Expire([Expiry::Default, Expiry::WithBrowser][usize::from(argument % 2)]),
        }
    }

    /// Edits the session and the model alike.
    pub fn run(self, site: &Site, loaded: &mut Loaded, draft: &mut Draft) {
        let session = &mut loaded.session;
        match self {
            Self::Nothing => {}
            Self::Read => {
                assert_eq!(session.to_json(), draft.content.json());
                draft.read();
            }
            Self::Insert(key, value) => {
                session.insert(key, value).expect("a number");
                draft.set(key, value.to_string());
            }
            Self::Remove(key) => assert_eq!(session.remove(key), draft.remove(key)),
            Self::Clear => {
                session.clear();
                draft.clear();
            }
            Self::Flush => {
                session.flush();
                draft.flush();
            }
            Self::Cycle => {
                session.cycle();
                draft.cycle();
            }
            Self::Assign => {
                *session = Session::new();
                draft.flush();
            }
            Self::SignIn(user) => {
                let hash = hash(site.signing_key);
                session.set_auth_user(user, BACKEND, hash).expect("text");
                draft.sign_in(user, hash);
            }
            Self::CheckLogin => {
                let is_signed_in = hasher(site).check(session, Some(PASSWORD));
                assert_eq!(is_signed_in, Ok(draft.check_login(site)));
            }
            Self::Expire(expiry) => expire(session, draft, expiry),
        }
    }
}

fn expire(session: &mut Session, draft: &mut Draft, expiry: Expiry) {
    let own = match expiry {
        Expiry::Default => Own::Default,
        Expiry::After(age) if !age.is_zero() => Own::After(1000 * age.as_secs().cast_signed()),
        Expiry::After(_) | Expiry::WithBrowser => Own::WithBrowser,
        Expiry::At(end) => {
            Own::At(i64::try_from(end.as_unix_nanos() / 1_000_000).expect("milliseconds"))
        }
    };
    if session.set_expiry(expiry).is_err() {
        // The only reason: Python's dates end with the year 9999.
        assert!(matches!(own, Own::At(end) if end / 1000 > hardtack::limits::MAX_UNIX_SECONDS));
        return;
    }
    if expiry == Expiry::Default {
        draft.remove(EXPIRY);
    } else {
        // Its spelling is the subject of other tests.
        let text = session.get_json(EXPIRY).expect("just set");
        draft.set(EXPIRY, text.as_str().into());
    }
    draft.content.own = own;
}
