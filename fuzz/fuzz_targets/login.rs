//! A login is valid only with a hash of its user's password under a key of the ring. `check` does to the session what its
//! table says, and a user who signs in gets a session that is valid.
//!
//! Fields: the session's JSON text, in which `H0`, `H1` and `H2` become the hashes of the password under the three keys, of
//! which the ring has two; the password; a user's id; a backend.

#![no_main]

use std::sync::LazyLock;

use hardtack::auth::AuthHasher;
use hardtack::{KeyRing, Session};
use hardtack_fuzz::{keys, ring, texts};
use libfuzzer_sys::fuzz_target;

static HASHER: LazyLock<AuthHasher> = LazyLock::new(|| AuthHasher::new(&ring(2)));
static SINGLE: LazyLock<[AuthHasher; 3]> =
    LazyLock::new(|| keys().map(|key| AuthHasher::new(&KeyRing::new(key))));

const ID: &str = "_auth_user_id";
const BACKEND: &str = "_auth_user_backend";
const HASH: &str = "_auth_user_hash";

fuzz_target!(|data: &[u8]| {
    let Some([json, password, id, backend]) = texts(data) else {
        return;
    };
    let hashes = SINGLE.each_ref().map(|hasher| hasher.hash(password));
    let json = hashes
        .iter()
        .enumerate()
        .fold(json.to_owned(), |json, (at, hash)| {
            json.replace(&format!("H{at}"), hash)
        });
    let Ok(before) = Session::from_json(&json) else {
        return;
    };
    let text = |key| before.get::<String>(key);

    let mut session = Session::from_json(&json).expect("it was read before");
    let checked = HASHER.check(&mut session, Some(password));
    let key = match (text(ID), text(BACKEND), text(HASH)) {
        (Ok(Some(_)), Ok(Some(_)), Ok(Some(hash))) => {
            hashes[..2].iter().position(|known| *known == hash)
        }
        _ => None,
    };
    match (text(ID), key) {
        (Err(error), _) => {
            assert_eq!(checked, Err(error));
            assert!(!session.modified() && session == before);
        }
        (Ok(None), _) => {
            assert_eq!(checked, Ok(false));
            assert!(!session.modified() && session == before);
        }
        (Ok(Some(_)), Some(key)) => {
            assert_eq!(checked, Ok(true));
            assert_eq!(session.modified(), key > 0);
            assert_eq!(session.get(HASH).as_ref(), Ok(&Some(hashes[0].clone())));
            assert_eq!(session.iter().len(), before.iter().len());
        }
        (Ok(Some(_)), None) => {
            assert_eq!(checked, Ok(false));
            assert!(session.is_empty());
        }
    }

    if session.is_empty() {
        session
            .set_auth_user_hash(&hashes[0])
            .expect("nothing to read");
        assert!(session.is_empty(), "no user is signed in");
    }
    assert_eq!(format!("{:?}", *HASHER), "AuthHasher { .. }");

    let has = |session: &Session, key, text: &str| {
        session
            .get::<String>(key)
            .is_ok_and(|found| found.as_deref() == Some(text))
    };
    let is_other =
        session.contains_key(ID) && !(has(&session, ID, id) && has(&session, HASH, &hashes[0]));
    let kept = session
        .iter()
        .map(|(key, _)| key.into_owned())
        .find(|key| !key.starts_with('_'));
    session
        .set_auth_user(id, backend, &hashes[0])
        .expect("texts fit");
    assert_eq!(HASHER.check(&mut session, Some(password)), Ok(true));
    assert!(has(&session, ID, id));
    let mut elsewhere = session.clone();
    // Nothing of another user's session stays, and everything of an anonymous one.
    if let Some(key) = kept {
        assert_eq!(session.contains_key(&key), !is_other);
    }

    // A new password ends the sessions that do not get its hash.
    let new = format!("{password}, but another");
    session
        .set_auth_user_hash(&HASHER.hash(&new))
        .expect("a text fits");
    assert_eq!(HASHER.check(&mut session, Some(&new)), Ok(true));
    assert_eq!(HASHER.check(&mut elsewhere, Some(&new)), Ok(false));
    assert!(elsewhere.is_empty());
});
