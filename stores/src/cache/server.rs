//! The trait for servers of a cache. It is a bound of public methods, but other crates cannot name it, so they cannot
//! implement it.

use std::time::Duration;

use hardtack::{Save, Session, StoreError};

use crate::Error;

/// When a session is written.
#[derive(Clone, Copy)]
pub enum When {
    Always,
    Missing,
    There,
}

/// A server, its connection, and the form in which it keeps sessions. A session's JSON text has at most `max_json_length`
/// bytes.
pub trait Server: Send + Sync {
    /// The name in errors.
    const NAME: &'static str;

    fn get(
        &self,
        key: &str,
        max_json_length: usize,
    ) -> impl Future<Output = Result<Option<Session>, StoreError<Error>>> + Send;

    /// Writes a session. Returns whether it was written.
    fn put(
        &self,
        key: &str,
        save: Save<'_>,
        when: When,
        max_json_length: usize,
    ) -> impl Future<Output = Result<bool, StoreError<Error>>> + Send;

    /// Deletes a record. Returns whether there was one.
    fn delete(&self, key: &str) -> impl Future<Output = Result<bool, StoreError<Error>>> + Send;
}

/// Returns the time until a record ends, or 0 if it has already ended.
pub(crate) fn time_left(save: Save<'_>) -> Duration {
    let nanos = save.expires_at.as_unix_nanos() - save.now.as_unix_nanos();
    let millis = u64::try_from(nanos / 1_000_000).unwrap_or(0);
    Duration::from_millis(millis)
}
