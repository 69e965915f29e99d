//! A store in memory that counts its calls and fails when it is told to, and requests through it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Mutex;

use hardtack::{
    Action, Answer, Clear, Error, Found, KeyMiddleware, Load, Loaded, Save, Session, SessionKey,
    SessionStore, StoreError, Timestamp,
};

/// The headers of a response that has none.
pub const NO_HEADERS: [(&str, &str); 0] = [];

#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    Session(String, Timestamp),
    Unreadable(Error),
}

#[derive(Debug, PartialEq)]
pub struct Down;

impl fmt::Display for Down {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the server is down")
    }
}

impl std::error::Error for Down {}

#[derive(Default)]
pub struct Store {
    pub state: Mutex<State>,
}

#[derive(Default)]
pub struct State {
    pub records: BTreeMap<String, Record>,
    pub calls: Vec<&'static str>,
    /// The call that fails, counted from 0.
    pub fails_at: Option<usize>,
    /// How many new keys are taken.
    pub taken: usize,
    /// Why no session can be written.
    pub refuses: Option<Error>,
    /// Whether `load` says when a record ends.
    pub hides_dates: bool,
}

impl Store {
    pub fn with(key: &SessionKey, record: Record) -> Self {
        let store = Self::default();
        store.set(key, Some(record));
        store
    }

    pub fn set(&self, key: &SessionKey, record: Option<Record>) {
        let records = &mut self.state().records;
        records.remove(key.as_str());
        records.extend(record.map(|record| (key.as_str().to_owned(), record)));
    }

    pub fn get(&self, key: &SessionKey) -> Option<Record> {
        self.state().records.get(key.as_str()).cloned()
    }

    pub fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("no test panics with the lock")
    }

    fn called(
        &self,
        name: &'static str,
    ) -> Result<std::sync::MutexGuard<'_, State>, StoreError<Down>> {
        let mut state = self.state();
        state.calls.push(name);
        if state.fails_at == Some(state.calls.len() - 1) {
            return Err(StoreError::Store(Down));
        }
        Ok(state)
    }
}

fn record(save: Save<'_>) -> Record {
    assert!(save.now < save.expires_at);
    Record::Session(save.session.to_json(), save.expires_at)
}

impl SessionStore for Store {
    type Error = Down;

    async fn load(&self, load: Load<'_>) -> Result<Option<Found>, StoreError<Down>> {
        let state = self.called("load")?;
        match state.records.get(load.key.as_str()) {
            Some(Record::Session(json, end)) if *end > load.now => {
                let mut session = Session::from_json(json)?;
                session.cycle(); // what the store did to it does not matter
                let expires_at = (!state.hides_dates).then_some(*end);
                Ok(Some(Found {
                    session,
                    expires_at,
                }))
            }
            Some(Record::Unreadable(error)) => Err(StoreError::Session(*error)),
            _ => Ok(None),
        }
    }

    async fn create(&self, save: Save<'_>) -> Result<bool, StoreError<Down>> {
        let mut state = self.called("create")?;
        if let Some(error) = state.refuses {
            return Err(StoreError::Session(error));
        }
        if state.taken > 0 {
            state.taken -= 1;
            return Ok(false);
        }
        let key = save.key.as_str().to_owned();
        assert!(!state.records.contains_key(&key));
        state.records.insert(key, record(save));
        Ok(true)
    }

    async fn update(&self, save: Save<'_>) -> Result<bool, StoreError<Down>> {
        let mut state = self.called("update")?;
        if let Some(error) = state.refuses {
            return Err(StoreError::Session(error));
        }
        let known = state.records.get_mut(save.key.as_str());
        Ok(known.map(|known| *known = record(save)).is_some())
    }

    async fn delete(&self, key: &SessionKey) -> Result<bool, StoreError<Down>> {
        let mut state = self.called("delete")?;
        Ok(state.records.remove(key.as_str()).is_some())
    }

    async fn clear_expired(&self, _: Clear) -> Result<u32, StoreError<Down>> {
        Ok(0)
    }
}

/// The `n`-th key of the tests.
pub fn key(n: u8) -> SessionKey {
    SessionKey::from_random([n; 32])
}

/// A request, between its two steps.
pub struct Request<'a> {
    pub sessions: &'a KeyMiddleware,
    pub store: &'a Store,
    pub status: u16,
    pub headers: Vec<(&'static str, &'static str)>,
    pub now: Timestamp,
    /// The next new key.
    pub next_key: u8,
    pub has_keys: bool,
}

/// What became of it.
#[derive(Debug)]
pub struct Response {
    pub action: Action,
    pub answer: Result<Answer, Error>,
}

impl<'a> Request<'a> {
    pub fn new(sessions: &'a KeyMiddleware, store: &'a Store, now: i64) -> Self {
        Self {
            sessions,
            store,
            status: 200,
            headers: Vec::new(),
            now: now.into(),
            next_key: 100,
            has_keys: true,
        }
    }

    pub fn load(&self, cookies: &str) -> Result<Loaded, Down> {
        let lookup = self.sessions.lookup([cookies]);
        let found = match self.sessions.load(&lookup, self.now) {
            Some(load) => wait(self.store.load(load)),
            None => Ok(None),
        };
        let found = match found {
            Ok(found) => Ok(found),
            Err(StoreError::Session(error)) => Err(error),
            Err(StoreError::Store(down)) => return Err(down),
        };
        let empty = self.store.new_session();
        Ok(self.sessions.loaded(lookup, found, empty, self.now))
    }

    pub fn finish(&mut self, loaded: &Loaded) -> Result<Response, Down> {
        let headers = self.headers.iter().map(|(name, value)| (*name, *value));
        let headers: Vec<(&str, &str)> = headers.collect();
        let headers = || headers.iter().map(|(name, value)| (*name, *value));
        let step = self.sessions.step(loaded, self.status, headers(), self.now);
        let step = match step {
            Ok(step) => step,
            Err(error) => {
                return Ok(Response {
                    action: Action::Nothing,
                    answer: Err(error),
                });
            }
        };
        let action = step.action().clone();
        let outcome = wait(step.run(self.store, || {
            self.next_key += 1;
            self.has_keys.then(|| key(self.next_key))
        }))?;
        let answer = self.sessions.answer(step, outcome, headers());
        Ok(Response { action, answer })
    }

    pub fn send(
        &mut self,
        cookies: &str,
        handler: impl FnOnce(&mut Loaded),
    ) -> Result<Response, Down> {
        let mut loaded = self.load(cookies)?;
        handler(&mut loaded);
        self.finish(&loaded)
    }
}

pub fn wait<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("a runtime").block_on(future)
}

/// The `Set-Cookie` of an answer.
pub fn set_cookie(answer: &Answer) -> Option<String> {
    let mut cookies = answer.headers.iter().filter(|it| it.name == "set-cookie");
    let cookie = cookies.next()?;
    assert!(cookies.next().is_none());
    Some(String::from_utf8(cookie.value.clone()).expect("ASCII"))
}

pub fn varies(answer: &Answer) -> bool {
    answer.headers.iter().any(|it| it.name == "vary")
}
