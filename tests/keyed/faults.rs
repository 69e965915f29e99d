//! A store that fails, keys that are taken, and records that are deleted while a request runs.

use std::time::Duration;

use hardtack::auth::AuthHasher;
use hardtack::{Action, Error, KeyMiddleware, KeyRing, Loaded, Session, SessionSettings};

use super::common::{self, KEY, NOW, OTHER_KEY, ring};
use super::request::{Request, key, set_cookie};
use super::store::{Down, Record, Store};

type Handler = fn(&mut Loaded);

fn known() -> (Store, String) {
    let record = Record::Session(r#"{"a":1}"#.into(), (NOW + 1000).into());
    let cookie = format!("sessionid={}", key(1).as_str());
    (Store::with(&key(1), record), cookie)
}

fn insert(loaded: &mut Loaded) {
    loaded.session.insert("b", 2).expect("JSON");
}

fn cycle(loaded: &mut Loaded) {
    loaded.session.cycle();
}

fn flush_and_insert(loaded: &mut Loaded) {
    loaded.session.flush();
    insert(loaded);
}

fn assign_and_insert(loaded: &mut Loaded) {
    loaded.session = Session::new();
    insert(loaded);
}

fn clear(loaded: &mut Loaded) {
    loaded.session.clear();
}

/// The browser keeps its key, and its record is unchanged.
#[test]
fn the_store_fails_at_each_call() {
    let sessions = KeyMiddleware::default();
    let mut failures = Vec::new();
    for (name, handler, cookies) in [
        ("read", (|_| ()) as Handler, true),
        ("insert", insert, true),
        ("insert", insert, false),
        ("cycle", cycle, true),
        ("flush and insert", flush_and_insert, true),
        ("clear", clear, true),
    ] {
        for fails_at in 0.. {
            let (store, cookie) = known();
            store.state().fails_at = Some(fails_at);
            let cookies = if cookies { cookie.as_str() } else { "" };
            let mut request = Request::new(&sessions, &store, NOW);
            let Err(down) = request.send(cookies, handler) else {
                let calls = store.state().calls.len();
                assert_eq!(calls, fails_at, "each call failed once");
                break;
            };
            assert_eq!(down, Down);
            assert_eq!(store.state().calls.len(), fails_at + 1, "none after it");
            failures.push((name, *store.state().calls.last().expect("a call")));
            store.state().fails_at = None;
            let record = Record::Session(r#"{"a":1}"#.into(), (NOW + 1000).into());
            assert_eq!(store.get(&key(1)), Some(record), "{name}");
            let next = Request::new(&sessions, &store, NOW).load(cookie.as_str());
            assert_eq!(next.expect("it works again").session.get("a"), Ok(Some(1)));
        }
    }
    assert_eq!(
        failures,
        [
            ("read", "load"),
            ("insert", "load"),
            ("insert", "update"),
            ("insert", "create"),
            ("cycle", "load"),
            ("cycle", "create"),
            ("cycle", "delete"),
            ("flush and insert", "load"),
            ("flush and insert", "create"),
            ("flush and insert", "delete"),
            ("clear", "load"),
            ("clear", "delete"),
        ]
    );
}

/// Another request signs out while this one runs.
#[test]
fn a_session_that_has_ended_does_not_come_back() {
    let sessions = KeyMiddleware::default();
    for (handler, is_saved) in [
        (insert as Handler, false),
        (cycle, false),
        (
            |it| {
                it.session
                    .set_auth_user("7", "backend", "hash")
                    .expect("JSON");
            },
            false,
        ),
        // These contain nothing of the ended session.
        (flush_and_insert, true),
        (assign_and_insert, true),
    ] {
        let (store, cookies) = known();
        let mut request = Request::new(&sessions, &store, NOW);
        let response = request.send(&cookies, |loaded| {
            store.set(&key(1), None);
            handler(loaded);
        });
        let response = response.expect("the store works");
        assert_eq!(store.get(&key(1)), None);
        if is_saved {
            assert!(set_cookie(&response.answer.expect("an answer")).is_some());
            assert!(store.get(&key(101)).is_some());
        } else {
            assert_eq!(response.answer, Err(Error::SessionGone));
            assert!(store.state().records.is_empty());
        }
    }
    // A session that the handler ends stays ended.
    let (store, cookies) = known();
    let mut request = Request::new(&sessions, &store, NOW);
    let response = request.send(&cookies, |loaded| {
        store.set(&key(1), None);
        loaded.session.flush();
    });
    let answer = response.expect("the store works").answer;
    assert!(set_cookie(&answer.expect("an answer")).is_some_and(|it| it.contains("Max-Age=0")));
}

fn eager() -> KeyMiddleware {
    KeyMiddleware::new(SessionSettings::default().with_save_every_request(true))
}

/// A request that changed nothing still gets its response.
#[test]
fn an_unchanged_session_is_never_an_error() {
    let sessions = eager();
    let (store, cookies) = known();
    let mut request = Request::new(&sessions, &store, NOW);
    let response = request.send(&cookies, |_| store.set(&key(1), None));
    let response = response.expect("the store works");
    assert_eq!(response.action, Action::Update(key(1)));
    let answer = response.answer.expect("an answer");
    assert_eq!(answer.unsent, Some(Error::SessionGone));
    assert_eq!((answer.headers, answer.unsaved), (vec![], false));
    assert!(store.state().records.is_empty());

    let refusal = Error::JsonTooLong { limit: 1 };
    let (store, cookies) = known();
    store.state().refuses = Some(refusal);
    let response = Request::new(&sessions, &store, NOW).send(&cookies, |_| ());
    let answer = response.expect("the store works").answer;
    assert_eq!(answer.expect("an answer").unsent, Some(refusal));
    // A session that the handler flushed ends nevertheless.
    for (handler, left) in [(insert as Handler, 1), (cycle, 1), (flush_and_insert, 0)] {
        let response = Request::new(&sessions, &store, NOW).send(&cookies, handler);
        assert_eq!(response.expect("the store works").answer, Err(refusal));
        assert_eq!(store.state().records.len(), left);
    }
    let response = Request::new(&sessions, &store, NOW).send("", insert);
    assert_eq!(response.expect("the store works").answer, Err(refusal));
}

#[test]
fn a_flushed_session_ends_even_if_the_next_one_has_a_malformed_expiry() {
    let sessions = KeyMiddleware::default();
    let insert: Handler = |loaded| {
        let inserted = loaded.session.insert("_session_expiry", true);
        inserted.expect("inserts");
    };
    let flush: Handler = |loaded| {
        loaded.session.flush();
        let inserted = loaded.session.insert("_session_expiry", true);
        inserted.expect("inserts");
    };
    let replace: Handler = |loaded| {
        let malformed = Session::from_json(r#"{"_session_expiry":true}"#);
        loaded.session = malformed.expect("JSON");
    };
    for (handler, left) in [(insert, 1), (flush, 0), (replace, 0)] {
        let (store, cookies) = known();
        let response = Request::new(&sessions, &store, NOW).send(&cookies, handler);
        let answer = response.expect("the store works").answer;
        assert_eq!(answer, Err(Error::MalformedExpiry));
        assert_eq!(store.state().records.len(), left);
    }
}

/// An expiry that cannot be saved is an error only if the handler changed the session. An expiry in the past is not a
/// change.
#[test]
fn an_expiry_that_cannot_be_saved_is_an_error_only_after_a_change() {
    for (expiry, error) in [
        ("true", Error::MalformedExpiry),
        (r#""2030-01-01T00:00:00""#, Error::MalformedExpiry),
        (r#""2020-01-01T00:00:00+00:00""#, Error::SessionExpired),
        ("-5", Error::SessionExpired),
    ] {
        let json = format!(r#"{{"a":1,"_session_expiry":{expiry}}}"#);
        let record = Record::Session(json, (NOW + 1000).into());
        let store = Store::with(&key(1), record.clone());
        let cookies = format!("sessionid={}", key(1).as_str());
        let sessions = eager();
        let mut request = Request::new(&sessions, &store, NOW);
        let response = request.send(&cookies, |loaded| {
            assert_eq!(loaded.session.get("a"), Ok(Some(1)), "its date decides");
        });
        let answer = response.expect("the store works").answer;
        let answer = answer.expect("an answer");
        assert_eq!(answer.unsent, Some(error), "{expiry}");
        assert_eq!(set_cookie(&answer), None);
        assert_eq!(store.get(&key(1)), Some(record.clone()));

        let response = Request::new(&sessions, &store, NOW).send(&cookies, insert);
        let response = response.expect("the store works");
        if error == Error::SessionExpired {
            assert_eq!(response.action, Action::Delete(key(1)));
            assert!(response.answer.is_ok());
        } else {
            assert_eq!(response.answer, Err(error));
            assert_eq!(store.get(&key(1)), Some(record));
        }
    }
    // Milliseconds do not end a session.
    let (store, cookies) = known();
    let sessions = KeyMiddleware::default();
    let mut request = Request::new(&sessions, &store, NOW);
    let mut loaded = request.load(&cookies).expect("the store works");
    insert(&mut loaded);
    request.now = (NOW * 1000).into();
    let response = request.finish(&loaded).expect("the store works");
    assert_eq!(response.answer, Err(Error::TimeOutOfRange));
    assert!(store.get(&key(1)).is_some());
}

#[test]
fn another_key_is_tried_if_one_is_taken() {
    let sessions = KeyMiddleware::default();
    for (taken, is_saved) in [(0, true), (1, true), (7, true), (8, false), (1000, false)] {
        for (cookies, handler) in [(false, insert as Handler), (true, flush_and_insert)] {
            let (store, cookie) = known();
            store.state().taken = taken;
            let cookies = if cookies { cookie.as_str() } else { "" };
            let response = Request::new(&sessions, &store, NOW).send(cookies, handler);
            let answer = response.expect("the store works").answer;
            let calls = store.state().calls.clone();
            let creates = calls.iter().filter(|call| **call == "create").count();
            assert_eq!(creates, (taken + 1).min(8));
            if is_saved {
                let cookie = set_cookie(&answer.expect("an answer")).expect("it is set");
                let new = key(101 + u8::try_from(taken).expect("few"));
                assert!(cookie.starts_with(&format!("sessionid={}; ", new.as_str())));
                assert!(store.get(&new).is_some());
            } else {
                assert_eq!(answer, Err(Error::NoSessionKey));
                // A flushed session ends, even if there is no key for the next one.
                assert_eq!(store.get(&key(1)).is_some(), cookies.is_empty());
                let left = usize::from(cookies.is_empty());
                assert_eq!(store.state().records.len(), left);
            }
        }
    }
    // The system has no random bytes.
    let (store, cookies) = known();
    let mut request = Request::new(&sessions, &store, NOW);
    request.has_keys = false;
    let response = request.send(&cookies, cycle).expect("the store works");
    assert_eq!(response.answer, Err(Error::NoSessionKey));
    assert_eq!(store.state().calls, ["load"]);
}

/// A session is due for renewal while another request signs out.
#[test]
fn a_renewal_does_not_undo_a_sign_out() {
    let settings = SessionSettings::default().with_renewal_after(Duration::from_secs(1));
    let sessions = KeyMiddleware::new(settings);
    let (store, cookies) = known();
    let mut slow = Request::new(&sessions, &store, NOW);
    let loaded = slow.load(&cookies).expect("the store works");
    assert_eq!(loaded.session.get("a"), Ok(Some(1)));
    let other = Request::new(&sessions, &store, NOW).send(&cookies, |it| it.session.flush());
    other.expect("the store works").answer.expect("an answer");
    let response = slow.finish(&loaded).expect("the store works");
    let answer = response.answer.expect("an answer");
    assert_eq!(answer.unsent, Some(Error::SessionGone));
    assert_eq!(set_cookie(&answer), None);
    assert!(store.state().records.is_empty());
}

/// A page's requests arrive together after the keys were rotated. Each of them writes the login's hash again.
#[test]
fn parallel_requests_are_not_refused_after_a_rotation() {
    let keys = KeyRing::new(common::key(OTHER_KEY)).with_fallback(common::key(KEY));
    let rotated = AuthHasher::new(&keys);
    let old = AuthHasher::new(&ring()).hash("password");
    let store = Store::default();
    let mut session = Session::new();
    session.set_auth_user("7", "backend", &old).expect("JSON");
    let end = (NOW + 1000).into();
    store.set(&key(1), Some(Record::Session(session.to_json(), end)));
    let cookies = format!("sessionid={}", key(1).as_str());
    let sessions = KeyMiddleware::default();
    let check = |loaded: &mut Loaded| {
        assert_eq!(
            rotated.check(&mut loaded.session, Some("password")),
            Ok(true)
        );
    };
    let mut slow = Request::new(&sessions, &store, NOW);
    let loaded: Vec<Loaded> = (0..3)
        .map(|_| {
            let mut loaded = slow.load(&cookies).expect("the store works");
            check(&mut loaded);
            loaded
        })
        .collect();
    let records = || store.state().records.keys().cloned().collect::<Vec<_>>();

    // The first one, one that was loaded before it was answered, and one that arrives later: none changes the key.
    let first = Request::new(&sessions, &store, NOW).send(&cookies, check);
    let second = slow.finish(&loaded[0]);
    let last = Request::new(&sessions, &store, NOW).send(&cookies, check);
    for (response, is_set) in [(first, true), (second, true), (last, false)] {
        let answer = response.expect("the store works").answer;
        let cookie = set_cookie(&answer.expect("an answer"));
        assert_eq!(
            cookie.map(|it| it.starts_with(&cookies)),
            is_set.then_some(true)
        );
    }
    assert_eq!(records(), [key(1).as_str()]);
    // The hash is written, so the old key can be retired.
    let retired = AuthHasher::new(&KeyRing::new(common::key(OTHER_KEY)));
    let mut late = slow.load(&cookies).expect("the store works");
    assert_eq!(retired.check(&mut late.session, Some("password")), Ok(true));
    assert!(!late.session.modified());

    // A user who signs out in the meantime stays signed out, and the others still get their responses.
    store.set(&key(1), None);
    let answer = slow.finish(&loaded[1]).expect("the store works").answer;
    let answer = answer.expect("the handler changed nothing");
    assert_eq!(answer.unsent, Some(Error::SessionGone));
    assert_eq!((set_cookie(&answer), answer.unsaved), (None, false));
    // A handler's change is reported, whether it was made before the check or after it.
    let mut changed = loaded[2].clone();
    insert(&mut changed);
    let response = slow.finish(&changed).expect("the store works");
    assert_eq!(response.answer, Err(Error::SessionGone));
    store.set(&key(1), Some(Record::Session(session.to_json(), end)));
    let mut changed = slow.load(&cookies).expect("the store works");
    insert(&mut changed);
    check(&mut changed);
    store.set(&key(1), None);
    let response = slow.finish(&changed).expect("the store works");
    assert_eq!(response.answer, Err(Error::SessionGone));
    assert!(records().is_empty());
}
