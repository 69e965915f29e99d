//! A step does to a store what its outcome says, whatever fails: a session is saved under the key that the browser gets, an
//! ended one does not come back, and a session that must not be touched is as it was.
//!
//! An input is eight bytes for each request: the cookie, the handler, the status, the time, and four with the faults of the
//! store's calls.

#![no_main]

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use hardtack::limits::MAX_NEW_KEYS;
use hardtack::{
    Action, Clear, Error, Expiry, KeyMiddleware, Loaded, Outcome, Session, SessionKey,
    SessionSettings, SessionStore, Step, StoreError, Timestamp,
};
use hardtack_fuzz::NOW;
use hardtack_fuzz::faulty::{Down, Fault, Faulty, Records};
use libfuzzer_sys::{Corpus, fuzz_target};

const REQUEST: usize = 8;
/// The most requests of an input.
const MAX_REQUESTS: usize = 24;
const NO_HEADERS: [(&str, &str); 0] = [];

/// Returns what a future returns. None of the store's ever waits.
fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("the store never waits"),
    }
}

struct World {
    store: Arc<Faulty>,
    sessions: KeyMiddleware,
    now: i64,
    /// The keys that browsers have got.
    issued: Vec<SessionKey>,
}

/// What a handler does.
fn handle(how: u8, value: usize, now: i64, session: &mut Session) {
    let edits: &[u8] = match how % 12 {
        0 | 1 => b"i",
        2 => b"r",
        3 => b"c",
        4 => b"f",
        5 => b"fi",
        6 => b"y",
        7 => b"yi",
        8 => b"ai",
        9 => b"ie",
        10 => b"iy",
        _ => b"",
    };
    for edit in edits {
        match edit {
            b'i' => session.insert("a", value).expect("a number"),
            b'r' => assert!(!session.contains_key("b")),
            b'c' => session.clear(),
            b'f' => session.flush(),
            b'y' => session.cycle(),
            b'a' => *session = Session::new(),
            // It has ended already.
            _ => session
                .set_expiry(Expiry::At((now - 60).into()))
                .expect("a year"),
        }
    }
}

impl World {
    /// Loads the session of a request. Returns `None` if the store fails.
    fn load(&self, cookie: u8) -> Option<(Option<SessionKey>, Loaded)> {
        let issued = usize::from(cookie).checked_rem(self.issued.len());
        let header = match (cookie % 8, issued) {
            (0, _) | (_, None) => "theme=dark".to_owned(),
            (1, _) => "sessionid=0123456789abcdef0123456789abcdef".to_owned(),
            (_, Some(at)) => format!("sessionid={}", self.issued[at].as_str()),
        };
        let lookup = self.sessions.lookup([&header]);
        let key = lookup.key().cloned();
        let before = self.store.memory().records.clone();
        let found = match self.sessions.load(&lookup, self.now) {
            None => Ok(None),
            Some(load) => match ready(self.store.load(load)) {
                Ok(found) => Ok(found),
                Err(error) => {
                    let calls = self.store.memory().calls;
                    is_passed_on(error, calls);
                    match error {
                        StoreError::Session(error) => Err(error),
                        StoreError::Store(_) => return None,
                    }
                }
            },
        };
        let record = key.as_ref().and_then(|key| before.get(key.as_str()));
        match &found {
            Ok(Some(found)) => {
                let (json, end) = record.expect("it was found");
                assert_eq!(
                    (&found.session.to_json(), found.expires_at),
                    (json, Some(*end))
                );
            }
            Ok(None) => {
                let raced = self.store.memory().raced;
                assert!(raced || record.is_none_or(|(_, end)| *end <= self.now.into()));
            }
            Err(_) => {}
        }
        let refusal = match (&key, &found) {
            (None, _) | (_, Ok(Some(_))) => None,
            (Some(_), Ok(None)) => Some(Error::UnknownSessionKey),
            (Some(_), Err(error)) => Some(*error),
        };
        let empty = self.store.new_session();
        let loaded = self.sessions.loaded(lookup, found, empty, self.now);
        assert_eq!(loaded.clone().refusal(), refusal);
        Some((key, loaded))
    }

    fn request(&mut self, [cookie, how, status, time, faults @ ..]: [u8; REQUEST], value: usize) {
        self.now += i64::from(time) * i64::from(time);
        self.store.memory().expect_faults(faults);
        let Some((old, mut loaded)) = self.load(cookie) else {
            return;
        };
        handle(how, value, self.now, &mut loaded.session);
        let status = [200, 200, 200, 302, 404, 500, 500, 101][usize::from(status % 8)];
        let before = self.store.memory().records.clone();
        self.store.memory().raced = false;
        let Ok(step) = self.sessions.step(&loaded, status, NO_HEADERS, self.now) else {
            unreachable!("the time and the expiry are good")
        };
        let store = Arc::clone(&self.store);
        let result = ready(step.run(&store, || {
            let mut memory = store.memory();
            if memory.fault() == Fault::Fails {
                return None;
            }
            memory.keys = memory.keys.wrapping_add(1);
            Some(SessionKey::from_random([memory.keys; 32]))
        }));
        self.is_done(&step, old.as_ref(), &before, &result);
        if let Ok(outcome) = result {
            self.answer(step, outcome);
        }
    }

    /// Asserts that the records are those before the step, changed as its result says.
    fn is_done(
        &self,
        step: &Step,
        old: Option<&SessionKey>,
        before: &Records,
        result: &Result<Outcome, Down>,
    ) {
        let memory = self.store.memory();
        assert!(memory.created <= MAX_NEW_KEYS);
        let replaces = matches!(step.action(), Action::Replace(_));
        let ends = replaces && !step.keeps_values();
        let mut expected = before.clone();
        if let Action::Update(key) | Action::Replace(key) | Action::Delete(key) = step.action() {
            assert_eq!(Some(key), old);
            let is_gone = match result {
                Ok(Outcome::Saved(_)) => replaces,
                Ok(Outcome::Done | Outcome::Gone) => true,
                Ok(Outcome::NoKey | Outcome::Failed(_)) => ends,
                // Any of its calls may have failed.
                Err(_) => !memory.records.contains_key(key.as_str()),
            };
            if is_gone || memory.raced {
                expected.remove(key.as_str());
            }
        }
        match result {
            Ok(Outcome::Saved(key)) => {
                let save = step.save(key);
                let record = (save.session.to_json(), save.expires_at);
                assert!(save.expires_at > save.now);
                expected.insert(key.as_str().into(), record);
                match step.action() {
                    Action::Update(old) => assert!(key == old && !memory.raced),
                    Action::Create => assert!(!before.contains_key(key.as_str())),
                    Action::Replace(old) => assert!(
                        key != old
                            && !before.contains_key(key.as_str())
                            && (ends || before.contains_key(old.as_str()) && !memory.raced)
                    ),
                    Action::Nothing | Action::Delete(_) => unreachable!("nothing is saved"),
                }
            }
            Ok(Outcome::Gone) => {
                let had_record = old.is_some_and(|old| before.contains_key(old.as_str()));
                assert!(memory.raced || !had_record, "it was there");
                assert!(!ends);
            }
            Ok(Outcome::NoKey) => assert!(memory.created <= MAX_NEW_KEYS),
            Ok(Outcome::Failed(error)) => assert_eq!(*error, Error::NotFinite),
            Ok(Outcome::Done) => assert_eq!(memory.created, 0),
            Err(Down(call)) => {
                assert_eq!(*call, memory.calls, "nothing is called after a failure");
                // A new record may stay, under a key that no browser gets.
                let new = memory
                    .records
                    .iter()
                    .find(|(key, _)| !before.contains_key(*key));
                if let Some((key, record)) = new {
                    assert!(replaces);
                    expected.insert(key.clone(), record.clone());
                }
            }
        }
        assert_eq!(memory.records, expected, "{:?} {result:?}", step.action());
    }

    /// The browser gets the key of a record, or the error that belongs to the outcome.
    fn answer(&mut self, step: Step, outcome: Outcome) {
        let error = match outcome {
            Outcome::Gone => Some(Error::SessionGone),
            Outcome::NoKey => Some(Error::NoSessionKey),
            Outcome::Failed(error) => Some(error),
            Outcome::Done | Outcome::Saved(_) => None,
        };
        let answer = match self.sessions.answer(step, outcome.clone(), NO_HEADERS) {
            Ok(answer) => answer,
            Err(told) => {
                assert_eq!(Some(told), error);
                return;
            }
        };
        assert_eq!(answer.unsent, error);
        let cookie = answer
            .headers
            .iter()
            .find(|header| header.name == "set-cookie");
        let Outcome::Saved(key) = outcome else {
            let deletes = |value: &[u8]| value.starts_with(b"sessionid=;");
            assert!(cookie.is_none_or(|header| error.is_none() && deletes(&header.value)));
            return;
        };
        let start = format!("sessionid={};", key.as_str());
        assert!(cookie.is_some_and(|header| header.value.starts_with(start.as_bytes())));
        if !self.issued.contains(&key) {
            self.issued.push(key);
        }
    }

    /// Ended records are deleted, at most as many as are asked for.
    fn clear(&self, at_most: u8) {
        let before = self.store.memory().records.len();
        let ended = |(_, end): &&(String, Timestamp)| *end < self.now.into();
        let count = || self.store.memory().records.values().filter(ended).count();
        let expected = count().min(at_most.into());
        let rest = count() - expected;
        let cleared = ready(self.store.clear_expired(Clear {
            now: self.now.into(),
            default_age: Duration::from_secs(60),
            at_most: at_most.into(),
        }));
        assert_eq!(cleared.map(|number| number as usize), Ok(expected));
        assert_eq!(count(), rest);
        assert_eq!(self.store.memory().records.len(), before - expected);
    }
}

/// The error of a store has the text of the error in it, also when it is converted.
fn is_passed_on(error: StoreError<Down>, calls: usize) {
    let text = error.to_string();
    let converted = error.map(|Down(call)| call);
    match error {
        StoreError::Session(error) => {
            assert_eq!(text, error.to_string());
            assert_eq!(converted, StoreError::Session(error));
        }
        StoreError::Store(down) => {
            assert_eq!(text, down.to_string());
            assert_eq!(converted, StoreError::Store(calls));
        }
    }
}

fuzz_target!(|bytes: &[u8]| -> Corpus {
    // The requests of a longer one would be ignored.
    if bytes.len() > MAX_REQUESTS * REQUEST {
        return Corpus::Reject;
    }
    let hour = Duration::from_secs(3600);
    let settings = SessionSettings::default().with_age(hour);
    let mut world = World {
        store: Arc::default(),
        sessions: KeyMiddleware::new(settings.with_renewal_after(hour / 4)),
        now: NOW,
        issued: Vec::new(),
    };
    for (at, request) in bytes.as_chunks::<REQUEST>().0.iter().enumerate() {
        world.request(*request, at);
        if request[2] > 200 {
            world.clear(request[2] - 201);
        }
    }
    Corpus::Keep
});
