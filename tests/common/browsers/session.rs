//! What a handler does to its session, and the model of a session.

use hardtack::{Expiry, Loaded, Session};

use super::instant;

const EXPIRY: &str = "_session_expiry";
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

/// What a handler has done with its session. A change counts as reading.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
enum Touch {
    #[default]
    Nothing,
    Read,
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
    Expire(Expiry),
}

impl Edit {
    /// Decodes a number below 16. `value` differs from step to step, so that no session is taken for another.
    pub fn new(number: u8, argument: u8, value: u64, now: i64) -> Self {
        let key = ["a", "b", "c", "d"][usize::from(argument % 4)];
        match number {
            0..=2 => Self::Nothing,
            3 => Self::Read,
            4..=6 => Self::Insert(key, value),
            7 => Self::Remove(key),
            8 => Self::Clear,
            9 => Self::Flush,
            10 => Self::Cycle,
            11 => Self::Assign,
            12 => Self::SignIn(["7", "8"][usize::from(argument % 2)]),
            13 => Self::Expire(Expiry::After(std::time::Duration::from_secs(
                argument.into(),
            ))),
            14 => Self::Expire(Expiry::At(instant(now + 100 * i64::from(argument) - 3_000))),
            _ => Self::Expire([Expiry::Default, Expiry::WithBrowser][usize::from(argument % 2)]),
        }
    }

    /// Edits the session and the model alike.
    pub fn run(self, loaded: &mut Loaded, draft: &mut Draft) {
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
                session.set_auth_user(user, "site", "hash").expect("text");
                let quoted = format!("\"{user}\"");
                match draft.content.get(LOGIN[0]) {
                    None => draft.cycle(),
                    Some(before) if before == quoted => {}
                    Some(_) => draft.flush(),
                }
                for (key, value) in LOGIN.into_iter().zip([&quoted, "\"site\"", "\"hash\""]) {
                    draft.set(key, value.into());
                }
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
