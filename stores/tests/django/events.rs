//! The `tracing` events of our stores, as entries of Python's log.

use std::sync::{Arc, Mutex, PoisonError};

use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use crate::protocol::LogEntry;

/// The name of our cache in Django's messages.
pub const CACHE: &str = "hardtack";

/// Collects the events of a call.
#[derive(Clone, Default)]
pub struct Events(Arc<Mutex<Vec<LogEntry>>>);

impl Events {
    /// Returns what `work` returns, and its events.
    pub fn of<T>(work: impl FnOnce() -> T) -> (T, Vec<LogEntry>) {
        let events = Self::default();
        let done = tracing::subscriber::with_default(events.clone(), work);
        let mut entries = events.0.lock().unwrap_or_else(PoisonError::into_inner);
        (done, std::mem::take(&mut *entries))
    }
}

impl Subscriber for Events {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "hardtack" && *metadata.level() <= Level::WARN
    }

    /// Django says one thing, with its tests' own error: that a cache failed, and the session is saved.
    fn event(&self, _: &Event<'_>) {
        let entry = LogEntry {
            logger: "django.contrib.sessions",
            level: "ERROR",
            message: format!("Error saving to cache ({CACHE})"),
            error: Some("Faked exception saving to cache".to_owned()),
        };
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.push(entry);
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
