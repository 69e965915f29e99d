//! Helpers for the tests of tables.
#![allow(dead_code, reason = "each test uses some")]

use std::error::Error as _;
use std::time::Duration;

use hardtack::{
    Clear, Found, Load, Save, Session, SessionKey, SessionStore, StoreError, Timestamp,
};
use hardtack_stores::ErrorKind;

pub const NOW: i64 = 1_790_000_000; // 2026-09-21 14:13:20 UTC
pub const KEY: &str = "t0ks4w4m1suf92wnuwmxg8rao08nrxsq";

pub fn key() -> SessionKey {
    SessionKey::parse(KEY).unwrap()
}

pub fn nth_key(n: u32) -> SessionKey {
    SessionKey::parse(&format!("{n:032}")).unwrap()
}

pub fn session(value: &str) -> Session {
    let mut session = Session::new();
    session.insert("user", value).unwrap();
    session
}

pub fn micros(offset: i64) -> Timestamp {
    Timestamp::from_unix_micros(NOW * 1_000_000 + offset)
}

pub fn save<'a>(key: &'a SessionKey, session: &'a Session, expires_at: Timestamp) -> Save<'a> {
    Save {
        key,
        session,
        now: NOW.into(),
        expires_at,
    }
}

pub fn load_of(key: &SessionKey, now: impl Into<Timestamp>) -> Load<'_> {
    Load {
        key,
        now: now.into(),
        default_age: Duration::from_secs(60),
    }
}

/// Loads the session of [`KEY`].
pub async fn load<S: SessionStore>(
    store: &S,
    now: impl Into<Timestamp>,
) -> Result<Option<Found>, StoreError<S::Error>> {
    store.load(load_of(&key(), now)).await
}

/// Creates a session under [`KEY`].
pub async fn create<S: SessionStore>(
    store: &S,
    user: &str,
    end: impl Into<Timestamp>,
) -> Result<bool, StoreError<S::Error>> {
    store.create(save(&key(), &session(user), end.into())).await
}

/// Updates the session of [`KEY`].
pub async fn update<S: SessionStore>(
    store: &S,
    user: &str,
    end: impl Into<Timestamp>,
) -> Result<bool, StoreError<S::Error>> {
    store.update(save(&key(), &session(user), end.into())).await
}

pub fn clear(now: i64, at_most: u32) -> Clear {
    Clear {
        now: now.into(),
        default_age: Duration::from_secs(60),
        at_most,
    }
}

/// Returns the error's kind. Asserts that its texts do not contain the key or the session.
#[track_caller]
pub fn kind<T: std::fmt::Debug>(
    result: Result<T, StoreError<hardtack_stores::Error>>,
) -> ErrorKind {
    let error = match result.unwrap_err() {
        StoreError::Store(error) => error,
        StoreError::Session(error) => panic!("{error}"),
    };
    let mut texts = vec![format!("{error} {error:?}")];
    let mut source = error.source();
    while let Some(error) = source {
        texts.push(format!("{error} {error:?}"));
        source = error.source();
    }
    let texts = texts.join("\n");
    for secret in [KEY, "Zoë", "Zo\\", "eyJ1"] {
        assert!(!texts.contains(secret), "{texts}");
    }
    assert!(texts.starts_with(error.store()), "{texts}");
    error.kind()
}

#[track_caller]
pub fn failed<T: std::fmt::Debug>(
    result: Result<T, StoreError<hardtack_stores::Error>>,
) -> (ErrorKind, Option<String>) {
    match result.unwrap_err() {
        StoreError::Store(error) => (error.kind(), error.code().map(Into::into)),
        StoreError::Session(error) => panic!("{error}"),
    }
}

pub fn with_code(kind: ErrorKind, code: &str) -> (ErrorKind, Option<String>) {
    (kind, Some(code.into()))
}

/// Defines a test for each server from each function.
#[macro_export]
macro_rules! on_each_server {
    ($($name:ident)*) => {
        mod sqlite { $(#[tokio::test] async fn $name() { super::$name::<sqlx::Sqlite>(stringify!($name)).await; })* }
        mod postgres { $(#[tokio::test] #[ignore = "needs servers"] async fn $name() { super::$name::<sqlx::Postgres>(stringify!($name)).await; })* }
        mod mysql { $(#[tokio::test] #[ignore = "needs servers"] async fn $name() { super::$name::<sqlx::MySql>(stringify!($name)).await; })* }
    };
}
