//! Sessions in this process's memory, for tests and first steps.

use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use hardtack::{
    Clear, Found, Load, Save, Session, SessionKey, SessionStore, StoreError, Timestamp,
};

/// Keeps sessions in this process's memory: for tests, and for a service that has no Django site yet. They are lost
/// when the process ends, and no other process sees them.
///
/// As with a database, [`load`](SessionStore::load) does not return an expired session, and only
/// [`clear_expired`](SessionStore::clear_expired) removes it from memory.
///
/// ```
/// use hardtack::{Load, Save, Session, SessionKey, SessionStore};
/// use hardtack_stores::Memory;
/// # use std::time::Duration;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = Memory::new();
/// let key = &SessionKey::from_random([7; 32]);
/// let now = 1_790_000_000.into();
/// let mut session = Session::new();
/// session.insert("cart", [4711])?;
/// let save = Save { key, session: &session, now, expires_at: 1_790_001_000.into() };
/// assert!(store.create(save).await?);
///
/// let load = Load { key, now, default_age: Duration::from_secs(1000) };
/// assert_eq!(store.load(load).await?.map(|found| found.session), Some(session));
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
pub struct Memory(Mutex<HashMap<SessionKey, Record>>);

struct Record {
    json: String,
    expires_at: Timestamp,
}

impl Record {
    fn new(save: Save<'_>) -> Self {
        Self {
            json: save.session.to_json(),
            expires_at: save.expires_at,
        }
    }
}

impl Memory {
    /// Creates an empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn records(&self) -> MutexGuard<'_, HashMap<SessionKey, Record>> {
        // Each change is a single call, so a panic cannot leave half a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Shows nothing of the sessions.
impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").finish_non_exhaustive()
    }
}

impl SessionStore for Memory {
    type Error = Infallible;

    async fn load(&self, load: Load<'_>) -> Result<Option<Found>, StoreError<Infallible>> {
        let records = self.records();
        let record = records.get(load.key);
        let Some(record) = record.filter(|record| record.expires_at > load.now) else {
            return Ok(None);
        };
        Ok(Some(Found {
            session: Session::from_json(&record.json)?,
            expires_at: Some(record.expires_at),
        }))
    }

    async fn create(&self, save: Save<'_>) -> Result<bool, StoreError<Infallible>> {
        let mut records = self.records();
        let is_free = !records.contains_key(save.key);
        if is_free {
            records.insert(save.key.clone(), Record::new(save));
        }
        Ok(is_free)
    }

    async fn update(&self, save: Save<'_>) -> Result<bool, StoreError<Infallible>> {
        let mut records = self.records();
        let record = records.get_mut(save.key);
        Ok(record.map(|record| *record = Record::new(save)).is_some())
    }

    async fn delete(&self, key: &SessionKey) -> Result<bool, StoreError<Infallible>> {
        Ok(self.records().remove(key).is_some())
    }

    async fn clear_expired(&self, clear: Clear) -> Result<u32, StoreError<Infallible>> {
        let mut records = self.records();
        let mut cleared = 0;
        records.retain(|_, record| {
            let is_cleared = record.expires_at < clear.now && cleared < clear.at_most;
            cleared += u32::from(is_cleared);
            !is_cleared
        });
        Ok(cleared)
    }
}
