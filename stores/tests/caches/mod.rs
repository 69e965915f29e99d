//! Django as the other user of a cache, and checks for stores.
#![allow(dead_code, reason = "each test uses some")]

use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;

use hardtack::{Found, Load, Save, Session, SessionKey, SessionStore, StoreError, Timestamp};
use serde_json::{Value, json};

use crate::common::SECRET_KEY;
use crate::common::script::Script;

/// Python's text of a session with a value of each type, and hardtack's text of it.
pub const PYTHON: &str = "{'user': 'Zoë', 'cart': [4711, 815], 'f': 0.5, 't': True, 'n': None, \
    'big': 1180591620717411303424, 'astral': '😀', 'lone': '\\ud800', 'd': {'': -0.0, 'inf': -inf}}";
pub const JSON: &str = r#"{"user":"Zo\u00eb","cart":[4711,815],"f":0.5,"t":true,"n":null,"big":1180591620717411303424,"astral":"\ud83d\ude00","lone":"\ud800","d":{"":-0.0,"inf":-Infinity}}"#;

pub struct Django(Script);

impl Django {
    /// `cache` is `CACHES["default"]`.
    pub fn start(engine: &str, cache: &Value, database: Option<&Path>) -> Self {
        let mut settings = json!({
            "SECRET_KEY": SECRET_KEY,
            "SESSION_ENGINE": format!("django.contrib.sessions.backends.{engine}"),
            "CACHES": {"default": cache},
            "INSTALLED_APPS": ["django.contrib.sessions"],
            "USE_TZ": true,
        });
        if let Some(database) = database {
            settings["DATABASES"] = json!({
                "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": database},
            });
        }
        Self(Script::start("tests/caches/oracle.py", &settings))
    }

    pub fn create(&mut self, session: &str) -> SessionKey {
        let key = self.0.ask(&json!({"op": "create", "session": session}));
        SessionKey::parse(key.as_str().expect("a key")).expect("Django's key")
    }

    /// Returns Python's text of the session that Django finds.
    pub fn load(&mut self, key: &SessionKey) -> Option<String> {
        let found = self.0.ask(&json!({"op": "load", "key": key.as_str()}));
        found.as_str().map(str::to_owned)
    }

    pub fn update(&mut self, key: &SessionKey, session: &str) -> bool {
        self.0
            .ask(&json!({"op": "update", "key": key.as_str(), "session": session}))
            == true
    }

    pub fn delete(&mut self, key: &SessionKey) {
        self.0.ask(&json!({"op": "delete", "key": key.as_str()}));
    }

    /// Sets a value of the cache, under Django's key.
    pub fn cache(&mut self, key: &str, value: &str) {
        self.0
            .ask(&json!({"op": "cache", "key": key, "value": value}));
    }
}

pub fn new_key() -> SessionKey {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the system has random bytes");
    SessionKey::from_random(bytes)
}

pub fn session(json: &str) -> Session {
    Session::from_json(json).expect("JSON")
}

pub fn save<'a>(key: &'a SessionKey, session: &'a Session, seconds: f64) -> Save<'a> {
    let now = Timestamp::now();
    let age = i128::try_from(Duration::from_secs_f64(seconds).as_nanos()).expect("it is short");
    Save {
        key,
        session,
        now,
        expires_at: Timestamp::from_unix_nanos(now.as_unix_nanos() + age),
    }
}

pub async fn load<S: SessionStore>(
    store: &S,
    key: &SessionKey,
) -> Result<Option<Found>, StoreError<S::Error>> {
    let load = Load {
        key,
        now: Timestamp::now(),
        default_age: Duration::from_secs(60),
    };
    store.load(load).await
}

/// Returns the JSON text of the session that the store finds.
pub async fn json_of<S: SessionStore>(store: &S, key: &SessionKey) -> Option<String> {
    let found = load(store, key).await.expect("the store works");
    found.map(|found| found.session.to_json())
}

/// Checks the contract of the trait.
pub async fn contract<S: SessionStore>(store: &S) {
    let (key, other) = (new_key(), new_key());
    let [one, two, empty] = [r#"{"n":1}"#, r#"{"n":2}"#, "{}"].map(session);
    let update = async |session| {
        store
            .update(save(&key, session, 60.0))
            .await
            .expect("it works")
    };
    let create = async |session| {
        store
            .create(save(&key, session, 60.0))
            .await
            .expect("it works")
    };

    assert_eq!(json_of(store, &key).await, None);
    assert!(!update(&one).await);
    assert_eq!(json_of(store, &key).await, None);
    assert!(create(&one).await);
    assert_eq!(json_of(store, &key).await.as_deref(), Some(r#"{"n":1}"#));
    // Taken.
    assert!(!create(&two).await);
    assert_eq!(json_of(store, &key).await.as_deref(), Some(r#"{"n":1}"#));
    assert!(update(&two).await);
    // An update with the same text is not taken for a deleted record.
    assert!(update(&two).await);
    assert_eq!(json_of(store, &key).await.as_deref(), Some(r#"{"n":2}"#));
    assert!(update(&empty).await);
    assert_eq!(json_of(store, &key).await.as_deref(), Some("{}"));
    assert_eq!(json_of(store, &other).await, None);

    assert!(store.delete(&key).await.expect("it works"));
    assert!(!store.delete(&key).await.expect("it works"));
    assert_eq!(json_of(store, &key).await, None);
    assert!(!update(&one).await);
    assert_eq!(json_of(store, &key).await, None);
}

/// Django writes and the store reads, then vice versa, then each deletes.
pub async fn both_ways<S: SessionStore>(store: &S, django: &mut Django) {
    let key = django.create(PYTHON);
    assert_eq!(json_of(store, &key).await.as_deref(), Some(JSON));
    let mut found = load(store, &key)
        .await
        .expect("it works")
        .expect("it is there")
        .session;
    found.remove("big");
    found.insert("rust", 2).expect("a number");
    assert!(
        store
            .update(save(&key, &found, 60.0))
            .await
            .expect("it works")
    );
    let shorter = PYTHON
        .replace("'big': 1180591620717411303424, ", "")
        .replace("-inf}}", "-inf}, 'rust': 2}");
    assert_eq!(django.load(&key), Some(shorter));
    assert!(django.update(&key, "{'a': 1}"));
    assert_eq!(json_of(store, &key).await.as_deref(), Some(r#"{"a":1}"#));
    // Deleted by Django: not revived.
    django.delete(&key);
    assert_eq!(json_of(store, &key).await, None);
    assert!(
        !store
            .update(save(&key, &found, 60.0))
            .await
            .expect("it works")
    );
    assert_eq!(django.load(&key), None);

    let key = new_key();
    assert!(
        store
            .create(save(&key, &session(JSON), 60.0))
            .await
            .expect("it works")
    );
    assert_eq!(django.load(&key).as_deref(), Some(PYTHON));
    assert!(django.update(&key, "{}"));
    assert_eq!(json_of(store, &key).await.as_deref(), Some("{}"));
    // Deleted by the store: not revived by Django.
    assert!(store.delete(&key).await.expect("it works"));
    assert_eq!(django.load(&key), None);
    assert!(!django.update(&key, "{'a': 1}"));
    assert_eq!(json_of(store, &key).await, None);
}

/// Returns the session's error, and panics for the store's.
#[track_caller]
pub fn refusal<T: std::fmt::Debug, E: std::fmt::Debug>(
    result: Result<T, StoreError<E>>,
) -> hardtack::Error {
    match result {
        Err(StoreError::Session(error)) => error,
        other => panic!("{other:?}"),
    }
}

/// A server for one test, which is killed when this value is dropped.
pub struct Server(Child);

impl Server {
    pub fn start(command: &mut Command, port: u16) -> Self {
        let server = Self(command.spawn().expect("it is installed"));
        for _ in 0..300 {
            if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return server;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("it does not start: {command:?}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
