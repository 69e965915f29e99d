//! A store in memory whose calls fail as an input says.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard};

use hardtack::{
    Clear, Error, Found, Load, Save, Session, SessionKey, SessionStore, StoreError, Timestamp,
};

/// What goes wrong in a call of the store, or when a key is created.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    Nothing,
    /// The store fails, and has done nothing.
    Fails,
    /// The record cannot be read, or the session cannot be written.
    Refuses,
    /// Another request was faster: it has deleted the record, or has taken the new key.
    Races,
}

/// The error of the store, with the number of the call that failed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Down(pub usize);

impl fmt::Display for Down {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "call {} failed", self.0)
    }
}

impl std::error::Error for Down {}

/// The JSON text of each session, and its end.
pub type Records = BTreeMap<String, (String, Timestamp)>;

/// The records, and what has happened in this request.
#[derive(Default)]
pub struct Memory {
    pub records: Records,
    faults: [u8; 4],
    /// The calls in this request, and the attempts to create a key.
    pub calls: usize,
    /// The calls of `create` in this request.
    pub created: usize,
    /// Another request has deleted a record during this one.
    pub raced: bool,
    /// The keys that were created, in all requests.
    pub keys: u8,
}

impl Memory {
    /// Starts a request, in whose calls these faults happen: two bits for each call, from the start again after 16 calls.
    pub fn expect_faults(&mut self, faults: [u8; 4]) {
        self.faults = faults;
        (self.calls, self.created, self.raced) = (0, 0, false);
    }

    /// Returns what goes wrong in the next call.
    pub fn fault(&mut self) -> Fault {
        let at = self.calls;
        self.calls += 1;
        let bits = self.faults[at / 4 % 4] >> (2 * (at % 4)) & 3;
        [Fault::Nothing, Fault::Fails, Fault::Refuses, Fault::Races][usize::from(bits)]
    }

    /// Starts a call. Returns whether another request is faster.
    fn start(&mut self) -> Result<bool, StoreError<Down>> {
        match self.fault() {
            Fault::Nothing => Ok(false),
            Fault::Races => Ok(true),
            Fault::Refuses => Err(Error::NotFinite.into()),
            Fault::Fails => Err(StoreError::Store(Down(self.calls))),
        }
    }

    /// Starts a call that needs a record.
    fn take(&mut self, key: &SessionKey) -> Result<Option<(String, Timestamp)>, StoreError<Down>> {
        if self.start()? {
            self.raced |= self.records.remove(key.as_str()).is_some();
        }
        Ok(self.records.get(key.as_str()).cloned())
    }

    fn save(&mut self, save: Save<'_>) {
        let record = (save.session.to_json(), save.expires_at);
        self.records.insert(save.key.as_str().into(), record);
    }
}

/// A store that never waits.
#[derive(Default)]
pub struct Faulty(Mutex<Memory>);

impl Faulty {
    pub fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().expect("no panic before")
    }
}

impl SessionStore for Faulty {
    type Error = Down;

    async fn load(&self, load: Load<'_>) -> Result<Option<Found>, StoreError<Down>> {
        let record = self.memory().take(load.key)?;
        let found = record.filter(|(_, end)| *end > load.now);
        let found = found.map(|(json, end)| {
            Ok(Found {
                session: Session::from_json(&json)?,
                expires_at: Some(end),
            })
        });
        found.transpose()
    }

    async fn create(&self, save: Save<'_>) -> Result<bool, StoreError<Down>> {
        let mut memory = self.memory();
        memory.created += 1;
        let is_free = !memory.start()? && !memory.records.contains_key(save.key.as_str());
        if is_free {
            memory.save(save);
        }
        Ok(is_free)
    }

    async fn update(&self, save: Save<'_>) -> Result<bool, StoreError<Down>> {
        let mut memory = self.memory();
        let is_there = memory.take(save.key)?.is_some();
        if is_there {
            memory.save(save);
        }
        Ok(is_there)
    }

    async fn delete(&self, key: &SessionKey) -> Result<bool, StoreError<Down>> {
        let mut memory = self.memory();
        match memory.take(key) {
            // A record that cannot be read can be deleted.
            Ok(_) | Err(StoreError::Session(_)) => {}
            Err(error) => return Err(error),
        }
        Ok(memory.records.remove(key.as_str()).is_some())
    }

    async fn clear_expired(&self, clear: Clear) -> Result<u32, StoreError<Down>> {
        let mut memory = self.memory();
        let ended =
            |(key, (_, end)): (&String, &(_, Timestamp))| (*end < clear.now).then(|| key.clone());
        let ended: Vec<String> = memory.records.iter().filter_map(ended).collect();
        let mut cleared = 0;
        for key in ended.iter().take(clear.at_most as usize) {
            cleared += u32::from(memory.records.remove(key).is_some());
        }
        Ok(cleared)
    }
}
