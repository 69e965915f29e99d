//! Requests through a [`Store`].

use hardtack::{
    Action, Answer, Error, KeyMiddleware, Loaded, SessionKey, SessionStore, StoreError, Timestamp,
};

use super::store::{Down, Store};

/// No headers, for a response.
pub const NO_HEADERS: [(&str, &str); 0] = [];

/// The `n`-th key of the tests.
pub fn key(n: u8) -> SessionKey {
    SessionKey::from_random([n; 32])
}

/// A request whose session is loaded, but not saved yet.
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

/// The outcome.
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

/// Returns the `Set-Cookie` header of an answer.
pub fn set_cookie(answer: &Answer) -> Option<String> {
    let mut cookies = answer.headers.iter().filter(|it| it.name == "set-cookie");
    let cookie = cookies.next()?;
    assert!(cookies.next().is_none());
    Some(String::from_utf8(cookie.value.clone()).expect("ASCII"))
}

pub fn varies(answer: &Answer) -> bool {
    answer.headers.iter().any(|it| it.name == "vary")
}
