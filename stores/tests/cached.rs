//! Sessions in SQLite and Redis, against Django's engine `cached_db`. They need Redis (stores/tests/servers.sh).

mod caches;
mod common;

use std::collections::VecDeque;
use std::fmt::Debug;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use caches::{Django, JSON, PYTHON, both_ways, contract, json_of, load, new_key, save, session};
use common::events::Events;
use common::{address, codec};
use hardtack::{Clear, Found, Load, Save, Session, SessionKey, SessionStore, StoreError};
use hardtack_stores::redis::aio::{ConnectionManager, ConnectionManagerConfig};
use hardtack_stores::redis::{Client, cmd};
use hardtack_stores::sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use hardtack_stores::sqlx::{Sqlite, query};
use hardtack_stores::{Cache, CachedDb, Db, Redis, pickle};
use serde_json::json;
use tokio::sync::Notify;

/// A separate site: a database, the keys of a cache, and Django.
struct Site {
    folder: PathBuf,
    pool: SqlitePool,
    prefix: String,
    redis: ConnectionManager,
    django: Django,
}

impl Site {
    async fn start() -> Self {
        let prefix = new_key().as_str().to_owned();
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(&prefix);
        std::fs::create_dir(&folder).expect("a new folder");
        let database = folder.join("db.sqlite3");
        let cache = json!({
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": address("HARDTACK_REDIS"),
            "KEY_PREFIX": prefix,
        });
        let mut django = Django::start("cached_db", &cache, Some(&database));
        // It answers once it has created the table.
        django.load(&new_key());
        let options = SqliteConnectOptions::new().filename(&database);
        let client = Client::open(address("HARDTACK_REDIS")).expect("an address");
        Self {
            folder,
            pool: SqlitePool::connect_with(options).await.expect("a database"),
            prefix,
            redis: ConnectionManager::new(client).await.expect("Redis runs"),
            django,
        }
    }

    fn db(&self) -> Db<Sqlite> {
        Db::<Sqlite>::new(self.pool.clone(), codec())
    }

    fn store(&self) -> CachedDb<Db<Sqlite>, Redis> {
        let cache = Cache::<Redis>::new(self.redis.clone());
        CachedDb::new(self.db(), cache.with_key_prefix(&self.prefix))
    }

    /// The same site, with these events after the calls of its database. Returns the store and the events that are left.
    fn interrupted<const N: usize>(
        &self,
        events: [Then; N],
    ) -> (CachedDb<Interrupted, Redis>, Arc<Mutex<VecDeque<Then>>>) {
        let events = Arc::new(Mutex::new(events.into()));
        let db = Interrupted {
            db: self.db(),
            pool: self.pool.clone(),
            others: self.store(),
            events: Arc::clone(&events),
        };
        let cache = Cache::<Redis>::new(self.redis.clone());
        let store = CachedDb::new(db, cache.with_key_prefix(&self.prefix));
        (store, events)
    }

    /// Creates a session, with or without a copy.
    async fn session(&mut self, has_copy: bool) -> SessionKey {
        let key = new_key();
        let session = session(r#"{"n":1}"#);
        assert!(create(&self.store(), &key, &session, 60.0).await);
        if !has_copy {
            self.forget(&key).await;
        }
        key
    }

    /// The same site with a cache that is not there.
    fn store_without_cache(&self) -> CachedDb<Db<Sqlite>, Redis> {
        let client = Client::open("redis://127.0.0.1:1").expect("an address");
        let config = ConnectionManagerConfig::new().set_number_of_retries(0);
        let dead = ConnectionManager::new_lazy_with_config(client, config).expect("settings");
        let cache = Cache::<Redis>::new(dead).with_key_prefix(&self.prefix);
        CachedDb::new(self.db(), cache.with_time_limit(Duration::from_millis(500)))
    }

    fn name(&self, key: &SessionKey) -> String {
        format!(
            "{}:1:django.contrib.sessions.cached_db{}",
            self.prefix,
            key.as_str()
        )
    }

    async fn copy(&mut self, key: &SessionKey) -> Option<Vec<u8>> {
        let answer = cmd("GET")
            .arg(self.name(key))
            .query_async(&mut self.redis)
            .await;
        answer.expect("Redis runs")
    }

    /// Waits until the copy has this JSON text, or is gone.
    async fn until_copy_is(&mut self, key: &SessionKey, json: Option<&str>) {
        let json = json.map(str::to_owned);
        let json_of = |copy: Vec<u8>| pickle::read(&copy, 1000).expect("a copy").to_json();
        let until_so = async { while self.copy(key).await.map(json_of) != json {} };
        let waited = tokio::time::timeout(Duration::from_secs(10), until_so).await;
        assert!(waited.is_ok(), "the copy is not {json:?}");
    }

    async fn millis_left(&mut self, key: &SessionKey) -> i64 {
        let answer = cmd("PTTL")
            .arg(self.name(key))
            .query_async(&mut self.redis)
            .await;
        answer.expect("Redis runs")
    }

    async fn forget(&mut self, key: &SessionKey) {
        let answer = cmd("DEL")
            .arg(self.name(key))
            .query_async(&mut self.redis)
            .await;
        let _: i64 = answer.expect("Redis runs");
    }

    async fn rows(&self, key: &SessionKey) -> usize {
        let rows = query("SELECT 1 FROM django_session WHERE session_key = ?").bind(key.as_str());
        rows.fetch_all(&self.pool).await.expect("a table").len()
    }

    async fn delete_row(&self, key: &SessionKey) {
        let delete = query("DELETE FROM django_session WHERE session_key = ?").bind(key.as_str());
        delete.execute(&self.pool).await.expect("a table");
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

async fn create(
    store: &impl SessionStore,
    key: &SessionKey,
    session: &Session,
    seconds: f64,
) -> bool {
    let created = store.create(save(key, session, seconds)).await;
    created.expect("it works")
}

async fn update(
    store: &impl SessionStore,
    key: &SessionKey,
    session: &Session,
    seconds: f64,
) -> bool {
    let updated = store.update(save(key, session, seconds)).await;
    updated.expect("it works")
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn keeps_the_contract() {
    contract(&Site::start().await.store()).await;
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn django_and_the_store_share_sessions() {
    let mut site = Site::start().await;
    let store = site.store();
    both_ways(&store, &mut site.django).await;
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn each_step_in_djangos_order() {
    let mut site = Site::start().await;
    let store = site.store();
    let [one, two] = [r#"{"n":1}"#, r#"{"n":2}"#].map(session);

    // Create and update: the row and the copy, each with the end of the session.
    let key = new_key();
    assert!(create(&store, &key, &one, 100.0).await);
    assert_eq!(site.rows(&key).await, 1);
    assert!((90_000..=100_000).contains(&site.millis_left(&key).await));
    assert!(update(&store, &key, &two, 50.0).await);
    assert!((40_000..=50_000).contains(&site.millis_left(&key).await));
    assert_eq!(
        json_of(&site.db(), &key).await.as_deref(),
        Some(r#"{"n":2}"#)
    );

    // Load: the row, copied with the time that it has left.
    site.forget(&key).await;
    assert_eq!(json_of(&store, &key).await.as_deref(), Some(r#"{"n":2}"#));
    assert!((30_000..=50_000).contains(&site.millis_left(&key).await));
    assert_eq!(site.django.load(&key).as_deref(), Some("{'n': 2}"));

    // A copy hides its row, in Django as here.
    assert!(update(&site.db(), &key, &one, 50.0).await);
    assert_eq!(json_of(&store, &key).await.as_deref(), Some(r#"{"n":2}"#));
    assert_eq!(site.django.load(&key).as_deref(), Some("{'n': 2}"));

    // An update of a row that is gone deletes the copy.
    site.delete_row(&key).await;
    assert!(json_of(&store, &key).await.is_some());
    assert!(!update(&store, &key, &one, 50.0).await);
    assert_eq!(site.copy(&key).await, None);
    assert_eq!(site.rows(&key).await, 0);
    assert_eq!(json_of(&store, &key).await, None);

    // Delete: both, even if the row is gone.
    assert!(create(&store, &key, &one, 100.0).await);
    assert!(store.delete(&key).await.expect("it works"));
    assert_eq!((site.copy(&key).await, site.rows(&key).await), (None, 0));
    assert!(create(&store, &key, &one, 100.0).await);
    site.delete_row(&key).await;
    assert!(!store.delete(&key).await.expect("it works"));
    assert_eq!(site.copy(&key).await, None);

    // A row that has expired is not copied.
    assert!(create(&store, &key, &one, 0.2).await);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(json_of(&store, &key).await, None);
    assert_eq!(site.copy(&key).await, None);

    // Nothing is copied of a row that could not be written.
    site.pool.close().await;
    let key = new_key();
    let failure = store
        .create(save(&key, &one, 100.0))
        .await
        .expect_err("no database");
    assert!(matches!(failure, StoreError::Store(_)), "{failure:?}");
    assert_eq!(site.copy(&key).await, None);
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn a_dead_cache_is_survived_and_told() {
    let site = Site::start().await;
    let (store, events) = (site.store_without_cache(), Events::default());
    let _guard = tracing::subscriber::set_default(events.clone());
    let (key, one) = (new_key(), session(JSON));
    let told = |expected: &[&str]| {
        let events = events.take();
        assert_eq!(events.len(), expected.len(), "{events:?}");
        for (event, expected) in events.iter().zip(expected) {
            assert!(event.starts_with(expected), "{event}");
            assert!(
                event.contains("Redis") && event.contains(&key.log_id().to_string()),
                "{event}"
            );
            assert!(!event.contains(key.as_str()), "{event}");
        }
    };

    assert!(create(&store, &key, &one, 60.0).await);
    told(&["WARN", "ERROR"]);
    assert!(!create(&store, &key, &one, 60.0).await);
    told(&[]);
    assert_eq!(json_of(&store, &key).await.as_deref(), Some(JSON));
    told(&["WARN"]);
    assert!(update(&store, &key, &one, 60.0).await);
    told(&["WARN", "ERROR"]);
    let failure = store.delete(&key).await.expect_err("a copy may come back");
    assert!(
        matches!(&failure, StoreError::Store(error) if error.store() == "Redis"),
        "{failure:?}"
    );
    told(&["ERROR"]);
    assert_eq!(site.rows(&key).await, 0);
    assert!(!update(&store, &key, &one, 60.0).await);
    told(&["ERROR"]);
    assert_eq!(json_of(&store, &key).await, None);
    told(&["WARN"]);
}

/// What happens just after the database has read, updated or deleted a row.
enum Then {
    /// Another request signs the session out.
    SignsOut,
    /// Another request saves this session.
    Saves(&'static str),
    /// The database goes down.
    Closes,
    /// The database waits.
    Waits(Arc<Wait>),
}

#[derive(Default)]
struct Wait {
    has_begun: Notify,
    ends: Notify,
}

impl Wait {
    /// Cancels a request while the database waits, and then ends the wait.
    async fn cancels<T: Debug>(&self, request: impl Future<Output = T>) {
        tokio::select! {
            done = request => panic!("the database does not wait: {done:?}"),
            () = self.has_begun.notified() => {}
        }
        self.ends.notify_one();
    }
}

/// A site's database, in which these happen, one after each call.
struct Interrupted {
    db: Db<Sqlite>,
    pool: SqlitePool,
    others: CachedDb<Db<Sqlite>, Redis>,
    events: Arc<Mutex<VecDeque<Then>>>,
}

impl Interrupted {
    async fn then<T>(&self, key: &SessionKey, result: T) -> T {
        let event = self.events.lock().expect("no panic").pop_front();
        match event {
            None => {}
            Some(Then::SignsOut) => assert!(self.others.delete(key).await.expect("it works")),
            Some(Then::Saves(json)) => {
                assert!(update(&self.others, key, &session(json), 60.0).await);
            }
            Some(Then::Closes) => self.pool.close().await,
            Some(Then::Waits(wait)) => {
                wait.has_begun.notify_one();
                wait.ends.notified().await;
            }
        }
        result
    }
}

impl SessionStore for Interrupted {
    type Error = hardtack_stores::Error;

    async fn load(&self, load: Load<'_>) -> Result<Option<Found>, StoreError<Self::Error>> {
        self.then(load.key, self.db.load(load).await).await
    }

    async fn create(&self, save: Save<'_>) -> Result<bool, StoreError<Self::Error>> {
        self.db.create(save).await
    }

    async fn update(&self, save: Save<'_>) -> Result<bool, StoreError<Self::Error>> {
        self.then(save.key, self.db.update(save).await).await
    }

    async fn delete(&self, key: &SessionKey) -> Result<bool, StoreError<Self::Error>> {
        self.then(key, self.db.delete(key).await).await
    }

    async fn clear_expired(&self, clear: Clear) -> Result<u32, StoreError<Self::Error>> {
        self.db.clear_expired(clear).await
    }
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn a_session_that_ends_meanwhile_does_not_come_back() {
    let mut site = Site::start().await;
    let store = site.store();
    for has_copy in [true, false] {
        let key = site.session(has_copy).await;
        // The update was in time.
        let racing = site.interrupted([Then::SignsOut]).0;
        assert!(update(&racing, &key, &session(JSON), 60.0).await);
        assert_eq!(site.copy(&key).await, None);
        assert_eq!(json_of(&store, &key).await, None);
    }
    let key = site.session(false).await;
    let racing = site.interrupted([Then::SignsOut]).0;
    assert!(json_of(&racing, &key).await.is_some());
    assert_eq!(site.copy(&key).await, None);
    assert_eq!(json_of(&store, &key).await, None);
}

/// The client hangs up. The work goes on, so there is no copy of a row that is gone, and no old one.
#[tokio::test]
#[ignore = "needs Redis"]
async fn a_cancelled_request_leaves_no_wrong_copy() {
    let mut site = Site::start().await;
    let new = r#"{"n":2}"#;

    // A load that has made its copy, and has seen that the row is gone.
    let (key, wait) = (site.session(false).await, Arc::<Wait>::default());
    let store = site
        .interrupted([Then::SignsOut, Then::Waits(wait.clone())])
        .0;
    wait.cancels(load(&store, &key)).await;
    site.until_copy_is(&key, None).await;

    // A sign-out that has deleted the row.
    let (key, wait) = (site.session(true).await, Arc::<Wait>::default());
    let store = site.interrupted([Then::Waits(wait.clone())]).0;
    wait.cancels(store.delete(&key)).await;
    site.until_copy_is(&key, None).await;

    // A save that has written the row.
    let (key, wait) = (site.session(true).await, Arc::<Wait>::default());
    let store = site.interrupted([Then::Waits(wait.clone())]).0;
    wait.cancels(update(&store, &key, &session(new), 60.0))
        .await;
    site.until_copy_is(&key, Some(new)).await;
}

/// In Django's cache a tuple is a tuple, and in the row it is a list.
#[tokio::test]
#[ignore = "needs Redis"]
async fn a_copy_that_cannot_be_read_is_left_alone() {
    let mut site = Site::start().await;
    let (store, events) = (site.store(), Events::default());
    let _guard = tracing::subscriber::set_default(events.clone());
    let key = site.django.create("{'k': (1, 2)}");
    let before = site.copy(&key).await.expect("Django made it");
    assert_eq!(
        json_of(&store, &key).await.as_deref(),
        Some(r#"{"k":[1,2]}"#)
    );
    assert_eq!(site.copy(&key).await, Some(before));
    let events = events.take();
    assert!(
        events.len() == 1 && events[0].contains("(TUPLE)"),
        "{events:?}"
    );

    // A row that cannot be read is an error, and is not copied.
    let key = site.django.create(PYTHON);
    site.forget(&key).await;
    let update =
        query("UPDATE django_session SET session_data = 'e30:1x8elk:x' WHERE session_key = ?");
    update
        .bind(key.as_str())
        .execute(&site.pool)
        .await
        .expect("a table");
    let failure = load(&store, &key).await.expect_err("it is forged");
    assert!(matches!(failure, StoreError::Session(_)), "{failure:?}");
    assert_eq!(site.copy(&key).await, None);
}

/// A load that finds no copy does not make an old one if the session is saved meanwhile. It leaves the new copy to the
/// request that made it, and does not read the row again.
#[tokio::test]
#[ignore = "needs Redis"]
async fn a_newer_copy_stays() {
    let mut site = Site::start().await;
    let (key, new) = (site.session(false).await, r#"{"n":2}"#);
    let (racing, events) = site.interrupted([Then::Saves(new), Then::Closes]);
    assert!(json_of(&racing, &key).await.is_some());
    assert_eq!(events.lock().expect("no panic").len(), 1);
    assert_eq!(json_of(&site.store(), &key).await.as_deref(), Some(new));
}

/// It is unknown whether the session has ended meanwhile, so there is no copy.
#[tokio::test]
#[ignore = "needs Redis"]
async fn no_copy_stays_without_a_database() {
    let mut site = Site::start().await;
    let key = site.session(false).await;
    let closing = site.interrupted([Then::Closes]).0;
    assert!(json_of(&closing, &key).await.is_some());
    assert_eq!(site.copy(&key).await, None);
}
