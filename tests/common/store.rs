//! A store in memory that counts its calls, and can fail.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use hardtack::{
    Clear, Error, Found, Load, Save, Session, SessionKey, SessionStore, StoreError, Timestamp,
};

/// What the store is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    Load,
    Create,
    Update,
    Delete,
}

/// A record: the session's JSON text, or an error for a record that cannot be read, and its date.
type Record = (Result<String, Error>, Timestamp);

/// Longest JSON text that the store takes, in bytes.
pub const LIMIT: usize = 10_000;

#[derive(Clone, Default)]
pub struct Store(Arc<Shared>);

#[derive(Default)]
struct Shared {
    records: Mutex<BTreeMap<String, Record>>,
    calls: Mutex<Vec<Call>>,
    failing: Mutex<Option<Call>>,
    /// How often each call waits before it is ready.
    waits: AtomicUsize,
}

/// The store's own error.
#[derive(Debug)]
pub struct Down;

impl fmt::Display for Down {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the store is down for maintenance")
    }
}

impl std::error::Error for Down {}

impl Store {
    /// All calls from now on of this kind fail.
    pub fn fail(&self, call: impl Into<Option<Call>>) {
        *lock(&self.0.failing) = call.into();
    }

    /// Each call waits this often before it is ready.
    pub fn wait(&self, times: usize) {
        self.0.waits.store(times, Ordering::SeqCst);
    }

    /// Returns the calls since the last time.
    pub fn calls(&self) -> Vec<Call> {
        std::mem::take(&mut lock(&self.0.calls))
    }

    pub fn put(&self, key: &str, json: &str, expires_at: i64) {
        self.put_record(key, Ok(json.into()), expires_at);
    }

    pub fn put_unreadable(&self, key: &str, error: Error, expires_at: i64) {
        self.put_record(key, Err(error), expires_at);
    }

    fn put_record(&self, key: &str, record: Result<String, Error>, expires_at: i64) {
        lock(&self.0.records).insert(key.into(), (record, expires_at.into()));
    }

    pub fn remove(&self, key: &str) -> bool {
        lock(&self.0.records).remove(key).is_some()
    }

    /// Returns the JSON text of a record that can be read.
    pub fn json(&self, key: &str) -> Option<String> {
        let records = lock(&self.0.records);
        records.get(key).and_then(|(record, _)| record.clone().ok())
    }

    pub fn keys(&self) -> Vec<String> {
        lock(&self.0.records).keys().cloned().collect()
    }

    async fn begin(&self, call: Call) -> Result<(), StoreError<Down>> {
        lock(&self.0.calls).push(call);
        for _ in 0..self.0.waits.load(Ordering::SeqCst) {
            pending_once().await;
        }
        if *lock(&self.0.failing) == Some(call) {
            return Err(StoreError::Store(Down));
        }
        Ok(())
    }

    fn save(&self, save: Save<'_>, must_exist: bool) -> Result<bool, StoreError<Down>> {
        let json = save.session.to_json();
        if json.len() > LIMIT {
            return Err(Error::JsonTooLong { limit: LIMIT }.into());
        }
        let mut records = lock(&self.0.records);
        let exists = records.contains_key(save.key.as_str());
        if exists == must_exist {
            records.insert(save.key.as_str().into(), (Ok(json), save.expires_at));
        }
        Ok(exists == must_exist)
    }
}

impl SessionStore for Store {
    type Error = Down;

    async fn load(&self, load: Load<'_>) -> Result<Option<Found>, StoreError<Down>> {
        self.begin(Call::Load).await?;
        let Some((record, expires_at)) = lock(&self.0.records).get(load.key.as_str()).cloned()
        else {
            return Ok(None);
        };
        if expires_at <= load.now {
            return Ok(None);
        }
        Ok(Some(Found {
            session: Session::from_json(&record?)?,
            expires_at: Some(expires_at),
        }))
    }

    async fn create(&self, save: Save<'_>) -> Result<bool, StoreError<Down>> {
        self.begin(Call::Create).await?;
        self.save(save, false)
    }

    async fn update(&self, save: Save<'_>) -> Result<bool, StoreError<Down>> {
        self.begin(Call::Update).await?;
        self.save(save, true)
    }

    async fn delete(&self, key: &SessionKey) -> Result<bool, StoreError<Down>> {
        self.begin(Call::Delete).await?;
        Ok(self.remove(key.as_str()))
    }

    async fn clear_expired(&self, _: Clear) -> Result<u32, StoreError<Down>> {
        Ok(0)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no test panics with this lock")
}

/// A future that is pending once.
async fn pending_once() {
    let mut is_ready = false;
    std::future::poll_fn(|context| {
        if is_ready {
            return std::task::Poll::Ready(());
        }
        is_ready = true;
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}
