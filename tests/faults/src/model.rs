//! What is in a cookie, and what a worker must make of it. This follows the documentation, and does not use hardtack.

use std::collections::BTreeMap;

use crate::fleet::Turn;
use crate::keys::Key;
use crate::tally::Row;

/// The max age of both sites, in seconds.
pub const MAX_AGE: i64 = 14 * 24 * 60 * 60;

pub type Cart = BTreeMap<&'static str, u32>;

/// The values of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    pub login: Option<Login>,
    /// The session's own expiry, a Unix time.
    pub end: Option<i64>,
    pub cart: Cart,
    pub note: Option<String>,
    /// Whether there is a notice for the next page.
    pub notice: bool,
}

/// A login, and what its hash was made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Login {
    /// [`Account::version`] at the time.
    pub version: u64,
    pub key: Key,
}

#[derive(Clone, Debug)]
pub struct Cookie {
    pub value: String,
    /// The key that signed it. `None` if it is forged.
    pub key: Option<Key>,
    pub stamp: i64,
    pub content: Content,
}

#[derive(Clone, Debug)]
pub struct Account {
    pub name: String,
    pub password: String,
    /// Counts what ends the account's logins: each new password, and each sign-out everywhere.
    pub version: u64,
    pub exists: bool,
}

impl Account {
    pub fn after(&self, effect: &Effect) -> Self {
        let mut account = self.clone();
        match effect {
            Effect::None => {}
            Effect::Created => account.exists = true,
            Effect::LoginsEnd => account.version += 1,
            Effect::NewPassword(password) => {
                account.version += 1;
                account.password.clone_from(password);
            }
        }
        account
    }

    /// Returns a login that a worker writes now.
    pub fn login(&self, turn: &Turn) -> Login {
        Login {
            version: self.version,
            key: turn.ring[0],
        }
    }
}

/// What a request does to its account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    None,
    Created,
    LoginsEnd,
    NewPassword(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    NoCookie,
    Accepted,
    Refused(Row),
}

/// The session of a request.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub content: Content,
    pub source: Source,
}

impl Loaded {
    /// Returns the session that a worker must load from a cookie.
    pub fn of(cookie: Option<&Cookie>, turn: &Turn) -> Self {
        let source = cookie.map_or(Source::NoCookie, |cookie| verify(cookie, turn));
        let accepted = cookie.filter(|_| source == Source::Accepted);
        Self {
            content: accepted.map_or_else(Content::default, |cookie| cookie.content.clone()),
            source,
        }
    }

    /// Returns the session of a worker that decides the opposite.
    pub fn opposite(&self, cookie: Option<&Cookie>, turn: &Turn, account: &Account) -> Self {
        let is_refused = self.refusal(turn, account).is_some();
        match cookie {
            Some(cookie) if is_refused => Self {
                content: Content {
                    login: cookie.content.login.map(|_| account.login(turn)),
                    ..cookie.content.clone()
                },
                source: Source::Accepted,
            },
            Some(_) => Self {
                content: Content::default(),
                source: Source::Refused(Row::Own),
            },
            None => self.clone(),
        }
    }

    /// Returns why the cookie, or the login in it, must be refused.
    pub fn refusal(&self, turn: &Turn, account: &Account) -> Option<Row> {
        match self.source {
            Source::Refused(reason) => Some(reason),
            _ => (!self.is_login_good(turn, account)).then_some(Row::LoginEnded),
        }
    }

    fn is_login_good(&self, turn: &Turn, account: &Account) -> bool {
        let is_good =
            |login: Login| login.version == account.version && turn.ring.contains(&login.key);
        self.content.login.is_none_or(is_good)
    }

    /// Checks the login as hardtack and Django do: one that has ended empties the session, and the hash of one under a
    /// fallback key is made again. Returns whether the session changed.
    pub fn check_login(&mut self, turn: &Turn, account: &Account) -> bool {
        let before = self.content.clone();
        if !self.is_login_good(turn, account) {
            self.content = Content::default();
        } else if let Some(login) = &mut self.content.login {
            login.key = turn.ring[0];
        }
        self.content != before
    }

    /// Returns what hardtack's layer must do with the cookie at this time.
    pub fn change(&self, is_modified: bool, now: i64) -> Change {
        let is_empty = self.content == Content::default();
        match self.source {
            // It ends now: the cookie's `Max-Age` is 0.
            _ if is_modified && self.content.end == Some(now) => Change::Deleted,
            _ if is_modified && !is_empty => Change::Set,
            Source::Refused(_) if is_empty => Change::Deleted,
            Source::Accepted if is_empty && is_modified => Change::Deleted,
            _ => Change::Nothing,
        }
    }
}

fn verify(cookie: &Cookie, turn: &Turn) -> Source {
    let Some(key) = cookie.key else {
        return Source::Refused(Row::Forged);
    };
    if !turn.ring.contains(&key) {
        return Source::Refused(Row::OtherKey);
    }
    // A stamp ahead of the clock is accepted, as hardtack and Django do by default.
    if turn.now - cookie.stamp > MAX_AGE {
        return Source::Refused(Row::TooOld);
    }
    if cookie.content.end.is_some_and(|end| turn.now > end) {
        return Source::Refused(Row::PastEnd);
    }
    Source::Accepted
}

/// What a response does with the session's cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Nothing,
    Deleted,
    Set,
    /// Django's rules, which the model leaves to Django. If it sets the cookie, the content must be right.
    Any,
}

/// What a page or a cookie shows of a session. `None` is what it does not show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// The name of the user.
    pub user: Option<String>,
    pub cart: Option<Cart>,
    pub note: Option<String>,
    pub notice: Option<bool>,
}

impl Shown {
    /// Returns all of a session, with an empty text for no note.
    pub fn all(content: &Content, account: &Account) -> Self {
        Self {
            user: content.login.map(|_| account.name.clone()),
            cart: Some(content.cart.clone()),
            note: Some(content.note.clone().unwrap_or_default()),
            notice: Some(content.notice),
        }
    }
}

/// The right answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    pub status: u16,
    pub location: &'static str,
    /// What the page shows, if the answer is one.
    pub page: Option<Shown>,
    pub change: Change,
    /// The session after the request.
    pub content: Content,
    pub effect: Effect,
}

impl Expected {
    pub fn redirect(
        status: u16,
        location: &'static str,
        loaded: Loaded,
        is_modified: bool,
        turn: &Turn,
    ) -> Self {
        Self {
            status,
            location,
            page: None,
            change: loaded.change(is_modified, turn.now),
            content: loaded.content,
            effect: Effect::None,
        }
    }

    pub fn page(page: Shown, loaded: Loaded, is_modified: bool, turn: &Turn) -> Self {
        Self {
            page: Some(page),
            ..Self::redirect(200, "", loaded, is_modified, turn)
        }
    }

    pub fn with_effect(self, effect: Effect) -> Self {
        Self { effect, ..self }
    }

    /// Leaves the cookie to Django.
    pub fn by_django(self) -> Self {
        Self {
            change: Change::Any,
            ..self
        }
    }
}
