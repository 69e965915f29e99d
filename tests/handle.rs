//! The handle, without a framework: one session that several parts of a program share, and what can go wrong.

#![cfg(feature = "std")]

mod common;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use hardtack::{
    Action, Error, Found, KeyMiddleware, Session, SessionHandle, SessionKey, SessionMiddleware,
    cookie,
};
use serde::{Serialize, Serializer};

use common::{NOW, codec, session};

/// No headers, for a response.
const NONE: [(&str, &str); 0] = [];

fn middleware() -> SessionMiddleware {
    SessionMiddleware::new(codec())
}

fn load(cookie: &str) -> SessionHandle {
    middleware().load([cookie], NOW).into()
}

/// Returns the session of a browser whose cookie has the key `user`.
fn alice() -> SessionHandle {
    let session = session([("user", "alice")]);
    let value = codec().encode(&session, NOW - 60).expect("encodes");
    load(&format!("sessionid={value}"))
}

/// Returns what the response would do with the cookie: set it to the session's JSON, `deleted`, or `nothing`.
fn told(handle: &SessionHandle, status: u16) -> String {
    let answer = handle.answer(&middleware(), status, NONE, NOW);
    let headers = answer.expect("an answer").headers.into_iter();
    let header = headers
        .filter(|header| header.name == "set-cookie")
        .map(|header| String::from_utf8(header.value).expect("ASCII"))
        .next();
    let Some(header) = header else {
        return "nothing".into();
    };
    let pair = header.split(';').next().expect("a pair");
    match cookie::find("sessionid", [pair]).next().as_deref() {
        None | Some("") => "deleted".into(),
        Some(value) => codec().decode(value, NOW).expect("our own").to_json(),
    }
}

/// Returns the message of a panic.
fn panics(work: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(work)).expect_err("a panic");
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref().map(|text: &&str| (*text).to_owned()))
        .expect("a text")
}

#[test]
fn single_operations_are_methods_of_the_handle() {
    let handle = alice();
    assert_eq!(handle.get("user"), Ok(Some("alice".to_owned())));
    assert_eq!(handle.get::<u8>("none"), Ok(None));
    assert!(matches!(
        handle.get::<u8>("user"),
        Err(Error::WrongType { .. })
    ));
    assert_eq!(told(&handle, 200), "nothing");

    let handle = alice();
    handle.insert("cart", [1, 2]).expect("JSON");
    assert_eq!(handle.insert("odd", f64::NAN), Err(Error::NotFinite));
    assert_eq!(told(&handle, 200), r#"{"user":"alice","cart":[1,2]}"#);
    assert_eq!(handle.pop("cart"), Ok(Some(vec![1, 2])));
    assert_eq!(handle.pop::<u8>("cart"), Ok(None));
    assert!(handle.remove("user") && !handle.remove("user"));
    assert_eq!(told(&handle, 200), "deleted");

    for end in [SessionHandle::clear, SessionHandle::flush] {
        let handle = alice();
        end(&handle);
        assert_eq!(told(&handle, 500), "deleted");
    }
}

#[test]
fn the_handle_tells_about_the_cookie() {
    let handle = alice();
    assert_eq!(handle.refusal(), None);
    assert_eq!(handle.issued_at(), Some((NOW - 60).into()));
    let id = handle.log_id().expect("a good cookie");
    assert_eq!(alice().log_id(), Some(id));

    let forged = load("sessionid=e30:1r31eq:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    assert_eq!(forged.refusal(), Some(Error::BadSignature));
    assert_eq!((forged.issued_at(), forged.log_id()), (None, None));
}

#[test]
fn clones_are_one_session() {
    let handle = alice();
    let other = handle.clone();
    other.insert("user", "bob").expect("JSON");
    assert_eq!(handle.get("user"), Ok(Some("bob".to_owned())));
}

#[test]
fn the_answer_reports_an_unsaved_change() {
    let answer = |handle: &SessionHandle, status| {
        let answer = handle.answer(&middleware(), status, NONE, NOW);
        answer.expect("an answer").unsaved
    };
    for status in [101, 500, 503] {
        assert!(!answer(&alice(), status));
        let handle = alice();
        handle.insert("a", 1).expect("JSON");
        assert!(answer(&handle, status));
    }
    let handle = alice();
    handle.insert("a", 1).expect("JSON");
    assert!(!answer(&handle, 404));
}

#[test]
#[cfg_attr(target_family = "wasm", ignore = "there is one thread")]
fn threads_take_turns() {
    let handle = load("");
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..25 {
                    handle.write(|session| {
                        let count: u32 = session.get("count").expect("one").unwrap_or(0);
                        session.insert("count", count + 1).expect("a number");
                    });
                }
            });
        }
    });
    assert_eq!(handle.get("count"), Ok(Some(100)));
}

// Used inside its own closure.

/// A value that uses the handle while it is written.
struct Uses(SessionHandle);

impl Serialize for Uses {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.remove("user").serialize(serializer)
    }
}

#[test]
#[cfg_attr(panic = "abort", ignore = "a panic is the end")]
fn in_its_own_closure_it_panics_with_a_sentence() {
    let uses: [fn(&SessionHandle); 8] = [
        |handle| handle.read(|_| ()),
        |handle| handle.write(|_| ()),
        |handle| _ = handle.get::<u8>("a"),
        |handle| _ = handle.insert("a", 1),
        |handle| _ = handle.refusal(),
        |handle| _ = handle.issued_at(),
        |handle| _ = handle.log_id(),
        |handle| _ = handle.answer(&middleware(), 200, NONE, NOW),
    ];
    for inner in uses {
        let handle = alice();
        let clone = handle.clone();
        let message = panics(|| handle.read(|_| inner(&clone)));
        assert!(message.contains("inside its own"), "{message}");
        let message = panics(|| handle.write(|_| inner(&clone)));
        assert!(message.contains("inside its own"), "{message}");
        // The handle still works afterwards.
        assert_eq!(handle.get("user"), Ok(Some("alice".to_owned())));
    }
    // So does a value that uses the handle while it is written.
    let handle = alice();
    let message = panics(|| _ = handle.insert("copy", Uses(handle.clone())));
    assert!(message.contains("inside its own"), "{message}");
    assert_eq!(told(&handle, 200), "nothing");
}

/// Using the handle of another session is fine, and another thread only waits.
#[test]
#[cfg_attr(target_family = "wasm", ignore = "there is one thread")]
fn others_are_no_reason_to_panic() {
    let (one, two) = (alice(), load(""));
    one.read(|one| {
        let user: Option<String> = one.get("user").expect("a text");
        two.insert("user", user).expect("JSON");
    });
    assert_eq!(two.get("user"), Ok(Some("alice".to_owned())));

    let is_held = Barrier::new(2);
    thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            is_held.wait();
            one.get::<String>("user")
        });
        one.write(|session| {
            is_held.wait();
            thread::sleep(Duration::from_millis(50));
            session.insert("user", "bob").expect("JSON");
        });
        let seen = waiting.join().expect("no panic");
        assert_eq!(seen, Ok(Some("bob".to_owned())));
    });
}

#[test]
fn debug_does_not_wait_for_the_lock() {
    let handle = alice();
    let shown = format!("{handle:?}");
    assert!(
        shown.contains("user") && !shown.contains("alice"),
        "{shown}"
    );
    let shown = handle.write(|_| format!("{handle:?}"));
    assert_eq!(shown, "SessionHandle { .. }");
}

// Errors and panics undo nothing.

struct Panics;

impl Serialize for Panics {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeSeq;
        let mut list = serializer.serialize_seq(None)?;
        list.serialize_element("half of it")?;
        panic!("a bug of the program")
    }
}

#[test]
fn an_error_undoes_no_change() {
    let handle = load("");
    let result = handle.write(|session| {
        session.insert("first", 1)?;
        session.insert("second", f64::NAN)
    });
    assert_eq!(result, Err(Error::NotFinite));
    assert_eq!(told(&handle, 200), r#"{"first":1}"#);
}

#[test]
#[cfg_attr(panic = "abort", ignore = "a panic is the end")]
fn a_panic_takes_nothing_back() {
    let handle = alice();
    let works: [fn(&mut Session); 3] = [
        |session| {
            session.insert("first", 1).expect("JSON");
            _ = session.insert("second", Panics);
        },
        |session| {
            session.insert("third", 3).expect("JSON");
            panic!("another one")
        },
        |session| _ = session.update([("user", Panics)]),
    ];
    for work in works {
        panics(|| handle.write(work));
    }
    panics(|| handle.read(|_| panic!("and one")));
    handle.insert("last", "é").expect("JSON");
    assert_eq!(
        told(&handle, 200),
        r#"{"user":"alice","first":1,"third":3,"last":"\u00e9"}"#
    );
}

#[test]
#[cfg_attr(panic = "abort", ignore = "a panic is the end")]
fn a_panic_before_any_change_changes_nothing() {
    let handle = alice();
    panics(|| handle.write(|session| _ = session.insert("second", Panics)));
    assert_eq!(told(&handle, 200), "nothing");
    // The session counts as read nevertheless, for the page that a catching layer makes.
    let handle = alice();
    panics(|| {
        handle.write(|session| {
            session.contains_key("user");
            panic!("after reading")
        });
    });
    let answer = handle.answer(&middleware(), 500, NONE, NOW);
    assert_eq!(answer.expect("an answer").headers[0].name, "vary");
}

/// The response after a panic has status 500, which saves nothing.
#[test]
#[cfg_attr(panic = "abort", ignore = "a panic is the end")]
fn a_panic_saves_nothing() {
    let handle = alice();
    panics(|| {
        handle.write(|session| {
            session.insert("first", 1).expect("JSON");
            panic!("in between")
        });
    });
    assert_eq!(told(&handle, 500), "nothing");
}

/// The same handle works for a session in a store.
#[test]
fn a_session_in_a_store() {
    let sessions = KeyMiddleware::default();
    let key = SessionKey::from_random([7; 32]);
    let load = || {
        let lookup = sessions.lookup([format!("sessionid={}", key.as_str())].iter());
        let found = Found {
            session: session([("user", "alice")]),
            expires_at: Some((NOW + 60).into()),
        };
        SessionHandle::from(sessions.loaded(lookup, Ok(Some(found)), Session::new(), NOW))
    };
    let handle = load();
    assert_eq!(handle.key(), Some(key.clone()));
    assert!(handle.read(Session::accessed), "the page depends on it");
    assert_eq!(handle.issued_at(), None);
    assert!(handle.log_id() == Some(key.log_id()));
    assert_eq!(alice().key(), None);

    let done = |handle: &SessionHandle, status| {
        let step = handle.step(&sessions, status, NONE, NOW);
        step.expect("a step").action().clone()
    };
    assert_eq!(done(&handle, 200), Action::Nothing);
    handle.insert("cart", [1]).expect("JSON");
    assert_eq!(done(&handle, 200), Action::Update(key.clone()));
    assert_eq!(done(&handle, 500), Action::Nothing);
    handle.flush();
    assert_eq!(done(&handle, 500), Action::Delete(key.clone()));
    let other = load();
    other.write(Session::cycle);
    assert_eq!(done(&other, 200), Action::Replace(key.clone()));
    assert!(!format!("{other:?}").contains(key.as_str()));
    other
        .insert("_session_expiry", true)
        .expect("JSON, and no expiry");
    let step = other.step(&sessions, 200, NONE, NOW);
    assert_eq!(step.err(), Some(Error::MalformedExpiry));
}
