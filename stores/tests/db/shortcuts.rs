//! One session, saved and loaded.

use std::time::Duration;

use hardtack::{Load, Save, Session, SessionKey, SessionStore, StoreError};
use hardtack_stores::ErrorKind;

pub const NOW: i64 = 1_790_000_000; // 2026-09-21 14:13:20 UTC
pub const KEY: &str = "t0ks4w4m1suf92wnuwmxg8rao08nrxsq";

pub fn key() -> SessionKey {
    SessionKey::parse(KEY).unwrap()
}

pub fn session() -> Session {
    let mut session = Session::new();
    session.insert("user", "Zoë").unwrap();
    session
}

pub async fn load<S: SessionStore>(
    store: &S,
) -> Result<Option<hardtack::Found>, StoreError<S::Error>> {
    let key = key();
    store
        .load(Load {
            key: &key,
            now: NOW.into(),
            default_age: Duration::from_secs(60),
        })
        .await
}

pub async fn create<S: SessionStore>(store: &S) -> Result<bool, StoreError<S::Error>> {
    let (key, session) = (key(), session());
    let save = Save {
        key: &key,
        session: &session,
        now: NOW.into(),
        expires_at: (NOW + 60).into(),
    };
    store.create(save).await
}

pub async fn update<S: SessionStore>(store: &S) -> Result<bool, StoreError<S::Error>> {
    let (key, session) = (key(), session());
    let save = Save {
        key: &key,
        session: &session,
        now: NOW.into(),
        expires_at: (NOW + 60).into(),
    };
    store.update(save).await
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
