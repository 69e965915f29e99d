//! A store in memory that counts its calls, and fails on demand.
#![allow(dead_code, reason = "each test uses some")]

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};

use hardtack::{
    Clear, Error, Found, Load, Save, Session, SessionKey, SessionStore, StoreError, Timestamp,
};

#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    Session(String, Timestamp),
    Unreadable(Error),
}

/// The store's own error.
#[derive(Debug, PartialEq)]
pub struct Down;

impl fmt::Display for Down {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the store is down for maintenance")
    }
}

impl std::error::Error for Down {}

/// Clones share the records.
#[derive(Clone, Default)]
pub struct Store(Arc<Mutex<State>>);

#[derive(Default)]
pub struct State {
    pub records: BTreeMap<String, Record>,
    pub calls: Vec<&'static str>,
    /// The call that fails, counted from 0.
    pub fails_at: Option<usize>,
    /// All calls of this name fail.
    pub failing: Option<&'static str>,
    /// How often each call is pending before it is ready.
    pub waits: usize,
    /// The number of new keys that are taken.
    pub taken: usize,
    /// Why no session can be written.
    pub refuses: Option<Error>,
    /// Whether `load` says when a record ends.
    pub hides_dates: bool,
    /// Creates the session of a visitor who has none, if it is not an empty one.
    pub new_session: Option<fn() -> Session>,
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

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no test panics with the lock")
    }

    pub fn remove(&self, key: &str) -> bool {
        self.state().records.remove(key).is_some()
    }

    /// Returns the JSON text of a record that can be read.
    pub fn json(&self, key: &str) -> Option<String> {
        match self.state().records.get(key)? {
            Record::Session(json, _) => Some(json.clone()),
            Record::Unreadable(_) => None,
        }
    }

    pub fn keys(&self) -> Vec<String> {
        self.state().records.keys().cloned().collect()
    }

    /// Returns the calls since this was last called.
    pub fn calls(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.state().calls)
    }

    async fn called(&self, name: &'static str) -> Result<MutexGuard<'_, State>, StoreError<Down>> {
        self.state().calls.push(name);
        let waits = self.state().waits;
        for _ in 0..waits {
            tokio::task::yield_now().await;
        }
        let state = self.state();
        if state.failing == Some(name) || state.fails_at == Some(state.calls.len() - 1) {
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

    fn new_session(&self) -> Session {
        self.state()
            .new_session
            .map_or_else(Session::new, |new| new())
    }

    async fn load(&self, load: Load<'_>) -> Result<Option<Found>, StoreError<Down>> {
        let state = self.called("load").await?;
        match state.records.get(load.key.as_str()) {
            Some(Record::Session(json, end)) if *end > load.now => {
                let mut session = Session::from_json(json)?;
                session.cycle(); // the store's own changes do not matter
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
        let mut state = self.called("create").await?;
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
        let mut state = self.called("update").await?;
        if let Some(error) = state.refuses {
            return Err(StoreError::Session(error));
        }
        let known = state.records.get_mut(save.key.as_str());
        Ok(known.map(|known| *known = record(save)).is_some())
    }

    async fn delete(&self, key: &SessionKey) -> Result<bool, StoreError<Down>> {
        let mut state = self.called("delete").await?;
        Ok(state.records.remove(key.as_str()).is_some())
    }

    async fn clear_expired(&self, _: Clear) -> Result<u32, StoreError<Down>> {
        Ok(0)
    }
}
