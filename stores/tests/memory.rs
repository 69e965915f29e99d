//! The store in memory behaves like the others.

use std::time::Duration;

use hardtack::{Clear, Load, Save, Session, SessionKey, SessionStore};
use hardtack_stores::Memory;

const NOW: i64 = 1_790_000_000;

fn key(text: &str) -> SessionKey {
    SessionKey::parse(text).unwrap()
}

fn save<'a>(key: &'a SessionKey, session: &'a Session, end: i64) -> Save<'a> {
    Save {
        key,
        session,
        now: NOW.into(),
        expires_at: end.into(),
    }
}

async fn load_at(store: &Memory, key: &SessionKey, now: i64) -> Option<Session> {
    let load = Load {
        key,
        now: now.into(),
        default_age: Duration::from_secs(1),
    };
    let found = store.load(load).await.unwrap()?;
    assert!(found.expires_at.is_some());
    Some(found.session)
}

#[tokio::test]
async fn a_session_is_kept_until_its_date() {
    let (store, key) = (Memory::new(), key("abcdefgh"));
    let session =
        Session::from_json(r#"{"big":1180591620717411303424,"user":"Zo\u00eb"}"#).unwrap();
    assert!(!store.update(save(&key, &session, NOW + 10)).await.unwrap());
    assert_eq!(load_at(&store, &key, NOW).await, None);

    assert!(store.create(save(&key, &session, NOW + 10)).await.unwrap());
    assert!(
        !store
            .create(save(&key, &Session::new(), NOW + 99))
            .await
            .unwrap()
    );
    let loaded = load_at(&store, &key, NOW + 9).await.unwrap();
    assert!(!loaded.modified() && !loaded.accessed());
    assert_eq!(loaded, session);
    assert_eq!(load_at(&store, &key, NOW + 10).await, None);

    assert!(
        store
            .update(save(&key, &Session::new(), NOW + 20))
            .await
            .unwrap()
    );
    assert_eq!(load_at(&store, &key, NOW + 19).await, Some(Session::new()));

    assert!(store.delete(&key).await.unwrap());
    assert!(!store.delete(&key).await.unwrap());
    assert!(!store.update(save(&key, &session, NOW + 20)).await.unwrap());
    assert_eq!(load_at(&store, &key, NOW).await, None);
}

#[tokio::test]
async fn expired_sessions_are_cleared_in_batches() {
    let (store, session) = (Memory::new(), Session::new());
    for number in 0..10 {
        let end = NOW + number;
        let key = key(&format!("abcdefgh{number}"));
        assert!(store.create(save(&key, &session, end)).await.unwrap());
    }
    let clear = |at_most| Clear {
        now: (NOW + 5).into(),
        default_age: Duration::from_secs(1),
        at_most,
    };
    assert_eq!(store.clear_expired(clear(2)).await.unwrap(), 2);
    assert_eq!(store.clear_expired(clear(2)).await.unwrap(), 2);
    assert_eq!(store.clear_expired(clear(2)).await.unwrap(), 1);
    assert_eq!(store.clear_expired(clear(2)).await.unwrap(), 0);
    assert!(load_at(&store, &key("abcdefgh5"), NOW).await.is_some());
}

#[test]
fn debug_shows_nothing() {
    assert_eq!(format!("{:?}", Memory::new()), "Memory { .. }");
}
