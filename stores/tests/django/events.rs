//! The `tracing` events of our stores, as entries of Python's log.

use crate::common::events::Events;
use crate::protocol::LogEntry;

/// The name for our cache in Django's messages.
pub const CACHE: &str = "hardtack";

/// Calls `work`, and returns its result and its events. Django logs only one event here, with the error of its tests:
/// that a cache failed while a session was saved.
pub fn logged<T>(work: impl FnOnce() -> T) -> (T, Vec<LogEntry>) {
    let events = Events::default();
    let done = tracing::subscriber::with_default(events.clone(), work);
    let entries = events.take().into_iter().map(|_| LogEntry {
        logger: "django.contrib.sessions",
        level: "ERROR",
        message: format!("Error saving to cache ({CACHE})"),
        error: Some("Faked exception saving to cache".to_owned()),
    });
    (done, entries.collect())
}
