//! The table of `KeyMiddleware::step`: each kind of request with each kind of handler and each kind of status.

use std::time::Duration;

use hardtack::{Action, Answer, Error, Expiry, KeyMiddleware, Loaded, Session, SessionSettings};

use super::common::NOW;
use super::request::{NO_HEADERS, Request, Response, key, set_cookie, varies};
use super::store::{Record, Store};

const DELETION: &str =
    "sessionid=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; SameSite=Lax";

/// Where the session of a request comes from.
const SOURCES: [&str; 6] = [
    "record",
    "empty record",
    "unknown",
    "unreadable",
    "not a key",
    "no cookie",
];

fn store(source: &str) -> (Store, String) {
    let record = |json: &str| Record::Session(json.into(), (NOW + 1000).into());
    let record = match source {
        "record" => Some(record(r#"{"a":1}"#)),
        "empty record" => Some(record("{}")),
        "unreadable" => Some(Record::Unreadable(Error::BadSignature)),
        _ => None,
    };
    let store = Store::default();
    store.set(&key(1), record);
    let cookie = match source {
        "no cookie" => "theme=dark".into(),
        "not a key" => {
            "sessionid=eyJhIjoxfQ:1r31eq:WxEQZMwnDaPlVysgsztRcMPHRiRp1JXs3XcrmlRK66o".into()
        }
        _ => format!("sessionid={}", key(1).as_str()),
    };
    (store, cookie)
}

fn insert(loaded: &mut Loaded) {
    loaded.session.insert("b", 2).expect("JSON");
}

type Handler = fn(&mut Loaded);

/// For each source: the action in the store, and the cookie, if the status is 200.
const TABLE: [(&str, Handler, [&str; 6]); 13] = [
    (
        "does nothing",
        |_| (),
        ["- -", "- -", "- -", "- -", "- -", "- -"],
    ),
    (
        "reads",
        |it| _ = it.session.is_empty(),
        ["- -", "- -", "- delete", "- -", "- -", "- -"],
    ),
    (
        "inserts",
        insert,
        [
            "update set",
            "update set",
            "create set",
            "create set",
            "create set",
            "create set",
        ],
    ),
    (
        "clears",
        |it| it.session.clear(),
        [
            "delete delete",
            "delete delete",
            "- delete",
            "delete delete",
            "- delete",
            "- -",
        ],
    ),
    (
        "flushes",
        |it| it.session.flush(),
        [
            "delete delete",
            "delete delete",
            "- delete",
            "delete delete",
            "- delete",
            "- -",
        ],
    ),
    (
        "cycles",
        |it| it.session.cycle(),
        [
            "replace set",
            "delete delete",
            "- delete",
            "- -",
            "- -",
            "- -",
        ],
    ),
    (
        "removes",
        |it| _ = it.session.remove("a"),
        ["delete delete", "- -", "- delete", "- -", "- -", "- -"],
    ),
    (
        "assigns",
        |it| it.session = Session::new(),
        [
            "delete delete",
            "delete delete",
            "- delete",
            "delete delete",
            "- delete",
            "- -",
        ],
    ),
    (
        "clears and inserts",
        |it| {
            it.session.clear();
            insert(it);
        },
        [
            "update set",
            "update set",
            "create set",
            "replace set",
            "create set",
            "create set",
        ],
    ),
    (
        "flushes and inserts",
        |it| {
            it.session.flush();
            insert(it);
        },
        [
            "replace set",
            "replace set",
            "create set",
            "replace set",
            "create set",
            "create set",
        ],
    ),
    (
        "assigns and inserts",
        |it| {
            it.session = Session::new();
            insert(it);
        },
        [
            "replace set",
            "replace set",
            "create set",
            "replace set",
            "create set",
            "create set",
        ],
    ),
    (
        "signs in",
        |it| {
            it.session
                .set_auth_user("7", "backend", "hash")
                .expect("JSON");
        },
        [
            "replace set",
            "replace set",
            "create set",
            "create set",
            "create set",
            "create set",
        ],
    ),
    (
        "ends",
        |it| {
            insert(it);
            it.session
                .set_expiry(Expiry::At(NOW.into()))
                .expect("a date");
        },
        [
            "delete delete",
            "delete delete",
            "- delete",
            "- delete",
            "- delete",
            "- -",
        ],
    ),
];

fn name(action: &Action) -> &'static str {
    match action {
        Action::Nothing => "-",
        Action::Create => "create",
        Action::Update(known) if *known == key(1) => "update",
        Action::Replace(known) if *known == key(1) => "replace",
        Action::Delete(known) if *known == key(1) => "delete",
        _ => "another key",
    }
}

fn cookie(answer: &Answer) -> &'static str {
    match set_cookie(answer) {
        None => "-",
        Some(header) if header == DELETION => "delete",
        Some(header) if header.starts_with(&format!("sessionid={}; ", key(101).as_str())) => "set",
        Some(header) if header.starts_with(&format!("sessionid={}; ", key(1).as_str())) => "set",
        Some(_) => "another",
    }
}

fn told(response: &Response) -> String {
    let answer = response.answer.as_ref().expect("an answer");
    assert_eq!(answer.unsent, None);
    format!("{} {}", name(&response.action), cookie(answer))
}

#[test]
fn each_request_with_each_handler_and_status_follows_the_table() {
    let sessions = KeyMiddleware::default();
    for (handler_name, handler, row) in TABLE {
        for (source, expected) in SOURCES.iter().zip(row) {
            for status in [101, 200, 204, 302, 404, 499, 500, 503] {
                let (store, cookies) = store(source);
                let before = store.get(&key(1));
                let mut request = Request::new(&sessions, &store, NOW);
                request.status = status;
                let mut touched = (false, false);
                let response = request.send(&cookies, |loaded| {
                    assert!(!loaded.session.modified() && !loaded.session.accessed());
                    handler(loaded);
                    // An assigned session counts as a change.
                    let is_assigned = handler_name.starts_with("assigns");
                    touched = (
                        loaded.session.modified() || is_assigned,
                        loaded.session.accessed(),
                    );
                });
                let response = response.expect("the store works");
                let (is_modified, is_accessed) = touched;
                let (action, cookie) = expected.split_once(' ').expect("two words");
                let is_saved = cookie == "set";
                let is_expired = handler_name == "ends";
                // The old session ends even though the new one is not saved. The new one is lost.
                let is_flushed = is_saved
                    && ["flushes and inserts", "assigns and inserts"].contains(&handler_name)
                    && *source != "no cookie";
                let has_record = ["record", "empty record", "unreadable"].contains(source);
                let expected = match status {
                    101 if is_expired => "- -".into(),
                    101 if action == "delete" || is_flushed && has_record => "delete -".into(),
                    101 => "- -".into(),
                    500.. if is_flushed && has_record => "delete delete".into(),
                    500.. if is_flushed => "- delete".into(),
                    500.. if is_saved || is_expired || !is_modified => "- -".into(),
                    _ => expected.to_string(),
                };
                let context = format!("{source}, {handler_name}, {status}");
                assert_eq!(told(&response), expected, "{context}");

                let answer = response.answer.expect("an answer");
                let is_lost = match status {
                    101 => {
                        is_saved || is_expired || is_modified && (action, cookie) == ("-", "delete")
                    }
                    500.. => is_saved || is_expired,
                    _ => is_expired && *source == "no cookie",
                };
                assert_eq!(answer.unsaved, is_lost, "{context}");
                let must_vary = is_accessed || is_modified || set_cookie(&answer).is_some();
                assert_eq!(varies(&answer), must_vary && status != 101, "{context}");

                // The store did so, with at most two calls after the one that loads.
                let calls = std::mem::take(&mut store.state().calls);
                let looked_up = !matches!(*source, "no cookie" | "not a key");
                let expected_calls: &[&str] = match name(&response.action) {
                    "create" => &["create"],
                    "update" => &["update"],
                    "replace" => &["create", "delete"],
                    "delete" => &["delete"],
                    _ => &[],
                };
                assert_eq!(
                    calls[usize::from(looked_up)..],
                    *expected_calls,
                    "{context}"
                );
                assert_eq!(calls.first() == Some(&"load"), looked_up, "{context}");
                match name(&response.action) {
                    "-" | "create" => assert_eq!(store.get(&key(1)), before, "{context}"),
                    "update" => assert_ne!(store.get(&key(1)), before, "{context}"),
                    _ => assert_eq!(store.get(&key(1)), None, "{context}"),
                }
                let has_new = store.get(&key(101)).is_some();
                let is_new = matches!(name(&response.action), "create" | "replace");
                assert_eq!(has_new, is_new, "{context}");
            }
        }
    }
}

/// An unchanged session is saved if a renewal is due, or if every request saves.
#[test]
fn an_unchanged_session_is_saved_only_by_a_renewal_or_every_request() {
    let settings = SessionSettings::default;
    let renewing = settings().with_renewal_after(Duration::from_secs(60));
    let every = settings().with_save_every_request(true);
    for (settings, is_read, status, headers, is_saved) in [
        (&renewing, true, 200, ("a", "b"), true),
        (&renewing, true, 399, ("a", "b"), true),
        (&renewing, true, 400, ("a", "b"), false),
        (&renewing, true, 500, ("a", "b"), false),
        (&renewing, true, 101, ("a", "b"), false),
        (&renewing, false, 200, ("a", "b"), false),
        (&renewing, true, 200, ("cache-control", "public"), false),
        (&renewing, true, 200, ("Cache-Control", "s-maxage=9"), false),
        (&renewing, true, 200, ("cache-control", "private"), true),
        (
            &renewing,
            true,
            200,
            ("set-cookie", "sessionid=x; Path=/"),
            false,
        ),
        (
            &renewing,
            true,
            200,
            ("set-cookie", "sessionid=x; Path=/app"),
            true,
        ),
        (&every, false, 200, ("a", "b"), true),
        (&every, true, 200, ("a", "b"), true),
        (&every, false, 404, ("a", "b"), false),
        (&every, false, 200, ("cache-control", "public"), false),
        (&settings(), true, 200, ("a", "b"), false),
    ] {
        let sessions = KeyMiddleware::new(settings.clone());
        for source in SOURCES {
            let (store, cookies) = store(source);
            let mut request = Request::new(&sessions, &store, NOW);
            (request.status, request.headers) = (status, vec![headers]);
            let response = request.send(&cookies, |loaded| {
                if is_read {
                    loaded.session.is_empty();
                }
            });
            let response = response.expect("the store works");
            let context = format!("{settings:?} {is_read} {status} {headers:?} {source}");
            let is_saved = is_saved && source == "record";
            let action = if is_saved { "update" } else { "-" };
            assert_eq!(name(&response.action), action, "{context}");
            let answer = response.answer.expect("an answer");
            assert_eq!((answer.unsaved, answer.unsent), (false, None));
            let is_set = set_cookie(&answer).is_some_and(|header| header != DELETION);
            assert_eq!(is_set, is_saved, "{context}");
        }
    }
}

/// The deletion of an unknown key would only reach the good cookie that it hides. The other one has another domain.
#[test]
fn an_unknown_key_that_may_hide_the_good_one_is_not_deleted() {
    let sessions = KeyMiddleware::default();
    let (store, own) = store("record");
    let cookie = |n| format!("sessionid={}", key(n).as_str());
    let deletes = |cookies: &[String], handler: Handler| {
        let mut request = Request::new(&sessions, &store, NOW);
        let cookies = cookies.join("; ");
        let response = request.send(&cookies, |loaded| {
            assert_eq!(loaded.refusal(), Some(Error::UnknownSessionKey));
            handler(loaded);
        });
        let response = response.expect("the store works");
        assert_eq!(response.action, Action::Nothing);
        set_cookie(&response.answer.expect("an answer")).is_some()
    };
    let unknown = cookie(2);
    let nothing: Handler = |_| {};
    assert!(!deletes(&[own.clone(), unknown.clone()], nothing));
    assert!(deletes(&[own.clone(), unknown.clone()], |it| it
        .session
        .clear()));
    // Nothing is hidden.
    assert!(deletes(std::slice::from_ref(&unknown), nothing));
    assert!(deletes(&[unknown.clone(), unknown.clone()], nothing));
    // A lone cookie of another engine would be left alone, too.
    let other: String = "sessionid=of-another-engine".into();
    assert!(!deletes(&[other.clone(), unknown.clone()], nothing));
    assert!(!deletes(&[unknown.clone(), other], nothing));
    // The good one is not among the last eight.
    let mut crowd = vec![unknown; 9];
    crowd[0] = own;
    assert!(!deletes(&crowd, nothing));
}

/// A changed session replaces the response's own `Set-Cookie`, and so does an ended one.
#[test]
fn a_changed_session_replaces_the_responses_own_cookie() {
    let sessions = KeyMiddleware::default();
    for handler in [insert as Handler, |it| it.session.clear()] {
        let (store, cookies) = store("record");
        let mut request = Request::new(&sessions, &store, NOW);
        request.headers = vec![
            ("set-cookie", "sessionid=x; Path=/"),
            ("set-cookie", "a=b"),
            ("vary", "Accept"),
        ];
        let response = request.send(&cookies, handler).expect("the store works");
        let answer = response.answer.expect("an answer");
        let headers = answer.headers.iter();
        let headers: Vec<_> = headers.map(|it| (it.name, it.replaces)).collect();
        assert_eq!(
            headers,
            [("set-cookie", true), ("set-cookie", false), ("vary", true)]
        );
        assert_eq!(answer.headers[0].value, b"a=b");
        assert_eq!(answer.headers[2].value, b"Accept, Cookie");
    }
}

/// There is one look-up, of the last cookie that has the form of a key.
#[test]
fn the_last_key_is_looked_up() {
    let sessions = KeyMiddleware::default();
    let [one, two] = [key(1), key(2)];
    let upper = one.as_str().to_uppercase();
    let key_of = |cookies: &str| sessions.lookup([cookies]).key().cloned();
    let cookies = |values: &[&str]| {
        let values = values.iter().map(|value| format!("sessionid={value}"));
        values.collect::<Vec<_>>().join("; ")
    };
    assert_eq!(
        key_of(&cookies(&[one.as_str(), two.as_str()])),
        Some(two.clone())
    );
    assert_eq!(
        key_of(&cookies(&[two.as_str(), one.as_str()])),
        Some(one.clone())
    );
    let (short, long) = ("a".repeat(7), "a".repeat(41));
    for wrong in [
        "",
        &short,
        &long,
        &upper,
        "../../etc/passwd",
        "abcdefgh\u{e9}",
        "abcdefg%68",
        "abcd efgh",
    ] {
        assert_eq!(key_of(&cookies(&[wrong])), None, "{wrong}");
        assert_eq!(
            key_of(&cookies(&[one.as_str(), wrong])),
            Some(one.clone()),
            "{wrong}"
        );
        let lookup = sessions.lookup([&cookies(&[wrong])]);
        assert!(sessions.load(&lookup, NOW).is_none());
        // The store's answer is ignored then.
        let found = hardtack::Found {
            session: Session::from_json(r#"{"a":1}"#).expect("JSON"),
            expires_at: None,
        };
        let loaded = sessions.loaded(lookup, Ok(Some(found)), Session::new(), NOW);
        assert_eq!(loaded.refusal(), Some(Error::NotASessionKey), "{wrong}");
        assert!(loaded.session.is_empty());
    }
    for length in [8, 40] {
        let text = "k".repeat(length);
        assert_eq!(key_of(&cookies(&[&text])).expect("a key").as_str(), text);
    }
    assert_eq!(key_of("other=x"), None);
    let several = sessions.lookup([cookies(&[one.as_str()]), cookies(&[two.as_str()])].iter());
    assert_eq!(several.key(), Some(&two));
    let load = sessions.load(&several, NOW).expect("a key");
    assert_eq!((load.key, load.now), (&two, NOW.into()));
    assert_eq!(load.default_age, Duration::from_secs(14 * 86_400));
    let named = SessionSettings::default().with_cookie(hardtack::SetCookie::new("sid"));
    let named = KeyMiddleware::new(named.expect("a name").with_age(Duration::from_secs(5)));
    assert_eq!(named.lookup([&cookies(&[one.as_str()])]).key(), None);
    let lookup = named.lookup([format!("sid={}", one.as_str())].iter());
    assert_eq!(
        named.load(&lookup, NOW).expect("a key").default_age,
        Duration::from_secs(5)
    );
}

/// What `Loaded` tells about a request's session, and which of its methods count as reading.
#[test]
fn loaded_tells_refusal_key_and_log_id() {
    let sessions = KeyMiddleware::default();
    let id = Some(key(1).log_id().to_string());
    for (source, refusal, has_key, log_id) in [
        ("record", None, true, id.clone()),
        ("empty record", None, true, id.clone()),
        ("unknown", Some(Error::UnknownSessionKey), false, None),
        ("unreadable", Some(Error::BadSignature), false, id),
        ("not a key", Some(Error::NotASessionKey), false, None),
        ("no cookie", None, false, None),
    ] {
        let (store, cookies) = store(source);
        let loaded = Request::new(&sessions, &store, NOW).load(&cookies);
        let loaded = loaded.expect("the store works");
        assert_eq!(loaded.log_id().map(|id| id.to_string()), log_id, "{source}");
        assert!(!loaded.session.accessed(), "{source}");
        for ask in [
            (|it| _ = it.refusal()) as fn(&Loaded),
            |it| _ = it.key(),
            |it| _ = it.issued_at(),
        ] {
            let loaded = Request::new(&sessions, &store, NOW).load(&cookies);
            let loaded = loaded.expect("the store works");
            ask(&loaded);
            assert!(loaded.session.accessed(), "{source}");
        }
        assert_eq!(loaded.refusal(), refusal, "{source}");
        assert_eq!(loaded.key(), has_key.then(|| key(1)), "{source}");
        assert_eq!(loaded.issued_at(), None, "{source}");
    }
}

/// `Debug` output contains no key and no value.
#[test]
fn only_a_session_that_was_not_flushed_keeps_values_of_its_old_record() {
    let sessions = KeyMiddleware::default();
    let (store, cookies) = store("record");
    for (change, keeps_values) in [
        (Session::cycle as fn(&mut Session), true),
        (Session::flush, false),
    ] {
        let mut loaded = Request::new(&sessions, &store, NOW)
            .load(&cookies)
            .expect("the store works");
        change(&mut loaded.session);
        loaded.session.insert("a", 1).expect("JSON");
        let step = sessions
            .step(&loaded, 200, NO_HEADERS, NOW)
            .expect("a step");
        assert_eq!(step.action(), &Action::Replace(key(1)));
        assert_eq!(step.keeps_values(), keeps_values);
    }
}

#[test]
fn no_key_is_printed() {
    let sessions = KeyMiddleware::default();
    let (store, cookies) = store("record");
    let mut loaded = Request::new(&sessions, &store, NOW)
        .load(&cookies)
        .expect("the store works");
    loaded.session.insert("b", "secret-value").expect("JSON");
    let lookup = sessions.lookup([&cookies]);
    let load = sessions.load(&lookup, NOW).expect("a key");
    loaded.session.cycle();
    let step = sessions
        .step(&loaded, 200, NO_HEADERS, NOW)
        .expect("a step");
    let key = key(1);
    let saved = hardtack::Outcome::Saved(key.clone());
    for text in [
        format!("{lookup:?} {load:?}"),
        format!("{loaded:?}"),
        format!("{step:?}"),
        format!("{:?} {:?}", step.action(), step.save(&key)),
        format!(
            "{saved:?} {:?}",
            sessions.answer(step, saved.clone(), NO_HEADERS)
        ),
    ] {
        assert!(
            !text.contains(key.as_str()) && !text.contains("secret-value"),
            "{text}"
        );
    }
}

/// A session that a handler kept from an earlier request counts as another one, although it has the same key.
#[test]
fn an_assigned_session_of_another_request_is_saved() {
    let sessions = KeyMiddleware::default();
    let (store, cookies) = store("record");
    let mut request = Request::new(&sessions, &store, NOW);
    let kept = request.load(&cookies).expect("the store works").session;
    request.send(&cookies, insert).expect("the store works");
    let response = request.send(&cookies, |loaded| loaded.session = kept.clone());
    assert_eq!(told(&response.expect("the store works")), "replace set");
    let record = store.get(&key(101));
    assert!(matches!(record, Some(Record::Session(json, _)) if json == r#"{"a":1}"#));

    // A session of the same request is not saved.
    let response = request.send(&format!("sessionid={}", key(101).as_str()), |loaded| {
        let kept = loaded.session.clone();
        insert(loaded);
        loaded.session = kept;
    });
    let response = response.expect("the store works");
    assert_eq!(
        (response.action, response.answer.is_ok()),
        (Action::Nothing, true)
    );
}

/// The same as Django's `update_session_auth_hash`.
#[test]
fn a_new_password_changes_the_key() {
    let sessions = KeyMiddleware::default();
    let json = r#"{"_auth_user_id":"7","_auth_user_hash":"old"}"#;
    let record = Record::Session(json.into(), (NOW + 1000).into());
    let store = Store::with(&key(1), record);
    let cookies = format!("sessionid={}", key(1).as_str());
    let response = Request::new(&sessions, &store, NOW).send(&cookies, |loaded| {
        loaded.session.set_auth_user_hash("new").expect("JSON");
    });
    assert_eq!(told(&response.expect("the store works")), "replace set");
    assert_eq!(store.get(&key(1)), None);
}
